//! An import whose server is not there, goes away, or is left behind.

use super::*;

#[test]
fn without_a_server_nothing_is_imported() {
    let server = Server::start();
    server.write("map.toml", FIRMS);
    server.write("file.csv", "id,name,people\n1,A,5\n");
    let mut command = program(server.folder.path());
    command.args([
        "import",
        "file.csv",
        "--mapping",
        "map.toml",
        "--address",
        "127.0.0.1:1",
    ]);
    let why = Ran::of(command).fails();
    assert!(
        why.contains("no server answers at http://127.0.0.1:1"),
        "{why}"
    );
}

#[test]
fn a_server_that_goes_away_ends_the_import_with_the_line() {
    let ran = of_a_server_that_goes_away(&[]);
    assert_eq!(counts(&ran, "customers"), [1, 0, 0, 0]);
    assert!(
        ran.out
            .contains("2 rows read, 0 failed; it ended early, before all was imported"),
        "{}",
        ran.out
    );
    let ran = of_a_server_that_goes_away(&["--json"]);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        (&report["ended_early"], &report["failed_rows"]),
        (&json!(true), &json!(0))
    );
    assert_eq!(report["records"]["customers"]["created"], json!(1));
}

/// Imports while the server goes away after the first row.
fn of_a_server_that_goes_away(options: &[&str]) -> Ran {
    let mut server = Server::start();
    let map = server.write("map.toml", FIRMS);
    let pipe = server.folder.path().join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let mut command = program(server.folder.path());
    command
        .args(["import", "pipe", "--address", &server.address, "--mapping"])
        .arg(map)
        .args(options);
    let importing = std::thread::spawn(move || Ran::of(command));
    let mut rows = File::options().write(true).open(pipe).unwrap();
    rows.write_all(b"id,name,people\n1,A,5\n2,").unwrap();
    while server.all("customers").is_empty() {}
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    rows.write_all(b"B,5\n").unwrap();
    drop(rows);
    let ran = importing.join().unwrap();
    assert_eq!(ran.code, 1);
    let why = "error: pipe: ended early, at line 3: the server cannot be reached";
    assert!(
        ran.err.starts_with(why) && ran.err.contains("run it again, what is done stays done"),
        "{}",
        ran.err
    );
    ran
}

#[test]
fn an_interrupted_import_says_what_was_done() {
    let server = Server::start();
    let map = server.write("map.toml", FIRMS);
    let pipe = server.folder.path().join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let mut command = program(server.folder.path());
    command
        .args(["import", "pipe", "--address", &server.address, "--mapping"])
        .arg(map);
    let importing = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut rows = File::options().write(true).open(pipe).unwrap();
    rows.write_all(b"id,name,people\n1,A,5\n2,").unwrap();
    while server.all("customers").is_empty() {}
    assert!(
        Command::new("kill")
            .args(["-s", "INT", &importing.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    // It is waiting for the rest of the row; whichever row it notices at, it stops there. No pipe is left when it has.
    while rows.write_all(b"B,5\n2,").is_ok() {}
    let out = importing.wait_with_output().unwrap();
    let (table, why) = (
        String::from_utf8(out.stdout).unwrap(),
        String::from_utf8(out.stderr).unwrap(),
    );
    assert_eq!(out.status.code(), Some(1));
    assert!(
        why.contains("interrupted; run it again, what is done stays done"),
        "{why}"
    );
    assert!(
        table.contains("CREATED") && !table.contains("nothing changed"),
        "{table}"
    );
}
