//! `lookup`: who is meant by a text.

use super::{Server, json};

#[test]
fn lookup_finds_in_any_spelling() {
    let server = Server::demo();
    let table = server.run(&["lookup", "lindqist mara"]).ok();
    let first = table.lines().nth(1).unwrap();
    assert!(
        first.starts_with("contacts/mara-lindqvist") && first.contains("(1 typo)"),
        "{table}"
    );
    assert!(
        table.contains("Head of Purchasing, Nordlicht Optik") && table.contains("decision maker"),
        "{table}"
    );
    assert_eq!(server.run(&["lookup", "lindqist", "mara"]).ok(), table);
    let line = server
        .run(&["lookup", "040 555 0143", "--region", "DE", "--json"])
        .ok();
    assert_eq!(
        json(line.lines().next().unwrap())["contact"],
        "contacts/mara-lindqvist"
    );
    let n_lines = |args: &[&str]| {
        server
            .run(&[&["lookup", "nordlicht"], args].concat())
            .ok()
            .lines()
            .count()
    };
    assert!(n_lines(&[]) > 2 && n_lines(&["--limit", "1"]) == 2);
    assert_eq!(server.run(&["lookup", "qqqqqqqqqq"]).ok(), "no match\n");
    assert_eq!(server.run(&["lookup", "qqqqqqqqqq", "--json"]).ok(), "");
}
