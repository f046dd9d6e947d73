//! The end of a unit about one record.
//!
//! Some checks are about records that could not be locked in order: whether references close a cycle, how large filters
//! are with all that they name, who else has a value that must be unique. They are made early, for the answer, and again
//! once the unit has the tenant's next revision: from then on no other unit of the tenant commits.

use crate::error::Error;
use crate::pb::AccessScope;
use crate::store::engine::tx::Tx;
use crate::store::read::definition::size;
use crate::store::record::change::{Change, Ending, bump_now, end, name_duplicate, write_and_fold};
use crate::store::record::children::Marked;
use crate::store::record::counted::Affected;
use crate::store::record::cycle;
use crate::store::record::request::{RecordVersion, WriteOptions};
use crate::store::record::resource::{
    self, Resource, Stored, is_deleted, name_of, select_for_update,
};
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::write::create::check_unique;

/// What a unit did with one record.
pub(crate) struct Edited<'a, R> {
    /// The record as it was; absent for a new one.
    pub before: Option<&'a R>,
    /// The record as it is to be.
    pub after: R,
    /// The statements that write it and what goes with it.
    pub writes: Vec<Query<()>>,
    /// What happened to which records.
    pub changes: Vec<Change>,
    /// Whose derived values depend on the writes.
    pub affected: Affected,
    /// Request id and dry run.
    pub options: &'a WriteOptions,
}

impl<'a, R: Resource> Edited<'a, R> {
    /// Makes the edit of a record that goes or comes along with its children.
    pub(crate) fn with_children(
        scope: &TenantScope,
        before: &'a R,
        after: Stored<R>,
        change: Change,
        marked: Marked,
        options: &'a WriteOptions,
    ) -> Edited<'a, R> {
        let mut affected = marked.affected;
        let name = after.resource.header().name;
        affected.note(name, before.counted(), after.resource.counted());
        let mut writes = vec![resource::update(scope, &after)];
        writes.extend(marked.statements);
        let mut changes = vec![change];
        changes.extend(marked.changes);
        Edited {
            before: Some(before),
            after: after.resource,
            writes,
            changes,
            affected,
            options,
        }
    }
}

/// Refuses what other records do not allow. Returns whether that can change until the unit has its revision.
pub(crate) async fn check<R: Resource>(
    tx: &mut Tx,
    before: Option<&R>,
    after: &R,
) -> Result<bool, Error> {
    check_principal(tx.scope(), before, after)?;
    check_named_author(tx, before, after)?;
    if is_deleted(after) {
        return Ok(false);
    }
    let links = match before {
        Some(before) => cycle::check(tx, before, after).await?,
        None => false,
    };
    check_unique(tx, after).await?;
    let sizes = size::check(tx, before, after).await?;
    Ok(links || sizes || !R::UNIQUE.is_empty())
}

/// Refuses to change who acts as a record to everyone but administrators.
fn check_principal<R: Resource>(
    scope: &TenantScope,
    before: Option<&R>,
    after: &R,
) -> Result<(), Error> {
    let is_changed = before.map_or("", R::principal) != after.principal();
    match is_changed && !scope.access().has(AccessScope::Admin) {
        true => Err(Error::ScopeMissing(AccessScope::Admin)),
        false => Ok(()),
    }
}

/// Refuses a record in the name of somebody else to everyone but importers: it may be PRIVATE to them.
fn check_named_author<R: Resource>(tx: &Tx, before: Option<&R>, after: &R) -> Result<(), Error> {
    let own = before.and_then(R::authorship);
    let own = own.map_or(tx.author(), |of| of.author);
    let is_named = after.authorship().is_some_and(|of| of.author != own);
    match is_named && !tx.scope().access().has(AccessScope::Import) {
        true => Err(Error::ScopeMissing(AccessScope::Import)),
        false => Ok(()),
    }
}

/// Ends a unit about one record, and returns the record as a read would now return it. `again` says whether its checks
/// have to be made again.
pub(crate) async fn finish<R: Resource>(
    tx: &mut Tx,
    edited: Edited<'_, R>,
    again: bool,
) -> Result<R, Error> {
    let Edited {
        before,
        after,
        writes,
        changes,
        affected,
        options,
    } = edited;
    let name = name_of(&after);
    let is_derived = !R::DERIVED.is_empty();
    let version = RecordVersion::of(after.header().name, after.header().etag);
    let mut ending = Ending {
        writes,
        changes,
        affected,
        reads: is_derived.then(|| select_for_update::<R>(tx.scope(), &name, tx.now())),
        options,
        versions: &[version],
        is_bumped: false,
    };
    if again {
        // A value that must be unique is written once it is known to be; an external id, which another unit may be
        // about to write, is not waited for with the tenant locked.
        if R::UNIQUE.is_empty() {
            write_and_fold(tx, &mut ending)
                .await
                .map_err(|error| name_duplicate(error, &after))?;
        }
        bump_now(tx, &mut ending).await?;
        check(tx, before, &after).await?;
    }
    let read = end(tx, ending)
        .await
        .map_err(|error| name_duplicate(error, &after))?;
    match read {
        None => Ok(after),
        Some(found) => Ok(found.ok_or(Error::NotFound(name))?.resource),
    }
}
