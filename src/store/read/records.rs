//! Reading records: one, several, a page.
//!
//! Each is one statement, or several in one snapshot, and returns the tenant's revision of the state that it read.

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::filter::tree::Filter;
use crate::name::Name;
use crate::page::{Order, SortValue};
use crate::store::engine::db::{At, Db};
use crate::store::engine::lane::Cost;
use crate::store::engine::snapshot::Snapshot;
use crate::store::read::definition;
use crate::store::read::filter::{self, Leading};
use crate::store::record::resource::{Resource, columns_as, decode_joined, visible};
use crate::store::record::sort_key::{SortKey, WhenUnset, keys_of};
use crate::store::scope::TenantScope;
use crate::store::sql::author::who_writes;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Part, Row, Sql, part, scoped};

/// A page to read.
pub struct Page<'a> {
    /// The most records.
    pub size: usize,
    /// The order; its last key is the name.
    pub order: &'a Order,
    /// The sort values of the record before the page; empty for the first page.
    pub after: Vec<SortValue>,
    /// The filter that the records meet, if any.
    pub filter: Option<&'a Filter>,
    /// Whether deleted records are listed too.
    pub show_deleted: bool,
    /// The time as of which derived values are read.
    pub now: Micros,
}

impl Page<'_> {
    /// Says what it costs to read: whatever order is asked for follows an index, but a filter may be met by few of very
    /// many, and few of very many may be anybody else's to see.
    pub fn cost<R: Resource>(&self) -> Cost {
        match self.filter {
            None if !R::KIND.can_be_private() => Cost::Cheap,
            _ => Cost::Dear,
        }
    }
}

/// Reads one record, deleted or not.
pub async fn get<R: Resource>(
    db: &Db,
    scope: &TenantScope,
    name: &Name,
) -> Result<At<Option<R>>, Error> {
    let found = few(scope, part!("name = :name", name), db.clock().now());
    let found = db.fetch(scope, found).await?;
    Ok(At {
        answer: found.answer.into_iter().next(),
        revision: found.revision,
    })
}

/// Reads several records, deleted or not, in no particular order and each once.
pub async fn batch_get<R: Resource>(
    db: &Db,
    scope: &TenantScope,
    names: &[Name],
) -> Result<At<Vec<R>>, Error> {
    let names: Vec<String> = names.iter().map(Name::to_string).collect();
    let found = few(scope, part!("name = any(:names)", names), db.clock().now());
    db.fetch(scope, found).await
}

/// Reads a page: one more record than its size, which shows whether another page follows.
pub async fn list<R: Resource>(
    db: &Db,
    scope: &TenantScope,
    page: Page<'_>,
) -> Result<At<Vec<R>>, Error> {
    let names_segments = page
        .filter
        .is_some_and(|filter| !filter.segments().is_empty());
    if let ([stretch], false) = (stretches::<R>(&page), names_segments) {
        let statement = page_statement::<R>(scope, &page, page.filter, *stretch)?;
        let mut records = Records::default();
        db.each(scope, page.cost::<R>(), statement, |row| records.take(row))
            .await?;
        if !records.records.is_empty() {
            return Ok(records.finish());
        }
    }
    let mut snapshot = db.snapshot(scope, page.cost::<R>()).await?;
    completed_page(&mut snapshot, scope, &page).await
}

/// Reads a page, with the segments that its filter names read in the snapshot.
pub async fn completed_page<R: Resource>(
    snapshot: &mut Snapshot,
    scope: &TenantScope,
    page: &Page<'_>,
) -> Result<At<Vec<R>>, Error> {
    let filter = match page.filter {
        Some(filter) => Some(definition::complete(snapshot, scope, filter).await?),
        None => None,
    };
    page_in(snapshot, scope, page, filter.as_ref()).await
}

/// Reads a page whose filter is complete. Rows become records as they arrive, while the engine looks for the next
/// ones.
pub async fn page_in<R: Resource>(
    snapshot: &mut Snapshot,
    scope: &TenantScope,
    page: &Page<'_>,
    filter: Option<&Filter>,
) -> Result<At<Vec<R>>, Error> {
    let mut records = Records::default();
    for statement in page_statements::<R>(scope, page, filter)? {
        snapshot.each(statement, |row| records.take(row)).await?;
        if records.records.len() > page.size {
            break;
        }
    }
    records.records.truncate(page.size + 1);
    if records.records.is_empty() {
        let revision = scoped!(scope, "select revision from tenants where id = :tenant");
        let revision = revision.maybe(["revision"], |row, [at]| row.int(at));
        records.revision = snapshot.run(revision).await?.unwrap_or(0);
    }
    Ok(records.finish())
}

