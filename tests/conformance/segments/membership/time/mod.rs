//! How long a verdict stays valid: `expire_time` is exact to the microsecond, and the verdict changes at that moment.

mod bounds; // ends that are far away, or too many

use clientele::clock::{self, DAY, Micros, SECOND};
use clientele::pb;
use clientele::pb::affiliation::BuyingRole;
use clientele::pb::customer::Engagement;

use crate::harness::Harness;
use crate::harness::answer::done;
use crate::harness::builders::{affiliation, claim, contact, customer, date, email, phone};
use crate::harness::firm::at;
use crate::harness::keys::{by_email, by_name, by_phone};
use crate::harness::records::{listed, segment};

/// 2026-01-01T12:00:00Z.
const START: Micros = 1_767_268_800 * SECOND;

conformance! {
    at START;
    a_verdict_flips_when_it_says,
    counts_flip_at_midnight,
    an_individual_counts_among_its_deciders,
    all_pages_of_members_are_of_one_time,
    segments_of_a_customer_say_until_when_and_are_of_one_time,
    every_answer_tells_its_time,
    every_segment_of_a_check_says_until_when,
    a_key_of_people_fits_while_they_work_there,
}

/// Asserts when the membership of `customers/x` ends, and that it does not a microsecond earlier.
async fn flips(h: &Harness, filter: &str, after: Micros) {
    let name = h.create(segment("x", filter)).await.name;
    let before = h.membership("customers/x", &name).await;
    assert_eq!(
        before.expire_time.as_ref().and_then(clock::micros),
        Some(START + after),
        "{filter}"
    );
    h.advance(after - 1);
    assert_eq!(
        h.membership("customers/x", &name).await.member,
        before.member,
        "{filter}"
    );
    h.advance(1);
    let then = h.membership("customers/x", &name).await;
    assert_ne!(then.member, before.member, "{filter}");
    assert_eq!(
        h.count(&name).await.member_count,
        i32::from(h.is_member("customers/x", &name).await)
    );
    h.advance(-after);
}

async fn a_verdict_flips_when_it_says(h: Harness) {
    let engagement = Engagement {
        first_visit_time: at(START - DAY),
        last_visit_time: at(START + DAY),
        ..Default::default()
    };
    h.create_as(
        "x",
        pb::Customer {
            engagement: Some(engagement),
            ..customer("x")
        },
    )
    .await;
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
        (
            "engagement.last_visit_time <= now() AND engagement.first_visit_time <= ago(\"3d\")",
            2 * DAY,
        ),
        (
            "engagement.last_visit_time <= now() OR engagement.first_visit_time <= ago(\"3d\")",
            DAY,
        ),
    ] {
        flips(&h, filter, after).await;
    }
    let inner = h
        .create_as("inner", segment("x", "engagement.last_visit_time <= now()"))
        .await;
    flips(
        &h,
        &format!("NOT segment:\"{}\" AND display_name = \"x\"", inner.name),
        DAY,
    )
    .await;
}

async fn counts_flip_at_midnight(h: Harness) {
    let x = h.create_as("x", customer("x")).await;
    let (one, two) = (
        h.create(contact("One")).await,
        h.create(contact("Two")).await,
    );
    let start_date = date(2026, 1, 3);
    h.create(pb::Affiliation {
        start_date,
        ..affiliation(&one, &x)
    })
    .await;
    let job = h
        .create(pb::Affiliation {
            end_date: date(2026, 1, 5),
            ..affiliation(&two, &x)
        })
        .await;
    let role = claim(&job, BuyingRole::DecisionMaker);
    h.add_role(pb::AddBuyingRoleRequest {
        start_date: date(2026, 1, 2),
        end_date: date(2026, 1, 4),
        ..role
    })
    .await;
    let midnight = |day: i64| (day - 1) * DAY - DAY / 2;
    for (filter, after) in [
        ("contact_count = 1", midnight(3)),
        ("contact_count = 2", midnight(3)),
        ("contact_count < 2 OR contact_count > 5", midnight(3)),
        ("NOT contact_count = 1", midnight(3)),
        ("decision_maker_count > 0", midnight(2)),
        (
            "decision_maker_count = 0 AND contact_count > 1",
            midnight(4),
        ),
    ] {
        flips(&h, filter, after).await;
    }
}

