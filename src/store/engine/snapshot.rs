//! Several statements that see one state of the store.
//!
//! Owns the reading transaction of either engine: a deferred one on SQLite, whose state is that of its first
//! statement; a repeatable-read one on PostgreSQL. What is read is up to the callers.

use crate::error::Error;
use crate::store::engine::db::Db;
use crate::store::engine::lane::{Cost, Lent};
use crate::store::scope::TenantScope;
use crate::store::sql::query::{Queries, Results};
use crate::store::sql::statement::{Row, Sql};

/// One state of the store.
///
/// It lasts until [`Snapshot::finish`], or until it is dropped: then its transaction is ended in the background. After
/// an error nothing more can be read in it.
pub struct Snapshot {
    db: Db,
    /// Absent after an error.
    lent: Option<Lent>,
    has_begun: bool,
    plans_once: bool,
}

const BEGIN: &str = "begin isolation level repeatable read read only";
/// A plan may be made while tables are empty and used when they are large, so it must follow indexes whatever they
/// hold.
const BEGIN_PLANNED_ONCE: &str = "begin isolation level repeatable read read only; \
     set local plan_cache_mode = force_generic_plan; set local enable_seqscan = off";

impl Db {
    /// Takes a snapshot; its state is that of the first statement.
    pub async fn snapshot(&self, _scope: &TenantScope, cost: Cost) -> Result<Snapshot, Error> {
        Ok(Snapshot {
            db: self.clone(),
            lent: Some(self.inner.readers.lend(cost).await?),
            has_begun: false,
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
        let begin = self.begin();
        let ended = self.lent()?.each(begin, statement, &mut take).await;
        self.lent = Some(self.db.inner.note_read(ended)?);
        Ok(())
    }

    /// Runs the last queries and releases the state.
    pub async fn finish<Q: Queries>(mut self, queries: Q) -> Result<Q::Answers, Error> {
        let mut statements = Vec::new();
        let readers = queries.split(&mut statements);
        let rows = match statements.is_empty() {
            true => Vec::new(),
            false => self.hand_over(statements, true).await?,
        };
        Q::read(readers, &mut Results::new(rows))
    }

    fn lent(&mut self) -> Result<Lent, Error> {
        let lost = || Error::internal("a snapshot lost its connection");
        self.lent.take().ok_or_else(lost)
    }

    async fn hand_over(
        &mut self,
        statements: Vec<Sql>,
        is_last: bool,
    ) -> Result<Vec<Vec<Row>>, Error> {
        self.db.inner.begin_read(statements.len())?;
        let begin = self.begin();
        let ran = self.lent()?.run(begin, statements, is_last).await;
        let (lent, rows) = self.db.inner.note_read(ran)?;
        self.lent = Some(lent);
        Ok(rows)
    }

    /// Returns the text that opens the transaction on PostgreSQL, before the first hand-over.
    fn begin(&mut self) -> Option<&'static str> {
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        is_first.then_some(if self.plans_once {
            BEGIN_PLANNED_ONCE
        } else {
            BEGIN
        })
    }
}
