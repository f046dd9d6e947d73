//! The checker: what each restriction means on the fields of a message, or why it means nothing.

use prost_reflect::MessageDescriptor;

use crate::filter::FilterError;
use crate::filter::grammar::{Comparable, Node, Offset, Operator, PathPart};
use crate::filter::literal::{Literal, operand};
use crate::filter::resolve::{BY_SYSTEM, PathTarget, Resolved, asks_membership, resolve, shown};
use crate::filter::scan::Text;
use crate::filter::tree::{
    Comparison, Condition, Field, FieldKind, Filter, Operand, Predicate, TextPattern,
};
use crate::fold::folded;
use crate::name::{Kind, Name};

/// Gives a filter its meaning on a message.
pub fn check(node: &Node, message: &MessageDescriptor) -> Result<Filter, FilterError> {
    match node {
        Node::And { nodes, grouped } => {
            let trees = nodes
                .iter()
                .map(|node| check(node, message))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(Filter::And(if *grouped {
                about_same(trees)
            } else {
                trees
            }))
        }
        Node::Or(nodes) => Ok(Filter::Or(
            nodes
                .iter()
                .map(|node| check(node, message))
                .collect::<Result<_, _>>()?,
        )),
        Node::Not(node) => Ok(Filter::Not(Box::new(check(node, message)?))),
        Node::Literal(literal) => search(literal, message),
        Node::Restriction {
            subject,
            operator,
            argument,
        } => restriction(subject, *operator, argument, message),
    }
}

/// Brings together what is said about one list, so that one element has to meet all of it.
///
/// An operand takes part if it speaks of nothing but elements of that list; NOT and OR inside it then speak of the
/// same element, too.
fn about_same(trees: Vec<Filter>) -> Vec<Filter> {
    let mut together: Vec<(Option<Vec<String>>, Vec<Filter>)> = Vec::new();
    for tree in trees {
        let list = list_of(&tree).map(<[String]>::to_vec);
        match together
            .iter_mut()
            .find(|(known, _)| list.is_some() && *known == list)
        {
            Some((_, trees)) => trees.push(tree),
            None => together.push((list, vec![tree])),
        }
    }
    let one = |(list, mut trees): (Option<Vec<String>>, Vec<Filter>)| match list {
        Some(list) if trees.len() > 1 => {
            let inner = about_same(trees.into_iter().map(of_element).collect());
            Filter::Exists {
                list,
                inner: Box::new(Filter::And(inner)),
            }
        }
        _ => trees.remove(0),
    };
    together.into_iter().map(one).collect()
}

/// Returns the list whose elements are all that a tree speaks of.
fn list_of(tree: &Filter) -> Option<&[String]> {
    match tree {
        Filter::Exists { list, .. } => Some(list),
        Filter::Not(tree) => list_of(tree),
        Filter::And(trees) | Filter::Or(trees) => {
            let first = list_of(trees.first()?)?;
            trees
                .iter()
                .all(|tree| list_of(tree) == Some(first))
                .then_some(first)
        }
        Filter::Predicate(_) | Filter::Member { .. } => None,
    }
}

/// Returns what a tree says of the elements of the one list that it speaks of.
fn of_element(tree: Filter) -> Filter {
    match tree {
        Filter::Exists { inner, .. } => *inner,
        Filter::Not(tree) => Filter::Not(Box::new(of_element(*tree))),
        Filter::And(trees) => Filter::And(trees.into_iter().map(of_element).collect()),
        Filter::Or(trees) => Filter::Or(trees.into_iter().map(of_element).collect()),
        tree @ (Filter::Predicate(_) | Filter::Member { .. }) => tree,
    }
}

