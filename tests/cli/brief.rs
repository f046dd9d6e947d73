//! `brief`: what to read before a talk, and by which keys its record is found.

use super::{Server, json};

const FIRM: &str = "customers/nordlicht-optik";
const HANNA: [&str; 2] = ["--as", "colleagues/hanna-weber"];

#[test]
fn brief_is_a_page_to_read_before_the_call() {
    let server = Server::demo();
    let page = server.run(&[&["brief", FIRM], &HANNA[..]].concat()).ok();
    assert!(
        page.starts_with("Nordlicht Optik  customers/nordlicht-optik\n"),
        "{page}"
    );
    for part in [
        "DO NOT CONTACT",
        "WHO THEY ARE\n  Nordlicht Optik; Nordlicht Optik GmbH & Co. KG; active business; optics, microscopy; 180 employees",
        "  needs: Optical glass with a certificate per batch;",
        "WHO DECIDES\n  Mara Lindqvist, Head of Purchasing: decision maker (confirmed",
        "LAST TALK\n",
        "with Dr. Svenja Petersen, Mara Lindqvist; ours: Hanna Weber, Noor Haddad: Batch 71: scratches.",
        "your own last: ",
        "Dinner at the trade association",
        "NEXT TALK\n",
        "Second source: three candidates  [conversations/nordlicht-visit]",
        "PROMISES\n  we owe them: Send the certificates of the melt of batch 71; was due",
        "ours: Noor Haddad  [promises/nordlicht-certificates]",
        "NOTES\n  Delivery notes in German, one copy in the box",
        "CHANGES SINCE YOUR LAST TALK",
    ] {
        assert!(page.contains(part), "no {part:?} in\n{page}");
    }
    // The dinner is Hanna's alone.
    let other = server
        .run(&["brief", FIRM, "--as", "noor.haddad@ours.example"])
        .ok();
    assert!(
        !other.contains("Dinner") && other.contains("Batch 71"),
        "{other}"
    );
    let short = server.run(&["brief", FIRM, "--limit", "5"]).ok();
    assert!(
        short.contains("  … and ") && short.lines().count() < page.lines().count(),
        "{short}"
    );
}

#[test]
fn brief_knows_people_and_all_forms_of_keys() {
    let server = Server::demo();
    let record = |args: &[&str]| {
        let line = server.run(&[&["brief", "--json"], args].concat()).ok();
        assert_eq!(line.lines().count(), 1);
        json(&line)["record"].as_str().unwrap().to_owned()
    };
    for key in [
        FIRM,
        "erp:100214",
        "nordlicht-optik.example",
        "https://www.nordlicht-optik.example/kontakt",
        "www.nordlicht-optik.example",
        "nordlicht-optik.example.",
        "einkauf@nordlicht-optik.example",
        "+49 40 555 0151",
        "Nordlicht Optik",
    ] {
        assert_eq!(record(&[key]), FIRM, "{key}");
    }
    for key in [
        "contacts/mara-lindqvist",
        "m.lindqvist@nordlicht-optik.example",
        "mara lindqvist",
    ] {
        assert_eq!(
            record(&["--person", key]),
            "contacts/mara-lindqvist",
            "{key}"
        );
    }
    assert_eq!(
        record(&["contacts/mei-tanaka-cole"]),
        "contacts/mei-tanaka-cole"
    );
    let page = server.run(&["brief", "contacts/mara-lindqvist"]).ok();
    assert!(
        page.contains("Nordlicht Optik: Head of Purchasing") && page.contains("+49 40 555 0143"),
        "{page}"
    );
    let mei = server.run(&["brief", "contacts/mei-tanaka-cole"]).ok();
    assert!(mei.contains("DO NOT CONTACT\n  Mei"), "{mei}");
}

#[test]
fn a_key_that_fits_nobody_or_several_is_one_clear_line() {
    let server = Server::demo();
    let why = server.run(&["brief", "customers/nobody"]).fails();
    assert!(
        why.contains("customers/nobody does not exist (RESOURCE_NOT_FOUND)"),
        "{why}"
    );
    let why = server.run(&["deciders", "nobody.example"]).fails();
    assert!(
        why.contains("no customer has this key (RESOURCE_NOT_FOUND)"),
        "{why}"
    );
    // Mara works for both.
    let why = server.run(&["deciders", "+49 40 555 0143"]).fails();
    assert!(
        why.contains("customers/nordlicht-optik, customers/nordlicht-service (KEY_AMBIGUOUS)"),
        "{why}"
    );
    let why = server.run(&["brief", "nordlicht"]).fails();
    for candidate in [
        "customers/nordlicht-optik (Nordlicht Optik)",
        "customers/nordlicht-service (Nordlicht Service)",
    ] {
        assert!(why.contains(candidate), "{why}");
    }
    let why = server.run(&["brief", "qqqqqqqqqq"]).fails();
    assert!(why.contains("no match for \"qqqqqqqqqq\""), "{why}");
    let why = server.run(&["deciders", "contacts/mara-lindqvist"]).fails();
    assert!(
        why.contains("contacts/mara-lindqvist is not a customer"),
        "{why}"
    );
    let why = server
        .run(&["brief", FIRM, "--as", "colleagues/nobody"])
        .fails();
    assert!(why.contains("ACTOR_UNKNOWN"), "{why}");
    server.run(&["deciders"]).misused();
    server
        .run(&["deciders", FIRM, "--filter", "kind = BUSINESS"])
        .misused();
    server.run(&["brief", FIRM, "--limit", "0"]).misused();
}
