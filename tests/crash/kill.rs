//! kill -9 of the service under write load: what was acknowledged is there afterwards.

use std::time::Instant;

use tokio::sync::Mutex;

use super::load::{Ledger, Writers};
use super::{Place, Random, soon};
use crate::harness::engine::Engine;

/// One after the other, so that they do not share the machine.
static TURN: Mutex<()> = Mutex::const_new(());

const N_KILLS: u64 = 20;
/// The fewest acknowledged writes before each kill: with fewer under way, a kill would prove little. A count and not a
/// rate, because a busy machine is no failure.
const MIN_WRITES: u64 = 60;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_by_kill_9_on_sqlite() {
    let _turn = TURN.lock().await;
    survive_kills("kill-9 sqlite", Place::on(Engine::Sqlite).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_by_kill_9_on_postgres() {
    let _turn = TURN.lock().await;
    survive_kills("kill-9 postgres", Place::on(Engine::Postgres).await).await;
}

async fn survive_kills(test: &str, mut place: Place) {
    let (mut random, everything) = (Random::new(test), Ledger::new());
    let mut seconds = 0.0;
    for round in 0..N_KILLS {
        let ledger = &everything;
        let writers = Writers::start(
            &round.to_string(),
            || place.serve().customers(),
            ledger,
            |_| false,
        );
        soon("a write is acknowledged", ledger.more(1)).await;
        let began = Instant::now();
        soon(
            "writes are acknowledged",
            ledger.more(random.between(MIN_WRITES, 600)),
        )
        .await;
        seconds += began.elapsed().as_secs_f64();
        place.kill();
        soon("the writers notice", writers.ended()).await;
        place.inspect().await;
        place.restart();
    }
    everything.verify(place.serve().customers()).await;
    let (n_acked, rate) = (everything.n_acked(), everything.n_acked() as f64 / seconds);
    place.remove().await;
    println!(
        "{test}: {N_KILLS} kills, {n_acked} writes acknowledged, {rate:.0} a second, none missing"
    );
    assert!(
        n_acked >= N_KILLS * MIN_WRITES,
        "every kill met writes under way"
    );
}
