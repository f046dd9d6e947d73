//! Field masks (AIP-134, AIP-157, AIP-161): which fields of a message a call is about.
//!
//! Depends on descriptors only: it knows no resource. Paths are checked against the message, so a mistyped one is
//! refused and not silently dropped.

use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, ReflectMessage, Value,
};
use prost_types::FieldMask;

use crate::nearest::with_nearest;

/// The most paths in one mask.
pub const MAX_PATHS: usize = 64;

/// A checked mask.
#[derive(Clone, Debug, PartialEq)]
pub enum Mask {
    /// `*`: everything.
    All,
    /// No mask: the populated fields of the input; nothing can be cleared.
    Populated,
    /// These paths.
    Paths(Vec<Path>),
}

/// A checked path: fields, and possibly a map key at the end.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    fields: Vec<FieldDescriptor>,
    key: Option<String>,
}

/// What is wrong with a mask: the index of the path, and why.
pub type Problem = (usize, String);

/// How a field may be used, by its `google.api.field_behavior`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Behavior {
    Required = 2,
    OutputOnly = 3,
    Immutable = 5,
    Identifier = 8,
}

/// Checks a mask against a message. An absent or empty mask is [`Mask::Populated`].
pub fn parse(mask: Option<&FieldMask>, message: &MessageDescriptor) -> Result<Mask, Vec<Problem>> {
    let paths = mask.map_or(&[][..], |mask| &mask.paths);
    match paths {
        [] => return Ok(Mask::Populated),
        [all] if all == "*" => return Ok(Mask::All),
        _ if paths.len() > MAX_PATHS => {
            return Err(vec![(MAX_PATHS, format!("more than {MAX_PATHS} paths"))]);
        }
        _ => {}
    }
    let mut problems = Vec::new();
    let mut parsed = Vec::new();
    for (i, path) in paths.iter().enumerate() {
        match parse_path(path, message) {
            Ok(path) => parsed.push(path),
            Err(problem) => problems.push((i, problem)),
        }
    }
    if problems.is_empty() {
        Ok(Mask::Paths(parsed))
    } else {
        Err(problems)
    }
}

/// Checks one path against a message.
pub fn parse_path(path: &str, message: &MessageDescriptor) -> Result<Path, String> {
    if path == "*" {
        return Err("`*` must stand alone".to_owned());
    }
    let mut segments = split(path)?.into_iter();
    let mut message = message.clone();
    let mut fields: Vec<FieldDescriptor> = Vec::new();
    while let Some(segment) = segments.next() {
        let field = message.get_field_by_name(&segment);
        let field = field.ok_or_else(|| unknown(&segment, &fields, &message))?;
        fields.push(field.clone());
        match field.kind() {
            _ if segments.len() == 0 => return Ok(Path { fields, key: None }),
            _ if is_keyed(&field) => {
                let key = segments.next();
                return if segments.len() == 0 {
                    Ok(Path { fields, key })
                } else {
                    Err(too_deep(&field))
                };
            }
            Kind::Message(inner) if !field.is_list() && !field.is_map() => message = inner,
            _ if field.is_list() => {
                return Err(format!(
                    "`{}` is a list: it is masked as a whole",
                    field.name()
                ));
            }
            _ => return Err(too_deep(&field)),
        }
    }
    Err("is empty".to_owned())
}

/// Says that a message has no such field, and which path was probably meant.
fn unknown(segment: &str, before: &[FieldDescriptor], message: &MessageDescriptor) -> String {
    let before: Vec<&str> = before.iter().map(FieldDescriptor::name).collect();
    let path = |names: &[&str]| [&before, names].concat().join(".");
    let mut known: Vec<String> = Vec::new();
    for field in message.fields() {
        known.push(path(&[field.name()]));
        if let Kind::Message(inner) = field.kind()
            && !field.is_list()
            && !field.is_map()
            && is_ours(&inner)
        {
            let parts = inner.fields();
            known.extend(parts.map(|part| path(&[field.name(), part.name()])));
        }
    }
    let problem = format!("{} has no such field", message.name());
    with_nearest(problem, segment, &known)
}

fn too_deep(field: &FieldDescriptor) -> String {
    format!("`{}` has nothing that deep", field.name())
}

