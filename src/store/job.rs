//! A unit of work on its way: queued, run against a lent connection, answered.
//!
//! Owns the erasure of the answer's type, the admission permit and the deadline of a queued unit. Does not own any
//! transaction: that is `group.rs` on SQLite and `db.rs` on PostgreSQL.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::TenantScope;
use super::tx::{Conn, Returned, Tx, take_back};
use crate::clock::Clock;
use crate::error::Error;

/// What a unit hands back: the revision it left and its answer, the type of which only the caller knows.
pub(super) struct Done {
    pub revision: i64,
    pub answer: Box<dyn Any + Send>,
}

pub(super) type Unit = Box<dyn FnOnce(Tx) -> BoxFuture<'static, Result<Done, Error>> + Send>;

/// A unit of work that waits for a connection. It holds its admission permit until it is answered, so a caller who
/// hangs up frees nothing early.
pub(super) struct Job {
    pub unit: Unit,
    pub reply: oneshot::Sender<Result<Done, Error>>,
    pub scope: TenantScope,
    pub clock: Clock,
    pub deadline: Instant,
    pub permit: OwnedSemaphorePermit,
}

/// What became of a unit; it is sent only once that is on disk.
pub(super) struct Outcome {
    reply: oneshot::Sender<Result<Done, Error>>,
    result: Result<Done, Error>,
    _permit: OwnedSemaphorePermit,
}

impl Job {
    /// Says whether the caller's deadline passed while the unit waited.
    pub(super) fn is_late(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// Gives up on the unit before it ran.
    pub(super) fn refuse(self, error: Error) -> Outcome {
        Outcome { reply: self.reply, result: Err(error), _permit: self.permit }
    }

    /// Runs the unit. The connection comes back unless the unit leaked it; a panic is an error like any other.
    pub(super) async fn run(self, conn: Conn) -> (Outcome, Option<Returned>) {
        let (tx, home) = Tx::lend(conn, self.scope, self.clock.now());
        let unit = self.unit;
        let run = AssertUnwindSafe(async move { unit(tx).await }).catch_unwind().await;
        let result = run.unwrap_or_else(|_| Err(Error::internal("a unit of work panicked")));
        (Outcome { reply: self.reply, result, _permit: self.permit }, take_back(&home))
    }
}

impl Outcome {
    /// Says whether the unit itself succeeded.
    pub(super) fn is_ok(&self) -> bool {
        self.result.is_ok()
    }

    /// Returns what the unit itself heard from a store that cannot go on.
    pub(super) fn heard_from_store(&self) -> Option<&Error> {
        let cannot_go_on = |error: &&Error| matches!(error, Error::StoreFull(_) | Error::StoreUnavailable(_));
        self.result.as_ref().err().filter(cannot_go_on)
    }

    /// Answers the caller, who may have gone.
    pub(super) fn answer(self) {
        let _ = self.reply.send(self.result);
    }

    /// Answers that the transaction around the unit failed. Only what the unit itself heard from the store stands;
    /// any other answer rests on what is now undone.
    pub(super) fn fail(self, error: Error) {
        let error = match self.result {
            Err(own @ (Error::StoreFull(_) | Error::StoreUnavailable(_))) => own,
            _ => error,
        };
        let _ = self.reply.send(Err(error));
    }
}
