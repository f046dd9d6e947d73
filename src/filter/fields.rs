//! What a filter names: the fields that its restrictions are about, and a label or attribute by itself.

use prost_reflect::MessageDescriptor;

use crate::filter::FilterError;
use crate::filter::check::check;
use crate::filter::grammar::{self, Comparable, Node, Operator};
use crate::filter::resolve::{PathTarget, asks_membership, resolve};
use crate::filter::scan::PathPart;
use crate::filter::tree::{FieldKind, Filter};

/// A restriction on a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Restriction {
    /// How it is written, in the canonical form.
    pub text: String,
    /// Where it is, in bytes.
    pub offset: usize,
    /// The field, as it is written.
    pub field: String,
    /// What it means by itself.
    pub filter: Filter,
    /// What a record meets that has the field set.
    pub is_set: Filter,
}

/// Returns the restrictions on fields in the order of the filter. Membership in a segment is none, and neither is a
/// value by itself.
pub fn restrictions(
    text: &str,
    message: &MessageDescriptor,
) -> Result<Vec<Restriction>, FilterError> {
    let mut restrictions = Vec::new();
    if let Some(node) = grammar::parse(text)? {
        collect(&node, message, &mut restrictions)?;
    }
    Ok(restrictions)
}

fn collect(
    node: &Node,
    message: &MessageDescriptor,
    restrictions: &mut Vec<Restriction>,
) -> Result<(), FilterError> {
    match node {
        Node::And { nodes, .. } | Node::Or(nodes) => nodes
            .iter()
            .try_for_each(|node| collect(node, message, restrictions)),
        Node::Not(node) => collect(node, message, restrictions),
        Node::Literal(_) => Ok(()),
        Node::Restriction {
            subject: Comparable::Member(path),
            ..
        } if asks_membership(path, message) => Ok(()),
        Node::Restriction { subject, .. } => {
            restrictions.push(Restriction {
                text: node.to_string(),
                offset: subject.offset(),
                field: subject.to_string(),
                filter: check(node, message)?,
                is_set: is_set(subject, message)?,
            });
            Ok(())
        }
    }
}

/// Returns what `field:*` means.
fn is_set(field: &Comparable, message: &MessageDescriptor) -> Result<Filter, FilterError> {
    let star = PathPart::new("*", false);
    let node = Node::Restriction {
        subject: field.clone(),
        operator: Operator::Has,
        argument: Comparable::Member(vec![star]),
    };
    check(&node, message)
}

/// A field whose keys are chosen by the callers, with its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyedField {
    /// The path, in the canonical form.
    pub name: String,
    /// Which label or attribute it is, or which system's ids.
    pub kind: FieldKind,
}

/// Returns the label, the attribute or the external ids that a text names.
pub fn keyed_field(text: &str, message: &MessageDescriptor) -> Option<KeyedField> {
    let Ok(Some(Node::Literal(Comparable::Member(path)))) = grammar::parse(text) else {
        return None;
    };
    let Ok(PathTarget::Field(found)) = resolve(&path, message) else {
        return None;
    };
    let kind = found.field.kind;
    let is_keyed = matches!(
        kind,
        FieldKind::Label(_) | FieldKind::Attribute(_) | FieldKind::ExternalIds(_)
    );
    is_keyed.then(|| KeyedField {
        name: Comparable::Member(path).to_string(),
        kind,
    })
}
