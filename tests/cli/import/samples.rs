//! The imports of real files, with the mappings that this repository ships: counts, and a second run.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::cli::{Server, data, example};

/// Imports a file with a mapping of this repository, and returns the report.
pub fn import(server: &Server, file: &Path, mapping: &str) -> Value {
    let mapping = example(mapping);
    let args = [
        "import".as_ref(),
        file.as_os_str(),
        "--mapping".as_ref(),
        mapping.as_os_str(),
        "--json".as_ref(),
    ];
    serde_json::from_str(&server.run(&args).ok()).unwrap()
}

/// The counts of one kind in a report.
pub fn counts(created: u64, updated: u64, unchanged: u64) -> Value {
    json!({ "created": created, "updated": updated, "unchanged": unchanged, "failed": 0 })
}

#[test]
fn northwind_gives_91_firms_with_their_people() {
    let Some(folder) = data("northwind") else {
        return;
    };
    let server = Server::start();
    let file = folder.join("customers.csv");
    let first = import(&server, &file, "northwind.toml");
    for collection in ["customers", "contacts", "affiliations"] {
        assert_eq!(first["records"][collection], counts(91, 0, 0), "{first}");
        assert_eq!(server.all(collection).len(), 91);
    }
    assert_eq!(
        first["inferred_roles"],
        json!({ "created": 18, "unchanged": 0 })
    );
    assert_inferred_owners(&server);
    assert_alfki(&server);

    let before = [
        server.all("customers"),
        server.all("contacts"),
        server.all("affiliations"),
    ];
    let second = import(&server, &file, "northwind.toml");
    assert_eq!(second["changed"], false, "{second}");
    assert_eq!(second["records"]["affiliations"], counts(0, 0, 91));
    assert_eq!(
        second["inferred_roles"],
        json!({ "created": 0, "unchanged": 18 })
    );
    assert_eq!(
        [
            server.all("customers"),
            server.all("contacts"),
            server.all("affiliations")
        ],
        before
    );
}

/// Eighteen people decide, by their title alone; each at one firm.
fn assert_inferred_owners(server: &Server) {
    let mut titles = BTreeMap::new();
    for affiliation in server.all("affiliations") {
        let Some(roles) = affiliation["buying_roles"].as_array() else {
            continue;
        };
        let [role] = &roles[..] else {
            panic!("{affiliation}")
        };
        assert_eq!(
            (&role["role"], &role["evidence"]),
            (&json!("DECISION_MAKER"), &json!("INFERRED"))
        );
        assert_eq!(role["system"], "northwind");
        *titles
            .entry(affiliation["job_title"].as_str().unwrap().to_owned())
            .or_insert(0) += 1;
    }
    assert_eq!(
        titles,
        BTreeMap::from([
            ("Owner".to_owned(), 17),
            ("Owner/Marketing Assistant".to_owned(), 1)
        ])
    );
    let deciding = server
        .all("customers")
        .iter()
        .filter(|customer| customer["decision_maker_count"] == 1)
        .count();
    assert_eq!(deciding, 18);
}

fn assert_alfki(server: &Server) {
    let customer = server.by_id("customers", "northwind", "ALFKI");
    assert_eq!(customer["display_name"], "Alfreds Futterkiste");
    assert_eq!(
        customer["phone_numbers"],
        json!([
            { "text": "030-0074321", "e164": "+49300074321", "type": "WORK" },
            { "text": "030-0076545", "e164": "+49300076545", "type": "FAX" },
        ])
    );
    let contact = server.by_id("contacts", "northwind", "ALFKI");
    assert_eq!(contact["display_name"], "Maria Anders");
    let filter = format!(
        "customer = {} AND contact = {}",
        customer["name"], contact["name"]
    );
    let affiliation = server
        .run(&["list", "affiliations", "--filter", &filter, "--json"])
        .ok();
    let affiliation: Value = serde_json::from_str(&affiliation).unwrap();
    assert_eq!(affiliation["job_title"], "Sales Representative");
}

