//! Who is in which segment and like which persona: stored filters, held against what is known of a record.
//!
//! Pure but for `load`, which reads what an explanation needs.

use std::collections::BTreeSet;

use prost_reflect::DynamicMessage;

use crate::clock::Micros;
use crate::descriptors;
use crate::error::Error;
use crate::filter::evaluate::{Record, evaluate};
use crate::filter::tree::Filter;
use crate::filter::{self, validity};
use crate::pb;
use crate::pb::persona::Subject;
use crate::store::read::definition::{self, Definitions};
use crate::store::read::facts::Facts;
use crate::store::read::live_groups::{Groupings, Sketch};
use crate::store::record::resource::is_deleted;

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
        Seen::new(
            Subject::Customer,
            &facts.customer,
            facts.affiliations(),
            facts.lists.clone(),
        )
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
        let affiliations = affiliations
            .into_iter()
            .map(descriptors::dynamic)
            .collect::<Result<_, _>>()?;
        Ok(Seen {
            of,
            message: descriptors::dynamic(message)?,
            affiliations,
            lists,
        })
    }

    /// Returns the record as filters take it.
    pub fn record(&self) -> Record<'_> {
        Record {
            message: &self.message,
            affiliations: &self.affiliations,
            lists: &self.lists,
        }
    }
}

/// What a record belongs to, by display name and then by name.
#[derive(Clone, Debug, Default)]
pub struct Memberships {
    /// The segments it is in.
    pub segments: Vec<pb::profile::SegmentMembership>,
    /// The personas it is like.
    pub personas: Vec<pb::profile::FittingPersona>,
}

/// Says what a customer belongs to, of which all that filters may ask for was read. A deleted one belongs to nothing.
pub fn find_for_customer(
    facts: &Facts,
    groupings: &Groupings,
    now: Micros,
) -> Result<Memberships, Error> {
    if is_deleted(&facts.customer) || groupings.is_empty() {
        return Ok(Memberships::default());
    }
    let asks_affiliations = asks_affiliations(groupings)?;
    let affiliations = facts.affiliations().filter(|_| asks_affiliations);
    find(
        &Seen::new(
            Subject::Customer,
            &facts.customer,
            affiliations,
            facts.lists.clone(),
        )?,
        groupings,
        now,
    )
}

/// Says what a live record belongs to.
pub fn find(seen: &Seen, groupings: &Groupings, now: Micros) -> Result<Memberships, Error> {
    let segments = segments_of(seen.record(), &groupings.definitions, now)?;
    let mut memberships = Memberships::default();
    for (name, definition) in groupings
        .definitions
        .iter()
        .filter(|(name, _)| segments.contains(*name))
    {
        let (name, display_name) = (name.to_owned(), definition.display_name.clone());
        memberships
            .segments
            .push(pb::profile::SegmentMembership { name, display_name });
    }
    for persona in &groupings.personas {
        let tree = match_tree(persona, seen.of)?;
        if tree.is_some_and(|tree| {
            evaluate(
                &tree,
                Record {
                    lists: &segments,
                    ..seen.record()
                },
                now,
            )
        }) {
            let Sketch {
                name,
                display_name,
                headline,
                ..
            } = persona.clone();
            memberships.personas.push(pb::profile::FittingPersona {
                name,
                display_name,
                headline,
            });
        }
    }
    memberships
        .segments
        .sort_by(|a, b| (&a.display_name, &a.name).cmp(&(&b.display_name, &b.name)));
    memberships
        .personas
        .sort_by(|a, b| (&a.display_name, &a.name).cmp(&(&b.display_name, &b.name)));
    Ok(memberships)
}

/// Says whether a segment or a persona can only be evaluated with the affiliations at hand.
fn asks_affiliations(groupings: &Groupings) -> Result<bool, Error> {
    for text in groupings
        .definitions
        .iter()
        .filter_map(|(_, definition)| definition.filter.as_deref())
    {
        if validity::asks_affiliations(&*definition::parsed(text).ok_or_else(unreadable)?) {
            return Ok(true);
        }
    }
    for persona in &groupings.personas {
        if match_tree(persona, Subject::Customer)?
            .is_some_and(|tree| validity::asks_affiliations(&tree))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns the live segments that hold a record. Each is evaluated once, behind those that it names, so that it is
/// enough to look them up: nothing is put into a tree, however much there would be.
pub fn segments_of(
    record: Record<'_>,
    definitions: &Definitions,
    now: Micros,
) -> Result<BTreeSet<String>, Error> {
    let (mut segments, mut entered, mut done) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut open: Vec<String> = definitions
        .iter()
        .map(|(name, _)| name.to_owned())
        .collect();
    while let Some(name) = open.last().cloned() {
        let is_new = entered.insert(name.clone());
        let holds = match definitions.get(&name).map(|definition| &definition.filter) {
            _ if done.contains(&name) => false,
            None => false,
            Some(None) => record.lists.contains(&name),
            Some(Some(text)) => {
                let tree = definition::parsed(text).ok_or_else(unreadable)?;
                let before: Vec<String> = tree
                    .segments()
                    .into_iter()
                    .filter(|used| !entered.contains(used))
                    .collect();
                if is_new && !before.is_empty() {
                    open.extend(before);
                    continue;
                }
                evaluate(
                    &tree,
                    Record {
                        lists: &segments,
                        ..record
                    },
                    now,
                )
            }
        };
        open.pop();
        done.insert(name.clone());
        if holds {
            segments.insert(name);
        }
    }
    Ok(segments)
}

/// Returns what those meet who are like a persona, segments not put in; `None` when nothing ties it to data.
pub fn match_tree(persona: &Sketch, of: Subject) -> Result<Option<Filter>, Error> {
    let text = &persona.match_filter;
    if text.trim().is_empty() {
        return Ok(None);
    }
    let tree = match of {
        Subject::Contact => filter::read(text, &descriptors::message("clientele.v1.Contact"))
            .ok()
            .flatten(),
        Subject::Customer | Subject::Unspecified => {
            definition::parsed(text).map(|tree| (*tree).clone())
        }
    };
    tree.map(Some).ok_or_else(unreadable)
}

fn unreadable() -> Error {
    Error::internal("a stored filter does not read")
}
