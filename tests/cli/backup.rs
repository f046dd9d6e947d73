//! `backup`, `restore`, `verify` and `epoch`: what they print, and what they refuse.

use std::fs;
use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor};
use tempfile::TempDir;

use super::{Ran, Server, calls, json, program};

/// Runs a command in a folder.
fn run(folder: &Path, args: &[&str]) -> Ran {
    let mut command = program(folder);
    command.args(args);
    Ran::of(command)
}

#[test]
fn a_backup_says_how_far_each_tenant_is() {
    let server = Server::demo();
    let told = server.run(&["backup", "copy.db"]).ok();
    let mut lines = told.lines();
    let first = lines.next().unwrap();
    assert!(first.starts_with("backup  copy.db, "), "{told}");
    assert!(first.ends_with(", checked"), "{told}");
    assert!(told.contains("TENANT") && told.contains("LAST CHANGE"));
    let cells: Vec<&str> = lines.next_back().unwrap().split_whitespace().collect();
    let [tenant, revision, time] = cells[..] else {
        panic!("{told}")
    };
    assert_eq!((tenant, time.len()), ("default", 20), "{told}");

    let found = json(&server.run(&["verify", "copy.db", "--json"]).ok());
    assert_eq!(found["file"], "copy.db");
    let state = &found["tenants"][0];
    assert_eq!(state["tenant"], "default");
    assert_eq!(state["revision"].to_string(), revision);
    assert_eq!(state["last_change_time"], time);
    let size = fs::metadata(server.folder.path().join("copy.db"))
        .unwrap()
        .len();
    assert_eq!(found["bytes"], size);
}

#[test]
fn what_is_restored_is_served() {
    let server = Server::demo();
    let all = server.all("customers");
    server.run(&["backup", "copy.db"]).ok();
    let url = "sqlite://restored.db";
    let told = server.run(&["restore", "copy.db", "--database-url", url]);
    assert!(told.ok().starts_with("restored  restored.db, "));
    let folder = server.into_folder();
    fs::rename(
        folder.path().join("clientele.db"),
        folder.path().join("old"),
    )
    .unwrap();
    let server = Server::start_in(folder, &["--database-url", url]);
    assert_eq!(server.all("customers"), all);
}

#[test]
fn nothing_is_overwritten() {
    let server = Server::start();
    let file = server.write("taken.db", "mine");
    for name in ["taken.db", "clientele.db"] {
        let why = server.run(&["backup", name]).fails();
        assert!(
            why.contains(&format!("{name} exists, and nothing is overwritten")),
            "{why}"
        );
    }
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    server.run(&["backup", "copy.db"]).ok();
    let why = server.run(&["restore", "copy.db"]).fails();
    assert!(why.contains("is held by process"), "{why}");
    let folder = server.into_folder();
    let restore = || run(folder.path(), &["restore", "copy.db"]).fails();
    assert!(restore().contains("clientele.db exists"));
    // A log that is left behind would be taken for that of the restored file.
    fs::remove_file(folder.path().join("clientele.db")).unwrap();
    assert!(restore().contains("clientele.db-wal exists"));
    for suffix in ["-wal", "-shm"] {
        fs::remove_file(folder.path().join(format!("clientele.db{suffix}"))).unwrap();
    }
    run(folder.path(), &["restore", "copy.db"]).ok();
}

#[test]
fn a_store_at_rest_is_verified_and_left_as_it_is() {
    let server = Server::demo();
    let folder = server.into_folder();
    // Killed, so that there is a log. It is read, too.
    let found = json(&run(folder.path(), &["verify", "clientele.db", "--json"]).ok());
    assert_ne!(found["tenants"][0]["revision"], 0);
    let mut server = Server::start_in(folder, &[]);
    server.signal("TERM");
    server.child.wait().unwrap();
    let folder = std::mem::replace(&mut server.folder, TempDir::new().unwrap());
    let names = || {
        let names = fs::read_dir(folder.path()).unwrap();
        let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let (before, content) = (
        names(),
        fs::read(folder.path().join("clientele.db")).unwrap(),
    );
    run(folder.path(), &["verify", "clientele.db"]).ok();
    assert_eq!(names(), before);
    assert_eq!(
        fs::read(folder.path().join("clientele.db")).unwrap(),
        content
    );
}

/// Makes a file with these tables.
fn file_with(path: &Path, statements: &'static str) {
    calls(async {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true);
        let mut conn = options.connect().await.unwrap();
        conn.execute(statements).await.unwrap();
        conn.close().await.unwrap();
    });
}

#[test]
fn what_is_no_store_is_told_as_such() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    file_with(&path.join("other.db"), "create table customers (id)");
    fs::write(path.join("text.db"), "not a database at all").unwrap();
    fs::write(path.join("empty.db"), "").unwrap();
    for (name, why) in [
        ("other.db", "other.db is no store of clientele"),
        ("empty.db", "empty.db is no store of clientele"),
        ("text.db", "it is not an SQLite database"),
        ("nothing.db", "there is no file nothing.db"),
        (".", "it is a folder"),
    ] {
        for command in [&["verify", name][..], &["restore", name]] {
            let told = run(path, command).fails();
            assert!(told.contains(why), "{told}");
        }
    }
    let told = run(path, &["backup", "copy.db"]).fails();
    assert!(told.contains("there is no store at clientele.db"), "{told}");
    let told = run(
        path,
        &[
            "backup",
            "no/copy.db",
            "--database-url",
            "sqlite://other.db",
        ],
    )
    .fails();
    assert!(told.contains("there is no folder no"), "{told}");
    let url = "postgres://clientele@127.0.0.1:1/clientele";
    for command in ["backup", "restore"] {
        let told = run(path, &[command, "copy.db", "--database-url", url]).fails();
        assert!(told.contains("pg_basebackup"), "{told}");
    }
    let names = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.filter(|name| name != "clientele.db.lock").collect();
    names.sort();
    assert_eq!(names, ["empty.db", "other.db", "text.db"]);
}

#[test]
fn what_does_not_fit_together_is_damage() {
    let server = Server::demo();
    server.run(&["backup", "copy.db"]).ok();
    let copy = server.folder.path().join("copy.db");
    file_with(&copy, "update tenants set revision = revision - 1");
    let told = server.run(&["verify", "copy.db"]).fails();
    assert!(
        told.contains("tenant default is not at its last change"),
        "{told}"
    );
    file_with(
        &copy,
        "update tenants set revision = revision + 1; update _sqlx_migrations set version = 9999 where version = 1",
    );
    let told = server.run(&["verify", "copy.db"]).fails();
    assert!(told.contains("use a newer clientele"), "{told}");
}
