//! A disk that does not keep what it was given: nothing more is acknowledged, the service says so and ends, and the
//! next start has all that was acknowledged. A second sync would succeed and mean nothing: the system has dropped what
//! it could not write.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clientele::server::health::WRITES;
use clientele::store::engine::open::DatabaseUrl;
use tempfile::TempDir;
use tonic::{Code, Streaming};
use tonic_health::pb::HealthCheckResponse;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_types::StatusExt;

use super::full::large;
use super::load::{Ledger, create};
use super::serve::Serve;
use super::{inspect, soon};

/// Enough writes to make SQLite copy its log into the file.
const TOO_MANY: u64 = 20_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_not_synced_ends_the_service() {
    let disk = Disk::new();
    let serve = disk.serve();
    let (mut client, ledger) = (serve.customers(), Ledger::new());
    for i in 0..50 {
        ledger.note(
            &client
                .create_customer(create(&format!("before-{i}")))
                .await
                .unwrap(),
            0,
        );
    }
    let health = follow_health(&serve).await;
    disk.at_syncs_of("-wal", "fail");
    let refusal = client.create_customer(create("lost")).await.unwrap_err();
    assert_eq!(refusal.code(), Code::Unavailable, "{refusal:?}");
    disk.ends_and_keeps(serve, health, &ledger).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_synced_as_the_log_is_copied_ends_the_service() {
    let disk = Disk::new();
    let serve = disk.serve();
    let (mut client, ledger) = (serve.customers(), Ledger::new());
    let health = follow_health(&serve).await;
    disk.at_syncs_of(".db", "fail");
    for i in 0..TOO_MANY {
        match client.create_customer(large(&format!("write-{i}"))).await {
            Ok(answer) => ledger.note(&answer, 0),
            Err(refusal) => {
                assert_eq!(refusal.code(), Code::Unavailable, "{refusal:?}");
                return disk.ends_and_keeps(serve, health, &ledger).await;
            }
        }
    }
    panic!("{TOO_MANY} writes were acknowledged on a file that is never synced");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_loses_its_name_while_it_is_synced_acknowledges_nothing() {
    let disk = Disk::new();
    let serve = disk.serve();
    let mut client = serve.customers();
    client.create_customer(create("before")).await.unwrap();
    disk.at_syncs_of("-wal", "unlink");
    let refusal = client.create_customer(create("lost")).await.unwrap_err();
    assert_eq!(
        refusal.get_details_error_info().unwrap().reason,
        "STORE_REPLACED",
        "{refusal:?}"
    );
}

/// Follows what health says of the whole server and of writes.
async fn follow_health(serve: &Serve) -> [Streaming<HealthCheckResponse>; 2] {
    [
        serve.follow_health("").await,
        serve.follow_health(WRITES).await,
    ]
}

/// A file whose syncs can be made to fail.
struct Disk {
    folder: TempDir,
    library: PathBuf,
}

impl Disk {
    fn new() -> Disk {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("fail_sync.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crash/fail_sync.c");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-o"])
            .arg(&library)
            .arg(source)
            .arg("-ldl")
            .status();
        assert!(built.expect("a C compiler, cc, is installed").success());
        Disk { folder, library }
    }

    fn url(&self) -> DatabaseUrl {
        DatabaseUrl::Sqlite(self.folder.path().join("clientele.db"))
    }

    fn switch(&self) -> PathBuf {
        self.folder.path().join("switch")
    }

    fn serve(&self) -> Serve {
        Serve::start_with_library(
            &self.url(),
            &self.library,
            ("CLIENTELE_TEST_FAIL_SYNC", &self.switch()),
        )
    }

    /// What happens when a file is synced whose name ends so: once it fails, or each time the name is taken away first.
    fn at_syncs_of(&self, end: &str, what: &str) {
        fs::write(self.switch(), format!("{end} {what}")).unwrap();
    }

    /// The service reports the failure and ends by itself, and the next start has every acknowledged write.
    async fn ends_and_keeps(
        &self,
        mut serve: Serve,
        health: [Streaming<HealthCheckResponse>; 2],
        ledger: &Ledger,
    ) {
        for mut answers in health {
            let says_so = async {
                while answers.message().await.unwrap().unwrap().status()
                    != ServingStatus::NotServing
                {}
            };
            soon("health says so", says_so).await;
        }
        let status = soon("the service ends", serve.ended()).await;
        assert_eq!(status.code(), Some(1));
        assert!(
            serve.log().contains("a sync of the store to disk failed"),
            "{}",
            serve.log()
        );
        assert!(!fs::exists(self.switch()).unwrap(), "one sync failed");
        let serve = Serve::start(&self.url());
        ledger.verify(serve.customers()).await;
        serve
            .customers()
            .create_customer(create("after"))
            .await
            .unwrap();
        drop(serve);
        let DatabaseUrl::Sqlite(file) = self.url() else {
            unreachable!("it is a file")
        };
        inspect::sqlite(&file).await;
        println!(
            "a failed sync: {} writes acknowledged before, none missing",
            ledger.n_acked()
        );
    }
}
