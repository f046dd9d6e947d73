//! Memory and places: answers that nobody takes, requests without an end, and sockets that say nothing.
//!
//! Only the transport matters here, so one engine is enough. What is shown is what the process holds: how `server`
//! treats each case is in `tests/server/{buffers,idle}.rs`.

use std::time::Duration;

use tokio::time::timeout;

use super::attack::{AttackTarget, BystanderFigures, Outcomes, SHED};
use crate::crash::serve::Serve;
use crate::harness::engine::{Engine, Store};
use crate::harness::in_runtime;

const MIB: u64 = 1 << 20;
/// What may wait, set low so that an attack reaches it on a slow machine, too.
const BUDGET: u64 = 48 * MIB;
/// What the process may have above what it has in normal use: what may wait, what works on calls at the time, and what
/// was needed only just now and is not given back yet.
const MOST_ABOVE: u64 = 4 * BUDGET;
/// So many sheds, and no attack goes on.
const SHEDS: usize = 60;
/// So many calls that have ended, and it goes on no longer without sheds either.
const MOST_CALLS: usize = 300;
/// The files that the server may have open in an attack on them, the sockets of the attack, and what others ask
/// meanwhile.
const N_FILES: usize = 128;
const N_SOCKETS: usize = 160;
const N_ASKS: usize = 30;

/// Plays an attack on a server in normal use, and holds what it has at most, and after.
async fn bounded<F: Future<Output = Outcomes>>(attack: impl Fn(AttackTarget) -> F) {
    let store = Store::new(Engine::Sqlite).await;
    let serve = Serve::start_with(
        &store.url(),
        ("CLIENTELE_MAX_BUFFERED_BYTES", &BUDGET.to_string()),
    );
    let target = serve.target();
    target.fill().await;
    target.use_normally().await;
    let before = target.memory();
    target.forget_peak();
    let (outcomes, mut others) = target.beside(attack(target)).await;
    let slowest = others.all_but_one_in(100);
    let BystanderFigures { asked, took } = others;
    let peak = target.peak();
    let back = target
        .shrinks_to(before + before / 5 + BUDGET / 2, Duration::from_secs(60))
        .await;
    println!(
        "before {} MiB, peak {} MiB, after {} MiB; {outcomes:?}; others {} of {asked}, 99 % in {slowest:?}",
        before / MIB,
        peak / MIB,
        target.memory() / MIB,
        took.len()
    );
    assert!(outcomes.get(SHED).is_some_and(|sheds| *sheds >= SHEDS));
    assert!(peak <= before + MOST_ABOVE, "{} MiB", peak / MIB);
    assert!(
        back,
        "{} MiB after {} MiB",
        target.memory() / MIB,
        before / MIB
    );
    assert_eq!(took.len(), asked, "others are answered");
    assert!(asked > 0);
}

/// Says when an attack has shown enough: calls are shed, or it has been given what would fill far more than the budget.
fn enough(outcomes: &Outcomes) -> bool {
    outcomes.get(SHED).is_some_and(|sheds| *sheds >= SHEDS)
        || outcomes.values().sum::<usize>() >= MOST_CALLS
}

#[test]
fn answers_without_room_in_their_windows_are_bounded() {
    in_runtime(bounded(|target| target.unread_answers(0, enough)));
}

#[test]
fn answers_that_are_not_read_are_bounded() {
    in_runtime(bounded(|target| target.unread_answers(65_535, enough)));
}

#[test]
fn requests_that_lack_their_last_bytes_are_bounded() {
    in_runtime(bounded(|target| target.unfinished_requests(1_200, enough)));
}

/// Asks beside more sockets than the server has files for.
async fn answers_beside_silent_sockets() {
    let store = Store::new(Engine::Sqlite).await;
    let serve = Serve::start_with_few_files(&store.url(), N_FILES);
    let target = serve.target();
    target.fill().await;
    let asks = async {
        // They need a moment to take all files, so most of these find none.
        let mut n_short = 0;
        while n_short < N_ASKS {
            assert!(target.ask().await, "somebody is locked out");
            n_short += usize::from(serve.log().contains("could not be accepted"));
        }
    };
    tokio::select! {
        () = target.silent_sockets(N_SOCKETS) => {}
        asked = timeout(Duration::from_secs(120), asks) => asked.expect("the files run out"),
    }
}

#[test]
fn silent_sockets_lock_nobody_out() {
    in_runtime(answers_beside_silent_sockets());
}
