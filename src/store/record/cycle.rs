//! Cycles: no record may end up above itself by `parent`, `manager`, `upstream_customers` or the segments that a
//! filter names.
//!
//! The walk locks nothing: it could not keep to the order of locks. Two writers who would close the same cycle from two
//! sides meet at the row of the tenant, under which each walks a second time (`write/finish.rs`).

use std::collections::BTreeMap;

use crate::error::Error;
use crate::name::Kind;
use crate::store::engine::tx::Tx;
use crate::store::record::resource::Resource;
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Part, scoped};

/// A field whose references form chains.
pub struct Chain {
    /// The field.
    pub field: &'static str,
    /// The names it holds.
    pub targets: Vec<String>,
    /// Whether the field is a list, which is filed under [`crate::store::record::key`] instead of a column.
    pub is_list: bool,
}

/// Refuses a change that closes a cycle, and names the path. Returns whether it adds references that could have.
pub async fn check<R: Resource>(tx: &mut Tx, before: &R, after: &R) -> Result<bool, Error> {
    let mut adds = false;
    for (old, new) in before.acyclic_refs().into_iter().zip(after.acyclic_refs()) {
        let added: Vec<String> = new
            .targets
            .iter()
            .filter(|name| !old.targets.contains(name))
            .cloned()
            .collect();
        if !added.is_empty() {
            adds = true;
            walk(
                tx,
                R::KIND,
                after.header().name,
                new.field,
                new.is_list,
                added,
            )
            .await?;
        }
    }
    Ok(adds)
}

async fn walk(
    tx: &mut Tx,
    kind: Kind,
    start: &str,
    field: &'static str,
    is_list: bool,
    added: Vec<String>,
) -> Result<(), Error> {
    // Every record seen, and which one it was reached from.
    let mut reached_from: BTreeMap<String, String> = added
        .iter()
        .map(|name| (name.clone(), start.to_owned()))
        .collect();
    let mut frontier = added;
    while !frontier.is_empty() {
        if reached_from.contains_key(start) {
            return Err(Error::ReferenceCycle {
                field,
                path: path(start, &reached_from),
            });
        }
        let links = links(tx.scope(), kind, field, is_list, frontier);
        let links = tx.run(links).await?;
        frontier = Vec::new();
        for (from, to) in links {
            if !to.is_empty() && !reached_from.contains_key(&to) {
                reached_from.insert(to.clone(), from);
                frontier.push(to);
            }
        }
        frontier.sort();
    }
    Ok(())
}

/// Returns the query that reads what the named records refer to in a field: each record, and its target.
fn links(
    scope: &TenantScope,
    kind: Kind,
    field: &'static str,
    is_list: bool,
    names: Vec<String>,
) -> Query<Vec<(String, String)>> {
    let links = if is_list {
        scoped!(
            scope,
            "select name, value as target from keys
             where tenant_id = :tenant and name = any(:names) and field = :{field}",
            names,
            field = Part::literal(field),
        )
    } else {
        scoped!(
            scope,
            "select name, :{field} as target from :{table}
             where tenant_id = :tenant and name = any(:names)",
            field,
            table = kind.collection(),
            names,
        )
    };
    links.rows(["name", "target"], |row, [name, target]| {
        Ok((row.text(name)?, row.text(target)?))
    })
}

/// Returns the path from `start` back to itself.
fn path(start: &str, reached_from: &BTreeMap<String, String>) -> Vec<String> {
    let mut path = vec![start.to_owned()];
    let mut at = start;
    while let Some(from) = reached_from.get(at) {
        path.push(from.clone());
        if from == start {
            break;
        }
        at = from;
    }
    path.reverse();
    path
}
