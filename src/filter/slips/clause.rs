//! Parts of a query of another language that a filter does not have: WHERE before it, LIMIT and ORDER BY behind it.

use crate::filter::grammar::{Comparable, Node};
use crate::filter::slips::Leaves;
use crate::filter::slips::word::Word;

/// Says what to do with a word that begins a query.
pub(super) fn before(leaves: &Leaves<'_>, i: usize) -> Option<String> {
    let asks = |i: usize| {
        let is_restriction = leaves
            .all
            .get(i)
            .is_some_and(|leaf| matches!(leaf.node, Node::Restriction { .. }));
        is_restriction || matches!(leaves.word(Some(i)), Some(Word::Field(_)))
    };
    let is_where = is_word(leaves, i, "where") && asks(i + 1);
    let is_select = i == 0
        && is_word(leaves, i, "select")
        && (1..leaves.all.len()).any(|i| is_word(leaves, i, "from") || is_word(leaves, i, "where"));
    (is_where || is_select).then(|| {
        "a filter is only what stands behind WHERE: leave out all before it, and write `a = x AND b = y`"
            .to_owned()
    })
}

/// Says what to do with words that end a query.
pub(super) fn behind(leaves: &Leaves<'_>, i: usize) -> Option<String> {
    let orders = ["order", "group", "sort"]
        .iter()
        .any(|word| is_word(leaves, i, word))
        && is_word(leaves, i + 1, "by");
    if orders {
        let order = "a filter has no order: leave out ORDER BY, and set `order_by` where a list is asked for";
        return Some(order.to_owned());
    }
    let limits = ["limit", "offset"]
        .iter()
        .any(|word| is_word(leaves, i, word))
        && is_number(leaves, i + 1);
    limits.then(|| {
        "a filter has no limit: leave it out, and set `page_size` where a list is asked for"
            .to_owned()
    })
}

fn is_word(leaves: &Leaves<'_>, i: usize, word: &str) -> bool {
    matches!(leaves.value(i), Some(Comparable::Member(path))
        if matches!(&path[..], [only] if !only.quoted && only.text.eq_ignore_ascii_case(word)))
}

fn is_number(leaves: &Leaves<'_>, i: usize) -> bool {
    matches!(leaves.value(i), Some(Comparable::Member(path))
        if matches!(&path[..], [only] if !only.quoted && only.text.bytes().all(|byte| byte.is_ascii_digit())))
}
