//! Who waits for whom: rows that share a key take their turns in the order of the file, all others run side by side.
//!
//! It also remembers which keys a file has had, and where.

use std::collections::HashMap;

use tokio::sync::watch;

use super::row::Draft;
use crate::name::Kind;

/// The keys of a file so far.
#[derive(Default)]
pub struct Turns {
    keys: HashMap<(Kind, String), Seen>,
}

struct Seen {
    first_line: u64,
    latest: watch::Receiver<()>,
}

/// The turn of one row. Dropping it lets the next ones go on.
pub struct Turn {
    before: Vec<watch::Receiver<()>>,
    /// For each draft, the line of the first row with the same key, if this is a later one.
    pub repeats: Vec<Option<u64>>,
    _done: watch::Sender<()>,
}

impl Turns {
    /// Queues a row behind all earlier ones that share an external id with it.
    pub fn take(&mut self, line: u64, drafts: &[Draft]) -> Turn {
        let (done, running) = watch::channel(());
        let mut turn = Turn { before: Vec::new(), repeats: Vec::new(), _done: done };
        let pair: Vec<String> = drafts.iter().filter_map(key_of).collect();
        for draft in drafts {
            let mut keys: Vec<String> = draft.ids.iter().map(written).collect();
            if keys.is_empty() {
                keys.push(pair.join("\0\0"));
            }
            for (i, key) in keys.into_iter().enumerate() {
                let seen = Seen { first_line: line, latest: running.clone() };
                let earlier = self.keys.insert((draft.kind, key.clone()), seen);
                if i == 0 {
                    turn.repeats
                        .push(earlier.as_ref().map(|earlier| earlier.first_line).filter(|first| *first != line));
                }
                // A row may name one key twice; it must not wait for itself.
                if let Some(earlier) = earlier.filter(|earlier| !earlier.latest.same_channel(&running)) {
                    turn.before.push(earlier.latest);
                    self.keys.entry((draft.kind, key)).and_modify(|seen| seen.first_line = earlier.first_line);
                }
            }
        }
        turn
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
