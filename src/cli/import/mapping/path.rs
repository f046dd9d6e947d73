//! The field paths of a mapping, such as `addresses[0].postal_address.locality`, checked against the message.

use std::sync::Arc;

use anyhow::{anyhow, bail};
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use toml::Table;

use crate::cli::import::mapping::rule::{MappingDefaults, ValueRule};
use crate::cli::import::mapping::target::{FieldSlot, ListElement, Target};
use crate::cli::record::message_of;
use crate::mask::is_settable;
use crate::name::Kind as RecordKind;
use crate::renames::new_path;

/// Fields that a mapping writes in another way, or that the import sets itself.
const RESERVED: [&str; 3] = ["external_ids", "name", "etag"];
/// An affiliation links the customer and the contact of its row.
const LINKS: [&str; 2] = ["contact", "customer"];

/// A field of a record, and where its value comes from.
pub(crate) struct FieldMapping {
    /// The list element that the target is in, if any.
    pub(crate) element: Option<ListElement>,
    pub(crate) target: Arc<Target>,
    pub(crate) rule: ValueRule,
}

/// How far a path has been followed.
#[derive(Clone)]
struct PathCursor {
    kind: RecordKind,
    path: String,
    element: Option<ListElement>,
    parents: Vec<FieldDescriptor>,
    position: Position,
}

#[derive(Clone)]
enum Position {
    Message(MessageDescriptor),
    /// A map, or free attributes: the rest of the path is a key.
    Keyed(FieldDescriptor),
    /// An amount: one cell may hold it, or its parts are mapped one by one.
    Money(FieldDescriptor),
    Slot(FieldSlot),
}

/// Reads the fields of a section, which may be dotted keys or nested tables.
pub(crate) fn field_mappings(
    kind: RecordKind,
    section: Table,
    defaults: &MappingDefaults,
) -> anyhow::Result<Vec<FieldMapping>> {
    let top = PathCursor {
        kind,
        path: String::new(),
        element: None,
        parents: Vec::new(),
        position: Position::Message(message_of(kind)),
    };
    let mut fields = Vec::new();
    collect(&top, section, defaults, &mut fields)?;
    Ok(fields)
}

fn collect(
    from: &PathCursor,
    table: Table,
    defaults: &MappingDefaults,
    fields: &mut Vec<FieldMapping>,
) -> anyhow::Result<()> {
    for (key, value) in table {
        let PathCursor {
            kind,
            path,
            element,
            parents,
            position,
        } = settle_money(descend(from, &key)?, &value);
        match (position, value) {
            (Position::Slot(slot), value) => {
                let rule = ValueRule::read(value, &slot, defaults);
                fields.push(FieldMapping {
                    element,
                    rule: rule.map_err(|error| error.context(path.clone()))?,
                    target: Arc::new(Target {
                        path,
                        parents,
                        slot,
                    }),
                });
            }
            (position, toml::Value::Table(inner)) => {
                let cursor = PathCursor {
                    kind,
                    path,
                    element,
                    parents,
                    position,
                };
                collect(&cursor, inner, defaults, fields)?;
            }
            _ => bail!("{path}: is a group of fields: name one of them, as in `{path}.FIELD`"),
        }
    }
    Ok(())
}

/// Takes an amount as a whole, unless the value names its parts.
fn settle_money(mut cursor: PathCursor, value: &toml::Value) -> PathCursor {
    if let Position::Money(field) = &cursor.position
        && !names_parts(field, value)
    {
        cursor.position = Position::Slot(FieldSlot::Field(field.clone()));
    }
    cursor
}

fn names_parts(money: &FieldDescriptor, value: &toml::Value) -> bool {
    let kind = money.kind();
    let is_part = |key: &String| {
        kind.as_message()
            .is_some_and(|message| message.get_field_by_name(key).is_some())
    };
    value
        .as_table()
        .is_some_and(|table| !table.is_empty() && table.keys().all(is_part))
}

/// Follows a key of a table, which may hold several steps.
fn descend(from: &PathCursor, key: &str) -> anyhow::Result<PathCursor> {
    let mut cursor = from.clone();
    let mut rest = key;
    loop {
        if let Position::Keyed(field) = &cursor.position {
            let slot = FieldSlot::Entry(field.clone(), rest.to_owned());
            return Ok(PathCursor {
                path: join(&cursor.path, rest),
                position: Position::Slot(slot),
                ..cursor
            });
        }
        let (segment, after) = rest.split_once('.').unwrap_or((rest, ""));
        cursor = step(cursor, segment)?;
        if after.is_empty() {
            return Ok(cursor);
        }
        rest = after;
    }
}

