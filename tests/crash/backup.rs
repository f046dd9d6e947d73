//! Backups of a service that goes on writing, and what callers hold of a store that went back to one.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use clientele::pb;
use clientele::store::engine::open::DatabaseUrl;
use tempfile::TempDir;

use super::damage::{damage, root_of, stopped};
use super::load::{Ledger, Writers, create};
use super::serve::Serve;
use super::{Place, inspect, soon};
use crate::harness::answer::{done, refused, whole};
use crate::harness::engine::Engine;

const N_BACKUPS: usize = 5;
/// The fewest acknowledged writes between two backups: a backup of a store at rest would prove little.
const MIN_WRITES: u64 = 100;

/// Runs a command of the operator; what it printed, or why it failed.
fn run(arguments: &[&str], url: &DatabaseUrl) -> Result<String, String> {
    let url = match url {
        DatabaseUrl::Sqlite(file) => format!("sqlite://{}", file.display()),
        DatabaseUrl::Postgres(url) => url.clone(),
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_clientele"));
    let output = command
        .args(arguments)
        .env("CLIENTELE_DATABASE_URL", url)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    match output.status.success() {
        true => Ok(text(output.stdout)),
        false => Err(text(output.stderr)),
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn backups_under_load_are_whole_and_have_all_that_was_acknowledged_before() {
    let (mut place, everything) = (Place::on(Engine::Sqlite).await, Ledger::new());
    let folder = TempDir::new().unwrap();
    let connect = || place.serve().customers();
    let writers = Writers::start("backup", connect, &everything, |_| false);
    let mut backups: Vec<(PathBuf, Ledger)> = Vec::new();
    for i in 0..N_BACKUPS {
        soon("writes are acknowledged", everything.more(MIN_WRITES)).await;
        let (to, before) = (
            folder.path().join(format!("{i}.db")),
            everything.as_of_now(),
        );
        let told = run(&["backup", text(&to)], &place.url).unwrap();
        assert!(told.contains("checked"), "{told}");
        backups.push((to, before));
    }
    writers.stop().await;
    for (i, (backup, before)) in backups.into_iter().enumerate() {
        let mode = fs::metadata(&backup).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        inspect::sqlite(&backup).await;
        let restored = DatabaseUrl::Sqlite(folder.path().join(format!("restored-{i}.db")));
        run(&["restore", text(&backup)], &restored).unwrap();
        before.verify(Serve::start(&restored).customers()).await;
    }
    // Nothing else is left in the folder: no copy without a name, no log.
    let names = fs::read_dir(folder.path()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let strange: Vec<String> = names.filter(|name| name.contains("partial")).collect();
    assert_eq!(strange, [""; 0]);
    place.kill();
    place.inspect().await;
}

fn list(page_token: String) -> pb::ListCustomersRequest {
    pb::ListCustomersRequest {
        page_size: 1,
        page_token,
        ..Default::default()
    }
}

fn request(id: &str) -> pb::CreateCustomerRequest {
    pb::CreateCustomerRequest {
        request_id: format!("request-{id}"),
        ..create(id)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restore_tokens_are_refused_and_lost_calls_are_done_again() {
    let (mut place, folder) = (Place::on(Engine::Sqlite).await, TempDir::new().unwrap());
    let mut client = place.serve().customers();
    let kept = whole(client.create_customer(request("a")).await);
    done(client.create_customer(request("b")).await);
    let token = done(client.list_customers(list(String::new())).await).next_page_token;
    let backup = folder.path().join("backup.db");
    run(&["backup", text(&backup)], &place.url).unwrap();
    let lost = whole(client.create_customer(request("lost")).await);
    place.kill();
    place.url = DatabaseUrl::Sqlite(folder.path().join("restored.db"));
    run(&["restore", text(&backup)], &place.url).unwrap();
    place.restart();

    let mut client = place.serve().customers();
    let refusal = refused(client.list_customers(list(token)).await);
    refusal.names("PAGE_TOKEN_INVALID", &["page_token"]);
    let again = whole(client.create_customer(request("a")).await);
    assert!(again.replayed);
    assert_eq!(again.message, kept.message);
    let other = done(client.create_customer(create("other")).await);
    let again = whole(client.create_customer(request("lost")).await);
    assert!(!again.replayed, "a lost call is not done");
    assert_ne!(again.message.etag, lost.message.etag);
    let all = pb::ListCustomersRequest::default();
    let all = done(client.list_customers(all).await).customers;
    assert_eq!(all.len(), 4);
    assert!(all.contains(&other) && all.contains(&again.message));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_epoch_ends_tokens_and_no_request_ids_on_sqlite() {
    begin_an_epoch(Place::on(Engine::Sqlite).await, "is held by process").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_epoch_ends_tokens_and_no_request_ids_on_postgres() {
    begin_an_epoch(Place::on(Engine::Postgres).await, "stop them first").await;
}

async fn begin_an_epoch(mut place: Place, refusal: &str) {
    let mut client = place.serve().customers();
    done(client.create_customer(request("a")).await);
    done(client.create_customer(request("b")).await);
    let token = done(client.list_customers(list(String::new())).await).next_page_token;
    let told = run(&["epoch", "new"], &place.url).unwrap_err();
    assert!(told.contains(refusal), "{told}");
    done(client.list_customers(list(token.clone())).await);
    place.kill();
    soon("its connections are gone", async {
        while run(&["epoch", "new"], &place.url).is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    place.restart();
    let mut client = place.serve().customers();
    let refusal = refused(client.list_customers(list(token)).await);
    refusal.names("PAGE_TOKEN_INVALID", &["page_token"]);
    assert!(whole(client.create_customer(request("a")).await).replayed);
    let token = done(client.list_customers(list(String::new())).await).next_page_token;
    done(client.list_customers(list(token)).await);
    place.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_neither_copied_nor_restored() {
    let (folder, file) = stopped().await;
    let url = DatabaseUrl::Sqlite(file.clone());
    let to = |name: &str| folder.path().join(name);
    run(&["backup", text(&to("whole.db"))], &url).unwrap();
    for table in ["customers", "customers_by_create_time"] {
        let (bad, other) = (
            to(&format!("{table}.db")),
            DatabaseUrl::Sqlite(to("other.db")),
        );
        fs::copy(to("whole.db"), &bad).unwrap();
        damage(&bad, root_of(&bad, table).await, 0);
        let url = DatabaseUrl::Sqlite(bad.clone());
        for told in [
            run(&["verify", text(&bad)], &url),
            run(&["backup", text(&to("copy.db"))], &url),
            run(&["restore", text(&bad)], &other),
        ] {
            let told = told.unwrap_err();
            assert!(
                told.contains("damaged") && told.contains("backup"),
                "{told}"
            );
        }
        assert!(!to("copy.db").exists() && !to("other.db").exists());
    }
    run(&["verify", text(&to("whole.db"))], &url).unwrap();
}
