//! `serve --demo`: the sample tells a story that stays fresh, and a store that holds anything is left alone.

use clientele::pb;
use clientele::pb::colleague_service_client::ColleagueServiceClient;
use clientele::pb::contact_service_client::ContactServiceClient;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Server, calls};

fn with<'a>(records: &'a [Value], field: &str, value: &str) -> Vec<&'a Value> {
    records
        .iter()
        .filter(|record| record[field] == value)
        .collect()
}

fn now() -> String {
    clientele::clock::date_of(clientele::clock::Clock::System.now())
}

#[test]
fn demo_fills_an_empty_store_once() {
    let server = Server::start_in(TempDir::new().unwrap(), &["--demo"]);
    assert!(
        server
            .greeting
            .contains("demo   filled the empty store: 13 customers, 20 contacts"),
        "{}",
        server.greeting
    );
    let before = server.all("affiliations");
    let roles: Vec<&str> = before
        .iter()
        .flat_map(|affiliation| affiliation["buying_roles"].as_array().into_iter().flatten())
        .filter_map(|role| role["evidence"].as_str())
        .collect();
    for evidence in ["INFERRED", "STATED", "CONFIRMED"] {
        assert!(roles.contains(&evidence));
    }
    let server = Server::start_in(server.into_folder(), &["--demo"]);
    assert!(
        server
            .greeting
            .contains("demo   the store is not empty and was left as it is"),
        "{}",
        server.greeting
    );
    assert_eq!(server.all("affiliations"), before);
}

#[test]
fn demo_has_talks_of_yesterday_and_tomorrow() {
    let server = Server::start_in(TempDir::new().unwrap(), &["--demo"]);
    let conversations = server.all("conversations");
    let today = now();
    let start =
        |conversation: &Value| conversation["start_time"].as_str().unwrap()[..10].to_owned();
    for conversation in with(&conversations, "state", "HELD") {
        assert!(start(conversation) < today, "{conversation}");
    }
    let planned = with(&conversations, "state", "PLANNED");
    assert!(
        planned.iter().any(|plan| start(plan) > today),
        "a plan lies ahead"
    );
    assert!(
        planned.iter().any(|plan| start(plan) < today),
        "a plan was not confirmed"
    );
    for state in ["CANCELLED", "UNANSWERED"] {
        assert!(!with(&conversations, "state", state).is_empty(), "{state}");
    }
    let optik = server
        .run(&["get", "customers/nordlicht-optik", "--json"])
        .ok();
    let optik: Value = serde_json::from_str(&optik).unwrap();
    assert_eq!(
        optik["last_conversation"]["conversation"], "conversations/nordlicht-glass-test",
        "a PRIVATE one is later and does not count"
    );
    let perrault = server
        .run(&["get", "customers/maison-perrault", "--json"])
        .ok();
    let perrault: Value = serde_json::from_str(&perrault).unwrap();
    assert_eq!(
        perrault["last_conversation"]["conversation"], "conversations/perrault-quarter",
        "a broadcast does not"
    );
}

#[test]
fn demo_has_promises_of_every_age() {
    let server = Server::start_in(TempDir::new().unwrap(), &["--demo"]);
    let promises = server.all("promises");
    let today = now();
    let open = |promise: &&Value| promise["complete_time"].is_null();
    let due = |promise: &Value| {
        promise["due_time"]
            .as_str()
            .map(|time| time[..10].to_owned())
    };
    let is_overdue = |promise: &&Value| due(promise).is_some_and(|date| date < today);
    for side in ["COMPANY", "CUSTOMER"] {
        let of_side = with(&promises, "side", side);
        assert!(
            of_side
                .iter()
                .copied()
                .filter(open)
                .any(|promise| is_overdue(&promise)),
            "{side} overdue"
        );
        assert!(
            of_side
                .iter()
                .copied()
                .filter(open)
                .any(|promise| !is_overdue(&promise)),
            "{side} due"
        );
        assert!(
            of_side
                .iter()
                .any(|promise| !promise["complete_time"].is_null()),
            "{side} done"
        );
    }
    assert!(
        promises.iter().any(|promise| due(promise).is_none()),
        "one has no date"
    );
}