/// Follows one segment of a path, such as `emails[0]`.
fn step(cursor: PathCursor, segment: &str) -> anyhow::Result<PathCursor> {
    let path = join(&cursor.path, segment);
    let cursor = enter_money(cursor);
    let Position::Message(message) = &cursor.position else {
        bail!("{path}: has no such nested field")
    };
    let (name, index) =
        split_index(segment).ok_or_else(|| anyhow!("{path}: expected FIELD or FIELD[0]"))?;
    let field = message
        .get_field_by_name(name)
        .ok_or_else(|| unknown_field(&path, cursor.kind, message))?;
    let is_top = cursor.parents.is_empty() && cursor.element.is_none();
    let is_link = message.name() == "Affiliation" && LINKS.contains(&name);
    if is_top && (is_link || RESERVED.contains(&name)) {
        bail!(
            "{path}: is not mapped as a field; keys are written `external_ids = [{{ system = ..., column = ... }}]`"
        );
    }
    if !is_settable(&field) {
        bail!("{path}: is set by the server");
    }
    let next = PathCursor { path, ..cursor };
    match field.kind() {
        _ if field.is_map() || is_struct(&field) => Ok(next.at(Position::Keyed(field))),
        Kind::Message(inner) => step_into_message(next, field, inner, index, is_top),
        _ => step_to_value(next, field, index),
    }
}

fn step_into_message(
    mut cursor: PathCursor,
    field: FieldDescriptor,
    message: MessageDescriptor,
    index: Option<usize>,
    is_top: bool,
) -> anyhow::Result<PathCursor> {
    let path = &cursor.path;
    let position = match (field.is_list(), index) {
        (true, None) => bail!("{path}: is a list: write {path}[0], {path}[1] ..."),
        (false, Some(_)) => bail!("{path}: is not a list"),
        (true, Some(_)) if !is_top => {
            bail!("{path}: a list of groups can only be mapped at the top of a record")
        }
        (true, Some(index)) => {
            cursor.element = Some((field, index));
            Position::Message(message)
        }
        (false, None) if message.full_name() == "google.type.Money" => Position::Money(field),
        (false, None) if is_single_value(&message) => Position::Slot(FieldSlot::Field(field)),
        (false, None) => {
            cursor.parents.push(field);
            Position::Message(message)
        }
    };
    Ok(cursor.at(position))
}

fn step_to_value(
    cursor: PathCursor,
    field: FieldDescriptor,
    index: Option<usize>,
) -> anyhow::Result<PathCursor> {
    let slot = match (field.is_list(), index) {
        (true, Some(index)) => FieldSlot::Index(field, index),
        (true, None) => FieldSlot::Append(field),
        (false, None) => FieldSlot::Field(field),
        (false, Some(_)) => bail!("{}: is not a list", cursor.path),
    };
    Ok(cursor.at(Position::Slot(slot)))
}

impl PathCursor {
    fn at(self, position: Position) -> PathCursor {
        PathCursor { position, ..self }
    }
}

/// Steps into an amount of which a part is named.
fn enter_money(mut cursor: PathCursor) -> PathCursor {
    if let Position::Money(field) = &cursor.position
        && let Kind::Message(money) = field.kind()
    {
        cursor.parents.push(field.clone());
        cursor.position = Position::Message(money);
    }
    cursor
}

fn join(path: &str, segment: &str) -> String {
    if path.is_empty() {
        segment.to_owned()
    } else {
        format!("{path}.{segment}")
    }
}

fn unknown_field(path: &str, kind: RecordKind, message: &MessageDescriptor) -> anyhow::Error {
    if let Some(new) = new_path(&without_indexes(path), kind) {
        return anyhow!("{path}: was renamed to `{new}`");
    }
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

/// Returns a path as filters have it: `emails.address` of `emails[0].address`.
fn without_indexes(path: &str) -> String {
    let segments = path.split('.').map(|segment| segment.split('[').next());
    segments
        .map(Option::unwrap_or_default)
        .collect::<Vec<_>>()
        .join(".")
}

/// Splits `field[3]` into name and index.
fn split_index(segment: &str) -> Option<(&str, Option<usize>)> {
    match segment.split_once('[') {
        None => Some((segment, None)),
        Some((name, index)) => Some((name, Some(index.strip_suffix(']')?.parse().ok()?))),
    }
}

/// Says whether a field holds free attributes.
fn is_struct(field: &FieldDescriptor) -> bool {
    matches!(field.kind(), Kind::Message(message) if message.full_name() == "google.protobuf.Struct")
}

/// Says whether a message is a single value that fits a cell.
fn is_single_value(message: &MessageDescriptor) -> bool {
    matches!(
        message.full_name(),
        "google.protobuf.Timestamp" | "google.protobuf.Duration" | "google.type.Date"
    )
}
