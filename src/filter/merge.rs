//! The same filter in a form that is cheaper to ask.
//!
//! Restrictions on elements of one list, joined by OR, are asked of each element together: the list is read once, and not
//! once for each. Those on one field stand beside one another, so that its value is worked out once. For what is negated
//! and joined by AND, the same holds. Joined the other way, restrictions may be about different elements, and stay apart.
//! Of what is joined, the cheapest comes first. For stores only: what people are told of a filter goes by the tree as it
//! was written.

use crate::filter::tree::{Condition, FieldKind, Filter, Predicate};
use crate::filter::validity::asks_counts;

/// Returns a complete filter that the same records meet, with negations only before what is asked at once.
pub fn merged(tree: &Filter) -> Filter {
    grouped(flat(tree, false))
}

/// Returns a filter, or its negation, with negations only before what cannot be taken apart, and nothing nested in what
/// is joined in the same way.
fn flat(tree: &Filter, negated: bool) -> Filter {
    match tree {
        Filter::Not(tree) => flat(tree, !negated),
        Filter::Member {
            filter: Some(tree), ..
        } => flat(tree, negated),
        Filter::And(trees) | Filter::Or(trees) => {
            let is_or = matches!(tree, Filter::Or(_)) != negated;
            let parts = trees.iter().map(|tree| flat(tree, negated));
            joined(
                is_or,
                parts.flat_map(|part| parts_of(is_or, part)).collect(),
            )
        }
        Filter::Exists { list, inner } => signed(exists(list.clone(), flat(inner, false)), negated),
        Filter::Predicate(_) | Filter::Member { filter: None, .. } => signed(tree.clone(), negated),
    }
}

fn exists(list: Vec<String>, inner: Filter) -> Filter {
    Filter::Exists {
        list,
        inner: Box::new(inner),
    }
}

fn signed(tree: Filter, negated: bool) -> Filter {
    if negated {
        Filter::Not(Box::new(tree))
    } else {
        tree
    }
}

fn joined(is_or: bool, mut parts: Vec<Filter>) -> Filter {
    match parts.len() {
        1 => parts.remove(0),
        _ if is_or => Filter::Or(parts),
        _ => Filter::And(parts),
    }
}

fn parts_of(is_or: bool, tree: Filter) -> Vec<Filter> {
    match tree {
        Filter::Or(trees) if is_or => trees,
        Filter::And(trees) if !is_or => trees,
        tree => vec![tree],
    }
}

/// Brings together what is asked at once.
fn grouped(tree: Filter) -> Filter {
    let (is_or, parts) = match tree {
        Filter::Or(parts) => (true, parts),
        Filter::And(parts) => (false, parts),
        Filter::Not(tree) => return signed(grouped(*tree), true),
        Filter::Exists { list, inner } => return exists(list, grouped(*inner)),
        Filter::Predicate(_) | Filter::Member { .. } => return tree,
    };
    let (mut all, mut groups) = (Vec::new(), Vec::<Vec<Filter>>::new());
    for part in parts {
        match alternative(is_or, part) {
            Err(part) => all.push(grouped(part)),
            Ok(one) => match groups.iter_mut().find(|group| is_alike(&group[0], &one)) {
                Some(group) => group.push(one),
                None => groups.push(vec![one]),
            },
        }
    }
    all.extend(groups.into_iter().map(|group| signed(asked(group), !is_or)));
    all.sort_by_key(cost);
    joined(is_or, all)
}

/// Returns a part of a disjunction, or of a negated one, that may be asked at once with others like it.
fn alternative(is_or: bool, part: Filter) -> Result<Filter, Filter> {
    let is_one = |tree: &Filter| matches!(tree, Filter::Exists { .. } | Filter::Predicate(_));
    match part {
        Filter::Not(tree) if !is_or && is_one(&tree) => Ok(*tree),
        part if is_or && is_one(&part) => Ok(part),
        part => Err(part),
    }
}

