//! JSON as the input: which list is read, what its columns are called, what is wrong with it.

use serde_json::{Value, json};

use super::counts;
use crate::cli::{Ran, Server};

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
    assert!(
        first.out.contains("3 rows read, 1 blank, 0 failed"),
        "{}",
        first.out
    );
    let ada = server.by_id("contacts", "x", "1");
    assert_eq!(
        (&ada["display_name"], &ada["tags"]),
        (&json!("Ada Byron"), &json!(["a", "b c"]))
    );
    assert_eq!(ada["attributes"], json!({ "vip": true, "height": 1.7 }));
    let bo = server.by_id("contacts", "x", "2");
    assert_eq!(
        (&bo["display_name"], bo["emails"].as_array().unwrap().len()),
        (&json!("Bo"), 2)
    );
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
    for n in ["3", "4"] {
        let said =
            format!("record {n}: customer: column `id` is a number with an exponent, not an id");
        assert!(ran.err.contains(&said), "{}", ran.err);
    }
    for (id, name) in [
        ("12345678901234567890123", "First"),
        ("12345678901234567890124", "Second"),
    ] {
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
        (
            "two.ndjson",
            "{\"id\":\"3\",\"name\":\"Di Roe\"}\n\n{\"id\":\"4\",\"name\":\"Ed Roe\"}\n",
        ),
        (
            "two.json",
            "{\"id\":\"5\",\"name\":\"Flo Roe\"}\n{\"id\":\"6\",\"name\":\"Gus Roe\"}",
        ),
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
    server
        .run(&["import", "people.jsonl", "--mapping", "map.toml"])
        .ok();
    assert_eq!(
        server
            .run(&["list", "contacts", "--json"])
            .ok()
            .lines()
            .count(),
        12
    );
    server.write(
        "bad.jsonl",
        "{\"id\":\"1\",\"name\":\"Pat Roe\"}\n{\"id\":secret}\n",
    );
    let why = server
        .run(&["import", "bad.jsonl", "--mapping", "map.toml"])
        .fails();
    assert!(
        why.contains("is not JSON: line 2, column 7")
            && !why.contains("secret")
            && !why.contains("Pat"),
        "{why}"
    );
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
        (
            "{\"secret\": {\"id\": 1}}",
            "no record has them, and `records` of the mapping says which list is read",
        ),
        (
            "[{\"id\": 1, \"a@secret.example\": 2, \"pat secret\": {\"x\": 3}, \"e-mails\": [4]}]",
            "it has `id`, `…`, `e-mails`, `e-mails[0]`",
        ),
        (
            "{\"Pat secret\": {\"notes\": [{\"id\": 1}]}, \"data\": {\"people\": [{\"id\": 1}]}}",
            "of the mapping: `…`, `data.people`; or write [ before it and ] behind it",
        ),
        (
            "[{\"a@secret.example\": 1, \"a@secret.example\": 2, \"id\": 1, \"name\": {\"first\": \"\", \"last\": \"\"}}]",
            "record 1: column `…` appears twice",
        ),
        (
            "[{\"id\": 1, \"id\": 2, \"name\": {\"first\": \"A\", \"last\": \"secret\"}}]",
            "record 1: column `id` appears twice",
        ),
        ("[5]", "record 1: is not an object"),
    ] {
        let ran = import(&server, &top, json);
        assert!(
            ran.code == 1 && ran.err.contains(said) && !ran.err.contains("secret"),
            "{json}: {}",
            ran.err
        );
    }
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let ran = import(&server, &top, &deep);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (
            1,
            "record 1: nests lists and objects more than 32 levels deep\n"
        )
    );
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
        "record 2: is not an object",
        "record 3: column `name.first` holds a NUL character",
        "record 4: contact: column `vip` is not one of true, false",
        "record 5: contact: column `id` is blank",
    ] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    assert!(!ran.err.contains("secret"), "{}", ran.err);
    server.write("file.json", file.to_string());
    let report = server.run(&["import", "file.json", "--mapping", "map.toml", "--json"]);
    let report: Value = serde_json::from_str(&report.out).unwrap();
    assert_eq!(
        (&report["failed_rows"], &report["faults"][1]["record"]),
        (&json!(5), &json!(2)),
        "{report}"
    );
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
        (
            MAPPING,
            "{\"data\": {\"people\": 5}}",
            "is not a list of records",
        ),
        (
            MAPPING,
            "{\"data\": {\"people\": [{\"id\": 1}]}}",
            "the file has no column `name.first`, `name.last`; it has `id`",
        ),
        (
            &top,
            "{\"people\": []}",
            "name the one to read with `records` at the top of the mapping: `people`",
        ),
        (&top, "[{\"id\": secret}]", "is not JSON: line 1, column 9"),
        (&top, "", "is not JSON"),
    ] {
        let why = import(&server, mapping, json).fails();
        assert!(
            why.starts_with("error: file.json: ") && why.contains(said),
            "{json}: {why}"
        );
        assert!(!why.contains("secret"), "{why}");
    }
    let list = "[{\"id\": 7, \"name\": {\"first\": \"A\", \"last\": \"B\"}}]";
    import(&server, &top, list).ok();
    assert_eq!(server.by_id("contacts", "x", "7")["display_name"], "A B");
}

