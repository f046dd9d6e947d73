//! The unit that creates a record, and what every writing unit answers.

use std::collections::BTreeSet;

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::name::{Kind, Name};
use crate::pb;
use crate::store::engine::tx::Tx;
use crate::store::read::definition::size;
use crate::store::record::change::{self, Action, Change};
use crate::store::record::key;
use crate::store::record::lock::{Locked, Locks};
use crate::store::record::private_links;
use crate::store::record::request::{Earlier, RecordVersion, WriteOptions};
use crate::store::record::resource::{
    self, Reference, Resource, Stored, decode_one, name_of, select_for_update,
};
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Row, Sql};
use crate::store::write::update::texts;

/// A record to be made. Its fields are checked and its name is set.
pub struct New<R> {
    /// The record.
    pub resource: R,
    /// How it was asked for.
    pub options: WriteOptions,
    /// Further records, made with it or not at all.
    pub companions: Vec<Companion>,
}

/// A record of another kind that is made in the same unit.
pub struct Companion {
    kind: Kind,
    name: Name,
    path: String,
    external_ids: Vec<pb::ExternalId>,
    references: Vec<Reference>,
    rows: MakeRows,
}

/// Makes the statements of a companion once the time of the unit is known.
type MakeRows = Box<dyn FnOnce(&TenantScope, Micros) -> Rows + Send>;

/// What is written of a companion.
struct Rows {
    statements: Vec<Sql>,
    change: Change,
    version: RecordVersion,
}

impl Companion {
    /// Takes a record whose fields are checked and whose name is set, and the path at which it stands in the request.
    pub fn new<C: Resource>(mut resource: C, path: &str) -> Companion {
        let mut references = resource.references();
        for reference in &mut references {
            reference.field = format!("{path}.{}", reference.field);
        }
        let (name, external_ids) = (name_of(&resource), resource.header().external_ids.to_vec());
        let rows = Box::new(move |scope: &TenantScope, now: Micros| {
            begin(&mut resource, now);
            Rows {
                statements: insert_rows(scope, &resource),
                change: Change::of(Action::Created, None, &resource, &[]),
                version: RecordVersion::of(resource.header().name, resource.header().etag),
            }
        });
        Companion {
            kind: C::KIND,
            name,
            path: path.to_owned(),
            external_ids,
            references,
            rows,
        }
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
    /// Answers with a record that this call made.
    pub fn new(resource: R) -> Written<R> {
        Written {
            resource,
            replayed: false,
        }
    }
}

impl<R: Resource> Written<R> {
    /// Answers with a record as this call left it, but for the references that the caller may not see.
    pub fn now(resource: R, hidden: &[String]) -> Written<R> {
        Written::new(private_links::seen(&resource, hidden).into_owned())
    }
}

/// Creates a record: claims the request id, locks what it refers to, refuses what is taken, writes.
pub async fn create<R: Resource>(mut tx: Tx, new: New<R>) -> Result<(Tx, Written<R>), Error> {
    let mut statements = new.options.claim(tx.scope(), tx.now());
    let mut obstacles = Obstacles::of(tx.scope(), &new);
    statements.append(&mut obstacles.statements);
    let mut elsewhere = Vec::new();
    // A validation needs to learn the revision, which is part of every answer; an author is learnt with it.
    if !statements.is_empty() || new.options.validate_only || R::KIND.can_be_private() {
        let mut rows = tx.run(statements).await?.into_iter();
        if let Some(earlier) = new.options.earlier(&mut rows)? {
            return replay(tx, earlier).await;
        }
        elsewhere = obstacles.judge(&new, &mut rows)?;
    }
    insert(tx, new, &elsewhere).await
}

/// What can stand in the way of new records: names that are taken, references that cannot be used, external ids that
/// another record holds.
pub(crate) struct Obstacles {
    /// The statements that look, and lock what is referred to.
    pub statements: Vec<Sql>,
    references: Vec<Reference>,
    n_locks: usize,
    n_elsewhere: usize,
}

impl Obstacles {
    /// Plans what to look at. References from one new record to another need no look; one to itself is refused by it.
    pub fn of<R: Resource>(scope: &TenantScope, new: &New<R>) -> Obstacles {
        let name = name_of(&new.resource);
        let made: BTreeSet<&Name> = new
            .companions
            .iter()
            .map(|companion| &companion.name)
            .chain([&name])
            .collect();
        let outside = |of: &Name, mut references: Vec<Reference>| {
            references
                .retain(|reference| reference.target == *of || !made.contains(&reference.target));
            references
        };
        let mut references = outside(&name, new.resource.references());
        let of_companions = new.companions.iter();
        references.extend(of_companions.flat_map(|one| outside(&one.name, one.references.clone())));
        let chosen = new
            .companions
            .iter()
            .filter(|companion| companion.name.is_chosen());
        let chosen = chosen.map(|Companion { path, name, .. }| Reference {
            field: path.clone(),
            target: name.clone(),
        });
        let locked: Vec<Reference> = references.iter().cloned().chain(chosen).collect();
        let needs_locks = name.is_chosen() || !locked.is_empty();
        let locks = needs_locks.then(|| Locks::of::<R>(scope, &name, &locked));
        let n_locks = locks.as_ref().map_or(0, Locks::n_statements);
        let mut statements = locks.map(Locks::into_statements).unwrap_or_default();
        let elsewhere = R::other_customers(scope, None, &references);
        let n_elsewhere = usize::from(elsewhere.is_some());
        statements.extend(elsewhere);
        statements.extend(key::holders(
            scope,
            R::KIND,
            new.resource.header().external_ids,
        ));
        let of_companions =
            |companion: &Companion| key::holders(scope, companion.kind, &companion.external_ids);
        statements.extend(new.companions.iter().filter_map(of_companions));
        Obstacles {
            statements,
            references,
            n_locks,
            n_elsewhere,
        }
    }

