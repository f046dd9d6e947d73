//! The unit that creates a record, and what every writing unit answers.

use std::collections::BTreeSet;

use super::TenantScope;
use super::change::{self, Action, Change};
use super::key;
use super::lock::{Locked, Locks};
use super::request::{Asked, Earlier};
use super::resource::{self, Reference, Resource, decode_one, name_of, select_for_update};
use super::sql::{Row, Sql};
use super::tx::Tx;
use super::update::texts;
use crate::clock::{self, Micros};
use crate::error::Error;
use crate::name::{Kind, Name};
use crate::pb;

/// A record to be made. Its fields are checked and its name is set.
pub struct New<R> {
    /// The record.
    pub resource: R,
    /// How it was asked for.
    pub asked: Asked,
    /// Further records, made with it or not at all.
    pub companions: Vec<Companion>,
}

/// A record of another kind that is made in the same unit.
pub struct Companion {
    kind: Kind,
    name: Name,
    external_ids: Vec<pb::ExternalId>,
    references: Vec<Reference>,
    rows: MakeRows,
}

/// Makes the statements and the change of a companion once the time of the unit is known.
type MakeRows = Box<dyn FnOnce(&TenantScope, Micros) -> (Vec<Sql>, Change) + Send>;

impl Companion {
    /// Takes a record whose fields are checked and whose name is set, and the path at which it stands in the request.
    /// Its reference to `main`, the record it is made with, needs no check.
    pub fn new<C: Resource>(mut resource: C, path: &str, main: &str) -> Companion {
        let mut references = resource.references();
        references.retain(|reference| reference.target.to_string() != main);
        for reference in &mut references {
            reference.field = format!("{path}.{}", reference.field);
        }
        let (name, external_ids) = (name_of(&resource), resource.header().external_ids.to_vec());
        let rows = Box::new(move |scope: &TenantScope, now: Micros| {
            begin(&mut resource, now);
            (insert_rows(scope, &resource), Change::of(Action::Created, None, &resource, &[]))
        });
        Companion { kind: C::KIND, name, external_ids, references, rows }
    }
}

/// What a writing unit answers.
#[derive(Debug)]
pub struct Written<R> {
    /// The resource as it is now.
    pub resource: R,
    /// Whether an earlier call with the same request id did the work.
    pub replayed: bool,
}

impl<R> Written<R> {
    /// Answers with what this call did.
    pub fn now(resource: R) -> Written<R> {
        Written { resource, replayed: false }
    }
}

/// Creates a record: claims the request id, locks what it refers to, refuses what is taken, writes.
pub async fn create<R: Resource>(mut tx: Tx, new: New<R>) -> Result<(Tx, Written<R>), Error> {
    let scope = tx.scope().clone();
    let name = name_of(&new.resource);
    let mut references = new.resource.references();
    references.extend(new.companions.iter().flat_map(|companion| companion.references.iter().cloned()));
    let mut statements = new.asked.claim(&scope, tx.now());
    let needs_locks = name.is_chosen() || !references.is_empty();
    let locks = needs_locks.then(|| Locks::of::<R>(&scope, &name, &references));
    let n_locks = locks.as_ref().map_or(0, Locks::n_statements);
    statements.extend(locks.map(Locks::into_statements).unwrap_or_default());
    let elsewhere = R::customers_elsewhere(&scope, None, &references);
    let n_elsewhere = usize::from(elsewhere.is_some());
    statements.extend(elsewhere);
    statements.extend(key::holders(&scope, R::KIND, new.resource.header().external_ids));
    let of_companions = |companion: &Companion| key::holders(&scope, companion.kind, &companion.external_ids);
    statements.extend(new.companions.iter().filter_map(of_companions));

    let mut elsewhere = Vec::new();
    // A validation needs to learn the revision, which is part of every answer; an author is learnt with it.
    if !statements.is_empty() || new.asked.validate_only || R::KIND.can_be_private() {
        let mut rows = tx.run(statements).await?.into_iter();
        if let Some(earlier) = new.asked.earlier(&mut rows)? {
            return replay(tx, earlier).await;
        }
        let locked = Locked::read(rows.by_ref().take(n_locks))?;
        if locked.knows(&name.to_string()) {
            return Err(Error::Exists(name));
        }
        elsewhere = texts(rows.by_ref().take(n_elsewhere))?;
        let external_ids = new.resource.header().external_ids;
        if !external_ids.is_empty() {
            key::check_holders(R::KIND, &name, external_ids, &rows.next().unwrap_or_default())?;
        }
        for Companion { kind, name, external_ids, .. } in new.companions.iter().filter(has_external_ids) {
            key::check_holders(*kind, name, external_ids, &rows.next().unwrap_or_default())?;
        }
        check_distinct(&new.companions)?;
        locked.check(&references)?;
    }
    insert(tx, new, &elsewhere).await
}

