//! Where in a record a value goes, and how it is put there.
//!
//! How the paths of a mapping are read is in `path.rs`; what a row may overwrite is decided in `write/merge.rs`.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, Value};

use crate::fold::folded;
use crate::mask::is_required;

/// Fields whose texts may have several lines.
const MULTILINE_FIELDS: [&str; 22] = [
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

/// An element of a list of messages at the top of a record: the list, and the index that the mapping gives it.
pub(crate) type ListElement = (FieldDescriptor, usize);

#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The path as the mapping has it, from the top of the record.
    pub(crate) path: String,
    /// The messages on the way to the slot.
    pub(crate) parents: Vec<FieldDescriptor>,
    pub(crate) slot: FieldSlot,
}

/// What a value is assigned to in the innermost message.
#[derive(Clone, Debug)]
pub(crate) enum FieldSlot {
    Field(FieldDescriptor),
    /// An entry of a map, or of free attributes.
    Entry(FieldDescriptor, String),
    /// One element of a list of plain values.
    Index(FieldDescriptor, usize),
    /// A list of plain values as a whole: values are added to it.
    Append(FieldDescriptor),
}

impl FieldSlot {
    /// Returns the field whose kind tells what a value looks like; none for an entry.
    pub(crate) fn typed_field(&self) -> Option<&FieldDescriptor> {
        match self {
            FieldSlot::Field(field) | FieldSlot::Index(field, _) | FieldSlot::Append(field) => {
                Some(field)
            }
            FieldSlot::Entry(..) => None,
        }
    }

    /// Says whether a text here must be a single line. Free attributes may hold anything.
    pub(crate) fn is_single_line(&self) -> bool {
        match self {
            FieldSlot::Entry(field, _) => field.is_map(),
            FieldSlot::Field(field) | FieldSlot::Index(field, _) | FieldSlot::Append(field) => {
                matches!(field.kind(), Kind::String)
                    && !MULTILINE_FIELDS.contains(&field.full_name())
            }
        }
    }
}

impl Target {
    /// Returns the index in a list of plain values, if it is an element of one.
    pub(crate) fn index(&self) -> Option<usize> {
        match self.slot {
            FieldSlot::Index(_, index) => Some(index),
            _ => None,
        }
    }

    /// Says whether the record cannot exist without this field.
    pub(crate) fn is_required(&self) -> bool {
        self.parents.is_empty() && self.slot.typed_field().is_some_and(is_required)
    }

    /// Puts values into a message. Without `overwrite` a value that is already there stays; a list only ever gains what it
    /// lacks.
    pub(crate) fn put(&self, values: &[Value], overwrite: bool, message: &mut DynamicMessage) {
        let mut message = message;
        for parent in &self.parents {
            let Some(inner) = message.get_field_mut(parent).as_message_mut() else {
                return;
            };
            message = inner;
        }
        let Some(value) = values.first() else { return };
        match &self.slot {
            FieldSlot::Field(field) => {
                if overwrite || !message.has_field(field) {
                    message.set_field(field, value.clone());
                }
            }
            FieldSlot::Entry(field, key) => put_entry(field, key, value, overwrite, message),
            FieldSlot::Index(field, index) => put_element(field, *index, value, overwrite, message),
            FieldSlot::Append(field) => {
                for value in values {
                    append(field, value, message);
                }
            }
        }
    }

    /// Says whether a message already has these values here.
    pub(crate) fn has(&self, values: &[Value], message: &DynamicMessage) -> bool {
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
    let entries = match message.get_field_mut(field) {
        Value::Message(attributes) => attributes.get_field_by_name_mut("fields"),
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

/// Sets a list element by its index. Elements move up where an earlier one is missing, so a value that is already
/// somewhere in the list is not added again.
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

/// Adds a value to a list that lacks it. Texts are compared without case, since the server may fold them.
fn append(field: &FieldDescriptor, value: &Value, message: &mut DynamicMessage) {
    let Some(list) = message.get_field_mut(field).as_list_mut() else {
        return;
    };
    let is_same = |other: &Value| match (other.as_str(), value.as_str()) {
        (Some(other), Some(value)) => folded(other) == folded(value),
        _ => other == value,
    };
    if !list.iter().any(is_same) {
        list.push(value.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptors;

    #[test]
    fn the_multiline_fields_are_texts_that_exist() {
        for path in MULTILINE_FIELDS {
            let (message, field) = path.rsplit_once('.').expect("it has a message");
            let field = descriptors::message(message).get_field_by_name(field);
            assert!(
                field.is_some_and(|field| matches!(field.kind(), Kind::String)),
                "{path}"
            );
        }
    }
}
