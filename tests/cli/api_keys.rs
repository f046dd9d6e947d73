//! `keys`, and how commands show a key.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use tempfile::TempDir;

use super::{Ran, Server, json, program};
use crate::harness::engine::Engine;

const ALL: &str = "read,write,import,act-as,admin";

/// A server that asks for keys.
fn asking() -> Server {
    Server::start_in(TempDir::new().unwrap(), &["--auth", "keys", "--demo"])
}

/// Makes a key beside the server, and returns it and its name.
fn create(server: &Server, args: &[&str]) -> (String, String) {
    let ran = server.run(&[&["keys", "create", "--for", "test"], args].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let name = ran.err.split(':').next().unwrap().to_owned();
    assert!(ran.err.contains("it is not shown again"), "{}", ran.err);
    (ran.out.trim().to_owned(), name)
}

/// Runs a command with a key in a file.
fn run_with(server: &Server, key: &str, args: &[&str]) -> Ran {
    server.write("key", format!("{key}\n"));
    let mut command = program(server.folder.path());
    command
        .args(args)
        .env("CLIENTELE_ADDRESS", &server.address)
        .env("CLIENTELE_API_KEY_FILE", "key");
    Ran::of(command)
}

#[test]
fn a_key_is_made_beside_a_running_server_shown_and_taken_back() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let (server, database) = Server::start_on_with(engine, &["--auth", "keys"]);
        let of_database: &[&str] = &["--database-url", &database];
        let (key, name) = create(
            &server,
            &[&["--scopes", "read,write"], of_database].concat(),
        );
        assert_eq!(
            run_with(&server, &key, &["list", "customers", "--json"]).ok(),
            ""
        );

        let listed = server.run(&[&["keys", "list"], of_database].concat()).ok();
        assert!(
            listed.contains(&name) && listed.contains("read, write") && listed.contains("until 20"),
            "{listed}"
        );
        let listed = server
            .run(&[&["keys", "list", "--json"], of_database].concat())
            .ok();
        let listed = json(&listed);
        assert_eq!(
            (&listed["name"], &listed["creator"]),
            (&name.clone().into(), &"operator".into())
        );
        assert!(!listed.to_string().contains(&key[21..64]), "{listed}");

        let revoked = server
            .run(&[&["keys", "revoke", &name], of_database].concat())
            .ok();
        assert_eq!(revoked, format!("{name} of tenant default is revoked\n"));
        let why = loop {
            let ran = run_with(&server, &key, &["list", "customers"]);
            if ran.code != 0 {
                break ran.fails();
            }
        };
        assert_eq!(
            why,
            "error: the credential is not valid (CREDENTIAL_INVALID)\n"
        );
        let listed = server.run(&[&["keys", "list"], of_database].concat()).ok();
        assert!(listed.contains("revoked 20"), "{listed}");
    }
}

#[test]
fn a_tenant_is_made_with_its_first_key() {
    let server = asking();
    let (ours, _) = create(&server, &["--scopes", ALL]);
    let (theirs, _) = create(&server, &["--scopes", ALL, "--tenant", "acme"]);
    let firms = |key: &str| {
        run_with(&server, key, &["list", "customers", "--json"])
            .ok()
            .lines()
            .count()
    };
    assert!(firms(&ours) > 3);
    assert_eq!(firms(&theirs), 0);
    assert!(
        server
            .run(&["keys", "list", "--tenant", "acme"])
            .ok()
            .contains("test")
    );
    let why = server
        .run(&[
            "keys", "create", "--for", "x", "--scopes", "read", "--tenant", "ACME",
        ])
        .misused();
    assert!(why.contains("expected 1 to 63 of a-z"), "{why}");
}

#[test]
fn a_key_has_a_colleague_who_is_found_by_what_is_at_hand() {
    let server = asking();
    let (admin, _) = create(&server, &["--scopes", ALL]);
    let mia = run_with(&server, &admin, &["list", "colleagues", "--json"]).ok();
    let mia = json(mia.lines().next().unwrap());
    let (name, address) = (
        mia["name"].as_str().unwrap(),
        mia["emails"][0]["address"].as_str().unwrap(),
    );
    let (_, of_mia) = create(&server, &["--scopes", "read", "--colleague", address]);
    let listed = server.run(&["keys", "list", "--json"]).ok();
    let of_mia = listed
        .lines()
        .map(json)
        .find(|key| key["name"] == of_mia.as_str())
        .unwrap();
    assert_eq!(of_mia["colleague"], name);
    let nobody = server.run(&[
        "keys",
        "create",
        "--for",
        "x",
        "--scopes",
        "read",
        "--colleague",
        "nobody@example.com",
    ]);
    assert_eq!(
        nobody.fails(),
        "error: --colleague: no colleague of the tenant has this name, e-mail address or id\n"
    );
}

