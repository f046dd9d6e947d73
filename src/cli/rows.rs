//! The rows of `clientele list`: the columns of each kind, and what stands in them.

use std::collections::BTreeMap;

use prost_reflect::DynamicMessage;

use crate::cli::table::{date, printable, time, word};
use crate::clock::{self, Clock};
use crate::name::Kind;
use crate::pb::{self, Address, PhoneNumber};
use crate::{descriptors, google};

/// The display names of records, by name.
pub(crate) type DisplayNames = BTreeMap<String, String>;

pub(crate) fn columns(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Customer => &[
            "name",
            "customer",
            "kind",
            "lifecycle",
            "industry",
            "place",
            "people",
            "decide",
            "phone",
        ],
        Kind::Contact => &[
            "name", "contact", "phone", "e-mail", "place", "reach by", "language",
        ],
        Kind::Affiliation => &[
            "name",
            "person",
            "customer",
            "job title",
            "roles",
            "from",
            "until",
        ],
        Kind::Colleague => &["name", "colleague", "e-mail", "principal", "active"],
        Kind::Conversation => &[
            "name",
            "customer",
            "when",
            "how",
            "state",
            "subject",
            "visible to",
        ],
        Kind::Promise => &["name", "customer", "who owes", "promise", "due", "done"],
        Kind::Note => &["name", "about", "written", "note", "visible to"],
        Kind::Persona => &["name", "persona", "of", "headline"],
        Kind::Segment => &["name", "segment", "definition"],
    }
}

/// Returns the fields of a kind that refer to records, which are shown by their display names.
pub(crate) fn references(kind: Kind) -> &'static [(&'static str, Kind)] {
    match kind {
        Kind::Affiliation => &[("contact", Kind::Contact), ("customer", Kind::Customer)],
        Kind::Conversation | Kind::Promise => &[("customer", Kind::Customer)],
        Kind::Customer
        | Kind::Contact
        | Kind::Colleague
        | Kind::Note
        | Kind::Persona
        | Kind::Segment => &[],
    }
}

/// Returns the row of a record; an error if the record is not of this kind.
pub(crate) fn row(
    kind: Kind,
    record: &DynamicMessage,
    names: &DisplayNames,
) -> anyhow::Result<Vec<String>> {
    let row = match kind {
        Kind::Customer => customer(descriptors::typed(record)?),
        Kind::Contact => contact(descriptors::typed(record)?),
        Kind::Affiliation => affiliation(descriptors::typed(record)?, names),
        Kind::Colleague => colleague(descriptors::typed(record)?),
        Kind::Conversation => conversation(descriptors::typed(record)?, names),
        Kind::Promise => promise(descriptors::typed(record)?, names),
        Kind::Note => note(descriptors::typed(record)?),
        Kind::Persona => persona(descriptors::typed(record)?),
        Kind::Segment => segment(descriptors::typed(record)?),
    };
    Ok(row.into_iter().map(|text| printable(&text)).collect())
}

fn customer(customer: pb::Customer) -> Vec<String> {
    let business = customer.business.clone().unwrap_or_default();
    vec![
        customer.name.clone(),
        marked(
            customer.display_name.clone(),
            customer.delete_time.is_some(),
        ),
        word(customer.kind().as_str_name()),
        word(customer.lifecycle().as_str_name()),
        business.industry,
        place(&customer.addresses),
        customer.contact_count.to_string(),
        customer.decision_maker_count.to_string(),
        phone(&customer.phone_numbers),
    ]
}

fn contact(contact: pb::Contact) -> Vec<String> {
    vec![
        contact.name.clone(),
        marked(contact.display_name.clone(), contact.delete_time.is_some()),
        phone(&contact.phone_numbers),
        contact
            .emails
            .first()
            .map(|email| email.address.clone())
            .unwrap_or_default(),
        place(&contact.addresses),
        contact
            .preferred_channels()
            .next()
            .map_or_else(String::new, |channel| word(channel.as_str_name())),
        contact.language_code,
    ]
}

