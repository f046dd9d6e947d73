//! The unit that changes a record: the update method and every custom method that edits one record.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::name::Name;
use crate::store::engine::db::Db;
use crate::store::engine::tx::Tx;
use crate::store::record::change::{Action, Change};
use crate::store::record::counted::Affected;
use crate::store::record::key::{self, Holder};
use crate::store::record::lock::{self, Locked};
use crate::store::record::private_links;
use crate::store::record::reference::Reference;
use crate::store::record::request::{RecordVersion, WriteOptions};
use crate::store::record::resource::{
    self, Resource, Stored, is_deleted, name_of, select_for_update,
};
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::write::create::{New, Written, insert, replay};
use crate::store::write::finish::{self, Edited};
use crate::store::write::wanted;

/// Turns the stored record into the wanted one, or says why it cannot.
pub type Apply<R> = Box<dyn FnOnce(&R) -> Result<R, Error> + Send>;

/// A change to one record.
pub struct Edit<R> {
    /// The record to change.
    pub name: Name,
    /// The etag the record must still have; empty for any.
    pub etag: String,
    /// What the wanted record may refer to in addition.
    pub references: Vec<Reference>,
    /// The external ids that the wanted record may have in addition.
    pub external_ids: Vec<crate::pb::ExternalId>,
    /// The change itself. It gets the record as it is, under lock.
    pub apply: Apply<R>,
    /// The record to create if none exists (`allow_missing`), or why that is refused; unused if one exists.
    pub create_missing: Option<Result<R, Error>>,
    /// Request id and dry run.
    pub options: WriteOptions,
}

impl<R: Resource> Edit<R> {
    /// Returns the records that the unit is known to lock. The future does not hold the edit, which is not `Sync`.
    pub fn records<'a>(
        &self,
        db: &'a Db,
        scope: &'a TenantScope,
    ) -> impl Future<Output = Vec<Name>> + use<'a, R> {
        let name = self.name.clone();
        let references = self.references.iter().map(|one| one.target.clone());
        let references: Vec<Name> = references.collect();
        async move {
            let mut records = wanted::with_parents::<R>(db, scope, &name).await;
            records.extend(references);
            records
        }
    }
}

/// Changes a record: claims the request id, locks, compares the etag, applies, writes. A change that alters nothing
/// leaves etag, update time and revision unchanged.
pub async fn update<R: Resource>(mut tx: Tx, edit: Edit<R>) -> Result<(Tx, Written<R>), Error> {
    let scope = tx.scope().clone();
    let (claimed, locks, stored, other_customers, holders) = tx
        .run((
            edit.options.claim(&scope, tx.now()),
            lock::locks::<R>(&scope, &edit.name, &edit.references),
            select_for_update::<R>(&scope, &edit.name, tx.now()),
            R::other_customers(&scope, Some(&edit.name), &edit.references),
            key::holders(&scope, R::KIND, &edit.external_ids),
        ))
        .await?;
    if let Some(earlier) = edit.options.earlier(claimed)? {
        return replay(tx, earlier).await;
    }
    let around = Surroundings {
        locked: Locked::of(locks),
        other_customers: other_customers.unwrap_or_default(),
        holders: holders.unwrap_or_default(),
    };
    match stored {
        Some(stored) => change_stored(tx, stored, edit, &around).await,
        None => create_missing(tx, edit, &around).await,
    }
}

/// What was read about a record's surroundings, under the same locks.
#[derive(Default)]
pub(crate) struct Surroundings {
    /// What it refers to, or may newly refer to.
    pub locked: Locked,
    /// Customers whose profile the change alters without the record naming them.
    pub other_customers: Vec<String>,
    /// Who holds the external ids that the wanted record may have.
    pub holders: Vec<Holder>,
}

async fn create_missing<R: Resource>(
    tx: Tx,
    edit: Edit<R>,
    around: &Surroundings,
) -> Result<(Tx, Written<R>), Error> {
    let Some(resource) = edit.create_missing else {
        return Err(Error::NotFound(edit.name));
    };
    let resource = resource?;
    let external_ids = resource.header().external_ids;
    key::check_holders(R::KIND, &edit.name, external_ids, &around.holders)?;
    around.locked.check(&resource.references())?;
    insert(
        tx,
        New {
            resource,
            options: edit.options,
            companions: Vec::new(),
        },
        &around.other_customers,
    )
    .await
}

