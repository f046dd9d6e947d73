//! Who is in which segment and like which persona: stored filters, held against what is known of a record.
//!
//! Pure but for `load`, which reads what an explanation needs.

pub mod load;

use std::collections::BTreeSet;

use prost_reflect::DynamicMessage;

use crate::clock::Micros;
use crate::descriptors;
use crate::error::Error;
use crate::filter;
use crate::filter::evaluate::{Record, evaluate};
use crate::filter::tree::Tree;
use crate::pb;
use crate::pb::persona::Subject;
use crate::store::definition;
use crate::store::facts::Facts;
use crate::store::grouping::{Groupings, Sketch};

/// A customer or a contact with all that filters ask for.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Which of the two it is.
    pub of: Subject,
    message: DynamicMessage,
    affiliations: Vec<DynamicMessage>,
    lists: BTreeSet<String>,
}

impl Seen {
    /// Takes a customer, of which all affiliations were read.
    pub fn customer(facts: &Facts) -> Result<Seen, Error> {
        let affiliations = facts.people.iter().map(|(affiliation, _)| affiliation).chain(&facts.affiliations_beyond);
        Seen::new(Subject::Customer, &facts.customer, affiliations, facts.lists.clone())
    }

    /// Takes a contact with all its affiliations.
    pub fn contact(contact: &pb::Contact, affiliations: &[pb::Affiliation]) -> Result<Seen, Error> {
        Seen::new(Subject::Contact, contact, affiliations, BTreeSet::new())
    }

    fn new<'a, M: prost::Message + prost::Name>(
        of: Subject,
        message: &M,
        affiliations: impl IntoIterator<Item = &'a pb::Affiliation>,
        lists: BTreeSet<String>,
    ) -> Result<Seen, Error> {
        let affiliations = affiliations.into_iter().map(descriptors::dynamic).collect::<Result<_, _>>()?;
        Ok(Seen { of, message: descriptors::dynamic(message)?, affiliations, lists })
    }

    /// Returns the record as filters take it.
    pub fn record(&self) -> Record<'_> {
        Record { message: &self.message, affiliations: &self.affiliations, lists: &self.lists }
    }
}

/// What a record belongs to, by display name and then by name.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    /// The segments it is in.
    pub segments: Vec<pb::profile::SegmentMembership>,
    /// The personas it is like.
    pub personas: Vec<pb::profile::FittingPersona>,
}

/// Says what a live record belongs to.
pub fn groups(seen: &Seen, groupings: &Groupings, now: Micros) -> Result<Groups, Error> {
    let mut groups = Groups::default();
    for (name, definition) in groupings.definitions.iter() {
        if evaluate(&groupings.definitions.members_of(name)?, seen.record(), now) {
            let (name, display_name) = (name.to_owned(), definition.display_name.clone());
            groups.segments.push(pb::profile::SegmentMembership { name, display_name });
        }
    }
    for persona in &groupings.personas {
        let tree = match_tree(persona, seen.of)?.map(|tree| groupings.definitions.complete(&tree)).transpose()?;
        if tree.is_some_and(|tree| evaluate(&tree, seen.record(), now)) {
            let Sketch { name, display_name, headline, .. } = persona.clone();
            groups.personas.push(pb::profile::FittingPersona { name, display_name, headline });
        }
    }
    groups.segments.sort_by(|a, b| (&a.display_name, &a.name).cmp(&(&b.display_name, &b.name)));
    groups.personas.sort_by(|a, b| (&a.display_name, &a.name).cmp(&(&b.display_name, &b.name)));
    Ok(groups)
}

/// Returns what those meet who are like a persona, segments not put in; `None` when nothing ties it to data.
pub fn match_tree(persona: &Sketch, of: Subject) -> Result<Option<Tree>, Error> {
    let text = &persona.match_filter;
    if text.trim().is_empty() {
        return Ok(None);
    }
    let tree = match of {
        Subject::Contact => filter::read(text, &descriptors::message("clientele.v1.Contact")).ok().flatten(),
        Subject::Customer | Subject::Unspecified => definition::parsed(text).map(|tree| (*tree).clone()),
    };
    tree.map(Some).ok_or_else(|| Error::internal("a stored filter does not read"))
}