#[test]
fn a_key_in_a_new_file_is_for_its_owner_alone() {
    let server = asking();
    let out = server
        .run(&[
            "keys", "create", "--for", "x", "--scopes", "read", "--out", "new.key",
        ])
        .ok();
    assert!(
        out.starts_with("apiKeys/") && !out.contains("clt_"),
        "{out}"
    );
    let path = server.folder.path().join("new.key");
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let key = fs::read_to_string(&path).unwrap();
    run_with(&server, key.trim(), &["list", "customers"]).ok();
    let n_keys = || server.run(&["keys", "list", "--json"]).ok().lines().count();
    let before = n_keys();
    let why = server
        .run(&[
            "keys", "create", "--for", "x", "--scopes", "read", "--out", "new.key",
        ])
        .fails();
    assert!(why.contains("--out: new.key cannot be made"), "{why}");
    assert_eq!(
        (n_keys(), fs::read_to_string(&path).unwrap()),
        (before, key)
    );
}

/// Lists customers, after the command is prepared.
fn list(server: &Server, prepare: impl Fn(&mut Command) -> &mut Command) -> Ran {
    let mut command = program(server.folder.path());
    command
        .args(["list", "customers"])
        .env("CLIENTELE_ADDRESS", &server.address);
    prepare(&mut command);
    Ran::of(command)
}

#[test]
fn a_key_comes_from_a_file_a_credential_or_standard_input() {
    let server = asking();
    let (key, _) = create(&server, &["--scopes", "read"]);
    server.write("a.key", format!("{key}\n"));
    let why = list(&server, |command| command).fails();
    assert!(
        why.contains("send an API key") && why.contains("CREDENTIAL_MISSING"),
        "{why}"
    );
    list(&server, |list| list.args(["--api-key-file", "a.key"])).ok();
    let file = || fs::File::open(server.folder.path().join("a.key")).unwrap();
    list(&server, |list| {
        list.stdin(file()).args(["--api-key-file", "-"])
    })
    .ok();
    fs::create_dir(server.folder.path().join("credentials")).unwrap();
    server.write("credentials/clientele-api-key", &key);
    list(&server, |list| {
        list.env("CREDENTIALS_DIRECTORY", "credentials")
    })
    .ok();
}

#[test]
fn what_is_no_key_is_not_sent_and_not_told() {
    let server = asking();
    let (key, _) = create(&server, &["--scopes", "read"]);
    server.write("a.key", &key);
    server.write("bad.key", format!("{}x", &key[..key.len() - 1]));
    let elsewhere = ["a.key", "--address", "http://192.0.2.1:50051"];
    for (file, told) in [
        (
            &["none.key"][..],
            "the API key cannot be read from none.key",
        ),
        (&["bad.key"], "bad.key has no API key"),
        (&elsewhere, "so that others can read it"),
    ] {
        let why = list(&server, |list| list.arg("--api-key-file").args(file)).fails();
        assert!(why.contains(told) && !why.contains(&key[21..40]), "{why}");
    }
}

#[test]
fn what_is_wrong_with_a_key_is_told_before_anything_is_done() {
    let folder = TempDir::new().unwrap();
    let keys = |args: &[&str]| {
        let mut command = program(folder.path());
        command.arg("keys").args(args);
        Ran::of(command)
    };
    for (args, told) in [
        (&["create", "--for", "x"][..], "--scopes"),
        (
            &["create", "--for", "x", "--scopes", "everything"],
            "act-as",
        ),
        (
            &["create", "--for", " ", "--scopes", "read"],
            "expected a line of 1 to 200 characters",
        ),
        (
            &["create", "--for", "x", "--scopes", "read", "--days", "0"],
            "0 is not in 1..=3650",
        ),
        (&["revoke", "clt_x"], "expected apiKeys/{id}"),
    ] {
        let why = keys(args).misused();
        assert!(why.contains(told), "{why}");
    }
    let why = keys(&["create", "--for", "x", "--scopes", "read", "--out", "x.key"]).fails();
    assert!(why.contains("there is no store at clientele.db"), "{why}");
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        0,
        "no file is left"
    );
    let server = asking();
    let why = server.run(&["keys", "revoke", "aaaaaaaaaaaaaaaa"]).fails();
    assert_eq!(why, "error: there is no such key\n");
}