fn affiliation(affiliation: pb::Affiliation, names: &DisplayNames) -> Vec<String> {
    let role = |claim: &pb::affiliation::BuyingRoleClaim| {
        let until = claim
            .end_date
            .as_ref()
            .map_or_else(String::new, |end| format!(" until {}", date(Some(end))));
        format!(
            "{} ({}){until}",
            word(claim.role().as_str_name()),
            word(claim.evidence().as_str_name())
        )
    };
    vec![
        affiliation.name.clone(),
        marked(
            display_name(names, &affiliation.contact),
            affiliation.delete_time.is_some(),
        ),
        display_name(names, &affiliation.customer),
        affiliation.job_title.clone(),
        affiliation
            .buying_roles
            .iter()
            .map(role)
            .collect::<Vec<_>>()
            .join(", "),
        date(affiliation.start_date.as_ref()),
        date(affiliation.end_date.as_ref()),
    ]
}

fn colleague(colleague: pb::Colleague) -> Vec<String> {
    vec![
        colleague.name.clone(),
        marked(
            colleague.display_name.clone(),
            colleague.delete_time.is_some(),
        ),
        colleague
            .emails
            .first()
            .map(|email| email.address.clone())
            .unwrap_or_default(),
        colleague.principal,
        if colleague.active == Some(false) {
            "no".to_owned()
        } else {
            "yes".to_owned()
        },
    ]
}

fn conversation(conversation: pb::Conversation, names: &DisplayNames) -> Vec<String> {
    vec![
        conversation.name.clone(),
        marked(
            display_name(names, &conversation.customer),
            conversation.delete_time.is_some(),
        ),
        minute(conversation.start_time.as_ref()),
        word(conversation.channel().as_str_name()),
        state(&conversation),
        conversation.subject.clone(),
        word(conversation.visibility().as_str_name()),
    ]
}

/// Writes the state; a plan whose time has passed was never confirmed.
fn state(conversation: &pb::Conversation) -> String {
    let start = conversation.start_time.as_ref().and_then(clock::micros);
    let is_past = start.is_some_and(|start| start < Clock::System.now());
    let is_unconfirmed = conversation.state() == pb::conversation::State::Planned && is_past;
    if is_unconfirmed {
        "planned, not confirmed".into()
    } else {
        word(conversation.state().as_str_name())
    }
}

fn promise(promise: pb::Promise, names: &DisplayNames) -> Vec<String> {
    vec![
        promise.name.clone(),
        marked(
            display_name(names, &promise.customer),
            promise.delete_time.is_some(),
        ),
        word(promise.side().as_str_name()),
        promise.text.clone(),
        minute(promise.due_time.as_ref()),
        minute(promise.complete_time.as_ref()),
    ]
}

fn note(note: pb::Note) -> Vec<String> {
    vec![
        note.name.clone(),
        marked(note.records.join(", "), note.delete_time.is_some()),
        minute(note.write_time.as_ref()),
        note.body.lines().next().unwrap_or_default().to_owned(),
        word(note.visibility().as_str_name()),
    ]
}

fn persona(persona: pb::Persona) -> Vec<String> {
    vec![
        persona.name.clone(),
        marked(persona.display_name.clone(), persona.delete_time.is_some()),
        word(persona.record_kind().as_str_name()),
        persona.headline,
    ]
}

fn segment(segment: pb::Segment) -> Vec<String> {
    let definition = match &segment.definition {
        Some(pb::segment::Definition::Filter(filter)) => filter.clone(),
        Some(pb::segment::Definition::Members(members)) => {
            format!("{} listed", members.customers.len())
        }
        None => String::new(),
    };
    vec![
        segment.name.clone(),
        marked(segment.display_name, segment.delete_time.is_some()),
        definition,
    ]
}

fn display_name(names: &DisplayNames, name: &String) -> String {
    names.get(name).unwrap_or(name).clone()
}

fn marked(text: String, deleted: bool) -> String {
    if deleted {
        format!("{text} (deleted)")
    } else {
        text
    }
}

fn minute(at: Option<&prost_types::Timestamp>) -> String {
    time(at, "%Y-%m-%d %H:%M")
}

fn phone(numbers: &[PhoneNumber]) -> String {
    numbers
        .first()
        .map(|number| number.text.clone())
        .unwrap_or_default()
}

fn place(addresses: &[Address]) -> String {
    let Some(address) = addresses
        .first()
        .and_then(|address| address.postal_address.as_ref())
    else {
        return String::new();
    };
    let google::r#type::PostalAddress {
        locality,
        region_code,
        ..
    } = address;
    [locality.as_str(), region_code]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}
