//! The unit that brings a deleted record back, with exactly the children that were deleted with it.
//!
//! A child that has another parent which is still deleted stays deleted, now with that one, and comes back with it.

use crate::error::Error;
use crate::name::{Kind, Name};
use crate::store::engine::tx::Tx;
use crate::store::read::definition::size;
use crate::store::record::change::{self, Action, Change};
use crate::store::record::children::{Children, Mark, Which};
use crate::store::record::lock::{Locked, Locks, lock_where};
use crate::store::record::request::WriteOptions;
use crate::store::record::resource::{
    self, Resource, Stored, decode_one, is_deleted, select_for_update, touch,
};
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Row, Sql};
use crate::store::write::create::{Written, replay};
use crate::store::write::update::{check_etag, texts};

/// An undeletion.
pub struct Undeletion {
    /// Which record.
    pub name: Name,
    /// The etag the caller saw; empty when it does not care.
    pub etag: String,
    /// How it was asked for.
    pub options: WriteOptions,
}

/// Brings a record back: claims the request id, locks, compares the etag, looks at its parents, marks.
pub async fn undelete<R: Resource>(
    mut tx: Tx,
    undeletion: Undeletion,
) -> Result<(Tx, Written<R>), Error> {
    let scope = tx.scope().clone();
    let (name, now) = (&undeletion.name, tx.now());
    let mut statements = undeletion.options.claim(&scope, now);
    // The other parents of its children come in the order of kinds, as all locks do.
    let others = |before: bool| {
        let of_order = move |kind: Kind| (kind < R::KIND) == before;
        let scope = &scope;
        R::CHILDREN
            .iter()
            .flat_map(move |children| lock_other_parents(children, scope, name, of_order))
    };
    let mut locks: Vec<Sql> = others(true).collect();
    locks.extend(Locks::of::<R>(&scope, name, &[]).into_statements());
    locks.extend(others(false));
    let n_locks = locks.len();
    statements.extend(locks);
    statements.push(select_for_update::<R>(&scope, name, now));
    let elsewhere = R::other_customers(&scope, Some(name), &[]);
    let n_elsewhere = usize::from(elsewhere.is_some());
    statements.extend(elsewhere);
    let children = R::CHILDREN.iter();
    statements
        .extend(children.map(|of| (of.select)(of, &scope, name, Which::DeletedWithParent, now)));

    let mut rows = tx.run(statements).await?.into_iter();
    if let Some(earlier) = undeletion.options.earlier(&mut rows)? {
        return replay(tx, earlier).await;
    }
    let locked = Locked::read(rows.by_ref().take(n_locks))?;
    let stored = decode_one::<R>(&rows.next().unwrap_or_default())?;
    let elsewhere = texts(rows.by_ref().take(n_elsewhere))?;
    match stored {
        None => Err(Error::NotFound(undeletion.name)),
        Some(stored) => {
            mark_live(tx, stored, undeletion, &locked, &elsewhere, rows.collect()).await
        }
    }
}

async fn mark_live<R: Resource>(
    mut tx: Tx,
    stored: Stored<R>,
    undeletion: Undeletion,
    locked: &Locked,
    elsewhere: &[String],
    children: Vec<Vec<Row>>,
) -> Result<(Tx, Written<R>), Error> {
    let Undeletion {
        name,
        etag,
        options,
    } = undeletion;
    check_etag(&name, &stored.resource, &etag)?;
    if !is_deleted(&stored.resource) {
        return Err(Error::Exists(name));
    }
    check_parents(&stored.resource, locked, &name)?;
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
    let mut affected = after.resource.last_talk_inputs();
    let mut changes = vec![Change::of(
        Action::Undeleted,
        Some(&before),
        &after.resource,
        elsewhere,
    )];
    for (of, rows) in R::CHILDREN.iter().zip(&children) {
        let live = Mark::Live {
            locked,
            parent: &name,
        };
        let marked = (of.mark)(&scope, rows, live, now)?;
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

/// Returns statements that lock the other parents of the children that may come back.
///
/// Those of all deleted children, whatever they were deleted with: another parent that comes back at the same time may
/// hand a child over to this one after this statement has looked.
fn lock_other_parents(
    children: &'static Children,
    scope: &TenantScope,
    name: &Name,
    wanted: impl Fn(Kind) -> bool,
) -> Vec<Sql> {
    let others = children
        .parents
        .iter()
        .filter(|parent| parent.field != children.field && wanted(parent.kind));
    others
        .map(|parent| {
            let of_children = Sql::new("select ")
                .push(parent.field)
                .push(" from ")
                .push(children.kind.collection())
                .push(" where tenant_id = ")
                .bind(scope.tenant())
                .push(" and ")
                .push(children.field)
                .push(" = ")
                .bind(name.to_string())
                .push(" and delete_time is not null");
            lock_where(scope, parent.kind)
                .push("name")
                .among(of_children)
                .push("\norder by name")
                .for_update()
        })
        .collect()
}