#[test]
fn northwind_phones_are_kept_as_given() {
    let Some(folder) = data("northwind") else {
        return;
    };
    let server = Server::start();
    let file = folder.join("customers.csv");
    import(&server, &file, "northwind.toml");
    let mut stored = BTreeMap::new();
    for customer in server.all("customers") {
        let numbers = customer["phone_numbers"].as_array().into_iter().flatten();
        let numbers = numbers
            .map(|number| (number["type"].clone(), number["text"].clone()))
            .collect::<Vec<_>>();
        stored.insert(
            customer["external_ids"][0]["id"]
                .as_str()
                .unwrap()
                .to_owned(),
            numbers,
        );
    }
    for row in csv::Reader::from_path(file).unwrap().into_records() {
        let row = row.unwrap();
        let given = [("WORK", &row[9]), ("FAX", &row[10])]
            .into_iter()
            .filter(|(_, text)| !text.is_empty());
        let given: Vec<(Value, Value)> = given
            .map(|(kind, text)| (kind.into(), text.into()))
            .collect();
        assert_eq!(stored[&row[0]], given, "{}", &row[0]);
    }
}

#[test]
fn sp500_gives_500_firms_of_503_rows() {
    let Some(folder) = data("sp500") else { return };
    let server = Server::start();
    let file = folder.join("constituents.csv");
    let first = import(&server, &file, "sp500.toml");
    assert_eq!(first["rows"], 503);
    assert_eq!(first["records"]["customers"], counts(500, 3, 0), "{first}");
    assert_eq!(first["repeated_keys"].as_array().unwrap().len(), 3);
    let customers = server.all("customers");
    assert_eq!(customers.len(), 500);
    assert_firms(&server);
    assert_sectors(&folder, &customers);

    let second = import(&server, &file, "sp500.toml");
    assert_eq!(
        (&second["changed"], &second["records"]["customers"]),
        (&json!(false), &counts(0, 0, 503))
    );
    assert_eq!(server.all("customers"), customers);
}

fn assert_firms(server: &Server) {
    let alphabet = server.by_id("customers", "sec.cik", "1652044");
    assert_eq!(alphabet["display_name"], "Alphabet Inc. (Class A)");
    assert_eq!(
        server.by_id("customers", "sp500", "GOOGL")["name"],
        alphabet["name"]
    );
    assert_eq!(
        server.by_id("customers", "sp500", "GOOG")["name"],
        alphabet["name"]
    );
    assert_eq!(
        alphabet["attributes"],
        json!({ "founded": "1998", "index_added": "2006-04-03" })
    );

    let abbvie = server.by_id("customers", "sp500", "ABBV");
    assert_eq!(abbvie["business"]["founded_year"], 2013);
    assert_eq!(abbvie["attributes"]["founded"], "2013 (1888)");
    assert_eq!(abbvie["business"]["sub_industry"], "Biotechnology");
    let address = |firm: &Value| firm["addresses"][0]["postal_address"].clone();
    let chicago = json!({ "region_code": "US", "administrative_area": "Illinois", "locality": "North Chicago" });
    assert_eq!(address(&abbvie), chicago);

    let aon = address(&server.by_id("customers", "sp500", "AON"));
    assert_eq!(
        aon["locality"].as_str().map(|city| city.contains(',')),
        Some(false),
        "{aon}"
    );
}

/// The sectors are counted by the publisher of the list, for rows; three firms have two of them.
fn assert_sectors(folder: &Path, customers: &[Value]) {
    let mut stored = BTreeMap::new();
    for customer in customers {
        let tickers = customer["external_ids"].as_array().unwrap().len() - 1;
        *stored
            .entry(
                customer["business"]["industry"]
                    .as_str()
                    .unwrap()
                    .to_owned(),
            )
            .or_insert(0) += tickers;
    }
    let published = csv::Reader::from_path(folder.join("sector_counts.csv"))
        .unwrap()
        .into_records();
    let published = published
        .map(Result::unwrap)
        .map(|row| (row[0].to_owned(), row[1].parse().unwrap()));
    assert_eq!(stored, published.collect());
}
