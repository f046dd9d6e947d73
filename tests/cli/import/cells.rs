//! What an import refuses rather than guesses in CSV: marks behind a space, several lines where one fits, years of two
//! digits.

use super::{FIRMS, counts};
use crate::cli::Server;

#[test]
fn a_quotation_mark_behind_a_space_is_a_fault_of_its_row() {
    let server = Server::start();
    let file = "id,name,people\n1, \"Firm, A\",\n2, \"Firm B\",\n3,5\" pipe,\n4, plain,\n";
    let ran = server.import(FIRMS, file);
    assert_eq!(
        (ran.code, counts(&ran, "customers")),
        (1, [2, 0, 0, 0]),
        "{}{}",
        ran.out,
        ran.err
    );
    let said = "has a space before a quotation mark that opens a cell: remove the space";
    assert_eq!(ran.err, format!("line 2: {said}\nline 3: {said}\n"));
    let names = ["3", "4"].map(|id| server.by_id("customers", "crm", id)["display_name"].clone());
    assert_eq!(names, ["5\" pipe", "plain"]);
    let why = server.import(FIRMS, "id, \"name\",people\n1,A,\n").fails();
    assert!(why.contains(&format!("line 1: {said}")), "{why}");
}

#[test]
fn a_line_break_is_a_fault_where_one_line_fits() {
    let server = Server::start();
    let mapping = format!(
        "{FIRMS}about = \"about\"\nlabels.tier = \"tier\"\nattributes.note = \"tier2\"\nparent = {{ ref = \"crm\", column = \"above\" }}\n\
         \"phone_numbers[0].text\" = \"phone\"\n\"addresses[0].postal_address.address_lines[0]\" = \"street\"\n"
    );
    let file = "id,name,people,about,tier,tier2,above,phone,street\n\
        1,A,,\"a\nb\",,\"c\nd\",,,\"e\nf\"\n\
        2,\"secret\nx\",,,,,,,\n\
        \"secret\n3\",C,,,,,,,\n\
        4,D,,,\"a\rsecret\",,,,\n\
        5,E,,,,,\"1\nsecret\",,\n\
        6,F,,,,,,\"030 1234\n030 5678\",\n\
        7,\"G\n\",,,,,,,\n";
    let ran = server.import(&mapping, file);
    assert_eq!(
        (ran.code, counts(&ran, "customers")),
        (1, [2, 0, 0, 5]),
        "{}{}",
        ran.out,
        ran.err
    );
    for column in ["name", "id", "tier", "above", "phone"] {
        assert!(
            ran.err
                .contains(&format!("customer: column `{column}` holds a line break\n")),
            "{}",
            ran.err
        );
    }
    assert!(!ran.err.contains("secret"), "{}", ran.err);
    let firm = server.by_id("customers", "crm", "1");
    assert_eq!(
        (&firm["about"], &firm["attributes"]["note"]),
        (&"a\nb".into(), &"c\nd".into())
    );
    // A digest is made of any text.
    let digest = FIRMS.replace("column = \"id\"", "column = \"id\", digest = true");
    server.import(&digest, "id,name,people\n\"a\nb\",A,\n").ok();
}

#[test]
fn a_folder_is_no_file() {
    let server = Server::start();
    server.write("map.toml", FIRMS);
    std::fs::create_dir(server.folder.path().join("data.csv")).unwrap();
    let why = server
        .run(&["import", "data.csv", "--mapping", "map.toml"])
        .fails();
    assert_eq!(why, "error: cannot read data.csv: it is a folder\n");
}

#[test]
fn a_year_of_two_digits_is_not_one_of_the_first_century() {
    let server = Server::start();
    let mapping =
        format!("{FIRMS}customer_since_time = {{ column = \"since\", format = \"%d.%m.%Y\" }}\n");
    let ran = server.import(
        &mapping,
        "id,name,people,since\n1,A,,01.02.24\n2,B,,01.02.2024\n",
    );
    let said =
        "line 2: customer: column `since` has no year of four digits: %y reads years of two\n";
    assert_eq!(
        (ran.err.as_str(), counts(&ran, "customers")),
        (said, [1, 0, 0, 1])
    );
}

#[test]
fn the_last_second_that_a_message_can_tell_is_taken() {
    let server = Server::start();
    let mapping = format!("{FIRMS}customer_since_time = \"since\"\n");
    let last = "9999-12-31T23:59:59Z";
    server
        .import(&mapping, format!("id,name,people,since\n1,A,,{last}\n"))
        .ok();
    assert_eq!(
        server.by_id("customers", "crm", "1")["customer_since_time"],
        last
    );
}