#[test]
fn demo_shows_private_notes_to_their_author_alone() {
    let server = Server::start_in(TempDir::new().unwrap(), &["--demo"]);
    let notes = server.all("notes");
    let private = with(&notes, "visibility", "PRIVATE");
    assert_eq!(private.len(), 1, "the caller is Hanna");
    assert_eq!(private[0]["author"], "colleagues/hanna-weber");
    let why = server.run(&["get", "notes/harbour-floor"]).fails();
    assert!(why.contains("RESOURCE_NOT_FOUND"), "{why}");
}

#[test]
fn demo_pictures_customers_in_personas_and_segments() {
    let server = Server::start_in(TempDir::new().unwrap(), &["--demo"]);
    let personas = server.all("personas");
    assert_eq!(personas.len(), 3);
    for persona in &personas {
        assert!(persona["story"].as_str().unwrap().len() > 300, "{persona}");
        let statements = persona["statements"].as_array().unwrap();
        assert!(
            statements
                .iter()
                .any(|statement| statement["filter"].is_null()),
            "an opinion"
        );
        assert!(
            statements
                .iter()
                .any(|statement| statement["filter"].is_string()),
            "a fact"
        );
    }
    let segments = server.all("segments");
    assert_eq!(segments.len(), 9);
    for segment in segments
        .iter()
        .filter(|segment| segment["filter"].is_string())
    {
        let filter = segment["filter"].as_str().unwrap();
        let members = server
            .run(&["list", "customers", "--filter", filter, "--json"])
            .ok();
        assert!(!members.is_empty(), "{segment} has members");
    }
    let claims = server.all("affiliations");
    let claims = claims
        .iter()
        .flat_map(|affiliation| affiliation["buying_roles"].as_array().into_iter().flatten());
    assert!(
        claims
            .into_iter()
            .any(|claim| claim["source"] == json!("conversations/ibarra-lunch"))
    );
}

#[test]
fn demo_leaves_a_store_with_one_contact_alone() {
    let server = Server::start();
    let mapping = "[contact]\nexternal_ids = [{ system = \"x\", column = \"id\" }]\ndisplay_name = \"name\"\n";
    server.import(mapping, "id,name\n1,Ada\n").ok();
    let server = Server::start_in(server.into_folder(), &["--demo"]);
    assert!(
        server.greeting.contains("was left as it is"),
        "{}",
        server.greeting
    );
    assert_eq!(server.all("customers").len(), 0);
}

#[test]
fn demo_leaves_a_store_of_deleted_records_alone() {
    let server = Server::start();
    let mapping = "[contact]\nexternal_ids = [{ system = \"x\", column = \"id\" }]\ndisplay_name = \"name\"\n";
    server.import(mapping, "id,name\n1,Ada\n").ok();
    let name = server.by_id("contacts", "x", "1")["name"]
        .as_str()
        .unwrap()
        .to_owned();
    calls(async {
        let mut client = ContactServiceClient::connect(server.address.clone())
            .await
            .unwrap();
        client
            .delete_contact(pb::DeleteContactRequest {
                name,
                ..Default::default()
            })
            .await
            .unwrap();
    });
    let server = Server::start_in(server.into_folder(), &["--demo"]);
    assert!(
        server.greeting.contains("was left as it is"),
        "{}",
        server.greeting
    );
    assert_eq!(server.all("customers").len(), 0);
}

#[test]
fn a_store_that_was_not_filled_to_the_end_is_told() {
    let server = Server::start();
    calls(async {
        let mut client = ColleagueServiceClient::connect(server.address.clone())
            .await
            .unwrap();
        let colleague = pb::Colleague {
            display_name: "Hanna Weber".to_owned(),
            ..Default::default()
        };
        let request = pb::CreateColleagueRequest {
            colleague: Some(colleague),
            colleague_id: "hanna-weber".to_owned(),
            ..Default::default()
        };
        client.create_colleague(request).await.unwrap();
    });
    let server = Server::start_in(server.into_folder(), &["--demo"]);
    let said = "demo   the store has only a part of the sample, because filling it was interrupted, and was left as it is: to \
        see the whole sample, stop and start again with a new store";
    assert!(server.greeting.contains(said), "{}", server.greeting);
    assert_eq!(server.all("customers").len(), 0);
}
