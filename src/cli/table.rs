//! Tables for people: which columns a list of each kind has, and how values look.
//!
//! Nothing that a record holds can steer the terminal: characters that control it, or the direction and the lines of
//! the text around them, are shown as spaces.

use std::collections::BTreeMap;

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use prost_reflect::{DynamicMessage, Kind as FieldKind, ReflectMessage, Value};

use crate::cli::json;
use crate::clock::{self, Clock};
use crate::google::r#type::Date;
use crate::name::Kind;
use crate::pb::{self, Address, PhoneNumber};
use crate::{descriptors, google};

/// The least that a column is squeezed to, in characters. Where not even that fits, lines are left to the terminal.
const NARROWEST: u16 = 10;
/// What stands between two columns.
const GAP: u16 = 2;

/// What references are called: the display name of each.
pub type Titles = BTreeMap<String, String>;

/// A table without lines, whose first column is never broken, so that names can be copied.
pub fn plain(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(header.iter().map(|title| title.to_uppercase()));
    if let Some(first) = table.column_mut(0) {
        first
            .set_constraint(ColumnConstraint::ContentWidth)
            .set_padding((0, 1));
    }
    table
}

/// Returns the table as text: fitted to the terminal, as long as its columns stay readable.
pub fn fitted(mut table: Table) -> String {
    let widths = table.column_max_content_widths();
    let least = |(i, width): (usize, &u16)| {
        GAP.saturating_add(if i == 0 {
            *width
        } else {
            NARROWEST.min(*width)
        })
    };
    let least = widths
        .iter()
        .enumerate()
        .map(least)
        .fold(0, u16::saturating_add);
    if table.width().is_some_and(|width| width >= least) {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    table.trim_fmt()
}

/// Returns how many characters a line has room for: those of the terminal, or 100 where there is none.
pub fn width() -> usize {
    usize::from(Table::new().width().unwrap_or(100))
}

/// Returns the columns of a list.
pub fn columns(kind: Kind) -> &'static [&'static str] {
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

/// Returns the fields of a kind whose records are shown by their display name.
pub fn references(kind: Kind) -> &'static [(&'static str, Kind)] {
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

/// Returns the row of one record in a list.
///
/// # Errors
/// When the record is not of this kind.
pub fn row(kind: Kind, record: &DynamicMessage, titles: &Titles) -> anyhow::Result<Vec<String>> {
    let row = match kind {
        Kind::Customer => customer(descriptors::typed(record)?),
        Kind::Contact => contact(descriptors::typed(record)?),
        Kind::Affiliation => affiliation(descriptors::typed(record)?, titles),
        Kind::Colleague => colleague(descriptors::typed(record)?),
        Kind::Conversation => conversation(descriptors::typed(record)?, titles),
        Kind::Promise => promise(descriptors::typed(record)?, titles),
        Kind::Note => note(descriptors::typed(record)?),
        Kind::Persona => persona(descriptors::typed(record)?),
        Kind::Segment => segment(descriptors::typed(record)?),
    };
    Ok(row.into_iter().map(|text| shown(&text)).collect())
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
        word(contact.preferred_channel().as_str_name()),
        contact.language_code,
    ]
}