/// Says whether two are about the same list or field. The folded texts beside a list are only read for what needs them.
fn is_alike(one: &Filter, other: &Filter) -> bool {
    match (one, other) {
        (
            Filter::Exists { list, inner },
            Filter::Exists {
                list: of,
                inner: its,
            },
        ) => list == of && inner.searches() == its.searches(),
        (Filter::Predicate(one), Filter::Predicate(other)) => {
            one.field == other.field && one.condition.aspect() == other.condition.aspect()
        }
        _ => false,
    }
}

/// Returns the one question that asks for any of a group.
fn asked(group: Vec<Filter>) -> Filter {
    let Some(Filter::Exists { list, .. }) = group.first() else {
        return joined(true, group);
    };
    let list = list.clone();
    let of_element = |one| match one {
        Filter::Exists { inner, .. } => *inner,
        one => one,
    };
    let any = Filter::Or(group.into_iter().map(of_element).collect());
    exists(list, grouped(flat(&any, false)))
}

/// What it takes to say whether a filter holds, roughly: a look at the row, at its JSON or keys, or at other rows.
fn cost(tree: &Filter) -> u8 {
    match tree {
        Filter::And(trees) | Filter::Or(trees) => trees.iter().map(cost).max().unwrap_or(0),
        Filter::Not(tree) => cost(tree),
        Filter::Member { .. } => 1,
        Filter::Exists { .. } => 2,
        Filter::Predicate(_) if asks_counts(tree) => 2,
        Filter::Predicate(predicate) => cost_of_predicate(predicate),
    }
}

