//! References from records that everyone may see to records that may be PRIVATE: the conversation of a promise, the
//! source of a claim. For someone who may not see the other record, the reference does not exist: not in reads,
//! filters or history, and their writes leave it as it is.
//!
//! Owns which references are hidden from a reader, and how they are taken off a message and put back. What the other
//! record says about itself now decides, even for past states.

use std::borrow::Cow;

use crate::error::Error;
use crate::name::Kind;
use crate::store::engine::db::Db;
use crate::store::engine::lane::Cost;
use crate::store::record::resource::{Resource, hidden_from};
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Part, Row, Sql, part, scoped};

/// The references of a resource that may name PRIVATE records.
pub struct PrivateLinks<R: 'static> {
    /// The path of the field that holds them, such as `buying_roles.source`.
    pub field: &'static str,
    /// The kinds that it names.
    pub kinds: &'static [Kind],
    /// Returns the expression of a row's references that the caller may not see: names, separated by spaces.
    pub hidden: fn(&TenantScope) -> Part,
    /// Returns the references of a record.
    pub of: fn(&R) -> Vec<&str>,
    /// Takes the hidden ones off a record.
    pub take_off: fn(&mut R, &[String]),
    /// Puts hidden ones back where a change, made without seeing them, left their place empty.
    pub put_back: fn(&mut R, &R, &[String]),
}

/// Returns the condition that an expression names a record of these kinds that the caller may not see.
pub fn is_hidden(scope: &TenantScope, kinds: &[Kind], link: impl Into<Part>) -> Part {
    let link = link.into();
    let of_kind = |kind: &Kind| {
        let hidden = scoped!(
            scope,
            "exists (select 1 from :{table}
                where :{table}.tenant_id = :tenant and :{table}.name = :{link} :{hidden})",
            table = kind.collection(),
            link = &link,
            hidden = hidden_from(scope),
        );
        Part::from(hidden)
    };
    let any = Part::join(" or ", kinds.iter().map(of_kind));
    part!("(:{any})", any)
}

/// Returns a record as it looks to someone who may not see these references.
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

/// Puts back into a changed record the references that its writer could not see.
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
    let of_kind = |kind: &Kind| {
        scoped!(
            scope,
            "select name from :{table}
             where tenant_id = :tenant and name = any(:names) :{hidden}",
            table = kind.collection(),
            names = names.clone(),
            hidden = hidden_from(scope),
        )
    };
    let hidden = Sql::union_all(links.kinds.iter().map(of_kind));
    let snapshot = db.snapshot(scope, Cost::Cheap).await?.planned_once();
    snapshot.finish(hidden.texts("name")).await
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
