//! Finds out what the store can do when nobody else uses it, so that health reports it in time.

use std::time::{Duration, Instant};

use crate::error::{Error, Trouble};
use crate::store::engine::db::Db;
use crate::store::engine::open::random_bytes;
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Value, global};

/// How often the store is probed.
const EVERY: Duration = Duration::from_secs(1);
/// One in this many probes writes even if nothing is wrong: a disk can fill up without any writes here.
const WRITES_ONE_IN: u64 = 60;
/// What a probe writes if all was well before, and removes again: a page.
const FEW_BYTES: usize = 1;
/// What it writes at a start and after trouble: more than fits in the last few bytes of a full disk.
const MANY_BYTES: usize = 256 << 10;
/// How long either half of a probe may take.
const TIME: Duration = Duration::from_secs(10);

/// Probes once, and then again and again until the store is closed. The results are in [`Db::standing`].
pub async fn start(db: Db) {
    // The result is recorded.
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

/// Reads, and runs a unit that writes this many bytes; on SQLite it also takes the write lock and checks the files.
async fn probe(db: &Db, n_bytes: usize) -> Result<(), Error> {
    let scope = TenantScope::local();
    let read = global!("select revision from tenants limit 1").done();
    let read = db.fetch(&scope, read);
    let read = in_time(read).await.map(drop);
    db.inner.standings.probed(&read);
    let latest = Instant::now() + TIME;
    let write = db.write(&scope, latest, Vec::new(), async move |mut tx| {
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
    // The outcome is recorded where the write ends, if it does.
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
