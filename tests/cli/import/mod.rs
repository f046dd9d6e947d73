//! What an import makes of a file: cells, types, line ends, faults, the header, reports.

mod cells; // what an import refuses to guess
mod crm; // the exports of two other CRMs: counts, and a second run
mod input; // JSON as the input
mod mapping; // faults of mapping files, all found before a row is sent
mod merge; // how a row meets what is there
mod orders; // firms, employees and orders, from three files, on either engine
mod questions; // who decides at real firms
mod references; // records that name others by their external ids
mod samples; // real files: counts, and a second run that changes nothing
mod server; // servers that are not there or go away
mod values; // dates, amounts, values from several columns

use std::fs::File;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::cli::{Ran, Server, program};

/// People at firms, as an export of a small CRM might have them.
pub const PEOPLE: &str = r#"
system = "crm"
[customer]
external_ids = [{ column = "firm_id" }]
display_name = "firm"
"phone_numbers[0].text" = "phone"
"phone_numbers[0].type" = { value = "WORK" }
[contact]
external_ids = [{ column = "person_id" }]
display_name = "person"
"emails[0].address" = "email"
[affiliation]
job_title = "title"
[infer_role]
Owner = "DECISION_MAKER"
"#;
/// The columns of [`PEOPLE`].
pub const HEADER: &str = "firm_id,firm,phone,person_id,person,email,title\n";

/// Firms alone.
pub const FIRMS: &str = r#"
[customer]
external_ids = [{ system = "crm", column = "id" }]
display_name = "name"
business.employee_count = "people"
"#;

/// Puts the header of [`PEOPLE`] above rows.
pub fn rows(rows: &str) -> String {
    format!("{HEADER}{rows}")
}

/// Reads the line of the table at the end.
#[track_caller]
pub fn counts(ran: &Ran, what: &str) -> [u64; 4] {
    let line = ran.out.lines().find(|line| line.starts_with(what));
    let line = line.unwrap_or_else(|| panic!("{}{}", ran.out, ran.err));
    let numbers: Vec<u64> = line[what.len()..]
        .split_whitespace()
        .map(|number| number.parse().unwrap())
        .collect();
    numbers.try_into().unwrap()
}

#[test]
fn a_row_becomes_a_firm_a_person_and_what_links_them() {
    let server = Server::start();
    let file = rows("F1,Brandt & Co,030 1234,P1,Ada Brandt,ada@brandt.example,Owner\n");
    let first = server.import(PEOPLE, &file);
    assert_eq!((first.code, first.err.as_str()), (0, ""), "{}", first.out);
    for kind in ["customers", "contacts", "affiliations"] {
        assert_eq!(counts(&first, kind), [1, 0, 0, 0]);
    }
    assert_eq!(counts(&first, "inferred roles"), [1, 0, 0, 0]);
    let affiliation = &server.all("affiliations")[0];
    assert_eq!(
        affiliation["customer"],
        server.by_id("customers", "crm", "F1")["name"]
    );
    assert_eq!(
        affiliation["contact"],
        server.by_id("contacts", "crm", "P1")["name"]
    );
    let second = server.import(PEOPLE, &file);
    assert!(second.out.contains("nothing changed"), "{}", second.out);
    let changed = server.import(PEOPLE, file.replace("030 1234", "030 5678"));
    assert_eq!(
        (counts(&changed, "customers"), counts(&changed, "contacts")),
        ([0, 1, 0, 0], [0, 0, 1, 0])
    );
    let phones = &server.by_id("customers", "crm", "F1")["phone_numbers"];
    assert_eq!(*phones, json!([{ "text": "030 5678", "type": "WORK" }]));
}