/// A value by itself: one of the texts by which people know such a record holds it.
fn search(literal: &Comparable, message: &MessageDescriptor) -> Result<Filter, FilterError> {
    let paths: &[&str] = match message.name() {
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
    };
    let Some(literal) = Literal::of(literal) else {
        return Err(FilterError::new(
            literal.offset(),
            "a function stands only after a comparison, as in `= now()`",
        ));
    };
    let others = [
        ("and", "AND"),
        ("&&", "AND"),
        ("or", "OR"),
        ("||", "OR"),
        ("not", "NOT"),
    ];
    let meant = others
        .iter()
        .find(|(other, _)| literal.text.eq_ignore_ascii_case(other));
    if let Some((_, keyword)) = meant.filter(|_| !literal.quoted) {
        return Err(FilterError::new(
            literal.offset,
            format!("did you mean `{keyword}`? As a text it stands in quotes"),
        ));
    }
    if !literal.stars.is_empty() {
        return Err(FilterError::new(
            literal.offset,
            "a text by itself is found anywhere in a name: leave out the `*`",
        ));
    }
    let one = |path: &&str| {
        let parts: Vec<PathPart> = path.split('.').map(PathPart::of).collect();
        match resolve(&parts, message)? {
            PathTarget::Field(resolved) => Ok(wrap(
                resolved,
                vec![Condition::ContainsFolded(folded(&literal.text))],
            )),
            PathTarget::Group(_) => Err(FilterError::new(
                literal.offset,
                "a group of fields has no text",
            )),
        }
    };
    paths
        .iter()
        .map(one)
        .collect::<Result<Vec<_>, _>>()
        .map(Filter::Or)
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
    let at = path.last().map_or(0, |part| part.offset.0);
    let literal = Literal::of(argument);
    let is_star = literal.is_some_and(|literal| !literal.quoted && literal.text == "*");
    let asks_presence = operator == Operator::Has && is_star;
    match resolve(path, message)? {
        PathTarget::Group(group) if asks_presence => group_present(path, &group, message),
        PathTarget::Group(_) if operator == Operator::Has => Err(FilterError::new(
            at,
            "a group of fields is only asked for with `:*`",
        )),
        PathTarget::Group(_) => Err(FilterError::new(
            at,
            "a group of fields cannot be compared: name one of its fields",
        )),
        PathTarget::Field(resolved) if asks_presence => {
            Ok(wrap(resolved, vec![Condition::Present]))
        }
        PathTarget::Field(resolved) => {
            let conditions = conditions(&resolved, at, operator, argument)?;
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
            part.offset.0,
            format!("a segment has no fields here: {how}"),
        ));
    }
    let literal =
        Literal::of(argument).filter(|literal| literal.quoted && operator == Operator::Has);
    let Some(literal) = literal else {
        return Err(FilterError::new(argument.offset(), how));
    };
    match Name::parse(Kind::Segment, &literal.text) {
        Some(name) => Ok(Filter::Member {
            segment: name.to_string(),
            filter: None,
        }),
        None => Err(FilterError::new(literal.offset, how)),
    }
}

