//! The exports of two other CRMs, with the mappings that this repository ships: counts, and a second run.

use std::path::Path;

use serde_json::{Value, json};

use super::samples::{counts, import};
use crate::cli::{Server, data, example};

#[test]
fn salesforce_accounts_become_firms_with_an_owner() {
    let Some(folder) = data("salesforce_dataloader") else {
        return;
    };
    let server = Server::start();
    let file = folder.join("account_data.csv");
    let first = import(&server, &file, "salesforce-accounts.toml");
    assert_eq!(first["records"]["customers"], counts(423, 0, 0), "{first}");
    assert_eq!(first["records"]["colleagues"], counts(1, 0, 422));
    assert_eq!(
        first["repeated_keys"],
        json!([]),
        "the same owner in every row is nothing to tell"
    );

    let customers = server.all("customers");
    let owner = &server.all("colleagues")[0]["name"];
    assert!(customers.iter().all(|customer| customer["owner"] == *owner));
    let has_oracle_id = |customer: &&Value| customer["external_ids"].as_array().unwrap().len() == 2;
    assert_eq!(
        customers.iter().filter(has_oracle_id).count(),
        412,
        "blank ids are no key"
    );
    assert_acme(&server);

    let second = import(&server, &file, "salesforce-accounts.toml");
    assert_eq!(
        (&second["changed"], &second["records"]["customers"]),
        (&json!(false), &counts(0, 0, 423))
    );
    assert_eq!(server.all("customers"), customers);
}

fn assert_acme(server: &Server) {
    let acme = server.by_id("customers", "salesforce", "001x0000002lBtoAAE");
    assert_eq!(acme["display_name"], "Acme");
    assert_eq!(
        acme["business"]["annual_revenue"],
        json!({ "currency_code": "USD", "units": "84800000000" })
    );
    let address = |kind: &str| {
        let postal_address = json!({
            "region_code": "US", "postal_code": "31345", "administrative_area": "NY", "locality": "New York",
            "address_lines": ["1350 Charleston Rd."],
        });
        json!({ "type": kind, "postal_address": postal_address })
    };
    assert_eq!(
        acme["addresses"],
        json!([address("BILLING"), address("SHIPPING")])
    );
    let phone =
        |text: &str, e164: &str, kind: &str| json!({ "text": text, "e164": e164, "type": kind });
    let phones = [
        phone("(212) 961-7500", "+12129617500", "WORK"),
        phone("(212) 961-7300", "+12129617300", "FAX"),
    ];
    assert_eq!(acme["phone_numbers"], json!(phones));
    let salesforce = server.by_id("customers", "salesforce", "001x0000002lBtmAAE");
    assert_eq!(
        salesforce["business"]["annual_revenue"],
        json!({ "currency_code": "USD", "units": "60000000" })
    );
    assert_eq!(salesforce["lifecycle"], "ACTIVE");
}

#[test]
fn salesforce_accounts_find_their_parents_wherever_they_stand() {
    let Some(folder) = data("salesforce_dataloader") else {
        return;
    };
    let text = std::fs::read_to_string(folder.join("account_data.csv")).unwrap();
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let header = rows.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).take(40).collect();
    // Each account belongs to the one that stands below it.
    let mut file = csv::Writer::from_writer(Vec::new());
    file.write_record(&header).unwrap();
    for (i, row) in rows.iter().enumerate() {
        let parent = rows.get(i + 1).map_or("", |parent| &parent[0]);
        file.write_record(
            row.iter()
                .enumerate()
                .map(|(at, cell)| if at == 5 { parent } else { cell }),
        )
        .unwrap();
    }
    let server = Server::start();
    let path = server.write("accounts.csv", file.into_inner().unwrap());
    let first = import(&server, &path, "salesforce-accounts.toml");
    assert_eq!(first["records"]["customers"], counts(40, 0, 0), "{first}");
    for pair in rows.windows(2) {
        let [child, parent] =
            [&pair[0][0], &pair[1][0]].map(|id| server.by_id("customers", "salesforce", id));
        assert_eq!(child["parent"], parent["name"]);
    }
    assert_eq!(
        import(&server, &path, "salesforce-accounts.toml")["changed"],
        false
    );
}

