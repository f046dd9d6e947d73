//! The checker: what a filter means on the fields of a message, or why it means nothing.
//!
//! What a comparison asks of its field is decided in `condition`, and which restrictions are about one element of a list
//! in `same_element`.

use prost_reflect::MessageDescriptor;

use crate::filter::FilterError;
use crate::filter::condition::conditions;
use crate::filter::grammar::{Comparable, Node, Operator};
use crate::filter::literal::value_of;
use crate::filter::resolve::{PathTarget, ResolvedField, asks_membership, resolve, shown};
use crate::filter::same_element::about_same_element;
use crate::filter::scan::PathPart;
use crate::filter::tree::{Condition, Filter, Predicate};
use crate::fold::folded;
use crate::name::{Kind, Name};

/// Gives a filter its meaning on a message.
pub(super) fn check(node: &Node, message: &MessageDescriptor) -> Result<Filter, FilterError> {
    let all = |nodes: &[Node]| -> Result<Vec<Filter>, FilterError> {
        nodes.iter().map(|node| check(node, message)).collect()
    };
    match node {
        Node::And {
            nodes,
            grouped: true,
        } => Ok(about_same_element(all(nodes)?)),
        Node::And { nodes, .. } => Ok(Filter::And(all(nodes)?)),
        Node::Or(nodes) => Ok(Filter::Or(all(nodes)?)),
        Node::Not(node) => Ok(Filter::Not(Box::new(check(node, message)?))),
        Node::Literal(literal) => search(literal, message),
        Node::Restriction {
            subject,
            operator,
            argument,
        } => restriction(subject, *operator, argument, message),
    }
}

/// A value by itself: one of the texts that people know such a record by contains it.
fn search(literal: &Comparable, message: &MessageDescriptor) -> Result<Filter, FilterError> {
    let Some(text) = value_of(literal) else {
        return Err(FilterError::new(
            literal.offset(),
            "a function stands only after a comparison, as in `= now()`, and nothing is computed with it",
        ));
    };
    if let Some(keyword) = meant_keyword(&text) {
        return Err(FilterError::new(
            text.offset,
            format!("did you mean `{keyword}`? As a text it stands in quotes"),
        ));
    }
    if !text.stars.is_empty() {
        return Err(FilterError::new(
            text.offset,
            "a text by itself is found anywhere in a name: leave out the `*`",
        ));
    }
    let contains = |path: &&str| {
        let parts: Vec<PathPart> = path
            .split('.')
            .map(|name| PathPart::new(name, false))
            .collect();
        match resolve(&parts, message)? {
            PathTarget::Field(resolved) => {
                let contains = Condition::ContainsFolded(folded(&text.text));
                Ok(wrap(resolved, vec![contains]))
            }
            PathTarget::Group(_) => Err(FilterError::new(
                text.offset,
                "a group of fields has no text",
            )),
        }
    };
    let branches = searched(message).iter().map(contains);
    Ok(Filter::Or(branches.collect::<Result<_, _>>()?))
}

/// Returns the paths of the texts that people know such a record by.
fn searched(message: &MessageDescriptor) -> &'static [&'static str] {
    match message.name() {
        "Customer" => &[
            "display_name",
            "business.legal_name",
            "business.domains",
            "individual.given_name",
            "individual.family_name",
            "emails.address",
        ],
        "Contact" => &[
            "display_name",
            "given_name",
            "family_name",
            "emails.address",
        ],
        "Affiliation" => &["job_title", "department"],
        "Colleague" => &["display_name", "emails.address"],
        "Conversation" => &["subject", "summary"],
        "Promise" => &["text"],
        "Note" => &["body"],
        "Persona" => &["display_name", "headline"],
        _ => &["display_name", "description"],
    }
}