async fn an_individual_counts_among_its_deciders(h: Harness) {
    let kind = pb::customer::Kind::Individual.into();
    let x = h
        .create_as(
            "x",
            pb::Customer {
                kind,
                ..customer("x")
            },
        )
        .await;
    let job = h
        .create(affiliation(&h.create(contact("One")).await, &x))
        .await;
    let role = claim(&job, BuyingRole::DecisionMaker);
    h.add_role(pb::AddBuyingRoleRequest {
        start_date: date(2026, 1, 3),
        ..role
    })
    .await;
    flips(&h, "decision_maker_count = 1", 2 * DAY - DAY / 2).await;
}

async fn all_pages_of_members_are_of_one_time(h: Harness) {
    for id in ["a", "b", "c"] {
        h.create_as(id, customer(id)).await;
    }
    h.create_as("new", segment("New", "create_time >= ago(\"1d\")"))
        .await;
    let request = pb::ListSegmentMembersRequest {
        segment: "segments/new".to_owned(),
        page_size: 2,
        ..Default::default()
    };
    let first = done(
        h.segments
            .clone()
            .list_segment_members(request.clone())
            .await,
    );
    h.advance(2 * DAY);
    assert_eq!(h.count("segments/new").await.member_count, 0);
    let second = pb::ListSegmentMembersRequest {
        page_token: first.next_page_token,
        ..request
    };
    let second = done(h.segments.clone().list_segment_members(second).await);
    assert_eq!(second.customers.len(), 1);
    assert_eq!(second.evaluate_time, Some(clock::timestamp(START)));
}

async fn segments_of_a_customer_say_until_when_and_are_of_one_time(h: Harness) {
    let x = h.create_as("x", customer("x")).await;
    let job = affiliation(&h.create(contact("One")).await, &x);
    h.create(pb::Affiliation {
        end_date: date(2026, 1, 3),
        ..job
    })
    .await;
    for (id, filter) in [
        ("a", "create_time > ago(\"36h\")"),
        ("b", "display_name = \"x\""),
        ("c", "contact_count = 1"),
        ("d", "NOT create_time < ago(\"1h\")"),
    ] {
        h.create_as(id, segment(id, filter)).await;
    }
    let request = pb::ListCustomerSegmentsRequest {
        customer: by_name("customers/x"),
        ..Default::default()
    };
    let all = done(
        h.segments
            .clone()
            .list_customer_segments(request.clone())
            .await,
    );
    let until: Vec<Option<Micros>> = all
        .memberships
        .iter()
        .map(|one| one.expire_time.as_ref().and_then(clock::micros))
        .collect();
    let hour = DAY / 24;
    assert_eq!(
        until,
        [
            Some(START + 36 * hour),
            None,
            Some(START + 36 * hour),
            Some(START + hour + 1)
        ]
    );
    assert_eq!(all.evaluate_time, at(START));
    later_pages_are_of_the_time_of_the_first(&h, request, &all.memberships).await;
    assert_eq!(h.segments_of("customers/x", 0).await, ["segments/b"]);
}

async fn later_pages_are_of_the_time_of_the_first(
    h: &Harness,
    request: pb::ListCustomerSegmentsRequest,
    all: &[pb::Membership],
) {
    let first = pb::ListCustomerSegmentsRequest {
        page_size: 1,
        ..request.clone()
    };
    let mut page_token =
        done(h.segments.clone().list_customer_segments(first).await).next_page_token;
    // The third page is as of the first, too, whatever the time of the second.
    for (page_size, rest) in [(1, &all[1..2]), (0, &all[2..])] {
        h.advance(DAY);
        let next = pb::ListCustomerSegmentsRequest {
            page_token,
            page_size,
            ..request.clone()
        };
        let next = done(h.segments.clone().list_customer_segments(next).await);
        assert_eq!(
            (&next.memberships[..], next.evaluate_time),
            (rest, at(START))
        );
        page_token = next.next_page_token;
    }
}

async fn every_answer_tells_its_time(h: Harness) {
    h.create_as("x", customer("x")).await;
    let filter = "create_time >= ago(\"1d\")";
    h.create_as("new", segment("New", filter)).await;
    for (later, count) in [(0, 1), (DAY, 1), (1, 0)] {
        h.advance(later);
        let now = Some(
            h.check(&["customers/x"], &["segments/new"])
                .await
                .evaluate_time
                .unwrap(),
        );
        let counted = h.count("segments/new").await;
        assert_eq!((counted.member_count, counted.evaluate_time), (count, now));
        let request = pb::PreviewSegmentRequest {
            filter: filter.to_owned(),
            ..Default::default()
        };
        let told = done(h.segments.clone().preview_segment(request).await);
        assert_eq!(
            (told.member_count, told.customers.len()),
            (count, usize::try_from(count).unwrap())
        );
        assert_eq!(told.evaluate_time, now);
    }
    assert_eq!(
        h.count("segments/new").await.evaluate_time,
        at(START + DAY + 1)
    );
}

