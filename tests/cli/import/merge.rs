//! How a row meets what is there: which record it finds, what it overwrites, what it fills, what it leaves alone.

use clientele::pb;
use clientele::pb::affiliation_service_client::AffiliationServiceClient;
use clientele::pb::contact_service_client::ContactServiceClient;
use clientele::pb::customer_service_client::CustomerServiceClient;
use serde_json::{Value, json};

use super::{FIRMS, PEOPLE, counts, rows};
use crate::cli::{Server, calls};

#[test]
fn later_rows_of_a_key_only_add() {
    let server = Server::start();
    let file = rows(
        "F1,First,030 1,P1,Ada,ada@one.example,\n\
         F1,Second,030 2,P2,Bo,bo@one.example,Owner\n\
         F1,Third,030 1,P1,Ada B.,ada@two.example,Owner\n",
    );
    let ran = server.import(PEOPLE, &file);
    assert_eq!(ran.code, 0);
    let said = [
        "line 3: has the key of the customer of line 2: only adds to it",
        "line 4: has the key of the customer of line 2: only adds to it",
        "line 4: has the key of the contact of line 2: only adds to it",
    ];
    assert_eq!(ran.err.lines().collect::<Vec<_>>(), said);
    assert!(ran.out.contains("3 repeated keys"), "{}", ran.out);
    let firm = server.by_id("customers", "crm", "F1");
    assert_eq!(firm["display_name"], "First");
    let texts = |list: &Value, field: &str| {
        list.as_array()
            .unwrap()
            .iter()
            .map(|x| x[field].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(texts(&firm["phone_numbers"], "text"), ["030 1", "030 2"]);
    let ada = server.by_id("contacts", "crm", "P1");
    assert_eq!(ada["display_name"], "Ada");
    assert_eq!(
        texts(&ada["emails"], "address"),
        ["ada@one.example", "ada@two.example"]
    );
    assert_eq!(
        counts(&ran, "affiliations"),
        [2, 1, 0, 0],
        "the blank job title was filled"
    );
    assert_eq!(counts(&ran, "inferred roles"), [2, 0, 0, 0]);
    let again = server.import(PEOPLE, &file);
    assert!(again.out.contains("nothing changed"), "{}", again.out);
}

#[test]
fn equal_keys_stay_in_order_however_many_rows_run_at_a_time() {
    let server = Server::start();
    let mut file = "id,name,people\n".to_owned();
    for row in 0..200 {
        file.push_str(&format!("{},name {row},{}\n", row % 10, 1000 + row));
    }
    let ran = server.import(FIRMS, &file);
    assert_eq!(counts(&ran, "customers"), [10, 0, 190, 0], "{}", ran.err);
    for id in 0..10 {
        let customer = server.by_id("customers", "crm", &id.to_string());
        assert_eq!(customer["display_name"], format!("name {id}"));
    }
}

#[test]
fn a_key_of_two_records_is_a_fault_of_the_later_row() {
    let server = Server::start();
    let mapping = "[customer]\nexternal_ids = [{ system = \"a\", column = \"id\" }, { system = \"b\", column = \"other\" }]\ndisplay_name = \"name\"\n";
    let ran = server.import(mapping, "id,other,name\n1,x,A\n2,x,B\n");
    assert_eq!((ran.code, counts(&ran, "customers")), (1, [1, 0, 0, 1]));
    assert!(
        ran.err.contains("line 3: customer: ") && ran.err.contains("EXTERNAL_ID_EXISTS"),
        "{}",
        ran.err
    );
}

#[test]
fn a_row_without_a_person_makes_a_firm_alone() {
    let server = Server::start();
    let mapping = PEOPLE.replace("{ column = \"person_id\" }", "{ column = \"firm_id\" }");
    let ran = server.import(&mapping, rows("F1,One,,,,,Owner\nF2,Two,,,Bo,,\n"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        (counts(&ran, "customers"), counts(&ran, "contacts")),
        ([2, 0, 0, 0], [1, 0, 0, 0])
    );
    assert_eq!(counts(&ran, "affiliations"), [1, 0, 0, 0]);
}

#[test]
fn a_section_without_fields_refers_to_what_is_there() {
    let server = Server::start();
    server.import(FIRMS, "id,name,people\nF1,One,5\n").ok();
    let mapping = r#"
[customer]
external_ids = [{ system = "crm", column = "firm" }]
[contact]
external_ids = [{ system = "crm", column = "id" }]
display_name = "name"
[affiliation]
"#;
    let ran = server.import(mapping, "id,name,firm\nP1,Ada,F1\nP2,Bo,F2\nP3,Cy,\n");
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("line 3: customer: no record has this key"),
        "{}",
        ran.err
    );
    assert_eq!(
        (counts(&ran, "customers"), counts(&ran, "contacts")),
        ([0, 0, 1, 1], [2, 0, 0, 0])
    );
    assert_eq!(counts(&ran, "affiliations"), [1, 0, 0, 0]);
}

#[test]
fn what_people_wrote_stays() {
    let server = Server::start();
    let mapping = PEOPLE.replace(
        "[contact]",
        "lifecycle = { value = \"PROSPECT\" }\n[contact]",
    );
    let file = rows("F1,One,030 1,P1,Ada,ada@one.example,\n");
    server.import(&mapping, &file).ok();
    let name = server.by_id("customers", "crm", "F1")["name"]
        .as_str()
        .unwrap()
        .to_owned();
    edit_by_hand(&server, name);
    let edited = server.by_id("customers", "crm", "F1");
    let ran = server.import(&mapping, &file);
    assert!(ran.out.contains("nothing changed"), "{}", ran.out);
    assert_eq!(server.by_id("customers", "crm", "F1"), edited);
    server
        .import(&mapping, rows("F1,Uno,030 2,P1,Ada,,\n"))
        .ok();
    let customer = server.by_id("customers", "crm", "F1");
    let numbers =
        json!([{ "text": "040 9", "type": "MOBILE" }, { "text": "030 2", "type": "WORK" }]);
    assert_eq!(customer["phone_numbers"], numbers);
    for field in ["display_name", "lifecycle", "about", "external_ids"] {
        assert_eq!(customer[field], edited[field], "{field}");
    }
    assert_eq!(
        server.by_id("contacts", "crm", "P1")["emails"][0]["address"],
        "ada@one.example",
        "a blank clears nothing"
    );
}

/// Changes a customer as somebody who works beside the imports does.
fn edit_by_hand(server: &Server, name: String) {
    calls(async {
        let mut client = CustomerServiceClient::connect(server.address.clone())
            .await
            .unwrap();
        let customer = client
            .get_customer(pb::GetCustomerRequest {
                name,
                ..Default::default()
            })
            .await
            .unwrap();
        let mut customer = customer.into_inner();
        customer.about = "Met at the fair.".to_owned();
        customer.lifecycle = pb::customer::Lifecycle::Active.into();
        customer.display_name = "One Ltd".to_owned();
        customer.locked_paths = vec!["display_name".to_owned()];
        let text = "040 9".to_owned();
        let mobile = pb::PhoneNumber {
            text,
            r#type: pb::phone_number::Type::Mobile.into(),
            ..Default::default()
        };
        customer.phone_numbers.insert(0, mobile);
        let request = pb::UpdateCustomerRequest {
            customer: Some(customer),
            ..Default::default()
        };
        client.update_customer(request).await.unwrap();
    });
}

#[test]
fn a_role_that_somebody_ended_is_not_inferred_again() {
    let server = Server::start();
    let file = rows("F1,One,,P1,Ada,,Owner\n");
    server.import(PEOPLE, &file).ok();
    let affiliation = &server.all("affiliations")[0];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (affiliation, claim_id) = (
        text(&affiliation["name"]),
        text(&affiliation["buying_roles"][0]["claim_id"]),
    );
    calls(async {
        let mut client = AffiliationServiceClient::connect(server.address.clone())
            .await
            .unwrap();
        let request = pb::EndBuyingRoleRequest {
            affiliation,
            claim_id,
            ..Default::default()
        };
        client.end_buying_role(request).await.unwrap();
    });
    let before = server.all("affiliations");
    let ran = server.import(PEOPLE, &file);
    assert_eq!(counts(&ran, "inferred roles"), [0, 0, 1, 0]);
    assert_eq!(server.all("affiliations"), before);
}

#[test]
fn titles_are_matched_by_whole_words() {
    let server = Server::start();
    let titles = [
        "CO-OWNER",
        "Ownership Advisor",
        "owner/manager",
        "Head of Purchasing",
        "Head, Purchasing",
        "",
    ];
    let row = |(i, title): (usize, &&str)| format!("F{i},Firm {i},,P{i},Person {i},,\"{title}\"\n");
    let file = rows(&titles.iter().enumerate().map(row).collect::<String>());
    let mapping =
        format!("{PEOPLE}\"head of purchasing\" = \"BUDGET_HOLDER\"\nPurchasing = \"EVALUATOR\"\n");
    server.import(&mapping, file).ok();
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for affiliation in server.all("affiliations") {
        let roles = affiliation["buying_roles"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let roles = roles
            .iter()
            .map(|role| role["role"].as_str().unwrap().to_owned())
            .collect();
        found.push((
            affiliation["job_title"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            roles,
        ));
    }
    found.sort();
    let expected = [
        ("", &[][..]),
        ("CO-OWNER", &["DECISION_MAKER"]),
        ("Head of Purchasing", &["BUDGET_HOLDER", "EVALUATOR"]),
        ("Head, Purchasing", &["EVALUATOR"]),
        ("Ownership Advisor", &[]),
        ("owner/manager", &["DECISION_MAKER"]),
    ];
    let expected = expected.map(|(title, roles)| {
        (
            title.to_owned(),
            roles
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<String>>(),
        )
    });
    assert_eq!(found, expected);
}

#[test]
fn a_deleted_record_does_not_come_back_unasked() {
    let server = Server::start();
    let file = rows("F1,One,,P1,Ada,,\nF2,Two,,P2,Bo,,\n");
    server.import(PEOPLE, &file).ok();
    let name = server.by_id("contacts", "crm", "P1")["name"]
        .as_str()
        .unwrap()
        .to_owned();
    calls(async {
        let mut client = ContactServiceClient::connect(server.address.clone())
            .await
            .unwrap();
        let request = pb::DeleteContactRequest {
            name: name.clone(),
            force: true,
            ..Default::default()
        };
        client.delete_contact(request).await.unwrap();
    });
    let ran = server.import(PEOPLE, &file);
    assert_eq!((ran.code, counts(&ran, "contacts")), (1, [0, 0, 1, 1]));
    assert!(
        ran.err.contains(&format!(
            "line 2: contact: {name} has this key and is deleted"
        )),
        "{}",
        ran.err
    );
}

#[test]
fn two_affiliations_of_one_person_are_told_apart_by_their_own_id() {
    let server = Server::start();
    let mapping = PEOPLE.replace(
        "[affiliation]",
        "[affiliation]\nexternal_ids = [{ column = \"phone\" }]",
    );
    let file = rows("F1,One,A1,P1,Ada,,Owner\nF1,One,A2,P1,Ada,,Founder\n");
    let ran = server.import(&mapping, &file);
    assert_eq!(counts(&ran, "affiliations"), [2, 0, 0, 0], "{}", ran.err);
    let ran = server.import(PEOPLE, &file);
    assert_eq!((ran.code, counts(&ran, "affiliations")), (1, [0, 0, 0, 2]));
    assert!(
        ran.err
            .contains("there are 2 of this contact at this customer"),
        "{}",
        ran.err
    );
}
