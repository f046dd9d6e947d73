//! Checked filters as SQL over the tables of the resources, the same on both engines.
//!
//! A filter is brought to negation normal form, so that every index that serves a comparison serves it here, and what is
//! asked of one list is asked at once (`filter::merge`). What a single restriction becomes is in `filter/atom.rs`; where
//! its values are is defined by a `ValuePlace`: a row of a table (`filter/row.rs`) or an element of a JSON list
//! (`filter/element.rs`). Column names come from the static tables of the resources; values are bound.

mod at_once;
mod atom;
mod attribute;
mod by_order;
mod element;
mod required;
mod row;

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::filter::merge::merged;
use crate::filter::tree::{Condition, Field, Filter};
use crate::store::record::resource::Resource;
use crate::store::scope::TenantScope;
use crate::store::sql::json_functions::Json;
use crate::store::sql::statement::{Part, part};
use row::RowOf;

/// Returns the condition, on the table of the resource, that a record meets a filter, which must be complete (see
/// `read/definition/mod.rs`).
pub fn condition<R: Resource>(
    scope: &TenantScope,
    tree: &Filter,
    now: Micros,
) -> Result<Part, Error> {
    let today = clock::date_of(now);
    sql(&RowOf::<R>::new(scope, now, &today), &merged(tree), false)
}

/// A restriction that only records filed under one key with one value can meet.
pub struct Leading<'a> {
    /// The field of the table of keys.
    pub field: &'static str,
    /// The key; empty for the elements of a list.
    pub key: &'a str,
    /// The value.
    pub value: &'a str,
}

/// Splits off a restriction of a complete tree that leads to all its records, if there is one; the rest must hold
/// too.
pub fn leading<R: Resource>(tree: &Filter) -> Option<(Leading<'_>, Filter)> {
    match tree {
        Filter::Member {
            filter: Some(tree), ..
        } => leading::<R>(tree),
        Filter::Predicate(predicate) => {
            Some((row::leading::<R>(predicate)?, Filter::And(Vec::new())))
        }
        Filter::And(trees) => {
            let found = |(i, tree)| leading::<R>(tree).map(|(key, rest)| (i, key, rest));
            let (i, key, rest) = trees.iter().enumerate().find_map(found)?;
            let mut trees = trees.clone();
            trees[i] = rest;
            Some((key, Filter::And(trees)))
        }
        Filter::Or(_)
        | Filter::Not(_)
        | Filter::Exists { .. }
        | Filter::Member { filter: None, .. } => None,
    }
}

/// Where the values of fields are.
trait ValuePlace {
    /// Returns the time as of which the filter is evaluated.
    fn now(&self) -> Micros;
    /// Returns the expression of a field with a single value.
    fn scalar(&self, field: &Field) -> Result<ColumnValue, Error>;
    /// Returns a list of scalars.
    fn list(&self, path: &[String]) -> Result<Json, Error>;
    /// Returns where the folded text of a field is.
    fn folded(&self, path: &[String]) -> Json;
    /// Returns the condition on fields that are stored in their own way; `None` for all others.
    fn special(&self, field: &Field, condition: &Condition) -> Result<Option<Part>, Error>;
    /// Returns the condition that one of several restrictions on a field that is stored in its own way holds; `None` if
    /// they are asked one by one, or the field is stored like others.
    fn special_one_of(
        &self,
        field: &Field,
        conditions: &[&Condition],
    ) -> Result<Option<Part>, Error>;
    /// Returns the condition that some element of a list of messages meets a tree.
    fn some(&self, list: &[String], inner: &Filter) -> Result<Part, Error>;
    /// Returns the condition that a list of messages has an element.
    fn has_elements(&self, list: &[String]) -> Result<Part, Error>;
    /// Returns the condition that a field names a record the caller may not see, in which case it counts as unset.
    /// `None` for fields that cannot.
    fn hidden_link(&self, field: &Field) -> Result<Option<Part>, Error>;
    /// Returns the condition that a segment by list holds the record.
    fn listed(&self, segment: &str) -> Result<Part, Error>;
}

/// The expression of a value.
struct ColumnValue {
    sql: Part,
    unset: Unset,
    /// How a time or a date is written there.
    written: ValueForm,
    /// Whether it is a column of the table, which an index may serve.
    is_column: bool,
}

/// What an expression yields when the field is unset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unset {
    /// NULL.
    Null,
    /// The empty text, or NULL.
    Empty,
    /// The last possible time.
    Last,
    /// Nothing: the field always has a value.
    Never,
}

/// How times and dates are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ValueForm {
    /// As in columns: times in microseconds, dates as text.
    Column,
    /// As in JSON: times as text without the `Z`, dates as numbers like 20260131.
    Json,
}