#[test]
fn values_get_the_types_of_their_fields() {
    let mapping = r#"
[customer]
external_ids = [{ system = "x", column = "id" }]
display_name = "name"
kind = "kind"
customer_since_time = { column = "since", format = "%d.%m.%Y" }
follow_up_interval = "every"
tags = { column = "tags", split = ";" }
labels.tier = "tier"
business = { domains = { column = "web", split = " " }, founded_year = { column = "founded", pattern = "first-integer" } }
engagement.first_visit_time = "first"
attributes = { score = { column = "score", as = "number" }, vip = { column = "vip", as = "boolean" }, "a.b" = "tier" }
annual_spend = { currency_code = { value = "EUR" }, units = "spend" }
[contact]
external_ids = [{ system = "x", column = "id" }]
display_name = "name"
[affiliation]
primary = "vip"
start_date = "start"
"#;
    let file = "id,name,kind,since,every,tags,tier,web,founded,first,score,vip,spend,start\n\
        7,Ada,individual,31.01.2020,36h,a; b;a,gold,A.example b.example,about 1999?,2026-03-01T10:00:00+01:00,2.5,yes,\
        9000000000,2024-02-29 00:00:00\n";
    let server = Server::start();
    server.import(mapping, file).ok();
    let customer = server.by_id("customers", "x", "7");
    let expected = json!({
        "kind": "INDIVIDUAL",
        "customer_since_time": "2020-01-31T00:00:00Z",
        "follow_up_interval": "129600s",
        "tags": ["a", "b"],
        "labels": { "tier": "gold" },
        "business": { "domains": ["a.example", "b.example"], "founded_year": 1999 },
        "engagement": { "first_visit_time": "2026-03-01T09:00:00Z" },
        "attributes": { "a.b": "gold", "score": 2.5, "vip": true },
        "annual_spend": { "currency_code": "EUR", "units": "9000000000" },
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&customer[field], value, "{field}");
    }
    let affiliation = &server.all("affiliations")[0];
    assert_eq!(affiliation["primary"], true);
    assert_eq!(
        affiliation["start_date"],
        json!({ "year": 2024, "month": 2, "day": 29 })
    );
    let again = server.import(mapping, file);
    assert!(again.out.contains("nothing changed"), "{}", again.out);
}

#[test]
fn a_bad_row_is_reported_without_its_content_and_the_rest_goes_on() {
    let server = Server::start();
    let mut file = rows("F1,One,,P1,Ada,secret-not-an-address,\n").into_bytes();
    file.extend(b"F2,Two,,P2,Bo,bo@two.example,\n");
    file.extend(b"F3,secret\xff,,P3,Cy,,\n");
    file.extend(b"F4,secret,,P4\n");
    file.extend(b"F5,secret\0,,P5,Di,,\n");
    file.extend(b",secret,,P6,Ed,,\n");
    file.extend(b",,,,,,Owner\n");
    file.extend(b"F8,Eight,,P8,Flo,,\n");
    let ran = server.import(PEOPLE, file);
    assert_eq!(ran.code, 1);
    assert_eq!(ran.err.lines().count(), 6, "{}", ran.err);
    for part in [
        "line 2: contact: column `email` is not an e-mail address",
        "line 4: column `firm` is not valid UTF-8: save the file as UTF-8",
        "line 5: has 4 cells, the header has 7",
        "line 6: column `firm` holds a NUL character",
        "line 7: customer: column `firm_id` is blank: without a key",
        "line 8: has no key",
    ] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    assert!(!format!("{}{}", ran.out, ran.err).contains("secret"));
    assert_eq!(counts(&ran, "customers"), [3, 0, 0, 1]);
    assert_eq!(counts(&ran, "contacts"), [2, 0, 0, 1]);
    assert!(ran.out.contains("8 rows read, 6 failed"), "{}", ran.out);
}

#[test]
fn a_quotation_mark_left_open_loses_no_row_in_silence() {
    let server = Server::start();
    let ran = server.import(
        FIRMS,
        "id,name,people\n1,Firm A,\n2,\"Firm B,\n3,Firm C,\n4,Firm D,\n",
    );
    assert_eq!(ran.code, 1);
    let said = "line 3: a quotation mark is opened and never closed, so that all that follows is one cell\n";
    assert_eq!(ran.err, said);
    assert_eq!(counts(&ran, "customers"), [1, 0, 0, 0]);
    // As many cells as the header has, so that nothing else tells.
    let ran = server.import(
        "[customer]\nexternal_ids = [{ system = \"crm\", column = \"id\" }]\ndisplay_name = \"name\"\n",
        "id,name\n1,Firm A\n2,\"Firm B\n3,\"Firm C\"\n4,Firm D\n",
    );
    assert_eq!(ran.code, 1);
    let said = "lines 3 to 4: has a quotation mark in the middle of a quoted cell: write it twice there; a mark opened in \
        the first of these lines may not be closed\n";
    assert_eq!(ran.err, said);
    assert_eq!(counts(&ran, "customers"), [1, 0, 1, 0]);
    let why = server
        .import(FIRMS, "id,\"name,people\n1,Firm A,\n")
        .fails();
    assert!(
        why.contains("line 1: a quotation mark is opened and never closed"),
        "{why}"
    );
}