/// A group is present when one of its fields is.
fn group_present(
    path: &[PathPart],
    group: &MessageDescriptor,
    message: &MessageDescriptor,
) -> Result<Filter, FilterError> {
    let names: Vec<String> = match group.name() {
        // It never is without the conversation.
        "LastConversation" => vec!["conversation".to_owned()],
        _ => shown(group).map(|field| field.name().to_owned()).collect(),
    };
    let present = |name: &String| {
        let mut path = path.to_vec();
        path.push(PathPart::of(name));
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

/// Makes the tree that says that the field meets one of the conditions.
fn wrap(resolved: Resolved, conditions: Vec<Condition>) -> Filter {
    let Resolved { lists, field, .. } = resolved;
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

fn conditions(
    resolved: &Resolved,
    at: usize,
    operator: Operator,
    argument: &Comparable,
) -> Result<Vec<Condition>, FilterError> {
    let comparison = match operator {
        Operator::Has => return has(resolved, at, argument),
        Operator::Equal => Comparison::Equal,
        Operator::NotEqual => Comparison::NotEqual,
        Operator::Less => Comparison::Less,
        Operator::LessOrEqual => Comparison::LessOrEqual,
        Operator::Greater => Comparison::Greater,
        Operator::GreaterOrEqual => Comparison::GreaterOrEqual,
    };
    match &resolved.field.kind {
        FieldKind::Texts => Err(FilterError::new(
            at,
            "a list has elements: ask for one with `:`",
        )),
        FieldKind::Messages if resolved.field.path == ["external_ids"] => {
            Err(FilterError::new(at, BY_SYSTEM))
        }
        FieldKind::Messages => Err(FilterError::new(
            at,
            "a list of groups cannot be compared: name one of their fields",
        )),
        FieldKind::Labels | FieldKind::Attributes => Err(FilterError::new(
            at,
            "a map cannot be compared: name one of its keys",
        )),
        _ => Ok(vec![compare(resolved, comparison, argument)?]),
    }
}

/// What `:` means: a list has the element, a map has the key, a text holds the other one, anything else is equal.
fn has(
    resolved: &Resolved,
    at: usize,
    argument: &Comparable,
) -> Result<Vec<Condition>, FilterError> {
    let kind = &resolved.field.kind;
    let literal = Literal::of(argument);
    let text = literal
        .as_ref()
        .filter(|literal| literal.quoted)
        .map(|literal| literal.text.clone());
    let element = || operand(kind, resolved.descriptor.as_ref(), argument).map(Condition::Has);
    match (kind, text) {
        (FieldKind::Texts, _) => Ok(vec![element()?]),
        (FieldKind::Labels | FieldKind::Attributes, _) => {
            let key =
                literal.ok_or_else(|| FilterError::new(argument.offset(), "expected a key"))?;
            Ok(vec![Condition::HasKey(key.text)])
        }
        (FieldKind::Text | FieldKind::Label(_), Some(text)) => {
            Ok(vec![Condition::ContainsFolded(folded(&text))])
        }
        (FieldKind::Attribute(_), Some(text)) => {
            Ok(vec![Condition::ContainsFolded(folded(&text)), element()?])
        }
        (FieldKind::Attribute(_), None) => Ok(vec![
            compare(resolved, Comparison::Equal, argument)?,
            element()?,
        ]),
        (FieldKind::Messages, _) if resolved.field.path == ["external_ids"] => {
            Err(FilterError::new(at, BY_SYSTEM))
        }
        (FieldKind::Messages, _) => {
            let list = resolved.field.path.join(".");
            Err(FilterError::new(
                at,
                format!(
                    "`{list}` is a list of groups: ask with `{list}:*` whether it has one, or name a field"
                ),
            ))
        }
        _ => Ok(vec![compare(resolved, Comparison::Equal, argument)?]),
    }
}

fn compare(
    resolved: &Resolved,
    comparison: Comparison,
    argument: &Comparable,
) -> Result<Condition, FilterError> {
    let Field { kind, path } = &resolved.field;
    let is_equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
    let value = operand(kind, resolved.descriptor.as_ref(), argument)?;
    let is_unordered = matches!(kind, FieldKind::Bool | FieldKind::Enum { .. })
        || matches!(value, Operand::Bool(_));
    if is_unordered && !is_equality {
        let name = path.last().map_or("", String::as_str);
        return Err(FilterError::new(
            argument.offset(),
            format!("`{name}` has no order: compare it with `=` or `!=`"),
        ));
    }
    let value = match (kind, value) {
        // Ids are kept without the white space around them.
        (FieldKind::ExternalIds(_), Operand::Text(id)) => Operand::Text(id.trim().to_owned()),
        (_, value) => value,
    };
    let stars = Literal::of(argument)
        .map(|literal| literal.stars)
        .unwrap_or_default();
    match value {
        Operand::Text(text) if is_equality && !stars.is_empty() => {
            let pattern = pattern(&text, &stars).ok_or_else(|| {
                FilterError::new(
                    argument.offset(),
                    "a `*` stands at the start or at the end of a text; `\\*` is the character",
                )
            })?;
            Ok(Condition::Like(pattern, comparison == Comparison::Equal))
        }
        value => Ok(Condition::Is(comparison, value)),
    }
}

fn pattern(text: &str, stars: &[usize]) -> Option<TextPattern> {
    let open_start = stars.first() == Some(&0);
    let open_end = stars.last() == Some(&(text.len() - 1));
    let part = &text[usize::from(open_start)..];
    let n_ends = usize::from(open_start) + usize::from(open_end && text.len() > 1);
    let part = if open_end && !part.is_empty() {
        &part[..part.len() - 1]
    } else {
        part
    };
    (n_ends == stars.len()).then(|| TextPattern {
        part: part.to_owned(),
        open_start,
        open_end,
    })
}

impl PathPart {
    /// Makes one name of a path that the checker itself writes.
    fn of(name: &str) -> PathPart {
        let text = Text {
            text: name.to_owned(),
            quoted: false,
            stars: Vec::new(),
        };
        PathPart {
            text,
            offset: Offset(0),
        }
    }
}