/// What one verdict costs is not taken from the others, of which the first would leave nothing to the last.
async fn every_segment_of_a_check_says_until_when(h: Harness) {
    h.create_as("x", customer("x")).await;
    let mut segments = Vec::new();
    for i in 0..30 {
        // The first of two moments turns nothing.
        let filter = format!(
            "create_time > ago(\"1h\") OR create_time > ago(\"{}h\")",
            30 + i
        );
        segments.push(h.create(segment("New", &filter)).await.name);
    }
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let told = h
        .check(&["customers/x"], &segments)
        .await
        .results
        .remove(0)
        .memberships;
    let until: Vec<_> = told
        .iter()
        .map(|one| one.expire_time.as_ref().and_then(clock::micros))
        .collect();
    assert_eq!(
        until,
        (0..30)
            .map(|i| Some(START + (30 + i) * DAY / 24))
            .collect::<Vec<_>>()
    );
}

/// Mia is at `x` until the 3rd and from the 5th on, Bo at `x` from the 4th on and at `y` from the 6th on.
async fn a_key_of_people_fits_while_they_work_there(h: Harness) {
    people_who_come_and_leave(&h).await;
    let keys = || {
        [
            by_email("mia@people.example"),
            by_phone("+43 1 5550102"),
            by_name("customers/x"),
        ]
    };
    use pb::customer_key::Outcome::{Ambiguous, Found, NotFound};
    let midnight = |day: i64| Some(START + (day - 1) * DAY - DAY / 2);
    for (day, mias, bos) in [
        (1, (Found, midnight(3)), (NotFound, midnight(4))),
        (3, (NotFound, midnight(5)), (NotFound, midnight(4))),
        (4, (NotFound, midnight(5)), (Found, midnight(6))),
        (5, (Found, None), (Found, midnight(6))),
        (6, (Found, None), (Ambiguous, None)),
    ] {
        h.advance((day - 1) * DAY);
        let keys = keys().into_iter().flatten().collect();
        let told = done(h.try_check(keys, &["segments/firms", "segments/new"]).await).results;
        let firms = |i: usize| {
            let one = &told[i].memberships[0];
            assert_eq!(one.member, told[i].outcome() == Found);
            (
                told[i].outcome(),
                one.expire_time.as_ref().and_then(clock::micros),
            )
        };
        assert_eq!(
            [firms(0), firms(1), firms(2)],
            [mias, bos, (Found, None)],
            "on the {day}."
        );
        if day == 1 {
            // The rule turns before the key.
            let own = told[0].memberships[1]
                .expire_time
                .as_ref()
                .and_then(clock::micros);
            assert_eq!(own, Some(START + DAY / 2));
        }
        h.advance((1 - day) * DAY);
    }
}

async fn people_who_come_and_leave(h: &Harness) {
    let (x, y) = (
        h.create_as("x", customer("x")).await,
        h.create_as("y", customer("y")).await,
    );
    let person = async |name: &str| {
        let phone_numbers = vec![phone(if name == "mia" {
            "+43 1 5550101"
        } else {
            "+43 1 5550102"
        })];
        let emails = vec![email(&format!("{name}@people.example"))];
        h.create(pb::Contact {
            emails,
            phone_numbers,
            ..contact(name)
        })
        .await
    };
    let (mia, bo) = (person("mia").await, person("bo").await);
    h.create(pb::Affiliation {
        end_date: date(2026, 1, 3),
        ..affiliation(&mia, &x)
    })
    .await;
    for (start_date, person, firm) in [
        (date(2026, 1, 5), &mia, &x),
        (date(2026, 1, 4), &bo, &x),
        (date(2026, 1, 6), &bo, &y),
    ] {
        h.create(pb::Affiliation {
            start_date,
            ..affiliation(person, firm)
        })
        .await;
    }
    let gone = h
        .create(pb::Affiliation {
            start_date: date(2026, 1, 2),
            ..affiliation(&mia, &y)
        })
        .await;
    h.delete::<pb::Affiliation>(&gone.name).await;
    h.create_as("firms", segment("Firms", "display_name:*"))
        .await;
    h.create_as("new", segment("New", "create_time > ago(\"12h\")"))
        .await;
}