/// Reads the whole of a page in the order of names, whose filter is complete.
pub fn page_by_name<R: Resource>(
    scope: &TenantScope,
    page: &Page<'_>,
    filter: Option<&Filter>,
) -> Result<Query<At<Vec<R>>>, Error> {
    Ok(page_statement::<R>(scope, page, filter, Stretch::All)?.read(Records::read))
}

/// Returns the statements of a page whose filter is complete, each of which is run if those before it have not filled
/// the page.
pub fn page_statements<R: Resource>(
    scope: &TenantScope,
    page: &Page<'_>,
    filter: Option<&Filter>,
) -> Result<Vec<Sql>, Error> {
    let statement = |stretch: &Stretch| page_statement::<R>(scope, page, filter, *stretch);
    stretches::<R>(page).iter().map(statement).collect()
}

/// A stretch of a list. One that is sorted by a field that may be unset has the records with the field first, in
/// either direction; one statement for both would go along no index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stretch {
    /// All records.
    All,
    /// Those that have the field set that they are sorted by first.
    Set,
    /// Those that have it unset.
    Unset,
}

/// Returns the stretches that a page may lie in, in their order.
fn stretches<R: Resource>(page: &Page<'_>) -> &'static [Stretch] {
    match keys_of::<R>(page.order).first() {
        Some(key) if key.unset != WhenUnset::Never => match page.after.first() {
            Some(SortValue::Unset) => &[Stretch::Unset],
            _ => &[Stretch::Set, Stretch::Unset],
        },
        _ => &[Stretch::All],
    }
}

/// Returns the statement of a page in a stretch of the list. The revision comes with each record, so not at all if
/// there are none: a row for it alone would make SQLite copy and sort the page.
fn page_statement<R: Resource>(
    scope: &TenantScope,
    page: &Page<'_>,
    filter: Option<&Filter>,
    stretch: Stretch,
) -> Result<Sql, Error> {
    let is_by_name = page.order.keys == ["name"];
    let led = filter.filter(|_| is_by_name).and_then(filter::leading::<R>);
    let (key, filter, name) = match &led {
        Some((key, rest)) => (Some(key), Some(rest), "keys.name"),
        None => (None, filter, "name"),
    };
    let place = PlaceInOrder::<R>::new(page.order, name, stretch);
    let mut records = vec![from_visible::<R>(scope, key)];
    if !page.show_deleted {
        records.push(part!("delete_time is null"));
    }
    if let Some(filter) = filter {
        records.push(filter::condition::<R>(scope, filter, page.now)?);
    }
    records.extend(place.in_stretch());
    records.extend(place.after(&page.after));
    Ok(scoped!(
        scope,
        "select (select revision from tenants where id = :tenant) as revision, :{columns}
         :{records}
         order by :{order}
         limit +:most",
        columns = columns_as::<R>("record", scope, &clock::date_of(page.now)),
        records = Part::join("\n  and ", records),
        order = place.order_by(),
        most = i64::try_from(page.size + 1).map_err(Error::internal)?,
    ))
}

/// Returns `from` and a `where` for the tenant's records that the caller may see; further conditions may follow.
///
/// Records under a key are found along the table of keys, which has their names in order: a page of them costs the
/// same however many there are. Given a subquery of names, SQLite would collect all of them first.
pub fn from_visible<R: Resource>(scope: &TenantScope, key: Option<&Leading<'_>>) -> Part {
    let table = R::KIND.collection();
    let visible = visible(R::KIND, scope);
    let Some(key) = key else {
        let all = scoped!(
            scope,
            "from :{table}
             where :{table}.tenant_id = :tenant :{visible}",
            table,
            visible,
        );
        return all.into();
    };
    scoped!(
        scope,
        "from keys cross join :{table}
         where keys.tenant_id = :tenant and keys.kind = :kind and keys.field = :{field}
           and keys.key = :key and keys.value = :value
           and :{table}.name = keys.name and :{table}.tenant_id = :tenant :{visible}",
        table,
        kind = table,
        field = Part::literal(key.field),
        key = key.key,
        value = key.value,
        visible,
    )
    .into()
}

/// Reads who is the author of what the caller writes.
pub async fn author(db: &Db, scope: &TenantScope) -> Result<String, Error> {
    db.fetch(scope, who_writes(scope)).await
}

/// Reads the few records that meet a condition. The tenant's revision comes with each, or on a row of its own if
/// there are none.
fn few<R: Resource>(scope: &TenantScope, condition: Part, now: Micros) -> Query<At<Vec<R>>> {
    scoped!(
        scope,
        "select tenants.revision, record.*
         from tenants
         left join (
             select :{columns}
             :{records}
               and :{condition}
         ) record on 1 = 1
         where tenants.id = :tenant",
        columns = columns_as::<R>("record", scope, &clock::date_of(now)),
        records = from_visible::<R>(scope, None),
        condition,
    )
    .read(Records::read)
}

/// The records read so far, and the revision that comes with them.
struct Records<R> {
    /// The columns of the revision and of the record, known from the first row on.
    columns: Option<[usize; 2]>,
    records: Vec<R>,
    revision: i64,
}

impl<R> Default for Records<R> {
    fn default() -> Records<R> {
        Records {
            columns: None,
            records: Vec::new(),
            revision: 0,
        }
    }
}

impl<R: Resource> Records<R> {
    fn read(rows: Vec<Row>) -> Result<At<Vec<R>>, Error> {
        let mut records = Records::default();
        rows.iter().try_for_each(|row| records.take(row))?;
        Ok(records.finish())
    }

    fn take(&mut self, row: &Row) -> Result<(), Error> {
        let [revision, record] = match self.columns {
            Some(columns) => columns,
            None => *self.columns.insert(row.columns(["revision", "record"])?),
        };
        self.revision = row.int(revision)?;
        self.records.extend(decode_joined::<R>(row, record)?);
        Ok(())
    }

    fn finish(self) -> At<Vec<R>> {
        At {
            answer: self.records,
            revision: self.revision,
        }
    }
}

/// The order of a stretch of a list, in the words of its statement.
struct PlaceInOrder<R: 'static> {
    keys: Vec<&'static SortKey<R>>,
    /// The name, as it is written in the statement.
    name: &'static str,
    descending: bool,
    stretch: Stretch,
}

