//! Dear questions in number, and callers who leave before the answer: others are answered meanwhile, and what nobody waits
//! for ends.

use std::process::Command;
use std::time::{Duration, Instant};

use clientele::pb;
use clientele::pb::colleague_service_client::ColleagueServiceClient;
use clientele::pb::customer_service_client::CustomerServiceClient;
use clientele::store::engine::open::DatabaseUrl;
use sqlx::{Connection, PgConnection};
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
/// The connections for dear questions on PostgreSQL.
const N_DEAR_ON_POSTGRES: i64 = 4;
/// How long what was stopped is waited for before its connection is closed, and some more.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(14);
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
    let url = postgres(&place);
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

/// Nobody hears of connections that were lost while they lay idle: those that lay so for a second are tried first.
#[tokio::test(flavor = "multi_thread")]
async fn connections_that_lay_idle_are_tried_first_on_postgres() {
    let place = Place::on(Engine::Postgres).await;
    let url = postgres(&place);
    all_at_once(&place).await;
    let query = "select count(pg_terminate_backend(pid)) from pg_stat_activity \
                 where datname = current_database() and application_name = 'clientele'";
    assert!(endless::count(url, query).await > 1);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    all_at_once(&place).await;
    place.remove().await;
}

/// A process that stands still answers nothing, and ends nothing either. In a cluster of its own: others there would wait
/// for it, too.
#[tokio::test(flavor = "multi_thread")]
async fn connections_that_stand_still_are_replaced_on_postgres() {
    let place = Place::on_a_cluster().await;
    let url = postgres(&place);
    all_at_once(&place).await;
    let stopped = Stopped::processes(url, "true").await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    soon("others come in their place", all_at_once(&place)).await;
    drop(stopped);
    place.remove().await;
}

/// What runs there keeps its place, so that never more runs at one time.
#[tokio::test(flavor = "multi_thread")]
async fn questions_that_stand_still_keep_their_places_on_postgres() {
    let place = Place::on_a_cluster().await;
    let url = postgres(&place);
    endless::make(&place).await;
    let mut callers = JoinSet::new();
    for _ in 0..N_DEAR_ON_POSTGRES {
        callers.spawn(list(place.serve().customers(), FILTER, None));
    }
    let all_run = async { while n_asleep(url).await < N_DEAR_ON_POSTGRES {} };
    soon("all questions run", all_run).await;
    let stopped = Stopped::processes(url, "wait_event = 'PgSleep'").await;
    callers.shutdown().await;
    let began = Instant::now();
    while began.elapsed() < GIVEN_UP_AFTER {
        for _ in 0..N_DEAR_ON_POSTGRES {
            let patience = Some(Duration::from_secs(2));
            callers.spawn(list(place.serve().customers(), FILTER, patience));
        }
        while !callers.is_empty() {
            let n = n_asleep(url).await;
            assert!(n <= N_DEAR_ON_POSTGRES, "{n} questions run");
            while let Some(answer) = callers.try_join_next() {
                answer.unwrap().unwrap_err();
            }
        }
    }
    drop(stopped);
    let nothing_runs = async { while endless::runs(&place).await {} };
    soon("what nobody waits for ends", nothing_runs).await;
    place.remove().await;
}

fn postgres(place: &Place) -> &str {
    let DatabaseUrl::Postgres(url) = &place.url else {
        unreachable!("it is a database of PostgreSQL")
    };
    url
}

/// Reads on as many connections as there are for what is cheap.
async fn all_at_once(place: &Place) {
    let reads = (0..N_LEAVING).map(|_| list(place.serve().customers(), "", None));
    for read in futures_util::future::join_all(reads).await {
        read.unwrap();
    }
}

async fn n_asleep(url: &str) -> i64 {
    let query = "select count(*) from pg_stat_activity where datname = current_database() \
                 and application_name = 'clientele' and wait_event = 'PgSleep'";
    endless::count(url, query).await
}

/// Processes of PostgreSQL that stand still until this is dropped.
struct Stopped(Vec<String>);

impl Stopped {
    /// Stops those of the service for which this is true.
    async fn processes(url: &str, condition: &str) -> Stopped {
        let query = format!(
            "select cast(pid as text) from pg_stat_activity where datname = current_database() \
             and application_name = 'clientele' and {condition}"
        );
        let mut conn = PgConnection::connect(url).await.unwrap();
        let query = sqlx::query_scalar(sqlx::AssertSqlSafe(query));
        let processes = query.fetch_all(&mut conn).await.unwrap();
        assert!(!processes.is_empty());
        assert!(signalled("-STOP", &processes));
        Stopped(processes)
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        // One that is gone needs nothing.
        signalled("-CONT", &self.0);
    }
}

fn signalled(signal: &str, processes: &[String]) -> bool {
    let status = Command::new("kill").arg(signal).args(processes).status();
    status.unwrap().success()
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
