//! The unit that creates a record, and what every writing unit returns.

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::name::{Kind, Name};
use crate::pb;
use crate::store::engine::tx::Tx;
use crate::store::record::change::{Action, Change};
use crate::store::record::counted::Affected;
use crate::store::record::key::{self, KeyRow};
use crate::store::record::private_links;
use crate::store::record::reference::Reference;
use crate::store::record::request::{Earlier, RecordVersion, WriteOptions};
use crate::store::record::resource::{self, Resource, Stored, name_of, select_for_update};
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Value, scoped};
use crate::store::write::finish::{self, Edited};
use crate::store::write::obstacles::{self, Obstacles};

/// A record to create. Its fields are checked and its name is set.
pub struct New<R> {
    /// The record.
    pub resource: R,
    /// Request id and dry run.
    pub options: WriteOptions,
    /// Further records, created in the same transaction.
    pub companions: Vec<Companion>,
}

impl<R: Resource> New<R> {
    /// Returns the records that the unit is known to lock. A name that was made up is nobody else's.
    pub fn records(&self) -> Vec<Name> {
        let own = Some(name_of(&self.resource)).filter(Name::is_chosen);
        let references = self.resource.references();
        let references = references.into_iter().map(|one| one.target);
        own.into_iter().chain(references).collect()
    }
}

/// A record of another kind created in the same unit.
pub struct Companion {
    pub(crate) kind: Kind,
    pub(crate) name: Name,
    pub(crate) external_ids: Vec<pb::ExternalId>,
    pub(crate) references: Vec<Reference>,
    rows: MakeRows,
}

/// Makes the statements of a companion once the time of the unit is known.
type MakeRows = Box<dyn FnOnce(&TenantScope, Micros) -> Rows + Send>;

/// What is written for a new record.
struct Rows {
    row: Query<()>,
    keys: Vec<KeyRow>,
    side_rows: Vec<Query<()>>,
    change: Change,
    version: RecordVersion,
}

impl Rows {
    fn of<R: Resource>(scope: &TenantScope, resource: &R, other_customers: &[String]) -> Rows {
        let header = resource.header();
        Rows {
            row: resource::insert(scope, resource),
            keys: key::rows_of(R::KIND, header.name, key::all(resource)),
            side_rows: resource.side_rows(scope, None),
            change: Change::of(Action::Created, None, resource, other_customers),
            version: RecordVersion::of(header.name, header.etag),
        }
    }
}

impl Companion {
    /// Takes a record whose fields are checked and whose name is set, and its path in the request.
    pub fn new<C: Resource>(mut resource: C, path: &str) -> Companion {
        let mut references = resource.references();
        for reference in &mut references {
            reference.field = format!("{path}.{}", reference.field);
        }
        let (name, external_ids) = (name_of(&resource), resource.header().external_ids.to_vec());
        let rows = Box::new(move |scope: &TenantScope, now: Micros| {
            begin(&mut resource, now);
            Rows::of(scope, &resource, &[])
        });
        Companion {
            kind: C::KIND,
            name,
            external_ids,
            references,
            rows,
        }
    }
}

/// What a writing unit returns.
#[derive(Debug)]
pub struct Written<R> {
    /// The resource as it is now.
    pub resource: R,
    /// Whether an earlier call with the same request id did the work.
    pub replayed: bool,
}

impl<R> Written<R> {
    /// Makes the answer with a record that this call wrote.
    pub fn new(resource: R) -> Written<R> {
        Written {
            resource,
            replayed: false,
        }
    }
}

impl<R: Resource> Written<R> {
    /// Makes the answer with a record as this call left it, without the references that the caller may not see.
    pub fn now(resource: R, hidden: &[String]) -> Written<R> {
        Written::new(private_links::seen(&resource, hidden).into_owned())
    }
}

/// Creates a record: claims the request id, locks what it refers to, refuses what is taken, writes.
pub async fn create<R: Resource>(mut tx: Tx, new: New<R>) -> Result<(Tx, Written<R>), Error> {
    let obstacles = Obstacles::of(tx.scope(), &new, &[]);
    let mut other_customers = Vec::new();
    // A validation must learn the revision, which is part of every answer; a private kind needs the author, too.
    let learns = new.options.validate_only || R::KIND.can_be_private();
    if learns || new.options.request.is_some() || !obstacles.is_empty() {
        let claim = new.options.claim(tx.scope(), tx.now());
        let (claimed, found) = tx.run((claim, obstacles.looks)).await?;
        if let Some(earlier) = new.options.earlier(claimed)? {
            return replay(tx, earlier).await;
        }
        other_customers = obstacles::judge(&new, &obstacles.references, found)?;
    }
    insert(tx, new, &other_customers).await
}

