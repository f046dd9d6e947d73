//! Behaviour of the drivers that the design relies on. If one of these fails after an upgrade, reconsider that design.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use clientele::store::engine::open::DatabaseUrl;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, SqliteConnection};

use super::Random;
use crate::harness::engine::{Engine, Store};

/// Many more than it takes: with one connection the first loss is among the first 50.
const N_TRIALS: u64 = 4_000;

/// A `begin` is done within so many polls.
const MOST_POLLS: u64 = 6;

/// sqlx 0.9.0 gives a connection back with an open transaction when `begin` is cancelled; whoever borrows it next is
/// told that his write is done, and it is not. Therefore `store::engine::postgres_units` has its lease, and nothing writes through a pool.
/// When this no longer fails in sqlx, the lease may go.
#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_begin_still_poisons_a_plain_pool() {
    let store = Store::new(Engine::Postgres).await;
    let DatabaseUrl::Postgres(url) = store.url() else {
        unreachable!("it is a database of PostgreSQL")
    };
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .connect(&url)
        .await
        .unwrap();
    let mut aside = PgConnection::connect(&url).await.unwrap();
    sqlx::query("create table written (id bigint primary key)")
        .execute(&mut aside)
        .await
        .unwrap();
    let mut random = Random::new("cancelled begin");
    for trial in 0..N_TRIALS {
        #[expect(clippy::disallowed_methods, reason = "this is what the ban is about")]
        let _ = give_up_after(random.between(1, MOST_POLLS), pool.begin()).await;
        if is_lost(&pool, &mut aside, i64::try_from(trial).unwrap()).await {
            store.remove().await;
            println!("cancelled begin: an acknowledged insert was lost in trial {trial}");
            return;
        }
    }
    panic!("{N_TRIALS} cancelled begins lost nothing: sqlx has changed, see the comment");
}

/// Says whether an insert that was acknowledged is not there for others.
async fn is_lost(pool: &PgPool, aside: &mut PgConnection, id: i64) -> bool {
    if sqlx::query("insert into written (id) values ($1)")
        .bind(id)
        .execute(pool)
        .await
        .is_err()
    {
        return false;
    }
    let found = sqlx::query("select id from written where id = $1")
        .bind(id)
        .fetch_optional(aside)
        .await;
    found.unwrap().is_none()
}

/// Polls a future so many times, whenever it asks for it, and drops it then: where it stands does not depend on how
/// fast the machine is.
async fn give_up_after<T>(n_polls: u64, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut n_left = n_polls;
    poll_fn(|context| {
        n_left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending if n_left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// A commit that its caller gave up is done all the same on SQLite: cancelled never means not done. Therefore the
/// door spawns each unit and answers from there.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_given_up_after_one_poll_is_done_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!(
        "sqlite://{}?mode=rwc",
        folder.path().join("given-up.db").display()
    );
    let mut conn = SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("create table written (id integer primary key)")
        .execute(&mut conn)
        .await
        .unwrap();
    for id in 0..20 {
        let mut tx = conn.begin().await.unwrap();
        sqlx::query(AssertSqlSafe(format!(
            "insert into written (id) values ({id})"
        )))
        .execute(&mut *tx)
        .await
        .unwrap();
        poll_once(tx.commit());
    }
    let n_written: i64 = sqlx::query_scalar("select count(*) from written")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert_eq!(n_written, 20);
}

/// Polls a future once and drops it.
fn poll_once<T>(future: impl Future<Output = T>) {
    let polled = pin!(future).poll(&mut Context::from_waker(Waker::noop()));
    assert!(
        matches!(polled, Poll::Pending),
        "the future was done at once"
    );
}
