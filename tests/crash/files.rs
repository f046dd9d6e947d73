//! Files that are deleted, moved or replaced under the service: later writes would be lost, so none is acknowledged,
//! and health and log say why.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use clientele::pb;
use clientele::server::health::WRITES;
use clientele::store::engine::open::DatabaseUrl;
use sqlx::{Connection, Executor, SqliteConnection};
use tempfile::TempDir;
use tonic::{Code, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_types::StatusExt;

use super::load::{Ledger, create};
use super::serve::Serve;
use super::{inspect, soon};

/// A service with some writes, the file of which something happens to.
struct Victim {
    folder: TempDir,
    serve: Serve,
    ledger: Ledger,
}

impl Victim {
    async fn new() -> Victim {
        let folder = tempfile::tempdir().unwrap();
        let serve = Serve::start(&DatabaseUrl::Sqlite(folder.path().join("clientele.db")));
        let ledger = Ledger::new();
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
        Victim {
            folder,
            serve,
            ledger,
        }
    }

    fn file(&self, suffix: &str) -> PathBuf {
        self.folder.path().join(format!("clientele.db{suffix}"))
    }

    fn url(&self) -> DatabaseUrl {
        DatabaseUrl::Sqlite(self.file(""))
    }

    /// The very next write is refused, and so is everything else from then on, and it is said why.
    async fn answers_no_more(&self, why: &str) {
        let mut client = self.serve.customers();
        for i in 0..3 {
            is_refused(
                client
                    .create_customer(create(&format!("after-{i}")))
                    .await
                    .map(drop),
            );
        }
        let get = pb::GetCustomerRequest {
            name: "customers/before-0".to_owned(),
            read_mask: None,
        };
        is_refused(client.get_customer(get).await.map(drop));
        for name in ["", WRITES] {
            soon(
                "health says so",
                self.serve.health_is(name, ServingStatus::NotServing),
            )
            .await;
        }
        let log = self.serve.log();
        assert!(
            log.contains(why) && log.contains("nothing is answered any more"),
            "{log}"
        );
    }
}

fn is_refused(answer: Result<(), Status>) {
    let refusal = answer.unwrap_err();
    assert_eq!(refusal.code(), Code::DataLoss, "{refusal:?}");
    assert_eq!(
        refusal.get_details_error_info().unwrap().reason,
        "STORE_REPLACED"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_file_ends_all_answers() {
    let victim = Victim::new().await;
    fs::remove_file(victim.file("")).unwrap();
    victim
        .answers_no_more("clientele.db is gone: if it was moved, move it back and restart")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_file_is_noticed_when_nobody_writes() {
    let victim = Victim::new().await;
    fs::remove_file(victim.file("")).unwrap();
    soon(
        "health says so",
        victim.serve.health_is("", ServingStatus::NotServing),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_moved_away_and_back_has_everything() {
    let mut victim = Victim::new().await;
    let aside = victim.folder.path().join("aside");
    fs::create_dir(&aside).unwrap();
    let move_all = |from: &Path, to: &Path| {
        for suffix in ["", "-wal", "-shm"] {
            let name = format!("clientele.db{suffix}");
            fs::rename(from.join(&name), to.join(&name)).unwrap();
        }
    };
    move_all(victim.folder.path(), &aside);
    victim.answers_no_more("clientele.db is gone").await;
    victim.serve.terminate();
    soon("the service ends", victim.serve.ended()).await;
    move_all(&aside, victim.folder.path());
    let serve = Serve::start(&victim.url());
    victim.ledger.verify(serve.customers()).await;
    drop(serve);
    inspect::sqlite(&victim.file("")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_file_in_its_place_is_left_alone() {
    let victim = Victim::new().await;
    // What a careless restore does.
    fs::copy(victim.file(""), victim.file(".copy")).unwrap();
    fs::rename(victim.file(".copy"), victim.file("")).unwrap();
    let before = fs::read(victim.file("")).unwrap();
    victim
        .answers_no_more("clientele.db is another file now")
        .await;
    assert!(fs::read(victim.file("")).unwrap() == before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_deleted_ends_all_answers_and_an_orderly_stop_saves_what_it_held() {
    let mut victim = Victim::new().await;
    fs::remove_file(victim.file("-wal")).unwrap();
    victim.answers_no_more("clientele.db-wal is gone").await;
    victim.serve.terminate();
    soon("the service ends", victim.serve.ended()).await;
    let serve = Serve::start(&victim.url());
    victim.ledger.verify(serve.customers()).await;
    drop(serve);
    inspect::sqlite(&victim.file("")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_name_ends_all_answers_and_is_refused_at_a_start() {
    let mut victim = Victim::new().await;
    fs::hard_link(victim.file(""), victim.folder.path().join("other.db")).unwrap();
    victim
        .answers_no_more("clientele.db has a second name")
        .await;
    victim.serve.terminate();
    soon("the service ends", victim.serve.ended()).await;
    let refusal = Serve::try_start(&victim.url()).map(drop).unwrap_err();
    assert!(
        refusal.contains("has a second name (a hard link): remove that name"),
        "{refusal}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_replaced_while_the_writing_connection_is_gone_is_left_alone() {
    let victim = Victim::new().await;
    let mut client = victim.serve.customers();
    let mut other = SqliteConnection::connect(&format!("sqlite://{}", victim.file("").display()))
        .await
        .unwrap();
    other.execute("begin immediate").await.unwrap();
    // A write that does not get the lock leaves no connection behind.
    let refusal = client.create_customer(create("locked")).await.unwrap_err();
    assert_eq!(
        refusal.get_details_error_info().unwrap().reason,
        "STORE_LOCKED"
    );
    fs::copy(victim.file(""), victim.file(".copy")).unwrap();
    fs::rename(victim.file(".copy"), victim.file("")).unwrap();
    other.execute("rollback").await.unwrap();
    let bytes = || {
        (
            fs::read(victim.file("")).unwrap(),
            fs::read(victim.file("-wal")).unwrap(),
        )
    };
    let before = bytes();
    victim
        .answers_no_more("clientele.db is another file now")
        .await;
    assert!(bytes() == before);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_services_never_share_the_files_of_one_path() {
    let mut victim = Victim::new().await;
    for suffix in ["", "-wal", "-shm", ".lock"] {
        fs::remove_file(victim.file(suffix)).unwrap();
    }
    let (mut second, ledger) = (Serve::start(&victim.url()), Ledger::new());
    victim.answers_no_more("another file now").await;
    for i in 0..20 {
        ledger.note(
            &second
                .customers()
                .create_customer(create(&format!("second-{i}")))
                .await
                .unwrap(),
            0,
        );
    }
    // As it ends, the first one deletes nothing and writes nothing of the second's.
    victim.serve.terminate();
    soon("the service ends", victim.serve.ended()).await;
    ledger.note(
        &second
            .customers()
            .create_customer(create("last"))
            .await
            .unwrap(),
        0,
    );
    second.kill();
    inspect::sqlite(&victim.file("")).await;
    let again = Serve::start(&victim.url());
    ledger.verify(again.customers()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_is_deleted_lets_no_second_service_in() {
    let mut victim = Victim::new().await;
    fs::remove_file(victim.file(".lock")).unwrap();
    let refusal = Serve::try_start(&victim.url()).map(drop).unwrap_err();
    assert!(
        refusal.contains("clientele.db is held by another process"),
        "{refusal}"
    );
    victim
        .answers_no_more("clientele.db.lock is another file now")
        .await;
    victim.serve.terminate();
    soon("the service ends", victim.serve.ended()).await;
    let again = Serve::start(&victim.url());
    victim.ledger.verify(again.customers()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_whose_file_is_gone_is_not_begun_anew() {
    let mut victim = Victim::new().await;
    let aside = victim.folder.path().join("aside.db");
    fs::rename(victim.file(""), &aside).unwrap();
    victim.answers_no_more("clientele.db is gone").await;
    victim.serve.kill();
    for what_is_there in ["nothing", "an empty file"] {
        let refusal = Serve::try_start(&victim.url()).map(drop).unwrap_err();
        assert!(
            refusal.contains("it is missing or empty") && refusal.contains("put the file back"),
            "{refusal}"
        );
        assert_eq!(
            fs::exists(victim.file("")).unwrap(),
            what_is_there != "nothing"
        );
        fs::write(victim.file(""), "").unwrap();
    }
    fs::rename(&aside, victim.file("")).unwrap();
    let serve = Serve::start(&victim.url());
    victim.ledger.verify(serve.customers()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_cut_short_ends_all_answers() {
    let victim = Victim::new().await;
    fs::write(victim.file("-wal"), "").unwrap();
    victim.answers_no_more("the log was cut short").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_another_program_emptied_in_good_order_is_no_trouble() {
    let victim = Victim::new().await;
    let url = format!("sqlite://{}", victim.file("").display());
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    other
        .execute("pragma wal_checkpoint(truncate)")
        .await
        .unwrap();
    assert_eq!(fs::metadata(victim.file("-wal")).unwrap().len(), 0);
    for i in 0..20 {
        let answer = victim
            .serve
            .customers()
            .create_customer(create(&format!("after-{i}")))
            .await
            .unwrap();
        victim.ledger.note(&answer, 0);
    }
    victim.ledger.verify(victim.serve.customers()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_leads_elsewhere_ends_all_answers() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("current");
    for version in ["v1", "v2"] {
        fs::create_dir(folder.path().join(version)).unwrap();
    }
    symlink("v1", &link).unwrap();
    let serve = Serve::start(&DatabaseUrl::Sqlite(link.join("clientele.db")));
    serve
        .customers()
        .create_customer(create("before"))
        .await
        .unwrap();
    symlink("v2", folder.path().join("next")).unwrap();
    fs::rename(folder.path().join("next"), &link).unwrap();
    is_refused(
        serve
            .customers()
            .create_customer(create("after"))
            .await
            .map(drop),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_the_file_leads_to_its_one_lock() {
    let victim = Victim::new().await;
    let link = victim.folder.path().join("link.db");
    symlink(victim.file(""), &link).unwrap();
    let refusal = Serve::try_start(&DatabaseUrl::Sqlite(link))
        .map(drop)
        .unwrap_err();
    assert!(refusal.contains("is held by process"), "{refusal}");
}
