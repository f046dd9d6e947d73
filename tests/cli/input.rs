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
