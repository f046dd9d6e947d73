//! The unit that soft-deletes a record and its children.

use std::time::Instant;

use crate::clock;
use crate::error::Error;
use crate::name::{Kind, Name};
use crate::store::access;
use crate::store::engine::db::{At, Db};
use crate::store::engine::tx::Tx;
use crate::store::record::change::{Action, Change};
use crate::store::record::children::{self, Child, Family, Head, MAX_CHILDREN, Which};
use crate::store::record::lock::{self, Locked};
use crate::store::record::request::{RecordVersion, WriteOptions};
use crate::store::record::resource::{Resource, Stored, is_deleted, select_for_update, touch};
use crate::store::scope::TenantScope;
use crate::store::write::create::{Written, replay};
use crate::store::write::finish::{self, Edited};
use crate::store::write::referrers;
use crate::store::write::update::check_etag;
use crate::store::write::wanted;

/// A deletion.
pub struct Deletion {
    /// The record to delete.
    pub name: Name,
    /// The etag the record must still have; empty for any.
    pub etag: String,
    /// Delete live children with it.
    pub force: bool,
    /// Succeed if the record does not exist.
    pub allow_missing: bool,
    /// Request id and dry run.
    pub options: WriteOptions,
}

/// Deletes a record and, if told to, its children, which are read before the unit has its turn.
pub async fn delete<R: Resource>(
    db: &Db,
    scope: &TenantScope,
    deadline: Instant,
    deletion: Deletion,
) -> Result<At<Written<R>>, Error> {
    let ahead = match deletion.force {
        true => children::read_ahead::<R>(db, scope, &deletion.name, Which::Live).await?,
        false => Vec::new(),
    };
    let records = wanted::with_parents::<R>(db, scope, &deletion.name).await;
    db.write(scope, deadline, records, move |tx| {
        mark(tx, deletion, ahead)
    })
    .await
}

/// Claims the request id, locks, compares the etag, then marks the record and its children.
async fn mark<R: Resource>(
    mut tx: Tx,
    deletion: Deletion,
    ahead: Vec<Child>,
) -> Result<(Tx, Written<R>), Error> {
    let scope = tx.scope().clone();
    let (name, now) = (&deletion.name, tx.now());
    // Without force only children go along that count for nobody: PRIVATE ones.
    let locks = match deletion.force {
        true => lock::locks_with_children::<R>(&scope, name, Which::Live),
        false => lock::locks::<R>(&scope, name, &[]),
    };
    let (claimed, locks, stored, other_customers, referrers, children) = tx
        .run((
            deletion.options.claim(&scope, now),
            locks,
            select_for_update::<R>(&scope, name, now),
            R::other_customers(&scope, Some(name), &[]),
            referrers::find::<R>(&scope, name),
            children::heads::<R>(&scope, name, Which::Live),
        ))
        .await?;
    if let Some(earlier) = deletion.options.earlier(claimed)? {
        return replay(tx, earlier).await;
    }
    match stored {
        None => nothing_to_delete(tx, R::default(), deletion).await,
        Some(stored) if is_deleted(&stored.resource) => {
            nothing_to_delete(tx, stored.seen(), deletion).await
        }
        Some(stored) => {
            check_etag(name, &stored.resource, &deletion.etag)?;
            referrers::check(name, referrers)?;
            check_children::<R>(name, deletion.force, &children)?;
            let family = Family {
                locked: Locked::of(locks),
                other_customers: other_customers.unwrap_or_default(),
                heads: children,
                ahead,
            };
            mark_deleted(tx, stored, deletion, family).await
        }
    }
}

/// Answers the deletion of a record that does not exist or is already deleted. Like any success it is filed under its
/// request id: a repeat must not delete what was created or undeleted in between.
async fn nothing_to_delete<R: Resource>(
    mut tx: Tx,
    found: R,
    deletion: Deletion,
) -> Result<(Tx, Written<R>), Error> {
    let Deletion {
        name,
        allow_missing,
        options,
        ..
    } = deletion;
    if !allow_missing {
        return Err(Error::NotFound(name));
    }
    let settle = options.settle(
        tx.scope(),
        &[RecordVersion::of(&name.to_string(), found.header().etag)],
    );
    if let Some(settle) = settle.filter(|_| !options.validate_only) {
        tx.finish(settle).await?;
    }
    Ok((tx, Written::new(found)))
}

/// Refuses to delete a record with children that the caller sees, unless told to, and one with too many.
fn check_children<R: Resource>(
    name: &Name,
    force: bool,
    children: &[Vec<Head>],
) -> Result<(), Error> {
    // First, because no more than enough to refuse are read, and so none are counted beyond that.
    if children.iter().map(Vec::len).sum::<usize>() > MAX_CHILDREN {
        return Err(Error::TooManyChildren {
            name: name.clone(),
            limit: MAX_CHILDREN,
        });
    }
    let of_kind = R::CHILDREN.iter().zip(children);
    let mut seen = of_kind.map(|(of, heads)| (of.kind, children::n_visible(heads)));
    let seen = seen.find(|(_, n_visible)| *n_visible > 0);
    match seen.filter(|_| !force) {
        Some((kind, children)) => Err(Error::HasChildren {
            name: name.clone(),
            kind,
            children,
        }),
        None => Ok(()),
    }
}

async fn mark_deleted<R: Resource>(
    mut tx: Tx,
    stored: Stored<R>,
    deletion: Deletion,
    family: Family,
) -> Result<(Tx, Written<R>), Error> {
    let Deletion { name, options, .. } = deletion;
    let (scope, now) = (tx.scope().clone(), tx.now());
    let Stored {
        resource: before,
        hidden,
        ..
    } = stored;
    let mut after = before.clone();
    *after.header_mut().delete_time = Some(clock::timestamp(now));
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
    let marked = children::mark_deleted::<R>(&scope, children, &name, now);
    let others = &family.other_customers;
    let change = Change::of(Action::Deleted, Some(&before), &after.resource, others);
    let hidden = after.hidden.clone();
    let mut edited = Edited::with_children(&scope, &before, after, change, marked, &options);
    if R::KIND == Kind::Colleague {
        // Nobody goes on acting as somebody who is gone.
        let revoke = access::revoke_of_colleague(&scope, &name.to_string(), now);
        edited.writes.push(revoke);
    }
    edited
        .affected
        .check_locked(&mut tx, &family.locked)
        .await?;
    let resource = finish::finish(&mut tx, edited, false).await?;
    Ok((tx, Written::now(resource, &hidden)))
}
