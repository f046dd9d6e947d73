//! No space left: writes are refused, reads go on, and with space writes work again without a restart.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clientele::clock::Clock;
use clientele::pb;
use clientele::pb::customer_service_client::CustomerServiceClient;
use clientele::server::health::WRITES;
use clientele::store::engine::open::DatabaseUrl;
use clientele::store::open;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_health::pb::health_check_response::ServingStatus;

use super::load::{Ledger, create};
use super::serve::Serve;
use super::{inspect, soon};

const MIB: u64 = 1 << 20;
/// More writes than fit in any space that a test gives.
const TOO_MANY: u64 = 20_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_writes_and_only_those() {
    let Some(disk) = Disk::mount() else {
        println!(
            "a_full_disk: not run: mounting a small disk needs root; the test with limited files runs instead"
        );
        return;
    };
    let balloon = disk.balloon();
    let file = disk.path().join("clientele.db");
    let serve = Serve::start(&DatabaseUrl::Sqlite(file.clone()));
    let refusal = fill_up(serve, &file, move |_| fs::remove_file(&balloon).unwrap()).await;
    assert_eq!(refusal.code(), Code::ResourceExhausted, "{refusal:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_grow_refuses_writes_and_only_those() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clientele.db");
    let serve = Serve::start_limited(&DatabaseUrl::Sqlite(file.clone()), 3 * MIB);
    fill_up(serve, &file, Serve::lift_limit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_after_a_crash_on_a_full_disk_can_read() {
    let Some(disk) = Disk::mount() else {
        println!("a_start_after_a_crash: not run: mounting a small disk needs root");
        return;
    };
    let balloon = disk.balloon();
    let file = disk.path().join("clientele.db");
    let url = DatabaseUrl::Sqlite(file.clone());
    let (serve, ledger) = (Serve::start(&url), Ledger::new());
    write_until_refused(&mut serve.customers(), &ledger).await;
    drop(serve);
    // To the last byte, so that there is none for anything that a start might want to write.
    let mut rest = fs::File::create(disk.path().join("rest")).unwrap();
    while std::io::Write::write_all(&mut rest, &[0; 512]).is_ok() {}
    let make_space = |_: &Serve| fs::remove_file(balloon).unwrap();
    reads_until_there_is_space(Serve::start(&url), &file, &ledger, make_space).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_after_a_crash_that_can_write_nothing_can_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clientele.db");
    let url = DatabaseUrl::Sqlite(file.clone());
    let (serve, ledger) = (Serve::start(&url), Ledger::new());
    for i in 0..20 {
        ledger.note(
            &serve
                .customers()
                .create_customer(create(&format!("before-{i}")))
                .await
                .unwrap(),
            0,
        );
    }
    drop(serve);
    // There is room for the index of the log, which a start makes anew, and none in the log.
    let serve = Serve::start_limited(&url, MIB / 16);
    reads_until_there_is_space(serve, &file, &ledger, Serve::lift_limit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_finds_all_in_place_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clientele.db");
    let bytes = async || {
        open(&DatabaseUrl::Sqlite(file.clone()), Clock::System)
            .await
            .unwrap()
            .db
            .close()
            .await;
        fs::read(&file).unwrap()
    };
    assert!(bytes().await == bytes().await);
}

/// A service without disk space reports it, keeps answering reads, and accepts writes once there is space again.
async fn reads_until_there_is_space(
    serve: Serve,
    file: &Path,
    ledger: &Ledger,
    make_space: impl FnOnce(&Serve),
) {
    ledger.verify(serve.customers()).await;
    assert_eq!(serve.health("").await, ServingStatus::Serving);
    assert_eq!(serve.health(WRITES).await, ServingStatus::NotServing);
    make_space(&serve);
    soon(
        "health says so",
        serve.health_is(WRITES, ServingStatus::Serving),
    )
    .await;
    write_again(&mut serve.customers(), ledger).await;
    ledger.verify(serve.customers()).await;
    drop(serve);
    inspect::sqlite(file).await;
}

/// Writes until there is no space, then makes some. Returns the first refusal.
async fn fill_up(serve: Serve, file: &Path, make_space: impl FnOnce(&Serve)) -> Status {
    let (mut client, ledger) = (serve.customers(), Ledger::new());
    let refusal = write_until_refused(&mut client, &ledger).await;
    assert!(
        matches!(refusal.code(), Code::ResourceExhausted | Code::Unavailable),
        "{refusal:?}"
    );
    ledger.verify(client.clone()).await;
    soon(
        "health says so",
        serve.health_is(WRITES, ServingStatus::NotServing),
    )
    .await;
    assert_eq!(serve.health("").await, ServingStatus::Serving);
    make_space(&serve);
    soon(
        "health says so",
        serve.health_is(WRITES, ServingStatus::Serving),
    )
    .await;
    soon("writes work again", write_again(&mut client, &ledger)).await;
    ledger.verify(client).await;
    println!(
        "no space: {:?} after {} writes, all of them there",
        refusal.code(),
        ledger.n_acked()
    );
    drop(serve);
    inspect::sqlite(file).await;
    refusal
}

async fn write_until_refused(
    client: &mut CustomerServiceClient<Channel>,
    ledger: &Ledger,
) -> Status {
    for i in 0..TOO_MANY {
        match client.create_customer(large(&format!("full-{i}"))).await {
            Ok(answer) => ledger.note(&answer, 0),
            Err(refusal) => return refusal,
        }
    }
    panic!("{TOO_MANY} writes fit: the space is not limited");
}

async fn write_again(client: &mut CustomerServiceClient<Channel>, ledger: &Ledger) {
    for i in 0.. {
        if let Ok(answer) = client.create_customer(large(&format!("again-{i}"))).await {
            return ledger.note(&answer, 0);
        }
    }
}

/// A customer of some 10 kB, so that the space is soon full.
pub fn large(id: &str) -> pb::CreateCustomerRequest {
    let mut request = create(id);
    if let Some(customer) = &mut request.customer {
        customer.needs = (0..10)
            .map(|i| format!("{i} {}", "x".repeat(900)))
            .collect();
    }
    request
}

/// A file system of 12 MiB in memory.
struct Disk(PathBuf);

impl Disk {
    /// Mounts one; `None` when this process may not.
    fn mount() -> Option<Disk> {
        let folder = tempfile::tempdir().unwrap().keep();
        let mut mount = Command::new("mount");
        let mounted = mount
            .args(["-t", "tmpfs", "-o", "size=12m", "tmpfs"])
            .arg(&folder)
            .output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Disk(folder));
        }
        fs::remove_dir(folder).unwrap();
        None
    }

    fn path(&self) -> &Path {
        &self.0
    }

    /// Makes a file that takes a quarter of the space, to be removed later.
    fn balloon(&self) -> PathBuf {
        let balloon = self.path().join("balloon");
        fs::write(&balloon, vec![0; usize::try_from(3 * MIB).unwrap()]).unwrap();
        balloon
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily, because a test that failed may still have the service running.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
        let _ = fs::remove_dir(&self.0);
    }
}
