//! Reading records: one, several, a page.
//!
//! Each is one statement, or several of one snapshot, and tells the tenant's revision of the state that it read.

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::filter::tree::Filter;
use crate::name::Name;
use crate::page::{Order, SortValue};
use crate::store::engine::db::{At, Db};
use crate::store::engine::snapshot::Snapshot;
use crate::store::read::definition;
use crate::store::read::filter::{self, Leading};
use crate::store::record::resource::{Resource, columns_in_join, decode_joined, visible};
use crate::store::scope::TenantScope;
use crate::store::sql;
use crate::store::sql::statement::{Row, Sql, Value};

/// The columns of the outer select that stand before those of the record.
const BEFORE: usize = 1;

/// A page to be read.
pub struct Page<'a> {
    /// The most records.
    pub size: usize,
    /// The order; its last key is the name.
    pub order: &'a Order,
    /// The sort values of the record before the page; empty for the first page.
    pub after: Vec<SortValue>,
    /// What the records meet, if anything.
    pub filter: Option<&'a Filter>,
    /// Whether deleted records are listed too.
    pub show_deleted: bool,
    /// The time for which derived values are read.
    pub now: Micros,
}

/// Reads one record, deleted or not.
pub async fn get<R: Resource>(
    db: &Db,
    scope: &TenantScope,
    name: &Name,
) -> Result<At<Option<R>>, Error> {
    let condition = Sql::new(" and name = ").bind(name.to_string());
    let found = select_with_revision::<R>(db, scope, condition).await?;
    Ok(At {
        answer: found.answer.into_iter().next(),
        revision: found.revision,
    })
}

/// Reads several records, deleted or not, in no order and each once.
pub async fn batch_get<R: Resource>(
    db: &Db,
    scope: &TenantScope,
    names: &[Name],
) -> Result<At<Vec<R>>, Error> {
    let condition = Sql::new(" and name").any_of(names.iter().map(Name::to_string).collect());
    select_with_revision::<R>(db, scope, condition).await
}

/// Reads a page: one record more than its size, which tells whether another page follows.
pub async fn list<R: Resource>(
    db: &Db,
    scope: &TenantScope,
    page: Page<'_>,
) -> Result<At<Vec<R>>, Error> {
    if page
        .filter
        .is_none_or(|filter| filter.segments().is_empty())
    {
        let statement = page_statement::<R>(scope, &page, page.filter)?;
        let mut records = Records::default();
        db.each(scope, statement.clone(), |row| records.take(row))
            .await?;
        return match records.records.is_empty() {
            false => Ok(records.finish()),
            true => page_in(&mut db.snapshot(scope).await?, scope, statement).await,
        };
    }
    let mut snapshot = db.snapshot(scope).await?;
    let statement = completed_page_statement::<R>(&mut snapshot, scope, &page).await?;
    page_in(&mut snapshot, scope, statement).await
}

/// Reads the page of a [`page_statement`]. Rows become records as they come, while the engine looks for the next ones.
pub async fn page_in<R: Resource>(
    snapshot: &mut Snapshot,
    scope: &TenantScope,
    statement: Sql,
) -> Result<At<Vec<R>>, Error> {
    let mut records = Records::default();
    snapshot.each(statement, |row| records.take(row)).await?;
    if records.records.is_empty() {
        let rows = snapshot
            .run(vec![Sql::new("select ").append(revision(scope))])
            .await?;
        let row = rows
            .first()
            .and_then(|rows| rows.first())
            .ok_or_else(|| Error::internal("a select has a row"))?;
        records.revision = row.opt_int(0)?.unwrap_or(0);
    }
    Ok(records.finish())
}

/// Returns the statement of a page, the segments that its filter names read in the snapshot.
pub async fn completed_page_statement<R: Resource>(
    snapshot: &mut Snapshot,
    scope: &TenantScope,
    page: &Page<'_>,
) -> Result<Sql, Error> {
    let filter = match page.filter {
        Some(filter) => Some(definition::complete(snapshot, scope, filter).await?),
        None => None,
    };
    page_statement::<R>(scope, page, filter.as_ref())
}

/// Returns the statement of a page whose filter is complete; [`page_in`] reads its rows. The revision stands beside
/// each record, and nowhere if there are none: a row for it alone would have SQLite copy and sort the page.
pub fn page_statement<R: Resource>(
    scope: &TenantScope,
    page: &Page<'_>,
    filter: Option<&Filter>,
) -> Result<Sql, Error> {
    let is_by_name = page.order.keys == ["name"];
    let led = filter.filter(|_| is_by_name).and_then(filter::leading::<R>);
    let (key, filter, name) = match &led {
        Some((key, rest)) => (Some(key), Some(rest), "keys.name"),
        None => (None, filter, "name"),
    };
    let columns = Sql::new("select ").append(revision(scope)).push(", ");
    let columns = columns_in_join::<R>(columns, scope, &clock::date_of(page.now));
    let mut sql = from_visible::<R>(columns, scope, key);
    if !page.show_deleted {
        sql = sql.push("\n  and delete_time is null");
    }
    if let Some(filter) = filter {
        sql = sql
            .push("\n  and ")
            .append(filter::condition::<R>(scope, filter, page.now)?);
    }
    if !page.after.is_empty() {
        sql = sql
            .push("\n  and ")
            .append(after(page.order, name, page.after.clone()));
    }
    let limit = i64::try_from(page.size + 1).map_err(Error::internal)?;
    Ok(sql.append(order_by(page.order, name)).limit(limit))
}

