//! Firms, employees and orders of a trader: three files that name each other's records by id, on either engine.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::samples::{counts, import};
use crate::cli::{Server, data};
use crate::harness::engine::Engine;

#[test]
fn orders_become_conversations_on_sqlite() {
    orders_become_conversations(Engine::Sqlite);
}

#[test]
fn orders_become_conversations_on_postgres() {
    orders_become_conversations(Engine::Postgres);
}

fn orders_become_conversations(engine: Engine) {
    let Some(folder) = data("northwind") else {
        return;
    };
    let server = Server::start_on(engine, &[]);
    let files = [
        ("customers.csv", "northwind.toml", "customers", 91),
        ("employees.csv", "northwind-employees.toml", "colleagues", 9),
        ("orders.csv", "northwind-orders.toml", "conversations", 830),
    ];
    for (file, mapping, collection, n) in files {
        let first = import(&server, &folder.join(file), mapping);
        assert_eq!(first["records"][collection], counts(n, 0, 0), "{first}");
    }
    let conversations = server.all("conversations");
    assert_orders(&server, &conversations, &folder);
    assert_last_orders(&server, &conversations);

    let before = server.all("customers");
    for (file, mapping, collection, n) in files {
        let second = import(&server, &folder.join(file), mapping);
        assert_eq!(
            (&second["changed"], &second["records"][collection]),
            (&json!(false), &counts(0, 0, n)),
            "{second}"
        );
    }
    assert_eq!(server.all("conversations"), conversations);
    assert_eq!(server.all("customers"), before);
}

/// Every conversation says what its row says.
fn assert_orders(server: &Server, conversations: &[Value], folder: &Path) {
    let ids = |collection| -> BTreeMap<String, Value> {
        let records = server.all(collection);
        let id = |record: &Value| record["external_ids"][0]["id"].as_str().unwrap().to_owned();
        records
            .iter()
            .map(|record| (id(record), record["name"].clone()))
            .collect()
    };
    let (customers, colleagues) = (ids("customers"), ids("colleagues"));
    let stored: BTreeMap<&str, &Value> = conversations
        .iter()
        .map(|conversation| {
            (
                conversation["external_ids"][0]["id"].as_str().unwrap(),
                conversation,
            )
        })
        .collect();
    assert_eq!(stored.len(), 830);
    for row in csv::Reader::from_path(folder.join("orders.csv"))
        .unwrap()
        .into_records()
    {
        let row = row.unwrap();
        let conversation = stored[&row[0]];
        assert_eq!(conversation["customer"], customers[&row[1]]);
        assert_eq!(conversation["colleagues"], json!([colleagues[&row[2]]]));
        assert_eq!(conversation["start_time"], format!("{}T00:00:00Z", &row[3]));
        assert_eq!(conversation["subject"], format!("Order {}", &row[0]));
        assert_eq!(conversation["topics"], json!(["order"]));
        let facts =
            ["channel", "direction", "state"].map(|field| conversation[field].as_str().unwrap());
        assert_eq!(facts, ["OTHER", "INBOUND", "HELD"]);
    }
}

/// The last conversation of a customer is its last order; of two of one day, that with the greatest name.
fn assert_last_orders(server: &Server, conversations: &[Value]) {
    let mut last: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for conversation in conversations {
        let text = |field: &str| conversation[field].as_str().unwrap();
        let last = last.entry(text("customer")).or_default();
        *last = (*last).max((text("start_time"), text("name")));
    }
    let mut without = Vec::new();
    for customer in server.all("customers") {
        match last.get(customer["name"].as_str().unwrap()) {
            Some((time, name)) => {
                assert_eq!(
                    customer["last_conversation"]["conversation"], *name,
                    "{customer}"
                );
                assert_eq!(customer["last_conversation"]["start_time"], *time);
            }
            None => {
                assert!(customer["last_conversation"].is_null(), "{customer}");
                without.push(customer["external_ids"][0]["id"].clone());
            }
        }
    }
    without.sort_by_key(Value::to_string);
    assert_eq!(without, [json!("FISSA"), json!("PARIS")]);
}

#[test]
fn employees_become_colleagues_with_whole_names() {
    let Some(folder) = data("northwind") else {
        return;
    };
    let server = Server::start();
    import(
        &server,
        &folder.join("employees.csv"),
        "northwind-employees.toml",
    );
    let nancy = server.by_id("colleagues", "northwind", "1");
    assert_eq!(
        (&nancy["display_name"], &nancy["active"]),
        (&json!("Nancy Davolio"), &json!(true))
    );
    assert_eq!(
        nancy["attributes"],
        json!({ "title": "Sales Representative", "hire_date": "1992-05-01" })
    );
}
