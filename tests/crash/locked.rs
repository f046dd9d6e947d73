//! Another program holds the lock of the file: every write is answered with that reason, reads go on, and when the lock
//! is gone writes work again without a restart.

use clientele::pb;
use clientele::server::health::WRITES;
use clientele::store::engine::open::DatabaseUrl;
use sqlx::{Connection, Executor, SqliteConnection};
use tokio::task::JoinSet;
use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_types::StatusExt;

use super::load::{Ledger, create};
use super::{Place, soon};
use crate::harness::engine::Engine;

/// So many that they would pass their deadline of 15 s if each waited for the lock by itself.
const N_WRITES: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_of_another_program_is_told_to_every_writer() {
    let mut place = Place::on(Engine::Sqlite).await;
    let ledger = Ledger::new();
    let mut client = place.serve().customers();
    ledger.note(&client.create_customer(create("before")).await.unwrap(), 0);
    let DatabaseUrl::Sqlite(file) = &place.url else {
        unreachable!("it is a file")
    };
    let mut other = SqliteConnection::connect(&format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    other.execute("begin immediate").await.unwrap();

    every_write_is_told(&place).await;
    soon(
        "health says so",
        place.serve().health_is(WRITES, ServingStatus::NotServing),
    )
    .await;
    assert_eq!(place.serve().health("").await, ServingStatus::Serving);
    ledger.verify(client.clone()).await;

    other.execute("rollback").await.unwrap();
    other.close().await.unwrap();
    soon(
        "health says so",
        place.serve().health_is(WRITES, ServingStatus::Serving),
    )
    .await;
    ledger.note(&client.create_customer(create("after")).await.unwrap(), 0);
    let list = pb::ListCustomersRequest {
        page_size: 1000,
        ..Default::default()
    };
    assert_eq!(
        client
            .list_customers(list)
            .await
            .unwrap()
            .into_inner()
            .customers
            .len(),
        2
    );
    place.kill();
    place.inspect().await;
    place.remove().await;
}

async fn every_write_is_told(place: &Place) {
    let mut writes = JoinSet::new();
    for i in 0..N_WRITES {
        let mut client = place.serve().customers();
        writes.spawn(async move {
            client
                .create_customer(create(&format!("during-{i}")))
                .await
                .map(drop)
        });
    }
    for answer in soon("every write is answered", writes.join_all()).await {
        let refusal = answer.unwrap_err();
        assert_eq!(refusal.code(), Code::Unavailable, "{refusal:?}");
        assert_eq!(
            refusal.get_details_error_info().unwrap().reason,
            "STORE_LOCKED"
        );
        assert!(refusal.get_details_retry_info().is_some(), "{refusal:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_nobody_writes_against_shows_in_health() {
    let place = Place::on(Engine::Sqlite).await;
    let DatabaseUrl::Sqlite(file) = &place.url else {
        unreachable!("it is a file")
    };
    let mut other = SqliteConnection::connect(&format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    other.execute("begin immediate").await.unwrap();
    soon(
        "health says so",
        place.serve().health_is(WRITES, ServingStatus::NotServing),
    )
    .await;
    other.close().await.unwrap();
    soon(
        "health says so",
        place.serve().health_is(WRITES, ServingStatus::Serving),
    )
    .await;
    place.remove().await;
}
