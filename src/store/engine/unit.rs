//! A unit of work on its way: queued, run on a lent connection, answered.
//!
//! Owns the erasure of the answer's type, the admission permit and the deadline of a queued unit. Owns no
//! transaction: that is `group_commit.rs` on SQLite and `postgres_units.rs` on PostgreSQL.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::clock::Clock;
use crate::error::Error;
use crate::name::Name;
use crate::store::engine::turns::Turn;
use crate::store::engine::tx::{Conn, Returned, Stage, Tx, take_back};
use crate::store::scope::TenantScope;

/// Units that wrote, and are on disk, since the process started.
pub(crate) static UNITS: AtomicU64 = AtomicU64::new(0);

/// What a unit hands back: the revision it left, and its answer, whose type only the caller knows.
pub(crate) struct Done {
    pub revision: i64,
    pub answer: Box<dyn Any + Send>,
}

pub(crate) type Unit = Box<dyn FnOnce(Tx) -> BoxFuture<'static, Result<Done, Error>> + Send>;

/// A unit of work that waits for a connection. It holds its admission permit until it is answered, so a caller who
/// hangs up frees nothing early.
pub(crate) struct QueuedUnit {
    pub unit: Unit,
    pub reply: oneshot::Sender<Result<Done, Error>>,
    pub scope: TenantScope,
    /// The records that it is known to lock.
    pub records: Vec<Name>,
    /// Its turns at them, once it has them; they end with its answer.
    pub turns: Vec<Turn>,
    pub clock: Clock,
    pub deadline: Instant,
    pub permit: OwnedSemaphorePermit,
}

/// What became of a unit; sent only once that is on disk.
pub(crate) struct Outcome {
    reply: oneshot::Sender<Result<Done, Error>>,
    result: Result<Done, Error>,
    /// Whether it has written something to be kept.
    pub writes: bool,
    _permit: OwnedSemaphorePermit,
    _turns: Vec<Turn>,
}

impl QueuedUnit {
    /// Says whether the caller's deadline passed while the unit waited.
    pub(crate) fn is_late(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// Refuses the unit before it runs.
    pub(crate) fn refuse(self, error: Error) -> Outcome {
        Outcome {
            reply: self.reply,
            result: Err(error),
            writes: false,
            _permit: self.permit,
            _turns: self.turns,
        }
    }

    /// Runs the unit. The connection comes back unless the unit leaked it; a panic is treated like any other error.
    pub(crate) async fn run(self, conn: Conn) -> (Outcome, Option<Returned>) {
        let (tx, home) = Tx::lend(conn, self.scope, self.clock.now());
        let unit = self.unit;
        let run = AssertUnwindSafe(async move { unit(tx).await })
            .catch_unwind()
            .await;
        let result = run.unwrap_or_else(|_| Err(Error::internal("a unit of work panicked")));
        let returned = take_back(&home);
        let writes = result.is_ok()
            && returned
                .as_ref()
                .is_some_and(|returned| returned.stage == Stage::Finished);
        (
            Outcome {
                reply: self.reply,
                result,
                writes,
                _permit: self.permit,
                _turns: self.turns,
            },
            returned,
        )
    }
}

impl Outcome {
    /// Returns the store error that the unit itself met, if the store cannot go on.
    pub(crate) fn heard_from_store(&self) -> Option<&Error> {
        self.result
            .as_ref()
            .err()
            .filter(|error| error.trouble().is_some())
    }

    /// Answers the caller, who may be gone.
    pub(crate) fn answer(self) {
        let _ = self.reply.send(self.result);
    }

    /// Answers that the transaction around the unit failed. Only a store error that the unit itself met stands; any
    /// other answer rests on what has now been undone.
    pub(crate) fn fail(self, error: Error) {
        let error = match self.result {
            Err(own) if own.trouble().is_some() => own,
            _ => error,
        };
        let _ = self.reply.send(Err(error));
    }
}