/// Splits a path at its dots; a segment in backquotes is taken literally, and two backquotes in it mean one.
fn split(path: &str) -> Result<Vec<String>, String> {
    let mut segments = Vec::new();
    let mut rest = path;
    loop {
        let segment = if let Some(quoted) = rest.strip_prefix('`') {
            let mut end = 0;
            loop {
                end += quoted[end..]
                    .find('`')
                    .ok_or("has a backquote that is not closed")?;
                if !quoted[end + 1..].starts_with('`') {
                    break;
                }
                end += 2;
            }
            rest = &quoted[end + 1..];
            quoted[..end].replace("``", "`")
        } else {
            let end = rest.find('.').unwrap_or(rest.len());
            let segment = rest[..end].to_owned();
            rest = &rest[end..];
            segment
        };
        if segment.is_empty() {
            return Err("has an empty segment".to_owned());
        }
        segments.push(segment);
        match rest.strip_prefix('.') {
            Some(next) => rest = next,
            None if rest.is_empty() => return Ok(segments),
            None => return Err("has text after a closing backquote".to_owned()),
        }
    }
}

/// Says whether single entries of a field can be named: true of text maps and free attributes.
fn is_keyed(field: &FieldDescriptor) -> bool {
    field.is_map()
        || matches!(field.kind(), Kind::Message(message) if message.full_name() == "google.protobuf.Struct")
}

fn has_behavior(field: &FieldDescriptor, behavior: Behavior) -> bool {
    let Some(extension) =
        crate::descriptors::pool().get_extension_by_name("google.api.field_behavior")
    else {
        return false;
    };
    let options = field.options();
    let values = options.get_extension(&extension);
    let is_it = |value: &Value| value.as_enum_number() == Some(behavior as i32);
    values
        .as_list()
        .is_some_and(|values| values.iter().any(is_it))
}

/// Says whether a caller may set the field: names, etags and derived fields are excluded.
pub fn is_settable(field: &FieldDescriptor) -> bool {
    field.name() != "etag"
        && !has_behavior(field, Behavior::OutputOnly)
        && !has_behavior(field, Behavior::Identifier)
}

/// Says whether the field is required.
pub fn is_required(field: &FieldDescriptor) -> bool {
    has_behavior(field, Behavior::Required)
}

impl Mask {
    /// Says whether a top-level field is named, as a whole or in part.
    pub fn names(&self, field: &str) -> bool {
        match self {
            Mask::All => true,
            Mask::Populated => false,
            Mask::Paths(paths) => paths.iter().any(|path| {
                path.fields
                    .first()
                    .is_some_and(|first| first.name() == field)
            }),
        }
    }

    /// Says whether every path begins with one of these top-level fields.
    pub fn names_only(&self, fields: &[&str]) -> bool {
        let begins_so = |path: &Path| {
            path.fields
                .first()
                .is_some_and(|first| fields.contains(&first.name()))
        };
        matches!(self, Mask::Paths(paths) if paths.iter().all(begins_so))
    }

    /// Returns the mask without the parts of messages that stand for one value, such as the units of an amount: by
    /// itself such a part is neither valid nor invalid.
    pub fn of_whole_values(&self) -> Mask {
        let Mask::Paths(paths) = self else {
            return self.clone();
        };
        let is_whole = |path: &&Path| {
            path.fields
                .iter()
                .all(|field| is_ours(field.parent_message()))
        };
        Mask::Paths(paths.iter().filter(is_whole).cloned().collect())
    }

