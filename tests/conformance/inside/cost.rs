//! What reads cost: which of them share connections, and that a read ends when nobody waits for it any more.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use clientele::error::Error;
use clientele::store::engine::lane::Cost;
use clientele::store::engine::snapshot::Snapshot;
use clientele::store::scope::TenantScope;
use clientele::store::sql::statement::{Sql, global};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::timeout;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::harness::Harness;
use crate::harness::engine::Engine;
use crate::harness::questions;

conformance! {
    what_a_filter_or_a_segment_shapes_is_dear,
    analyses_leave_room_for_what_is_dear,
    a_dear_read_waits_its_turn,
    a_read_that_nobody_waits_for_ends,
}

/// The lists of records that may be PRIVATE.
const PRIVATE: [&str; 2] = ["ListConversations", "ListNotes"];
/// The methods that look at everything.
const ANALYSES: [&str; 2] = ["CompareSegments", "DescribeSegment"];
/// The methods that are dear besides those whose request has a filter: a stored one shapes them.
const OF_SEGMENTS: [&str; 4] = [
    "CompareSegments",
    "CountSegmentMembers",
    "DescribeSegment",
    "ListSegmentMembers",
];
/// Reads that are given up in the test of that; more than either engine has connections.
const GIVEN_UP: u64 = 12;
/// Within what time they have ended, on a busy machine: the engine alone would end them after 70 s or never.
const ENDED_WITHIN: Duration = Duration::from_secs(20);

/// Takes all connections for reads of a cost.
async fn occupied(h: &Harness, cost: Cost) -> Vec<Snapshot> {
    let mut taken = Vec::new();
    while let Some(one) = take(h, cost).now_or_never() {
        taken.push(one.unwrap());
    }
    taken
}

fn take(h: &Harness, cost: Cost) -> BoxFuture<'static, Result<Snapshot, Error>> {
    let db = h.db().clone();
    async move { db.snapshot(&TenantScope::local(), cost).await }.boxed()
}

/// Queues up for a read of a cost until no more can wait.
fn queued(h: &Harness, cost: Cost) -> Vec<BoxFuture<'static, Result<Snapshot, Error>>> {
    let mut waiting = Vec::new();
    for _ in 0..10_000 {
        let mut next = take(h, cost);
        match (&mut next).now_or_never() {
            None => waiting.push(next),
            Some(Err(Error::Overloaded)) => return waiting,
            Some(_) => panic!("a connection was free"),
        }
    }
    panic!("the queue has no end")
}

/// While all of the dear connections and places are taken, a dear question is refused, and any other is answered.
async fn what_a_filter_or_a_segment_shapes_is_dear(h: Harness) {
    questions::world(&h).await;
    let running = occupied(&h, Cost::Dear).await;
    let waiting = queued(&h, Cost::Dear);
    assert!(!running.is_empty() && !waiting.is_empty());
    let refused = refused(&h).await;
    let dear: BTreeSet<String> = methods_with("filter")
        .into_iter()
        .chain(OF_SEGMENTS.map(str::to_owned))
        .collect();
    // Lists are pages of an index without a filter, and some of the questions have none. Those of records that may be
    // somebody else's are not: very many may have to be passed over.
    let mut lists = methods_with("show_deleted");
    lists.retain(|list| !PRIVATE.contains(&&**list));
    for (method, [n_answered, n_refused]) in &refused {
        let is_dear = dear.contains(method);
        assert_eq!(*n_refused > 0, is_dear, "{method}: {n_refused} refused");
        let is_answered = !is_dear || lists.contains(method);
        assert_eq!(
            *n_answered > 0,
            is_answered,
            "{method}: {n_answered} answered"
        );
    }
    assert!(dear.iter().all(|method| refused.contains_key(method)));
    drop((running, waiting));
    for question in questions::all(&h, 0) {
        question.ask.await.unwrap();
    }
}

/// Asks everything, and returns for each method how often it was answered and how often refused.
async fn refused(h: &Harness) -> BTreeMap<String, [usize; 2]> {
    let mut refused: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    for question in questions::all(h, 0) {
        let is_refused = match question.ask.await {
            Ok(()) => false,
            Err(refusal) => is_overloaded(&refusal),
        };
        refused.entry(question.method).or_default()[usize::from(is_refused)] += 1;
    }
    refused
}