/// Firms whose numbers are written with a comma.
const NUMBERS: &str = r#"
decimal_mark = ","
default_currency = "EUR"
[customer]
external_ids = [{ system = "x", column = "id" }]
display_name = "id"
tags = { column = "tags", split = "\n", optional = true }
annual_spend = { column = "spend", optional = true }
business.annual_revenue = { template = "{n} EUR", optional = true }
business.employee_count = { column = "people", optional = true }
attributes.n = { column = "n", as = "number", optional = true }
attributes.constant = { value = 1.234, as = "number" }
"#;

#[test]
fn numbers_of_json_have_a_point_and_texts_what_the_mapping_says() {
    let server = Server::start();
    let file = r#"[{"id": "a", "n": 1.234, "spend": 1.234, "people": 5.0}, {"id": "b", "n": "1.234", "spend": "1.234", "people": "1.234"}]"#;
    import(&server, NUMBERS, file).ok();
    let [a, b] = ["a", "b"].map(|id| server.by_id("customers", "x", id));
    assert_eq!(
        (&a["attributes"]["n"], &b["attributes"]["n"]),
        (&json!(1.234), &json!(1234))
    );
    assert_eq!(a["attributes"]["constant"], 1.234);
    assert_eq!(
        a["annual_spend"],
        json!({ "currency_code": "EUR", "units": "1", "nanos": 234_000_000 })
    );
    assert_eq!(
        b["annual_spend"],
        json!({ "currency_code": "EUR", "units": "1234" })
    );
    let (a, b) = (&a["business"], &b["business"]);
    assert_eq!(
        a["annual_revenue"],
        json!({ "currency_code": "EUR", "units": "1", "nanos": 234_000_000 })
    );
    assert_eq!(
        b["annual_revenue"],
        json!({ "currency_code": "EUR", "units": "1234" })
    );
    assert_eq!(
        (&a["employee_count"], &b["employee_count"]),
        (&json!(5), &json!(1234))
    );
}

#[test]
fn a_truth_value_is_no_id() {
    let server = Server::start();
    let file = r#"[{"id": true}, {"id": false}, {"id": "true"}]"#;
    let ran = import(&server, NUMBERS, file);
    assert_eq!((ran.code, counts(&ran, "customers")), (1, [1, 0, 0, 2]));
    for n in [1, 2] {
        assert!(ran.err.contains(&format!(
            "record {n}: customer: column `id` is true or false, not an id\n"
        )));
    }
}

