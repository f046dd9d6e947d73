//! `get` and `list`: tables for people, JSON for programs, and what they refuse.

use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::Value;
use tempfile::TempDir;

use super::{Ran, Server, program};

#[test]
fn get_shows_the_fields_that_are_set() {
    let server = Server::demo();
    let shown = server.run(&["get", "customers/oriel-diagnostics"]).ok();
    let value = |field: &str| {
        let line = shown
            .lines()
            .find(|line| line.split_whitespace().next() == Some(field));
        line.map(|line| line[field.len()..].trim().to_owned())
    };
    assert_eq!(value("display_name").as_deref(), Some("Oriel Diagnostics"));
    assert_eq!(value("business.employee_count").as_deref(), Some("5400"));
    assert_eq!(value("size").as_deref(), Some("ENTERPRISE"));
    assert_eq!(value("labels.tier").as_deref(), Some("gold"));
    assert_eq!(value("lifecycle").as_deref(), Some("ACTIVE"));
    assert_eq!(value("parent"), None);
}

#[test]
fn json_has_the_names_of_the_api_and_whole_numbers_without_fraction() {
    let server = Server::demo();
    let line = server
        .run(&["get", "customers/oriel-diagnostics", "--json"])
        .ok();
    assert_eq!(line.lines().count(), 1);
    assert!(
        line.contains(r#""attributes":{"audits_a_year":2,"#),
        "{line}"
    );
    let record: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(record["business"]["annual_revenue"]["units"], "1240000000");
    assert_eq!(record["external_ids"][0]["system"], "erp");
    assert_eq!(record["customer_since_time"], "2019-06-01T00:00:00Z");
}

#[test]
fn get_says_what_is_wrong_with_a_name() {
    let server = Server::demo();
    let why = server.run(&["get", "customers/nobody"]).fails();
    assert!(
        why.contains("customers/nobody does not exist (RESOURCE_NOT_FOUND)"),
        "{why}"
    );
    let why = server.run(&["get", "oriel-diagnostics"]).misused();
    assert!(
        why.contains("a name is one of customers/ID, contacts/ID, affiliations/ID"),
        "{why}"
    );
}

#[test]
fn a_plan_whose_time_has_passed_is_shown_as_not_confirmed() {
    let server = Server::demo();
    let rows = |state: &str| {
        let table = server
            .run(&["list", "conversations", "--filter", state])
            .ok();
        table
            .lines()
            .filter(|line| line.contains("planned, not confirmed"))
            .count()
    };
    assert_eq!(
        (
            rows("state = PLANNED AND start_time < now()"),
            rows("start_time > now()")
        ),
        (1, 0)
    );
}

#[test]
fn lists_have_a_row_for_each_record() {
    let server = Server::demo();
    for (collection, columns, rows) in [
        ("customers", "NAME", 13),
        ("contacts", "E-MAIL", 20),
        ("affiliations", "JOB TITLE", 22),
    ] {
        let table = server.run(&["list", collection]).ok();
        assert!(table.lines().next().unwrap().contains(columns), "{table}");
        assert_eq!(table.lines().count(), rows + 1, "{table}");
        assert_eq!(
            server
                .run(&["list", collection, "--json"])
                .ok()
                .lines()
                .count(),
            rows
        );
    }
}

#[test]
fn affiliations_show_people_and_firms_by_their_names() {
    let server = Server::demo();
    let filter = "contact = \"contacts/mara-lindqvist\"";
    let table = server
        .run(&["list", "affiliations", "--filter", filter])
        .ok();
    assert_eq!(
        table
            .lines()
            .filter(|line| line.contains("Mara Lindqvist"))
            .count(),
        2,
        "{table}"
    );
    for part in [
        "Nordlicht Optik",
        "Head of Purchasing",
        "decision maker (confirmed)",
        "2018-04-01",
    ] {
        assert!(table.contains(part), "{table}");
    }
}

#[test]
fn filters_and_orders_are_those_of_the_api() {
    let server = Server::demo();
    let names = |args: &[&str]| {
        let lines = server
            .run(&[&["list", "customers", "--json"], args].concat())
            .ok();
        let name = |line| {
            serde_json::from_str::<Value>(line).unwrap()["name"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        lines.lines().map(name).collect::<Vec<String>>()
    };
    assert_eq!(
        names(&["--filter", "kind = INDIVIDUAL"]),
        ["customers/amara-okonkwo", "customers/teodor-balan"]
    );
    let descending = names(&["--order-by", "name desc"]);
    assert_eq!(
        descending.first().map(String::as_str),
        Some("customers/teodor-balan")
    );
    let why = server
        .run(&["list", "customers", "--filter", "lifecylce = ACTIVE"])
        .fails();
    assert!(
        why.contains("Customer has no such field") && why.contains("FILTER_INVALID"),
        "{why}"
    );
}

#[test]
fn a_list_stops_at_its_limit_and_says_so() {
    let server = Server::demo();
    let ran = server.run(&[
        "list",
        "customers",
        "--limit",
        "5",
        "--page-size",
        "2",
        "--json",
    ]);
    assert_eq!((ran.code, ran.out.lines().count()), (0, 5));
    assert!(ran.err.starts_with("there are more"), "{}", ran.err);
    let all = server
        .run(&["list", "customers", "--all", "--page-size", "2", "--json"])
        .ok();
    assert_eq!(all.lines().count(), 13);
    server
        .run(&["list", "customers", "--all", "--limit", "5"])
        .misused();
    server
        .run(&["list", "customers", "--page-size", "0"])
        .misused();
    let why = server.run(&["list", "invoices"]).misused();
    assert!(why.contains("customers, contacts, affiliations"), "{why}");
}

#[test]
fn a_table_is_sorted_as_people_look_for_names() {
    let server = Server::start();
    let mapping = "[customer]\nexternal_ids = [{ system = \"x\", column = \"id\" }]\ndisplay_name = \"name\"\n";
    let names = [
        "ZZ Top",
        "Beta",
        "alpha",
        "\u{c4}rzte",
        "Zeta",
        "beta & co",
        "1A",
    ];
    let rows = names.iter().enumerate();
    let rows: String = rows.map(|(i, name)| format!("{i},{name}\n")).collect();
    server.import(mapping, format!("id,name\n{rows}")).ok();
    let shown = server.run(&["list", "customers"]).ok();
    let place = |name: &str| shown.find(&format!(" {name} ")).unwrap_or(usize::MAX);
    let sorted = [
        "1A",
        "alpha",
        "\u{c4}rzte",
        "Beta",
        "beta & co",
        "Zeta",
        "ZZ Top",
    ];
    assert!(sorted.is_sorted_by_key(|name| place(name)), "{shown}");
    let turned = server
        .run(&["list", "customers", "--order-by", "display_name desc"])
        .ok();
    assert!(turned.find("Zeta") < turned.find("alpha"), "{turned}");
}

#[test]
fn what_a_record_holds_cannot_steer_the_terminal() {
    let server = Server::start();
    let mapping = "[customer]\nexternal_ids = [{ system = \"x\", column = \"id\" }]\ndisplay_name = \"name\"\n";
    server.import(mapping, "id,name\n1,a\n").ok();
    server.change_store("update customers set display_name = 'a\u{1b}[31mred\u{7}\t\u{202e}line'");
    let name = server.by_id("customers", "x", "1")["name"]
        .as_str()
        .unwrap()
        .to_owned();
    for shown in [
        server.run(&["list", "customers"]).ok(),
        server.run(&["get", &name]).ok(),
    ] {
        assert!(
            shown.contains("a [31mred   line") && !shown.contains(['\u{1b}', '\u{7}', '\u{202e}']),
            "{shown:?}"
        );
    }
}

#[test]
fn an_answer_that_never_came_is_one_clear_line() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || read_and_go(&listener));
    let folder = TempDir::new().unwrap();
    let mut command = program(folder.path());
    command.args(["list", "customers", "--address", &address]);
    let ran = Ran::of(command);
    server.join().unwrap();
    let why = ran.fails();
    assert!(
        why.starts_with("error: the connection to the server broke, and the answer is incomplete"),
        "{why}"
    );
    assert_eq!(why.lines().count(), 1);
}

/// Speaks HTTP/2 until a question was read, and goes away.
fn read_and_go(listener: &TcpListener) {
    let (mut stream, _) = listener.accept().unwrap();
    // Settings, none.
    stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).unwrap();
    stream.read_exact(&mut [0; 24]).unwrap();
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).unwrap();
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        stream.read_exact(&mut vec![0; length as usize]).unwrap();
        if head[3] == 0 {
            return;
        }
    }
}

