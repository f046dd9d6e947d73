//! `segments`: the overview, one segment, its members, and in which of them a customer is.

mod comparison; // segments compared
mod explain; // why a customer is in one

use clientele::pb;
use clientele::pb::customer::Business;
use clientele::pb::customer_service_client::CustomerServiceClient;
use clientele::pb::segment_service_client::SegmentServiceClient;
use clientele::store::engine::open::DatabaseUrl;
use serde_json::Value;

use crate::cli::{Server, calls};
use crate::harness::builders::customer;
use crate::harness::engine::{Engine, execute};
use crate::harness::in_runtime;
use crate::harness::records::{listed, segment};

const FIRM: &str = "customers/nordlicht-optik";

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The filters are those of an earlier version: today they would be refused.
#[test]
fn warnings_about_filters_are_shown() {
    let server = Server::demo();
    let file = DatabaseUrl::Sqlite(server.folder.path().join("clientele.db"));
    let older =
        "update segments set filter = 'lifecycle ACTIVE' where name = 'segments/individuals';
         update personas set match_filter = 'display_name Anna' where match_filter <> '';";
    in_runtime(execute(&file, older));
    let advice =
        "warning: lifecycle in filter: a field by itself asks nothing: write `lifecycle = ACTIVE`";
    let shown = server.run(&["segments"]).ok();
    let line = format!("segments/individuals: {advice}");
    assert_eq!(shown.matches("warning").count(), 1, "{shown}");
    assert!(shown.contains(&line), "{shown}");
    let shown = server.run(&["segments", "show", "individuals"]).ok();
    assert!(shown.contains(advice), "{shown}");
    let all = server.all("personas");
    let of_filter = all.iter().find(|one| one["match_filter"] != Value::Null);
    let name = of_filter.unwrap()["name"].as_str().unwrap().to_owned();
    let shown = server.run(&["personas", "show", &name]).ok();
    assert!(
        shown.contains("warning: display_name in match_filter: "),
        "{shown}"
    );
}

