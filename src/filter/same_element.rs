//! Restrictions on lists that stand in one pair of parentheses: which of them are about the same element.
//!
//! An operand takes part if it speaks of nothing but elements of that list; NOT and OR inside it then speak of the
//! same element, too.

use crate::filter::tree::Filter;

/// Operands of a group, and what they mean together.
pub(super) struct Combined {
    /// Which operands, in order: all that are about one element, or one that has nothing to share.
    pub operands: Vec<usize>,
    pub filter: Filter,
}

/// Brings together the operands that are about one list, so that one element has to meet all of them.
pub(super) fn combine(filters: Vec<Filter>) -> Vec<Combined> {
    let mut groups: Vec<Group> = Vec::new();
    for (operand, filter) in filters.into_iter().enumerate() {
        let list = list_of(&filter).map(<[String]>::to_vec);
        let known = groups
            .iter_mut()
            .find(|group| list.is_some() && group.list == list);
        match known {
            Some(group) => {
                group.operands.push(operand);
                group.filters.push(filter);
            }
            None => groups.push(Group {
                list,
                operands: vec![operand],
                filters: vec![filter],
            }),
        }
    }
    groups.into_iter().map(Group::combined).collect()
}

struct Group {
    list: Option<Vec<String>>,
    operands: Vec<usize>,
    filters: Vec<Filter>,
}

impl Group {
    fn combined(mut self) -> Combined {
        let filter = match self.list {
            Some(list) if self.filters.len() > 1 => {
                let of_elements = self.filters.into_iter().map(of_element).collect();
                Filter::Exists {
                    list,
                    inner: Box::new(about_same_element(of_elements)),
                }
            }
            _ => self.filters.remove(0),
        };
        Combined {
            operands: self.operands,
            filter,
        }
    }
}

/// Returns what a group means.
pub(super) fn about_same_element(filters: Vec<Filter>) -> Filter {
    let combined = combine(filters).into_iter();
    Filter::And(combined.map(|combined| combined.filter).collect())
}

/// Returns the list whose elements are all that a filter speaks of.
fn list_of(filter: &Filter) -> Option<&[String]> {
    match filter {
        Filter::Exists { list, .. } => Some(list),
        Filter::Not(filter) => list_of(filter),
        Filter::And(filters) | Filter::Or(filters) => {
            let first = list_of(filters.first()?)?;
            filters
                .iter()
                .all(|filter| list_of(filter) == Some(first))
                .then_some(first)
        }
        Filter::Predicate(_) | Filter::Member { .. } => None,
    }
}

/// Returns what a filter says of the elements of the one list that it speaks of.
fn of_element(filter: Filter) -> Filter {
    match filter {
        Filter::Exists { inner, .. } => *inner,
        Filter::Not(filter) => Filter::Not(Box::new(of_element(*filter))),
        Filter::And(filters) => Filter::And(filters.into_iter().map(of_element).collect()),
        Filter::Or(filters) => Filter::Or(filters.into_iter().map(of_element).collect()),
        filter @ (Filter::Predicate(_) | Filter::Member { .. }) => filter,
    }
}