fn cost_of_predicate(Predicate { field, condition }: &Predicate) -> u8 {
    let is_column = matches!(
        field.kind,
        FieldKind::Text
            | FieldKind::Number
            | FieldKind::Count
            | FieldKind::Bool
            | FieldKind::Enum { .. }
            | FieldKind::Time
            | FieldKind::Span
            | FieldKind::Date
            | FieldKind::Amount
            | FieldKind::PartOfAmount
    );
    match field.path.first().map(String::as_str) {
        // All of it but its time is read from the conversation.
        Some("last_conversation") if field.kind != FieldKind::Time => 2,
        _ if is_column && !matches!(condition, Condition::ContainsFolded(_)) => 0,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptors::message;
    use crate::filter::read;

    fn tree(text: &str) -> Filter {
        let tree = read(text, &message("clientele.v1.Customer"));
        tree.expect("it reads").expect("it is not blank")
    }

    /// Asserts that a filter is asked as another one is that is written so.
    fn is_asked_as(text: &str, as_written: &str) {
        assert_eq!(merged(&tree(text)), tree(as_written), "{text}");
    }

    const BUYER: &str = "affiliations.job_title = \"Buyer\"";
    const HEAD: &str = "affiliations.job_title = \"Head*\"";

    #[test]
    fn alternatives_of_one_list_are_one_question() {
        let merged = merged(&tree(&format!("{BUYER} OR {HEAD} OR kind = BUSINESS")));
        let [kind, of_list] = parts(&merged) else {
            panic!("{merged:?}")
        };
        assert_eq!(kind, &tree("kind = BUSINESS"));
        let Filter::Exists { list, inner } = of_list else {
            panic!("{of_list:?}")
        };
        assert_eq!(
            (&list[..], parts(inner).len()),
            (&["affiliations".to_owned()][..], 2)
        );
    }

    fn parts(tree: &Filter) -> &[Filter] {
        match tree {
            Filter::And(trees) | Filter::Or(trees) => trees,
            _ => &[],
        }
    }

    #[test]
    fn what_none_may_meet_is_one_question_that_is_negated() {
        let apart = merged(&tree(&format!("NOT {BUYER} AND NOT {HEAD}")));
        let together = merged(&tree(&format!("NOT ({BUYER} OR {HEAD})")));
        assert!(
            matches!(&apart, Filter::Not(tree) if matches!(**tree, Filter::Exists { .. })),
            "{apart:?}"
        );
        assert_eq!(apart, together);
    }

    #[test]
    fn what_may_be_about_two_elements_stays_apart() {
        for filter in [
            format!("{BUYER} AND {HEAD}"),
            format!("NOT {BUYER} OR NOT {HEAD}"),
            format!("{BUYER} OR emails.address = \"a\""),
            format!("{BUYER} OR NOT {HEAD}"),
        ] {
            assert_eq!(parts(&merged(&tree(&filter))).len(), 2, "{filter}");
        }
    }

    #[test]
    fn what_is_searched_in_a_list_stays_apart_from_what_is_compared() {
        let filter = "emails.address:\"a\" OR emails.address = \"b\" OR emails.address:\"c\"";
        assert_eq!(parts(&merged(&tree(filter))).len(), 2);
    }

    #[test]
    fn lists_in_lists_are_one_question_too() {
        let role = |role: &str| format!("affiliations.buying_roles.role = {role}");
        let merged = merged(&tree(&format!(
            "{} OR {}",
            role("CHAMPION"),
            role("END_USER")
        )));
        let Filter::Exists { inner, .. } = merged else {
            panic!("{merged:?}")
        };
        let Filter::Exists { inner, .. } = *inner else {
            panic!("{inner:?}")
        };
        assert_eq!(parts(&inner).len(), 2);
    }

    #[test]
    fn restrictions_on_one_field_stand_together() {
        let filter = "about:\"a\" OR size = SMALL OR about:\"b\" OR about = \"c\" OR size = SOLO";
        let merged = merged(&tree(filter));
        let [sizes, same, searched] = parts(&merged) else {
            panic!("{merged:?}")
        };
        assert_eq!(sizes, &tree("size = SMALL OR size = SOLO"));
        assert_eq!(same, &tree("about = \"c\""));
        assert_eq!(searched, &tree("about:\"a\" OR about:\"b\""));
        let none = merged_text("NOT about:\"a\" AND NOT about:\"b\"");
        assert_eq!(none, Filter::Not(Box::new(searched.clone())));
    }

    fn merged_text(text: &str) -> Filter {
        merged(&tree(text))
    }

    #[test]
    fn parentheses_and_negations_are_worked_out() {
        is_asked_as("NOT (NOT kind = BUSINESS)", "kind = BUSINESS");
        is_asked_as(
            "NOT (kind = BUSINESS AND NOT (size = SMALL OR about = \"x\"))",
            "NOT kind = BUSINESS OR size = SMALL OR about = \"x\"",
        );
        is_asked_as(
            "kind = BUSINESS AND (size = SMALL AND (about = \"x\"))",
            "kind = BUSINESS AND size = SMALL AND about = \"x\"",
        );
    }

    #[test]
    fn the_cheapest_comes_first() {
        is_asked_as(
            "affiliations.primary = true AND labels.a = \"b\" AND decision_maker_count > 1 AND about:\"x\" AND size = SMALL",
            "size = SMALL AND labels.a = \"b\" AND about:\"x\" AND affiliations.primary = true AND decision_maker_count > 1",
        );
    }

    #[test]
    fn nothing_and_everything_stay_what_they_are() {
        let nothing = Filter::nothing();
        assert_eq!(merged(&nothing), nothing);
        assert_eq!(merged(&Filter::Not(Box::new(nothing))), Filter::And(vec![]));
    }

    #[test]
    fn a_segment_is_asked_as_its_filter() {
        let member = |filter| Filter::Member {
            segment: "segments/x".to_owned(),
            filter,
        };
        let named = member(Some(Box::new(tree(BUYER))));
        let either = Filter::Or(vec![named, tree(HEAD)]);
        assert_eq!(
            merged(&either),
            merged(&tree(&format!("{BUYER} OR {HEAD}")))
        );
        assert_eq!(merged(&member(None)), member(None));
    }
}