#[test]
fn no_server_is_one_clear_line() {
    let folder = TempDir::new().unwrap();
    for args in [&["list", "customers"][..], &["get", "customers/x"]] {
        let mut command = program(folder.path());
        command.args(args).args(["--address", "http://127.0.0.1:1"]);
        let why = Ran::of(command).fails();
        assert!(
            why.contains(
                "no server answers at http://127.0.0.1:1: start one with `clientele serve`"
            ),
            "{why}"
        );
    }
    let mut command = program(folder.path());
    command.args(["list", "customers", "--address", "ftp://127.0.0.1:1"]);
    assert!(
        Ran::of(command)
            .misused()
            .contains("expected http://HOST:PORT or https://HOST:PORT")
    );
}

#[test]
fn a_filter_may_begin_with_a_hyphen_and_a_limit_with_one() {
    let server = Server::start_in(TempDir::new().unwrap(), &["--demo"]);
    let n_lines = |filter: &str| {
        server
            .run(&["list", "customers", "--filter", filter, "--json"])
            .ok()
            .lines()
            .count()
    };
    assert_eq!(
        n_lines("-kind = BUSINESS") + n_lines("kind = BUSINESS"),
        server.all("customers").len()
    );
    assert!(n_lines("-kind = BUSINESS") > 0);
    let why = server.run(&["list", "customers", "--limit", "0"]).misused();
    assert!(
        why.contains("expected a positive number; --all shows all"),
        "{why}"
    );
}
