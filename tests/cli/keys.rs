//! Whom a text means: nobody is written to or told of because their name resembles what was typed.

use clientele::pb;
use clientele::pb::contact_service_client::ContactServiceClient;
use clientele::pb::customer_service_client::CustomerServiceClient;

use super::{Server, calls};

fn create_customer(server: &Server, id: &str, display_name: &str) {
    calls(async {
        let mut client = CustomerServiceClient::connect(server.address.clone())
            .await
            .unwrap();
        let customer = pb::Customer {
            display_name: display_name.to_owned(),
            ..Default::default()
        };
        let customer_id = id.to_owned();
        let request = pb::CreateCustomerRequest {
            customer: Some(customer),
            customer_id,
            ..Default::default()
        };
        client.create_customer(request).await.unwrap();
    });
}

fn create_contact(server: &Server, id: &str, display_name: &str) {
    calls(async {
        let mut client = ContactServiceClient::connect(server.address.clone())
            .await
            .unwrap();
        let contact = pb::Contact {
            display_name: display_name.to_owned(),
            ..Default::default()
        };
        let contact_id = id.to_owned();
        let request = pb::CreateContactRequest {
            contact: Some(contact),
            contact_id,
            ..Default::default()
        };
        client.create_contact(request).await.unwrap();
    });
}

fn n_conversations(server: &Server) -> usize {
    server.all("conversations").len()
}

#[test]
fn nothing_is_written_to_a_customer_whose_name_only_resembles_the_text() {
    let server = Server::demo();
    create_customer(&server, "berglunds", "Berglunds snabbköp");
    let n_before = n_conversations(&server);
    for text in ["Berglund snabbkop", "Berglunds Travel", "berglund"] {
        let why = server.run(&["log", text, "--summary", "x"]).fails();
        let expected = format!(
            "error: nobody is called {text:?}; did you mean customers/berglunds (Berglunds snabbköp)?\n"
        );
        assert_eq!(why, expected);
        server.run(&["brief", text]).fails();
        server.run(&["deciders", text]).fails();
    }
    assert_eq!(n_conversations(&server), n_before);
    for text in ["berglunds", "SNABBKOP Berglunds"] {
        server.run(&["log", text, "--summary", "x"]).ok();
    }
    assert_eq!(n_conversations(&server), n_before + 2);
}

#[test]
fn a_person_is_no_customer_and_no_namesake_is_taken_instead() {
    let server = Server::demo();
    for command in [
        &["log", "mara", "--summary", "x"][..],
        &["brief", "mara"],
        &["deciders", "mara"],
    ] {
        let why = server.run(command).fails();
        assert!(
            why.contains("no customer is called \"mara\", a person is: contacts/mara-lindqvist (Mara Lindqvist)"),
            "{why}"
        );
        assert!(
            why.contains("or did you mean customers/amara-okonkwo (Amara Okonkwo)?"),
            "{why}"
        );
    }
    let why = server.run(&["deciders", "Mara Lindqvist"]).fails();
    assert_eq!(
        why,
        "error: no customer is called \"Mara Lindqvist\", a person is: contacts/mara-lindqvist (Mara Lindqvist)\n"
    );
    let why = server.run(&["brief", "--person", "maras"]).fails();
    assert!(
        why.contains(
            "nobody is called \"maras\"; did you mean contacts/mara-lindqvist (Mara Lindqvist)?"
        ),
        "{why}"
    );
}

#[test]
fn what_a_name_holds_does_not_reach_the_terminal() {
    let server = Server::demo();
    create_customer(&server, "red", "Red Alert One");
    create_customer(&server, "reds", "Red Alert Two");
    server.change_store(
        "update customers set display_name = replace(display_name, 'Alert', '\u{1b}[31m Alert\u{202e}')",
    );
    for text in ["red alert", "reds alert"] {
        let why = server.run(&["brief", text]).fails();
        assert!(
            why.contains("customers/red (Red  [31m Alert  One)"),
            "{why}"
        );
        assert!(
            !why.trim_end()
                .contains(|c: char| c.is_control() || c == '\u{202e}'),
            "{why:?}"
        );
    }
}

#[test]
fn nobody_is_given_a_job_because_their_name_resembles_the_text() {
    let server = Server::demo();
    let n_before = server.all("affiliations").len();
    let log =
        |customer: &str, who: &str| server.run(&["log", customer, "--summary", "x", "--with", who]);
    let why = log("customers/talleres-ibarra", "mara lindquist").fails();
    assert!(
        why.contains("nobody is called \"mara lindquist\"; did you mean contacts/mara-lindqvist"),
        "{why}"
    );
    assert_eq!(server.all("affiliations").len(), n_before);
    let page = log("customers/talleres-ibarra", "mara lindqvist").ok();
    assert!(
        page.starts_with(
            "logged: a conversation with Talleres Ibarra  customers/talleres-ibarra  "
        ),
        "{page}"
    );
    assert!(
        page.contains("\n  now also at Talleres Ibarra: Mara Lindqvist  contacts/mara-lindqvist"),
        "{page}"
    );
    assert_eq!(server.all("affiliations").len(), n_before + 1);
    let page = log("customers/nordlicht-optik", "mara lindqvist").ok();
    assert!(!page.contains("now also at"), "{page}");
}

#[test]
fn of_namesakes_the_one_who_works_there_took_part() {
    let server = Server::demo();
    create_contact(&server, "other", "Mara Lindqvist");
    let log = |customer: &str, who: &str| {
        server.run(&[
            "log",
            customer,
            "--summary",
            "x",
            "--with",
            who,
            "--dry-run",
            "--json",
        ])
    };
    for who in ["mara", "Mara Lindqvist"] {
        let line: serde_json::Value =
            serde_json::from_str(&log("nordlicht-optik.example", who).ok()).unwrap();
        assert_eq!(
            line["conversation"]["contacts"],
            serde_json::json!(["contacts/mara-lindqvist"])
        );
        let why = log("customers/talleres-ibarra", who).fails();
        assert!(
            why.contains("is ambiguous") && why.contains("contacts/other"),
            "{why}"
        );
    }
}