impl<R: Resource> PlaceInOrder<R> {
    fn new(order: &Order, name: &'static str, stretch: Stretch) -> PlaceInOrder<R> {
        PlaceInOrder {
            keys: keys_of::<R>(order),
            name,
            descending: order.descending,
            stretch,
        }
    }

    /// Returns the expressions that are sorted by. Within a stretch the first is its column, which an index holds.
    fn expressions(&self) -> Vec<Part> {
        let rest = self.keys.iter().skip(1);
        let rest = rest.map(|key| key.expression(self.name, self.descending));
        let first = self.keys.first().map(|key| key.written(self.name));
        first.into_iter().chain(rest).collect()
    }

    fn order_by(&self) -> Part {
        let direction = if self.descending { "desc" } else { "asc" };
        let key = |column| part!(":{column} :{direction}", column, direction);
        Part::join(", ", self.expressions().into_iter().map(key))
    }

    fn in_stretch(&self) -> Option<Part> {
        let first = self.keys.first()?;
        match self.stretch {
            Stretch::All => None,
            Stretch::Set => Some(first.is_set(true)),
            Stretch::Unset => Some(first.is_set(false)),
        }
    }

    /// Returns the condition that a record comes after these sort values, if they are in this stretch. Compares whole
    /// keys as row values, for which both engines walk an index.
    fn after(&self, values: &[SortValue]) -> Option<Part> {
        let is_unset = values.first()? == &SortValue::Unset;
        if is_unset != (self.stretch == Stretch::Unset) {
            return None;
        }
        // All of the stretch have the first field unset.
        let skipped = usize::from(is_unset);
        let bound =
            |(key, value): (&&SortKey<R>, _)| Part::value(key.bound(value, self.descending));
        let values = self.keys.iter().zip(values).skip(skipped).map(bound);
        Some(part!(
            "(:{columns}) :{follows} (:{values})",
            columns = Part::join(", ", self.expressions().into_iter().skip(skipped)),
            follows = if self.descending { "<" } else { ">" },
            values = Part::join(", ", values),
        ))
    }
}
