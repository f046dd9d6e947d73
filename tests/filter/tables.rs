//! Segments of real tables: one customer a row, the columns as attributes, and the counts that others found.

use std::collections::BTreeMap;

use clientele::pb;
use futures_util::stream::{self, StreamExt};
use prost_types::value::Kind;
use prost_types::{Struct, Value};

use super::data;
use crate::harness::Harness;
use crate::harness::builders::{customer, external_id};
use crate::harness::engine::Engine;
use crate::harness::paging::all_pages;
use crate::harness::records::segment;

conformance! {
    segments_of_small_tables_have_the_members_that_others_found,
    segments_of_a_large_table_have_the_members_that_others_found,
}

/// Each filter of the collection as it is written here: a column is an attribute, a number is kept as one, a word of
/// `A*` is a prefix as it was.
const REWRITTEN: [(&str, &str); 15] = [
    (
        r#"gics_sector = "Energy""#,
        r#"attributes.gics_sector = "Energy""#,
    ),
    (
        r#"gics_sector = "Energy" OR gics_sector = "Utilities" AND founded < 1950"#,
        r#"(attributes.gics_sector = "Energy" OR attributes.gics_sector = "Utilities") AND attributes.founded < 1950"#,
    ),
    (
        r#"headquarters_location = "*Texas""#,
        r#"attributes.headquarters_location = "*Texas""#,
    ),
    (
        r#"NOT gics_sector = "Financials" AND date_added >= "2020-01-01""#,
        r#"NOT attributes.gics_sector = "Financials" AND attributes.date_added >= "2020-01-01""#,
    ),
    (r#"security = "A*""#, r#"attributes.security = "A*""#),
    (
        r#"country = "Germany""#,
        r#"attributes.country = "Germany""#,
    ),
    (
        r#"contact_title = "Owner" OR contact_title = "Sales Manager""#,
        r#"attributes.contact_title = "Owner" OR attributes.contact_title = "Sales Manager""#,
    ),
    ("region:*", "attributes.region:*"),
    (
        r#"country = "USA" AND -region = "WA""#,
        r#"attributes.country = "USA" AND -attributes.region = "WA""#,
    ),
    (
        r#"last_order_date >= "1998-05-01""#,
        r#"attributes.last_order_date >= "1998-05-01""#,
    ),
    ("order_count = 0", "attributes.order_count = 0"),
    (
        r#"contract = "Month-to-month" AND tenure < 6"#,
        r#"attributes.contract = "Month-to-month" AND attributes.tenure < 6"#,
    ),
    (
        r#"churn = "Yes" AND monthly_charges > 100"#,
        r#"attributes.churn = "Yes" AND attributes.monthly_charges > 100"#,
    ),
    (
        r#"senior_citizen = 1 AND partner = "No" AND internet_service = "Fiber optic""#,
        r#"attributes.senior_citizen = 1 AND attributes.partner = "No" AND attributes.internet_service = "Fiber optic""#,
    ),
    (
        "channel = 1 AND fresh > 20000",
        "attributes.channel = 1 AND attributes.fresh > 20000",
    ),
];

type Row = BTreeMap<String, String>;

fn rows(path: &str) -> Option<Vec<Row>> {
    let text = data(path)?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let snake = |column: &str| {
        let mut name = String::new();
        for (i, c) in column.char_indices() {
            let after_lower = column[..i].ends_with(|c: char| c.is_lowercase());
            if c.is_uppercase() && after_lower {
                name.push('_');
            }
            name.extend(if c.is_alphanumeric() {
                c.to_lowercase().next()
            } else {
                Some('_')
            });
        }
        name
    };
    let columns: Vec<String> = reader.headers().unwrap().iter().map(snake).collect();
    let row = |row: csv::StringRecord| {
        columns
            .iter()
            .cloned()
            .zip(row.iter().map(str::to_owned))
            .collect()
    };
    Some(
        reader
            .records()
            .map(|record| row(record.unwrap()))
            .collect(),
    )
}

/// Returns the rows of a set, each under its own key.
fn set(name: &str) -> Option<Vec<(String, Row)>> {
    let keyed = |rows: Vec<Row>, key: &str| {
        rows.into_iter()
            .map(|row| (row[key].clone(), row))
            .collect::<Vec<_>>()
    };
    Some(match name {
        "sp500" => keyed(rows("sp500/constituents.csv")?, "symbol"),
        "northwind_customers" => keyed(rows("northwind/customers.csv")?, "customer_id"),
        "last_order" => last_orders()?,
        "telco" => keyed(rows("telco_churn/telco_customer_churn.csv")?, "customer_id"),
        "wholesale" => {
            let rows = rows("wholesale_customers/wholesale_customers.csv")?;
            rows.into_iter()
                .enumerate()
                .map(|(i, row)| ((i + 1).to_string(), row))
                .collect()
        }
        other => panic!("{other} is not known"),
    })
}

fn last_orders() -> Option<Vec<(String, Row)>> {
    let orders = rows("northwind/orders.csv")?;
    let customer = |row: Row| {
        let id = row["customer_id"].clone();
        let dates: Vec<&String> = orders
            .iter()
            .filter(|order| order["customer_id"] == id)
            .map(|order| &order["order_date"])
            .collect();
        let mut row = Row::from([("order_count".to_owned(), dates.len().to_string())]);
        row.extend(
            dates
                .iter()
                .max()
                .map(|last| ("last_order_date".to_owned(), (*last).clone())),
        );
        (id, row)
    };
    Some(
        rows("northwind/customers.csv")?
            .into_iter()
            .map(customer)
            .collect(),
    )
}

/// A blank is no value, and what a filter compares with a number is one. `founded` of S&P 500 counts up to what is no
/// digit, as in "2013 (1888)".
fn attributes(row: &Row) -> Option<Struct> {
    const NUMBERS: [&str; 8] = [
        "founded",
        "order_count",
        "tenure",
        "monthly_charges",
        "senior_citizen",
        "channel",
        "fresh",
        "total_charges",
    ];
    let value = |(column, text): (&String, &String)| {
        let kind = if NUMBERS.contains(&column.as_str()) {
            let digits: String = text
                .chars()
                .take_while(|c| c.is_ascii_digit() || *c == '.')
                .collect();
            Kind::NumberValue(digits.parse().ok()?)
        } else {
            Kind::StringValue(text.clone())
        };
        Some((column.clone(), Value { kind: Some(kind) }))
    };
    let fields = row
        .iter()
        .filter(|(_, text)| !text.trim().is_empty())
        .filter_map(value)
        .collect();
    Some(Struct { fields })
}

async fn segments_of_small_tables_have_the_members_that_others_found(h: Harness) {
    compare(&h, |set| set != "telco").await;
}

async fn segments_of_a_large_table_have_the_members_that_others_found(h: Harness) {
    compare(&h, |set| set == "telco").await;
}

async fn compare(h: &Harness, is_wanted: fn(&str) -> bool) {
    let Some(expected) = data("segments_expected.tsv") else {
        return;
    };
    let segments = expected
        .lines()
        .skip(1)
        .map(|line| line.split('\t').collect());
    let segments: Vec<Vec<&str>> = segments
        .filter(|segment: &Vec<&str>| is_wanted(segment[0]))
        .collect();
    let names: std::collections::BTreeSet<&str> =
        segments.iter().map(|segment| segment[0]).collect();
    // The more at once, the fewer syncs of SQLite; PostgreSQL has sixteen connections.
    let at_once = if h.engine == Engine::Sqlite { 64 } else { 8 };
    for set_name in &names {
        let rows = set(set_name).unwrap();
        let create = |(key, row): (String, Row)| {
            let record = pb::Customer {
                attributes: attributes(&row),
                tags: vec![(*set_name).to_owned()],
                external_ids: vec![external_id(set_name, &key)],
                ..customer(&key)
            };
            let h = h.clone();
            async move { h.create(record).await }
        };
        stream::iter(rows.into_iter().map(create))
            .buffer_unordered(at_once)
            .for_each(|_| async {})
            .await;
    }
    for segment in &segments {
        has_its_members(h, segment).await;
    }
    println!("{} segments of {} tables", segments.len(), names.len());
}

/// Asserts that a list, a segment and a preview find whom others found.
async fn has_its_members(h: &Harness, segment: &[&str]) {
    let [set_name, filter, _, count, first, hash] = *segment else {
        panic!("{segment:?}")
    };
    let (_, rewritten) = REWRITTEN
        .iter()
        .find(|(theirs, _)| *theirs == filter)
        .expect("each is rewritten");
    let mut found = members(h, set_name, rewritten).await;
    found.sort();
    assert_eq!(found.len().to_string(), count, "{set_name}: {rewritten}");
    assert_eq!(
        found[..found.len().min(5)].join(" "),
        first,
        "{set_name}: {rewritten}"
    );
    let digest = ring::digest::digest(&ring::digest::SHA256, found.join("\n").as_bytes());
    let name = h.create(segment_of(set_name, rewritten)).await.name;
    assert_eq!(
        h.count(&name).await.member_count.to_string(),
        count,
        "{set_name}: {rewritten}"
    );
    assert_eq!(
        h.members(&name, 500).await.len().to_string(),
        count,
        "{set_name}: {rewritten}"
    );
    let filter = in_set(set_name, rewritten);
    let preview = pb::PreviewSegmentRequest {
        filter,
        limit: 1,
        ..Default::default()
    };
    let preview = h
        .segments
        .clone()
        .preview_segment(preview)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        preview.member_count.to_string(),
        count,
        "{set_name}: {rewritten}"
    );
    let hex: String = digest
        .as_ref()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(hex, hash, "{set_name}: {rewritten}");
}

fn in_set(set: &str, filter: &str) -> String {
    format!("tags:\"{set}\" AND ({filter})")
}

fn segment_of(set: &str, filter: &str) -> pb::Segment {
    segment(filter, &in_set(set, filter))
}

/// Returns the keys of all records of a set that meet a filter, page by page.
async fn members(h: &Harness, set: &str, filter: &str) -> Vec<String> {
    let filter = in_set(set, filter);
    all_pages(async |page_token| {
        let request = pb::ListCustomersRequest {
            page_size: 1000,
            page_token,
            filter: filter.clone(),
            ..Default::default()
        };
        let page = h
            .customers
            .clone()
            .list_customers(request)
            .await
            .unwrap()
            .into_inner();
        (
            page.customers
                .into_iter()
                .map(|customer| customer.display_name)
                .collect(),
            page.next_page_token,
        )
    })
    .await
}
