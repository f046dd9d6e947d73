//! Databases that cannot keep what is acknowledged, or that this version does not know, are refused at the start.

use clientele::clock::Clock;
use clientele::store::engine::open::DatabaseUrl;
use clientele::store::open;
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};

use crate::harness::engine::{Engine, Store};
use crate::harness::postgres::Cluster;

/// Returns why a store does not open.
async fn why_not(url: &DatabaseUrl) -> String {
    open(url, Clock::System)
        .await
        .map(drop)
        .expect_err("the store is refused")
        .to_string()
}

const NEWER: &str = "update _sqlx_migrations set version = 9999
    where version = (select max(version) from _sqlx_migrations)";

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_schema_is_refused_on_sqlite() {
    let store = Store::new(Engine::Sqlite).await;
    open(&store.url(), Clock::System)
        .await
        .unwrap()
        .db
        .close()
        .await;
    let DatabaseUrl::Sqlite(file) = store.url() else {
        unreachable!("it is a file")
    };
    let mut conn = SqliteConnection::connect(&format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    conn.execute(NEWER).await.unwrap();
    conn.close().await.unwrap();
    let why = why_not(&store.url()).await;
    assert!(
        why.contains("has schema 9999") && why.contains("use a newer clientele"),
        "{why}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_schema_is_refused_on_postgres() {
    let store = Store::new(Engine::Postgres).await;
    let DatabaseUrl::Postgres(url) = store.url() else {
        unreachable!("it is a database of PostgreSQL")
    };
    let mut conn = PgConnection::connect(&url).await.unwrap();
    conn.execute(NEWER).await.unwrap();
    let why = why_not(&store.url()).await;
    assert!(
        why.contains("has schema 9999") && why.contains("use a newer clientele"),
        "{why}"
    );
    for older in [
        "delete from _sqlx_migrations where version = 9999",
        "drop table _sqlx_migrations",
    ] {
        conn.execute(older).await.unwrap();
        let why = why_not(&store.url()).await;
        assert!(why.contains("run `clientele migrate`"), "{why}");
    }
    conn.close().await.unwrap();
    store.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_may_lose_what_it_acknowledged_is_refused() {
    let cluster = Cluster::start();
    cluster.make_template().await;
    cluster.create_database("crash").await;
    let url = cluster.url("crash");
    for setting in ["full_page_writes", "fsync"] {
        let set = async |value: &str| {
            let mut conn = PgConnection::connect(&url).await.unwrap();
            let alter = format!("alter system set {setting} = {value}");
            conn.execute(sqlx::AssertSqlSafe(alter)).await.unwrap();
            conn.close().await.unwrap();
            cluster.stop_at_once();
            cluster.start_again();
        };
        set("off").await;
        let why = why_not(&DatabaseUrl::Postgres(url.clone())).await;
        assert!(
            why.contains(&format!("{setting} = off")) && why.contains("set it to on"),
            "{why}"
        );
        set("on").await;
    }
    // What the role or the database says of its sessions is overruled.
    let mut conn = PgConnection::connect(&url).await.unwrap();
    conn.execute("alter database crash set synchronous_commit = off")
        .await
        .unwrap();
    conn.close().await.unwrap();
    open(&DatabaseUrl::Postgres(url), Clock::System)
        .await
        .unwrap()
        .db
        .close()
        .await;
}
