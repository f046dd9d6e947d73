//! What the store can do at present, and what keeps it from more.
//!
//! Owns the verdict and its one line in the log. What is wrong is found by those who meet it: units and their commits,
//! reads, and [`Db::probe`](super::db::Db::probe), which asks when nobody else does.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

use super::failure::cause;
use crate::error::Error;

/// Whether reads and writes are answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    reads: Option<Trouble>,
    writes: Option<Trouble>,
}

/// What is wrong, the lesser before the greater. Only the first passes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Trouble {
    /// No connection, no space, somebody else's lock.
    Passing,
    /// Pages of the store are damaged.
    Corrupt,
    /// The files of the store are not those that were opened.
    Replaced,
    /// The disk did not keep a write, and would say otherwise if it were asked again.
    SyncFailed,
}

impl Standing {
    /// Says whether reads are answered.
    pub fn answers_reads(self) -> bool {
        self.reads.is_none()
    }

    /// Says whether writes are answered.
    pub fn answers_writes(self) -> bool {
        self.writes.is_none()
    }

    /// Says whether this process must end, so that the next one recovers what is on disk.
    pub fn must_end(self) -> bool {
        self.writes == Some(Trouble::SyncFailed)
    }
}

impl Trouble {
    /// Returns what an error of the store says of it; `None` for errors of a caller or of the program.
    fn of(error: &Error) -> Option<Trouble> {
        match error {
            Error::StoreUnavailable(_) | Error::StoreFull(_) | Error::StoreLocked(_) => Some(Trouble::Passing),
            Error::StoreCorrupt(_) => Some(Trouble::Corrupt),
            Error::StoreReplaced(_) => Some(Trouble::Replaced),
            Error::StoreSyncFailed(_) => Some(Trouble::SyncFailed),
            _ => None,
        }
    }

    /// Says what is wrong and what to do.
    fn log(self, what: &str, cause: &str) {
        match self {
            Trouble::Passing => tracing::warn!(cause, "{what} are not answered at present"),
            Trouble::Corrupt => tracing::error!(
                cause,
                "the store is damaged, and writes are refused: stop the server, keep a copy of the files, restore a backup"
            ),
            Trouble::Replaced => tracing::error!(
                cause,
                process.id = std::process::id(),
                "the files of the store are not those that this server opened, and nothing is answered any more. If they \
                 were moved, move them back and restart. If they were deleted, this process still has them open: copy \
                 them out of /proc/PID/fd before you stop it"
            ),
            Trouble::SyncFailed => tracing::error!(
                cause,
                "the disk did not keep a write, and the server ends: look at the disk, then start again, which recovers \
                 all that was acknowledged"
            ),
        }
    }
}

/// The standing of one store, for those who change it and those who follow it.
pub(super) struct Standings {
    now: watch::Sender<Standing>,
    /// Whether there is any trouble, for the many who only ask that.
    any: AtomicBool,
}

impl Standings {
    /// Begins without trouble.
    pub fn new() -> Standings {
        Standings { now: watch::Sender::new(Standing::default()), any: AtomicBool::new(false) }
    }

    /// Follows the standing.
    pub fn follow(&self) -> watch::Receiver<Standing> {
        self.now.subscribe()
    }

    /// Refuses a read that could only mislead, since the file that it would come from may be another one.
    pub fn admit_read(&self) -> Result<(), Error> {
        match self.any.load(Ordering::Acquire).then(|| self.now.borrow().reads).flatten() {
            Some(Trouble::Replaced) => Err(Error::StoreReplaced(FOUND_BEFORE.into())),
            _ => Ok(()),
        }
    }

    /// Refuses a write that would not be kept, or would make things worse.
    pub fn admit_write(&self) -> Result<(), Error> {
        match self.any.load(Ordering::Acquire).then(|| self.now.borrow().writes).flatten() {
            Some(Trouble::Corrupt) => Err(Error::StoreCorrupt(FOUND_BEFORE.into())),
            Some(Trouble::Replaced) => Err(Error::StoreReplaced(FOUND_BEFORE.into())),
            Some(Trouble::SyncFailed) => Err(Error::StoreSyncFailed(FOUND_BEFORE.into())),
            Some(Trouble::Passing) | None => Ok(()),
        }
    }

    /// Takes note of a write that is on disk.
    pub fn write_succeeded(&self) {
        self.settle("writes", |standing| &mut standing.writes);
    }

    /// Takes note of how a write failed. An error that is about the call says nothing about the store.
    pub fn write_failed(&self, error: &Error) {
        self.note(error, "writes", |standing| &mut standing.writes);
    }

    /// Takes note of how the read of a probe ended.
    pub fn probed(&self, result: &Result<(), Error>) {
        match result {
            Ok(()) => self.settle("reads", |standing| &mut standing.reads),
            Err(error) => self.note(error, "reads", |standing| &mut standing.reads),
        }
    }

    /// Takes note of an error that a read met. Whether reads as such are answered is for the probe to find: one of many
    /// that wait for a connection may fail alone.
    pub fn read_failed(&self, error: &Error) {
        if Trouble::of(error) > Some(Trouble::Passing) {
            self.note(error, "reads", |standing| &mut standing.reads);
        }
    }

    fn note(&self, error: &Error, what: &str, of: fn(&mut Standing) -> &mut Option<Trouble>) {
        let Some(trouble) = Trouble::of(error) else { return };
        let changed = self.change(|standing| {
            *of(standing) = (*of(standing)).max(Some(trouble));
            // What does not pass concerns both.
            if trouble > Trouble::Passing {
                standing.reads = standing.reads.max(Some(trouble));
                standing.writes = standing.writes.max(Some(trouble));
            }
        });
        if changed {
            trouble.log(what, &cause(error));
        }
    }

    /// Takes off what passes by itself, now that it has.
    fn settle(&self, what: &str, of: fn(&mut Standing) -> &mut Option<Trouble>) {
        if self.any.load(Ordering::Acquire)
            && self.change(|standing| *of(standing) = of(standing).filter(|trouble| *trouble > Trouble::Passing))
        {
            tracing::info!("{what} are answered again");
        }
    }

    /// Changes the standing and says whether it is another one now.
    fn change(&self, change: impl FnOnce(&mut Standing)) -> bool {
        self.now.send_if_modified(|standing| {
            let before = *standing;
            change(standing);
            self.any.store(*standing != Standing::default(), Ordering::Release);
            *standing != before
        })
    }
}

const FOUND_BEFORE: &str = "found before";
