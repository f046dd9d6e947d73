//! Writers that want the same row wait here, and not in PostgreSQL or in the queue of SQLite's writer.
//!
//! In PostgreSQL, each would hold a connection while it waits for the row, and soon all of them: nobody else could
//! write. In the queue, whoever comes later would wait for all of them. So a unit takes its turn at every row that it
//! is known to lock before it takes a connection or a place in the queue (`write/wanted.rs` says which), and the turns
//! come in the order in which they were asked for. Rows that a unit only finds out about are still waited for in
//! PostgreSQL; so are those that another server holds.
//!
//! While it waits for a record, a unit holds no other turn, so it is in the way of none that could go on. With all of
//! them it waits for its tenant's turn and for a connection, always in that order: so no two units wait for each other.
//! Those that wait, for whatever rows, are bounded, so that hot rows leave room for those who want others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::Error;
use crate::name::Name;
use crate::store::engine::db::MAX_WRITES;

/// The most units that are at one record or wait for it.
const MAX_AT_RECORD: usize = 96;
/// The most units that wait for records: half of all writes that may wait, so that hot records, however many, never keep
/// others from being admitted.
const MAX_WAITING: usize = MAX_WRITES / 2;

/// The turns at all rows that somebody wants. Rows that nobody wants take no memory.
pub(crate) struct Turns {
    /// How many units have a turn at one row at one time.
    at_once: usize,
    /// How many units have a turn at one row or await one; the next is refused.
    most: usize,
    /// Places for those who wait, at all rows together.
    places: Semaphore,
    queues: Mutex<HashMap<String, Queue>>,
}

struct Queue {
    turns: Arc<Semaphore>,
    /// How many have a turn or await one.
    n_units: usize,
}

/// A turn, or a place in the queue for one. It ends when this is dropped.
pub(crate) struct Turn {
    all: Arc<Turns>,
    row: String,
    turn: Option<OwnedSemaphorePermit>,
}

/// Returns the rows of a tenant's records, each once.
pub(crate) fn rows_of(tenant: &str, records: &[Name]) -> Vec<String> {
    let row = |record| format!("{tenant} {record}");
    let mut rows: Vec<String> = records.iter().map(row).collect();
    rows.sort();
    rows.dedup();
    rows
}

impl Turns {
    /// Makes turns at records.
    pub fn at_records(at_once: usize) -> Arc<Turns> {
        Turns::new(at_once, MAX_AT_RECORD, MAX_WAITING)
    }

    /// Makes turns at rows that nobody wants yet.
    pub fn new(at_once: usize, most: usize, waiting: usize) -> Arc<Turns> {
        Arc::new(Turns {
            at_once,
            most,
            places: Semaphore::new(waiting),
            queues: Mutex::default(),
        })
    }

    /// Waits for the turns at all of these rows.
    pub async fn take_all(
        self: &Arc<Turns>,
        rows: &[String],
        deadline: Instant,
    ) -> Result<Vec<Turn>, Error> {
        let mut first = None;
        loop {
            match self.try_all(rows, first) {
                Ok(turns) => return Ok(turns),
                // The others are free again by now.
                Err(row) => first = Some(self.take(row.to_owned(), deadline).await?),
            }
        }
    }

