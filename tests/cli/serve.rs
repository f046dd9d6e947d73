//! `serve` and `migrate`: what they print, what they refuse, how they stop.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;

use super::{PROGRAM, Ran, Server, calls, program, read_until};

fn alone(args: &[&str]) -> Ran {
    let folder = TempDir::new().unwrap();
    let mut command = program(folder.path());
    command.args(args);
    Ran::of(command)
}

#[test]
fn help_teaches_with_examples_and_exit_codes() {
    let help = alone(&["--help"]).ok();
    for part in ["Examples:", "Exit codes:", "CLIENTELE_DATABASE_URL"] {
        assert!(help.contains(part), "{help}");
    }
    for command in ["serve", "migrate", "get", "list", "import"] {
        let help = alone(&[command, "--help"]).ok();
        assert!(
            help.contains("Example") && help.contains(&format!("clientele {command}")),
            "{help}"
        );
    }
}

#[test]
fn serve_says_what_it_serves_where() {
    let server = Server::start();
    for part in [
        "store  sqlite://clientele.db (new, schema ",
        "gRPC   http://127.0.0.1:",
        "CustomerService",
        "reflection",
    ] {
        assert!(server.greeting.contains(part), "{}", server.greeting);
    }
    assert_eq!(server.run(&["list", "customers", "--json"]).ok(), "");
}

/// What may be wrong with the sample of issuers: a text, what is there instead, and what is said then.
const BAD_ISSUERS: [(&str, &str, &str); 8] = [
    ("[[issuers]]", "[[issuer]]", "unknown field"),
    (
        "https://login.example.com/.",
        "http://login.example.com/.",
        "jwks_url: expected https://",
    ),
    (
        "# ca_file",
        "ca_file",
        "ca_file: login-ca.pem has no certificates",
    ),
    (
        "tenant_claim =",
        "tenant = \"acme\"\ntenant_claim =",
        "tenant, tenant_claim: name the tenant",
    ),
    (
        "\"default\"]",
        "\"Default\"]",
        "tenants: one is not the name of a tenant",
    ),
    (
        "name = \"login\"",
        "name = \"Log in\"",
        "name: expected a short name",
    ),
    (
        "audience = \"clientele\"",
        "audience = \"\"",
        "issuer, audience: say",
    ),
    ("audience = \"clientele\"", "", "missing field `audience`"),
];

#[test]
fn issuers_are_read_before_anything_is_served() {
    let path = super::example("issuers.toml");
    let sample = path.to_str().unwrap();
    let server = Server::start_in(
        TempDir::new().unwrap(),
        &["--auth", "keys", "--issuers-file", sample],
    );
    assert!(server.greeting.contains("auth   "), "{}", server.greeting);
    let sample = fs::read_to_string(&path).unwrap();
    for (from, to, told) in BAD_ISSUERS {
        assert!(sample.contains(from), "{from}");
        server.write("issuers.toml", sample.replacen(from, to, 1));
        let other = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--database-url",
            "sqlite://other.db",
        ];
        let with = ["--auth", "keys", "--issuers-file", "issuers.toml"];
        let ran = server.run(&[&other[..], &with].concat());
        assert!(
            ran.code == 64 && ran.err.contains(told),
            "{told}: {} {}",
            ran.code,
            ran.err
        );
        assert!(!ran.out.contains("gRPC"), "{}", ran.out);
    }
}

#[test]
fn a_second_serve_on_one_file_says_who_holds_it() {
    let server = Server::start();
    let why = server.run(&["serve", "--listen", "127.0.0.1:0"]).fails();
    assert!(
        why.contains(&format!("is held by process {}", server.child.id())),
        "{why}"
    );
}

#[test]
fn a_taken_port_is_one_clear_line() {
    let server = Server::start();
    let address = server.address.strip_prefix("http://").unwrap();
    let why = server
        .run(&[
            "serve",
            "--listen",
            address,
            "--database-url",
            "sqlite://other.db",
        ])
        .fails();
    assert!(
        why.starts_with(&format!("error: cannot listen on {address}")),
        "{why}"
    );
}

#[test]
fn a_store_that_cannot_be_opened_is_one_clear_line() {
    let why = alone(&[
        "serve",
        "--database-url",
        "sqlite:///no/such/folder/clientele.db",
    ])
    .fails();
    assert!(
        why.contains("cannot open /no/such/folder/clientele.db"),
        "{why}"
    );
    assert!(why.contains("there is no folder /no/such/folder"), "{why}");
    let why = alone(&["serve", "--database-url", "sqlite://."]).fails();
    assert!(why.contains("it is a folder"), "{why}");
    let why = alone(&["serve", "--database-url", "sqlite://clientele.db?mode=ro"]).wrong_setting();
    assert!(why.contains("takes no parameters"), "{why}");
    let why = alone(&["serve", "--database-url", "mysql://localhost/clientele"]).wrong_setting();
    assert!(
        why.contains("expected sqlite://FILE or postgres://"),
        "{why}"
    );
}

