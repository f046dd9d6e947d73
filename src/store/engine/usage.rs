//! How much the store is used at present, and was since the process started: what metrics tell of it.

use std::sync::atomic::Ordering;

use crate::store::engine::db::{Db, MAX_WRITES};
use crate::store::engine::group_commit::COMMITS;
use crate::store::engine::reader::STOPPED;
use crate::store::engine::tx::{HAND_OVERS, STATEMENTS};
use crate::store::engine::unit::UNITS;

/// The connections for reads of one cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneUsage {
    /// How many read at one time.
    pub connections: usize,
    /// How many read now.
    pub busy: usize,
    /// How many reads wait for one.
    pub waiting: usize,
}

/// What is used of the store. Numbers that only grow count from the start of the process.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Trips to a driver.
    pub hand_overs: u64,
    /// Statements run.
    pub statements: u64,
    /// Statements outside units of work.
    pub reads: u64,
    /// Reads that were ended early because nobody waited for them any more.
    pub stopped_reads: u64,
    /// Units of work that wrote, and are on disk.
    pub units: u64,
    /// Transactions that wrote; on SQLite, each has one sync, and units share it.
    pub commits: u64,
    /// The connections for cheap reads.
    pub cheap: LaneUsage,
    /// The connections for dear reads.
    pub dear: LaneUsage,
    /// Units of work that run or wait.
    pub writes: usize,
    /// The most of them.
    pub max_writes: usize,
}

impl Db {
    /// Returns what is used of the store, without asking it.
    pub fn usage(&self) -> Usage {
        let [cheap, dear] = self.inner.readers.usage();
        Usage {
            hand_overs: HAND_OVERS.load(Ordering::Relaxed),
            statements: STATEMENTS.load(Ordering::Relaxed),
            reads: self.inner.n_reads.load(Ordering::Relaxed),
            stopped_reads: STOPPED.load(Ordering::Relaxed),
            units: UNITS.load(Ordering::Relaxed),
            commits: COMMITS.load(Ordering::Relaxed),
            cheap,
            dear,
            writes: MAX_WRITES.saturating_sub(self.inner.writes.available_permits()),
            max_writes: MAX_WRITES,
        }
    }
}