    /// Judges the rows of the statements, and returns the customers whose profile the main record alters without
    /// naming them.
    pub fn judge<R: Resource>(
        self,
        new: &New<R>,
        rows: &mut impl Iterator<Item = Vec<Row>>,
    ) -> Result<Vec<String>, Error> {
        let name = name_of(&new.resource);
        let locked = Locked::read(rows.by_ref().take(self.n_locks))?;
        let made = new.companions.iter().map(|companion| &companion.name);
        if let Some(taken) = [&name]
            .into_iter()
            .chain(made)
            .find(|name| locked.knows(&name.to_string()))
        {
            return Err(Error::Exists(taken.clone()));
        }
        let elsewhere = texts(rows.by_ref().take(self.n_elsewhere))?;
        let external_ids = new.resource.header().external_ids;
        if !external_ids.is_empty() {
            key::check_holders(
                R::KIND,
                &name,
                external_ids,
                &rows.next().unwrap_or_default(),
            )?;
        }
        for Companion {
            kind,
            name,
            external_ids,
            ..
        } in new.companions.iter().filter(has_external_ids)
        {
            key::check_holders(*kind, name, external_ids, &rows.next().unwrap_or_default())?;
        }
        check_distinct(&new.companions)?;
        locked.check(&self.references)?;
        Ok(elsewhere)
    }
}

fn has_external_ids(companion: &&Companion) -> bool {
    !companion.external_ids.is_empty()
}

/// Refuses companions of which two have the same name or the same external id.
fn check_distinct(companions: &[Companion]) -> Result<(), Error> {
    let (mut names, mut seen) = (BTreeSet::new(), BTreeSet::new());
    for companion in companions {
        if !names.insert(&companion.name) {
            return Err(Error::Exists(companion.name.clone()));
        }
        for id in &companion.external_ids {
            if !seen.insert((companion.kind, &id.system, &id.id)) {
                return Err(Error::ExternalIdExists {
                    kind: companion.kind,
                    system: id.system.clone(),
                    holder: None,
                });
            }
        }
    }
    Ok(())
}

/// Writes a record that nothing stands in the way of.
pub(crate) async fn insert<R: Resource>(
    mut tx: Tx,
    new: New<R>,
    elsewhere: &[String],
) -> Result<(Tx, Written<R>), Error> {
    let scope = tx.scope().clone();
    let New {
        mut resource,
        options,
        companions,
    } = new;
    resource.stamp(tx.author(), tx.now());
    check_unique(&mut tx, &resource).await?;
    size::check(&mut tx, None, &resource).await?;
    if options.validate_only {
        if name_of(&resource).is_chosen() {
            check_name_is_free::<R>(&mut tx, name_of(&resource)).await?;
        } else {
            resource.header_mut().name.clear();
        }
        return Ok((tx, Written::new(resource)));
    }
    let made = make(&scope, &mut resource, companions, elsewhere, tx.now());
    let affected = resource.last_talk_inputs();
    let resource = change::finish(
        &mut tx,
        resource,
        made.statements,
        made.changes,
        affected,
        &options,
    )
    .await?;
    Ok((tx, Written::new(resource)))
}

/// New records on their way into the store.
pub(crate) struct Made {
    /// The statements that write them.
    pub statements: Vec<Sql>,
    /// One change for each.
    pub changes: Vec<Change>,
    /// Their names and etags, the main record's first.
    pub versions: Vec<RecordVersion>,
}

/// Begins the lives of a record and its companions.
pub(crate) fn make<R: Resource>(
    scope: &TenantScope,
    resource: &mut R,
    companions: Vec<Companion>,
    elsewhere: &[String],
    now: Micros,
) -> Made {
    begin(resource, now);
    let mut made = Made {
        statements: insert_rows(scope, resource),
        changes: vec![Change::of(Action::Created, None, resource, elsewhere)],
        versions: vec![RecordVersion::of(
            resource.header().name,
            resource.header().etag,
        )],
    };
    for companion in companions {
        let Rows {
            statements,
            change,
            version,
        } = (companion.rows)(scope, now);
        made.statements.extend(statements);
        made.changes.push(change);
        made.versions.push(version);
    }
    made
}

/// Refuses what another record has and only one can have.
pub(crate) async fn check_unique<R: Resource>(tx: &mut Tx, resource: &R) -> Result<(), Error> {
    let Some(statement) = resource.unique_conflict(tx.scope()) else {
        return Ok(());
    };
    for row in tx.run(vec![statement]).await?.into_iter().flatten() {
        let name = row.text(0)?;
        if name != resource.header().name {
            return Err(Error::PrincipalExists {
                holder: Name::parse(R::KIND, &name),
            });
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
    let taken = taken
        .push(" where tenant_id = ")
        .bind(tx.scope().tenant())
        .push(" and name = ")
        .bind(name.to_string());
    let rows = tx.run(vec![taken]).await?;
    if rows.into_iter().flatten().next().is_some() {
        Err(Error::Exists(name))
    } else {
        Ok(())
    }
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
    statements.extend(key::insert(
        scope,
        R::KIND,
        resource.header().name,
        key::all(resource),
    ));
    statements.extend(resource.side_rows(scope, None));
    statements
}

/// Answers a repeated request with what the first one did: its name, etag and revision, and the resource as it is.
pub(crate) async fn replay<R: Resource>(
    mut tx: Tx,
    earlier: Earlier,
) -> Result<(Tx, Written<R>), Error> {
    let Earlier { versions, revision } = earlier;
    let RecordVersion { name, etag } = versions
        .into_iter()
        .next()
        .unwrap_or_else(|| RecordVersion::of("", ""));
    let name =
        Name::parse(R::KIND, &name).ok_or_else(|| Error::internal("a request id filed no name"))?;
    let rows = tx
        .run(vec![select_for_update::<R>(tx.scope(), &name, tx.now())])
        .await?;
    let rows: Vec<Row> = rows.into_iter().flatten().collect();
    let resource = match decode_one::<R>(&rows)? {
        Some(mut stored) if !etag.is_empty() => {
            *stored.resource.header_mut().etag = etag;
            stored.seen()
        }
        // A deletion that found nothing has no etag to repeat.
        found if etag.is_empty() => found.map(Stored::seen).unwrap_or_default(),
        // By now it is PRIVATE to somebody else.
        _ => return Err(Error::NotFound(name)),
    };
    tx.set_revision(revision);
    Ok((
        tx,
        Written {
            resource,
            replayed: true,
        },
    ))
}
