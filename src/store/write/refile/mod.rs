//! Refiling: after an upgrade, every stored record is filed as this version files it.
//!
//! What a record is found by is made in Rust and stored beside it: keys, folded texts, words of names, columns to sort
//! by. Stored filters name fields as this version does. A version that makes any of these differently, or has other
//! names for fields, raises [`FILING`], and the first start on SQLite, or `clientele migrate` on PostgreSQL, refiles
//! what is stored. It goes through every tenant and kind in pages, each in a unit of its own under the lock of the
//! tenant, which also notes how far it came: interrupted, it goes on from there. No revision, change or etag comes of
//! it: what callers wrote stays as it is, and only what is derived of it, such as the E.164 form of a phone number, may
//! read differently.

mod page;
mod words;

use std::cmp::Ordering;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::store::engine::db::Db;
use crate::store::engine::tx::Tx;
use crate::store::read::filing::tenants;
use crate::store::record::for_every_kind;
use crate::store::record::resource::Resource;
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{global, scoped};

/// The version of what is filed beside each record. Raise it with every change of [`key::all`], of the folded texts,
/// of the E.164 form of phone numbers, of the words of names, of a column that is not a field, or of [`RENAMES`].
///
/// [`key::all`]: crate::store::record::key::all
/// [`RENAMES`]: crate::renames::RENAMES
pub const FILING: i64 = 3;

/// How long one page may take.
const PAGE_TIME: Duration = Duration::from_secs(60);
/// How often a long refiling says how far it is.
const REPORT_EVERY: Duration = Duration::from_secs(2);

/// What a refiling has done so far.
#[derive(Clone, Copy, Debug)]
pub struct Refiled {
    /// The records refiled.
    pub records: u64,
    /// External ids that stayed unfiled, because an older record has the same.
    pub unfiled: u64,
    /// When it began.
    began: Instant,
}

impl Refiled {
    /// Returns the records refiled per second.
    pub fn rate(&self) -> f64 {
        let seconds = self.began.elapsed().as_secs_f64();
        #[expect(
            clippy::cast_precision_loss,
            reason = "a rate is shown, not counted with"
        )]
        let records = self.records as f64;
        records / seconds.max(0.001)
    }
}

/// Says how the filing of a store compares with that of this version: all records have it (`Equal`), they have an older
/// one (`Less`), or a newer version has filed some.
pub async fn filing_of(db: &Db) -> Result<Ordering, Error> {
    let version = global!("select version from filing").one(["version"], |row, [at]| row.int(at));
    Ok(db.fetch(&TenantScope::local(), version).await?.cmp(&FILING))
}

/// Refiles what an earlier version filed; does nothing if that is done. `report` is told every few seconds how far it
/// is, and once at the end if there was something to refile.
pub async fn run(db: &Db, report: &mut (dyn FnMut(Refiled) + Send)) -> Result<(), Error> {
    if filing_of(db).await? != Ordering::Less {
        return Ok(());
    }
    let mut refiling = Refiling {
        db,
        report,
        reported: Instant::now(),
        so_far: Refiled {
            records: 0,
            unfiled: 0,
            began: Instant::now(),
        },
    };
    for tenant in db.fetch(&TenantScope::local(), tenants()).await? {
        refiling
            .refile_tenant(&TenantScope::new(&tenant, "local"))
            .await?;
    }
    refiling.finish().await
}

struct Refiling<'a> {
    db: &'a Db,
    report: &'a mut (dyn FnMut(Refiled) + Send),
    reported: Instant,
    so_far: Refiled,
}

impl Refiling<'_> {
    async fn refile_tenant(&mut self, scope: &TenantScope) -> Result<(), Error> {
        words::empty(self.db, scope).await?;
        for_every_kind!(|Record| self.refile_kind::<Record>(scope).await?);
        Ok(())
    }

    async fn refile_kind<R: Resource>(&mut self, scope: &TenantScope) -> Result<(), Error> {
        loop {
            let deadline = Instant::now() + PAGE_TIME;
            let page = self
                .db
                .write(scope, deadline, Vec::new(), page::refile::<R>)
                .await?
                .answer;
            if page.records == 0 {
                return Ok(());
            }
            self.so_far.records += page.records;
            self.so_far.unfiled += page.unfiled;
            if self.reported.elapsed() >= REPORT_EVERY {
                self.reported = Instant::now();
                (self.report)(self.so_far);
            }
        }
    }

    async fn finish(self) -> Result<(), Error> {
        let deadline = Instant::now() + PAGE_TIME;
        let mark = |mut tx: Tx| async move {
            let mark = global!("update filing set version = :version", version = FILING);
            tx.finish(mark.done()).await?;
            Ok((tx, ()))
        };
        let scope = TenantScope::local();
        self.db.write(&scope, deadline, Vec::new(), mark).await?;
        if self.so_far.records > 0 {
            (self.report)(self.so_far);
        }
        Ok(())
    }
}

/// Returns the query for how far the refiling of a kind, or of the words, has come; none if it has not begun.
fn progress(scope: &TenantScope, kind: &str) -> Query<Option<String>> {
    let progress = scoped!(
        scope,
        "select after from filing_progress
         where tenant_id = :tenant and kind = :kind and version = :version",
        kind,
        version = FILING,
    );
    progress.maybe(["after"], |row, [after]| row.text(after))
}

/// Returns the statement that notes how far it has come.
fn note_progress(scope: &TenantScope, kind: &str, after: &str) -> Query<()> {
    let note = scoped!(
        scope,
        "insert into filing_progress (tenant_id, kind, version, after)
         values (:tenant, :kind, :version, :after)
         on conflict (tenant_id, kind) do update set version = excluded.version, after = excluded.after",
        kind,
        version = FILING,
        after,
    );
    note.done()
}

/// Returns the statement that keeps every other writer of the tenant out until the unit ends.
fn lock(scope: &TenantScope) -> Query<()> {
    scoped!(
        scope,
        "select id from tenants where id = :tenant for update"
    )
    .done()
}
