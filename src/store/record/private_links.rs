//! References from records that everybody may see to records that may be PRIVATE: the conversation of a promise, the
//! source of a claim. To whoever may not see the other record, the reference is not there: not in reads, filters or
//! history, and what they write leaves it as it is.
//!
//! Owns which references these are to a reader, and how they come off a message and back. What the other record says of
//! itself now decides, also about states of the past.

use std::borrow::Cow;

use crate::error::Error;
use crate::name::Kind;
use crate::store::engine::db::Db;
use crate::store::record::resource::{Resource, hidden_from};
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Row, Sql};

/// The references of a resource that name records which may be PRIVATE.
pub struct PrivateLinks<R: 'static> {
    /// The path of the field that holds them, such as `buying_roles.source`.
    pub field: &'static str,
    /// The kinds that it names.
    pub kinds: &'static [Kind],
    /// Returns the expression of those of a row that the caller may not see: names, separated by spaces.
    pub hidden: fn(&TenantScope) -> Sql,
    /// Returns the references of a record.
    pub of: fn(&R) -> Vec<&str>,
    /// Takes the hidden ones off a record.
    pub take_off: fn(&mut R, &[String]),
    /// Puts hidden ones back where a change, made without seeing them, left their places empty.
    pub put_back: fn(&mut R, &R, &[String]),
}

/// Returns the condition that an expression names a record of these kinds that the caller may not see.
pub fn is_hidden(scope: &TenantScope, kinds: &[Kind], link: &Sql) -> Sql {
    let mut sql = Sql::new("(");
    for (i, kind) in kinds.iter().enumerate() {
        let table = kind.collection();
        sql = sql
            .push(if i == 0 {
                "exists (select 1 from "
            } else {
                " or exists (select 1 from "
            })
            .push(table)
            .push(" where ")
            .push(table)
            .push(".tenant_id = ")
            .bind(scope.tenant())
            .push(" and ")
            .push(table)
            .push(".name = ")
            .append(link.clone())
            .append(hidden_from(scope))
            .push(")");
    }
    sql.push(")")
}

/// Returns a record as it is to whoever may not see these.
pub fn seen<'a, R: Resource>(record: &'a R, hidden: &[String]) -> Cow<'a, R> {
    match R::PRIVATE_LINKS {
        Some(links) if !hidden.is_empty() => {
            let mut seen = record.clone();
            (links.take_off)(&mut seen, hidden);
            Cow::Owned(seen)
        }
        _ => Cow::Borrowed(record),
    }
}

/// Puts back into a changed record what its writer did not see.
pub fn put_back<R: Resource>(after: &mut R, before: &R, hidden: &[String]) {
    if let Some(links) = R::PRIVATE_LINKS.filter(|_| !hidden.is_empty()) {
        (links.put_back)(after, before, hidden);
    }
}

/// Returns which references of these records the caller may not see.
pub async fn hidden_of<R: Resource>(
    db: &Db,
    scope: &TenantScope,
    records: impl Iterator<Item = &R>,
) -> Result<Vec<String>, Error> {
    let Some(links) = R::PRIVATE_LINKS else {
        return Ok(Vec::new());
    };
    let mut names: Vec<String> = records
        .flat_map(links.of)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    if names.is_empty() {
        return Ok(names);
    }
    names.sort();
    names.dedup();
    let statement = Sql::new("select linked.value from ")
        .each_of(names)
        .push(" linked where ");
    let statement = statement.append(is_hidden(scope, links.kinds, &Sql::new("linked.value")));
    let rows = db
        .snapshot(scope)
        .await?
        .planned_once()
        .finish(vec![statement])
        .await?;
    rows.iter().flatten().map(|row| row.text(0)).collect()
}

/// Reads the expression [`PrivateLinks::hidden`] from a row.
pub fn read(row: &Row, column: usize) -> Result<Vec<String>, Error> {
    Ok(row
        .str(column)?
        .split_whitespace()
        .map(str::to_owned)
        .collect())
}

/// Empties a reference if it is one of these.
pub fn clear(link: &mut String, hidden: &[String]) {
    if hidden.contains(link) {
        link.clear();
    }
}
