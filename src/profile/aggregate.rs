//! The profile in the form the API returns.

use crate::clock::{self, Micros};
use crate::membership::memberships::Memberships;
use crate::pb;
use crate::store::read::facts::Facts;

/// Builds a profile from what was read as of a time. Its revision is for the caller to set.
pub fn profile(facts: &Facts, memberships: Memberships, now: Micros) -> pb::Profile {
    let person = |(affiliation, contact): &(pb::Affiliation, pb::Contact)| pb::profile::Person {
        affiliation: Some(affiliation.clone()),
        contact: Some(contact.clone()),
    };
    let events = &facts.events;
    pb::Profile {
        customer: Some(facts.customer.clone()),
        people: facts.people.iter().map(person).collect(),
        more_people: facts.more_people,
        last_conversation: facts.customer.last_conversation.clone(),
        next_conversation: events.next.clone(),
        unconfirmed_conversations: events.unconfirmed.clone(),
        open_promises: events.promises.clone(),
        more_promises: events.more_promises,
        highlighted_notes: events.notes.clone(),
        more_notes: events.more_notes,
        memberships: memberships.segments,
        persona_matches: memberships.personas,
        used_channels: events.used_channels.clone(),
        evaluate_time: Some(clock::timestamp(now)),
        revision: 0,
    }
}