#[test]
fn an_id_that_a_spreadsheet_cut_short_is_no_key() {
    let server = Server::start();
    let mapping = format!("{FIRMS}parent = {{ ref = \"crm\", column = \"above\" }}\n");
    let file = "id,name,people,above\n4.50E+05,A,,\n4.50E+05,B,,\n\"1,23457E+11\",C,,\n7,D,,4.5E+05\n12E4,E,,\nE+05,F,,\n";
    let ran = server.import(&mapping, file);
    assert_eq!(
        (ran.code, counts(&ran, "customers")),
        (1, [2, 0, 0, 4]),
        "{}{}",
        ran.out,
        ran.err
    );
    for part in [
        "line 2: customer: column `id` is a number that a spreadsheet cut short",
        "line 5: customer: column `above` is",
    ] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    // Also as a part of an id, and under a digest, it makes one of many.
    let digest = FIRMS.replace("column = \"id\"", "column = \"id\", digest = true");
    let template = FIRMS.replace("column = \"id\"", "template = \"{name}-{id}\"");
    let parent = format!("{FIRMS}parent = {{ ref = \"crm\", template = \"{{id}}-{{people}}\" }}\n");
    for mapping in [digest, template, parent] {
        let ran = server.import(&mapping, "id,name,people\n4.5E5,A,\nsee 4.5E5,B,\n");
        assert!(
            ran.err
                .starts_with("line 2: customer: column `id` is a number that a spreadsheet cut"),
            "{}",
            ran.err
        );
        assert!(
            !ran.err.contains("cut short") || ran.err.matches("cut short").count() == 1,
            "{}",
            ran.err
        );
    }
}

#[test]
fn a_cell_of_the_wrong_type_is_a_fault_of_its_row() {
    let server = Server::start();
    let mapping = format!(
        "{FIRMS}lifecycle = \"state\"\ncustomer_since_time = \"since\"\nattributes.n = {{ column = \"n\", as = \"number\" }}\n"
    );
    let file = "id,name,people,state,since,n\n1,A,many,,,\n2,B,-3,,,\n3,C,,gone,,\n4,D,,,yesterday,\n5,E,,,,x\n6,F,3,active,,1\n";
    let ran = server.import(&mapping, file);
    assert_eq!(ran.code, 1);
    for part in [
        "line 2: customer: column `people` is not a whole number that fits",
        "line 3: customer: column `people` is negative",
        "line 4: customer: column `state` is not one of PROSPECT, ACTIVE, DORMANT, FORMER",
        "line 5: customer: column `since` is not a time such as 2026-01-31T09:30:00Z",
        "line 6: customer: column `n` is not a number",
    ] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    assert_eq!(counts(&ran, "customers"), [1, 0, 0, 5]);
}

#[test]
fn byte_order_marks_line_ends_and_quoted_newlines_are_understood() {
    let server = Server::start();
    let file = "\u{feff} id ,about,people\r\n1,\"Two\r\nlines, \"\"quoted\"\"\",5\r\n\r\n,,\r\n2,Bad,x\r\n3,Three,\r\n";
    let mapping = FIRMS.replace(
        "display_name = \"name\"",
        "display_name = \"id\"\nabout = \"about\"",
    );
    let ran = server.import(&mapping, file);
    assert_eq!(
        (ran.code, counts(&ran, "customers")),
        (1, [2, 0, 0, 1]),
        "{}{}",
        ran.out,
        ran.err
    );
    assert!(
        ran.err.starts_with("line 6: customer: column `people`"),
        "{}",
        ran.err
    );
    assert_eq!(
        server.by_id("customers", "crm", "1")["about"],
        "Two\r\nlines, \"quoted\""
    );
    assert!(ran.out.contains("1 blank"), "{}", ran.out);
}

