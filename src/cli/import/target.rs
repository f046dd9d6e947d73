//! Where in a record a value goes: field paths of a mapping, checked against the message.
//!
//! It owns paths and how a value is put at one. How a cell becomes a value is in `rule.rs` and `convert.rs`; how a
//! row meets a stored record is in `merge.rs`.

use anyhow::{anyhow, bail};
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value};
use toml::Table;

use crate::cli::import::rule::{Common, Rule};
use crate::mask::{is_required, is_settable};

/// Fields that are written in another way in a mapping, or that the import sets itself.
const RESERVED: [&str; 3] = ["external_ids", "name", "etag"];
/// What an affiliation links is the customer and the contact of the row.
const LINKS: [&str; 2] = ["contact", "customer"];

/// Fields whose texts may have several lines.
const SEVERAL_LINES: [&str; 22] = [
    "google.type.PostalAddress.address_lines",
    "clientele.v1.Customer.about",
    "clientele.v1.Customer.needs",
    "clientele.v1.Contact.about",
    "clientele.v1.Contact.likes",
    "clientele.v1.Contact.dislikes",
    "clientele.v1.Conversation.summary",
    "clientele.v1.Conversation.body",
    "clientele.v1.Promise.text",
    "clientele.v1.Note.body",
    "clientele.v1.Segment.description",
    "clientele.v1.Persona.story",
    "clientele.v1.Persona.quote",
    "clientele.v1.Persona.target",
    "clientele.v1.Persona.behaviors",
    "clientele.v1.Persona.motivations",
    "clientele.v1.Persona.emotions",
    "clientele.v1.Persona.goals",
    "clientele.v1.Persona.frustrations",
    "clientele.v1.Persona.expectations",
    "clientele.v1.Persona.key_attributes",
    "clientele.v1.Persona.Statement.text",
];

/// A place in a message.
#[derive(Clone, Debug)]
pub struct Target {
    /// The path as it was written, from the top of the record.
    pub path: String,
    /// The messages on the way.
    steps: Vec<FieldDescriptor>,
    /// The place in the last of them.
    pub end: End,
}

/// The last part of a path.
#[derive(Clone, Debug)]
pub enum End {
    /// A field.
    Field(FieldDescriptor),
    /// An entry of a map, or of free attributes.
    Entry(FieldDescriptor, String),
    /// An element of a list of values.
    At(FieldDescriptor, usize),
    /// A list of values as a whole: values are added to it.
    Add(FieldDescriptor),
}

impl End {
    /// Says whether a text here has one line. Free attributes may hold anything.
    pub fn is_one_line(&self) -> bool {
        match self {
            End::Field(field) | End::At(field, _) | End::Add(field) => {
                matches!(field.kind(), Kind::String) && !SEVERAL_LINES.contains(&field.full_name())
            }
            End::Entry(field, _) => field.is_map(),
        }
    }
}

/// An element of a list of messages, at the top of a record.
pub type Element = (FieldDescriptor, usize);

/// One line of a mapping.
pub struct Line {
    /// The list element it is about, if any; then the target is a place in that element.
    pub element: Option<Element>,
    /// Where the value goes.
    pub target: Target,
    /// Where the value comes from.
    pub rule: Rule,
}

/// Where the reading of a path has come to.
#[derive(Clone)]
struct At {
    path: String,
    element: Option<Element>,
    steps: Vec<FieldDescriptor>,
    inside: Inside,
}

#[derive(Clone)]
enum Inside {
    Message(MessageDescriptor),
    Keyed(FieldDescriptor),
    /// An amount: one cell may hold it, or its parts may be mapped one by one.
    Money(FieldDescriptor),
    Place(End),
}

/// Reads the field paths of a section, which may be written as dotted keys or as tables in tables.
pub fn lines(
    message: &MessageDescriptor,
    section: Table,
    common: &Common,
) -> anyhow::Result<Vec<Line>> {
    let top = At {
        path: String::new(),
        element: None,
        steps: Vec::new(),
        inside: Inside::Message(message.clone()),
    };
    let mut lines = Vec::new();
    collect(&top, section, common, &mut lines)?;
    Ok(lines)
}