/// Returns the condition of a tree, or of its negation.
fn sql(place: &dyn ValuePlace, tree: &Filter, negated: bool) -> Result<Part, Error> {
    match tree {
        Filter::Not(tree) => sql(place, tree, !negated),
        Filter::And(trees) => joined(
            place,
            trees,
            negated,
            if negated { " or " } else { " and " },
        ),
        Filter::Or(trees) => match at_once::one_of(place, trees, negated)? {
            Some(sql) => Ok(negated_if(negated, sql)),
            None => joined(
                place,
                trees,
                negated,
                if negated { " and " } else { " or " },
            ),
        },
        Filter::Exists { list, inner } => Ok(negated_if(negated, place.some(list, inner)?)),
        Filter::Member {
            filter: Some(tree), ..
        } => sql(place, tree, negated),
        Filter::Member {
            segment,
            filter: None,
        } => Ok(negated_if(negated, place.listed(segment)?)),
        Filter::Predicate(predicate) if negated => atom::contrary(place, predicate),
        Filter::Predicate(predicate) => atom::positive(place, predicate),
    }
}

/// The most conditions in one chain. To SQLite a chain is as deep as it is long, and an expression has at most 1000
/// levels, which long nested filters would exceed: longer chains are joined by halves.
const CHAIN: usize = 4;

fn joined(
    place: &dyn ValuePlace,
    trees: &[Filter],
    negated: bool,
    between: &'static str,
) -> Result<Part, Error> {
    if trees.is_empty() {
        return Ok(Part::text(if between == " and " {
            "1 = 1"
        } else {
            "1 = 0"
        }));
    }
    let one = |tree| sql(place, tree, negated);
    let parts = trees.iter().map(one).collect::<Result<_, _>>()?;
    Ok(chained(between, parts))
}

fn chained(between: &'static str, mut parts: Vec<Part>) -> Part {
    if parts.len() > CHAIN {
        let second = parts.split_off(parts.len() / 2);
        parts = vec![chained(between, parts), chained(between, second)];
    }
    part!("(:{all})", all = Part::join(between, parts))
}

fn negated_if(negated: bool, condition: Part) -> Part {
    if negated {
        part!("not (:{condition})", condition)
    } else {
        condition
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptors;
    use crate::filter;
    use crate::pb;
    use crate::store::sql::render::texts;

    /// Says how often engines are asked, at most, to look something up for 60 restrictions.
    fn n_looks(restriction: &str, between: &str, look: &str) -> usize {
        let all = (0..60).map(|i| restriction.replace('#', &i.to_string()));
        let filter = all.collect::<Vec<_>>().join(between);
        let customer = descriptors::message("clientele.v1.Customer");
        let tree = filter::read(&filter, &customer);
        let tree = tree.expect("it reads").expect("it is not blank");
        let asked = condition::<pb::Customer>(&TenantScope::local(), &tree, 0);
        let texts = texts(&asked.expect("it is known"));
        let looks = texts.map(|text| text.matches(look).count());
        looks.into_iter().max().unwrap_or_default()
    }

    #[test]
    fn restrictions_on_one_list_are_one_exists() {
        for one in [
            "affiliations.job_title = \"*z#*\"",
            "affiliations.seniority != VP",
            "affiliations.department < \"#\"",
        ] {
            assert_eq!(n_looks(one, " OR ", "exists"), 1, "{one}");
            assert_eq!(
                n_looks(&format!("NOT {one}"), " AND ", "exists"),
                1,
                "{one}"
            );
        }
        // One for the affiliations, one for their claims, one for the value.
        let claims = "affiliations.buying_roles.scope = \"*z#*\"";
        assert_eq!(n_looks(claims, " OR ", "exists"), 3);
    }

    #[test]
    fn what_has_to_be_worked_out_is_worked_out_once() {
        for one in [
            "about:\"z#\"",
            "z#",
            "labels.k:\"z#\"",
            "attributes.a = \"*z#*\"",
            "attributes.a < #",
            "emails.address = \"*z#*\"",
            "emails.address:\"z#\"",
            "contact_count = #",
            "last_conversation.subject = \"z#\"",
            "last_conversation.subject:\"z#\"",
        ] {
            // Of a bare word, each field in which it is searched.
            let n_fields = if one == "z#" { 5 } else { 1 };
            assert_eq!(n_looks(one, " OR ", "limit 1) held"), n_fields, "{one}");
            let none = format!("NOT {one}");
            assert_eq!(n_looks(&none, " AND ", "limit 1) held"), n_fields, "{none}");
        }
    }

    #[test]
    fn what_is_filed_is_looked_up_once() {
        for one in [
            "labels.k = \"*z#*\"",
            "tags:\"z#\"",
            "external_ids.crm = \"z#\"",
            "business.domains:\"z#.example\"",
        ] {
            assert_eq!(n_looks(one, " OR ", "from keys"), 1, "{one}");
        }
        assert_eq!(n_looks("attributes.a:#", " OR ", "one where"), 1);
        assert_eq!(n_looks("needs:\"z#\"", " OR ", "one where"), 1);
    }
}