#[test]
fn the_overview_counts_the_members_of_each() {
    let server = Server::demo();
    let shown = server.run(&["segments"]).ok();
    let row = |name: &str| {
        shown
            .lines()
            .find(|line| line.split_whitespace().next() == Some(name))
            .unwrap()
            .to_owned()
    };
    let words = |name: &str| {
        row(name)
            .split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(
        words("segments/open-house"),
        "segments/open-house Guests of the open house 4 4 listed"
    );
    let members = server
        .run(&["segments", "members", "individuals", "--all", "--json"])
        .ok();
    let n_members = members.lines().count();
    assert!(
        n_members > 0 && row("segments/individuals").contains(&format!(" {n_members} ")),
        "{shown}"
    );
    let listed = server.run(&["segments", "--json"]).ok();
    assert_eq!(listed.lines().count(), shown.lines().count() - 1);
    assert_eq!(
        lines(&listed)[0]["name"],
        shown
            .lines()
            .nth(1)
            .unwrap()
            .split_whitespace()
            .next()
            .unwrap()
    );
}

#[test]
fn a_segment_is_shown_with_its_filter_and_some_members() {
    let server = Server::demo();
    let shown = server.run(&["segments", "show", "prospects"]).ok();
    assert!(
        shown.starts_with("Prospects  segments/prospects\n"),
        "{shown}"
    );
    assert!(
        shown.contains("filter: lifecycle = PROSPECT AND audience = EXTERNAL\n"),
        "{shown}"
    );
    assert!(
        shown.contains("members: ") && shown.contains("customers/"),
        "{shown}"
    );
    let listed = server
        .run(&["segments", "show", "segments/open-house"])
        .ok();
    assert!(
        listed.contains("by list\n\nmembers: 4\n") && listed.contains(FIRM),
        "{listed}"
    );
    let record = lines(
        &server
            .run(&["segments", "show", "prospects", "--json"])
            .ok(),
    )
    .remove(0);
    assert_eq!(
        record["filter"],
        "lifecycle = PROSPECT AND audience = EXTERNAL"
    );
    let why = server.run(&["segments", "show", "nobody"]).fails();
    assert!(
        why.contains("segments/nobody does not exist (RESOURCE_NOT_FOUND)"),
        "{why}"
    );
}

#[test]
fn members_are_listed_as_customers_are() {
    let server = Server::demo();
    let names = |args: &[&str]| -> Vec<String> {
        let out = server
            .run(&[&["segments", "members", "open-house", "--json"], args].concat())
            .ok();
        lines(&out)
            .iter()
            .map(|one| one["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let by_name = names(&["--all"]);
    assert_eq!(by_name.len(), 4);
    assert!(by_name.is_sorted());
    assert_eq!(
        names(&["--order-by", "name desc", "--all"]),
        by_name.iter().rev().cloned().collect::<Vec<_>>()
    );
    let two = server.run(&["segments", "members", "open-house", "--limit", "2"]);
    assert!(
        two.err.contains("there are more") && two.out.lines().count() == 3,
        "{}{}",
        two.out,
        two.err
    );
    let all = server
        .run(&["segments", "members", "open-house", "--limit", "4"])
        .ok();
    assert_eq!(
        all.lines().count(),
        5,
        "nobody is left, and nothing is said of more: {all}"
    );
    let why = server
        .run(&["segments", "members", "open-house", "--order-by", "about"])
        .fails();
    assert!(why.contains("ORDER_BY_INVALID"), "{why}");
}

#[test]
fn a_customer_is_checked_by_any_key() {
    let server = Server::demo();
    for key in [
        FIRM,
        "erp:100214",
        "nordlicht-optik.example",
        "Nordlicht Optik",
    ] {
        let out = server
            .run(&[
                "segments",
                "check",
                key,
                "open-house",
                "individuals",
                "--json",
            ])
            .ok();
        let told = lines(&out);
        let members: Vec<bool> = told
            .iter()
            .map(|one| one["member"].as_bool().unwrap_or_default())
            .collect();
        assert_eq!(members, [true, false], "{key}");
    }
    let shown = server.run(&["segments", "check", FIRM, "individuals"]).ok();
    assert!(
        shown.contains("VALID UNTIL") && shown.contains("segments/individuals  no"),
        "{shown}"
    );
    let all = server.run(&["segments", "check", FIRM]).ok();
    assert!(
        all.contains("segments/open-house") && !all.contains("segments/individuals"),
        "{all}"
    );
    let listed = lines(&server.run(&["segments", "check", FIRM, "--json"]).ok());
    assert_eq!(listed.len(), all.lines().count() - 1);
    let why = server
        .run(&["segments", "check", "+49 40 555 0143", "open-house"])
        .fails();
    assert!(why.contains("the key fits 2 customers"), "{why}");
    let why = server
        .run(&["segments", "check", "nobody.example", "open-house"])
        .fails();
    assert!(why.contains("no customer has this key"), "{why}");
    let why = server.run(&["segments", "check", FIRM, "nobody"]).fails();
    assert!(
        why.contains("segments/nobody does not exist (RESOURCE_NOT_FOUND)"),
        "{why}"
    );
    server.run(&["segments", "check"]).misused();
}

/// 12 firms, 11 of which are in `large` until the end of the century; one has no number of employees.
async fn fill(server: &Server) {
    create_twelve(server).await;
    let of_id = |i| pb::Customer {
        name: format!("customers/c{i}"),
        ..Default::default()
    };
    let ten: Vec<pb::Customer> = (1..11).map(of_id).collect();
    let filter = "business.employee_count > 50 AND business.employee_count < 90 AND NOT customer_since_time <= now()";
    let mut large = segment("large", filter);
    large.description = "Those of size.\nAs of today.".to_owned();
    let mut segments = SegmentServiceClient::connect(server.address.clone())
        .await
        .unwrap();
    for segment in [
        large,
        listed("ten", &ten.iter().collect::<Vec<_>>()),
        segment("nobody", "business.employee_count > 60"),
        segment("gone", "business.employee_count > 50"),
        segment("heir", "segment:\"segments/gone\""),
    ] {
        let segment_id = segment.display_name.clone();
        let request = pb::CreateSegmentRequest {
            segment: Some(segment),
            segment_id,
            ..Default::default()
        };
        segments.create_segment(request).await.unwrap();
    }
    // A segment that is named can only be deleted while the one that names it is deleted, too.
    for id in ["heir", "gone"] {
        let request = pb::DeleteSegmentRequest {
            name: format!("segments/{id}"),
            ..Default::default()
        };
        segments.delete_segment(request).await.unwrap();
    }
    let request = pb::UndeleteSegmentRequest {
        name: "segments/heir".to_owned(),
        ..Default::default()
    };
    segments.undelete_segment(request).await.unwrap();
}

async fn create_twelve(server: &Server) {
    let mut customers = CustomerServiceClient::connect(server.address.clone())
        .await
        .unwrap();
    for i in 0..12 {
        let employee_count = (i > 0).then_some(60);
        let customer = pb::Customer {
            business: Some(Business {
                employee_count,
                ..Default::default()
            }),
            customer_since_time: Some(prost_types::Timestamp {
                seconds: 4_102_444_800,
                nanos: 0,
            }),
            ..customer("x")
        };
        let request = pb::CreateCustomerRequest {
            customer: Some(customer),
            customer_id: format!("c{i}"),
            ..Default::default()
        };
        customers.create_customer(request).await.unwrap();
    }
}

#[test]
fn what_is_unset_what_is_cut_and_until_when_is_told() {
    let server = Server::start_on(Engine::Sqlite, &[]);
    calls(fill(&server));
    let shown = server.run(&["segments", "show", "large"]).ok();
    assert!(
        shown.starts_with("large  segments/large\nThose of size.\nAs of today.\n\nfilter: "),
        "{shown}"
    );
    let unset: Vec<&str> = shown
        .lines()
        .filter(|line| line.contains(" have no "))
        .collect();
    assert_eq!(
        unset,
        ["1 of 12 customers have no business.employee_count"],
        "once for two parts, {shown}"
    );
    assert!(shown.contains("\nmembers: 11\n"), "{shown}");
    assert!(
        shown
            .trim_end()
            .ends_with("… and 1 more: clientele segments members segments/large"),
        "{shown}"
    );
    let ten = server.run(&["segments", "show", "ten"]).ok();
    assert!(
        ten.contains("\nmembers: 10\n") && !ten.contains(" more"),
        "{ten}"
    );
    let gone = server.run(&["segments", "show", "gone"]).ok();
    assert!(gone.contains("It is deleted and has no members."), "{gone}");
    let heir = server.run(&["segments", "show", "heir"]).ok();
    let parts = [
        "heir  segments/heir\n",
        "filter: segment:\"segments/gone\"",
        "segments/gone, which it names, is deleted and has no members",
        "\nmembers: 0\n",
    ];
    assert_eq!(heir, parts.join("\n"));
    assert_eq!(
        server.run(&["segments", "members", "nobody"]).ok(),
        "it has no members\n"
    );
    for args in [
        &["segments", "check", "customers/c1"][..],
        &["segments", "check", "customers/c1", "large"],
    ] {
        let told = server.run(args).ok();
        let line = told
            .lines()
            .find(|line| line.contains("segments/large"))
            .unwrap();
        assert!(line.contains("2100-01-01 00:00:00"), "{told}");
    }
    let told = server.run(&["segments", "check", "customers/c0"]).ok();
    assert_eq!(told.trim_end(), "not in any segment");
}
