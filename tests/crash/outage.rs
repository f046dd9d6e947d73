//! PostgreSQL is gone, and comes back: the service says so, and goes on without a restart.

use clientele::pb;
use clientele::server::health::WRITES;
use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_types::StatusExt;

use super::load::{Ledger, Writers};
use super::serve::Serve;
use super::{Place, soon};

const N_OUTAGES: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn an_immediate_stop_of_postgres_loses_nothing_and_needs_no_restart() {
    let mut place = Place::on_a_cluster().await;
    let ledger = Ledger::new();
    // A write cut by the outage has an unknown fate; a repeat of it may find that it was done.
    let goes_on = |code| {
        matches!(
            code,
            Code::Unavailable | Code::AlreadyExists | Code::NotFound
        )
    };
    let writers = Writers::start("outage", || place.serve().customers(), &ledger, goes_on);
    for _ in 0..N_OUTAGES {
        soon("writes are acknowledged", ledger.more(200)).await;
        let cluster = place.cluster.as_ref().unwrap();
        cluster.stop_at_once();
        refuses_as_unavailable(place.serve()).await;
        for name in ["", WRITES] {
            soon(
                "health says so",
                place.serve().health_is(name, ServingStatus::NotServing),
            )
            .await;
        }
        cluster.start_again();
        soon("writes are acknowledged again", ledger.more(1)).await;
        for name in ["", WRITES] {
            soon(
                "health says so",
                place.serve().health_is(name, ServingStatus::Serving),
            )
            .await;
        }
    }
    soon("writes are acknowledged", ledger.more(200)).await;
    writers.stop().await;
    assert!(place.serve.as_mut().unwrap().is_running());
    ledger.verify(place.serve().customers()).await;
    place.inspect().await;
    println!(
        "outage: {N_OUTAGES} immediate stops, {} writes acknowledged, none missing",
        ledger.n_acked()
    );
}

/// Both a read and a write say UNAVAILABLE with the reason, and nothing of the cause.
async fn refuses_as_unavailable(serve: &Serve) {
    let mut client = serve.customers();
    let get = pb::GetCustomerRequest {
        name: "customers/anyone".to_owned(),
        read_mask: None,
    };
    let read = client.get_customer(get).await.map(drop);
    let write = client
        .create_customer(super::load::create("during-outage"))
        .await
        .map(drop);
    for refusal in [read.unwrap_err(), write.unwrap_err()] {
        assert_eq!(refusal.code(), Code::Unavailable, "{refusal:?}");
        assert_eq!(
            refusal.get_details_error_info().unwrap().reason,
            "STORE_UNAVAILABLE"
        );
        assert!(refusal.get_details_retry_info().is_some(), "{refusal:?}");
    }
}
