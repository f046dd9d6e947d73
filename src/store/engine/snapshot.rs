//! Several statements that see one state of the store.
//!
//! Owns the reading transaction of either engine: a deferred one on SQLite, whose state is that of its first
//! statement; a repeatable-read one on PostgreSQL. What is read is up to the callers.

use std::time::Instant;

use sqlx::{Executor, Postgres, Sqlite};

use crate::error::Error;
use crate::store::engine::db::{Db, Engine, Lease, acquire};
use crate::store::engine::tx::{each_postgres, each_sqlite, run_postgres, run_sqlite};
use crate::store::scope::TenantScope;
use crate::store::sql::query::{Queries, Results};
use crate::store::sql::statement::{Row, Sql};

/// One state of the store.
///
/// It lasts until [`Snapshot::finish`], or until it is dropped: then its transaction is ended in the background. If
/// it is dropped while a statement runs, its connection is closed.
pub struct Snapshot {
    db: Db,
    lease: Option<Leased>,
    stage: Stage,
    plans_once: bool,
}

/// How far along a snapshot is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// No transaction has begun.
    New,
    /// A hand-over is under way. If a snapshot is dropped in this stage, the state of its connection is unknown.
    Busy,
    /// In a transaction, between hand-overs.
    Open,
}

const BEGIN: &str = "begin isolation level repeatable read read only";
/// A plan may be made while tables are empty and used when they are large, so it must follow indexes whatever they
/// hold.
const BEGIN_PLANNED_ONCE: &str = "begin isolation level repeatable read read only; \
     set local plan_cache_mode = force_generic_plan; set local enable_seqscan = off";

enum Leased {
    Sqlite(Lease<Sqlite>),
    Postgres(Lease<Postgres>),
}

impl Leased {
    fn done(self) {
        match self {
            Leased::Sqlite(lease) => lease.done(),
            Leased::Postgres(lease) => lease.done(),
        }
    }
}

impl Db {
    /// Takes a snapshot; its state is that of the first statement.
    pub async fn snapshot(&self, _scope: &TenantScope) -> Result<Snapshot, Error> {
        let lease = match &self.inner.engine {
            Engine::Sqlite { readers, .. } => Leased::Sqlite(Lease {
                conn: Some(acquire(readers).await?),
            }),
            Engine::Postgres { pool } => {
                Leased::Postgres(Lease::acquire(pool, Instant::now()).await?)
            }
        };
        Ok(Snapshot {
            db: self.clone(),
            lease: Some(lease),
            stage: Stage::New,
            plans_once: false,
        })
    }
}

impl Snapshot {
    /// Makes PostgreSQL plan each statement once, not for the values of each call: for statements that use the same
    /// indexes whatever is bound, and take longer to plan than to run.
    pub fn planned_once(mut self) -> Snapshot {
        self.plans_once = true;
        self
    }

    /// Runs queries and returns their answers.
    pub async fn run<Q: Queries>(&mut self, queries: Q) -> Result<Q::Answers, Error> {
        let mut statements = Vec::new();
        let readers = queries.split(&mut statements);
        let rows = self.hand_over(statements, false).await?;
        Q::read(readers, &mut Results::new(rows))
    }

    /// Runs a statement and passes its rows on one by one, so that they are never all in memory.
    pub async fn each(
        &mut self,
        statement: Sql,
        mut take: impl FnMut(&Row) -> Result<(), Error> + Send,
    ) -> Result<(), Error> {
        self.db.inner.begin_read(1)?;
        let before = self.begin().await?;
        let ended = match self.lease()? {
            Leased::Sqlite(lease) => each_sqlite(lease.conn()?, before, statement, &mut take).await,
            Leased::Postgres(lease) => each_postgres(lease.conn()?, statement, &mut take).await,
        };
        self.db.inner.note_read(ended)?;
        self.stage = Stage::Open;
        Ok(())
    }

    /// Runs the last queries and releases the state.
    pub async fn finish<Q: Queries>(mut self, queries: Q) -> Result<Q::Answers, Error> {
        let mut statements = Vec::new();
        let readers = queries.split(&mut statements);
        let rows = match &self.lease {
            // The end of SQLite's transaction travels with the statements.
            Some(Leased::Sqlite(_)) if !statements.is_empty() => {
                let rows = self.hand_over(statements, true).await?;
                self.stage = Stage::New;
                rows
            }
            _ if statements.is_empty() => Vec::new(),
            _ => self.hand_over(statements, false).await?,
        };
        Q::read(readers, &mut Results::new(rows))
    }

    fn lease(&mut self) -> Result<&mut Leased, Error> {
        let lost = || Error::internal("a snapshot lost its connection");
        self.lease.as_mut().ok_or_else(lost)
    }

    async fn hand_over(
        &mut self,
        statements: Vec<Sql>,
        last: bool,
    ) -> Result<Vec<Vec<Row>>, Error> {
        self.db.inner.begin_read(statements.len())?;
        let before = self.begin().await?;
        let rows = match self.lease()? {
            Leased::Sqlite(lease) => {
                let after = if last { "commit" } else { "" };
                run_sqlite(lease.conn()?, before, statements, after).await
            }
            Leased::Postgres(lease) => run_postgres(lease.conn()?, statements).await,
        };
        let rows = self.db.inner.note_read(rows)?;
        self.stage = Stage::Open;
        Ok(rows)
    }

    /// Opens the transaction on PostgreSQL before the first hand-over. On SQLite it begins with the text returned,
    /// which goes before the statements.
    async fn begin(&mut self) -> Result<&'static str, Error> {
        let is_first = std::mem::replace(&mut self.stage, Stage::Busy) == Stage::New;
        let begin = if self.plans_once {
            BEGIN_PLANNED_ONCE
        } else {
            BEGIN
        };
        if let (Leased::Postgres(lease), true) = (self.lease()?, is_first) {
            lease.conn()?.execute(begin).await?;
        }
        Ok(if is_first { "begin;\n" } else { "" })
    }
}

impl Drop for Snapshot {
    /// Ends the transaction. It has nothing to commit, so nobody waits for it; a connection that cannot end it is
    /// closed.
    fn drop(&mut self) {
        match (self.lease.take(), tokio::runtime::Handle::try_current()) {
            (Some(lease), _) if self.stage == Stage::New => lease.done(),
            (Some(lease), Ok(runtime)) if self.stage == Stage::Open => {
                runtime.spawn(end(lease));
            }
            _ => {}
        }
    }
}

async fn end(mut leased: Leased) -> Result<(), Error> {
    match &mut leased {
        // As a query, not as plain text, it is kept prepared. PostgreSQL plans nothing for it in any case.
        Leased::Sqlite(lease) => sqlx::query("commit")
            .execute(&mut **lease.conn()?)
            .await
            .map(drop)?,
        Leased::Postgres(lease) => lease.conn()?.execute("commit").await.map(drop)?,
    }
    leased.done();
    Ok(())
}
