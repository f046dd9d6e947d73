//! The unit that deletes a record, softly, and the children that go with it.

use super::TenantScope;
use super::change::{self, Action, Change};
use super::create::{Written, replay};
use super::last_conversation::Affected;
use super::lock::{Locked, Locks};
use super::request::{Asked, CameOut};
use super::resource::{
    self, Parent, Reference, Resource, Stored, decode, decode_one, is_deleted, select,
    select_for_update,
};
use super::sql::{Row, Sql};
use super::tx::Tx;
use super::update::{check_etag, texts, touch};
use crate::clock::{self, Micros};
use crate::error::Error;
use crate::name::{Kind, Name};

/// A deletion.
pub struct Deletion {
    /// Which record.
    pub name: Name,
    /// The etag the caller saw; empty when it does not care.
    pub etag: String,
    /// Delete live children with it.
    pub force: bool,
    /// Be content when there is nothing to delete.
    pub allow_missing: bool,
    /// How it was asked for.
    pub asked: Asked,
}

/// The children of a resource that are of one kind.
pub struct Children {
    /// Their kind.
    pub kind: Kind,
    /// Their field that names the parent.
    pub field: &'static str,
    /// Their fields that name parents, this one included.
    pub(super) parents: &'static [Parent],
    /// Reads them, locked, in the order of their names: the live ones, or those deleted with the parent.
    pub(super) select: fn(&Children, &TenantScope, &Name, Which, Micros) -> Sql,
    /// Counts those of the rows that an actor may see; nobody learns of PRIVATE ones, not by a count.
    pub(super) visible: fn(&[Row], &Tx) -> Result<usize, Error>,
    /// Marks those of the rows as deleted with the parent, or alive again.
    pub(super) mark: fn(&TenantScope, &[Row], Mark<'_>, Micros) -> Result<Marked, Error>,
}

/// Which children are meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Live,
    DeletedWithParent,
}

/// What becomes of children.
#[derive(Clone, Copy)]
pub(super) enum Mark<'a> {
    Deleted {
        with: &'a Name,
    },
    /// Alive again, but for those that have another parent which is still deleted.
    Live {
        locked: &'a Locked,
        parent: &'a Name,
    },
}

/// The statements and changes that mark children.
#[derive(Default)]
pub(super) struct Marked {
    pub statements: Vec<Sql>,
    pub changes: Vec<Change>,
    pub affected: Affected,
}

impl Children {
    /// Declares the children of kind `C` that name their parent in `field`.
    pub const fn of<C: Resource>(field: &'static str) -> Children {
        Children {
            kind: C::KIND,
            field,
            parents: C::PARENTS,
            select: select_children::<C>,
            mark: mark::<C>,
            visible: visible_children::<C>,
        }
    }
}

/// Deletes a record: claims the request id, locks, compares the etag, looks after the children, marks.
pub async fn delete<R: Resource>(
    mut tx: Tx,
    deletion: Deletion,
) -> Result<(Tx, Written<R>), Error> {
    let scope = tx.scope().clone();
    let (name, now) = (&deletion.name, tx.now());
    let mut statements = deletion.asked.claim(&scope, now);
    let locks = Locks::of::<R>(&scope, name, &[]);
    let n_locks = locks.n_statements();
    statements.extend(locks.into_statements());
    statements.push(select_for_update::<R>(&scope, name, now));
    let elsewhere = R::customers_elsewhere(&scope, Some(name), &[]);
    let n_elsewhere = usize::from(elsewhere.is_some());
    statements.extend(elsewhere);
    let users = R::users(&scope, name);
    let n_users = usize::from(users.is_some());
    statements.extend(users);
    let children = R::CHILDREN.iter();
    statements.extend(
        children.map(|children| (children.select)(children, &scope, name, Which::Live, now)),
    );

    let mut rows = tx.run(statements).await?.into_iter();
    if let Some(earlier) = deletion.asked.earlier(&mut rows)? {
        return replay(tx, earlier).await;
    }
    let mut rows = rows.skip(n_locks);
    let stored = decode_one::<R>(&rows.next().unwrap_or_default())?;
    let elsewhere = texts(rows.by_ref().take(n_elsewhere))?;
    let users: Vec<Row> = rows.by_ref().take(n_users).flatten().collect();
    match stored {
        None => nothing_to_delete(tx, R::default(), deletion).await,
        Some(stored) if is_deleted(&stored.resource) => {
            nothing_to_delete(tx, stored.seen(), deletion).await
        }
        Some(stored) => {
            check_etag(name, &stored.resource, &deletion.etag)?;
            check_unused(name, &users)?;
            mark_deleted(tx, stored, deletion, &elsewhere, rows.collect()).await
        }
    }
}

/// Answers a deletion of what is unknown or deleted already. It is filed under its request id, as any success: a
/// repeat must not delete what was made or brought back in between.
async fn nothing_to_delete<R: Resource>(
    mut tx: Tx,
    found: R,
    deletion: Deletion,
) -> Result<(Tx, Written<R>), Error> {
    let Deletion {
        name,
        allow_missing,
        asked,
        ..
    } = deletion;
    if !allow_missing {
        return Err(Error::NotFound(name));
    }
    let settle = asked.settle(
        tx.scope(),
        &[CameOut::of(&name.to_string(), found.header().etag)],
    );
    if let Some(settle) = settle.filter(|_| !asked.validate_only) {
        tx.finish(vec![settle]).await?;
    }
    Ok((tx, Written::new(found)))
}

