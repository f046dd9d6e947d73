//! Row locks and the state of what a record refers to.
//!
//! A unit locks the customers, contacts, affiliations and segments it depends on before it decides anything, each kind
//! in one statement, kinds in the order of [`Kind`] and names in byte order, so that no two units wait for each other.
//! On SQLite the same statements only read: its one writer needs no row locks.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::name::{Kind, Name};
use crate::store::record::resource::{Parent, Reference, Resource, visible};
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Row, Sql};

/// The rows a unit locks, grouped by kind.
#[derive(Debug)]
pub struct Locks {
    statements: Vec<Sql>,
}

/// Which of the locked records live.
#[derive(Debug, Default)]
pub struct Locked {
    live: BTreeMap<String, bool>,
}

impl Locks {
    /// Plans the locks of a record that exists or is to exist under `name`: its parents, what it refers to, itself.
    pub fn of<R: Resource>(scope: &TenantScope, name: &Name, references: &[Reference]) -> Locks {
        let mut statements = Vec::new();
        for kind in Kind::ALL {
            let of_kind = references
                .iter()
                .map(|reference| &reference.target)
                .filter(|target| target.kind() == kind);
            let mut names: Vec<String> = of_kind.map(Name::to_string).collect();
            if kind == R::KIND {
                names.push(name.to_string());
            }
            names.sort();
            names.dedup();
            let parents: Vec<&Parent> = R::PARENTS
                .iter()
                .filter(|parent| parent.kind == kind)
                .collect();
            if !names.is_empty() || !parents.is_empty() {
                statements.push(lock_with_parents::<R>(scope, kind, names, name, &parents));
            }
        }
        Locks { statements }
    }

    /// Returns how many statements there are.
    pub fn n_statements(&self) -> usize {
        self.statements.len()
    }

    /// Hands over the statements.
    pub fn into_statements(self) -> Vec<Sql> {
        self.statements
    }
}

pub(crate) fn lock(scope: &TenantScope, kind: Kind, names: Vec<String>) -> Sql {
    lock_where(scope, kind)
        .push("name")
        .any_of(names)
        .append(visible(kind, scope))
        .push("\norder by name")
        .for_update()
}

/// Locks the named records and the present parents of a record. In one statement, because a record that moves from one
/// parent to another would lock the two out of order.
fn lock_with_parents<R: Resource>(
    scope: &TenantScope,
    kind: Kind,
    names: Vec<String>,
    child: &Name,
    parents: &[&Parent],
) -> Sql {
    debug_assert!(
        parents.is_empty() || !kind.can_be_private(),
        "who may see a parent is not asked here"
    );
    if parents.is_empty() {
        return lock(scope, kind, names);
    }
    // A union, and no `or`, which could make an engine walk the whole table.
    let mut union = Sql::new("select name from ").push(kind.collection());
    union = union
        .push(" where tenant_id = ")
        .bind(scope.tenant())
        .push(" and name")
        .any_of(names);
    for parent in parents {
        union = union
            .push("\n  union all select ")
            .push(parent.field)
            .push(" from ")
            .push(R::KIND.collection());
        union = union
            .push(" where tenant_id = ")
            .bind(scope.tenant())
            .push(" and name = ")
            .bind(child.to_string());
    }
    lock_where(scope, kind)
        .push("name")
        .among(union)
        .push("\norder by name")
        .for_update()
}

pub(crate) fn lock_where(scope: &TenantScope, kind: Kind) -> Sql {
    Sql::new("select name, delete_time is null from ")
        .push(kind.collection())
        .push("\nwhere tenant_id = ")
        .bind(scope.tenant())
        .push(" and ")
}

impl Locked {
    /// Reads the rows of the locks.
    pub fn read(rows: impl Iterator<Item = Vec<Row>>) -> Result<Locked, Error> {
        let mut live = BTreeMap::new();
        for row in rows.flatten() {
            live.insert(row.text(0)?, row.bool(1)?);
        }
        Ok(Locked { live })
    }

    /// Says whether a record exists, deleted or not.
    pub fn knows(&self, name: &str) -> bool {
        self.live.contains_key(name)
    }

    /// Says whether a record exists and is not deleted.
    pub fn is_live(&self, name: &str) -> bool {
        self.live.get(name).copied().unwrap_or(false)
    }

    /// Refuses references to what is unknown or deleted.
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
