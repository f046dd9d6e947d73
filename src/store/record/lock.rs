//! Row locks and the state of what a record refers to.
//!
//! A unit locks the customers, contacts, affiliations and segments it depends on before it decides anything, one
//! statement per kind, kinds in the order of [`Kind`] and names in byte order, so that no two units deadlock. On
//! SQLite the same statements only read: its only writer needs no row locks.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::name::{Kind, Name};
use crate::store::record::reference::{Parent, Reference};
use crate::store::record::resource::{Resource, visible};
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Part, Sql, scoped};

/// A query that locks records of one kind. It answers the names of those that exist, and whether each is live.
pub(crate) type Lock = Query<Vec<(String, bool)>>;

/// Which of the locked records are live.
#[derive(Debug, Default)]
pub struct Locked {
    live: BTreeMap<String, bool>,
}

/// Plans the locks for a record that exists or will exist under `name`: its parents, what it refers to, itself.
pub(crate) fn locks<R: Resource>(
    scope: &TenantScope,
    name: &Name,
    references: &[Reference],
) -> Vec<Lock> {
    Kind::ALL
        .into_iter()
        .filter_map(|kind| lock_of_kind::<R>(scope, kind, name, references))
        .collect()
}

fn lock_of_kind<R: Resource>(
    scope: &TenantScope,
    kind: Kind,
    name: &Name,
    references: &[Reference],
) -> Option<Lock> {
    let targets = references.iter().map(|reference| &reference.target);
    let itself = (kind == R::KIND).then_some(name);
    let mut names: Vec<String> = targets
        .filter(|target| target.kind() == kind)
        .chain(itself)
        .map(Name::to_string)
        .collect();
    names.sort();
    names.dedup();
    let parents: Vec<&Parent> = R::PARENTS.iter().filter(|of| of.kind == kind).collect();
    if !parents.is_empty() {
        Some(lock_with_parents::<R>(scope, kind, names, name, &parents))
    } else if !names.is_empty() {
        Some(lock(scope, kind, names))
    } else {
        None
    }
}

/// Locks the named records, except those that are PRIVATE to someone else: they count as unknown.
pub(crate) fn lock(scope: &TenantScope, kind: Kind, names: Vec<String>) -> Lock {
    liveness(scoped!(
        scope,
        "select name, delete_time is null as is_live from :{table}
         where tenant_id = :tenant and name = any(:names) :{visible}
         order by name for update",
        table = kind.collection(),
        names,
        visible = visible(kind, scope),
    ))
}

/// Locks the records whose names a subquery selects, regardless of who may see them.
pub(crate) fn lock_selected(scope: &TenantScope, kind: Kind, names: Part) -> Lock {
    debug_assert!(
        !kind.can_be_private(),
        "who may see a locked record is not asked here"
    );
    liveness(scoped!(
        scope,
        "select name, delete_time is null as is_live from :{table}
         where tenant_id = :tenant and name = any(array(:{names}))
         order by name for update",
        table = kind.collection(),
        names,
    ))
}

fn liveness(lock: Sql) -> Lock {
    lock.rows(["name", "is_live"], |row, [name, is_live]| {
        Ok((row.text(name)?, row.bool(is_live)?))
    })
}

/// Locks the named records and the present parents of a record. In one statement, because a record that moves from
/// one parent to another would otherwise lock the two out of order.
fn lock_with_parents<R: Resource>(
    scope: &TenantScope,
    kind: Kind,
    names: Vec<String>,
    child: &Name,
    parents: &[&Parent],
) -> Lock {
    let named = scoped!(
        scope,
        "select name from :{table} where tenant_id = :tenant and name = any(:names)",
        table = kind.collection(),
        names,
    );
    let present = |parent: &&Parent| {
        Part::from(scoped!(
            scope,
            "select :{field} from :{children} where tenant_id = :tenant and name = :child",
            field = parent.field,
            children = R::KIND.collection(),
            child,
        ))
    };
    // A union and not an `or`, which could make an engine walk the whole table.
    let selects = [named.into()]
        .into_iter()
        .chain(parents.iter().map(present));
    lock_selected(scope, kind, Part::join("\nunion all ", selects))
}

impl Locked {
    /// Collects the answers of the locks.
    pub(crate) fn of(answers: Vec<Vec<(String, bool)>>) -> Locked {
        Locked {
            live: answers.into_iter().flatten().collect(),
        }
    }

    /// Says whether a record exists, deleted or not.
    pub fn knows(&self, name: &str) -> bool {
        self.live.contains_key(name)
    }

    /// Says whether a record exists and is not deleted.
    pub fn is_live(&self, name: &str) -> bool {
        self.live.get(name).copied().unwrap_or(false)
    }

    /// Refuses references to records that are unknown or deleted.
    pub fn check(&self, references: &[Reference]) -> Result<(), Error> {
        match references
            .iter()
            .find(|reference| !self.is_live(&reference.target.to_string()))
        {
            Some(Reference { field, target }) => Err(Error::ReferenceUnusable {
                field: field.clone(),
                target: target.clone(),
            }),
            None => Ok(()),
        }
    }
}
