//! kill -9 of the service under write load: what was acknowledged is there afterwards.

use tokio::sync::Mutex;

use super::load::{Ledger, Writers};
use super::{Place, Random, soon};

/// One after the other, so that each has the machine's load for itself.
static TURN: Mutex<()> = Mutex::const_new(());

const N_KILLS: u64 = 20;
/// A load check, not a promise: with fewer writes a second under way, a kill would prove little.
const MIN_WRITES_PER_SECOND: f64 = 300.0;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_by_kill_9_on_sqlite() {
    let _turn = TURN.lock().await;
    survive_kills("kill-9 sqlite", Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_by_kill_9_on_postgres() {
    let _turn = TURN.lock().await;
    survive_kills("kill-9 postgres", Place::postgres()).await;
}

async fn survive_kills(test: &str, mut place: Place) {
    let (mut random, everything) = (Random::new(test), Ledger::new());
    let mut seconds = 0.0;
    for round in 0..N_KILLS {
        let ledger = &everything;
        let writers = Writers::start(&round.to_string(), || place.serve().customers(), ledger, |_| false);
        soon("writes are acknowledged", ledger.more(random.between(60, 600))).await;
        seconds += writers.seconds();
        place.kill();
        soon("the writers notice", writers.ended()).await;
        place.inspect().await;
        place.restart();
    }
    everything.verify(place.serve().customers()).await;
    let (n_acked, rate) = (everything.n_acked(), everything.n_acked() as f64 / seconds);
    println!("{test}: {N_KILLS} kills, {n_acked} writes acknowledged, {rate:.0} a second, none missing");
    assert!(rate >= MIN_WRITES_PER_SECOND, "the load was too low to prove anything: {rate:.0} writes a second");
}
