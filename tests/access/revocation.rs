//! How long a key is accepted after it was revoked: less than a second, in every process on the store.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use clientele::pb::AccessScope;
use clientele::store::engine::open::DatabaseUrl;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::interval;
use tonic::Code;

use super::read;
use crate::crash::serve::Serve;
use crate::harness::answer::refusal;
use crate::harness::credentials::create_key_in;
use crate::harness::engine::{Engine, Store};
use crate::harness::{Harness, in_runtime};

/// How long a key may be accepted.
const BAR: Duration = Duration::from_secs(1);
/// How many keys are in use, and revoked, at one time.
const AT_ONCE: usize = 10;
/// Calls with one key to one server come so far apart: 200 a second to three servers.
const PACE: Duration = Duration::from_millis(150);

/// How far the revocation of a key has come.
#[derive(Clone, Copy, Default)]
struct Revocation {
    has_begun: bool,
    /// When it was acknowledged.
    done: Option<Instant>,
}

#[test]
fn three_processes_stop_within_a_second() {
    in_runtime(revoked_keys_open_nothing(Engine::Postgres, 3, 10));
}

#[test]
fn a_file_is_watched_for_what_another_program_revokes() {
    in_runtime(revoked_keys_open_nothing(Engine::Sqlite, 1, 2));
}

async fn revoked_keys_open_nothing(engine: Engine, n_servers: usize, n_rounds: usize) {
    let store = Store::new(engine).await;
    let url = store.url();
    let servers: Vec<Serve> = (0..n_servers)
        .map(|_| Serve::start_with(&url, ("CLIENTELE_AUTH", "keys")))
        .collect();
    let mut callers = Vec::new();
    for server in &servers {
        callers.push(Harness::at(engine, server.socket()).await);
    }
    let mut latest = Duration::ZERO;
    for _ in 0..n_rounds {
        latest = latest.max(one_round(&url, &callers).await);
    }
    println!(
        "{engine:?}, {} revocations: the last call that was accepted began {latest:?} after the revocation",
        n_rounds * AT_ONCE
    );
    drop(servers);
    store.remove().await;
}

/// Uses keys on all servers while they are revoked, and returns how late the last accepted call began.
async fn one_round(url: &DatabaseUrl, servers: &[Harness]) -> Duration {
    let mut calls = JoinSet::new();
    let mut keys = Vec::new();
    for _ in 0..AT_ONCE {
        let key = create_key_in(url, "default", &[AccessScope::Read]).await;
        let (revoked, when) = watch::channel(Revocation::default());
        for server in servers {
            let caller = server.showing(&format!("Bearer {key}"));
            // It is known to each server before it is revoked.
            read(&caller).await.unwrap();
            calls.spawn(call_until_refused(caller, when.clone()));
        }
        keys.push((key, revoked));
    }
    for (key, revoked) in keys {
        revoked.send_modify(|revocation| revocation.has_begun = true);
        revoke(url, &key).await;
        revoked.send_modify(|revocation| revocation.done = Some(Instant::now()));
    }
    let late = calls.join_all().await;
    late.into_iter().max().unwrap_or_default()
}

/// Calls again and again. Returns how long after the revocation the last call began that was accepted.
async fn call_until_refused(caller: Harness, when: watch::Receiver<Revocation>) -> Duration {
    let (mut pace, mut last_accepted) = (interval(PACE), Instant::now());
    loop {
        pace.tick().await;
        let began = Instant::now();
        match read(&caller).await {
            Ok(_) => last_accepted = began,
            Err(status) => {
                refusal(&status).is(Code::Unauthenticated, "CREDENTIAL_INVALID");
                assert!(when.borrow().has_begun, "refused before it was revoked");
                break;
            }
        }
        let done = when.borrow().done;
        let late = done.map(|done| began.saturating_duration_since(done));
        assert!(
            late.is_none_or(|late| late < BAR),
            "accepted {late:?} after it was revoked"
        );
    }
    // Nor is it accepted later.
    read(&caller).await.unwrap_err();
    let done = when.borrow().done;
    done.map_or(Duration::ZERO, |done| {
        last_accepted.saturating_duration_since(done)
    })
}

/// Revokes a key as an operator does, by another process.
async fn revoke(url: &DatabaseUrl, key: &str) {
    let url = match url {
        DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
        DatabaseUrl::Postgres(url) => url.clone(),
    };
    let id = key[4..20].to_owned();
    let program = Path::new(env!("CARGO_BIN_EXE_clientele"));
    let revoked = tokio::task::spawn_blocking(move || {
        let mut command = Command::new(program);
        command
            .args(["keys", "revoke", &id])
            .env("CLIENTELE_DATABASE_URL", url);
        command.output().unwrap()
    });
    let revoked = revoked.await.unwrap();
    assert!(
        revoked.status.success(),
        "{}",
        String::from_utf8_lossy(&revoked.stderr)
    );
}