fn has_external_ids(companion: &&Companion) -> bool {
    !companion.external_ids.is_empty()
}

/// Refuses companions of which two have the same external id.
fn check_distinct(companions: &[Companion]) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for companion in companions {
        for id in &companion.external_ids {
            if !seen.insert((companion.kind, &id.system, &id.id)) {
                return Err(Error::ExternalIdExists { kind: companion.kind, system: id.system.clone(), holder: None });
            }
        }
    }
    Ok(())
}

/// Writes a record that nothing stands in the way of.
pub(super) async fn insert<R: Resource>(
    mut tx: Tx,
    new: New<R>,
    elsewhere: &[String],
) -> Result<(Tx, Written<R>), Error> {
    let scope = tx.scope().clone();
    let New { mut resource, asked, companions } = new;
    resource.stamp(tx.author(), tx.now());
    check_rivals(&mut tx, &resource).await?;
    if asked.validate_only {
        if name_of(&resource).is_chosen() {
            check_name_is_free::<R>(&mut tx, name_of(&resource)).await?;
        } else {
            resource.header_mut().name.clear();
        }
        return Ok((tx, Written::now(resource)));
    }
    begin(&mut resource, tx.now());
    let mut statements = insert_rows(&scope, &resource);
    let mut changes = vec![Change::of(Action::Created, None, &resource, elsewhere)];
    for companion in companions {
        let (rows, change) = (companion.rows)(&scope, tx.now());
        statements.extend(rows);
        changes.push(change);
    }
    let affected = resource.affects();
    let resource = change::finish(&mut tx, resource, statements, changes, affected, &asked).await?;
    Ok((tx, Written::now(resource)))
}

/// Refuses what another record has and only one can have.
pub(super) async fn check_rivals<R: Resource>(tx: &mut Tx, resource: &R) -> Result<(), Error> {
    let Some(statement) = resource.rivals(tx.scope()) else { return Ok(()) };
    for row in tx.run(vec![statement]).await?.into_iter().flatten() {
        let name = row.text(0)?;
        if name != resource.header().name {
            return Err(Error::PrincipalExists { holder: Name::parse(R::KIND, &name) });
        }
    }
    Ok(())
}

/// Refuses a name that a record has of which this caller does not know: writing it would fail.
async fn check_name_is_free<R: Resource>(tx: &mut Tx, name: Name) -> Result<(), Error> {
    if !R::KIND.can_be_private() {
        return Ok(());
    }
    let taken = Sql::new("select 1 from ").push(R::KIND.collection());
    let taken = taken.push(" where tenant_id = ").bind(tx.scope().tenant()).push(" and name = ").bind(name.to_string());
    let rows = tx.run(vec![taken]).await?;
    if rows.into_iter().flatten().next().is_some() { Err(Error::Exists(name)) } else { Ok(()) }
}

/// Gives a new record its etag and times.
fn begin<R: Resource>(resource: &mut R, now: Micros) {
    let header = resource.header_mut();
    *header.etag = resource::new_etag();
    *header.create_time = Some(clock::timestamp(now));
    *header.update_time = *header.create_time;
}

fn insert_rows<R: Resource>(scope: &TenantScope, resource: &R) -> Vec<Sql> {
    let mut statements = vec![resource::insert(scope, resource)];
    statements.extend(key::insert(scope, R::KIND, resource.header().name, key::all(resource)));
    statements.extend(resource.further_rows(scope, None));
    statements
}

/// Answers a repeated request with what the first one did: its name, etag and revision, and the resource as it is.
pub(super) async fn replay<R: Resource>(mut tx: Tx, earlier: Earlier) -> Result<(Tx, Written<R>), Error> {
    let name = Name::parse(R::KIND, &earlier.name).ok_or_else(|| Error::internal("a request id filed no name"))?;
    let rows = tx.run(vec![select_for_update::<R>(tx.scope(), &name, tx.now())]).await?;
    let rows: Vec<Row> = rows.into_iter().flatten().collect();
    let resource = match decode_one::<R>(&rows)? {
        Some(mut stored) if !earlier.etag.is_empty() => {
            *stored.resource.header_mut().etag = earlier.etag;
            stored.resource
        }
        // A deletion that found nothing has no etag to repeat.
        found if earlier.etag.is_empty() => found.map(|stored| stored.resource).unwrap_or_default(),
        // By now it is PRIVATE to somebody else.
        _ => return Err(Error::NotFound(name)),
    };
    tx.set_revision(earlier.revision);
    Ok((tx, Written { resource, replayed: true }))
}
