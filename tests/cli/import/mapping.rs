//! Faults of a mapping file: each is found before a row is sent, and names its key and what is allowed.

use crate::cli::Server;

const GOOD: &str =
    "[customer]\nexternal_ids = [{ system = \"x\", column = \"id\" }]\ndisplay_name = \"name\"\n";

/// A change to a good mapping, and what is said about it.
const FAULTS: &[(&str, &[&str])] = &[
    ("not toml", &["map.toml: line 4, column 5: "]),
    (
        "[customers]\n",
        &[
            "map.toml: line 4, column 2: unknown field `customers`",
            "`customer`, `contact`",
        ],
    ),
    (
        "lifecicle = \"x\"",
        &[
            "[customer]: lifecicle: Customer has no such field; it has",
            "lifecycle",
        ],
    ),
    (
        "business.x = \"x\"",
        &["business.x: Business has no such field", "industry"],
    ),
    (
        "business = \"x\"",
        &["business: is a group of fields: name one of them"],
    ),
    (
        "\"about.x\" = \"x\"",
        &["about.x: has no such nested field"],
    ),
    ("emails = \"x\"", &["emails: is a list: write emails[0]"]),
    ("\"about[0]\" = \"x\"", &["about[0]: is not a list"]),
    (
        "\"emails[x].address\" = \"x\"",
        &["emails[x]: expected FIELD or FIELD[0]"],
    ),
    (
        "\"contact_permissions[0].time\" = \"x\"",
        &["contact_permissions[0].time: was renamed to `contact_permissions.record_time`"],
    ),
    ("name = \"x\"", &["name: is not mapped as a field"]),
    ("size = \"x\"", &["size: is set by the server"]),
    (
        "\"phone_numbers[0].e164\" = \"x\"",
        &["phone_numbers[0].e164: is set by the server"],
    ),
    (
        "kind = 5",
        &["kind: expected the name of a column, or a table with `column` or `value`"],
    ),
    (
        "kind = { value = \"FIRM\" }",
        &["kind: `FIRM` is not one of BUSINESS, INDIVIDUAL"],
    ),
    (
        "kind = { colum = \"x\" }",
        &["kind: unknown field `colum`", "`column`, `value`"],
    ),
    (
        "kind = { column = \"x\", value = \"y\" }",
        &["kind: needs either `column` or `value`"],
    ),
    (
        "kind = { column = \"x\", map = { a = \"FIRM\" } }",
        &["kind: `FIRM` is not one of"],
    ),
    (
        "kind = { column = \"x\", map = \"kinds\" }",
        &["kind: map: there is no [maps.kinds]"],
    ),
    (
        "kind = { column = \"x\", default = \"FIRM\" }",
        &["kind: `FIRM` is not one of"],
    ),
    (
        "kind = { column = \"x\", otherwise = \"BUSINESS\" }",
        &["`otherwise` is for cells that a `map` does not have"],
    ),
    (
        "kind = { value = \"BUSINESS\", split = \";\" }",
        &["`value` stands alone"],
    ),
    (
        "kind = { column = \"x\", split = \";\" }",
        &["`split` is for lists as a whole"],
    ),
    (
        "kind = { column = \"x\", pattern = \"y\" }",
        &["kind: expected one of first-integer, before-first-comma"],
    ),
    (
        "attributes.a = { column = \"x\", as = \"date\" }",
        &["attributes.a: unknown variant `date`", "`number`"],
    ),
    (
        "[contact]\nexternal_ids = [{ system = \"x\", column = \"id\" }]\n",
        &["[affiliation] is needed"],
    ),
    (
        "[affiliation]\n",
        &["[affiliation] is needed with [customer] and [contact]"],
    ),
    (
        "[infer_role]\nOwner = \"DECISION_MAKER\"",
        &["[infer_role]: needs `system`"],
    ),
    (
        "owner = { ref = \"X\", column = \"x\" }",
        &["owner: ref: system: `X` is not like"],
    ),
    (
        "about = { ref = \"x\", column = \"x\" }",
        &["about: ref: `about` does not refer to records"],
    ),
    (
        "business.founded_year = { ref = \"x\", kind = \"contact\", column = \"x\" }",
        &["does not refer to records"],
    ),
    (
        "attributes.a = { ref = \"x\", column = \"x\" }",
        &["ref: free attributes refer to no records"],
    ),
    (
        "owner = { ref = \"x\", kind = \"boss\", column = \"x\" }",
        &["kind: `boss` is not one of customer, contact"],
    ),
    (
        "owner = { ref = \"x\", via = \"contact\", column = \"x\" }",
        &["via: only a customer"],
    ),
    (
        "owner = { kind = \"colleague\", column = \"x\" }",
        &["`kind` and `via` are for references"],
    ),
    (
        "about = { template = \"x\" }",
        &["about: template: names no column"],
    ),
    (
        "about = { template = \"{x\" }",
        &["about: template: `{` is never closed"],
    ),
    (
        "about = { template = \"{x}\", column = \"x\" }",
        &["needs either `column` or `value`, or a `template`"],
    ),
    (
        "annual_spend = { column = \"x\", currency = \"euro\" }",
        &["annual_spend: currency: `euro` is not three capital letters"],
    ),
    (
        "annual_spend = { value = \"much\" }",
        &["annual_spend: `much` is not an amount"],
    ),
    (
        "[note]\nexternal_ids = [{ system = \"x\", column = \"id\" }]\nbody = \"x\"",
        &["[note]: needs `records`"],
    ),
    (
        "[note]\nexternal_ids = [{ system = \"x\", column = \"id\" }]\nrecords = { ref = \"x\", column = \"x\" }",
        &["[note]: records: ref: can be of several kinds"],
    ),
    (
        "customer_since_time = { column = \"x\", format = \"%K\" }",
        &["customer_since_time: format: `%K` is not one such as"],
    ),
    (
        "customer_since_time = { column = \"x\", format = \"%d.%m.\" }",
        &["or has no complete date"],
    ),
    (
        "customer_since_time = { column = \"x\", format = \"%H:%M\" }",
        &["or has no complete date"],
    ),
    ("[only]\nid = 5", &["expected a text, or a list of texts"]),
];

