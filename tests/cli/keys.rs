//! Whom a text means: nobody is written to or told of because their name resembles what was typed.

use clientele::pb;
use clientele::pb::customer_service_client::CustomerServiceClient;
use tempfile::TempDir;

use super::{Server, calls};

fn demo() -> Server {
    Server::start_in(TempDir::new().unwrap(), &["--demo"])
}

fn create_customer(server: &Server, id: &str, display_name: &str) {
    calls(async {
        let mut client = CustomerServiceClient::connect(server.address.clone()).await.unwrap();
        let customer = pb::Customer { display_name: display_name.to_owned(), ..Default::default() };
        let customer_id = id.to_owned();
        let request = pb::CreateCustomerRequest { customer: Some(customer), customer_id, ..Default::default() };
        client.create_customer(request).await.unwrap();
    });
}

fn n_conversations(server: &Server) -> usize {
    server.all("conversations").len()
}

#[test]
fn nothing_is_written_to_a_customer_whose_name_only_resembles_the_text() {
    let server = demo();
    create_customer(&server, "berglunds", "Berglunds snabbköp");
    let n_before = n_conversations(&server);
    for text in ["Berglund snabbkop", "Berglunds Travel", "berglund"] {
        let why = server.run(&["log", text, "--summary", "x"]).fails();
        let expected =
            format!("error: {text:?} is nobody's name; did you mean customers/berglunds (Berglunds snabbköp)?\n");
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
    let server = demo();
    for command in [&["log", "mara", "--summary", "x"][..], &["brief", "mara"], &["deciders", "mara"]] {
        let why = server.run(command).fails();
        assert!(why.contains("no customer is called \"mara\"; for a person, `brief --person`"), "{why}");
        assert!(why.contains("or did you mean customers/amara-okonkwo (Amara Okonkwo)?"), "{why}");
    }
    let why = server.run(&["deciders", "Mara Lindqvist"]).fails();
    assert_eq!(why, "error: no customer is called \"Mara Lindqvist\"; for a person, `brief --person`\n");
    let why = server.run(&["brief", "--person", "maras"]).fails();
    assert!(
        why.contains("\"maras\" is nobody's name; did you mean contacts/mara-lindqvist (Mara Lindqvist)?"),
        "{why}"
    );
}

#[test]
fn what_a_name_holds_does_not_reach_the_terminal() {
    let server = demo();
    create_customer(&server, "red", "Red \u{1b}[31mAlert\u{202e} One");
    create_customer(&server, "reds", "Red \u{1b}[31mAlert\u{202e} Two");
    for text in ["red", "reds alert"] {
        let why = server.run(&["brief", text]).fails();
        assert!(why.contains("customers/red (Red  [31mAlert  One)"), "{why}");
        assert!(!why.trim_end().contains(|c: char| c.is_control() || c == '\u{202e}'), "{why:?}");
    }
}
