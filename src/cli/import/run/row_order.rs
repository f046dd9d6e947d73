//! The order of rows: those that share a key are written in the order of the file, all others side by side.
//!
//! It also remembers which keys a file has had, and on which line.

use std::collections::HashMap;

use tokio::sync::watch;

use crate::cli::import::draft::{Draft, ExternalId};
use crate::name::Kind;

#[derive(Default)]
pub(crate) struct RowOrder {
    keys: HashMap<(Kind, String), KeyHistory>,
}

struct KeyHistory {
    first_line: u64,
    first_fingerprint: u64,
    first: watch::Receiver<()>,
    latest: watch::Receiver<()>,
}

/// The turn of one row. Dropping it lets the next rows of the same keys go on.
pub(crate) struct RowTurn {
    before: Vec<watch::Receiver<()>>,
    /// For each draft, the earlier row with its key.
    pub(crate) repeats: Vec<Option<Repeat>>,
    _done: watch::Sender<()>,
}

/// The key of a draft is that of an earlier row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repeat {
    pub(crate) first_line: u64,
    /// Whether the draft is the same as that of the first row with the key.
    pub(crate) is_same: bool,
}

impl RowOrder {
    /// Queues a row behind all earlier ones that share an external id with it. A repetition of the first row with a key
    /// waits for that row only: hundreds of rows may name the same owner.
    pub(crate) fn queue(&mut self, line: u64, drafts: &[Draft]) -> RowTurn {
        let (done, running) = watch::channel(());
        let mut turn = RowTurn {
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
            let mut keys: Vec<String> = draft.ids.iter().map(joined).collect();
            if keys.is_empty() {
                keys.push(pair.join("\0\0"));
            }
            for (i, key) in keys.into_iter().enumerate() {
                let repeat = self.queue_key(
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

    fn queue_key(
        &mut self,
        key: (Kind, String),
        line: u64,
        fingerprint: u64,
        running: &watch::Receiver<()>,
        before: &mut Vec<watch::Receiver<()>>,
    ) -> Option<Repeat> {
        let Some(history) = self.keys.get_mut(&key) else {
            let history = KeyHistory {
                first_line: line,
                first_fingerprint: fingerprint,
                first: running.clone(),
                latest: running.clone(),
            };
            self.keys.insert(key, history);
            return None;
        };
        // A row may name one key twice; it must not wait for itself.
        if history.latest.same_channel(running) {
            return None;
        }
        let is_same = history.first_fingerprint == fingerprint;
        before.push(if is_same {
            history.first.clone()
        } else {
            std::mem::replace(&mut history.latest, running.clone())
        });
        Some(Repeat {
            first_line: history.first_line,
            is_same,
        })
    }
}

fn key_of(draft: &Draft) -> Option<String> {
    draft.ids.first().map(joined)
}

fn joined((system, id): &ExternalId) -> String {
    format!("{system}\0{id}")
}

impl RowTurn {
    /// Waits until the earlier rows are done.
    pub(crate) async fn wait(&mut self) {
        for before in &mut self.before {
            // Nothing is ever sent: the error means that the earlier row has dropped its turn.
            while before.changed().await.is_ok() {}
        }
    }
}