/// While as many analyses run and wait as may, other dear questions are answered.
async fn analyses_leave_room_for_what_is_dear(h: Harness) {
    questions::world(&h).await;
    let running = occupied(&h, Cost::Analysis).await;
    let waiting = queued(&h, Cost::Analysis);
    assert!(!running.is_empty() && !waiting.is_empty());
    for (method, [n_answered, n_refused]) in refused(&h).await {
        let is_analysis = ANALYSES.contains(&&*method);
        assert_eq!(n_refused > 0, is_analysis, "{method}: {n_refused} refused");
        assert_eq!(n_answered == 0, is_analysis, "{method}: {n_answered}");
    }
}

/// Returns the methods that only read and whose request has a field.
fn methods_with(field: &str) -> BTreeSet<String> {
    let reading = questions::methods_that_read();
    let services = clientele::descriptors::pool().services();
    let methods = services.flat_map(|service| service.methods().collect::<Vec<_>>());
    methods
        .filter(|method| method.input().get_field_by_name(field).is_some())
        .map(|method| method.name().to_owned())
        .filter(|name| reading.contains(name))
        .collect()
}

fn is_overloaded(refusal: &Status) -> bool {
    let reason = refusal.get_details_error_info().unwrap().reason;
    assert_eq!(
        (refusal.code(), &*reason),
        (Code::Unavailable, "OVERLOADED")
    );
    assert!(refusal.get_details_retry_info().is_some(), "{refusal:?}");
    true
}

/// Those who wait are served in their order, and a caller who leaves the queue gives up the place.
async fn a_dear_read_waits_its_turn(h: Harness) {
    let mut running = occupied(&h, Cost::Dear).await;
    let mut waiting = queued(&h, Cost::Dear);
    drop(waiting.remove(0));
    let mut last = take(&h, Cost::Dear);
    assert!((&mut last).now_or_never().is_none(), "a place is free");
    running.pop();
    let mut first = waiting.remove(0);
    let served = (&mut first).now_or_never().expect("its turn has come");
    assert!(served.is_ok() && waiting.iter_mut().all(|next| next.now_or_never().is_none()));
}

/// One that never ends by itself.
fn endless() -> Sql {
    global!(
        "with recursive n (i) as (select cast(1 as bigint) union all select i + 1 from n)
         select max(i) as i from n"
    )
}

/// One that never ends, with rows all the time.
fn endless_rows() -> Sql {
    global!(
        "with recursive n (i) as (select cast(1 as bigint) union all select i + 1 from n)
         select i from n"
    )
}

async fn a_read_that_nobody_waits_for_ends(h: Harness) {
    let n_connections = occupied(&h, Cost::Dear).await.len();
    let before = h.db().statistics().await.unwrap().stopped_reads;
    for i in 0..GIVEN_UP {
        let mut snapshot = take(&h, Cost::Dear).await.unwrap();
        let patience = Duration::from_millis(10 * (i % 4));
        let given_up = match i % 2 {
            0 => timeout(patience, snapshot.run(endless().texts("i")))
                .await
                .map(drop),
            _ => timeout(patience, snapshot.each(endless_rows(), |_| Ok(())))
                .await
                .map(drop),
        };
        assert!(given_up.is_err(), "it never ends by itself");
    }
    let at_rest = async {
        // All connections come back, and read what is there.
        let mut all = Vec::new();
        for _ in 0..n_connections {
            let mut snapshot = take(&h, Cost::Dear).await.unwrap();
            let count = global!("select cast(count(*) as text) as n from tenants");
            assert_eq!(snapshot.run(count.texts("n")).await.unwrap(), ["1"]);
            all.push(snapshot);
        }
        while h.db().statistics().await.unwrap().stopped_reads < before + GIVEN_UP {
            tokio::task::yield_now().await;
        }
        if h.engine == Engine::Postgres {
            nothing_runs(&h).await;
        }
    };
    let in_time = timeout(ENDED_WITHIN, at_rest).await;
    in_time.expect("what nobody waits for ends");
}

/// Waits until PostgreSQL runs nothing but the question whether it does, and looks that there are no more connections
/// than the store has.
async fn nothing_runs(h: &Harness) {
    loop {
        let sessions = global!(
            "select cast(count(*) as text) as n from pg_stat_activity
             where datname = current_database()
             union all
             select cast(count(*) as text) from pg_stat_activity
             where datname = current_database() and state = 'active' and pid <> pg_backend_pid()"
        );
        let scope = TenantScope::local();
        let sessions = h.db().fetch(&scope, sessions.texts("n")).await;
        let [n_sessions, n_active] = &sessions.unwrap()[..] else {
            panic!("two counts")
        };
        assert!(n_sessions.parse::<u32>().unwrap() <= 17, "{n_sessions}");
        if n_active == "0" {
            return;
        }
    }
}
