//! The transaction that a unit of work holds, and the hand-overs to the two drivers.
//!
//! Owns what a unit may do with its connection, and how statements travel. Does not own when a physical transaction
//! begins and ends (`group_commit.rs` on SQLite, `postgres_units.rs` on PostgreSQL).

use std::future::ready;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{Stream, TryStreamExt};
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Either, Executor, PgConnection, Postgres, SqliteConnection};

use crate::clock::Micros;
use crate::error::Error;
use crate::store::scope::TenantScope;
use crate::store::sql::author::author;
use crate::store::sql::query::{Queries, Results};
use crate::store::sql::statement::{Dialect, Row, Sql, Value, scoped};
use crate::store::sql::value::{postgres_arguments, sqlite_arguments};

/// Hand-overs to a driver since the process started; a single statement counts as one.
pub(crate) static HAND_OVERS: AtomicU64 = AtomicU64::new(0);
/// Statements run since the process started.
pub(crate) static STATEMENTS: AtomicU64 = AtomicU64::new(0);

/// A connection of either engine.
pub(crate) enum Conn {
    Sqlite(SqliteConnection),
    Postgres(PoolConnection<Postgres>),
}

/// Where a lent connection returns to, whatever becomes of the unit that held it.
pub(crate) type Home = Arc<Mutex<Option<Returned>>>;

/// A connection that was returned, and how far the unit got with it.
pub(crate) struct Returned {
    pub conn: Conn,
    pub stage: Stage,
}

/// One unit of work: everything it does becomes visible together, or not at all.
///
/// A unit reads and locks with [`Tx::run`] and ends with one [`Tx::finish`]. A unit that never finishes leaves
/// nothing behind, whether it failed, panicked, only validated, or found nothing to do.
pub struct Tx {
    conn: Option<Conn>,
    home: Home,
    stage: Stage,
    scope: TenantScope,
    now: Micros,
    revision: Option<i64>,
    author: String,
}

/// How far a unit got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It has sent nothing.
    New,
    /// It has sent something, to be undone.
    Open,
    /// It is complete, to be kept.
    Finished,
}

impl Tx {
    /// Lends a connection to a unit. The connection returns to the [`Home`] when the [`Tx`] drops.
    pub(crate) fn lend(conn: Conn, scope: TenantScope, now: Micros) -> (Tx, Home) {
        let home = Home::default();
        let tx = Tx {
            conn: Some(conn),
            home: Arc::clone(&home),
            stage: Stage::New,
            scope,
            now,
            revision: None,
            author: String::new(),
        };
        (tx, home)
    }

    /// Returns the scope: whose data this unit may touch. Every statement names its tenant.
    pub fn scope(&self) -> &TenantScope {
        &self.scope
    }

    /// Returns the time of the unit; it does not advance while the unit runs.
    pub fn now(&self) -> Micros {
        self.now
    }

    /// Runs queries in one hand-over and returns their answers.
    ///
    /// The first hand-over also opens the savepoint and reads the tenant's revision and the author. On PostgreSQL the
    /// statements go one by one.
    pub async fn run<Q: Queries>(&mut self, queries: Q) -> Result<Q::Answers, Error> {
        let mut statements = Vec::new();
        let readers = queries.split(&mut statements);
        let rows = self.run_all(statements).await?;
        Q::read(readers, &mut Results::new(rows))
    }

    async fn run_all(&mut self, statements: Vec<Sql>) -> Result<Vec<Vec<Row>>, Error> {
        let first = self.stage == Stage::New;
        if !first {
            return self.hand_over(statements, false).await;
        }
        let mut all = vec![scoped!(
            self.scope,
            "select revision, :{author} as author, delete_time from tenants where id = :tenant",
            author = author(&self.scope),
        )];
        all.extend(statements);
        let mut rows = self.hand_over(all, false).await?;
        if let Some(row) = rows.remove(0).pop() {
            let [revision, author, deleted] = row.columns(["revision", "author", "delete_time"])?;
            if row.opt_int(deleted)?.is_some() {
                // It was deleted after the call was let in. By now its credential is unknown.
                return Err(Error::CredentialInvalid);
            }
            self.revision = Some(row.int(revision)?);
            self.author = row.text(author)?;
        }
        Ok(rows)
    }

