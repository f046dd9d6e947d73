//! Paths: which field of a message a path leads to, what it holds, and which one was probably meant if it does not exist.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use crate::filter::FilterError;
use crate::filter::scan::PathPart;
use crate::filter::tree::{Field, FieldKind};
use crate::nearest::with_nearest;

/// The list of affiliations on customers and contacts: filters see it, though the messages have no such field.
pub const AFFILIATIONS: &str = "affiliations";

/// By which filters on customers ask for membership, though the message has no such field.
pub const SEGMENT: &str = "segment";

/// How to ask for an external id.
pub(super) const BY_SYSTEM: &str = "an external id is found by its system, as in `external_ids.sap = \"4711\"` or `external_ids.sap:*`";
const EXTERNAL_ID: &str = "clientele.v1.ExternalId";
/// The fields of an external id. A path goes on with the name of a system instead.
pub(super) const EXTERNAL_ID_FIELDS: [&str; 2] = ["system", "id"];

/// Says whether a path asks for membership in a segment.
pub(super) fn asks_membership(path: &[PathPart], message: &MessageDescriptor) -> bool {
    message.full_name() == "clientele.v1.Customer"
        && path.first().is_some_and(|first| first.text == SEGMENT)
}

/// A field, and the lists of messages that it is inside of.
#[derive(Debug)]
pub(super) struct ResolvedField {
    /// The lists, outermost first, each by its path from the one before.
    pub lists: Vec<Vec<String>>,
    /// The field, by its path from the innermost list.
    pub field: Field,
    /// The field of the message; `None` of a field that only filters see.
    pub descriptor: Option<FieldDescriptor>,
}

/// Says whether filters see affiliations on this message.
pub(super) fn has_affiliations(message: &MessageDescriptor) -> bool {
    matches!(
        message.full_name(),
        "clientele.v1.Customer" | "clientele.v1.Contact"
    )
}

/// What a path leads to.
#[derive(Debug)]
pub(super) enum PathTarget {
    /// A field.
    Field(ResolvedField),
    /// A group of fields.
    Group(MessageDescriptor),
}

/// Returns what a path leads to.
pub(super) fn resolve(
    path: &[PathPart],
    message: &MessageDescriptor,
) -> Result<PathTarget, FilterError> {
    let mut walk = PathWalk {
        message: message.clone(),
        lists: Vec::new(),
        path: Vec::new(),
    };
    let mut rest = path;
    while let Some((part, after)) = rest.split_first() {
        if walk.is_at_affiliations(part) {
            walk.path.push(AFFILIATIONS.to_owned());
            walk.enter_list(crate::descriptors::message("clientele.v1.Affiliation"));
            rest = after;
            if rest.is_empty() {
                return Ok(PathTarget::Field(walk.whole_list()));
            }
            continue;
        }
        let field = walk.field(part)?;
        walk.path.push(part.text.clone());
        refuse_id_fields(&field, after)?;
        if let Some(kind) = keyed_field_kind(&field, after) {
            return Ok(PathTarget::Field(walk.resolved(kind, Some(field))));
        }
        match field.kind() {
            Kind::Message(inner)
                if !is_one_value(&inner) || !after.is_empty() && is_money(&inner) =>
            {
                if after.is_empty() && field.is_list() {
                    return Ok(PathTarget::Field(
                        walk.resolved(FieldKind::Messages, Some(field)),
                    ));
                }
                if after.is_empty() {
                    return Ok(PathTarget::Group(inner));
                }
                if field.is_list() {
                    walk.enter_list(inner);
                } else {
                    walk.message = inner;
                }
                rest = after;
            }
            _ if after.is_empty() => {
                let kind = field_kind(&field, part)?;
                return Ok(PathTarget::Field(walk.resolved(kind, Some(field))));
            }
            _ => return Err(FilterError::new(part.offset, "this field has no fields")),
        }
    }
    Err(FilterError::new(0, "expected a field"))
}

struct PathWalk {
    message: MessageDescriptor,
    lists: Vec<Vec<String>>,
    path: Vec<String>,
}

impl PathWalk {
    fn is_at_affiliations(&self, part: &PathPart) -> bool {
        self.lists.is_empty()
            && self.path.is_empty()
            && has_affiliations(&self.message)
            && part.text == AFFILIATIONS
    }

    fn enter_list(&mut self, element: MessageDescriptor) {
        self.lists.push(std::mem::take(&mut self.path));
        self.message = element;
    }

    /// Ends at the list that was entered last.
    fn whole_list(mut self) -> ResolvedField {
        self.path = self.lists.pop().unwrap_or_default();
        self.resolved(FieldKind::Messages, None)
    }

    fn resolved(self, kind: FieldKind, descriptor: Option<FieldDescriptor>) -> ResolvedField {
        ResolvedField {
            lists: self.lists,
            field: Field {
                path: self.path,
                kind,
            },
            descriptor,
        }
    }

    fn field(&self, part: &PathPart) -> Result<FieldDescriptor, FilterError> {
        let name = part.text.as_str();
        if let Some(field) = self
            .message
            .get_field_by_name(name)
            .filter(|field| !is_hidden(field))
        {
            return Ok(field);
        }
        let mut known: Vec<String> = shown(&self.message)
            .map(|field| field.name().to_owned())
            .collect();
        let mut groups: Vec<(String, MessageDescriptor)> =
            shown(&self.message).filter_map(group).collect();
        if self.lists.is_empty() && self.path.is_empty() && has_affiliations(&self.message) {
            known.push(AFFILIATIONS.to_owned());
            groups.push((
                AFFILIATIONS.to_owned(),
                crate::descriptors::message("clientele.v1.Affiliation"),
            ));
            if self.message.name() == "Customer" {
                known.push(SEGMENT.to_owned());
            }
        }
        for (group, message) in groups {
            known.extend(shown(&message).map(|field| format!("{group}.{}", field.name())));
        }
        let problem = format!("{} has no such field", self.message.name());
        Err(FilterError::new(
            part.offset,
            with_nearest(problem, name, &known),
        ))
    }
}

