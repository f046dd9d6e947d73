//! A disk that does not keep what it was given: nothing more is acknowledged, the service says so and ends, and the
//! next start has all that was acknowledged. A second sync would succeed and mean nothing: the system has dropped what
//! it could not write.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clientele::server::health::WRITES;
use clientele::store::open::DatabaseUrl;
use tempfile::TempDir;
use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;

use super::full::large;
use super::load::{Ledger, create};
use super::serve::Serve;
use super::{inspect, soon};

/// Far more writes than it takes until the log is copied into the file.
const TOO_MANY: u64 = 20_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_not_synced_ends_the_service() {
    let disk = Disk::new();
    let serve = disk.serve();
    let (mut client, ledger) = (serve.customers(), Ledger::new());
    for i in 0..50 {
        ledger.note(&client.create_customer(create(&format!("before-{i}"))).await.unwrap(), 0);
    }
    disk.fail_syncs_of("-wal");
    let refusal = client.create_customer(create("lost")).await.unwrap_err();
    assert_eq!(refusal.code(), Code::Unavailable, "{refusal:?}");
    disk.ends_and_keeps(serve, &ledger).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_synced_as_the_log_is_copied_ends_the_service() {
    let disk = Disk::new();
    let serve = disk.serve();
    let (mut client, ledger) = (serve.customers(), Ledger::new());
    disk.fail_syncs_of(".db");
    for i in 0..TOO_MANY {
        match client.create_customer(large(&format!("write-{i}"))).await {
            Ok(answer) => ledger.note(&answer, 0),
            Err(refusal) => {
                assert_eq!(refusal.code(), Code::Unavailable, "{refusal:?}");
                return disk.ends_and_keeps(serve, &ledger).await;
            }
        }
    }
    panic!("{TOO_MANY} writes were acknowledged on a file that is never synced");
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
        let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source).arg("-ldl").status();
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
        Serve::start_with_library(&self.url(), &self.library, ("CLIENTELE_TEST_FAIL_SYNC", &self.switch()))
    }

    fn fail_syncs_of(&self, end: &str) {
        fs::write(self.switch(), end).unwrap();
    }

    /// The service says that it is over, ends by itself, and the next one has everything.
    async fn ends_and_keeps(&self, mut serve: Serve, ledger: &Ledger) {
        for name in ["", WRITES] {
            soon("health says so", serve.health_is(name, ServingStatus::NotServing)).await;
        }
        let status = soon("the service ends", serve.ended()).await;
        assert_eq!(status.code(), Some(1));
        assert!(serve.log().contains("the disk did not keep a write"), "{}", serve.log());
        fs::remove_file(self.switch()).unwrap();
        let serve = Serve::start(&self.url());
        ledger.verify(serve.customers()).await;
        serve.customers().create_customer(create("after")).await.unwrap();
        drop(serve);
        let DatabaseUrl::Sqlite(file) = self.url() else { unreachable!("it is a file") };
        inspect::sqlite(&file).await;
        println!("a failed sync: {} writes acknowledged before, none missing", ledger.n_acked());
    }
}