/// Refuses to take away what others lean on.
fn check_unused(name: &Name, users: &[Row]) -> Result<(), Error> {
    let Some(first) = users.first() else {
        return Ok(());
    };
    let count = usize::try_from(first.int(1)?).map_err(Error::internal)?;
    let users = users
        .iter()
        .map(|row| row.text(0))
        .collect::<Result<_, _>>()?;
    Err(Error::InUse {
        name: name.clone(),
        users,
        count,
    })
}

async fn mark_deleted<R: Resource>(
    mut tx: Tx,
    stored: Stored<R>,
    deletion: Deletion,
    elsewhere: &[String],
    children: Vec<Vec<Row>>,
) -> Result<(Tx, Written<R>), Error> {
    let Deletion {
        name, force, asked, ..
    } = deletion;
    for (of_kind, rows) in R::CHILDREN.iter().zip(&children) {
        let children = (of_kind.visible)(rows, &tx)?;
        if !force && children > 0 {
            return Err(Error::HasChildren {
                name,
                kind: of_kind.kind,
                children,
            });
        }
    }
    let (scope, now) = (tx.scope().clone(), tx.now());
    let Stored {
        resource: before,
        hidden,
        ..
    } = stored;
    let mut after = before.clone();
    *after.header_mut().delete_time = Some(clock::timestamp(now));
    if asked.validate_only {
        return Ok((tx, Written::now(after, &hidden)));
    }
    touch(&mut after, now);
    let after = Stored {
        resource: after,
        deleted_with: String::new(),
        hidden,
    };
    let mut statements = vec![resource::update(&scope, &after)];
    let mut affected = after.resource.affects();
    let mut changes = vec![Change::of(
        Action::Deleted,
        Some(&before),
        &after.resource,
        elsewhere,
    )];
    for (of_kind, rows) in R::CHILDREN.iter().zip(&children) {
        let marked = (of_kind.mark)(&scope, rows, Mark::Deleted { with: &name }, now)?;
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
        &asked,
    )
    .await?;
    Ok((tx, Written::now(resource, &after.hidden)))
}

fn select_children<C: Resource>(
    of: &Children,
    scope: &TenantScope,
    parent: &Name,
    which: Which,
    now: Micros,
) -> Sql {
    let sql = select::<C>(scope, &clock::date_of(now))
        .push("\nwhere tenant_id = ")
        .bind(scope.tenant());
    let sql = match which {
        Which::Live => sql
            .push(" and ")
            .push(of.field)
            .push(" = ")
            .bind(parent.to_string())
            .push(" and delete_time is null"),
        Which::DeletedWithParent => {
            let sql = sql
                .push(" and ")
                .push(of.field)
                .push(" = ")
                .bind(parent.to_string());
            sql.push(" and deleted_with = ").bind(parent.to_string())
        }
    };
    sql.push("\norder by name").for_update()
}

fn visible_children<C: Resource>(rows: &[Row], tx: &Tx) -> Result<usize, Error> {
    let mut count = 0;
    for row in rows {
        let child: Stored<C> = decode(row, 0)?;
        count += usize::from(
            child
                .resource
                .private_to()
                .is_none_or(|only| tx.is_own(only)),
        );
    }
    Ok(count)
}

/// Marks children one by one: each is a record with an etag, a change and a history of its own.
fn mark<C: Resource>(
    scope: &TenantScope,
    rows: &[Row],
    mark: Mark<'_>,
    now: Micros,
) -> Result<Marked, Error> {
    let mut marked = Marked::default();
    for row in rows {
        let before: Stored<C> = decode(row, 0)?;
        let mut after = before.clone();
        let action = match mark {
            Mark::Deleted { with } => {
                *after.resource.header_mut().delete_time = Some(clock::timestamp(now));
                after.deleted_with = with.to_string();
                Some(Action::Deleted)
            }
            Mark::Live { locked, parent } => match dead_parent(&after.resource, locked, parent)? {
                Some(other) => {
                    after.deleted_with = other;
                    None
                }
                None => {
                    *after.resource.header_mut().delete_time = None;
                    after.deleted_with = String::new();
                    Some(Action::Undeleted)
                }
            },
        };
        if let Some(action) = action {
            touch(&mut after.resource, now);
            marked.changes.push(Change::of(
                action,
                Some(&before.resource),
                &after.resource,
                &[],
            ));
        }
        marked.affected.add(after.resource.affects());
        marked.statements.push(resource::update(scope, &after));
    }
    Ok(marked)
}

/// Returns another parent of a child that is deleted still.
///
/// A child that came to this parent after the other parents were locked cannot be judged: another write got in the way.
fn dead_parent<C: Resource>(
    child: &C,
    locked: &Locked,
    back: &Name,
) -> Result<Option<String>, Error> {
    let of_parents = |field: &str| C::PARENTS.iter().any(|parent| parent.field == field);
    let is_other =
        |reference: &Reference| of_parents(&reference.field) && reference.target != *back;
    for reference in child.references().into_iter().filter(is_other) {
        let name = reference.target.to_string();
        if !locked.knows(&name) {
            return Err(Error::ConcurrentWrite);
        }
        if !locked.is_live(&name) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}
