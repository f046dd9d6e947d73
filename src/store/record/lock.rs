//! Row locks and the state of what a record refers to.
//!
//! A unit locks all that it depends on before it decides anything, one statement per kind, kinds in the order of
//! [`Kind`] and names in byte order, so that no two units deadlock. After these come only rows that are new or belong
//! to a record that is locked, and at the end the row of the tenant. On SQLite the same statements only read: its only
//! writer needs no row locks.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::name::{Kind, Name};
use crate::store::record::children::Which;
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

/// Plans the locks for a record that exists or will exist under `name`: its parents, what it refers to, those who have
/// derived values of it, itself.
pub(crate) fn locks<R: Resource>(
    scope: &TenantScope,
    name: &Name,
    references: &[Reference],
) -> Vec<Lock> {
    in_order::<R>(scope, name, references, |_| Vec::new())
}

/// Plans the locks for a record that is deleted or undeleted along with its children.
pub(crate) fn locks_with_children<R: Resource>(
    scope: &TenantScope,
    name: &Name,
    which: Which,
) -> Vec<Lock> {
    in_order::<R>(scope, name, &[], |kind| {
        let children = R::CHILDREN.iter();
        children
            .flat_map(|children| children.depended_on(scope, name, which, kind))
            .collect()
    })
}

fn in_order<R: Resource>(
    scope: &TenantScope,
    name: &Name,
    references: &[Reference],
    others: impl Fn(Kind) -> Vec<Part>,
) -> Vec<Lock> {
    let of_kind = |kind| {
        let names = names_of::<R>(kind, name, references);
        let mut selects = present::<R>(scope, kind, name);
        selects.extend(others(kind));
        if !selects.is_empty() {
            Some(lock_named_and(scope, kind, names, selects))
        } else if !names.is_empty() {
            Some(lock(scope, kind, names))
        } else {
            None
        }
    };
    Kind::ALL.into_iter().filter_map(of_kind).collect()
}

/// Returns the names of this kind among the references and the record itself.
fn names_of<R: Resource>(kind: Kind, name: &Name, references: &[Reference]) -> Vec<String> {
    let targets = references.iter().map(|reference| &reference.target);
    let itself = (kind == R::KIND).then_some(name);
    let mut names: Vec<String> = targets
        .filter(|target| target.kind() == kind)
        .chain(itself)
        .map(Name::to_string)
        .collect();
    names.sort();
    names.dedup();
    names
}

/// Returns selects of the records of this kind that a stored record belongs to, or that have derived values of it.
fn present<R: Resource>(scope: &TenantScope, kind: Kind, child: &Name) -> Vec<Part> {
    let is_wanted = |of: &&Parent| of.kind == kind;
    let parents = R::PARENTS.iter().filter(is_wanted).map(|parent| {
        Part::from(scoped!(
            scope,
            "select :{field} from :{children} where tenant_id = :tenant and name = :child",
            field = parent.field,
            children = R::KIND.collection(),
            child,
        ))
    });
    let lists = R::LOCKED_LISTS.iter().filter(is_wanted).map(|list| {
        Part::from(scoped!(
            scope,
            "select value from keys
             where tenant_id = :tenant and name = :child and field = :{field} and key = ''",
            field = Part::literal(list.field),
            child,
        ))
    });
    parents.chain(lists).collect()
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

/// Locks the named records and those whose names other selects yield, regardless of who may see them. In one
/// statement, because a record that moves from one parent to another would otherwise lock the two out of order.
fn lock_named_and(scope: &TenantScope, kind: Kind, names: Vec<String>, selects: Vec<Part>) -> Lock {
    debug_assert!(
        !kind.can_be_private(),
        "who may see a locked record is not asked here"
    );
    let named = (!names.is_empty()).then(|| {
        Part::from(scoped!(
            scope,
            "select name from :{table} where tenant_id = :tenant and name = any(:names)",
            table = kind.collection(),
            names,
        ))
    });
    // A union and not an `or`, which could make an engine walk the whole table.
    let names = Part::join("\nunion all ", named.into_iter().chain(selects));
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