/// Returns the field at a path that crosses no list of messages.
pub fn field_at(message: &MessageDescriptor, path: &[String]) -> Option<FieldDescriptor> {
    let (last, groups) = path.split_last()?;
    let inner =
        |message: MessageDescriptor, group: &String| match message.get_field_by_name(group)?.kind()
        {
            Kind::Message(inner) => Some(inner),
            _ => None,
        };
    groups
        .iter()
        .try_fold(message.clone(), inner)?
        .get_field_by_name(last)
}

/// Returns the fields of a message that filters see.
pub fn shown(message: &MessageDescriptor) -> impl Iterator<Item = FieldDescriptor> {
    message.fields().filter(|field| !is_hidden(field))
}

/// Returns the name of a group of fields and its message; `None` of any other field.
fn group(field: FieldDescriptor) -> Option<(String, MessageDescriptor)> {
    match field.kind() {
        Kind::Message(inner) if !is_one_value(&inner) && !is_keyed(&field, &inner) => {
            Some((field.name().to_owned(), inner))
        }
        _ => None,
    }
}

/// Says whether a path goes on after this field with keys that callers choose.
fn is_keyed(field: &FieldDescriptor, message: &MessageDescriptor) -> bool {
    field.is_map() || ["google.protobuf.Struct", EXTERNAL_ID].contains(&message.full_name())
}

/// Says whether filters do not show a field: a detail of one of Google's messages, and warnings about filters, which
/// are not stored.
fn is_hidden(field: &FieldDescriptor) -> bool {
    field.full_name() == "google.type.PostalAddress.revision" || field.name() == "filter_warnings"
}

/// Refuses the fields of an external id, which would be taken for the names of systems.
fn refuse_id_fields(field: &FieldDescriptor, keys: &[PathPart]) -> Result<(), FilterError> {
    let [key] = keys else {
        return Ok(());
    };
    let is_field = EXTERNAL_ID_FIELDS.iter().any(|field| key.is_word(field));
    if !is_field || !matches!(field.kind(), Kind::Message(id) if id.full_name() == EXTERNAL_ID) {
        return Ok(());
    }
    let quoted = format!(
        "{BY_SYSTEM}; a system that is called `{}` stands in quotes",
        key.text
    );
    Err(FilterError::new(key.offset, quoted))
}

/// Returns the kind of a field whose keys callers choose; `None` of any other field.
fn keyed_field_kind(field: &FieldDescriptor, keys: &[PathPart]) -> Option<FieldKind> {
    let names: Vec<String> = keys.iter().map(|key| key.text.clone()).collect();
    match field.kind() {
        _ if field.is_map() => Some(match &names[..] {
            [] => FieldKind::Labels,
            // A key may contain dots.
            _ => FieldKind::Label(names.join(".")),
        }),
        Kind::Message(message) if message.full_name() == "google.protobuf.Struct" => {
            Some(if names.is_empty() {
                FieldKind::Attributes
            } else {
                FieldKind::Attribute(names)
            })
        }
        Kind::Message(message) if message.full_name() == EXTERNAL_ID && !names.is_empty() => {
            // So may the name of a system: `sap.eu`.
            Some(FieldKind::ExternalIds(names.join(".")))
        }
        _ => None,
    }
}

fn field_kind(field: &FieldDescriptor, part: &PathPart) -> Result<FieldKind, FilterError> {
    let unknown = || {
        FilterError::new(
            part.offset,
            format!("`{}` cannot be asked for", field.name()),
        )
    };
    if field.is_list() {
        return if matches!(field.kind(), Kind::String | Kind::Enum(_)) {
            Ok(FieldKind::Texts)
        } else {
            Err(unknown())
        };
    }
    Ok(match field.kind() {
        Kind::String => FieldKind::Text,
        Kind::Bool => FieldKind::Bool,
        Kind::Int32 | Kind::Int64 if is_money(field.parent_message()) => FieldKind::PartOfAmount,
        Kind::Int32 | Kind::Int64 if field.supports_presence() => FieldKind::Number,
        Kind::Int32 | Kind::Int64 => FieldKind::Count,
        Kind::Enum(values) => FieldKind::Enum {
            unset: values.default_value().name().to_owned(),
        },
        Kind::Message(message) => match message.full_name() {
            "google.protobuf.Timestamp" => FieldKind::Time,
            "google.protobuf.Duration" => FieldKind::Span,
            "google.type.Date" => FieldKind::Date,
            "google.type.Money" => FieldKind::Amount,
            _ => return Err(unknown()),
        },
        _ => return Err(unknown()),
    })
}

/// Says whether a message is a single value to filters.
fn is_one_value(message: &MessageDescriptor) -> bool {
    let name = message.full_name();
    is_money(message)
        || [
            "google.protobuf.Timestamp",
            "google.protobuf.Duration",
            "google.type.Date",
        ]
        .contains(&name)
}

fn is_money(message: &MessageDescriptor) -> bool {
    message.full_name() == "google.type.Money"
}
