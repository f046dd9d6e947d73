//! What a briefing says about the record itself: who they are and what they belong to.

use prost_types::Timestamp;

use crate::clock::{self, Micros};
use crate::membership::memberships::Memberships;
use crate::pb;
use crate::pb::briefing::{Item, Kind};
use crate::pb::customer::Audience;
use crate::profile::briefing::text::{channels, day, item, joined, labelled, reached, word};
use crate::profile::briefing::{ContactFacts, Sources};
use crate::store::read::facts::Facts;

/// Who a customer is.
pub fn customer(facts: &Facts, sources: &Sources, now: Micros) -> Vec<Item> {
    let customer = &facts.customer;
    let engagement = customer.engagement.clone().unwrap_or_default();
    let lines = [
        joined(who(customer), "; "),
        joined(dealings(customer, sources, now), "; "),
        labelled("needs:", &joined(&customer.needs, "; ")),
        labelled("wants:", &engagement.intent),
        customer.about.clone(),
        labelled(
            "reached at",
            &reached(&customer.emails, &customer.phone_numbers),
        ),
    ];
    facts_of(&customer.name, lines)
}

fn who(customer: &pb::Customer) -> [String; 8] {
    let business = customer.business.clone().unwrap_or_default();
    let individual = customer.individual.clone().unwrap_or_default();
    let legal_name = Some(business.legal_name).filter(|name| *name != customer.display_name);
    let employees = business
        .employee_count
        .map(|count| format!("{count} employees"));
    [
        customer.display_name.clone(),
        if_deleted(customer.delete_time.as_ref()),
        legal_name.unwrap_or_default(),
        joined(state(customer), " "),
        individual.occupation,
        joined([business.industry, business.sub_industry], ", "),
        employees.unwrap_or_default(),
        town(&customer.addresses),
    ]
}

fn state(customer: &pb::Customer) -> [String; 3] {
    let audience = match customer.audience() {
        Audience::External => String::new(),
        audience => word(audience.as_str_name()),
    };
    [
        word(customer.lifecycle().as_str_name()),
        audience,
        word(customer.kind().as_str_name()),
    ]
}

fn dealings(customer: &pb::Customer, sources: &Sources, now: Micros) -> [String; 4] {
    let due = customer.follow_up_due_time.as_ref();
    let is_overdue = due.and_then(clock::micros).is_some_and(|due| due < now);
    let follow_up = if is_overdue {
        "follow-up was due"
    } else {
        "follow-up due"
    };
    let spend = customer
        .annual_spend
        .as_ref()
        .map(|spend| format!("pays {} {} a year", spend.units, spend.currency_code));
    [
        labelled(
            "customer since",
            &day(customer.customer_since_time.as_ref()),
        ),
        spend.unwrap_or_default(),
        labelled("ours:", &sources.called(&customer.owner)),
        labelled(follow_up, &day(due)),
    ]
}

fn if_deleted(delete_time: Option<&Timestamp>) -> String {
    delete_time.map_or_else(String::new, |_| "deleted".to_owned())
}

/// Who a person is.
pub fn contact(person: &ContactFacts, sources: &Sources) -> Vec<Item> {
    let contact = &person.contact;
    let first = [
        contact.display_name.clone(),
        if_deleted(contact.delete_time.as_ref()),
        contact.occupation.clone(),
        town(&contact.addresses),
        labelled("prefers", &channels(&contact.preferred_channels)),
        labelled("language", &contact.language_code),
        labelled("clock of", &contact.time_zone),
        labelled("ours:", &sources.called(&contact.owner)),
    ];
    let lines = [
        joined(first, "; "),
        labelled(
            "reached at",
            &reached(&contact.emails, &contact.phone_numbers),
        ),
        contact.about.clone(),
        labelled("likes:", &joined(&contact.likes, "; ")),
        labelled("dislikes:", &joined(&contact.dislikes, "; ")),
    ];
    facts_of(&contact.name, lines)
}

fn facts_of(record: &str, lines: impl IntoIterator<Item = String>) -> Vec<Item> {
    let lines = lines.into_iter().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| item(Kind::Fact, &line, record, None))
        .collect()
}

fn town(addresses: &[pb::Address]) -> String {
    let address = addresses
        .first()
        .and_then(|address| address.postal_address.as_ref());
    address
        .map(|at| joined([&at.locality, &at.region_code], ", "))
        .unwrap_or_default()
}

/// The personas they match, and the segments they are in.
pub fn memberships(memberships: &Memberships) -> Vec<Item> {
    let personas = memberships.personas.iter().map(|persona| {
        let text = joined(
            [
                format!("like {}", persona.persona_display_name),
                persona.headline.clone(),
            ],
            ": ",
        );
        item(Kind::Persona, &text, &persona.persona, None)
    });
    let segments = memberships.segments.iter().map(|segment| {
        let text = format!("in the segment {}", segment.segment_display_name);
        item(Kind::Segment, &text, &segment.segment, None)
    });
    personas.chain(segments).collect()
}
