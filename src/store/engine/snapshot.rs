//! Several statements that see one state of the store.
//!
//! Owns the reading transaction of either engine: on SQLite a deferred one, whose state is that of its first
//! statement; on PostgreSQL one that repeats its reads. What is read is the business of the callers.

use std::time::Instant;

use sqlx::{Executor, Postgres, Sqlite};

use crate::error::Error;
use crate::store::engine::db::{Db, Engine, Lease, acquire};
use crate::store::engine::tx::{each_postgres, each_sqlite, run_postgres, run_sqlite};
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Row, Sql};

/// One state of the store. A snapshot that is dropped before its last statements closes its connection.
pub struct Snapshot {
    db: Db,
    lease: Leased,
    is_open: bool,
    plans_once: bool,
}

const BEGIN: &str = "begin isolation level repeatable read read only";
/// A plan may be made while tables are empty and used when they are large: so it follows indexes whatever they hold.
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
            lease,
            is_open: false,
            plans_once: false,
        })
    }
}

impl Snapshot {
    /// Has PostgreSQL plan each statement once and not for the values of each call: for statements that go along the
    /// same indexes whatever is bound, of which the planning takes longer than the reading.
    pub fn planned_once(self) -> Snapshot {
        Snapshot {
            plans_once: true,
            ..self
        }
    }

    /// Runs statements and returns the rows of each.
    pub async fn run(&mut self, statements: Vec<Sql>) -> Result<Vec<Vec<Row>>, Error> {
        self.hand_over(statements, false).await
    }

    /// Runs a statement and gives its rows away one by one, so that they are never all in memory.
    pub async fn each(
        &mut self,
        statement: Sql,
        mut take: impl FnMut(&Row) -> Result<(), Error> + Send,
    ) -> Result<(), Error> {
        self.db.inner.begin_read(1)?;
        let before = self.begin().await?;
        let ended = match &mut self.lease {
            Leased::Sqlite(lease) => each_sqlite(lease.conn()?, before, statement, &mut take).await,
            Leased::Postgres(lease) => each_postgres(lease.conn()?, statement, &mut take).await,
        };
        self.db.inner.note_read(ended)
    }

    /// Runs the last statements and lets go of the state. Without any it only does the latter.
    pub async fn finish(mut self, statements: Vec<Sql>) -> Result<Vec<Vec<Row>>, Error> {
        // The end of SQLite's transaction travels with them.
        if let (Leased::Sqlite(_), false) = (&self.lease, statements.is_empty()) {
            let rows = self.hand_over(statements, true).await?;
            self.lease.done();
            return Ok(rows);
        }
        let rows = if statements.is_empty() {
            Vec::new()
        } else {
            self.run(statements).await?
        };
        self.end();
        Ok(rows)
    }

    /// Ends the transaction. It has nothing to keep, so that nobody waits for that; a connection that cannot end it is
    /// closed.
    fn end(mut self) {
        if !self.is_open {
            return self.lease.done();
        }
        tokio::spawn(async move {
            let ended = match &mut self.lease {
                // As a query, and not as a mere text, it is kept prepared. PostgreSQL plans nothing for it either way.
                Leased::Sqlite(lease) => sqlx::query("commit")
                    .execute(&mut **lease.conn()?)
                    .await
                    .map(drop),
                Leased::Postgres(lease) => lease.conn()?.execute("commit").await.map(drop),
            };
            if ended.is_ok() {
                self.lease.done();
            }
            Ok::<(), Error>(())
        });
    }

    async fn hand_over(
        &mut self,
        statements: Vec<Sql>,
        last: bool,
    ) -> Result<Vec<Vec<Row>>, Error> {
        self.db.inner.begin_read(statements.len())?;
        let before = self.begin().await?;
        let rows = match &mut self.lease {
            Leased::Sqlite(lease) => {
                let after = if last { "commit" } else { "" };
                run_sqlite(lease.conn()?, before, statements, after).await
            }
            Leased::Postgres(lease) => run_postgres(lease.conn()?, statements).await,
        };
        self.db.inner.note_read(rows)
    }

    /// Opens the transaction of PostgreSQL before the first hand-over. That of SQLite begins with the text returned,
    /// which stands before the statements.
    async fn begin(&mut self) -> Result<&'static str, Error> {
        let first = !std::mem::replace(&mut self.is_open, true);
        if let (Leased::Postgres(lease), true) = (&mut self.lease, first) {
            lease
                .conn()?
                .execute(if self.plans_once {
                    BEGIN_PLANNED_ONCE
                } else {
                    BEGIN
                })
                .await?;
        }
        Ok(if first { "begin;\n" } else { "" })
    }
}