/// Returns the keyword that a word was probably meant to be.
fn meant_keyword(text: &PathPart) -> Option<&'static str> {
    const OTHERS: [(&str, &str); 5] = [
        ("and", "AND"),
        ("&&", "AND"),
        ("or", "OR"),
        ("||", "OR"),
        ("not", "NOT"),
    ];
    let (_, keyword) = OTHERS
        .iter()
        .find(|(other, _)| !text.quoted && text.text.eq_ignore_ascii_case(other))?;
    Some(keyword)
}

fn restriction(
    subject: &Comparable,
    operator: Operator,
    argument: &Comparable,
    message: &MessageDescriptor,
) -> Result<Filter, FilterError> {
    let Comparable::Member(path) = subject else {
        return Err(FilterError::new(
            subject.offset(),
            "a function stands only after a comparison, as in `= now()`",
        ));
    };
    if asks_membership(path, message) {
        return member(path, operator, argument);
    }
    let offset = path.last().map_or(0, |part| part.offset);
    let asks_presence =
        operator == Operator::Has && value_of(argument).is_some_and(|value| value.is_word("*"));
    match resolve(path, message)? {
        PathTarget::Group(group) if asks_presence => group_present(path, &group, message),
        PathTarget::Group(_) if operator == Operator::Has => Err(FilterError::new(
            offset,
            "a group of fields is only asked for with `:*`",
        )),
        PathTarget::Group(_) => Err(FilterError::new(
            offset,
            "a group of fields cannot be compared: name one of its fields",
        )),
        PathTarget::Field(resolved) if asks_presence => {
            Ok(wrap(resolved, vec![Condition::Present]))
        }
        PathTarget::Field(resolved) => {
            let conditions = conditions(&resolved, offset, operator, argument)?;
            Ok(wrap(resolved, conditions))
        }
    }
}

/// `segment:"segments/x"`: the customer is a member.
fn member(
    path: &[PathPart],
    operator: Operator,
    argument: &Comparable,
) -> Result<Filter, FilterError> {
    let how = "a segment is asked for as in `segment:\"segments/...\"`";
    if let Some(part) = path.get(1) {
        return Err(FilterError::new(
            part.offset,
            format!("a segment has no fields here: {how}"),
        ));
    }
    let quoted = value_of(argument).filter(|value| value.quoted && operator == Operator::Has);
    let name = quoted.and_then(|value| Name::parse(Kind::Segment, &value.text));
    match name {
        Some(name) => Ok(Filter::Member {
            segment: name.to_string(),
            filter: None,
        }),
        None => Err(FilterError::new(argument.offset(), how)),
    }
}

/// A group is present when one of its fields is.
fn group_present(
    path: &[PathPart],
    group: &MessageDescriptor,
    message: &MessageDescriptor,
) -> Result<Filter, FilterError> {
    let names: Vec<String> = match group.name() {
        // The others are never set without it.
        "LastConversation" => vec!["conversation".to_owned()],
        _ => shown(group).map(|field| field.name().to_owned()).collect(),
    };
    let present = |name: &String| {
        let mut path = path.to_vec();
        path.push(PathPart::new(name, false));
        match resolve(&path, message)? {
            PathTarget::Field(resolved) => Ok(wrap(resolved, vec![Condition::Present])),
            PathTarget::Group(group) => group_present(&path, &group, message),
        }
    };
    names
        .iter()
        .map(present)
        .collect::<Result<_, _>>()
        .map(Filter::Or)
}

/// Returns the filter that a field, inside its lists, meets one of the conditions.
fn wrap(resolved: ResolvedField, conditions: Vec<Condition>) -> Filter {
    let ResolvedField { lists, field, .. } = resolved;
    let mut predicates: Vec<Filter> = conditions
        .into_iter()
        .map(|condition| {
            Filter::Predicate(Predicate {
                field: field.clone(),
                condition,
            })
        })
        .collect();
    let predicates = if predicates.len() == 1 {
        predicates.remove(0)
    } else {
        Filter::Or(predicates)
    };
    lists
        .into_iter()
        .rev()
        .fold(predicates, |inner, list| Filter::Exists {
            list,
            inner: Box::new(inner),
        })
}
