//! Corrupted pages of the file: the damage is reported, writes are refused, and a start that fails names the file and
//! what to do.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clientele::pb;
use clientele::server::health::WRITES;
use clientele::store::engine::open::DatabaseUrl;
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};
use tempfile::TempDir;
use tonic::{Code, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_types::StatusExt;

use super::load::create;
use super::serve::Serve;
use super::{Place, soon};

#[tokio::test(flavor = "multi_thread")]
async fn damaged_pages_are_told_as_such_and_end_all_writes() {
    let (_folder, file) = stopped().await;
    damage(&file, root_of(&file, "customers").await, 0);
    let serve = Serve::start(&DatabaseUrl::Sqlite(file));
    let mut client = serve.customers();
    let get = pb::GetCustomerRequest {
        name: "customers/before-1".to_owned(),
        read_mask: None,
    };
    is_damaged(client.get_customer(get).await.map(drop));
    is_damaged(client.create_customer(create("after")).await.map(drop));
    says_so(&serve).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_pages_of_postgres_are_told_as_such_and_end_all_writes() {
    let place = Place::on_a_cluster().await;
    let (cluster, mut client) = (place.cluster.as_ref().unwrap(), place.serve().customers());
    client.create_customer(create("before-1")).await.unwrap();
    let mut conn = PgConnection::connect(&cluster.url("crash")).await.unwrap();
    // So that the page is not made anew from the log.
    conn.execute("checkpoint").await.unwrap();
    let table =
        "select current_setting('data_directory') || '/' || pg_relation_filepath('customers')";
    let table: String = sqlx::query_scalar(table)
        .fetch_one(&mut conn)
        .await
        .unwrap();
    cluster.stop_at_once();
    damage(Path::new(&table), 1, 0);
    cluster.start_again();
    soon(
        "health says so",
        place.serve().health_is(WRITES, ServingStatus::Serving),
    )
    .await;
    let get = pb::GetCustomerRequest {
        name: "customers/before-1".to_owned(),
        read_mask: None,
    };
    let read = async {
        loop {
            match client.get_customer(get.clone()).await {
                // A reading connection of before the restart, which is noticed when it is used.
                Err(refusal) if refusal.code() == Code::Unavailable => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                answer => return answer,
            }
        }
    };
    is_damaged(soon("it is reached again", read).await.map(drop));
    is_damaged(client.create_customer(create("after")).await.map(drop));
    says_so(place.serve()).await;
    place.remove().await;
}

/// Writes have ended, what is not damaged can be read, and the operator is told.
async fn says_so(serve: &Serve) {
    soon(
        "health says so",
        serve.health_is(WRITES, ServingStatus::NotServing),
    )
    .await;
    assert_eq!(serve.health("").await, ServingStatus::Serving);
    let log = serve.log();
    assert!(
        log.contains("the store is damaged") && log.contains("restore a backup"),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_on_a_damaged_schema_names_the_file_and_what_to_do() {
    let (_folder, file) = stopped().await;
    // What is before is the header, by which SQLite knows its files.
    damage(&file, 1, 100);
    let said = Serve::try_start(&DatabaseUrl::Sqlite(file))
        .map(drop)
        .unwrap_err();
    assert!(
        said.contains("clientele.db") && said.contains("damaged") && said.contains("backup"),
        "{said}"
    );
}

fn is_damaged(answer: Result<(), Status>) {
    let refusal = answer.unwrap_err();
    assert_eq!(refusal.code(), Code::DataLoss, "{refusal:?}");
    assert_eq!(
        refusal.get_details_error_info().unwrap().reason,
        "STORE_CORRUPT"
    );
}

/// Returns a file with some customers that no process has open, and that has no log.
pub async fn stopped() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clientele.db");
    let mut serve = Serve::start(&DatabaseUrl::Sqlite(file.clone()));
    for i in 0..20 {
        serve
            .customers()
            .create_customer(create(&format!("before-{i}")))
            .await
            .unwrap();
    }
    serve.terminate();
    assert!(soon("the service ends", serve.ended()).await.success());
    assert!(!fs::exists(folder.path().join("clientele.db-wal")).unwrap());
    (folder, file)
}

pub async fn root_of(file: &Path, table: &str) -> u64 {
    let mut conn = SqliteConnection::connect(&format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    let root = "select rootpage from sqlite_schema where name = ?";
    let root: i64 = sqlx::query_scalar(root)
        .bind(table)
        .fetch_one(&mut conn)
        .await
        .unwrap();
    conn.close().await.unwrap();
    u64::try_from(root).unwrap()
}

/// Overwrites a page, counted from 1, from some byte of it on.
pub fn damage(file: &Path, page: u64, from: u64) {
    const PAGE: u64 = 4096;
    let mut file = File::options().write(true).open(file).unwrap();
    file.seek(SeekFrom::Start((page - 1) * PAGE + from))
        .unwrap();
    file.write_all(&vec![0xff; usize::try_from(PAGE - from).unwrap()])
        .unwrap();
}
