//! The unit that deletes a record, softly, and the children that go with it.

use crate::clock;
use crate::error::Error;
use crate::name::Name;
use crate::store::engine::tx::Tx;
use crate::store::record::change::{self, Action, Change};
use crate::store::record::children::{Mark, Which};
use crate::store::record::lock::Locks;
use crate::store::record::request::{RecordVersion, WriteOptions};
use crate::store::record::resource::{
    self, Resource, Stored, decode_one, is_deleted, select_for_update, touch,
};
use crate::store::sql::statement::Row;
use crate::store::write::create::{Written, replay};
use crate::store::write::update::{check_etag, texts};

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
    pub options: WriteOptions,
}

/// Deletes a record: claims the request id, locks, compares the etag, looks after the children, marks.
pub async fn delete<R: Resource>(
    mut tx: Tx,
    deletion: Deletion,
) -> Result<(Tx, Written<R>), Error> {
    let scope = tx.scope().clone();
    let (name, now) = (&deletion.name, tx.now());
    let mut statements = deletion.options.claim(&scope, now);
    let locks = Locks::of::<R>(&scope, name, &[]);
    let n_locks = locks.n_statements();
    statements.extend(locks.into_statements());
    statements.push(select_for_update::<R>(&scope, name, now));
    let elsewhere = R::other_customers(&scope, Some(name), &[]);
    let n_elsewhere = usize::from(elsewhere.is_some());
    statements.extend(elsewhere);
    let users = R::referrers(&scope, name);
    let n_users = usize::from(users.is_some());
    statements.extend(users);
    let children = R::CHILDREN.iter();
    statements.extend(
        children.map(|children| (children.select)(children, &scope, name, Which::Live, now)),
    );

    let mut rows = tx.run(statements).await?.into_iter();
    if let Some(earlier) = deletion.options.earlier(&mut rows)? {
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
        name,
        force,
        options,
        ..
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
        &options,
    )
    .await?;
    Ok((tx, Written::now(resource, &after.hidden)))
}