fn collect(at: &At, table: Table, common: &Common, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    for (key, value) in table {
        let at = descend(at, &key)?;
        let path = at.path.clone();
        let inside = match at.inside.clone() {
            Inside::Money(field) if !names_parts(&field, &value) => {
                Inside::Place(End::Field(field))
            }
            inside => inside,
        };
        match (inside, value) {
            (Inside::Place(end), value) => {
                let rule =
                    Rule::read(value, &end, common).map_err(|error| error.context(path.clone()))?;
                lines.push(Line {
                    element: at.element,
                    target: Target {
                        path,
                        steps: at.steps,
                        end,
                    },
                    rule,
                });
            }
            (_, toml::Value::Table(inner)) => collect(&at, inner, common, lines)?,
            _ => bail!("{path}: is a group of fields: name one of them, as in `{path}.FIELD`"),
        }
    }
    Ok(())
}

/// Follows a key of a table, which may hold several steps.
fn descend(from: &At, key: &str) -> anyhow::Result<At> {
    let mut at = from.clone();
    if let Inside::Keyed(field) = &at.inside {
        let end = End::Entry(field.clone(), key.to_owned());
        return Ok(At {
            path: join(&at.path, key),
            inside: Inside::Place(end),
            ..at
        });
    }
    let mut rest = key;
    while !rest.is_empty() {
        if matches!(at.inside, Inside::Keyed(_)) {
            return descend(&at, rest);
        }
        let (segment, after) = rest.split_once('.').unwrap_or((rest, ""));
        at = step(at, segment)?;
        rest = after;
    }
    Ok(at)
}

/// Says whether the parts of an amount are mapped one by one, rather than the amount as a whole.
fn names_parts(money: &FieldDescriptor, value: &toml::Value) -> bool {
    let message = money.kind();
    let is_part = |key: &String| {
        message
            .as_message()
            .is_some_and(|message| message.get_field_by_name(key).is_some())
    };
    value
        .as_table()
        .is_some_and(|table| !table.is_empty() && table.keys().all(is_part))
}

fn step(at: At, segment: &str) -> anyhow::Result<At> {
    let path = join(&at.path, segment);
    let at = inside_money(at);
    let Inside::Message(message) = &at.inside else {
        bail!("{path}: there is nothing that deep")
    };
    let (name, index) =
        indexed(segment).ok_or_else(|| anyhow!("{path}: expected FIELD or FIELD[0]"))?;
    let field = message
        .get_field_by_name(name)
        .ok_or_else(|| unknown(&path, message))?;
    let is_top = at.steps.is_empty() && at.element.is_none();
    let is_link = message.name() == "Affiliation" && LINKS.contains(&name);
    if is_top && (is_link || RESERVED.contains(&name)) {
        bail!(
            "{path}: is not mapped as a field; keys are written `external_ids = [{{ system = ..., column = ... }}]`"
        );
    }
    if !is_settable(&field) {
        bail!("{path}: is set by the server");
    }
    let is_message = matches!(field.kind(), Kind::Message(_));
    let mut next = At {
        path: path.clone(),
        ..at
    };
    next.inside = match (field.kind(), index) {
        _ if field.is_map() || is_free(&field) => Inside::Keyed(field),
        (Kind::Message(inner), Some(index)) if field.is_list() => {
            if !is_top {
                bail!("{path}: a list of groups can only be mapped at the top of a record");
            }
            next.element = Some((field, index));
            Inside::Message(inner)
        }
        (_, Some(index)) if field.is_list() && !is_message => Inside::Place(End::At(field, index)),
        (_, Some(_)) => bail!("{path}: is not a list"),
        (_, None) if field.is_list() && is_message => {
            bail!("{path}: is a list: write {path}[0], {path}[1] ...")
        }
        (_, None) if field.is_list() => Inside::Place(End::Add(field)),
        (Kind::Message(inner), None) if inner.full_name() == "google.type.Money" => {
            Inside::Money(field)
        }
        (Kind::Message(inner), None) if !is_value(&inner) => {
            next.steps.push(field);
            Inside::Message(inner)
        }
        (_, None) => Inside::Place(End::Field(field)),
    };
    Ok(next)
}

/// Takes the step into an amount of which a part is named.
fn inside_money(mut at: At) -> At {
    if let Inside::Money(field) = &at.inside
        && let Kind::Message(money) = field.kind()
    {
        at.steps.push(field.clone());
        at.inside = Inside::Message(money);
    }
    at
}

fn join(path: &str, segment: &str) -> String {
    if path.is_empty() {
        segment.to_owned()
    } else {
        format!("{path}.{segment}")
    }
}

fn unknown(path: &str, message: &MessageDescriptor) -> anyhow::Error {
    let fields: Vec<String> = message
        .fields()
        .filter(is_settable)
        .map(|field| field.name().to_owned())
        .collect();
    anyhow!(
        "{path}: {} has no such field; it has {}",
        message.name(),
        fields.join(", ")
    )
}

