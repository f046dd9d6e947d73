//! Dear questions in number, and callers who leave before the answer: others are answered meanwhile, and what nobody waits
//! for ends.

use std::time::Duration;

use clientele::pb;
use clientele::pb::colleague_service_client::ColleagueServiceClient;
use clientele::pb::customer_service_client::CustomerServiceClient;
use clientele::store::engine::open::DatabaseUrl;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

use super::endless::{self, FILTER};
use crate::crash::{Place, soon};
use crate::harness::engine::Engine;

/// More questions than either engine has connections, so that some leave the queue, too.
const N_LEAVING: usize = 24;
/// More than either engine lets run and wait.
const N_DEAR: usize = 64;
/// What others ask meanwhile, of each kind.
const N_CHEAP: usize = 100;
/// Within what time what nobody waits for has ended, on a busy machine: PostgreSQL alone would end it after 70 s.
const ENDED_WITHIN: Duration = Duration::from_secs(20);
/// The connections that the service has to PostgreSQL at most.
const CONNECTIONS: i64 = 17;

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_waits_for_ends_on_sqlite() {
    leave(Place::on(Engine::Sqlite).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_waits_for_ends_on_postgres() {
    leave(Place::on(Engine::Postgres).await).await;
}

/// The connection that cancels is lost as well.
#[tokio::test(flavor = "multi_thread")]
async fn connections_that_were_ended_are_replaced_on_postgres() {
    let place = Place::on(Engine::Postgres).await;
    let DatabaseUrl::Postgres(url) = &place.url else {
        unreachable!("it is a database of PostgreSQL")
    };
    for _ in 0..N_CHEAP {
        list(place.serve().customers(), "", None).await.unwrap();
    }
    let query = "select count(pg_terminate_backend(pid)) from pg_stat_activity \
                 where datname = current_database() and application_name = 'clientele'";
    assert!(endless::count(url, query).await > 1);
    let mut n_answered = 0;
    let all_are_answered = async {
        while n_answered < N_CHEAP {
            match list(place.serve().customers(), "", None).await {
                Ok(()) => n_answered += 1,
                Err(refusal) => {
                    assert_eq!(refusal.code(), Code::Unavailable, "{refusal:?}");
                    n_answered = 0;
                }
            }
        }
    };
    soon("the others work", all_are_answered).await;
    leave(place).await;
}

async fn leave(place: Place) {
    endless::make(&place).await;
    let mut callers = JoinSet::new();
    for i in 0..N_LEAVING {
        let client = place.serve().customers();
        callers.spawn(async move {
            let patience = Duration::from_millis(200);
            if i % 2 == 0 {
                let answer = list(client, FILTER, Some(patience)).await;
                let code = answer.unwrap_err().code();
                // The client gives up by itself if it is first.
                let late = [Code::DeadlineExceeded, Code::Cancelled];
                assert!(late.contains(&code), "{code:?}");
            } else {
                let hung_up = timeout(patience, list(client, FILTER, None)).await;
                assert!(hung_up.is_err(), "it never ends by itself: {hung_up:?}");
            }
        });
        connections_are_few(&place).await;
    }
    callers.join_all().await;
    let nothing_runs = async {
        while endless::runs(&place).await {
            connections_are_few(&place).await;
        }
    };
    let ended = timeout(ENDED_WITHIN, nothing_runs).await;
    ended.expect("what nobody waits for ends");
    // Its connections are of use again.
    endless::unmake(&place).await;
    for _ in 0..N_LEAVING {
        list(place.serve().customers(), FILTER, None).await.unwrap();
    }
    connections_are_few(&place).await;
    place.remove().await;
}

async fn connections_are_few(place: &Place) {
    if let DatabaseUrl::Postgres(url) = &place.url {
        let query = "select count(*) from pg_stat_activity where datname = current_database() \
                     and application_name = 'clientele'";
        let n = endless::count(url, query).await;
        assert!(n <= CONNECTIONS, "{n} connections");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn others_are_answered_beside_dear_questions_on_sqlite() {
    crowd(Place::on(Engine::Sqlite).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn others_are_answered_beside_dear_questions_on_postgres() {
    crowd(Place::on(Engine::Postgres).await).await;
}

async fn crowd(place: Place) {
    let mut colleagues = ColleagueServiceClient::new(place.serve().channel());
    let colleague = pb::CreateColleagueRequest {
        colleague: Some(pb::Colleague {
            display_name: "Mia".to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let mia = colleagues.create_colleague(colleague).await.unwrap();
    let name = mia.into_inner().name;
    endless::make(&place).await;
    let (mut crowd, (refusals, mut refused)) = (JoinSet::new(), mpsc::channel(1));
    for _ in 0..N_DEAR {
        let (client, refusals) = (place.serve().customers(), refusals.clone());
        crowd.spawn(async move {
            loop {
                let refusal = list(client.clone(), FILTER, None).await.unwrap_err();
                if refusal.code() == Code::Unavailable {
                    // Nobody waits for most of them; the attack goes on.
                    let _ = refusals.try_send(refusal);
                }
            }
        });
    }
    is_overloaded(&soon("one is refused", refused.recv()).await.unwrap());
    let others = async {
        for _ in 0..N_CHEAP {
            let get = pb::GetColleagueRequest {
                name: name.clone(),
                read_mask: None,
            };
            colleagues.get_colleague(get).await.unwrap();
            let page = pb::ListColleaguesRequest::default();
            colleagues.list_colleagues(page).await.unwrap();
        }
    };
    soon("others are answered", others).await;
    // One that was refused before; the next shows that the crowd is still there.
    let _ = refused.try_recv();
    is_overloaded(&soon("one is refused", refused.recv()).await.unwrap());
    assert!(endless::runs(&place).await, "nobody was in the way");
    crowd.shutdown().await;
    place.remove().await;
}

fn is_overloaded(refusal: &Status) {
    assert_eq!(refusal.code(), Code::Unavailable, "{refusal:?}");
    let reason = refusal.get_details_error_info().unwrap().reason;
    assert_eq!(reason, "OVERLOADED");
    assert!(refusal.get_details_retry_info().is_some(), "{refusal:?}");
}

async fn list(
    mut client: CustomerServiceClient<Channel>,
    filter: &str,
    patience: Option<Duration>,
) -> Result<(), Status> {
    let mut request = Request::new(pb::ListCustomersRequest {
        filter: filter.to_owned(),
        ..Default::default()
    });
    if let Some(patience) = patience {
        request.set_timeout(patience);
    }
    client.list_customers(request).await.map(drop)
}