#[test]
fn atomic_crm_contacts_come_with_firms_and_a_colleague() {
    let Some(folder) = data("atomic_crm") else {
        return;
    };
    let server = Server::start();
    let file = folder.join("contacts.csv");
    let first = import(&server, &file, "atomic-crm-contacts.toml");
    assert_eq!(first["records"]["contacts"], counts(500, 0, 0), "{first}");
    assert_eq!(first["records"]["affiliations"], counts(500, 0, 0));
    assert_eq!(first["records"]["customers"], counts(55, 0, 445));
    assert_eq!(first["records"]["colleagues"], counts(1, 0, 499));
    let robin = server.by_id("contacts", "atomic-crm", "1");
    assert_eq!(robin["display_name"], "Robin Fritsch");
    assert_eq!(robin["tags"], json!(["football-fan", "musician"]));
    assert_eq!(
        robin["owner"],
        server.by_id("colleagues", "atomic-crm", "1")["name"]
    );
    assert_eq!(robin["contact_permissions"][0]["status"], "ALLOWED");
    assert!(
        server.by_id("contacts", "atomic-crm", "2")["contact_permissions"].is_null(),
        "no newsletter, no refusal"
    );
    let second = import(&server, &file, "atomic-crm-contacts.toml");
    assert_eq!(
        (&second["changed"], &second["records"]["contacts"]),
        (&json!(false), &counts(0, 0, 500))
    );
}

/// The lists of a JSON file, in the order in which they refer to each other, and how many records each makes.
const LISTS: [(&str, &str, u64); 6] = [
    ("sales", "colleagues", 1),
    ("companies", "customers", 2),
    ("contacts", "contacts", 2),
    ("individuals", "customers", 1),
    ("notes", "notes", 2),
    ("tasks", "promises", 2),
];

fn import_lists(server: &Server, file: &Path) -> Vec<Value> {
    LISTS
        .iter()
        .map(|(list, ..)| import(server, file, &format!("atomic-crm-json-{list}.toml")))
        .collect()
}

#[test]
fn atomic_crm_json_becomes_notes_with_dates_and_promises() {
    let Some(folder) = data("atomic_crm") else {
        return;
    };
    let server = Server::start();
    let file = folder.join("import_sample.json");
    for (report, (_, collection, n)) in import_lists(&server, &file).iter().zip(LISTS) {
        assert_eq!(report["records"][collection], counts(n, 0, 0), "{report}");
    }
    let colleague = &server.by_id("colleagues", "atomic-crm", "123")["name"];
    let cave = &server.by_id("contacts", "atomic-crm", "567")["name"];
    let notes = server.all("notes");
    let note = notes
        .iter()
        .find(|note| note["records"] == json!([cave]))
        .unwrap();
    assert_eq!(
        (&note["write_time"], &note["author"]),
        (&json!("2025-02-14T09:20:21Z"), colleague)
    );
    assert!(
        note["body"].as_str().unwrap().contains("portals.\n\nCave"),
        "{note}"
    );
    assert_eq!(
        note["attachments"][0]["display_name"],
        "combustible-lemons-proposal.pdf"
    );

    let promises = server.all("promises");
    promises_come_with_their_people(&server, &promises, colleague, cave);
    for report in import_lists(&server, &file) {
        assert_eq!(
            (&report["changed"], &report["failed_rows"]),
            (&json!(false), &json!(0)),
            "{report}"
        );
    }
    assert_eq!(
        (server.all("notes"), server.all("promises")),
        (notes, promises)
    );
}

fn promises_come_with_their_people(
    server: &Server,
    promises: &[Value],
    colleague: &Value,
    cave: &Value,
) {
    let of = |customer: &Value| {
        promises
            .iter()
            .find(|promise| promise["customer"] == customer["name"])
            .unwrap()
    };
    let kept = of(&server.by_id("customers", "atomic-crm", "345"));
    assert_eq!(
        (&kept["side"], &kept["owner"], &kept["contacts"]),
        (&json!("COMPANY"), colleague, &json!([cave]))
    );
    let times = [&kept["due_time"], &kept["complete_time"]];
    assert_eq!(
        times,
        [
            &json!("2025-03-26T16:15:00Z"),
            &json!("2025-04-01T09:00:00Z")
        ]
    );
    let gordon = server.by_id("customers", "atomic-crm.contact", "456");
    assert_eq!(
        gordon["kind"], "INDIVIDUAL",
        "who works for nobody is a customer"
    );
    assert_eq!(of(&gordon)["text"], "Send crowbar maintenance kit");
    let aperture = server.by_id("customers", "atomic-crm", "345");
    assert_eq!(
        aperture["business"]["annual_revenue"],
        json!({ "currency_code": "USD", "units": "2000000000" })
    );
}

#[test]
fn atomic_crm_json_without_the_addresses_of_its_people_is_refused() {
    let Some(folder) = data("atomic_crm") else {
        return;
    };
    let server = Server::start();
    let (file, mapping) = (
        folder.join("import_sample_invalid_sale.json"),
        example("atomic-crm-json-sales.toml"),
    );
    let why = server
        .run(&[
            "import".as_ref(),
            file.as_os_str(),
            "--mapping".as_ref(),
            mapping.as_os_str(),
        ])
        .fails();
    assert!(
        why.contains("the file has no column `email`; it has"),
        "{why}"
    );
    assert_eq!(server.all("colleagues").len(), 0);
}