/// Writes a record once nothing is in its way.
pub(crate) async fn insert<R: Resource>(
    mut tx: Tx,
    new: New<R>,
    other_customers: &[String],
) -> Result<(Tx, Written<R>), Error> {
    let scope = tx.scope().clone();
    let New {
        mut resource,
        options,
        companions,
    } = new;
    resource.stamp(tx.author(), tx.now());
    let again = finish::check(&mut tx, None, &resource).await?;
    check_name_is_free(&mut tx, &resource).await?;
    if options.validate_only {
        if !name_of(&resource).is_chosen() {
            resource.header_mut().name.clear();
        }
        return Ok((tx, Written::new(resource)));
    }
    let made = make(&scope, &mut resource, companions, other_customers, tx.now());
    let affected = Affected::of(None, &resource);
    let edited = Edited {
        before: None,
        after: resource,
        writes: made.statements,
        changes: made.changes,
        affected,
        options: &options,
    };
    let resource = finish::finish(&mut tx, edited, again).await?;
    Ok((tx, Written::new(resource)))
}

/// New records about to be stored.
pub(crate) struct Made {
    /// The statements that write them.
    pub statements: Vec<Query<()>>,
    /// One change for each.
    pub changes: Vec<Change>,
    /// Their names and etags, the main record's first.
    pub versions: Vec<RecordVersion>,
}

/// Gives a record and its companions their etags and times, and plans how to write them.
pub(crate) fn make<R: Resource>(
    scope: &TenantScope,
    resource: &mut R,
    companions: Vec<Companion>,
    other_customers: &[String],
    now: Micros,
) -> Made {
    begin(resource, now);
    let mut all = vec![Rows::of(scope, resource, other_customers)];
    all.extend(companions.into_iter().map(|of| (of.rows)(scope, now)));
    let changes = all.iter().map(|rows| rows.change.clone()).collect();
    let versions = all.iter().map(|rows| rows.version.clone()).collect();
    // Rows by name and then keys in their order: two units that choose the same ones do not wait for each other.
    all.sort_by(|one, other| one.version.name.cmp(&other.version.name));
    let (mut statements, mut keys, mut side_rows) = (Vec::new(), Vec::new(), Vec::new());
    for rows in all {
        statements.push(rows.row);
        keys.extend(rows.keys);
        side_rows.extend(rows.side_rows);
    }
    statements.extend(key::insert(scope, keys));
    statements.extend(side_rows);
    Made {
        statements,
        changes,
        versions,
    }
}

/// Refuses a value that must be unique and that another record already has.
pub(crate) async fn check_unique<R: Resource>(tx: &mut Tx, resource: &R) -> Result<(), Error> {
    let columns = R::COLUMNS
        .iter()
        .filter(|column| R::UNIQUE.contains(&column.name));
    for column in columns {
        let value = (column.get)(resource);
        if value == Value::from("") {
            continue;
        }
        let holders = scoped!(
            tx.scope(),
            "select name from :{table}
             where tenant_id = :tenant and :{column} <> '' and :{column} = :value",
            table = R::KIND.collection(),
            column = column.name,
            value,
        );
        let holders = tx.run(holders.texts("name")).await?;
        let own = resource.header().name;
        if let Some(holder) = holders.into_iter().find(|holder| holder != own) {
            return Err(Error::ValueExists {
                kind: R::KIND,
                field: column.path,
                holder: Name::parse(R::KIND, &holder),
            });
        }
    }
    Ok(())
}

/// Refuses a name taken by a record that the caller may not see: writing it would fail.
pub(crate) async fn check_name_is_free<R: Resource>(
    tx: &mut Tx,
    resource: &R,
) -> Result<(), Error> {
    let name = name_of(resource);
    if !R::KIND.can_be_private() || !name.is_chosen() {
        return Ok(());
    }
    let taken = scoped!(
        tx.scope(),
        "select name from :{table} where tenant_id = :tenant and name = :name",
        table = R::KIND.collection(),
        name = &name,
    );
    match tx.run(taken.texts("name")).await?.is_empty() {
        true => Ok(()),
        false => Err(Error::Exists(name)),
    }
}

/// Gives a new record its etag and times.
fn begin<R: Resource>(resource: &mut R, now: Micros) {
    let header = resource.header_mut();
    *header.etag = resource::new_etag();
    *header.create_time = Some(clock::timestamp(now));
    *header.update_time = *header.create_time;
}

/// Answers a repeated request with what the first one did: its name, etag and revision, and the resource as it is
/// now.
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
    let now = select_for_update::<R>(tx.scope(), &name, tx.now());
    let resource = match tx.run(now).await? {
        Some(mut stored) if !etag.is_empty() => {
            *stored.resource.header_mut().etag = etag;
            stored.seen()
        }
        // A deletion that found nothing has no etag to repeat.
        found if etag.is_empty() => found.map(Stored::seen).unwrap_or_default(),
        // By now it is PRIVATE to someone else.
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
