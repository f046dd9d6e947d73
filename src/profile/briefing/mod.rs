//! What to read before a conversation: the lines, their order, and which of them fit into a budget.
//!
//! Pure: the same sources give the same briefing. `refusals`, `about`, `deciders` and `agenda` make the parts, `text`
//! their lines; `load` reads the sources.

mod about;
mod agenda;
mod deciders;
pub mod load;
mod refusals;
mod text;

use std::collections::BTreeMap;

use crate::clock::{self, Micros};
use crate::count::int32;
use crate::membership::memberships::Memberships;
use crate::pb;
use crate::pb::briefing::{Absence, Item, Part, Section};
use crate::profile::decision::Criteria;
use crate::store::read::briefing::Employment;
use crate::store::read::changes_since::Changed;
use crate::store::read::facts::{Events, Facts};

/// What a briefing is made of, as far as the actor may see it.
#[derive(Debug)]
pub struct Sources {
    /// Whom it is about.
    pub record: BriefingRecord,
    /// What they belong to.
    pub memberships: Memberships,
    /// The acting colleague.
    pub actor: Option<String>,
    /// The actor's own last conversation.
    pub own_last: Option<pb::Conversation>,
    /// What changed since then, latest first.
    pub changes: Vec<Changed>,
    /// The display names of the people that the records name.
    pub names: BTreeMap<String, String>,
}

/// Whom a briefing is about.
#[derive(Debug)]
pub enum BriefingRecord {
    /// A customer.
    Customer(Box<Facts>),
    /// A person.
    Contact(Box<ContactFacts>),
}

/// A person, whoever they work for.
#[derive(Debug, Default)]
pub struct ContactFacts {
    /// The person.
    pub contact: pb::Contact,
    /// The live affiliations with their customers.
    pub jobs: Vec<Employment>,
    /// What is planned, promised and written about the person.
    pub events: Events,
}

impl BriefingRecord {
    /// Returns the name and the display name.
    pub fn title(&self) -> (&str, &str) {
        match self {
            BriefingRecord::Customer(facts) => (&facts.customer.name, &facts.customer.display_name),
            BriefingRecord::Contact(person) => (&person.contact.name, &person.contact.display_name),
        }
    }

    fn events(&self) -> &Events {
        match self {
            BriefingRecord::Customer(facts) => &facts.events,
            BriefingRecord::Contact(person) => &person.events,
        }
    }

    fn last_conversation(&self) -> Option<&pb::LastConversation> {
        match self {
            BriefingRecord::Customer(facts) => facts.customer.last_conversation.as_ref(),
            BriefingRecord::Contact(person) => person.contact.last_conversation.as_ref(),
        }
    }
}

/// Makes the briefing. The criteria are those used for gaps. Its revision is for the caller to set.
pub fn briefing(sources: &Sources, criteria: &Criteria, limit: usize, now: Micros) -> pb::Briefing {
    let record = &sources.record;
    let of_record = match record {
        BriefingRecord::Customer(facts) => [
            refusals::at_customer(facts, now),
            about::customer(facts, sources, now),
            deciders::deciders(facts, criteria, now),
        ],
        BriefingRecord::Contact(person) => [
            refusals::of_contact(person, now),
            about::contact(person, sources),
            deciders::employments(person, now),
        ],
    };
    let of_agenda = [
        agenda::last(record.last_conversation(), sources),
        agenda::planned(record.events(), sources),
        agenda::promises(record.events(), sources, now),
        agenda::notes(record.events(), sources),
        about::memberships(&sources.memberships),
        agenda::changes(sources),
    ];
    let parts = [
        Part::DoNotContact,
        Part::Identity,
        Part::DecisionMakers,
        Part::LastConversation,
        Part::NextConversation,
        Part::Promises,
        Part::Notes,
        Part::PersonasAndSegments,
        Part::Changes,
    ];
    let mut sections: Vec<Section> = parts
        .into_iter()
        .zip(of_record.into_iter().chain(of_agenda))
        .map(section)
        .collect();
    if let Some(changes) = sections.last_mut().filter(|changes| changes.absence != 0) {
        changes.absence = why_nothing_changed(sources).into();
    }
    cut_to_budget(&mut sections, limit);
    let (name, display_name) = record.title();
    pb::Briefing {
        record: name.to_owned(),
        record_display_name: display_name.to_owned(),
        sections,
        changes_start_time: sources.own_last.as_ref().and_then(|talk| talk.start_time),
        evaluate_time: Some(clock::timestamp(now)),
        revision: 0,
    }
}

fn why_nothing_changed(sources: &Sources) -> Absence {
    match (&sources.actor, &sources.own_last) {
        (None, _) => Absence::NoActor,
        (_, None) => Absence::NoOwnConversation,
        _ => Absence::Nothing,
    }
}

fn section((part, items): (Part, Vec<Item>)) -> Section {
    let absence = if items.is_empty() {
        Absence::Nothing
    } else {
        Absence::Unspecified
    };
    Section {
        part: part.into(),
        items,
        left_out_count: 0,
        absence: absence.into(),
    }
}

/// Cuts the sections to a budget of lines, spent on all refusals first, then on the first line of each section, then
/// on further lines, section by section.
fn cut_to_budget(sections: &mut [Section], limit: usize) {
    let mut left = limit;
    let mut room = vec![0; sections.len()];
    let mut give = |room: &mut usize, wanted: usize| {
        let given = wanted.saturating_sub(*room).min(left);
        *room += given;
        left -= given;
    };
    for (room, section) in room.iter_mut().zip(sections.iter()) {
        let is_first = section.part() == Part::DoNotContact;
        give(room, if is_first { section.items.len() } else { 0 });
    }
    for (room, section) in room.iter_mut().zip(sections.iter()) {
        give(room, section.items.len().min(1));
    }
    for (room, section) in room.iter_mut().zip(sections.iter()) {
        give(room, section.items.len());
    }
    for (room, section) in room.into_iter().zip(sections) {
        section.left_out_count = int32(section.items.len() - room);
        section.items.truncate(room);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(items: [usize; 3], limit: usize) -> Vec<(usize, i32)> {
        let parts = [Part::DoNotContact, Part::Identity, Part::Promises].into_iter();
        let of = |(part, n)| section((part, vec![Item::default(); n]));
        let mut sections: Vec<Section> = parts.zip(items).map(of).collect();
        cut_to_budget(&mut sections, limit);
        sections
            .into_iter()
            .map(|section| (section.items.len(), section.left_out_count))
            .collect()
    }

    #[test]
    fn refusals_come_before_all_and_every_section_gets_a_line_before_any_gets_two() {
        assert_eq!(lengths([3, 2, 5], 100), [(3, 0), (2, 0), (5, 0)]);
        assert_eq!(lengths([3, 2, 5], 7), [(3, 0), (2, 0), (2, 3)]);
        assert_eq!(lengths([3, 2, 5], 5), [(3, 0), (1, 1), (1, 4)]);
        assert_eq!(lengths([3, 2, 5], 2), [(2, 1), (0, 2), (0, 5)]);
        assert_eq!(lengths([0, 2, 5], 1), [(0, 0), (1, 1), (0, 5)]);
    }
}
