//! What a record belongs to: the segments it is in and the personas it matches, by their stored filters.
//!
//! Pure: the store and `profile::load` read the records and the filters.

use std::collections::BTreeSet;

use crate::clock::Micros;
use crate::descriptors;
use crate::error::Error;
use crate::filter::evaluate::evaluate;
use crate::filter::record::{FilterInput, Record};
use crate::filter::tree::Filter;
use crate::filter::{self, validity};
use crate::pb;
use crate::pb::persona::RecordKind;
use crate::store::read::definition::{self, Definitions};
use crate::store::read::facts::Facts;
use crate::store::read::live_groups::{Groupings, Sketch};
use crate::store::record::resource::is_deleted;

/// What a record belongs to, ordered by display name and then by name.
#[derive(Clone, Debug, Default)]
pub struct Memberships {
    /// The segments it is in.
    pub segments: Vec<pb::Membership>,
    /// The personas it matches.
    pub personas: Vec<pb::PersonaMatch>,
}

/// Returns a customer as filters see it; all its affiliations must have been read.
pub fn customer_input(facts: &Facts) -> Result<FilterInput, Error> {
    FilterInput::new(&facts.customer, facts.affiliations(), facts.lists.clone())
}

/// Returns a contact with all its affiliations as filters see it.
pub fn contact_input(
    contact: &pb::Contact,
    affiliations: &[pb::Affiliation],
) -> Result<FilterInput, Error> {
    FilterInput::new(contact, affiliations, BTreeSet::new())
}

/// Finds what a customer belongs to; everything that filters may ask for must have been read. A deleted customer
/// belongs to nothing.
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
    let input = FilterInput::new(&facts.customer, affiliations, facts.lists.clone())?;
    find(input.record(), RecordKind::Customer, groupings, now)
}

/// Finds what a live record belongs to; `record_kind` selects the personas.
pub fn find(
    record: Record<'_>,
    record_kind: RecordKind,
    groupings: &Groupings,
    now: Micros,
) -> Result<Memberships, Error> {
    let lists = segments_of(record, &groupings.definitions, now)?;
    let mut memberships = Memberships::default();
    for (name, definition) in groupings.definitions.iter() {
        if lists.contains(name) {
            memberships.segments.push(pb::Membership {
                segment: name.to_owned(),
                segment_display_name: definition.display_name.clone(),
                member: true,
                expire_time: None,
            });
        }
    }
    // All segments are evaluated first, so a persona's filter can look up any of them as if it were a list.
    let record = Record {
        lists: &lists,
        ..record
    };
    for persona in &groupings.personas {
        if match_tree(persona, record_kind)?.is_some_and(|filter| evaluate(&filter, record, now)) {
            memberships.personas.push(fitting(persona));
        }
    }
    let of_segment = |one: &pb::Membership| (one.segment_display_name.clone(), one.segment.clone());
    memberships.segments.sort_by_cached_key(of_segment);
    let of_persona =
        |one: &pb::PersonaMatch| (one.persona_display_name.clone(), one.persona.clone());
    memberships.personas.sort_by_cached_key(of_persona);
    Ok(memberships)
}

fn fitting(persona: &Sketch) -> pb::PersonaMatch {
    pb::PersonaMatch {
        persona: persona.name.clone(),
        persona_display_name: persona.display_name.clone(),
        headline: persona.headline.clone(),
        fits: true,
        ..pb::PersonaMatch::default()
    }
}

/// Says whether any of the segments or personas needs the affiliations of a customer.
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
        if match_tree(persona, RecordKind::Customer)?
            .is_some_and(|filter| validity::asks_affiliations(&filter))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns the live segments that a customer is in. Each is evaluated once, after those that it names, whose results
/// are then looked up: no filter is expanded into another, so none can grow too large.
pub fn segments_of(
    record: Record<'_>,
    definitions: &Definitions,
    now: Micros,
) -> Result<BTreeSet<String>, Error> {
    let mut segments = BTreeSet::new();
    let mut entered = BTreeSet::new();
    let mut done = BTreeSet::new();
    let mut open: Vec<String> = definitions
        .iter()
        .map(|(name, _)| name.to_owned())
        .collect();
    while let Some(name) = open.last().cloned() {
        let is_new = entered.insert(name.clone());
        let is_member = match definitions.get(&name).map(|definition| &definition.filter) {
            _ if done.contains(&name) => false,
            None => false,
            Some(None) => record.lists.contains(&name),
            Some(Some(text)) => {
                let filter = definition::parsed(text).ok_or_else(unreadable)?;
                let named = filter.segments().into_iter();
                let before: Vec<String> = named.filter(|named| !entered.contains(named)).collect();
                if is_new && !before.is_empty() {
                    open.extend(before);
                    continue;
                }
                let lists = &segments;
                evaluate(&filter, Record { lists, ..record }, now)
            }
        };
        open.pop();
        done.insert(name.clone());
        if is_member {
            segments.insert(name);
        }
    }
    Ok(segments)
}

/// Returns the filter that decides who matches a persona, with segments not expanded; `None` if it has none.
pub fn match_tree(persona: &Sketch, record_kind: RecordKind) -> Result<Option<Filter>, Error> {
    let text = &persona.match_filter;
    if text.trim().is_empty() {
        return Ok(None);
    }
    let filter = match record_kind {
        RecordKind::Contact => filter::read(text, &descriptors::message("clientele.v1.Contact"))
            .ok()
            .flatten(),
        RecordKind::Customer | RecordKind::Unspecified => {
            definition::parsed(text).map(|filter| (*filter).clone())
        }
    };
    filter.map(Some).ok_or_else(unreadable)
}

fn unreadable() -> Error {
    Error::internal("a stored filter does not read")
}
