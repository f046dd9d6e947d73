//! `deciders`: who decides at one customer or many.

use clientele::pb;
use clientele::pb::affiliation_service_client::AffiliationServiceClient;
use clientele::pb::contact_permission::Status;
use clientele::pb::contact_service_client::ContactServiceClient;
use clientele::pb::conversation::Channel;
use clientele::pb::customer_service_client::CustomerServiceClient;
use serde_json::Value;

use super::{Server, calls, json};
use crate::harness::builders::{affiliation, contact, customer, date, email, phone};

const FIRM: &str = "customers/nordlicht-optik";

#[test]
fn deciders_are_a_table_for_one_or_many() {
    let server = Server::demo();
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