    /// Runs the last statements of the unit in one hand-over; its writes will be kept.
    pub async fn finish<Q: Queries>(&mut self, queries: Q) -> Result<Q::Answers, Error> {
        let mut statements = Vec::new();
        let readers = queries.split(&mut statements);
        let rows = self.hand_over(statements, true).await?;
        self.stage = Stage::Finished;
        Q::read(readers, &mut Results::new(rows))
    }

    /// Notes the revision that the bump returned.
    pub(crate) fn set_revision(&mut self, revision: i64) {
        self.revision = Some(revision);
    }

    /// Returns who is recorded as the author of what the unit writes; empty before its first hand-over.
    pub fn author(&self) -> &str {
        &self.author
    }

    /// Says whether a record of this author is the caller's own; before the first hand-over none is.
    pub fn is_own(&self, author: &str) -> bool {
        self.stage != Stage::New && self.scope.is_own(&self.author, author)
    }

    /// Returns the tenant's revision as this unit leaves it; 0 if the unit has not read it.
    pub(crate) fn revision(&self) -> i64 {
        self.revision.unwrap_or(0)
    }

    async fn hand_over(
        &mut self,
        statements: Vec<Sql>,
        last: bool,
    ) -> Result<Vec<Vec<Row>>, Error> {
        let first = self.stage == Stage::New;
        self.stage = Stage::Open;
        match &mut self.conn {
            Some(Conn::Sqlite(conn)) => {
                let before = if first { "savepoint unit;\n" } else { "" };
                let after = if last { "release unit" } else { "" };
                run_sqlite(conn, before, statements, after).await
            }
            Some(Conn::Postgres(conn)) => run_postgres(conn, statements).await,
            None => Err(Error::internal("a unit of work lost its connection")),
        }
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        let returned = self.conn.take().map(|conn| Returned {
            conn,
            stage: self.stage,
        });
        *self.home.lock().unwrap_or_else(PoisonError::into_inner) = returned;
    }
}

