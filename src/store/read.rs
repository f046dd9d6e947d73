//! Reading records: one, several, a page.
//!
//! Each is one statement, which also reads the tenant's revision: the answer and the revision are of one snapshot.

use super::TenantScope;
use super::actor;
use super::db::{At, Db};
use super::definition;
use super::filter::{self, Leading};
use super::resource::{Resource, columns_from, columns_in_join, decode, visible};
use super::snapshot::Snapshot;
use super::sql::{Row, Sql, Value};
use crate::clock::{self, Micros};
use crate::error::Error;
use crate::filter::tree::Tree;
use crate::name::Name;
use crate::page::{Order, SortValue};

/// The columns of the outer select that stand before those of the record.
const BEFORE: usize = 2;

/// A page to be read.
pub struct Page<'a> {
    /// The most records.
    pub size: usize,
    /// The order; its last key is the name.
    pub order: &'a Order,
    /// The sort values of the record before the page; empty for the first page.
    pub after: Vec<SortValue>,
    /// What the records meet, if anything.
    pub filter: Option<&'a Tree>,
    /// Whether deleted records are listed too.
    pub show_deleted: bool,
    /// The time for which derived values are read.
    pub now: Micros,
}

/// Reads one record, deleted or not.
pub async fn get<R: Resource>(db: &Db, scope: &TenantScope, name: &Name) -> Result<At<Option<R>>, Error> {
    let condition = Sql::new(" and name = ").bind(name.to_string());
    let found = select_with_revision::<R>(db, scope, condition, Sql::default()).await?;
    Ok(At { answer: found.answer.into_iter().next(), revision: found.revision })
}

/// Reads several records, deleted or not, in the order of their names and each once.
pub async fn batch_get<R: Resource>(db: &Db, scope: &TenantScope, names: &[Name]) -> Result<At<Vec<R>>, Error> {
    let condition = Sql::new(" and name").any_of(names.iter().map(Name::to_string).collect());
    select_with_revision::<R>(db, scope, condition, Sql::default()).await
}