/// Changes a record that was read under lock, together with everything that it may newly refer to.
pub(crate) async fn change_stored<R: Resource>(
    mut tx: Tx,
    stored: Stored<R>,
    edit: Edit<R>,
    around: &Surroundings,
) -> Result<(Tx, Written<R>), Error> {
    check_etag(&edit.name, &stored.resource, &edit.etag)?;
    if is_deleted(&stored.resource) {
        return Err(Error::Deleted(edit.name));
    }
    let Stored {
        resource: before,
        deleted_with,
        hidden,
    } = stored;
    let seen = private_links::seen(&before, &hidden);
    let mut after = (edit.apply)(&seen)?;
    // Hidden references count as newly set, too: otherwise a guess that hits one would pass where others are refused.
    around.locked.check(&newly_set(&*seen, &after))?;
    private_links::put_back(&mut after, &before, &hidden);
    after.stamp(tx.author(), tx.now());
    check_author(&tx, &before, &after)?;
    let external_ids = after.header().external_ids;
    key::check_holders(R::KIND, &edit.name, external_ids, &around.holders)?;
    let again = finish::check(&mut tx, Some(&before), &after).await?;
    if edit.options.validate_only {
        return Ok((tx, Written::now(after, &hidden)));
    }
    // Only who sends external ids has had their holders read.
    let unheld = if edit.external_ids.is_empty() {
        Vec::new()
    } else {
        key::file_unheld(tx.scope(), &before, &after, &around.holders)
    };
    if after == before {
        return leave_unchanged(tx, before, &hidden, unheld, &edit.options).await;
    }
    resource::touch(&mut after, tx.now());
    let after = Stored {
        resource: after,
        deleted_with,
        hidden,
    };
    let affected = Affected::of(Some(&before), &after.resource);
    affected.check_locked(&mut tx, &around.locked).await?;
    let others = &around.other_customers;
    let change = Change::of(Action::Updated, Some(&before), &after.resource, others);
    let edited = Edited {
        before: Some(&before),
        writes: writes(&tx, &before, &after, unheld),
        after: after.resource,
        changes: vec![change],
        affected,
        options: &edit.options,
    };
    let resource = finish::finish(&mut tx, edited, again).await?;
    Ok((tx, Written::now(resource, &after.hidden)))
}

/// Returns the statements that write a changed record.
fn writes<R: Resource>(
    tx: &Tx,
    before: &R,
    after: &Stored<R>,
    unheld: Vec<Query<()>>,
) -> Vec<Query<()>> {
    let scope = tx.scope();
    let mut writes = vec![resource::update(scope, after)];
    writes.extend(key::replace(scope, before, &after.resource));
    writes.extend(unheld);
    writes.extend(after.resource.side_rows(scope, Some(before)));
    writes
}

/// Answers a change that alters nothing. Like any success it is filed under its request id.
async fn leave_unchanged<R: Resource>(
    mut tx: Tx,
    record: R,
    hidden: &[String],
    unheld: Vec<Query<()>>,
    options: &WriteOptions,
) -> Result<(Tx, Written<R>), Error> {
    let version = RecordVersion::of(record.header().name, record.header().etag);
    let settle = options.settle(tx.scope(), &[version]);
    if !unheld.is_empty() || settle.is_some() {
        tx.finish((unheld, settle)).await?;
    }
    Ok((tx, Written::now(record, hidden)))
}

/// Returns the references that the record did not have before, at any position of the same field.
fn newly_set<R: Resource>(before: &R, after: &R) -> Vec<Reference> {
    let old = before.references();
    let old: BTreeSet<(&str, &Name)> = old
        .iter()
        .map(|old| (old.field_name(), &old.target))
        .collect();
    let is_new = |new: &Reference| !old.contains(&(new.field_name(), &new.target));
    after.references().into_iter().filter(is_new).collect()
}

/// Refuses a change of who may see a record to everyone but its author.
fn check_author<R: Resource>(tx: &Tx, before: &R, after: &R) -> Result<(), Error> {
    let (Some(now), Some(wanted)) = (before.authorship(), after.authorship()) else {
        return Ok(());
    };
    if now.visibility == wanted.visibility || tx.is_own(now.author) {
        Ok(())
    } else {
        Err(Error::NotAuthor(name_of(before)))
    }
}

/// Refuses a write whose caller saw another version of the record.
pub(crate) fn check_etag<R: Resource>(name: &Name, stored: &R, etag: &str) -> Result<(), Error> {
    let current = stored.header().etag;
    if etag.is_empty() || etag == current {
        return Ok(());
    }
    Err(Error::EtagMismatch {
        name: name.clone(),
        current: current.to_owned(),
    })
}
