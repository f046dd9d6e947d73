//! The checker: what each restriction means on the fields of a message, or why it means nothing.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use super::Problem;
use super::grammar::{Literal, Restriction, Segment};
use crate::clock::{self, Micros};
use crate::descriptors;
use crate::name::{self, Name};

/// One checked condition. An unset field meets none (two-valued logic), so comparing with an empty text meets none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// A field has a value.
    Field {
        /// The path, such as `business.industry`.
        path: String,
        /// The value.
        value: Operand,
    },
    /// The record has this external id.
    ExternalId {
        /// The system.
        system: String,
        /// The id, trimmed.
        id: String,
    },
}

/// A value of the field's own type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A text, a reference, the name of an enum value, or a date.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A truth value.
    Bool(bool),
    /// A time or a span.
    Micros(Micros),
}

/// Checks one restriction against the message.
pub fn check(restriction: Restriction, message: &MessageDescriptor) -> Result<Condition, Problem> {
    let Restriction { path, value } = restriction;
    if let [first, system @ ..] = &path[..]
        && first.text == "external_ids"
        && !system.is_empty()
    {
        // A system may have dots in its name, as in `sap.eu`.
        let system: Vec<&str> = system.iter().map(|segment| segment.text.as_str()).collect();
        let id = quoted("external_ids", &value)?.trim().to_owned();
        return Ok(Condition::ExternalId { system: system.join("."), id });
    }
    let field = resolve(&path, message)?;
    let operand = operand(&field, &value)?;
    let path: Vec<String> = path.into_iter().map(|segment| segment.text).collect();
    Ok(Condition::Field { path: path.join("."), value: operand })
}

fn resolve(path: &[Segment], message: &MessageDescriptor) -> Result<FieldDescriptor, Problem> {
    let mut message = message.clone();
    let mut rest = path.iter();
    let mut end = 0;
    while let Some(segment) = rest.next() {
        end = segment.offset;
        let field = message.get_field_by_name(&segment.text);
        let field =
            field.ok_or_else(|| Problem::new(segment.offset, format!("{} has no such field", message.name())))?;
        if field.is_list() || field.is_map() {
            return Err(Problem::new(segment.offset, "a list or map cannot be compared with `=`"));
        }
        match field.kind() {
            Kind::Message(inner) if !is_scalar_message(&inner) => message = inner,
            _ if rest.len() == 0 => return Ok(field),
            _ => return Err(Problem::new(segment.offset, "this field has no fields")),
        }
    }
    Err(Problem::new(end, "a group of fields cannot be compared: name one of its fields"))
}

/// Says whether a message stands for one value.
fn is_scalar_message(message: &MessageDescriptor) -> bool {
    matches!(
        message.full_name(),
        "google.protobuf.Timestamp" | "google.protobuf.Duration" | "google.type.Date" | "google.protobuf.Struct"
    )
}

fn operand(field: &FieldDescriptor, literal: &Literal) -> Result<Operand, Problem> {
    let wrong = |wanted: &str| Problem::new(literal.offset, format!("`{}` is compared with {wanted}", field.name()));
    match field.kind() {
        Kind::String => text(field, literal),
        _ if literal.quoted && !matches!(field.kind(), Kind::Message(_)) => {
            Err(Problem::new(literal.offset, format!("`{}` is compared with a value without quotes", field.name())))
        }
        Kind::Bool => literal.text.parse().ok().map(Operand::Bool).ok_or_else(|| wrong("true or false")),
        Kind::Int32 | Kind::Int64 => literal.text.parse().ok().map(Operand::Int).ok_or_else(|| wrong("a whole number")),
        Kind::Enum(values) => {
            let value = values.get_value_by_name(&literal.text);
            let names: Vec<String> = values.values().skip(1).map(|value| value.name().to_owned()).collect();
            value.map(|value| Operand::Text(value.name().to_owned())).ok_or_else(|| wrong(&names.join(", ")))
        }
        Kind::Message(message) => match message.full_name() {
            "google.protobuf.Timestamp" => {
                time(&literal.text).ok_or_else(|| wrong("a time such as \"2026-01-31T09:00:00Z\""))
            }
            "google.protobuf.Duration" => span(&literal.text).ok_or_else(|| wrong("a span such as \"36h\" or \"20s\"")),
            "google.type.Date" => date(&literal.text).ok_or_else(|| wrong("a date such as \"2026-01-31\"")),
            _ => Err(Problem::new(literal.offset, format!("`{}` cannot be compared", field.name()))),
        },
        _ => Err(Problem::new(literal.offset, format!("`{}` cannot be compared", field.name()))),
    }
}

fn quoted<'a>(field: &str, literal: &'a Literal) -> Result<&'a str, Problem> {
    let problem = || Problem::new(literal.offset, format!("`{field}` is compared with a text in quotes"));
    literal.quoted.then_some(literal.text.as_str()).ok_or_else(problem)
}

fn text(field: &FieldDescriptor, literal: &Literal) -> Result<Operand, Problem> {
    let text = quoted(field.name(), literal)?;
    let kind = if field.name() == "name" { own_kind(field) } else { descriptors::referred_kind(field) };
    if let Some(kind) = kind
        && !text.is_empty()
        && Name::parse(kind, text).is_none()
    {
        let form = format!("`{}` is compared with a name such as \"{}/...\"", field.name(), kind.collection());
        return Err(Problem::new(literal.offset, form));
    }
    Ok(Operand::Text(text.to_owned()))
}

fn own_kind(field: &FieldDescriptor) -> Option<name::Kind> {
    let message = field.parent_message();
    name::Kind::ALL.into_iter().find(|kind| kind.resource_type().ends_with(&format!("/{}", message.name())))
}

fn time(text: &str) -> Option<Operand> {
    let time: jiff::Timestamp = text.parse().ok()?;
    Some(Operand::Micros(time.as_microsecond()))
}

fn span(text: &str) -> Option<Operand> {
    let span: jiff::SignedDuration = text.parse().ok()?;
    i64::try_from(span.as_micros()).ok().map(Operand::Micros)
}

fn date(text: &str) -> Option<Operand> {
    clock::date_message(text).and_then(|date| clock::date_text(&date)).map(Operand::Text)
}
