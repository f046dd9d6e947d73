//! The unit that undeletes a record, with exactly the children that were deleted with it.
//!
//! A child whose other parent is still deleted stays deleted: it now counts as deleted with that parent, and is
//! undeleted with it.

use std::time::Instant;

use crate::error::Error;
use crate::name::Name;
use crate::store::engine::db::{At, Db};
use crate::store::engine::tx::Tx;
use crate::store::record::change::{Action, Change};
use crate::store::record::children::{self, Child, Family, Which};
use crate::store::record::lock::{self, Locked};
use crate::store::record::request::WriteOptions;
use crate::store::record::resource::{Resource, Stored, is_deleted, select_for_update, touch};
use crate::store::scope::TenantScope;
use crate::store::write::create::{Written, replay};
use crate::store::write::finish::{self, Edited};
use crate::store::write::update::check_etag;
use crate::store::write::wanted;

/// An undeletion.
pub struct Undeletion {
    /// The record to undelete.
    pub name: Name,
    /// The etag the record must still have; empty for any.
    pub etag: String,
    /// Request id and dry run.
    pub options: WriteOptions,
}

/// Undeletes a record with its children, which are read before the unit has its turn.
pub async fn undelete<R: Resource>(
    db: &Db,
    scope: &TenantScope,
    deadline: Instant,
    undeletion: Undeletion,
) -> Result<At<Written<R>>, Error> {
    let (name, which) = (undeletion.name.clone(), Which::DeletedWithParent);
    let ahead = children::read_ahead::<R>(db, scope, &name, which).await?;
    let records = wanted::with_parents::<R>(db, scope, &name).await;
    db.write(scope, deadline, records, move |tx| {
        mark(tx, undeletion, ahead)
    })
    .await
}

/// Claims the request id, locks, compares the etag, checks the parents, marks the record and its children as live.
async fn mark<R: Resource>(
    mut tx: Tx,
    undeletion: Undeletion,
    ahead: Vec<Child>,
) -> Result<(Tx, Written<R>), Error> {
    let scope = tx.scope().clone();
    let (name, now) = (&undeletion.name, tx.now());
    let which = Which::DeletedWithParent;
    let (claimed, locks, stored, other_customers, children) = tx
        .run((
            undeletion.options.claim(&scope, now),
            lock::locks_with_children::<R>(&scope, name, which),
            select_for_update::<R>(&scope, name, now),
            R::other_customers(&scope, Some(name), &[]),
            children::heads::<R>(&scope, name, which),
        ))
        .await?;
    if let Some(earlier) = undeletion.options.earlier(claimed)? {
        return replay(tx, earlier).await;
    }
    let Some(stored) = stored else {
        return Err(Error::NotFound(undeletion.name));
    };
    let family = Family {
        locked: Locked::of(locks),
        other_customers: other_customers.unwrap_or_default(),
        heads: children,
        ahead,
    };
    mark_live(tx, stored, undeletion, family).await
}

async fn mark_live<R: Resource>(
    mut tx: Tx,
    stored: Stored<R>,
    undeletion: Undeletion,
    family: Family,
) -> Result<(Tx, Written<R>), Error> {
    let (name, options) = (&undeletion.name, &undeletion.options);
    check_revivable(&stored.resource, name, &undeletion.etag, &family.locked)?;
    let (scope, now) = (tx.scope().clone(), tx.now());
    let Stored {
        resource: before,
        hidden,
        ..
    } = stored;
    let mut after = before.clone();
    *after.header_mut().delete_time = None;
    let again = finish::check(&mut tx, Some(&before), &after).await?;
    if options.validate_only {
        return Ok((tx, Written::now(after, &hidden)));
    }
    touch(&mut after, now);
    let after = Stored {
        resource: after,
        deleted_with: String::new(),
        hidden,
    };
    let children = children::under_lock::<R>(&mut tx, family.heads, family.ahead).await?;
    let marked = children::mark_live::<R>(&scope, children, name, &family.locked, now)?;
    let others = &family.other_customers;
    let change = Change::of(Action::Undeleted, Some(&before), &after.resource, others);
    let hidden = after.hidden.clone();
    let edited = Edited::with_children(&scope, &before, after, change, marked, options);
    edited
        .affected
        .check_locked(&mut tx, &family.locked)
        .await?;
    let resource = finish::finish(&mut tx, edited, again).await?;
    Ok((tx, Written::now(resource, &hidden)))
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