#[test]
fn what_a_column_cannot_show_is_a_fault_where_it_is_named() {
    let server = Server::start();
    let file = r#"[
        {"id": "a", "tags": ["x", "y"], "other": [["secret"]]},
        {"id": "b", "tags": [{"secret": 1}]},
        {"id": "c", "tags": ["x", ["secret"]]},
        {"id": "d", "tags": ["secret\nx", "y"]},
        {"id": "e", "tags": {"secret": 1}},
        {"id": "f", "tags": {}},
        {"id": "g", "tags": [{"n": 1}], "tags": [{"m": 1}]}
    ]"#;
    let ran = import(&server, NUMBERS, file);
    assert_eq!(
        (ran.code, counts(&ran, "customers")),
        (1, [2, 0, 0, 4]),
        "{}{}",
        ran.out,
        ran.err
    );
    for part in [
        "record 2: customer: column `tags` is a list with lists or objects in it",
        "record 3: customer: column `tags` is a list with lists or objects in it",
        "record 4: customer: column `tags` is a list, and one of its values holds a line break",
        "record 5: customer: column `tags` is an object: name one of its fields",
        "record 7: column `tags` appears twice",
    ] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    assert!(!ran.err.contains("secret"), "{}", ran.err);
}

#[test]
fn a_list_that_is_there_twice_is_refused() {
    let server = Server::start();
    let record = "[{\"id\": 1, \"name\": {\"first\": \"A\", \"last\": \"B\"}}]";
    for json in [
        format!("{{\"data\": {{\"people\": {record}, \"people\": {record}}}}}"),
        format!("{{\"data\": {{\"people\": {record}}}, \"data\": {{}}}}"),
    ] {
        let why = import(&server, MAPPING, &json).fails();
        assert!(why.contains(", which `records` names, twice"), "{why}");
    }
}

#[test]
fn a_bad_value_is_a_fault_of_its_record_alone() {
    let server = Server::start();
    let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
    let file = format!(
        r#"[{{"id": "a"}}, {{"id": "b", "x": [{{"y": "\ud800"}}]}}, {{"id": "c", "x": {deep}}}, {{"id": "d", "\udfff": 1}}, {{"id": "e"}}]"#
    );
    let ran = import(&server, NUMBERS, &file);
    assert_eq!(
        (ran.code, counts(&ran, "customers")),
        (1, [2, 0, 0, 0]),
        "{}{}",
        ran.out,
        ran.err
    );
    for line in [
        "record 2: column `x[0].y` has an invalid escape in a text",
        "record 3: nests lists and objects more than 32 levels deep",
        "record 4: has an invalid escape in a text",
    ] {
        assert!(
            ran.err.lines().any(|said| said == line),
            "{line}: {}",
            ran.err
        );
    }
}

#[test]
fn no_record_is_nothing_to_import_and_one_is_one() {
    let server = Server::start();
    server.write("map.toml", NUMBERS);
    for (file, json, rows) in [
        ("none.json", "[]", 0),
        ("none.jsonl", "", 0),
        ("blank.ndjson", "\n\n", 0),
        ("one.json", "{\"id\": \"a\", \"tags\": []}", 1),
        (
            "one.jsonl",
            "{\"id\": \"b\", \"tags\": [{\"x\": null}], \"people\": 1}",
            1,
        ),
        ("list.json", "[{\"id\": \"c\"}]", 1),
    ] {
        server.write(file, json);
        let ran = server.run(&["import", file, "--mapping", "map.toml"]);
        let read = if rows == 1 {
            "1 row read"
        } else {
            "0 rows read, 0 failed; there is nothing to import\n"
        };
        assert!(ran.out.contains(read), "{file}: {}{}", ran.out, ran.err);
        assert_eq!(
            ran.code,
            i32::from(file == "one.jsonl"),
            "{file}: {}",
            ran.err
        );
    }
    let ran = import(&server, MAPPING, "{\"data\": {\"people\": []}}");
    assert!(
        ran.code == 0
            && ran
                .out
                .contains("0 rows read, 0 failed; there is nothing to import\n"),
        "{}",
        ran.err
    );
    server.write("map.toml", MAPPING);
    let why = server.run(&["import", "two.jsonl", "--mapping", "map.toml"]);
    assert!(why.err.contains("cannot read two.jsonl"), "{}", why.err);
    server.write("two.jsonl", "{\"id\": 1}\n{\"id\": 2}\n");
    let why = server
        .run(&["import", "two.jsonl", "--mapping", "map.toml"])
        .fails();
    assert!(
        why.contains("has one object per line: remove `records` from the mapping"),
        "{why}"
    );
}
