//! Finding out what the store can do when nobody else asks, so that health tells it in time.

use std::time::{Duration, Instant};

use crate::error::{Error, Trouble};
use crate::store::engine::db::Db;
use crate::store::engine::open::random_bytes;
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Value, global};

/// How often the store is asked.
const EVERY: Duration = Duration::from_secs(1);
/// One in so many probes writes, though nothing is wrong: a disk fills without anybody writing here.
const WRITES_ONE_IN: u64 = 60;
/// What a probe writes when all was well before, and takes off again: a page.
const FEW_BYTES: usize = 1;
/// What it writes at a start and after trouble: more than fits where a few bytes are left on a full disk.
const MANY_BYTES: usize = 256 << 10;
/// How long either half of a probe may take.
const TIME: Duration = Duration::from_secs(10);

/// Probes once, and then again and again until the store is closed. What is found is in [`Db::standing`].
pub async fn start(db: Db) {
    // What it finds is noted.
    let _ = probe(&db, MANY_BYTES).await;
    tokio::spawn(async move {
        for n in 1_u64.. {
            tokio::time::sleep(EVERY).await;
            let n_bytes = match db.standing().borrow().answers_writes() {
                false => MANY_BYTES,
                true if n.is_multiple_of(WRITES_ONE_IN) => FEW_BYTES,
                true => 0,
            };
            if matches!(probe(&db, n_bytes).await, Err(Error::ShuttingDown)) {
                return;
            }
        }
    });
}

/// Reads, and runs a unit, which on SQLite takes the lock of writers and looks at the files. It writes so many bytes.
async fn probe(db: &Db, n_bytes: usize) -> Result<(), Error> {
    let scope = TenantScope::local();
    let read = global!("select revision from tenants limit 1").done();
    let read = db.fetch(&scope, read);
    let read = in_time(read).await.map(drop);
    db.inner.standings.probed(&read);
    let latest = Instant::now() + TIME;
    let write = db.write(&scope, latest, async move |mut tx| {
        if n_bytes > 0 {
            let bytes = Value::Bytes(random_bytes(n_bytes).map_err(Error::internal)?);
            let insert = global!(
                "insert into secrets (name, value) values ('probe', :bytes)",
                bytes,
            );
            let delete = global!("delete from secrets where name = 'probe'");
            tx.finish((insert.done(), delete.done())).await?;
        }
        Ok((tx, ()))
    });
    // How it ends is noted where it ends, if it does.
    let written = in_time(write).await.map(drop);
    written.inspect_err(|error| db.inner.standings.write_failed(error))
}

async fn in_time<T>(answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let late = |_| Error::store(Trouble::Unavailable, "a probe was not answered in time");
    tokio::time::timeout(TIME, answer)
        .await
        .map_err(late)
        .flatten()
}
