//! `segments explain`: why a customer is in a segment, or what would have to change.

use serde_json::Value;

use crate::cli::{Server, json};

#[test]
fn an_explanation_is_a_tree_with_a_mark_for_each_part() {
    let server = Server::demo();
    let page = server
        .run(&[
            "segments",
            "explain",
            "customers/atelier-vermeulen",
            "next-tour",
        ])
        .ok();
    let title =
        "Atelier Vermeulen (customers/atelier-vermeulen) is in Next tour (segments/next-tour)\n";
    assert!(page.starts_with(title), "{page}");
    for line in [
        "✓ all of",
        "  ✓ one of",
        "    ✗ in Machine shops (segments/machine-shops)",
        "    ✓ in Owner-led firms (segments/owner-led)",
        "  ✓ not",
    ] {
        assert!(
            page.lines().any(|shown| shown == line),
            "no {line:?} in\n{page}"
        );
    }
    assert!(
        page.contains("✗ business.industry = \"machinery\""),
        "{page}"
    );
    for part in [
        "is \"crafts\"",
        "is not listed",
        "  has seniority: OWNER; buying_roles.role: DECISION_MAKER; end_date: unset\n",
    ] {
        assert!(page.contains(part), "no {part:?} in\n{page}");
    }
    assert!(!page.contains("It would"), "{page}");
}

#[test]
fn who_is_out_is_told_what_would_have_to_change() {
    let server = Server::demo();
    let page = server
        .run(&[
            "segments",
            "explain",
            "erp:100214",
            "segments/machine-shops",
        ])
        .ok();
    let change = "It would be in if one thing changed: business.industry = \"machinery\" became true (it is \"optics\").\n";
    assert!(page.ends_with(change), "{page}");
    let page = server
        .run(&["segments", "explain", "talleres ibarra", "next-tour"])
        .ok();
    let change = "It would be in if one thing changed: it was no longer on the list of Guests of the open house \
                  (segments/open-house).";
    assert!(page.replace('\n', " ").contains(change), "{page}");
    let page = server
        .run(&["segments", "explain", "amara okonkwo", "enterprises"])
        .ok();
    assert!(page.contains("is unset"), "{page}");
    let told = json(
        &server
            .run(&[
                "segments",
                "explain",
                "talleres ibarra",
                "next-tour",
                "--json",
            ])
            .ok(),
    );
    assert_eq!(
        (&told["customer"], told["member"].as_bool()),
        (&Value::from("customers/talleres-ibarra"), None)
    );
    assert_eq!(told["flips"].as_array().unwrap().len(), 1);
}

#[test]
fn what_cannot_be_explained_is_said() {
    let server = Server::demo();
    let why = server
        .run(&[
            "segments",
            "explain",
            "customers/nordlicht-optik",
            "nowhere",
        ])
        .fails();
    assert!(
        why.contains("segments/nowhere does not exist (RESOURCE_NOT_FOUND)"),
        "{why}"
    );
    let why = server
        .run(&["segments", "explain", "100214", "next-tour"])
        .fails();
    assert!(why.contains("nobody is called \"100214\""), "{why}");
    let why = server
        .run(&[
            "segments",
            "explain",
            "contacts/mara-lindqvist",
            "next-tour",
        ])
        .fails();
    assert!(
        why.contains("contacts/mara-lindqvist is not a customer"),
        "{why}"
    );
    server
        .run(&["segments", "explain", "customers/nordlicht-optik"])
        .misused();
}
