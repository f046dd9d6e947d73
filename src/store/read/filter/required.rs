//! What the values of a field must be wherever a filter holds, and so where its records are to be looked for.

use crate::filter::tree::{Comparison, Condition, Filter, Operand};
use crate::mail;
use crate::phone;
use crate::store::record::key::MAX_VALUE;

/// Returns the texts one of which a field must equal wherever a tree holds.
pub fn texts<'a>(tree: &'a Filter, path: &str) -> Option<Vec<&'a str>> {
    match tree {
        Filter::And(trees) => trees.iter().find_map(|tree| texts(tree, path)),
        Filter::Or(trees) if !trees.is_empty() => {
            let of_each: Option<Vec<_>> = trees.iter().map(|tree| texts(tree, path)).collect();
            of_each.map(|of_each| of_each.concat())
        }
        Filter::Predicate(predicate) if predicate.field.path == [path] => {
            match &predicate.condition {
                Condition::Is(Comparison::Equal, Operand::Text(text)) if !text.is_empty() => {
                    Some(vec![text])
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// Returns the field that a list of messages is filed under, and the values one of which a record must be filed with
/// where an element meets a filter. A number that is not filed as itself narrows nothing.
pub fn filed(list: &[String], inner: &Filter) -> Option<(&'static str, Vec<String>)> {
    let wanted = |path: &str| Some(texts(inner, path)?.into_iter());
    let (field, values): (_, Vec<String>) = match list {
        [list] if list == "emails" => ("emails", wanted("address")?.map(mail::compared).collect()),
        [list] if list == "phone_numbers" => {
            let filed = |number| phone::filed("", number).into_iter().next();
            (
                "phone_numbers",
                wanted("e164")?.map(filed).collect::<Option<_>>()?,
            )
        }
        _ => return None,
    };
    let cut = |mut value: String| {
        value.truncate(value.floor_char_boundary(MAX_VALUE));
        value
    };
    Some((field, values.into_iter().map(cut).collect()))
}
