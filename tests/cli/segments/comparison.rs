//! What tells two segments apart, as charts.

use clientele::pb;
use clientele::pb::customer::{Business, Lifecycle};
use clientele::pb::customer_service_client::CustomerServiceClient;
use clientele::pb::segment_service_client::SegmentServiceClient;
use serde_json::Value;

use crate::cli::{Server, calls};
use crate::harness::builders::{customer, map};
use crate::harness::engine::Engine;
use crate::harness::records::segment;

/// 12 dormant customers, 10 of them with a tier, and 20 active ones, half of whom share that tier.
async fn fill(server: &Server) {
    let mut customers = CustomerServiceClient::connect(server.address.clone())
        .await
        .unwrap();
    for i in 0..32 {
        let tier = match i {
            0..10 | 12..22 => map(&[("tier", "gold")]),
            10..12 => map(&[]),
            _ => map(&[("tier", "")]),
        };
        let customer = pb::Customer {
            kind: pb::customer::Kind::Business.into(),
            labels: tier,
            lifecycle: (if i < 12 {
                Lifecycle::Dormant
            } else {
                Lifecycle::Active
            })
            .into(),
            business: Some(Business {
                founded_year: Some(1980 + i),
                ..Default::default()
            }),
            ..customer("x")
        };
        customers
            .create_customer(pb::CreateCustomerRequest {
                customer: Some(customer),
                ..Default::default()
            })
            .await
            .unwrap();
    }
    let mut segments = SegmentServiceClient::connect(server.address.clone())
        .await
        .unwrap();
    for (id, filter) in [
        ("dormant", "lifecycle = DORMANT"),
        ("active", "lifecycle = ACTIVE"),
    ] {
        let segment = Some(segment(&id.to_uppercase(), filter));
        let request = pb::CreateSegmentRequest {
            segment,
            segment_id: id.to_owned(),
            ..Default::default()
        };
        segments.create_segment(request).await.unwrap();
    }
}

#[test]
fn segments_are_compared_in_charts_the_most_telling_first() {
    let server = Server::start_on(Engine::Sqlite, &[]);
    calls(fill(&server));
    server.change_store("update customers set labels = replace(labels, 'gold', 'gold\\u001b[31m')");
    let page = server
        .run(&[
            "segments",
            "compare",
            "dormant",
            "segments/active",
            "--field",
            "labels.tier",
        ])
        .ok();
    let head = "A  DORMANT (segments/dormant): 12\nB  ACTIVE (segments/active): 20\n   0 in both\n";
    assert!(page.starts_with(head), "{page}");
    let starts: Vec<_> = [
        "lifecycle  V 1.00  (A: 12 set, B: 20 set)",
        "years_in_business  delta 1.00",
        "labels.tier  V 0.50",
    ]
    .map(|title| {
        page.find(&format!("\n{title}"))
            .unwrap_or_else(|| panic!("no {title} in\n{page}"))
    })
    .to_vec();
    assert!(starts.is_sorted(), "{page}");
    let line = |start: &str| {
        page.lines()
            .find(|line| line.trim_start().starts_with(start))
            .unwrap_or_default()
    };
    assert_eq!(
        line("DORMANT").matches('█').count(),
        line("ACTIVE").matches('█').count(),
        "{page}"
    );
    assert!(
        line("DORMANT").contains("100.0%") && line("DORMANT").ends_with("0.0%       0"),
        "{page}"
    );
    // 10, 10 and 0, 10: 100 / sqrt(10 * 20 * 20 * 10). A value does nothing to the terminal.
    assert!(
        line("gold").contains("100.0%      10") && line("gold").contains("50.0%      10"),
        "{page}"
    );
    assert!(
        !page.contains('\u{1b}') && line("\"\"").contains("50.0%"),
        "{page}"
    );
    assert!(page.contains("\nthe same value for all: kind\n"), "{page}");
    assert!(
        page.contains("\nnot enough to compare: addresses.postal_address.region_code, audience"),
        "{page}"
    );
}

#[test]
fn without_another_segment_it_is_the_base() {
    let server = Server::start_on(Engine::Sqlite, &[]);
    calls(fill(&server));
    let page = server.run(&["segments", "compare", "active"]).ok();
    assert!(
        page.contains("\nB  all customers: 32\n   20 in both\n"),
        "{page}"
    );
    let line: Value = serde_json::from_str(
        &server
            .run(&["segments", "compare", "active", "--json"])
            .ok(),
    )
    .unwrap();
    assert_eq!(
        (&line["overlap_count"], &line["b"]["customer_count"]),
        (&Value::from(20), &Value::from(32))
    );
    let refused = server
        .run(&["segments", "compare", "active", "--field", "label.tier"])
        .fails();
    assert!(refused.contains("did you mean `labels.KEY`?"), "{refused}");
    let same = server
        .run(&["segments", "compare", "active", "active"])
        .fails();
    assert!(same.contains("the same segment"), "{same}");
}
