//! Who may read at one time: connections for what is cheap, others for what is dear, and a bounded queue for either.
//!
//! What holds of every reading connection:
//!
//! - What is dear never takes a connection for what is cheap, however much of it there is. [`Cost`] says which is which.
//! - A read is never cut in half. Its work owns the connection (`Running`); if the caller leaves, or its deadline
//!   passes, which is the same here, the work is stopped and goes on by itself until the connection is at rest.
//! - A connection lies idle only when it is at rest: no statement, no transaction, no cancel on its way. One whose
//!   state is not known is closed, and its permit given back after that.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError, mpsc};

use crate::error::{Error, Trouble};
use crate::store::engine::reader::{Connector, Reader, Reading, Stop};
use crate::store::engine::tx::Take;
use crate::store::engine::usage::LaneUsage;
use crate::store::sql::statement::{Row, Sql};

/// How long opening a connection may take.
const OPEN_WITHIN: Duration = Duration::from_secs(2);
/// How long a read that was stopped is waited for before its connection is closed. Both engines need milliseconds; this
/// is for a network that is dead or a server that stands still.
const STOPPED_WITHIN: Duration = Duration::from_secs(10);
/// Rows between a connection and the caller who takes them.
const ROW_BUFFER: usize = 64;

/// What a read costs at most, which decides with whom it shares connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// It follows an index to a bounded number of rows: by name, by key, a page of a list as it is sorted.
    Cheap,
    /// Its work is shaped by a filter, or it may look at all records: a filtered list, a count.
    Dear,
    /// It looks at everything that all records hold: a comparison. It takes a connection for what is dear, but never the
    /// last one.
    Analysis,
}

/// How many read at one time, and how many more wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Width {
    pub connections: usize,
    pub queue: usize,
}

/// All reading connections of a store.
pub(crate) struct Readers {
    cheap: Arc<Lane>,
    dear: Arc<Lane>,
    analyses: Gate,
}

/// The connections for reads of one cost.
pub(crate) struct Lane {
    source: Arc<Connector>,
    connections: usize,
    gate: Gate,
    idle: Mutex<VecDeque<Reader>>,
}

/// Permits, and a bounded queue for them.
struct Gate {
    permits: Arc<Semaphore>,
    /// Places for those who wait for a permit.
    places: Semaphore,
    width: Width,
}

/// What a read keeps from others while it has it.
struct Permits {
    _reading: OwnedSemaphorePermit,
    _analysis: Option<OwnedSemaphorePermit>,
}

/// A permit to read, with the connection for it once that is open. Dropped, it gives both back.
pub(crate) struct Lent {
    lane: Arc<Lane>,
    stop: Arc<Stop>,
    reader: Option<Reader>,
    stage: LentState,
    permits: Arc<Permits>,
}

/// How far along a lent connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LentState {
    /// Nothing runs and nothing is open.
    Rest,
    /// In a transaction, between readings.
    Open,
    /// A statement runs.
    Busy,
    /// A statement failed, or was stopped.
    Unsure,
}

impl Readers {
    /// Makes both lanes, without a connection.
    pub fn new(source: Connector, cheap: Width, dear: Width) -> Readers {
        let source = Arc::new(source);
        let analyses = Width {
            connections: dear.connections.saturating_sub(1).max(1),
            ..dear
        };
        Readers {
            cheap: Lane::new(&source, cheap),
            dear: Lane::new(&source, dear),
            analyses: Gate::new(analyses),
        }
    }

    /// Opens all connections.
    pub async fn fill(&self) -> Result<(), Error> {
        for lane in [&self.cheap, &self.dear] {
            for _ in 0..lane.connections {
                let reader = lane.source.open(lane.source.stop()).await?;
                lane.lay_down(reader);
            }
        }
        Ok(())
    }

    /// Returns how much the connections for cheap and for dear reads are used.
    pub fn usage(&self) -> [LaneUsage; 2] {
        [&self.cheap, &self.dear].map(|lane| lane.gate.usage())
    }

    /// Waits for a permit to read.
    pub async fn lend(&self, cost: Cost) -> Result<Lent, Error> {
        match cost {
            Cost::Cheap => self.cheap.lend(None).await,
            Cost::Dear => self.dear.lend(None).await,
            Cost::Analysis => self.dear.lend(Some(self.analyses.permit().await?)).await,
        }
    }

    /// Waits for those who read, and closes every connection.
    pub async fn close(&self) {
        for lane in [&self.cheap, &self.dear] {
            let all = u32::try_from(lane.connections).unwrap_or(u32::MAX);
            let all = lane.gate.permits.acquire_many(all);
            // Nobody waits for what was stopped. It fails if they are closed already.
            let _all = tokio::time::timeout(STOPPED_WITHIN, all).await;
            lane.gate.permits.close();
            let idle = std::mem::take(&mut *lane.idle());
            for reader in idle {
                reader.close().await;
            }
        }
        self.cheap.source.close().await;
    }
}

