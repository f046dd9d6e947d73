//! JSON as the input: which list is read, what its columns are called, what is wrong with it.

use serde_json::{Value, json};

use super::{Ran, Server};

const MAPPING: &str = r#"
records = "data.people"
[contact]
external_ids = [{ system = "x", column = "id" }]
display_name = { template = "{name.first} {name.last}" }
tags = { column = "tags", split = "\n", optional = true }
"emails[0].address" = { column = "mails[0].address", optional = true }
"emails[1].address" = { column = "mails[1].address", optional = true }
attributes.vip = { column = "vip", as = "boolean", optional = true }
attributes.height = { column = "height", as = "number", optional = true }
"#;

fn import(server: &Server, mapping: &str, json: &str) -> Ran {
    server.write("map.toml", mapping);
    server.write("file.json", json);
    server.run(&["import", "file.json", "--mapping", "map.toml"])
}

#[test]
fn a_list_in_json_is_read_like_rows() {
    let server = Server::start();
    let file = json!({ "data": { "people": [
        { "id": 1, "name": { "first": "Ada", "last": "Byron" }, "tags": ["a", "b c"], "vip": true, "height": 1.7 },
        { "id": "2", "name": { "first": "Bo", "last": null }, "mails": [{ "address": "bo@x.example" }, { "address": "b@x.example" }] },
        { "id": null, "name": { "first": "" } },
    ] } });
    let first = import(&server, MAPPING, &format!("\u{feff}{file}"));
    assert_eq!((first.code, first.err.as_str()), (0, ""), "{}", first.out);
    assert!(first.out.contains("3 rows read, 1 blank, 0 failed"), "{}", first.out);
    let ada = server.by_id("contacts", "x", "1");
    assert_eq!((&ada["display_name"], &ada["tags"]), (&json!("Ada Byron"), &json!(["a", "b c"])));
    assert_eq!(ada["attributes"], json!({ "vip": true, "height": 1.7 }));
    let bo = server.by_id("contacts", "x", "2");
    assert_eq!((&bo["display_name"], bo["emails"].as_array().unwrap().len()), (&json!("Bo"), 2));
    let second = import(&server, MAPPING, &file.to_string());
    assert!(second.out.contains("nothing changed"), "{}", second.out);
}

#[test]
fn numbers_in_json_keep_their_digits() {
    let server = Server::start();
    let mapping = "[customer]\nexternal_ids = [{ system = \"x\", column = \"id\" }]\ndisplay_name = \"name\"\n";
    let file = r#"[{"id":12345678901234567890123,"name":"First"},{"id":12345678901234567890124,"name":"Second"},{"id":1e22,"name":"Third"},{"id":4.5e+5,"name":"Fourth"}]"#;
    let ran = import(&server, mapping, file);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("record 4: customer: column `id` is a number that a spreadsheet cut short"),
        "{}",
        ran.err
    );
    for (id, name) in [("12345678901234567890123", "First"), ("12345678901234567890124", "Second"), ("1e22", "Third")] {
        assert_eq!(server.by_id("customers", "x", id)["display_name"], name);
    }
}

#[test]
fn an_object_a_line_is_read() {
    let server = Server::start();
    let mapping = "[contact]\nexternal_ids = [{ system = \"x\", column = \"id\" }]\ndisplay_name = \"name\"\n";
    server.write("map.toml", mapping);
    for (file, lines) in [
        ("one.jsonl", "{\"id\":\"1\",\"name\":\"Pat Roe\"}"),
        ("one.csv", "{\"id\":\"2\",\"name\":\"Bo Roe\"}\n"),
        ("two.ndjson", "{\"id\":\"3\",\"name\":\"Di Roe\"}\n\n{\"id\":\"4\",\"name\":\"Ed Roe\"}\n"),
        ("two.json", "{\"id\":\"5\",\"name\":\"Flo Roe\"}\n{\"id\":\"6\",\"name\":\"Gus Roe\"}"),
    ] {
        server.write(file, lines);
        server.run(&["import", file, "--mapping", "map.toml"]).ok();
    }
    let people = server.run(&["list", "contacts", "--json"]).ok();
    assert_eq!(people.lines().count(), 6);
    // What `list --json` writes is such a file.
    let again = "[contact]\nexternal_ids = [{ system = \"y\", column = \"name\" }]\ndisplay_name = \"display_name\"\n";
    server.write("map.toml", again);
    server.write("people.jsonl", &people);
    server.run(&["import", "people.jsonl", "--mapping", "map.toml"]).ok();
    assert_eq!(server.run(&["list", "contacts", "--json"]).ok().lines().count(), 12);
    server.write("bad.jsonl", "{\"id\":\"1\",\"name\":\"Pat Roe\"}\n{\"id\":secret}\n");
    let why = server.run(&["import", "bad.jsonl", "--mapping", "map.toml"]).fails();
    assert!(why.contains("is not JSON: line 2, column 7") && !why.contains("secret") && !why.contains("Pat"), "{why}");
}

