//! Behaviour of the drivers that the design relies on. If one of these fails after an upgrade, reconsider that design.

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use clientele::store::engine::open::DatabaseUrl;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, SqliteConnection};
use tokio::time::timeout;

use super::Random;
use crate::harness::engine::{Engine, Store};

/// Enough attempts: about one in forty is acknowledged and lost.
const N_TRIALS: u64 = 4_000;

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
        .max_connections(2)
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
        let patience = Duration::from_micros(random.between(0, 400));
        #[expect(clippy::disallowed_methods, reason = "this is what the ban is about")]
        let _ = timeout(patience, pool.begin()).await;
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
