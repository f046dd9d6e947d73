//! The unit that undeletes a record, with exactly the children that were deleted with it.
//!
//! A child whose other parent is still deleted stays deleted: it now counts as deleted with that parent, and is
//! undeleted with it.

use crate::error::Error;
use crate::name::{Kind, Name};
use crate::store::engine::tx::Tx;
use crate::store::read::definition::size;
use crate::store::record::change::{self, Action, Change};
use crate::store::record::children::{FoundChildren, Mark, Which};
use crate::store::record::last_conversation::Affected;
use crate::store::record::lock::{self, Lock, Locked, lock_selected};
use crate::store::record::reference::Parent;
use crate::store::record::request::WriteOptions;
use crate::store::record::resource::{
    self, Resource, Stored, is_deleted, select_for_update, touch,
};
use crate::store::scope::TenantScope;
use crate::store::sql::statement::scoped;
use crate::store::write::create::{Written, replay};
use crate::store::write::update::check_etag;

/// An undeletion.
pub struct Undeletion {
    /// The record to undelete.
    pub name: Name,
    /// The etag the record must still have; empty for any.
    pub etag: String,
    /// Request id and dry run.
    pub options: WriteOptions,
}

/// Undeletes a record: claims the request id, locks, compares the etag, checks the parents, marks it as live.
pub async fn undelete<R: Resource>(
    mut tx: Tx,
    undeletion: Undeletion,
) -> Result<(Tx, Written<R>), Error> {
    let scope = tx.scope().clone();
    let (name, now) = (&undeletion.name, tx.now());
    let children = R::CHILDREN.iter();
    let children = children.map(|of| (of.find)(of, &scope, name, Which::DeletedWithParent, now));
    // The other parents of its children are locked in the order of kinds, as always.
    let (claimed, earlier_kinds, own, later_kinds, stored, other_customers, children) = tx
        .run((
            undeletion.options.claim(&scope, now),
            lock_other_parents::<R>(&scope, name, |kind| kind < R::KIND),
            lock::locks::<R>(&scope, name, &[]),
            lock_other_parents::<R>(&scope, name, |kind| kind >= R::KIND),
            select_for_update::<R>(&scope, name, now),
            R::other_customers(&scope, Some(name), &[]),
            children.collect::<Vec<_>>(),
        ))
        .await?;
    if let Some(earlier) = undeletion.options.earlier(claimed)? {
        return replay(tx, earlier).await;
    }
    let locked = Locked::of([earlier_kinds, own, later_kinds].concat());
    let other_customers = other_customers.unwrap_or_default();
    match stored {
        None => Err(Error::NotFound(undeletion.name)),
        Some(stored) => {
            mark_live(tx, stored, undeletion, &locked, &other_customers, children).await
        }
    }
}

async fn mark_live<R: Resource>(
    mut tx: Tx,
    stored: Stored<R>,
    undeletion: Undeletion,
    locked: &Locked,
    other_customers: &[String],
    children: Vec<FoundChildren>,
) -> Result<(Tx, Written<R>), Error> {
    let (name, options) = (&undeletion.name, &undeletion.options);
    check_revivable(&stored.resource, name, &undeletion.etag, locked)?;
    let (scope, now) = (tx.scope().clone(), tx.now());
    let Stored {
        resource: before,
        hidden,
        ..
    } = stored;
    let mut after = before.clone();
    *after.header_mut().delete_time = None;
    size::check(&mut tx, Some(&before), &after).await?;
    if options.validate_only {
        return Ok((tx, Written::now(after, &hidden)));
    }
    touch(&mut after, now);
    let after = Stored {
        resource: after,
        deleted_with: String::new(),
        hidden,
    };
    let mut statements = vec![resource::update(&scope, &after)];
    let mut affected = Affected::of(&after.resource);
    let mut changes = vec![Change::of(
        Action::Undeleted,
        Some(&before),
        &after.resource,
        other_customers,
    )];
    let live = Mark::Live {
        locked,
        parent: name,
    };
    for of_kind in children {
        let marked = (of_kind.mark)(&scope, live, now)?;
        statements.extend(marked.statements);
        changes.extend(marked.changes);
        affected.add(marked.affected);
    }
    let resource = change::finish(
        &mut tx,
        after.resource.clone(),
        statements,
        changes,
        affected,
        options,
    )
    .await?;
    Ok((tx, Written::now(resource, &after.hidden)))
}

fn check_revivable<R: Resource>(
    resource: &R,
    name: &Name,
    etag: &str,
    locked: &Locked,
) -> Result<(), Error> {
    check_etag(name, resource, etag)?;
    if !is_deleted(resource) {
        return Err(Error::NotDeleted(name.clone()));
    }
    check_parents(resource, locked, name)
}

fn check_parents<R: Resource>(resource: &R, locked: &Locked, name: &Name) -> Result<(), Error> {
    let is_parent = |field: &str| R::PARENTS.iter().any(|parent| parent.field == field);
    let parents = resource
        .references()
        .into_iter()
        .filter(|reference| is_parent(&reference.field));
    match parents
        .map(|reference| reference.target)
        .find(|target| !locked.is_live(&target.to_string()))
    {
        Some(parent) => Err(Error::ParentDeleted {
            name: name.clone(),
            parent,
        }),
        None => Ok(()),
    }
}

/// Returns queries that lock the other parents of the children that may be undeleted, of the wanted kinds only.
///
/// It considers all deleted children, whatever they were deleted with: another parent that is undeleted at the same
/// time may hand a child over to this one after this statement has looked.
fn lock_other_parents<R: Resource>(
    scope: &TenantScope,
    name: &Name,
    is_wanted: impl Fn(Kind) -> bool,
) -> Vec<Lock> {
    let mut locks = Vec::new();
    for children in R::CHILDREN {
        let is_other = |of: &&Parent| of.field != children.field && is_wanted(of.kind);
        for parent in children.parents.iter().filter(is_other) {
            let parents = scoped!(
                scope,
                "select :{parent} from :{children}
                 where tenant_id = :tenant and :{field} = :name and delete_time is not null",
                parent = parent.field,
                children = children.kind.collection(),
                field = children.field,
                name,
            );
            locks.push(lock_selected(scope, parent.kind, parents.into()));
        }
    }
    locks
}
