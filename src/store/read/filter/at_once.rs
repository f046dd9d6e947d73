//! Several restrictions on one field, of which one has to hold: what they look at is worked out once for all of them.
//!
//! A value in JSON or in another row costs far more than a comparison with it. A column is at hand, and an index may
//! serve it: there, alternatives are a list at most.

use crate::error::Error;
use crate::filter::tree::{Aspect, Condition, Field, FieldKind, Filter, Predicate};
use crate::store::read::filter::{ColumnValue, ValuePlace, atom, chained};
use crate::store::sql::json_functions::{self, Scalar};
use crate::store::sql::statement::{Part, part};

/// Returns the condition that one of several filters holds, if they are restrictions that can be asked at once. Where it
/// is to be `negated`, it is never NULL.
pub fn one_of(
    place: &dyn ValuePlace,
    trees: &[Filter],
    negated: bool,
) -> Result<Option<Part>, Error> {
    let Some((field, conditions)) = of_one_field(trees) else {
        return Ok(None);
    };
    if place.hidden_link(field)?.is_some() {
        return Ok(None);
    }
    if let Some(asked) = place.special_one_of(field, &conditions)? {
        return Ok(Some(asked));
    }
    for condition in &conditions {
        if place.special(field, condition)?.is_some() {
            return Ok(None);
        }
    }
    let is_folded = conditions[0].aspect() == Aspect::Folded;
    match field.kind {
        FieldKind::Messages => Ok(None),
        FieldKind::Texts if conditions.iter().any(|one| **one == Condition::Present) => Ok(None),
        FieldKind::Texts => atom::some_element(place, field, &conditions).map(Some),
        _ if is_folded => searched(place.folded(&field.path).scalar(Scalar::Text), &conditions),
        _ => of_value(place, field, &conditions, negated),
    }
}

/// Returns the field that all are about, and what they ask of the same aspect of it.
fn of_one_field(trees: &[Filter]) -> Option<(&Field, Vec<&Condition>)> {
    let [Filter::Predicate(first), _, ..] = trees else {
        return None;
    };
    let mut conditions = Vec::with_capacity(trees.len());
    for tree in trees {
        match tree {
            Filter::Predicate(Predicate { field, condition })
                if *field == first.field && condition.aspect() == first.condition.aspect() =>
            {
                conditions.push(condition);
            }
            _ => return None,
        }
    }
    Some((&first.field, conditions))
}

fn of_value(
    place: &dyn ValuePlace,
    field: &Field,
    conditions: &[&Condition],
    negated: bool,
) -> Result<Option<Part>, Error> {
    let value = place.scalar(field)?;
    if value.is_column {
        let is_one_of = || atom::is_one_of(&value, &field.kind, conditions);
        return Ok((!negated).then(is_one_of).flatten());
    }
    let held = ColumnValue {
        sql: Part::text(HELD),
        ..value
    };
    let meets =
        |condition: &&Condition| atom::value_meets(place.now(), &held, &field.kind, condition);
    let meets = conditions.iter().map(meets).collect::<Result<_, _>>()?;
    Ok(Some(once(value.sql, meets)))
}

/// Returns the condition that a folded text contains one of several others.
pub fn searched(text: Part, conditions: &[&Condition]) -> Result<Option<Part>, Error> {
    let holds = |condition: &&Condition| match condition {
        Condition::ContainsFolded(part) => Ok(json_functions::holds(HELD, part)),
        _ => Err(atom::unexpected()),
    };
    let holds = conditions.iter().map(holds).collect::<Result<_, _>>()?;
    Ok(Some(once(text, holds)))
}

/// What a value is called that is worked out once.
pub const HELD: &str = "held.value";

/// Returns the condition that one of several conditions on [`HELD`] holds. Without the limit, engines would put the
/// expression into each of them again.
pub fn once(value: Part, conditions: Vec<Part>) -> Part {
    part!(
        "exists (select 1 from (select :{value} as value limit 1) held where :{any})",
        value,
        any = chained(" or ", conditions),
    )
}
