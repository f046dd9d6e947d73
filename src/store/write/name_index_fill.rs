//! The one-time filing of customers and contacts that were stored before there were words.
//!
//! In Rust, because folding is. It goes through every tenant page by page, each page a unit of its own under the lock
//! of the tenant, and notes in `secrets` that it is done. Cut off, it begins again at the next start; what is filed
//! already stays as it is.

use std::time::{Duration, Instant};

use crate::clock;
use crate::error::Error;
use crate::pb;
use crate::store::engine::db::Db;
use crate::store::engine::tx::Tx;
use crate::store::record::name_index;
use crate::store::record::resource::{Resource, decode, select};
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Sql, Value, global};

/// Records filed in one unit.
const PAGE: i64 = 200;
/// How long one page may take.
const PAGE_TIME: Duration = Duration::from_secs(60);
/// The name under which it is noted that the fill is done. Another way of taking names apart needs another name here,
/// and a migration that empties the tables.
const DONE: &str = "words.1";

/// Files what is not filed yet; does nothing when that was done before.
pub async fn fill(db: &Db) -> Result<(), Error> {
    let scope = TenantScope::local();
    let done = global!("select name from secrets where name = :name", name = DONE);
    if !db.fetch(&scope, done.texts("name")).await?.is_empty() {
        return Ok(());
    }
    let tenants = global!("select id from tenants order by id").texts("id");
    for tenant in db.fetch(&scope, tenants).await? {
        let scope = TenantScope::new(&tenant, scope.principal());
        let n_customers = fill_kind::<pb::Customer>(db, &scope).await?;
        let n_contacts = fill_kind::<pb::Contact>(db, &scope).await?;
        if n_customers + n_contacts > 0 {
            tracing::info!(
                tenant.id = scope.tenant(),
                n_customers,
                n_contacts,
                "filed for look-up"
            );
        }
    }
    let note = Sql::new("insert into secrets (name, value) values (")
        .bind(DONE)
        .push(", ");
    let note = note
        .bind(Value::Bytes(Vec::new()))
        .push(") on conflict do nothing");
    let unit = move |mut tx: Tx| async move {
        tx.finish(vec![note]).await?;
        Ok((tx, ()))
    };
    db.write(&scope, Instant::now() + PAGE_TIME, unit).await?;
    Ok(())
}

/// Files all records of a kind and returns how many there are.
async fn fill_kind<R: Resource>(db: &Db, scope: &TenantScope) -> Result<usize, Error> {
    let (mut n_records, mut after) = (0, String::new());
    loop {
        let start = std::mem::take(&mut after);
        let page = db
            .write(scope, Instant::now() + PAGE_TIME, move |tx| {
                fill_page::<R>(tx, start)
            })
            .await?
            .answer;
        n_records += page.len();
        match page.last() {
            Some(last) => after.clone_from(last),
            None => return Ok(n_records),
        }
    }
}

/// Files one page and returns the names on it. The lock of the tenant keeps writers out: what is read is what is filed.
async fn fill_page<R: Resource>(mut tx: Tx, after: String) -> Result<(Tx, Vec<String>), Error> {
    let scope = tx.scope().clone();
    let lock = Sql::new("select id from tenants where id = ")
        .bind(scope.tenant())
        .for_update();
    let page = select::<R>(&scope, &clock::date_of(tx.now()))
        .push("\nwhere tenant_id = ")
        .bind(scope.tenant());
    let page = page
        .push(" and name > ")
        .bind(after)
        .push("\norder by name")
        .limit(PAGE);
    let rows = tx.run(vec![lock, page]).await?.pop().unwrap_or_default();
    let records: Vec<R> = rows
        .iter()
        .map(|row| Ok(decode::<R>(row, 0)?.resource))
        .collect::<Result<_, Error>>()?;
    tx.finish(name_index::fill(&scope, &records)).await?;
    Ok((
        tx,
        records
            .iter()
            .map(|record| record.header().name.to_owned())
            .collect(),
    ))
}