#[test]
fn every_fault_of_a_mapping_is_named_before_a_row_is_sent() {
    let server = Server::start();
    for (change, said) in FAULTS {
        let ran = server.import(&format!("{GOOD}{change}"), "id,name,x\n1,A,\n");
        assert_eq!(ran.code, 1, "{change}: {}", ran.out);
        for part in *said {
            assert!(
                ran.err.contains(part),
                "{change}: expected `{part}`: {}",
                ran.err
            );
        }
        assert!(
            ran.err.starts_with("error: the mapping map.toml: "),
            "{}",
            ran.err
        );
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    }
    assert_eq!(server.all("customers").len(), 0);
}

#[test]
fn what_a_section_needs_is_said() {
    let server = Server::start();
    for (mapping, said) in [
        (
            "",
            "needs one of [customer], [contact], [affiliation], [colleague]",
        ),
        (
            "[customer]\ndisplay_name = \"name\"\n",
            "[customer]: needs `external_ids = ",
        ),
        (
            "[customer]\nexternal_ids = [{ column = \"id\" }]\n",
            "external_ids: needs `system`, here or at the top",
        ),
        (
            "time_zone = \"Mars/Base\"\n",
            "time_zone: `Mars/Base` is not a zone such as America/New_York",
        ),
        (
            "time_zone = \"Factory\"\n",
            "time_zone: `Factory` is not a zone",
        ),
        (
            "time_zone = \"Etc/Unknown\"\n",
            "time_zone: `Etc/Unknown` is not a zone",
        ),
        (
            "default_currency = \"$\"\n",
            "default_currency: `$` is not three capital letters",
        ),
        (
            "decimal_mark = \";\"\n",
            "decimal_mark: expected `.` or `,`",
        ),
        (
            "[customer]\nexternal_ids = [{ system = \"x\" }]\n",
            "needs either `column` or `template`",
        ),
        (
            "system = \"X y\"\n[customer]\nexternal_ids = [{ column = \"id\" }]\n",
            "`X y` is not like [a-z]",
        ),
        (
            "[customer]\nexternal_ids = [{ system = \"x\", colum = \"id\" }]\n",
            "unknown field `colum`",
        ),
        (
            "[customer]\nexternal_ids = [{ system = \"x\", column = \"id\" }]\nabout = \"name\"\n",
            "needs `display_name`",
        ),
        ("delimiter = \"ab\"\n", "needs one of [customer]"),
    ] {
        let why = server.import(mapping, "id,name\n1,A\n").fails();
        assert!(why.contains(said), "{mapping}: {why}");
    }
}

#[test]
fn roles_and_their_titles_are_checked() {
    let server = Server::start();
    let start = "system = \"x\"\n[customer]\nexternal_ids = [{ column = \"id\" }]\n[contact]\n\
        external_ids = [{ column = \"id\" }]\ndisplay_name = \"name\"\n";
    for (end, said) in [
        (
            "[affiliation]\njob_title = \"name\"\n[infer_role]\nOwner = \"BOSS\"\n",
            "Owner: `BOSS` is not one of DECISION_MAKER",
        ),
        (
            "[affiliation]\njob_title = \"name\"\n[infer_role]\n\"--\" = \"CHAMPION\"\n",
            "`--` has no words",
        ),
        (
            "[affiliation]\n[infer_role]\nOwner = \"CHAMPION\"\n",
            "works on `job_title` of [affiliation]",
        ),
    ] {
        let why = server
            .import(&format!("{start}{end}"), "id,name\n1,A\n")
            .fails();
        assert!(why.contains("[infer_role]") && why.contains(said), "{why}");
    }
}
