//! What a briefing says about refusals: who must not be contacted, by which means, and for what.

use std::collections::BTreeSet;

use crate::clock::{self, Micros};
use crate::pb;
use crate::pb::briefing::{Item, Kind};
use crate::pb::contact_permission::Status;
use crate::profile::briefing::ContactFacts;
use crate::profile::briefing::text::{channel, day, item, joined, labelled};
use crate::profile::permission;
use crate::store::read::briefing::Employment;
use crate::store::read::facts::Facts;
use crate::store::record::in_force;

/// Who refuses to be contacted at a customer: the customer as a whole, then the people who work there now.
pub fn at_customer(facts: &Facts, now: Micros) -> Vec<Item> {
    let customer = &facts.customer;
    let mut items = refusals_of_whole(
        &customer.display_name,
        &customer.name,
        &customer.contact_permissions,
        now,
    );
    let today = clock::date_of(now);
    let mut seen = BTreeSet::new();
    for (affiliation, contact) in &facts.people {
        if in_force::runs(affiliation, &today) && seen.insert(&contact.name) {
            items.extend(refusals(
                &contact.display_name,
                &contact.name,
                &contact.contact_permissions,
                now,
            ));
        }
    }
    items
}

/// What a person refuses, and what the customers they work for refuse as a whole, which applies to their people too.
pub fn of_contact(person: &ContactFacts, now: Micros) -> Vec<Item> {
    let contact = &person.contact;
    let mut items = refusals(
        &contact.display_name,
        &contact.name,
        &contact.contact_permissions,
        now,
    );
    let today = clock::date_of(now);
    let mut seen = BTreeSet::new();
    for Employment {
        affiliation,
        customer,
        contact_permissions,
    } in &person.jobs
    {
        if in_force::runs(affiliation, &today) && seen.insert(&affiliation.customer) {
            items.extend(refusals_of_whole(
                customer,
                &affiliation.customer,
                contact_permissions,
                now,
            ));
        }
    }
    items
}

fn refusals_of_whole(
    customer: &str,
    record: &str,
    permissions: &[pb::ContactPermission],
    now: Micros,
) -> Vec<Item> {
    refusals(&format!("{customer} as a whole"), record, permissions, now)
}

fn refusals(
    who: &str,
    record: &str,
    permissions: &[pb::ContactPermission],
    now: Micros,
) -> Vec<Item> {
    permissions
        .iter()
        .filter(|of| of.status() == Status::Refused && permission::holds(of, now))
        .map(|refusal| {
            let text = refusal_text(who, refusal);
            item(Kind::Refusal, &text, record, refusal.record_time)
        })
        .collect()
}

fn refusal_text(who: &str, refusal: &pb::ContactPermission) -> String {
    let means = match channel(refusal.channel).as_str() {
        "" => "every contact".to_owned(),
        channel => format!("contact by {channel}"),
    };
    let what = [
        format!("{who} refuses {means}"),
        labelled("for", &refusal.purpose),
        labelled("until", &day(refusal.expire_time.as_ref())),
    ];
    let source = labelled("source:", &refusal.source);
    joined([joined(what, " "), source], "; ")
}