/// Takes a lent connection back.
pub(crate) fn take_back(home: &Home) -> Option<Returned> {
    home.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Runs statements as one text, so that they cost one trip to the driver's worker thread instead of one each (about
/// 100 microseconds a trip on two cores). Many statements are split into several texts; see [`TEXT_BYTES`].
pub(crate) async fn run_sqlite(
    conn: &mut SqliteConnection,
    before: &'static str,
    statements: Vec<Sql>,
    after: &'static str,
) -> Result<Vec<Vec<Row>>, Error> {
    STATEMENTS.fetch_add(statements.len() as u64, Ordering::Relaxed);
    let mut rows = Vec::with_capacity(statements.len());
    let mut statements = statements.into_iter().peekable();
    let mut batch = Batch::new(before);
    loop {
        while batch.text.len() < TEXT_BYTES
            && let Some(statement) = statements.next()
        {
            batch.push(statement);
        }
        if statements.peek().is_none() {
            batch.text.push_str(after);
            rows.extend(batch.run(conn).await?);
            return Ok(rows);
        }
        rows.extend(std::mem::take(&mut batch).run(conn).await?);
    }
}

/// Where a text of many statements is split. SQLite copies the rest of a text for each statement in it, so one text
/// of thousands takes quadratic time. Such a text is also rarely repeated: neither engine keeps it prepared.
const TEXT_BYTES: usize = 64 * 1024;

/// Statements for SQLite that travel as one text.
#[derive(Default)]
struct Batch {
    text: String,
    values: Vec<Value>,
    /// How many statements at its start return no rows to the caller, such as a `begin`.
    n_before: usize,
    n_statements: usize,
}

impl Batch {
    fn new(before: &'static str) -> Batch {
        Batch {
            text: before.to_owned(),
            n_before: usize::from(!before.is_empty()),
            ..Batch::default()
        }
    }

    fn push(&mut self, statement: Sql) {
        statement.render(Dialect::Sqlite, &mut self.text, &mut self.values);
        self.text.push_str(";\n");
        self.n_statements += 1;
    }

    async fn run(self, conn: &mut SqliteConnection) -> Result<Vec<Vec<Row>>, Error> {
        let mut all: Vec<Vec<Row>> = (0..self.n_statements).map(|_| Vec::new()).collect();
        let mut rows = self.rows(conn)?;
        while let Some((i, row)) = rows.try_next().await? {
            all.get_mut(i).ok_or_else(astray)?.push(row);
        }
        drop(rows);
        Ok(all)
    }

    /// Returns the rows as they arrive, each with the number of its statement.
    fn rows(
        self,
        conn: &mut SqliteConnection,
    ) -> Result<impl Stream<Item = Result<(usize, Row), Error>> + Send + Unpin, Error> {
        HAND_OVERS.fetch_add(1, Ordering::Relaxed);
        let is_short = self.text.len() < TEXT_BYTES;
        let query = sqlx::query_with(AssertSqlSafe(self.text), sqlite_arguments(self.values)?)
            .persistent(is_short);
        let (mut n_ended, n_before) = (0, self.n_before);
        let numbered = move |step| {
            ready(match step {
                Either::Left(_) => {
                    n_ended += 1;
                    Ok(None)
                }
                Either::Right(row) => usize::checked_sub(n_ended, n_before)
                    .map(|i| Some((i, Row::Sqlite(row))))
                    .ok_or_else(astray),
            })
        };
        Ok(conn
            .fetch_many(query)
            .map_err(Error::from)
            .try_filter_map(numbered))
    }
}

fn astray() -> Error {
    Error::internal("a row without a statement")
}

pub(crate) async fn run_postgres(
    conn: &mut PgConnection,
    statements: Vec<Sql>,
) -> Result<Vec<Vec<Row>>, Error> {
    HAND_OVERS.fetch_add(statements.len() as u64, Ordering::Relaxed);
    STATEMENTS.fetch_add(statements.len() as u64, Ordering::Relaxed);
    let mut rows = Vec::with_capacity(statements.len());
    for statement in statements {
        let found = conn.fetch_all(postgres_query(statement)?).await?;
        rows.push(found.into_iter().map(Row::Postgres).collect());
    }
    Ok(rows)
}

fn postgres_query(statement: Sql) -> Result<Query<'static, Postgres, PgArguments>, Error> {
    let (mut text, mut values): (String, Vec<Value>) = (String::with_capacity(512), Vec::new());
    statement.render(Dialect::Postgres, &mut text, &mut values);
    let is_short = text.len() < TEXT_BYTES;
    Ok(sqlx::query_with(AssertSqlSafe(text), postgres_arguments(values)?).persistent(is_short))
}

/// Takes the rows of a statement.
pub(crate) type Take<'a> = dyn FnMut(&Row) -> Result<(), Error> + Send + 'a;

/// Runs one statement as [`run_sqlite`] does, and returns its rows as they arrive.
pub(crate) fn each_sqlite(
    conn: &mut SqliteConnection,
    before: &'static str,
    statement: Sql,
) -> Result<impl Stream<Item = Result<Row, Error>> + Send, Error> {
    STATEMENTS.fetch_add(1, Ordering::Relaxed);
    let mut batch = Batch::new(before);
    batch.push(statement);
    Ok(batch.rows(conn)?.map_ok(|(_, row)| row))
}

/// Runs one statement and returns its rows as they arrive.
pub(crate) fn each_postgres(
    conn: &mut PgConnection,
    statement: Sql,
) -> Result<impl Stream<Item = Result<Row, Error>> + Send, Error> {
    HAND_OVERS.fetch_add(1, Ordering::Relaxed);
    STATEMENTS.fetch_add(1, Ordering::Relaxed);
    let rows = postgres_query(statement)?.fetch(conn);
    Ok(rows.map_ok(Row::Postgres).map_err(Error::from))
}