#[test]
fn an_error_about_json_tells_nothing_of_it_but_where_lists_are() {
    let server = Server::start();
    let top = MAPPING.replace("records = \"data.people\"\n", "");
    for (json, said) in [
        (
            "{\"secret@x.example\": {\"id\": 1}, \"data\": {\"people\": []}}",
            "with `records` at the top of the mapping: `data.people`",
        ),
        ("{\"secret\": {\"id\": 1}}", "its first row has to name the columns"),
        (
            "[{\"id\": 1, \"id\": 2, \"name\": {\"first\": \"A\", \"last\": \"secret\"}}]",
            "record 1: column `id` stands there twice",
        ),
        ("[5]", "its first row has to name the columns"),
    ] {
        let ran = import(&server, &top, json);
        assert!(ran.code == 1 && ran.err.contains(said) && !ran.err.contains("secret"), "{json}: {}", ran.err);
    }
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(import(&server, &top, &deep).fails().contains("more than 32 deep"));
}

#[test]
fn a_bad_record_is_reported_by_its_number_and_without_its_content() {
    let server = Server::start();
    let file = json!({ "data": { "people": [
        { "id": 1, "name": { "first": "Ada", "last": "" }, "mails": [{ "address": "secret" }] },
        "secret",
        { "id": 3, "name": { "first": "C\u{0}secret", "last": "" } },
        { "id": 4, "name": { "first": "Di", "last": "" }, "vip": "secret" },
        { "name": { "first": "Ed", "last": "" } },
    ] } });
    let ran = import(&server, MAPPING, &file.to_string());
    assert_eq!(ran.code, 1);
    for part in [
        "record 1: contact: column `mails[0].address` is not an e-mail address",
        "record 2: is no object",
        "record 3: column `name.first` holds a NUL character",
        "record 4: contact: column `vip` is none of true, false",
        "record 5: contact: column `id` is blank",
    ] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    assert!(!ran.err.contains("secret"), "{}", ran.err);
    server.write("file.json", file.to_string());
    let report = server.run(&["import", "file.json", "--mapping", "map.toml", "--json"]);
    let report: Value = serde_json::from_str(&report.out).unwrap();
    assert_eq!((&report["failed_rows"], &report["faults"][1]["record"]), (&json!(5), &json!(2)), "{report}");
}

#[test]
fn what_is_no_list_of_records_is_refused() {
    let server = Server::start();
    let top = MAPPING.replace("records = \"data.people\"\n", "");
    for (mapping, json, said) in [
        (
            MAPPING,
            "{\"data\": {\"firms\": [], \"notes\": []}}",
            "has no `people`, which `records` names; it has `firms`, `notes`",
        ),
        (MAPPING, "[]", "`data`, of `records`, is not in it"),
        (MAPPING, "{\"data\": {\"people\": 5}}", "is no list of records"),
        (
            MAPPING,
            "{\"data\": {\"people\": [{\"id\": 1}]}}",
            "the file has no column `name.first`, `name.last`; it has `id`",
        ),
        (&top, "{\"people\": []}", "say which one to read, with `records` at the top of the mapping: `people`"),
        (&top, "[{\"id\": secret}]", "is not JSON: line 1, column 9"),
        (&top, "", "is not JSON"),
    ] {
        let why = import(&server, mapping, json).fails();
        assert!(why.starts_with("error: file.json: ") && why.contains(said), "{json}: {why}");
        assert!(!why.contains("secret"), "{why}");
    }
    let list = "[{\"id\": 7, \"name\": {\"first\": \"A\", \"last\": \"B\"}}]";
    import(&server, &top, list).ok();
    assert_eq!(server.by_id("contacts", "x", "7")["display_name"], "A B");
}
