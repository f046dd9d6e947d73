//! `brief`, `deciders`, `lookup` and `log` on the sample, as a sales person uses them.

use clientele::pb;
use clientele::pb::affiliation_service_client::AffiliationServiceClient;
use clientele::pb::contact_permission::Status;
use clientele::pb::contact_service_client::ContactServiceClient;
use clientele::pb::conversation::Channel;
use clientele::pb::customer_service_client::CustomerServiceClient;
use serde_json::Value;
use tempfile::TempDir;

use super::{Server, calls};
use crate::harness::builders::{affiliation, contact, customer, date, email, phone};

const FIRM: &str = "customers/nordlicht-optik";
const HANNA: [&str; 2] = ["--as", "colleagues/hanna-weber"];

fn demo() -> Server {
    Server::start_in(TempDir::new().unwrap(), &["--demo"])
}

fn json(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

#[test]
fn brief_is_a_page_to_read_before_the_call() {
    let server = demo();
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
    let short = server.run(&["brief", FIRM, "--max-items", "5"]).ok();
    assert!(
        short.contains("  … and ") && short.lines().count() < page.lines().count(),
        "{short}"
    );
}

#[test]
fn brief_knows_people_and_all_forms_of_keys() {
    let server = demo();
    let subject = |args: &[&str]| {
        let line = server.run(&[&["brief", "--json"], args].concat()).ok();
        assert_eq!(line.lines().count(), 1);
        json(&line)["subject"].as_str().unwrap().to_owned()
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
        assert_eq!(subject(&[key]), FIRM, "{key}");
    }
    for key in [
        "contacts/mara-lindqvist",
        "m.lindqvist@nordlicht-optik.example",
        "mara lindqvist",
    ] {
        assert_eq!(
            subject(&["--person", key]),
            "contacts/mara-lindqvist",
            "{key}"
        );
    }
    assert_eq!(
        subject(&["contacts/mei-tanaka-cole"]),
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
    let server = demo();
    let why = server.run(&["brief", "customers/nobody"]).fails();
    assert!(
        why.contains("customers/nobody does not exist (CUSTOMER_NOT_FOUND)"),
        "{why}"
    );
    let why = server.run(&["deciders", "nobody.example"]).fails();
    assert!(
        why.contains("no customer has this key (CUSTOMER_NOT_FOUND)"),
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
    server.run(&["brief", FIRM, "--max-items", "0"]).misused();
}

#[test]
fn deciders_are_a_table_for_one_or_many() {
    let server = demo();
    let page = server.run(&["deciders", FIRM]).ok();
    assert!(
        page.starts_with("Nordlicht Optik  customers/nordlicht-optik\n"),
        "{page}"
    );
    for part in [
        "JOB TITLE",
        "contacts/mara-lindqvist",
        "decision maker (confirmed)",
        "+49 40 555 0143",
    ] {
        assert!(page.contains(part), "no {part:?} in\n{page}");
    }
    assert!(
        page.lines()
            .any(|line| line.starts_with("might    contacts/svenja-petersen")),
        "{page}"
    );
    let unknown = server
        .run(&["deciders", "customers/stadtwerke-auenfeld"])
        .ok();
    let gaps =
        "no decision maker; no recent conversation within 90 days; single threaded within 90 days";
    assert!(
        unknown.ends_with(&format!("\nno people are known there\ngaps: {gaps}\n")),
        "{unknown}"
    );
    let answer = json(&server.run(&["deciders", FIRM, "--json"]).ok());
    assert_eq!(answer["people"][0]["contact"], "contacts/mara-lindqvist");
    let lines = server
        .run(&["deciders", "--filter", "kind = BUSINESS", "--json"])
        .ok();
    let firms: Vec<Value> = lines.lines().map(json).collect();
    assert_eq!(
        firms.len(),
        server
            .run(&["list", "customers", "--filter", "kind = BUSINESS", "--json"])
            .ok()
            .lines()
            .count()
    );
    assert!(firms.contains(&answer) || firms.iter().any(|firm| firm["customer"] == FIRM));
    let pages = server
        .run(&["deciders", "--filter", "kind = BUSINESS"])
        .ok();
    assert_eq!(
        pages
            .lines()
            .filter(|line| line.contains("  customers/"))
            .count(),
        firms.len(),
        "{pages}"
    );
}

/// Makes a customer where 51 people might decide and one has 450 jobs that have ended. The first refuses calls and
/// chats, the second e-mails.
async fn crowd(server: &Server) {
    let mut customers = CustomerServiceClient::connect(server.address.clone())
        .await
        .unwrap();
    let mut contacts = ContactServiceClient::connect(server.address.clone())
        .await
        .unwrap();
    let mut affiliations = AffiliationServiceClient::connect(server.address.clone())
        .await
        .unwrap();
    let request = pb::CreateCustomerRequest {
        customer: Some(customer("Ferrum AG")),
        customer_id: "ferrum".to_owned(),
        ..Default::default()
    };
    let firm = customers
        .create_customer(request)
        .await
        .unwrap()
        .into_inner();
    for i in 0..51 {
        let channels = [&[Channel::Phone, Channel::Chat][..], &[Channel::Email], &[]][i.min(2)];
        let refusal = |channel: &Channel| {
            let (channel, status) = ((*channel).into(), Status::Refused.into());
            pb::ContactPermission {
                channel,
                status,
                ..Default::default()
            }
        };
        let person = pb::Contact {
            emails: vec![email(&format!("p{i}@ferrum.example"))],
            phone_numbers: vec![phone(&format!("+43 732 70{i:02}"))],
            contact_permissions: channels.iter().map(refusal).collect(),
            ..contact(&format!("Person {i:02}"))
        };
        let request = pb::CreateContactRequest {
            contact: Some(person),
            ..Default::default()
        };
        let person = contacts.create_contact(request).await.unwrap().into_inner();
        let running = affiliation(&person, &firm);
        let ended = pb::Affiliation {
            end_date: date(2020, 1, 1),
            ..running.clone()
        };
        let jobs = std::iter::once(running)
            .chain(std::iter::repeat_n(ended, if i == 0 { 450 } else { 0 }));
        for job in jobs {
            let request = pb::CreateAffiliationRequest {
                affiliation: Some(job),
                ..Default::default()
            };
            affiliations.create_affiliation(request).await.unwrap();
        }
    }
}

#[test]
fn deciders_say_what_is_refused_and_what_is_cut() {
    let server = Server::start();
    calls(crowd(&server));
    let page = server.run(&["deciders", "customers/ferrum"]).ok();
    let line = |name: &str| {
        page.lines()
            .find(|line| line.contains(name))
            .unwrap_or_else(|| panic!("{page}"))
    };
    assert!(
        line("Person 00").contains("p0@ferrum.example, not by phone, chat"),
        "{page}"
    );
    assert!(
        line("Person 01").contains("+43 732 7001, not by email"),
        "{page}"
    );
    assert!(
        line("Person 02").contains("+43 732 7002, p2@ferrum.example"),
        "{page}"
    );
    assert!(
        !page.contains("+43 732 7000") && !page.contains("p1@ferrum.example"),
        "{page}"
    );
    for said in [
        "… and more who might decide",
        "too many people to consider all of them",
    ] {
        assert!(page.contains(said), "no {said:?} in\n{page}");
    }
}

#[test]
fn deciders_come_from_all_pages_without_the_numbers_of_those_who_refuse() {
    let server = Server::start();
    let refusal = pb::ContactPermission {
        status: Status::Refused.into(),
        ..Default::default()
    };
    let individual = |name: &str| pb::Customer {
        kind: pb::customer::Kind::Individual.into(),
        phone_numbers: vec![phone("+43 1 2345678")],
        ..customer(name)
    };
    let silent = pb::Customer {
        contact_permissions: vec![refusal],
        ..individual("Silent")
    };
    let open = (0..100).map(|i| individual(&format!("Jo {i}")));
    calls(async {
        let mut client = CustomerServiceClient::connect(server.address.clone())
            .await
            .unwrap();
        for customer in open.chain([silent]) {
            let customer = Some(customer);
            client
                .create_customer(pb::CreateCustomerRequest {
                    customer,
                    ..Default::default()
                })
                .await
                .unwrap();
        }
    });
    let pages = server
        .run(&["deciders", "--filter", "kind = INDIVIDUAL"])
        .ok();
    let rows: Vec<&str> = pages
        .lines()
        .filter(|line| line.starts_with("decides  customers/"))
        .collect();
    assert_eq!(rows.len(), 101, "{pages}");
    let (silent, open): (Vec<&str>, Vec<&str>) = rows
        .into_iter()
        .partition(|row| row.contains("do not contact"));
    assert!(
        silent.len() == 1 && silent[0].contains("Silent") && !silent[0].contains("2345678"),
        "{silent:?}"
    );
    assert!(
        open.iter().all(|row| row.contains("+43 1 2345678")),
        "{open:?}"
    );
    assert_eq!(
        server
            .run(&["deciders", "--filter", "kind = INDIVIDUAL", "--json"])
            .ok()
            .lines()
            .count(),
        101
    );
}

#[test]
fn lookup_finds_in_any_spelling() {
    let server = demo();
    let table = server.run(&["lookup", "lindqist mara"]).ok();
    let first = table.lines().nth(1).unwrap();
    assert!(
        first.starts_with("contacts/mara-lindqvist") && first.contains("(1 typo)"),
        "{table}"
    );
    assert!(
        table.contains("Head of Purchasing, Nordlicht Optik") && table.contains("decision maker"),
        "{table}"
    );
    assert_eq!(server.run(&["lookup", "lindqist", "mara"]).ok(), table);
    let line = server
        .run(&["lookup", "040 555 0143", "--region", "DE", "--json"])
        .ok();
    assert_eq!(
        json(line.lines().next().unwrap())["contact"],
        "contacts/mara-lindqvist"
    );
    let n_lines = |args: &[&str]| {
        server
            .run(&[&["lookup", "nordlicht"], args].concat())
            .ok()
            .lines()
            .count()
    };
    assert!(n_lines(&[]) > 2 && n_lines(&["--limit", "1"]) == 2);
    assert_eq!(server.run(&["lookup", "qqqqqqqqqq"]).ok(), "no match\n");
    assert_eq!(server.run(&["lookup", "qqqqqqqqqq", "--json"]).ok(), "");
}

#[test]
fn log_writes_down_what_came_out_of_a_talk() {
    let server = demo();
    let log = |more: &[&str]| {
        let args = [
            "log",
            FIRM,
            "--channel",
            "call",
            "--direction",
            "in",
            "--subject",
            "Batch 72",
        ];
        server.run(
            &[
                &args[..],
                &[
                    "--start",
                    "2026-01-31T14:30",
                    "--as",
                    "colleagues/noor-haddad",
                ],
                more,
            ]
            .concat(),
        )
    };
    let more = [
        "--with",
        "mara lindqvist",
        "--with-new",
        "Tomas Ek, Head of Design",
        "--promise",
        "Send the samples by 2026-02-15",
        "--they-promise",
        "Stand by our word",
    ];
    let would = log(&[&more[..], &["--dry-run"]].concat()).ok();
    assert!(
        would.starts_with(
            "would log: a conversation with Nordlicht Optik  customers/nordlicht-optik\n"
        ),
        "{would}"
    );
    let page = log(&more).ok();
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
    let talks = server
        .run(&[
            "list",
            "conversations",
            "--filter",
            "subject = \"Batch 72\"",
            "--json",
        ])
        .ok();
    assert_eq!(talks.lines().count(), 1, "the trial wrote nothing");
    let talk = json(&talks);
    assert_eq!(
        (&talk["channel"], &talk["direction"], &talk["state"]),
        (&"PHONE".into(), &"INBOUND".into(), &"HELD".into())
    );
    assert_eq!(
        (&talk["start_time"], &talk["our_people"][0]),
        (
            &"2026-01-31T14:30:00Z".into(),
            &"colleagues/noor-haddad".into()
        )
    );
    assert_eq!(
        (
            &talk["contacts"][0],
            talk["contacts"].as_array().unwrap().len()
        ),
        (&"contacts/mara-lindqvist".into(), 2)
    );
    let jobs = server
        .run(&[
            "list",
            "affiliations",
            "--filter",
            "job_title = \"Head of Design\"",
            "--json",
        ])
        .ok();
    assert_eq!(json(&jobs)["contact"], talk["contacts"][1]);
    let promise = server
        .run(&[
            "list",
            "promises",
            "--filter",
            "text = \"Send the samples\"",
            "--json",
        ])
        .ok();
    assert_eq!(
        json(&promise)["due_time"],
        "2026-02-15T23:59:59Z",
        "the day counts"
    );
}

#[test]
fn log_says_what_it_needs() {
    let server = demo();
    let why = server.run(&["log", FIRM]).fails();
    assert!(why.contains("nothing to log"), "{why}");
    let why = server
        .run(&["log", FIRM, "--summary", " ", "--subject", ""])
        .fails();
    assert!(why.contains("nothing to log"), "{why}");
    // Whom it was with is found out before anything is asked.
    let why = server.run(&["log", "customers/nobody"]).fails();
    assert!(why.contains("CUSTOMER_NOT_FOUND"), "{why}");
    let why = server
        .run(&["log", FIRM, "--promise", "call back by 2026-02-30"])
        .misused();
    assert!(
        why.contains("\"2026-02-30\" is not a date: write it as 2026-12-01"),
        "{why}"
    );
    let why = server
        .run(&["log", FIRM, "--summary", "x", "--planned"])
        .misused();
    assert!(why.contains("--start"), "{why}");
    let why = server
        .run(&["log", FIRM, "--channel", "pigeon", "--summary", "x"])
        .misused();
    assert!(
        why.contains("expected one of: in person, phone, video"),
        "{why}"
    );
    let why = server
        .run(&["log", FIRM, "--start", "yesterday", "--summary", "x"])
        .misused();
    assert!(
        why.contains("expected a time such as 2026-11-20T14:30"),
        "{why}"
    );
    let why = server
        .run(&["log", FIRM, "--summary", "x", "--start", "2999-01-01"])
        .fails();
    assert!(
        why.contains("conversation.start_time") || why.contains("PLANNED"),
        "{why}"
    );
    server
        .run(&[
            "log",
            FIRM,
            "--summary",
            "x",
            "--start",
            "2999-01-01",
            "--planned",
        ])
        .ok();
    let line = server
        .run(&[
            "log",
            "erp:100214",
            "--summary",
            "mine",
            "--private",
            "--json",
        ])
        .ok();
    assert_eq!(json(&line)["conversation"]["visibility"], "PRIVATE");
    assert_eq!(
        json(&line)["conversation"]["author"],
        "colleagues/hanna-weber"
    );
}
