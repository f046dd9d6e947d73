//! Until when a verdict holds: the moment is told to the microsecond, and what is asked then says the contrary.

use clientele::clock::{self, DAY, Micros, SECOND};
use clientele::pb;
use clientele::pb::affiliation::BuyingRole;
use clientele::pb::customer::Engagement;

use crate::harness::Harness;
use crate::harness::answer::done;
use crate::harness::builders::{affiliation, claim, contact, customer, date};
use crate::harness::firm::at;
use crate::harness::records::{listed, segment};

/// 2026-01-01T12:00:00Z.
const START: Micros = 1_767_268_800 * SECOND;

conformance! {
    at START;
    a_verdict_flips_when_it_says,
    counts_flip_at_midnight,
    what_no_time_can_turn_has_no_end,
    all_pages_of_members_are_of_one_time,
    many_moments_are_cut_off_on_the_safe_side,
}

/// Asserts when the membership of `customers/x` ends, and that it does not a microsecond earlier.
async fn flips(h: &Harness, filter: &str, after: Micros) {
    let name = h.create(segment("x", filter)).await.name;
    let before = h.membership("customers/x", &name).await;
    assert_eq!(before.valid_until.as_ref().and_then(clock::micros), Some(START + after), "{filter}");
    h.advance(after - 1);
    assert_eq!(h.membership("customers/x", &name).await.verdict, before.verdict, "{filter}");
    h.advance(1);
    let then = h.membership("customers/x", &name).await;
    assert_ne!(then.verdict, before.verdict, "{filter}");
    assert_eq!(h.count(&name).await.count, i64::from(h.is_member("customers/x", &name).await));
    h.advance(-after);
}

async fn a_verdict_flips_when_it_says(h: Harness) {
    let engagement =
        Engagement { first_visit_time: at(START - DAY), last_visit_time: at(START + DAY), ..Default::default() };
    h.create_as("x", pb::Customer { engagement: Some(engagement), ..customer("x") }).await;
    for (filter, after) in [
        ("engagement.first_visit_time >= ago(\"36h\")", DAY / 2 + 1),
        ("engagement.first_visit_time > ago(\"36h\")", DAY / 2),
        ("engagement.first_visit_time < ago(\"36h\")", DAY / 2 + 1),
        ("engagement.first_visit_time <= ago(\"36h\")", DAY / 2),
        ("engagement.first_visit_time = ago(\"36h\")", DAY / 2),
        ("engagement.first_visit_time != ago(\"36h\")", DAY / 2),
        ("engagement.first_visit_time = ago(\"1d\")", 1),
        ("engagement.last_visit_time <= now()", DAY),
        ("NOT engagement.last_visit_time < now()", DAY + 1),
        ("engagement.last_visit_time <= now() AND engagement.first_visit_time <= ago(\"3d\")", 2 * DAY),
        ("engagement.last_visit_time <= now() OR engagement.first_visit_time <= ago(\"3d\")", DAY),
    ] {
        flips(&h, filter, after).await;
    }
    let inner = h.create_as("inner", segment("x", "engagement.last_visit_time <= now()")).await;
    flips(&h, &format!("NOT segment:\"{}\" AND display_name = \"x\"", inner.name), DAY).await;
}

async fn counts_flip_at_midnight(h: Harness) {
    let x = h.create_as("x", customer("x")).await;
    let (one, two) = (h.create(contact("One")).await, h.create(contact("Two")).await);
    let start_date = date(2026, 1, 3);
    h.create(pb::Affiliation { start_date, ..affiliation(&one, &x) }).await;
    let job = h.create(pb::Affiliation { end_date: date(2026, 1, 5), ..affiliation(&two, &x) }).await;
    let role = claim(&job, BuyingRole::DecisionMaker);
    h.add_role(pb::AddBuyingRoleRequest { valid_from: date(2026, 1, 2), valid_until: date(2026, 1, 4), ..role }).await;
    let midnight = |day: i64| (day - 1) * DAY - DAY / 2;
    for (filter, after) in [
        ("contact_count = 1", midnight(3)),
        ("contact_count = 2", midnight(3)),
        ("contact_count < 2 OR contact_count > 5", midnight(3)),
        ("decision_maker_count > 0", midnight(2)),
        ("decision_maker_count = 0 AND contact_count > 1", midnight(4)),
    ] {
        flips(&h, filter, after).await;
    }
}

async fn what_no_time_can_turn_has_no_end(h: Harness) {
    let x = h.create_as("x", customer("x")).await;
    h.create_as("list", listed("x", &[&x])).await;
    for filter in [
        "display_name = \"x\"",
        "engagement.first_visit_time >= ago(\"1d\")",
        "create_time <= now()",
        "contact_count = 0",
        "customer_since_time < \"2030-01-01T00:00:00Z\"",
        "segment:\"segments/list\"",
    ] {
        let name = h.create(segment("x", filter)).await.name;
        assert_eq!(h.membership("customers/x", &name).await.valid_until, None, "{filter}");
    }
    assert_eq!(h.membership("customers/x", "segments/list").await.valid_until, None);
}

async fn all_pages_of_members_are_of_one_time(h: Harness) {
    for id in ["a", "b", "c"] {
        h.create_as(id, customer(id)).await;
    }
    h.create_as("new", segment("New", "create_time >= ago(\"1d\")")).await;
    let request =
        pb::ListSegmentMembersRequest { segment: "segments/new".to_owned(), page_size: 2, ..Default::default() };
    let first = done(h.segments.clone().list_segment_members(request.clone()).await);
    h.advance(2 * DAY);
    assert_eq!(h.count("segments/new").await.count, 0);
    let second = pb::ListSegmentMembersRequest { page_token: first.next_page_token, ..request };
    let second = done(h.segments.clone().list_segment_members(second).await);
    assert_eq!(second.customers.len(), 1);
    assert_eq!(second.evaluate_time, Some(clock::timestamp(START)));
}

/// More moments than are tried: the verdict flips at the last of them, and an earlier one is told.
async fn many_moments_are_cut_off_on_the_safe_side(h: Harness) {
    let permission = |i: i64| pb::ContactPermission { status: 1, time: at(START + i * SECOND), ..Default::default() };
    let contact_permissions = (1..=60).map(permission).collect();
    h.create_as("x", pb::Customer { contact_permissions, ..customer("x") }).await;
    // Five restrictions see 60 moments each; the whole holds for the last alone.
    let spans = ["1s", "2m", "4m", "6m", "8m"];
    let none: Vec<String> =
        spans.iter().map(|span| format!("NOT contact_permissions.time > ago(\"{span}\")")).collect();
    let name = h.create(segment("x", &none.join(" AND "))).await.name;
    let told = h.membership("customers/x", &name).await.valid_until.as_ref().and_then(clock::micros).unwrap();
    let flip = START + 60 * SECOND + 8 * 60 * SECOND;
    assert!(told < flip && told > START, "{} before the flip", flip - told);
    h.advance(told - START - 1);
    assert!(!h.is_member("customers/x", &name).await);
    h.advance(flip - told);
    assert!(!h.is_member("customers/x", &name).await);
    h.advance(1);
    assert!(h.is_member("customers/x", &name).await);
}