impl Gate {
    fn new(width: Width) -> Gate {
        Gate {
            permits: Arc::new(Semaphore::new(width.connections)),
            places: Semaphore::new(width.queue),
            width,
        }
    }

    fn usage(&self) -> LaneUsage {
        let Width { connections, queue } = self.width;
        LaneUsage {
            connections,
            busy: connections.saturating_sub(self.permits.available_permits()),
            waiting: queue.saturating_sub(self.places.available_permits()),
        }
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, Error> {
        match Arc::clone(&self.permits).try_acquire_owned() {
            Ok(permit) => Ok(permit),
            Err(TryAcquireError::Closed) => Err(Error::ShuttingDown),
            Err(TryAcquireError::NoPermits) => {
                let _place = self.places.try_acquire().map_err(|_| Error::Overloaded)?;
                let permit = Arc::clone(&self.permits).acquire_owned().await;
                permit.map_err(|_| Error::ShuttingDown)
            }
        }
    }
}

impl Lane {
    fn new(source: &Arc<Connector>, width: Width) -> Arc<Lane> {
        Arc::new(Lane {
            source: Arc::clone(source),
            connections: width.connections,
            gate: Gate::new(width),
            idle: Mutex::default(),
        })
    }

    /// Takes a permit and does no more, so that a caller who leaves here leaves nothing behind.
    async fn lend(self: &Arc<Lane>, analysis: Option<OwnedSemaphorePermit>) -> Result<Lent, Error> {
        let permits = Permits {
            _reading: self.gate.permit().await?,
            _analysis: analysis,
        };
        let reader = self.idle().pop_front();
        let stop = reader
            .as_ref()
            .map_or_else(|| self.source.stop(), Reader::stop);
        Ok(Lent {
            lane: Arc::clone(self),
            stop,
            reader,
            stage: LentState::Rest,
            permits: Arc::new(permits),
        })
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, VecDeque<Reader>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lay_down(&self, reader: Reader) {
        self.idle().push_back(reader);
    }
}

impl Lent {
    /// Runs statements and returns their rows.
    pub async fn run(
        self,
        begin: Option<&'static str>,
        statements: Vec<Sql>,
        is_last: bool,
    ) -> Result<(Lent, Vec<Vec<Row>>), Error> {
        let (lent, rows) = self.running(begin, Reading::All(statements), is_last).await;
        Ok((lent, rows?))
    }

    /// Runs a statement and passes its rows on as they arrive.
    pub async fn each(
        self,
        begin: Option<&'static str>,
        statement: Sql,
        take: &mut Take<'_>,
    ) -> Result<Lent, Error> {
        let (to, mut rows) = mpsc::channel(ROW_BUFFER);
        let mut running = self.running(begin, Reading::Each(statement, to), false);
        let (lent, ended) = loop {
            tokio::select! {
                biased;
                Some(row) = rows.recv() => take(&row)?,
                ended = &mut running => break ended,
            }
        };
        ended?;
        while let Ok(row) = rows.try_recv() {
            take(&row)?;
        }
        Ok(lent)
    }

    /// Returns how many statements the connection keeps prepared.
    pub fn n_prepared(&self) -> usize {
        self.reader.as_ref().map_or(0, Reader::n_prepared)
    }

    fn running(self, begin: Option<&'static str>, reading: Reading, is_last: bool) -> Running {
        Running {
            stop: Arc::clone(&self.stop),
            permits: Arc::clone(&self.permits),
            work: Some(self.read(begin, reading, is_last).boxed()),
        }
    }

    async fn read(
        mut self,
        begin: Option<&'static str>,
        reading: Reading,
        is_last: bool,
    ) -> (Lent, Result<Vec<Vec<Row>>, Error>) {
        let is_open = begin.is_some() || self.stage == LentState::Open;
        let was = std::mem::replace(&mut self.stage, LentState::Busy);
        let ended = match self.open(was).await {
            Ok(reader) => reader.read(begin, reading, is_last).await,
            Err(error) => Err(error),
        };
        let ends_itself = is_last && matches!(*self.lane.source, Connector::Sqlite { .. });
        self.stage = match ended {
            Err(_) => LentState::Unsure,
            Ok(_) if is_open && !ends_itself => LentState::Open,
            Ok(_) => LentState::Rest,
        };
        (self, ended)
    }

