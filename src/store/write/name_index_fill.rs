//! The one-time indexing of customers and contacts stored before the index of words existed.
//!
//! Done in Rust, because folding is. It goes through every tenant page by page, each page in a unit of its own under
//! the lock of the tenant, and records in `secrets` when it is done. If interrupted, it begins again at the next
//! start; what is already filed stays as it is.

use std::time::{Duration, Instant};

use crate::clock;
use crate::error::Error;
use crate::pb;
use crate::store::engine::db::Db;
use crate::store::engine::tx::Tx;
use crate::store::record::name_index;
use crate::store::record::resource::{Resource, columns, decode};
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Value, global, scoped};

/// Records filed per unit.
const PAGE: i64 = 200;
/// How long one page may take.
const PAGE_TIME: Duration = Duration::from_secs(60);
/// The name that records that the fill is done. If names are ever split differently, this needs another name, and a
/// migration that empties the tables.
const DONE: &str = "words.1";

/// Files what is not yet filed; does nothing if it has completed before.
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
    let unit = move |mut tx: Tx| async move {
        let note = global!(
            "insert into secrets (name, value) values (:name, :nothing) on conflict do nothing",
            name = DONE,
            nothing = Value::Bytes(Vec::new()),
        );
        tx.finish(note.done()).await?;
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

/// Files one page and returns the names on it. The lock on the tenant keeps writers out, so what is read is what is
/// filed.
async fn fill_page<R: Resource>(mut tx: Tx, after: String) -> Result<(Tx, Vec<String>), Error> {
    let scope = tx.scope().clone();
    let lock = scoped!(
        scope,
        "select id from tenants where id = :tenant for update",
    );
    let page = scoped!(
        scope,
        "select :{columns} from :{table} where tenant_id = :tenant and name > :after
         order by name limit +:most",
        columns = columns::<R>(&scope, &clock::date_of(tx.now())),
        table = R::KIND.collection(),
        after,
        most = PAGE,
    );
    let page = page.rows(["name"], |row, [first]| {
        Ok(decode::<R>(row, first)?.resource)
    });
    let (_, records) = tx.run((lock.done(), page)).await?;
    tx.finish(name_index::fill(&scope, &records)).await?;
    let names = records.iter().map(|record| record.header().name.to_owned());
    Ok((tx, names.collect()))
}