/// Appends the tables and the beginning of a `where` to a select: records of the tenant that the caller may see. Those
/// under a key are found along the table of keys, which has their names in order: a page of them costs the same however
/// many there are. Asked for the names in it, SQLite would collect all of them first.
pub fn from_visible<R: Resource>(
    select: Sql,
    scope: &TenantScope,
    key: Option<&Leading<'_>>,
) -> Sql {
    let table = R::KIND.collection();
    let sql = match key {
        Some(key) => select
            .push("\nfrom keys cross join ")
            .push(table)
            .push("\nwhere keys.tenant_id = ")
            .bind(scope.tenant())
            .push(" and keys.kind = ")
            .bind(table)
            .push(" and keys.field = ")
            .literal(key.field)
            .push(" and keys.key = ")
            .bind(key.key)
            .push(" and keys.value = ")
            .bind(key.value)
            .push(" and ")
            .push(table)
            .push(".name = keys.name and "),
        None => select.push("\nfrom ").push(table).push("\nwhere "),
    };
    sql.push(table)
        .push(".tenant_id = ")
        .bind(scope.tenant())
        .append(visible(R::KIND, scope))
}

/// Reads who is the author of what the caller writes.
pub async fn author(db: &Db, scope: &TenantScope) -> Result<String, Error> {
    let rows = db
        .fetch(
            scope,
            Sql::new("select ").append(sql::author::author(scope)),
        )
        .await?;
    rows.first()
        .map_or_else(|| Ok(String::new()), |row| row.text(0))
}

/// Reads the few records that meet a condition. The tenant's revision stands beside each, and on a row of its own when
/// there are none.
async fn select_with_revision<R: Resource>(
    db: &Db,
    scope: &TenantScope,
    condition: Sql,
) -> Result<At<Vec<R>>, Error> {
    let columns = columns_in_join::<R>(
        Sql::new("select "),
        scope,
        &clock::date_of(db.clock().now()),
    );
    let statement = Sql::new("select tenants.revision, record.*\nfrom tenants left join (\n")
        .append(from_visible::<R>(columns, scope, None))
        .append(condition)
        .push("\n) record on 1 = 1\nwhere tenants.id = ")
        .bind(scope.tenant());
    read_records(&db.fetch(scope, statement).await?)
}

/// Returns the expression of the tenant's revision.
fn revision(scope: &TenantScope) -> Sql {
    Sql::new("(select revision from tenants where id = ")
        .bind(scope.tenant())
        .push(")")
}

/// Reads records and the revision beside them.
pub fn read_records<R: Resource>(rows: &[Row]) -> Result<At<Vec<R>>, Error> {
    let mut records = Records::default();
    rows.iter().try_for_each(|row| records.take(row))?;
    Ok(records.finish())
}

/// The records of rows so far, and the revision beside them.
#[derive(Default)]
struct Records<R> {
    records: Vec<R>,
    revision: i64,
}

impl<R: Resource> Records<R> {
    fn take(&mut self, row: &Row) -> Result<(), Error> {
        self.revision = row.int(0)?;
        if let Some(record) = decode_joined(row, BEFORE)? {
            self.records.push(record);
        }
        Ok(())
    }

    fn finish(self) -> At<Vec<R>> {
        At {
            answer: self.records,
            revision: self.revision,
        }
    }
}

/// Orders by the keys, the last of which, the name, is written as it stands in the statement.
fn order_by(order: &Order, name: &'static str) -> Sql {
    let mut sql = Sql::new("\norder by ");
    for (i, key) in order.keys.iter().enumerate() {
        sql = sql
            .push(if i == 0 { "" } else { ", " })
            .push(if *key == "name" { name } else { key });
        sql = sql.push(if order.descending { " desc" } else { "" });
    }
    sql
}

/// Compares whole keys as row values, which both engines walk along an index.
fn after(order: &Order, name: &'static str, values: Vec<SortValue>) -> Sql {
    let mut sql = Sql::new("(");
    for (i, key) in order.keys.iter().enumerate() {
        sql = sql
            .push(if i == 0 { "" } else { ", " })
            .push(if *key == "name" { name } else { key });
    }
    let values = values.into_iter().map(|value| match value {
        SortValue::Text(text) => Value::Text(text),
        SortValue::Int(number) => Value::from(number),
    });
    sql.push(if order.descending { ") < (" } else { ") > (" })
        .bind_all(values)
        .push(")")
}
