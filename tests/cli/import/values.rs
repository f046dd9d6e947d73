//! What stands in cells: dates and the zone they were read in, amounts of money, one value from several columns.

use serde_json::{Value, json};

use super::counts;
use crate::cli::Server;

/// Talks with one customer, whose id is `1`.
const TALKS: &str = r#"
[customer]
external_ids = [{ system = "x", column = "firm" }]
display_name = "firm"
[conversation]
external_ids = [{ system = "x", column = "id" }]
customer = { ref = "x", column = "firm" }
start_time = "when"
"#;

fn starts(server: &Server, ids: &[&str]) -> Vec<String> {
    let start = |id: &&str| {
        server.by_id("conversations", "x", id)["start_time"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    ids.iter().map(start).collect()
}

#[test]
fn what_the_server_writes_in_another_way_is_no_change() {
    let server = Server::start();
    let (mapping, file) = (
        firms("\"business.domains[0]\" = \"web\""),
        "id,web\nA,A.Example\n",
    );
    assert_eq!(
        counts(&server.import(&mapping, file), "customers"),
        [1, 0, 0, 0]
    );
    assert_eq!(
        server.by_id("customers", "x", "A")["business"]["domains"],
        json!(["a.example"])
    );
    let again = server.import(&mapping, file);
    assert_eq!(counts(&again, "customers"), [0, 0, 1, 0]);
    assert!(again.out.contains("nothing changed"), "{}", again.out);
}

#[test]
fn dates_without_a_zone_begin_where_the_mapping_says() {
    let file = "firm,id,when\nA,winter,2026-01-05\nA,summer,2026-07-05\nA,clock,2026-07-05 10:30\n\
        A,zoned,2026-07-05T10:30:00+02:00\nA,gap,2026-03-08 02:30\nA,utc,2026-07-05T10:30:00Z\n";
    let ids = ["winter", "summer", "clock", "zoned", "gap", "utc"];
    let server = Server::start();
    server
        .import(&format!("time_zone = \"America/New_York\"\n{TALKS}"), file)
        .ok();
    let new_york = [
        "2026-01-05T05:00:00Z",
        "2026-07-05T04:00:00Z",
        "2026-07-05T14:30:00Z",
        "2026-07-05T08:30:00Z",
        "2026-03-08T07:30:00Z",
        "2026-07-05T10:30:00Z",
    ];
    assert_eq!(starts(&server, &ids), new_york);
    let moved = server.import(TALKS, file);
    assert_eq!(
        counts(&moved, "conversations"),
        [0, 4, 2, 0],
        "those with a zone stay"
    );
    assert_eq!(
        starts(&server, &ids[..2]),
        ["2026-01-05T00:00:00Z", "2026-07-05T00:00:00Z"]
    );
}

#[test]
fn a_format_without_a_zone_is_read_where_the_mapping_says() {
    let server = Server::start();
    for (id, format, when, start) in [
        ("date", "%d.%m.%Y", "05.01.2026", "2026-01-05T05:00:00Z"),
        ("summer", "%d.%m.%Y", "05.07.2026", "2026-07-05T04:00:00Z"),
        (
            "clock",
            "%d.%m.%Y %H:%M",
            "05.07.2026 10:30",
            "2026-07-05T14:30:00Z",
        ),
    ] {
        let written = TALKS.replace(
            "\"when\"",
            &format!("{{ column = \"when\", format = \"{format}\" }}"),
        );
        let mapping = format!("time_zone = \"America/New_York\"\n{written}");
        server
            .import(&mapping, format!("firm,id,when\nA,{id},{when}\n"))
            .ok();
        assert_eq!(starts(&server, &[id]), [start]);
    }
}

#[test]
fn a_zone_that_a_time_names_counts() {
    let server = Server::start();
    let file = "firm,id,when\nA,bracket,2026-01-31T09:00:00[Europe/Paris]\nA,both,2026-01-31T09:00:00+01:00[Europe/Paris]\n\
        A,odd,2026-01-31T09:00:00[Europe/Nowhere]\nA,far,2026-01-31T09:00:00+25:00\n\
        A,contrary,2026-01-31T09:00:00+05:00[Europe/Paris]\n";
    let ran = server.import(&format!("time_zone = \"America/New_York\"\n{TALKS}"), file);
    assert_eq!(
        starts(&server, &["bracket", "both"]),
        ["2026-01-31T08:00:00Z"; 2]
    );
    assert_eq!(
        (ran.code, counts(&ran, "conversations")),
        (1, [2, 0, 0, 3]),
        "{}",
        ran.err
    );
    let named = TALKS.replace(
        "\"when\"",
        "{ column = \"when\", format = \"%d.%m.%Y %H:%M %Q\" }",
    );
    server
        .import(
            &named,
            "firm,id,when\nA,named,31.01.2026 09:00 Europe/Paris\n",
        )
        .ok();
    assert_eq!(starts(&server, &["named"]), ["2026-01-31T08:00:00Z"]);
    let shifted = TALKS.replace(
        "\"when\"",
        "{ column = \"when\", format = \"%d.%m.%Y %H:%M %z\" }",
    );
    let ran = server.import(&shifted, "firm,id,when\nA,shifted,31.01.2026 09:00 +2500\n");
    assert!(
        ran.err.contains("column `when` is not a time of the form"),
        "{}",
        ran.err
    );
}

#[test]
fn numbers_amounts_and_counts_are_read_alike() {
    let server = Server::start();
    let mapping = "decimal_mark = \",\"\n[customer]\nexternal_ids = [{ system = \"x\", column = \"id\" }]\ndisplay_name = \"id\"\n\
        \"business.employee_count\" = \"people\"\nattributes.n = { column = \"n\", as = \"number\" }\n\
        annual_spend = { column = \"spend\", currency = \"EUR\" }\n";
    let file = "id,people,n,spend\nA,1.234,\"1.234,5\",\"1.234,5\"\nB,\"1.234,5\",,\nC,,0.500,\nD,,,0.500\nE,00.500,,\nF,,,0.001\n";
    let ran = server.import(mapping, file);
    let firm = server.by_id("customers", "x", "A");
    assert_eq!(firm["business"]["employee_count"], 1234);
    assert_eq!(firm["attributes"]["n"], 1234.5);
    assert_eq!(
        firm["annual_spend"],
        json!({ "currency_code": "EUR", "units": "1234", "nanos": 500_000_000 })
    );
    assert_eq!(
        (ran.code, counts(&ran, "customers")),
        (1, [1, 0, 0, 5]),
        "{}",
        ran.err
    );
    for part in [
        "line 3: customer: column `people` is not a whole number that fits",
        "line 4: customer: column `n` is not a number",
        "line 5: customer: column `spend` is not an amount",
        "line 6: customer: column `people` is not a whole number",
        "line 7: customer: column `spend` is not an amount",
    ] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
}

#[test]
fn a_format_may_hold_the_zone() {
    let mapping = TALKS.replace(
        "\"when\"",
        "{ column = \"when\", format = \"%d.%m.%Y %H:%M %z\" }",
    );
    let server = Server::start();
    let ran = server.import(
        &mapping,
        "firm,id,when\nA,a,05.07.2026 10:30 +0200\nA,b,2026\n",
    );
    assert_eq!(starts(&server, &["a"]), ["2026-07-05T08:30:00Z"]);
    assert!(
        ran.err
            .contains("column `when` is not a time of the form %d.%m.%Y"),
        "{}",
        ran.err
    );
}

fn firms(spend: &str) -> String {
    format!(
        "[customer]\nexternal_ids = [{{ system = \"x\", column = \"id\" }}]\ndisplay_name = \"id\"\n{spend}\n"
    )
}

fn spend(server: &Server, id: &str) -> Value {
    server.by_id("customers", "x", id)["annual_spend"].clone()
}

#[test]
fn amounts_are_read_as_people_write_them() {
    let server = Server::start();
    let file = "id,spend\na,\"1,234.50\"\nb,$2M\nc,EUR 12\nd,6.0E7\ne,\nf,\"12,50\"\ng,seven\n";
    let ran = server.import(
        &format!(
            "default_currency = \"USD\"\n{}",
            firms("annual_spend = \"spend\"")
        ),
        file,
    );
    assert_eq!(
        (ran.code, counts(&ran, "customers")),
        (1, [5, 0, 0, 2]),
        "{}",
        ran.err
    );
    assert!(
        ran.err
            .contains("column `spend` is not an amount such as 1,234.50")
            && !ran.err.contains("seven")
    );
    let money = |currency: &str, units: &str| json!({ "currency_code": currency, "units": units });
    assert_eq!(
        spend(&server, "a"),
        json!({ "currency_code": "USD", "units": "1234", "nanos": 500_000_000 })
    );
    assert_eq!(
        [spend(&server, "b"), spend(&server, "c")],
        [money("USD", "2000000"), money("EUR", "12")]
    );
    assert_eq!(
        [spend(&server, "d"), spend(&server, "e")],
        [money("USD", "60000000"), Value::Null]
    );
}

#[test]
fn the_currency_comes_from_the_cell_the_column_or_the_mapping() {
    let server = Server::start();
    let file = "id,spend\na,5\nb,£5\n";
    let ran = server.import(&firms("annual_spend = \"spend\""), file);
    assert_eq!((ran.code, counts(&ran, "customers")), (1, [1, 0, 0, 1]));
    assert!(
        ran.err
            .contains("names no currency, and the mapping has no `default_currency`"),
        "{}",
        ran.err
    );
    let mapping = firms("annual_spend = { column = \"spend\", currency = \"CHF\" }");
    server
        .import(&format!("default_currency = \"USD\"\n{mapping}"), file)
        .ok();
    let codes = ["a", "b"].map(|id| spend(&server, id)["currency_code"].clone());
    assert_eq!(codes, [json!("CHF"), json!("GBP")]);
}

#[test]
fn a_decimal_comma_is_understood_where_the_mapping_says_so() {
    let server = Server::start();
    let top = "delimiter = \";\"\ndefault_currency = \"EUR\"\ndecimal_mark = \",\"\n";
    server
        .import(
            &format!("{top}{}", firms("annual_spend = \"spend\"")),
            "id;spend\na;1.234,50\n",
        )
        .ok();
    assert_eq!(
        spend(&server, "a"),
        json!({ "currency_code": "EUR", "units": "1234", "nanos": 500_000_000 })
    );
}

#[test]
fn a_template_joins_the_cells_that_say_something() {
    let server = Server::start();
    let mapping = "[contact]\nexternal_ids = [{ system = \"x\", template = \"{book}-{page}\" }]\n\
        display_name = { template = \"{first} {middle} {last}\" }\nabout = { template = \"<{note}>\" }\n";
    let file =
        "book,page,first,middle,last,note\n1,2,Ada,M.,Byron,hi\n1,3,Bo,,Lee,\n1,4,,,Cy,\n,,Di,,,\n";
    let ran = server.import(mapping, file);
    assert_eq!(
        (ran.code, counts(&ran, "contacts")),
        (1, [3, 0, 0, 1]),
        "{}",
        ran.err
    );
    assert!(
        ran.err
            .contains("line 5: contact: column `book` is blank: without a key"),
        "{}",
        ran.err
    );
    let of = |id: &str, field: &str| server.by_id("contacts", "x", id)[field].clone();
    assert_eq!(
        ["1-2", "1-3", "1-4"].map(|id| of(id, "display_name")),
        ["Ada M. Byron", "Bo Lee", "Cy"]
    );
    assert_eq!(
        [of("1-2", "about"), of("1-3", "about")],
        [json!("<hi>"), Value::Null]
    );
}

#[test]
fn what_only_fills_never_overwrites() {
    let server = Server::start();
    let filling = firms("about = { column = \"about\", fill = true }");
    server.import(&filling, "id,about\na,first\nb,\n").ok();
    let ran = server.import(&filling, "id,about\na,second\nb,second\n");
    assert_eq!(counts(&ran, "customers"), [0, 1, 1, 0], "{}", ran.err);
    let about = ["a", "b"].map(|id| server.by_id("customers", "x", id)["about"].clone());
    assert_eq!(about, [json!("first"), json!("second")]);
}

#[test]
fn rows_that_are_not_wanted_are_left_out_and_counted() {
    let server = Server::start();
    let mapping = format!(
        "{}[only]\ndeleted = \"false\"\nstate = [\"\", \"open\"]\n",
        firms("")
    );
    let file = "id,deleted,state\na,false,\nb,true,open\nc,false,open\nd,false,closed\n";
    let ran = server.import(&mapping, file);
    assert_eq!(
        (ran.code, counts(&ran, "customers")),
        (0, [2, 0, 0, 0]),
        "{}",
        ran.err
    );
    assert!(
        ran.out.contains("4 rows read, 2 skipped, 0 failed"),
        "{}",
        ran.out
    );
    let why = server.import(&mapping, "id,deleted\na,false\n").fails();
    assert!(why.contains("the file has no column `state`"), "{why}");
}

#[test]
fn what_a_row_says_again_is_not_a_repeated_key() {
    let server = Server::start();
    let ran = server.import(
        TALKS,
        "firm,id,when\nA,a,2026-01-05\nA,b,2026-01-06\nA,b,2026-01-06\nA,b,2026-01-07\n",
    );
    assert_eq!(ran.code, 0);
    assert_eq!(
        ran.err,
        "line 5: has the key of the conversation of line 3: only adds to it\n"
    );
    assert_eq!(counts(&ran, "customers"), [1, 0, 3, 0]);
    assert_eq!(starts(&server, &["b"]), ["2026-01-06T00:00:00Z"]);
}