/// Reads a page: one record more than its size, which tells whether another page follows.
pub async fn list<R: Resource>(db: &Db, scope: &TenantScope, page: Page<'_>) -> Result<At<Vec<R>>, Error> {
    if page.filter.is_none_or(|filter| filter.segments().is_empty()) {
        let statement = page_statement::<R>(scope, &page, page.filter)?;
        return decode_with_revision(&db.fetch(scope, statement).await?);
    }
    let mut snapshot = db.snapshot(scope).await?;
    let statement = completed_page_statement::<R>(&mut snapshot, scope, &page).await?;
    let rows = snapshot.finish(vec![statement]).await?;
    decode_with_revision(rows.first().map_or(&[], Vec::as_slice))
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

/// Returns the statement of a page whose filter is complete; [`decode_with_revision`] reads its rows.
pub fn page_statement<R: Resource>(scope: &TenantScope, page: &Page<'_>, filter: Option<&Tree>) -> Result<Sql, Error> {
    let is_by_name = page.order.keys == ["name"];
    let led = filter.filter(|_| is_by_name).and_then(filter::leading::<R>);
    let ((from, mut condition), name, filter) = match &led {
        Some((key, rest)) => (along_key::<R>(scope, key, page.now), "keys.name", Some(rest)),
        None => ((columns::<R>(page.now), Sql::default()), "name", filter),
    };
    if !page.show_deleted {
        condition = condition.push("\n  and delete_time is null");
    }
    if let Some(filter) = filter {
        condition = condition.push("\n  and ").append(filter::condition::<R>(scope, filter, page.now)?);
    }
    if !page.after.is_empty() {
        condition = condition.push("\n  and ").append(after(page.order, name, page.after.clone()));
    }
    let limit = i64::try_from(page.size + 1).map_err(Error::internal)?;
    let condition = condition.append(order_by(page.order, name)).limit(limit);
    Ok(with_revision::<R>(scope, from, condition, order_by(page.order, "name")))
}

/// Begins a select of records.
fn columns<R: Resource>(now: Micros) -> Sql {
    columns_from::<R>(Sql::new("select 1 as found, "), &clock::date_of(now))
}

/// Begins a select of records along the table of keys, which has the names under one key in their order: a page of them
/// costs the same however many there are. Asked for the names in it, SQLite would collect all of them first. Returns its
/// first condition, too.
fn along_key<R: Resource>(scope: &TenantScope, key: &Leading<'_>, now: Micros) -> (Sql, Sql) {
    let columns = columns_in_join::<R>(Sql::new("select 1 as found, "), &clock::date_of(now));
    let from = columns.push("\nfrom keys cross join ").push(R::KIND.collection());
    let sql = Sql::new("\n  and keys.tenant_id = ").bind(scope.tenant()).push(" and keys.kind = ");
    let sql = sql.bind(R::KIND.collection()).push(" and keys.field = ").bind(key.field);
    let sql = sql.push(" and keys.key = ").bind(key.key).push(" and keys.value = ").bind(key.value);
    (from, sql.push(" and ").push(R::KIND.collection()).push(".name = keys.name"))
}

/// Reads who is the author of what the caller writes.
pub async fn author(db: &Db, scope: &TenantScope) -> Result<String, Error> {
    let rows = db.fetch(scope, Sql::new("select ").append(actor::author(scope))).await?;
    rows.first().map_or_else(|| Ok(String::new()), |row| row.text(0))
}

async fn select_with_revision<R: Resource>(
    db: &Db,
    scope: &TenantScope,
    condition: Sql,
    outer_order: Sql,
) -> Result<At<Vec<R>>, Error> {
    let statement = with_revision::<R>(scope, columns::<R>(db.clock().now()), condition, outer_order);
    decode_with_revision(&db.fetch(scope, statement).await?)
}

/// Puts the tenant's revision beside every record, and on a row of its own when there are none.
fn with_revision<R: Resource>(scope: &TenantScope, from: Sql, condition: Sql, outer_order: Sql) -> Sql {
    Sql::new("select tenants.revision, record.*\nfrom tenants left join (\n")
        .append(from)
        .push("\nwhere ")
        .push(R::KIND.collection())
        .push(".tenant_id = ")
        .bind(scope.tenant())
        .append(visible(R::KIND, scope))
        .append(condition)
        .push("\n) record on 1 = 1\nwhere tenants.id = ")
        .bind(scope.tenant())
        .append(outer_order)
}

/// Reads the records and the revision beside them.
pub fn decode_with_revision<R: Resource>(rows: &[Row]) -> Result<At<Vec<R>>, Error> {
    let revision = rows.first().map(|row| row.int(0)).transpose()?.unwrap_or(0);
    let found = rows.iter().filter(|row| is_found(row));
    let answer = found.map(|row| decode(row, BEFORE).map(|stored| stored.resource)).collect::<Result<_, _>>()?;
    Ok(At { answer, revision })
}

fn is_found(row: &Row) -> bool {
    matches!(row.opt_text(BEFORE), Ok(Some(_)))
}

/// Orders by the keys, the last of which, the name, is written as it stands in the statement.
fn order_by(order: &Order, name: &'static str) -> Sql {
    let mut sql = Sql::new("\norder by ");
    for (i, key) in order.keys.iter().enumerate() {
        sql = sql.push(if i == 0 { "" } else { ", " }).push(if *key == "name" { name } else { key });
        sql = sql.push(if order.descending { " desc" } else { "" });
    }
    sql
}

/// Compares whole keys as row values, which both engines walk along an index.
fn after(order: &Order, name: &'static str, values: Vec<SortValue>) -> Sql {
    let mut sql = Sql::new("(");
    for (i, key) in order.keys.iter().enumerate() {
        sql = sql.push(if i == 0 { "" } else { ", " }).push(if *key == "name" { name } else { key });
    }
    let values = values.into_iter().map(|value| match value {
        SortValue::Text(text) => Value::Text(text),
        SortValue::Int(number) => Value::from(number),
    });
    sql.push(if order.descending { ") < (" } else { ") > (" }).bind_all(values).push(")")
}
