//! `log`: what is written down of a talk.

use super::{Server, json};

const FIRM: &str = "customers/nordlicht-optik";

/// The talk of the first case, as Noor types it.
const TALK: &str = "log customers/nordlicht-optik --channel call --direction in --subject 'Batch 72' \
    --start 2026-01-31T14:30 --as colleagues/noor-haddad \
    --with 'mara lindqvist' --with-new 'Tomas Ek, Head of Design' \
    --promise 'Send the samples by 2026-02-15' --they-promise 'Stand by our word'";

#[test]
fn log_writes_down_what_came_out_of_a_talk() {
    let server = Server::demo();
    let would = server.types(&format!("{TALK} --dry-run")).ok();
    assert!(
        would.starts_with(
            "would log: a conversation with Nordlicht Optik  customers/nordlicht-optik\n"
        ),
        "{would}"
    );
    let page = server.types(TALK).ok();
    assert!(
        page.starts_with(
            "logged: a conversation with Nordlicht Optik  customers/nordlicht-optik  conversations/"
        ),
        "{page}"
    );
    for part in [
        "  new: Tomas Ek  contacts/",
        "  we owe them: Send the samples, due 2026-02-15  promises/",
        "  they owe us: Stand by our word  ",
    ] {
        assert!(page.contains(part), "no {part:?} in\n{page}");
    }
    the_talk_is_stored(&server);
}

/// Asserts that the talk was stored once: the trial wrote nothing.
fn the_talk_is_stored(server: &Server) {
    let one = |collection: &str, filter: &str| {
        let lines = server
            .types(&format!("list {collection} --filter '{filter}' --json"))
            .ok();
        assert_eq!(lines.lines().count(), 1, "{lines}");
        json(&lines)
    };
    let talk = one("conversations", "subject = \"Batch 72\"");
    for (field, value) in [
        ("channel", "PHONE"),
        ("direction", "INBOUND"),
        ("state", "HELD"),
        ("start_time", "2026-01-31T14:30:00Z"),
    ] {
        assert_eq!(talk[field], value, "{field}");
    }
    assert_eq!(talk["colleagues"][0], "colleagues/noor-haddad");
    assert_eq!(talk["contacts"][0], "contacts/mara-lindqvist");
    assert_eq!(talk["contacts"].as_array().unwrap().len(), 2);
    let job = one("affiliations", "job_title = \"Head of Design\"");
    assert_eq!(job["contact"], talk["contacts"][1]);
    let promise = one("promises", "text = \"Send the samples\"");
    assert_eq!(
        promise["due_time"], "2026-02-15T23:59:59Z",
        "the day counts"
    );
}

#[test]
fn log_says_what_it_needs() {
    let server = Server::demo();
    let log = |options: &str| server.types(&format!("log {FIRM} {options}"));
    for (options, told) in [
        ("", "nothing to log"),
        ("--summary ' ' --subject ''", "nothing to log"),
    ] {
        let why = log(options).fails();
        assert!(why.contains(told), "{why}");
    }
    // Whom it was with is found out before anything is asked.
    let why = server.types("log customers/nobody").fails();
    assert!(why.contains("RESOURCE_NOT_FOUND"), "{why}");
    for (options, told) in [
        (
            "--promise 'call back by 2026-02-30'",
            "\"2026-02-30\" is not a date: write it as 2026-12-01",
        ),
        ("--summary x --planned", "--start"),
        (
            "--channel pigeon --summary x",
            "expected one of: in person, phone, video",
        ),
        (
            "--start yesterday --summary x",
            "expected a time such as 2026-11-20T14:30",
        ),
    ] {
        let why = log(options).misused();
        assert!(why.contains(told), "{why}");
    }
}

#[test]
fn log_writes_down_plans_and_what_is_private() {
    let server = Server::demo();
    let log = |options: &str| server.types(&format!("log {FIRM} {options}"));
    let why = log("--summary x --start 2999-01-01").fails();
    assert!(
        why.contains("conversation.start_time") || why.contains("PLANNED"),
        "{why}"
    );
    log("--summary x --start 2999-01-01 --planned").ok();
    let line = server
        .types("log erp:100214 --summary mine --private --json")
        .ok();
    let talk = &json(&line)["conversation"];
    assert_eq!(talk["visibility"], "PRIVATE");
    assert_eq!(talk["author"], "colleagues/hanna-weber");
}
