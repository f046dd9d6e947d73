//! `tenants`: what the operator sets up, beside a running server.

use super::{Ran, Server, json, program};
use crate::harness::engine::Engine;

#[test]
fn a_region_counts_from_the_next_call_on() {
    let server = Server::demo();
    let looked_up = |text: &str| server.run(&["brief", "--person", text]);
    // One of the sample, whose address says where it is; and one that could be anywhere.
    let set = |region: &str| server.run(&["tenants", "set", "--region", region]);
    assert_eq!(set("de").ok(), "tenant default: region DE\n");
    assert!(looked_up("040 555 0143").ok().contains("Mara Lindqvist"));
    assert_eq!(set("").ok(), "tenant default: region none\n");
    let why = set("Germany").misused();
    assert!(why.contains("not a region code: write DE"), "{why}");
    let other = server.run(&["tenants", "set", "--region", "AT", "--tenant", "nobody"]);
    assert_eq!(other.fails(), "error: there is no such tenant\n");
}

#[test]
fn a_store_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program(folder.path());
    command.args(["tenants", "set", "--region", "AT"]);
    let ran = Ran::of(command);
    assert!(ran.fails().contains("there is no store at clientele.db"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn tenants_come_and_go_beside_a_server_on_sqlite() {
    tenants_come_and_go(&Server::start_on_with(Engine::Sqlite, &["--auth", "keys"]).0);
}

#[test]
fn tenants_come_and_go_beside_a_server_on_postgres() {
    tenants_come_and_go(&Server::start_on_with(Engine::Postgres, &["--auth", "keys"]).0);
}

fn tenants_come_and_go(server: &Server) {
    let run = |args: &[&str]| server.run(&[&["tenants"], args].concat());
    assert_eq!(
        run(&["create", "acme", "--region", "at"]).ok(),
        "tenant acme: created\n"
    );
    let why = run(&["create", "acme"]).fails();
    assert_eq!(why, "error: there is such a tenant already\n");
    for name in ["Acme", "1st", "a_b", "acme-", ""] {
        assert!(
            run(&["create", name])
                .misused()
                .contains("expected a lower-case letter")
        );
    }
    let table = run(&["list"]).ok();
    let lines: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(
        lines[0],
        ["TENANT", "CUSTOMERS", "REVISION", "REGION", "CREATED"]
    );
    assert_eq!(lines[1][..4], ["acme", "0", "0", "AT"]);
    assert_eq!(lines[1][4].len(), 20);
    assert_eq!(lines[2], ["default", "0", "0"]);
    goes_with_its_keys(server);
}

fn goes_with_its_keys(server: &Server) {
    let run = |args: &[&str]| server.run(&[&["tenants"], args].concat());
    let make_key = || {
        let args = [
            "keys", "create", "--tenant", "acme", "--for", "test", "--scopes", "read",
        ];
        server.run(&args)
    };
    server.write("key", make_key().out);
    let list = || server.run(&["list", "customers", "--api-key-file", "key"]);
    list().ok();

    let why = run(&["delete", "acme"]).fails();
    assert!(why.contains("say --yes"), "{why}");
    assert_eq!(
        run(&["delete", "acme", "--yes"]).ok(),
        "tenant acme: deleted, 1 rows\n"
    );
    while list().code == 0 {}
    let why = list().fails();
    assert!(why.contains("the credential is not valid"), "{why}");
    let why = make_key().fails();
    assert!(why.contains("its name is not used again"), "{why}");
    let listed = |args: &[&str]| {
        let lines = run(&[&["list", "--json"], args].concat()).ok();
        lines.lines().map(json).collect::<Vec<_>>()
    };
    let left = listed(&[]);
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["tenant"], "default");
    assert_eq!(left[0]["delete_time"], serde_json::Value::Null);
    let all = listed(&["--show-deleted"]);
    assert_eq!(all[0]["tenant"], "acme");
    assert!(all[0]["delete_time"].is_string());
    assert!(run(&["list", "--show-deleted"]).ok().contains("DELETED"));
}
