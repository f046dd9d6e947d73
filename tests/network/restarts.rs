//! The service is stopped and started under load, again and again: what was acknowledged is there, the end comes in time,
//! and watchers are told why they end. How a client tells that its connection went away under a call is up to the client.

use std::time::{Duration, Instant};

use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::crash::Place;
use crate::crash::load::{Ledger, Writers};
use crate::harness::engine::Engine;

/// How often, unless CLIENTELE_TEST_RESTARTS says otherwise.
const ROUNDS: u32 = 5;
/// How many are acknowledged before the service has to stop.
const WRITES: u64 = 150;
const WATCHERS: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_on_sqlite() {
    restart(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_on_postgres() {
    restart(Engine::Postgres).await;
}

async fn restart(engine: Engine) {
    let rounds = std::env::var("CLIENTELE_TEST_RESTARTS");
    let rounds = rounds.map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let (mut place, ledger) = (Place::on(engine).await, Ledger::new());
    for round in 0..rounds {
        let mut watchers = Vec::new();
        for _ in 0..WATCHERS {
            watchers.push(place.serve().follow_health("").await);
        }
        let connect = || place.serve().customers();
        let writers = Writers::start(&round.to_string(), connect, &ledger, |_| false);
        ledger.more(WRITES).await;
        let began = Instant::now();
        place.serve().terminate();
        for mut watcher in watchers {
            let mut last = None;
            let end = loop {
                match watcher.message().await {
                    Ok(Some(health)) => last = Some(health.status()),
                    Ok(None) => panic!("a watcher was not told why it ends"),
                    Err(status) => break status,
                }
            };
            assert_eq!(last, Some(ServingStatus::NotServing));
            assert_eq!(end.code(), Code::Unavailable, "{end:?}");
        }
        writers.ended().await;
        let status = place.ended().await;
        let took = began.elapsed();
        assert!(status.success(), "{status}");
        assert!(took < Duration::from_secs(21), "{took:?}");
        place.restart();
        ledger.verify(place.serve().customers()).await;
    }
    assert!(ledger.n_acked() >= WRITES * u64::from(rounds));
    place.kill();
    place.inspect().await;
    place.remove().await;
}