/// Splits `field[3]` into its parts.
fn indexed(segment: &str) -> Option<(&str, Option<usize>)> {
    match segment.split_once('[') {
        None => Some((segment, None)),
        Some((name, index)) => Some((name, Some(index.strip_suffix(']')?.parse().ok()?))),
    }
}

/// Says whether a field holds free attributes.
fn is_free(field: &FieldDescriptor) -> bool {
    matches!(field.kind(), Kind::Message(message) if message.full_name() == "google.protobuf.Struct")
}

/// Says whether a message stands for one value that a cell can hold.
fn is_value(message: &MessageDescriptor) -> bool {
    matches!(
        message.full_name(),
        "google.protobuf.Timestamp" | "google.protobuf.Duration" | "google.type.Date"
    )
}

impl Target {
    /// Returns the position in a list of values, if it is one.
    pub fn index(&self) -> Option<usize> {
        match self.end {
            End::At(_, index) => Some(index),
            _ => None,
        }
    }

    /// Says whether it is a field without which there is no record.
    pub fn is_required(&self) -> bool {
        match &self.end {
            End::Field(field) | End::At(field, _) | End::Add(field) => {
                self.steps.is_empty() && is_required(field)
            }
            End::Entry(..) => false,
        }
    }

    /// Puts values at this place. Without `overwrite`, a place that is taken stays as it is; a list as a whole only
    /// ever gets what it lacks.
    pub fn put(&self, values: &[Value], overwrite: bool, message: &mut DynamicMessage) {
        let mut message = message;
        for step in &self.steps {
            let Some(inner) = message.get_field_mut(step).as_message_mut() else {
                return;
            };
            message = inner;
        }
        let Some(value) = values.first() else { return };
        match &self.end {
            End::Field(field) if overwrite || !message.has_field(field) => {
                message.set_field(field, value.clone())
            }
            End::Field(_) => {}
            End::Entry(field, key) => put_entry(field, key, value, overwrite, message),
            End::At(field, index) => put_element(field, *index, value, overwrite, message),
            End::Add(field) => {
                for value in values {
                    add(field, value, message);
                }
            }
        }
    }

    /// Says whether a message has these values at this place.
    pub fn has(&self, values: &[Value], message: &DynamicMessage) -> bool {
        let mut with = message.clone();
        self.put(values, true, &mut with);
        with == *message
    }
}

fn put_entry(
    field: &FieldDescriptor,
    key: &str,
    value: &Value,
    overwrite: bool,
    message: &mut DynamicMessage,
) {
    let entries = message.get_field_mut(field);
    let entries = match entries {
        Value::Message(free) => free.get_field_by_name_mut("fields"),
        entries => Some(entries),
    };
    let Some(entries) = entries.and_then(Value::as_map_mut) else {
        return;
    };
    let key = MapKey::String(key.to_owned());
    if overwrite || !entries.contains_key(&key) {
        entries.insert(key, value.clone());
    }
}

/// Sets an element by its position. Positions that would leave a gap close up, so a value that stands anywhere is
/// not put in again.
fn put_element(
    field: &FieldDescriptor,
    index: usize,
    value: &Value,
    overwrite: bool,
    message: &mut DynamicMessage,
) {
    let Some(list) = message.get_field_mut(field).as_list_mut() else {
        return;
    };
    if index >= list.len() {
        if !list.contains(value) {
            list.push(value.clone());
        }
    } else if overwrite {
        list[index] = value.clone();
    }
}

/// Adds a value to a list that does not have it yet; texts are compared without case, as the server may fold them.
fn add(field: &FieldDescriptor, value: &Value, message: &mut DynamicMessage) {
    let Some(list) = message.get_field_mut(field).as_list_mut() else {
        return;
    };
    let same = |other: &Value| match (other.as_str(), value.as_str()) {
        (Some(other), Some(value)) => crate::fold::folded(other) == crate::fold::folded(value),
        _ => other == value,
    };
    if !list.iter().any(same) {
        list.push(value.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptors;

    #[test]
    fn the_fields_of_several_lines_are_texts_that_there_are() {
        for path in SEVERAL_LINES {
            let (message, field) = path.rsplit_once('.').expect("it has a message");
            let field = descriptors::message(message).get_field_by_name(field);
            assert!(
                field.is_some_and(|field| matches!(field.kind(), Kind::String)),
                "{path}"
            );
        }
    }
}