    /// Says whether the mask names the field at a path such as `emails[2].address`, or a message that it is in. A part of
    /// a message that stands for one value names the whole of it, and an entry of a map none of the others.
    pub fn covers(&self, field: &str) -> bool {
        let is_in = |path: &Path| {
            let ours = path
                .fields
                .iter()
                .take_while(|field| is_ours(field.parent_message()));
            let names: Vec<&str> = ours.map(FieldDescriptor::name).collect();
            let rest = field.strip_prefix(&names.join("."));
            path.key.is_none()
                && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        match self {
            Mask::All => true,
            Mask::Populated => false,
            Mask::Paths(paths) => paths.iter().any(is_in),
        }
    }

    /// Copies the masked fields of `from` onto `onto`. Fields that a caller may not set are left alone.
    pub fn update(&self, from: &DynamicMessage, onto: &mut DynamicMessage) {
        match self {
            Mask::Populated => merge_populated(from, onto),
            Mask::All => {
                for field in from.descriptor().fields().filter(is_settable) {
                    copy(&field, from, onto);
                }
            }
            Mask::Paths(paths) => {
                for path in paths
                    .iter()
                    .filter(|path| path.fields.iter().all(is_settable))
                {
                    update_path(&path.fields, path.key.as_deref(), Some(from), onto);
                }
            }
        }
    }

    /// Returns a message with only the masked fields, or all of them without a mask.
    pub fn select(&self, from: &DynamicMessage) -> DynamicMessage {
        let Mask::Paths(paths) = self else {
            return from.clone();
        };
        let mut selected = DynamicMessage::new(from.descriptor());
        for path in paths {
            update_path(&path.fields, path.key.as_deref(), Some(from), &mut selected);
        }
        selected
    }
}

/// Returns the immutable top-level fields in which two messages differ.
pub fn immutable_differences(before: &DynamicMessage, after: &DynamicMessage) -> Vec<String> {
    let message = before.descriptor();
    let fields = message
        .fields()
        .filter(|field| has_behavior(field, Behavior::Immutable));
    let differs = |field: &FieldDescriptor| before.get_field(field) != after.get_field(field);
    fields
        .filter(differs)
        .map(|field| field.name().to_owned())
        .collect()
}

fn copy(field: &FieldDescriptor, from: &DynamicMessage, onto: &mut DynamicMessage) {
    if from.has_field(field) {
        onto.set_field(field, from.get_field(field).into_owned());
    } else {
        onto.clear_field(field);
    }
}

/// Copies the populated fields. Our own messages are merged; messages that stand for one value are replaced.
fn merge_populated(from: &DynamicMessage, onto: &mut DynamicMessage) {
    for (field, value) in from.fields().filter(|(field, _)| is_settable(field)) {
        match value {
            Value::Message(inner) if is_ours(&inner.descriptor()) && onto.has_field(&field) => {
                if let Some(onto) = onto.get_field_mut(&field).as_message_mut() {
                    merge_populated(inner, onto);
                }
            }
            value => onto.set_field(&field, value.clone()),
        }
    }
}

fn is_ours(message: &MessageDescriptor) -> bool {
    message.parent_file().package_name() == "clientele.v1"
}

fn update_path(
    fields: &[FieldDescriptor],
    key: Option<&str>,
    from: Option<&DynamicMessage>,
    onto: &mut DynamicMessage,
) {
    let Some((field, rest)) = fields.split_first() else {
        return;
    };
    let value = from
        .filter(|from| from.has_field(field))
        .map(|from| from.get_field(field).into_owned());
    if rest.is_empty() {
        return match (key, value) {
            (Some(key), value) => update_entry(field, key, value.as_ref(), onto),
            (None, Some(value)) => onto.set_field(field, value),
            (None, None) => onto.clear_field(field),
        };
    }
    if value.is_none() && !onto.has_field(field) {
        return;
    }
    if let Some(onto) = onto.get_field_mut(field).as_message_mut() {
        update_path(rest, key, value.as_ref().and_then(Value::as_message), onto);
    }
}

/// Sets or removes one entry of a map, or of the map inside free attributes.
fn update_entry(
    field: &FieldDescriptor,
    key: &str,
    from: Option<&Value>,
    onto: &mut DynamicMessage,
) {
    let key = MapKey::String(key.to_owned());
    let entry = from.and_then(|from| entry_of(from, &key));
    if entry.is_none() && !onto.has_field(field) {
        return;
    }
    let entries = match onto.get_field_mut(field) {
        Value::Message(attributes) => attributes
            .get_field_by_name_mut("fields")
            .and_then(Value::as_map_mut),
        map => map.as_map_mut(),
    };
    match (entries, entry) {
        (Some(entries), Some(entry)) => drop(entries.insert(key, entry)),
        (Some(entries), None) => drop(entries.remove(&key)),
        (None, _) => {}
    }
}

fn entry_of(value: &Value, key: &MapKey) -> Option<Value> {
    match value {
        Value::Map(entries) => entries.get(key).cloned(),
        Value::Message(attributes) => {
            entry_of(attributes.get_field_by_name("fields")?.as_ref(), key)
        }
        _ => None,
    }
}
