//! Who waits for whom: rows that share a key take their turns in the order of the file, all others run side by side.
//!
//! It also remembers which keys a file has had, and where.

use std::collections::HashMap;

use tokio::sync::watch;

use crate::cli::import::row::Draft;
use crate::name::Kind;

/// The keys of a file so far.
#[derive(Default)]
pub struct Turns {
    keys: HashMap<(Kind, String), Seen>,
}

struct Seen {
    first_line: u64,
    /// What the first row said, and when it is done.
    first: (u64, watch::Receiver<()>),
    latest: watch::Receiver<()>,
}

/// The turn of one row. Dropping it lets the next ones go on.
pub struct Turn {
    before: Vec<watch::Receiver<()>>,
    /// For each draft, whether an earlier row had its key.
    pub repeats: Vec<Option<Repeat>>,
    _done: watch::Sender<()>,
}

/// An earlier row had the key of a draft.
#[derive(Clone, Copy, Debug)]
pub struct Repeat {
    /// The line of the first one.
    pub first_line: u64,
    /// Whether the draft says nothing that the first one did not.
    pub is_same: bool,
}

impl Turns {
    /// Queues a row behind all earlier ones that share an external id with it. What only says again what the first row
    /// with the key said does not wait for the others: hundreds of rows may name the same owner.
    pub fn take(&mut self, line: u64, drafts: &[Draft]) -> Turn {
        let (done, running) = watch::channel(());
        let mut turn = Turn {
            before: Vec::new(),
            repeats: Vec::new(),
            _done: done,
        };
        let linked = drafts
            .iter()
            .filter(|draft| matches!(draft.kind, Kind::Customer | Kind::Contact));
        let pair: Vec<String> = linked.filter_map(key_of).collect();
        for draft in drafts {
            let fingerprint = draft.fingerprint();
            let mut keys: Vec<String> = draft.ids.iter().map(written).collect();
            if keys.is_empty() {
                keys.push(pair.join("\0\0"));
            }
            for (i, key) in keys.into_iter().enumerate() {
                let repeat = self.queue(
                    (draft.kind, key),
                    line,
                    fingerprint,
                    &running,
                    &mut turn.before,
                );
                if i == 0 {
                    turn.repeats.push(repeat);
                }
            }
        }
        turn
    }

    fn queue(
        &mut self,
        key: (Kind, String),
        line: u64,
        fingerprint: u64,
        running: &watch::Receiver<()>,
        before: &mut Vec<watch::Receiver<()>>,
    ) -> Option<Repeat> {
        let Some(seen) = self.keys.get_mut(&key) else {
            let first = (fingerprint, running.clone());
            self.keys.insert(
                key,
                Seen {
                    first_line: line,
                    first,
                    latest: running.clone(),
                },
            );
            return None;
        };
        // A row may name one key twice; it must not wait for itself.
        if seen.latest.same_channel(running) {
            return None;
        }
        let is_same = seen.first.0 == fingerprint;
        if is_same {
            before.push(seen.first.1.clone());
        } else {
            before.push(std::mem::replace(&mut seen.latest, running.clone()));
        }
        Some(Repeat {
            first_line: seen.first_line,
            is_same,
        })
    }
}

fn key_of(draft: &Draft) -> Option<String> {
    draft.ids.first().map(written)
}

fn written((system, id): &(String, String)) -> String {
    format!("{system}\0{id}")
}

impl Turn {
    /// Waits until the earlier rows are done.
    pub async fn wait(&mut self) {
        for before in &mut self.before {
            // Nothing is ever sent: the error is that the earlier row has dropped its turn.
            while before.changed().await.is_ok() {}
        }
    }
}