    /// Takes the turns at all rows if none has to be waited for, given the one that was; otherwise none, and returns one
    /// that has to be.
    fn try_all<'a>(
        self: &Arc<Turns>,
        rows: &'a [String],
        first: Option<Turn>,
    ) -> Result<Vec<Turn>, &'a str> {
        let mut turns = Vec::from_iter(first);
        for row in rows {
            if turns.first().is_none_or(|first| first.row != *row) {
                turns.push(self.try_take(row).ok_or(row.as_str())?);
            }
        }
        Ok(turns)
    }

    fn try_take(self: &Arc<Turns>, row: &str) -> Option<Turn> {
        let (mut place, turns) = self.queue_up(row.to_owned()).ok()?;
        place.turn = Some(turns.try_acquire_owned().ok()?);
        Some(place)
    }

    /// Waits for a turn at a row.
    pub async fn take(self: &Arc<Turns>, row: String, deadline: Instant) -> Result<Turn, Error> {
        if let Some(turn) = self.try_take(&row) {
            return Ok(turn);
        }
        let _waiting = self.places.try_acquire().map_err(|_| Error::Overloaded)?;
        let (mut place, turns) = self.queue_up(row)?;
        let turn = tokio::time::timeout_at(deadline.into(), turns.acquire_owned()).await;
        let turn = turn.map_err(|_| Error::DeadlineExceeded)?;
        place.turn = Some(turn.map_err(Error::internal)?);
        Ok(place)
    }

    fn queue_up(self: &Arc<Turns>, row: String) -> Result<(Turn, Arc<Semaphore>), Error> {
        let mut queues = self.queues();
        let queue = queues.entry(row.clone()).or_insert_with(|| Queue {
            turns: Arc::new(Semaphore::new(self.at_once)),
            n_units: 0,
        });
        if queue.n_units >= self.most {
            return Err(Error::Overloaded);
        }
        queue.n_units += 1;
        let place = Turn {
            all: Arc::clone(self),
            row,
            turn: None,
        };
        Ok((place, Arc::clone(&queue.turns)))
    }

    fn queues(&self) -> std::sync::MutexGuard<'_, HashMap<String, Queue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        drop(self.turn.take());
        let mut queues = self.all.queues();
        let is_last = queues.get_mut(&self.row).is_some_and(|queue| {
            queue.n_units -= 1;
            queue.n_units == 0
        });
        if is_last {
            queues.remove(&self.row);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::FutureExt;

    use super::*;

    fn later() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[tokio::test]
    async fn turns_come_in_order_and_leave_nothing_behind() {
        let turns = Turns::new(1, 8, 8);
        let first = turns.take("a".into(), later()).await.expect("it is free");
        let mut waiting = Vec::new();
        for _ in 0..3 {
            let mut next = Box::pin(turns.take("a".into(), later()));
            assert!((&mut next).now_or_never().is_none(), "it has to wait");
            waiting.push(next);
        }
        let other = turns.take("b".into(), later()).now_or_never();
        assert!(matches!(other, Some(Ok(_))), "another row is free");
        drop((first, other));
        while !waiting.is_empty() {
            let turn = waiting.remove(0).await.expect("its turn comes");
            let mut others = waiting.iter_mut();
            assert!(others.all(|next| next.now_or_never().is_none()));
            drop(turn);
        }
        assert!(turns.queues().is_empty());
    }

    #[tokio::test]
    async fn a_turn_that_comes_too_late_or_is_one_too_many_is_refused() {
        let turns = Turns::new(1, 3, 8);
        let first = turns.take("a".into(), later()).await.expect("it is free");
        let late = turns.take("a".into(), Instant::now()).await;
        assert!(matches!(late, Err(Error::DeadlineExceeded)));
        let mut waiting = Vec::new();
        for _ in 1..3 {
            let mut next = Box::pin(turns.take("a".into(), later()));
            assert!((&mut next).now_or_never().is_none(), "it has to wait");
            waiting.push(next);
        }
        let one_more = turns.take("a".into(), later()).await;
        assert!(matches!(one_more, Err(Error::Overloaded)));
        drop((waiting, first));
        assert!(turns.queues().is_empty());
    }

    #[tokio::test]
    async fn who_waits_for_one_row_holds_no_other_and_leaves_room_for_others() {
        let turns = Turns::new(1, 8, 2);
        let rows = ["a".to_owned(), "b".to_owned()];
        let hot = turns.take("b".into(), later()).await.expect("it is free");
        let mut both = Box::pin(turns.take_all(&rows, later()));
        assert!((&mut both).now_or_never().is_none(), "it has to wait");
        let free = turns.take("a".into(), later()).now_or_never();
        drop(free.expect("nobody holds it").expect("nobody holds it"));
        let mut next = Box::pin(turns.take("b".into(), later()));
        assert!((&mut next).now_or_never().is_none(), "it has to wait");
        let one_more = turns.take("b".into(), later()).await;
        assert!(matches!(one_more, Err(Error::Overloaded)), "two wait");
        let other = turns.take("c".into(), later()).now_or_never();
        assert!(matches!(other, Some(Ok(_))), "who does not wait may go on");
        drop(hot);
        assert_eq!(both.await.expect("its turn comes").len(), 2);
        drop((next.await.expect("its turn comes"), other));
        assert!(turns.queues().is_empty());
    }
}