#[test]
fn a_file_of_another_program_is_left_as_it_is() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("other.db");
    let serve = || {
        let mut command = program(folder.path());
        command.args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--database-url",
            "sqlite://other.db",
        ]);
        Ran::of(command).fails()
    };
    fs::write(&file, "not a database at all").unwrap();
    assert_eq!(
        serve(),
        "error: cannot open other.db: it is not an SQLite database, or its first page is damaged; name another file, or restore a backup\n"
    );
    fs::remove_file(&file).unwrap();
    calls(async {
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true);
        let mut other = options.connect().await.unwrap();
        sqlx::query("create table customers (id)")
            .execute(&mut other)
            .await
            .unwrap();
        other.close().await.unwrap();
    });
    let before = fs::read(&file).unwrap();
    let why = serve();
    assert!(
        why.starts_with("error: cannot use other.db: it holds the tables of another program"),
        "{why}"
    );
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn a_new_file_is_its_owners_alone() {
    let server = Server::start();
    for file in ["clientele.db", "clientele.db-wal"] {
        let mode = fs::metadata(server.folder.path().join(file))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[test]
fn a_log_in_a_file_has_no_colours() {
    let folder = TempDir::new().unwrap();
    let server = Server::start_in(folder, &["--log", "info"]);
    server.run(&["list", "customers"]).ok();
    let log = fs::read_to_string(server.folder.path().join("log")).unwrap();
    assert!(
        log.contains("ListCustomers") && !log.contains('\u{1b}'),
        "{log}"
    );
}

#[test]
fn a_password_is_not_printed() {
    let why = alone(&[
        "serve",
        "--database-url",
        "postgresq://clientele:hunter2@127.0.0.1:1/clientele",
    ])
    .wrong_setting();
    assert!(
        why.contains("expected sqlite://FILE or postgres://") && !why.contains("hunter2"),
        "{why}"
    );
    let url = "postgres://clientele:hunter2@127.0.0.1:1/clientele";
    for command in ["serve", "migrate"] {
        let ran = alone(&[command, "--database-url", url]);
        assert_eq!(ran.code, 1);
        assert!(
            !ran.err.contains("hunter2") && !ran.out.contains("hunter2"),
            "{}{}",
            ran.out,
            ran.err
        );
    }
    let folder = TempDir::new().unwrap();
    let mut command = program(folder.path());
    command
        .args(["serve", "--help"])
        .env("CLIENTELE_DATABASE_URL", url);
    assert!(!Ran::of(command).ok().contains("hunter2"));
}

#[test]
fn a_wrong_log_filter_is_a_wrong_setting() {
    let why = alone(&["serve", "--log", "clientele=loud="]).wrong_setting();
    assert!(
        why.starts_with("error: --log: expected a level (error, warn,") && why.lines().count() == 1,
        "{why}"
    );
}

#[test]
fn migrate_says_the_schema_and_can_be_repeated() {
    let folder = TempDir::new().unwrap();
    for _ in 0..2 {
        let mut command = program(folder.path());
        command.args(["migrate", "--database-url", "sqlite://x.db"]);
        assert!(
            Ran::of(command)
                .ok()
                .starts_with("sqlite://x.db has schema "),
            "{PROGRAM}"
        );
    }
}

#[test]
fn a_signal_drains_and_ends_with_success() {
    for signal in ["TERM", "INT"] {
        let mut server = Server::start();
        server.signal(signal);
        read_until(&mut server.lines, "stopping");
        assert_eq!(
            server.run(&["list", "customers", "--json"]).ok(),
            "",
            "calls still pass while balancers are told"
        );
        assert_eq!(read_until(&mut server.lines, "stopped"), "stopped\n");
        assert!(server.child.wait().unwrap().success());
    }
}

#[test]
fn a_second_signal_stops_at_once() {
    let mut server = Server::start();
    server.signal("TERM");
    read_until(&mut server.lines, "stopping");
    server.signal("TERM");
    assert_eq!(server.child.wait().unwrap().code(), Some(1));
}

#[test]
fn what_was_stored_is_there_after_a_restart() {
    let server = Server::start();
    let mapping = "[customer]\nexternal_ids = [{ system = \"x\", column = \"id\" }]\ndisplay_name = \"name\"\n";
    server.import(mapping, "id,name\n1,Ada\n").ok();
    let server = Server::start_in(server.into_folder(), &[]);
    assert_eq!(server.by_id("customers", "x", "1")["display_name"], "Ada");
}
