//! The unit that soft-deletes a record and its children.

use crate::clock;
use crate::error::Error;
use crate::name::Name;
use crate::store::engine::tx::Tx;
use crate::store::record::change::{self, Action, Change};
use crate::store::record::children::{FoundChildren, Mark, Which};
use crate::store::record::last_conversation::Affected;
use crate::store::record::lock;
use crate::store::record::request::{RecordVersion, WriteOptions};
use crate::store::record::resource::{
    self, Resource, Stored, is_deleted, select_for_update, touch,
};
use crate::store::write::create::{Written, replay};
use crate::store::write::referrers;
use crate::store::write::update::check_etag;

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

/// Deletes a record: claims the request id, locks, compares the etag, then marks the record and its children.
pub async fn delete<R: Resource>(
    mut tx: Tx,
    deletion: Deletion,
) -> Result<(Tx, Written<R>), Error> {
    let scope = tx.scope().clone();
    let (name, now) = (&deletion.name, tx.now());
    let children = R::CHILDREN.iter();
    let children = children.map(|of| (of.find)(of, &scope, name, Which::Live, now));
    let (claimed, _, stored, other_customers, referrers, children) = tx
        .run((
            deletion.options.claim(&scope, now),
            lock::locks::<R>(&scope, name, &[]),
            select_for_update::<R>(&scope, name, now),
            R::other_customers(&scope, Some(name), &[]),
            referrers::find::<R>(&scope, name),
            children.collect::<Vec<_>>(),
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
            let other_customers = other_customers.unwrap_or_default();
            mark_deleted(tx, stored, deletion, &other_customers, children).await
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

fn check_childless(tx: &Tx, name: &Name, children: &[FoundChildren]) -> Result<(), Error> {
    let counts = children
        .iter()
        .map(|found| (found.kind, found.n_visible(tx)));
    match counts.into_iter().find(|(_, n_visible)| *n_visible > 0) {
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
    other_customers: &[String],
    children: Vec<FoundChildren>,
) -> Result<(Tx, Written<R>), Error> {
    let Deletion {
        name,
        force,
        options,
        ..
    } = deletion;
    if !force {
        check_childless(&tx, &name, &children)?;
    }
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
    let mut statements = vec![resource::update(&scope, &after)];
    let mut affected = Affected::of(&after.resource);
    let mut changes = vec![Change::of(
        Action::Deleted,
        Some(&before),
        &after.resource,
        other_customers,
    )];
    for of_kind in children {
        let marked = (of_kind.mark)(&scope, Mark::Deleted { with: &name }, now)?;
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
        &options,
    )
    .await?;
    Ok((tx, Written::now(resource, &after.hidden)))
}