fn affiliation(affiliation: pb::Affiliation, titles: &Titles) -> Vec<String> {
    let role = |claim: &pb::affiliation::BuyingRoleClaim| {
        let until = claim
            .valid_until
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
            title(titles, &affiliation.contact),
            affiliation.delete_time.is_some(),
        ),
        title(titles, &affiliation.customer),
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

fn conversation(conversation: pb::Conversation, titles: &Titles) -> Vec<String> {
    vec![
        conversation.name.clone(),
        marked(
            title(titles, &conversation.customer),
            conversation.delete_time.is_some(),
        ),
        time(conversation.start_time.as_ref()),
        word(conversation.channel().as_str_name()),
        state(&conversation),
        conversation.subject.clone(),
        word(conversation.visibility().as_str_name()),
    ]
}

/// A plan whose time has passed was never confirmed.
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

fn promise(promise: pb::Promise, titles: &Titles) -> Vec<String> {
    vec![
        promise.name.clone(),
        marked(
            title(titles, &promise.customer),
            promise.delete_time.is_some(),
        ),
        word(promise.side().as_str_name()),
        promise.text.clone(),
        time(promise.due_time.as_ref()),
        time(promise.done_time.as_ref()),
    ]
}

fn note(note: pb::Note) -> Vec<String> {
    vec![
        note.name.clone(),
        marked(note.subjects.join(", "), note.delete_time.is_some()),
        time(note.written_time.as_ref()),
        note.body.lines().next().unwrap_or_default().to_owned(),
        word(note.visibility().as_str_name()),
    ]
}

fn persona(persona: pb::Persona) -> Vec<String> {
    vec![
        persona.name.clone(),
        marked(persona.display_name.clone(), persona.delete_time.is_some()),
        word(persona.subject().as_str_name()),
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

fn title(titles: &Titles, name: &String) -> String {
    titles.get(name).unwrap_or(name).clone()
}

/// Writes a time to the minute, in UTC.
fn time(time: Option<&prost_types::Timestamp>) -> String {
    let text = time
        .and_then(clock::micros)
        .and_then(|micros| jiff::Timestamp::from_microsecond(micros).ok());
    text.map_or_else(String::new, |time| {
        time.strftime("%Y-%m-%d %H:%M").to_string()
    })
}

fn marked(text: String, deleted: bool) -> String {
    if deleted {
        format!("{text} (deleted)")
    } else {
        text
    }
}

/// Writes the name of an enum value as a word; nothing for the one that says nothing.
pub fn word(name: &str) -> String {
    if name.ends_with("_UNSPECIFIED") {
        String::new()
    } else {
        name.to_lowercase().replace('_', " ")
    }
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

fn date(date: Option<&Date>) -> String {
    date.and_then(clock::date_text).unwrap_or_default()
}

/// Shows one record as a table of its fields, those that are set.
pub fn of_one(record: &DynamicMessage) -> String {
    let mut table = plain(&["field", "value"]);
    let mut rows = Vec::new();
    collect_fields("", record, &mut rows);
    for (path, value) in rows {
        table.add_row([path, shown(&value)]);
    }
    fitted(table)
}

fn collect_fields(path: &str, message: &DynamicMessage, rows: &mut Vec<(String, String)>) {
    let is_value = !message.descriptor().full_name().starts_with("clientele.")
        && message.descriptor().full_name() != "google.type.PostalAddress";
    if is_value {
        return rows.push((path.to_owned(), of_value(message)));
    }
    for (field, value) in message.fields() {
        let at = if path.is_empty() {
            field.name().to_owned()
        } else {
            format!("{path}.{}", field.name())
        };
        collect_value(&at, &field.kind(), value, rows);
    }
}

fn collect_value(path: &str, kind: &FieldKind, value: &Value, rows: &mut Vec<(String, String)>) {
    match value {
        Value::List(list) => {
            for (i, element) in list.iter().enumerate() {
                collect_value(&format!("{path}[{i}]"), kind, element, rows);
            }
        }
        Value::Map(entries) => {
            let mut entries: Vec<_> = entries
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str()))
                .collect();
            entries.sort_unstable();
            let entry = |(key, value): (Option<&str>, Option<&str>)| {
                (
                    format!("{path}.{}", key.unwrap_or_default()),
                    value.unwrap_or_default().to_owned(),
                )
            };
            rows.extend(entries.into_iter().map(entry));
        }
        Value::Message(message) => collect_fields(path, message, rows),
        value => rows.push((path.to_owned(), of_scalar(kind, value))),
    }
}

fn of_scalar(kind: &FieldKind, value: &Value) -> String {
    match (kind, value) {
        (FieldKind::Enum(names), Value::EnumNumber(number)) => names
            .get_value(*number)
            .map_or_else(|| number.to_string(), |value| value.name().to_owned()),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Bool(flag)) => flag.to_string(),
        (_, Value::I32(number)) => number.to_string(),
        (_, Value::I64(number)) => number.to_string(),
        (_, Value::F64(number)) => number.to_string(),
        (_, value) => format!("{value:?}"),
    }
}

/// Writes a message that stands for one value: a date as people write it, the rest as in JSON.
fn of_value(message: &DynamicMessage) -> String {
    if message.descriptor().full_name() == "google.type.Date" {
        return date(descriptors::typed(message).ok().as_ref());
    }
    let text = json::line(message).unwrap_or_default();
    text.trim_matches('"').to_owned()
}

/// Returns a text that does nothing to a terminal.
pub fn shown(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() || is_layout(c) {
                ' '
            } else {
                c
            }
        })
        .collect()
}

/// Says whether a character ends a line, or turns the text that follows it around.
fn is_layout(c: char) -> bool {
    matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
