//! What the store can currently do, and what keeps it from doing more.
//!
//! Owns the verdict and its one line in the log. Problems are found by whatever meets them: units and their commits,
//! reads, and `probe.rs`, which tests the store when nothing else uses it.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

use crate::error::{Error, Trouble};
use crate::store::engine::driver_error::cause;

/// Whether reads and writes are answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    reads: Option<Trouble>,
    writes: Option<Trouble>,
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

    /// Returns what is wrong and will not pass by itself.
    pub fn lasting_trouble(self) -> Option<Trouble> {
        self.reads
            .max(self.writes)
            .filter(|trouble| !trouble.passes())
    }

    /// Says whether this process must end, so that the next one recovers what is on disk.
    pub fn must_end(self) -> bool {
        self.writes == Some(Trouble::SyncFailed)
    }
}

/// Logs what is wrong and what to do.
fn log(trouble: Trouble, what: &str, cause: &str) {
    match trouble {
        Trouble::Unavailable | Trouble::Locked | Trouble::Full | Trouble::LogHeld(_) => {
            tracing::warn!(cause, "{what} are not answered at present: {trouble}");
        }
        Trouble::Corrupt => tracing::error!(
            cause,
            "the store is damaged, and writes are refused: stop the server, keep a copy of the files, restore a backup"
        ),
        Trouble::Replaced => tracing::error!(
            cause,
            process.id = std::process::id(),
            "the files of the store are not those that this server opened, and nothing is answered any more"
        ),
        Trouble::SyncFailed => tracing::error!(
            cause,
            "a sync of the store to disk failed, and the server ends: check the disk, then start again, which \
             recovers all that was acknowledged"
        ),
    }
}

/// The standing of one store, for those who change it and those who watch it.
pub(crate) struct Standings {
    now: watch::Sender<Standing>,
    /// Whether there is any trouble, for the many that ask only that.
    any: AtomicBool,
}

impl Standings {
    /// Begins without trouble.
    pub fn new() -> Standings {
        Standings {
            now: watch::Sender::new(Standing::default()),
            any: AtomicBool::new(false),
        }
    }

    /// Watches the standing.
    pub fn follow(&self) -> watch::Receiver<Standing> {
        self.now.subscribe()
    }

    /// Refuses a read that could only mislead, because the file it would read may be a different one.
    pub fn admit_read(&self) -> Result<(), Error> {
        refuse(
            self.trouble(|standing| standing.reads)
                .filter(|trouble| *trouble == Trouble::Replaced),
        )
    }

    /// Refuses a write that would be lost or make things worse.
    pub fn admit_write(&self) -> Result<(), Error> {
        refuse(
            self.trouble(|standing| standing.writes)
                .filter(|trouble| !trouble.passes()),
        )
    }

    fn trouble(&self, of: fn(&Standing) -> Option<Trouble>) -> Option<Trouble> {
        self.any
            .load(Ordering::Acquire)
            .then(|| of(&self.now.borrow()))
            .flatten()
    }

    /// Records that a write is on disk.
    pub fn write_succeeded(&self) {
        self.settle("writes", |standing| &mut standing.writes);
    }

    /// Records how a write failed. An error that is about the call says nothing about the store.
    pub fn write_failed(&self, error: &Error) {
        self.note(error, "writes", |standing| &mut standing.writes);
    }

    /// Records how the read of a probe ended.
    pub fn probed(&self, result: &Result<(), Error>) {
        match result {
            Ok(()) => self.settle("reads", |standing| &mut standing.reads),
            Err(error) => self.note(error, "reads", |standing| &mut standing.reads),
        }
    }

    /// Records an error of a read, as far as it concerns more than that read. Whether reads in general are answered
    /// is left to the probe: a single read among many that wait for a connection may fail, and the damage may be one
    /// page.
    pub fn read_failed(&self, error: &Error) {
        if error.trouble().is_some_and(|trouble| !trouble.passes()) {
            self.write_failed(error);
        }
    }

    fn note(&self, error: &Error, what: &str, of: fn(&mut Standing) -> &mut Option<Trouble>) {
        let Some(trouble) = error.trouble() else {
            return;
        };
        let changed = self.change(|standing| {
            let met = of(standing);
            *met = (*met).max(Some(trouble));
            match trouble {
                Trouble::Unavailable | Trouble::Locked | Trouble::Full | Trouble::LogHeld(_) => {}
                // Reads that meet a damaged page report it one by one.
                Trouble::Corrupt => standing.writes = standing.writes.max(Some(trouble)),
                Trouble::Replaced | Trouble::SyncFailed => {
                    standing.reads = standing.reads.max(Some(trouble));
                    standing.writes = standing.writes.max(Some(trouble));
                }
            }
        });
        if changed {
            log(trouble, what, &cause(error));
        }
    }

    /// Clears trouble of the kind that passes by itself, now that it has.
    fn settle(&self, what: &str, of: fn(&mut Standing) -> &mut Option<Trouble>) {
        if self.any.load(Ordering::Acquire)
            && self
                .change(|standing| *of(standing) = of(standing).filter(|trouble| !trouble.passes()))
        {
            tracing::info!("{what} are answered again");
        }
    }

    /// Changes the standing and says whether it is now different.
    fn change(&self, change: impl FnOnce(&mut Standing)) -> bool {
        self.now.send_if_modified(|standing| {
            let before = *standing;
            change(standing);
            self.any
                .store(*standing != Standing::default(), Ordering::Release);
            *standing != before
        })
    }
}

fn refuse(trouble: Option<Trouble>) -> Result<(), Error> {
    trouble.map_or(Ok(()), |trouble| Err(Error::store(trouble, "found before")))
}
