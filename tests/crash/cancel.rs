//! Callers who hang up at any point: no acknowledged write is lost, and no transaction is left open.

use std::time::Duration;

use clientele::pb;
use clientele::pb::customer_service_client::CustomerServiceClient;
use clientele::store::engine::open::DatabaseUrl;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tonic::transport::Channel;
use tonic::{Code, Status};

use super::load::{Ledger, Writers, create, set};
use super::{Place, Random, inspect, soon};
use crate::harness::engine::Engine;

const N_CALLERS: u64 = 400;
/// So many calls are under way at one time.
const AT_ONCE: usize = 16;

#[tokio::test(flavor = "multi_thread")]
async fn callers_who_hang_up_harm_nobody_on_sqlite() {
    hang_up("hang-up sqlite", Place::on(Engine::Sqlite).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_who_hang_up_harm_nobody_on_postgres() {
    hang_up("hang-up postgres", Place::on(Engine::Postgres).await).await;
}

async fn hang_up(test: &str, mut place: Place) {
    let (mut random, ledger) = (Random::new(test), Ledger::new());
    // Others, who do not hang up: it is their writes that a connection left in a transaction would swallow.
    let goes_on = |code| code == Code::Unavailable;
    let writers = Writers::start("patient", || place.serve().customers(), &ledger, goes_on);
    let n_cut = cut_calls(&place, &mut random, &ledger).await;
    writers.stop().await;
    assert!(
        n_cut > N_CALLERS / 10,
        "only {n_cut} of {N_CALLERS} calls were cut: the test would prove nothing"
    );
    if let DatabaseUrl::Postgres(url) = &place.url {
        soon("no transaction is left open", no_open_transaction(url)).await;
    }
    all_connections_work(&place, &ledger).await;
    ledger.verify(place.serve().customers()).await;
    place.kill();
    place.inspect().await;
    place.remove().await;
    println!(
        "{test}: {n_cut} of {N_CALLERS} calls were cut, {} writes acknowledged",
        ledger.n_acked()
    );
}

/// Makes the calls, each of which the caller gives up within 50 ms, and returns how many were cut.
async fn cut_calls(place: &Place, random: &mut Random, ledger: &Ledger) -> u64 {
    let shared = place
        .serve()
        .customers()
        .create_customer(create("shared"))
        .await
        .unwrap()
        .into_inner()
        .name;
    let (mut calls, mut n_cut) = (JoinSet::new(), 0);
    for i in 0..N_CALLERS {
        // Half of the calls make a record, half of them fight for one row.
        let patience = Duration::from_micros(random.between(0, 50_000));
        // A connection each: the server ends one on which many calls are reset.
        let (mut client, ledger, shared) =
            (place.serve().customers(), ledger.clone(), shared.clone());
        calls.spawn(async move {
            connected(&mut client).await;
            let call = async {
                match i % 2 {
                    0 => client
                        .create_customer(create(&format!("cut-{i}")))
                        .await
                        .map(|answer| ledger.note(&answer, 0)),
                    _ => client.update_customer(set(&shared, i)).await.map(drop),
                }
            };
            let answer = timeout(patience, call).await;
            answer
                .map(|answer| answer.unwrap_or_else(|refusal| busy(&refusal)))
                .is_err()
        });
        if calls.len() >= AT_ONCE {
            n_cut += u64::from(calls.join_next().await.unwrap().unwrap());
        }
    }
    n_cut
        + calls
            .join_all()
            .await
            .into_iter()
            .map(u64::from)
            .sum::<u64>()
}

/// Makes a first call, so that the time that follows goes to the second one alone.
async fn connected(client: &mut CustomerServiceClient<Channel>) {
    let request = pb::GetCustomerRequest {
        name: "customers/shared".to_owned(),
        read_mask: None,
    };
    let answered = async {
        while let Err(refusal) = client.get_customer(request.clone()).await {
            busy(&refusal);
        }
    };
    soon("it is answered", answered).await;
}

/// Callers who have hung up still hold what they asked for; the others may be told to come back.
fn busy(refusal: &Status) {
    assert_eq!(refusal.code(), Code::Unavailable, "{refusal:?}");
}

async fn no_open_transaction(url: &str) {
    while inspect::n_idle_in_transaction(url).await > 0 {
        tokio::task::yield_now().await;
    }
}

/// More writes at once than the pool has connections, all of which must be acknowledged.
async fn all_connections_work(place: &Place, ledger: &Ledger) {
    let client = place.serve().customers();
    let mut calls = JoinSet::new();
    for i in 0..64 {
        let mut client = client.clone();
        calls.spawn(async move {
            loop {
                match client.create_customer(create(&format!("after-{i}"))).await {
                    Ok(answer) => return answer,
                    Err(refusal) => busy(&refusal),
                }
            }
        });
    }
    for answer in soon("the pool is usable", calls.join_all()).await {
        ledger.note(&answer, 0);
    }
}