#[test]
fn the_delimiter_comes_from_the_mapping_or_the_command_line() {
    let server = Server::start();
    server
        .import(
            &format!("delimiter = \";\"\n{FIRMS}"),
            "id;name;people\n1;A, B;5\n",
        )
        .ok();
    server.write("tabs.csv", "id\tname\tpeople\n2\tC;D\t5\n");
    server
        .run(&[
            "import",
            "tabs.csv",
            "--mapping",
            "map.toml",
            "--delimiter",
            "tab",
        ])
        .ok();
    assert_eq!(
        server.by_id("customers", "crm", "1")["display_name"],
        "A, B"
    );
    assert_eq!(server.by_id("customers", "crm", "2")["display_name"], "C;D");
    let why = server
        .run(&[
            "import",
            "tabs.csv",
            "--mapping",
            "map.toml",
            "--delimiter",
            "||",
        ])
        .misused();
    assert!(why.contains("expected one character"), "{why}");
}

#[test]
fn ids_are_trimmed_of_any_space_and_blank_ones_are_no_key() {
    let server = Server::start();
    let mapping = "[customer]\nexternal_ids = [{ system = \"a\", column = \"id\" }, { system = \"b\", column = \"other\" }]\ndisplay_name = \"name\"\n";
    let ran = server.import(
        mapping,
        "id,other,name\n\u{3000}1\u{a0},\u{3000},A\n\u{3000},2,B\n 1,9,A\n",
    );
    assert_eq!(
        (ran.code, counts(&ran, "customers")),
        (1, [1, 1, 0, 1]),
        "{}{}",
        ran.out,
        ran.err
    );
    assert!(
        ran.err.contains("line 3: customer: column `id` is blank"),
        "{}",
        ran.err
    );
    let customer = server.by_id("customers", "a", "1");
    assert_eq!(
        customer["external_ids"],
        json!([{ "system": "a", "id": "1" }, { "system": "b", "id": "9" }])
    );
}

#[test]
fn ids_with_quotes_and_backslashes_are_found_again() {
    let server = Server::start();
    let file = "id,name,people\n\"a\"\"b\\c'd\",A,5\n\"e f\",B,5\n";
    assert_eq!(
        counts(&server.import(FIRMS, file), "customers"),
        [2, 0, 0, 0]
    );
    assert_eq!(
        counts(&server.import(FIRMS, file), "customers"),
        [0, 0, 2, 0]
    );
}

#[test]
fn a_file_can_only_be_imported_when_it_has_the_columns() {
    let server = Server::start();
    let ran = server.import(FIRMS, "id,Name,other\n1,A,5\n");
    let why = ran.fails();
    assert!(
        why.contains(
            "file.csv: the file has no column `name`, `people`; it has `id`, `Name`, `other`"
        ),
        "{why}"
    );
    let why = server.import(FIRMS, "id;name;people\n1;A;5\n").fails();
    assert!(why.contains("is the delimiter right?"), "{why}");
    // A file without a header begins with data, which is not told.
    let why = server.import(FIRMS, "1,Pat Secret,5\n").fails();
    assert!(
        why.contains("its first row has to name the columns") && !why.contains("Pat"),
        "{why}"
    );
    let why = server
        .import(FIRMS, "id,name,people,name\n1,A,5,B\n")
        .fails();
    assert!(why.contains("several columns `name`"), "{why}");
    let why = server.import(FIRMS, b"\xff\xfei\0d\0,\0").fails();
    assert!(why.contains("is not UTF-8"), "{why}");
    assert!(server.import(FIRMS, "").fails().contains("is empty"));
    assert!(
        server
            .run(&["import", "none.csv", "--mapping", "map.toml"])
            .fails()
            .contains("cannot read none.csv")
    );
    assert_eq!(server.all("customers").len(), 0);
}

#[test]
fn json_tells_the_same_to_programs() {
    let server = Server::start();
    server.write("map.toml", PEOPLE);
    server.write(
        "file.csv",
        rows("F1,One,,P1,Ada,,Owner\nF1,,,P2,Bo,nonsense,\n"),
    );
    let ran = server.run(&["import", "file.csv", "--mapping", "map.toml", "--json"]);
    assert_eq!(
        (ran.code, ran.err.as_str(), ran.out.lines().count()),
        (1, "", 1)
    );
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        (&report["rows"], &report["failed_rows"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(report["ended_early"], json!(false));
    assert_eq!(
        report["repeated_keys"],
        json!([{ "line": 3, "kind": "customer", "first_line": 2 }])
    );
    let fault = &report["faults"][0];
    assert_eq!(
        (&fault["line"], &fault["kind"], &fault["column"]),
        (&json!(3), &json!("contact"), &json!("email"))
    );
}