    /// Returns a connection that works: the one that is there or, at the start, a new one.
    async fn open(&mut self, stage: LentState) -> Result<&mut Reader, Error> {
        let mut unfit = None;
        if let Some(reader) = &mut self.reader
            && stage == LentState::Rest
            // One that does not even say so in time is not fit.
            && !tokio::time::timeout(OPEN_WITHIN, reader.is_fit()).await.unwrap_or(false)
        {
            self.stop.forget();
            unfit = self.reader.take();
        }
        match &mut self.reader {
            Some(reader) => Ok(reader),
            place => {
                let open = async {
                    // First the old one: otherwise there would be two for a while.
                    if let Some(unfit) = unfit {
                        unfit.close().await;
                    }
                    self.lane.source.open(Arc::clone(&self.stop)).await
                };
                let late = |_| Error::store(Trouble::Unavailable, "no connection opened in time");
                let opened = tokio::time::timeout(OPEN_WITHIN, open).await;
                Ok(place.insert(opened.map_err(late)??))
            }
        }
    }

    /// Brings the connection to rest and gives it back, or closes it. Dropped before its end, it closes it, too.
    async fn settle(mut self, was: LentState) {
        let Some(reader) = &mut self.reader else {
            return;
        };
        let at_rest = match was {
            LentState::Open => reader.end().await,
            _ => reader.come_to_rest().await,
        };
        if at_rest.is_ok() {
            self.stage = LentState::Rest;
        } else if let Some(reader) = self.reader.take() {
            reader.close().await;
        }
    }
}

impl Drop for Lent {
    /// Gives the connection back if it is at rest. If it can be brought to rest, that is done in the background: nobody
    /// has to wait for it. Otherwise it is closed.
    fn drop(&mut self) {
        let Some(reader) = self.reader.take() else {
            return;
        };
        match self.stage {
            LentState::Rest => self.lane.lay_down(reader),
            LentState::Open | LentState::Unsure => {
                let lent = Lent {
                    lane: Arc::clone(&self.lane),
                    stop: Arc::clone(&self.stop),
                    reader: Some(reader),
                    // A runtime that ends drops it at once, and then it must not come back here.
                    stage: LentState::Busy,
                    permits: Arc::clone(&self.permits),
                };
                let (stop, permits) = (Arc::clone(&self.stop), Arc::clone(&self.permits));
                in_background(stop, permits, lent.settle(self.stage));
            }
            LentState::Busy => drop(reader),
        }
    }
}

/// Work on a lent connection. Dropped before its end, it is stopped and driven to its end in the background.
struct Running {
    stop: Arc<Stop>,
    permits: Arc<Permits>,
    work: Option<Work>,
}

type Work = BoxFuture<'static, (Lent, Result<Vec<Vec<Row>>, Error>)>;

impl Future for Running {
    type Output = (Lent, Result<Vec<Vec<Row>>, Error>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(work) = &mut self.work else {
            return Poll::Pending;
        };
        let ended = ready!(work.as_mut().poll(cx));
        self.work = None;
        Poll::Ready(ended)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            let (stop, permits) = (Arc::clone(&self.stop), Arc::clone(&self.permits));
            in_background(Arc::clone(&stop), permits, end(stop, work));
        }
    }
}

/// Stops work that nobody waits for, and makes its connection fit for others.
async fn end(stop: Arc<Stop>, work: Work) {
    let (mut lent, _) = stop.end(work).await;
    lent.stage = LentState::Busy;
    lent.settle(LentState::Unsure).await;
}

/// Brings a connection to rest while nobody waits for it. If that takes too long, it is closed, and its permits are kept
/// until what runs behind it has ended: otherwise ever more would run there.
fn in_background(
    stop: Arc<Stop>,
    permits: Arc<Permits>,
    to_rest: impl Future<Output = ()> + Send + 'static,
) {
    let Ok(runtime) = Handle::try_current() else {
        return;
    };
    runtime.spawn(async move {
        if tokio::time::timeout(STOPPED_WITHIN, to_rest).await.is_err() {
            stop.outlast().await;
        }
        drop(permits);
    });
}

#[cfg(test)]
mod tests {
    use tempfile::tempdir;
    use tokio::runtime::Runtime;

    use super::*;
    use crate::clock::Clock;
    use crate::store::engine::open_sqlite::open_sqlite;
    use crate::store::scope::TenantScope;
    use crate::store::sql::statement::global;

    #[test]
    fn a_snapshot_may_end_with_its_runtime() {
        let folder = tempdir().expect("a folder can be made");
        let runtime = Runtime::new().expect("a runtime starts");
        runtime.block_on(async {
            let (path, scope) = (folder.path().join("clientele.db"), TenantScope::local());
            let opened = open_sqlite(&path, Clock::System).await.expect("it opens");
            let snapshot = opened.db.snapshot(&scope, Cost::Cheap).await;
            let mut snapshot = snapshot.expect("a connection is free");
            let tenants = global!("select id from tenants").texts("id");
            let tenants = snapshot.run(tenants).await.expect("it reads");
            assert_eq!(tenants, ["default"]);
            tokio::spawn(async move {
                std::future::pending::<()>().await;
                drop(snapshot);
            });
            tokio::task::yield_now().await;
        });
        drop(runtime);
    }
}
