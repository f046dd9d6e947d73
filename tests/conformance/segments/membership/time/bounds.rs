//! Verdicts with a distant end, or with too many candidate moments to try.

use super::*;

conformance! {
    at START;
    what_no_time_can_turn_has_no_end,
    many_moments_are_cut_off_on_the_safe_side,
    what_lies_beyond_all_times_has_no_end,
    many_days_are_cut_off_on_the_safe_side,
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
        assert_eq!(
            h.membership("customers/x", &name).await.expire_time,
            None,
            "{filter}"
        );
    }
    assert_eq!(
        h.membership("customers/x", "segments/list")
            .await
            .expire_time,
        None
    );
}

/// More moments than are tried: the verdict flips at the last of them, and an earlier one is told.
async fn many_moments_are_cut_off_on_the_safe_side(h: Harness) {
    let permission = |i: i64| pb::ContactPermission {
        status: 1,
        record_time: at(START + i * SECOND),
        ..Default::default()
    };
    let contact_permissions = (1..=60).map(permission).collect();
    h.create_as(
        "x",
        pb::Customer {
            contact_permissions,
            ..customer("x")
        },
    )
    .await;
    // Five restrictions see 60 moments each; the whole holds for the last alone.
    let spans = ["1s", "2m", "4m", "6m", "8m"];
    let none: Vec<String> = spans
        .iter()
        .map(|span| format!("NOT contact_permissions.record_time > ago(\"{span}\")"))
        .collect();
    let name = h.create(segment("x", &none.join(" AND "))).await.name;
    let told = h
        .membership("customers/x", &name)
        .await
        .expire_time
        .as_ref()
        .and_then(clock::micros)
        .unwrap();
    let flip = START + 60 * SECOND + 8 * 60 * SECOND;
    assert!(
        told < flip && told > START,
        "{} before the flip",
        flip - told
    );
    h.advance(told - START - 1);
    assert!(!h.is_member("customers/x", &name).await);
    h.advance(flip - told);
    assert!(!h.is_member("customers/x", &name).await);
    h.advance(1);
    assert!(h.is_member("customers/x", &name).await);
}

/// Times end with the year 9999; a verdict that would turn later never does.
async fn what_lies_beyond_all_times_has_no_end(h: Harness) {
    let last_visit_time = at(clock::LAST);
    let engagement = Engagement {
        last_visit_time,
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
    for (filter, until) in [
        ("engagement.last_visit_time >= ago(\"1d\")", None),
        ("engagement.last_visit_time <= ago(\"1d\")", None),
        ("engagement.last_visit_time > ago(\"365d\")", None),
        ("engagement.last_visit_time < now()", None),
        ("engagement.last_visit_time <= now()", Some(clock::LAST)),
    ] {
        let name = h.create(segment("x", filter)).await.name;
        let told = h.membership("customers/x", &name).await.expire_time;
        assert_eq!(told.as_ref().and_then(clock::micros), until, "{filter}");
    }
}

/// More days than are looked at on which somebody comes or goes: the verdict flips behind the last of them. They are
/// too many by themselves, or with the affiliations that are counted on each.
async fn many_days_are_cut_off_on_the_safe_side(h: Harness) {
    for (id, n_jobs, n_days) in [("jobs", 101, 1), ("days", 51, 2)] {
        let x = h.create_as(id, customer(id)).await;
        let (one, two) = (
            h.create(contact("One")).await,
            h.create(contact("Two")).await,
        );
        h.create(affiliation(&one, &x)).await;
        let day = |days: i64| {
            let day = clock::date_of(START + days * DAY);
            let parts: Vec<i32> = day.split('-').map(|part| part.parse().unwrap()).collect();
            date(parts[0], parts[1], parts[2])
        };
        for i in 0..n_jobs {
            let start_date = day(1 + n_days * i);
            let end_date = if n_days == 2 {
                day(2 + n_days * i)
            } else {
                None
            };
            h.create(pb::Affiliation {
                start_date,
                end_date,
                ..affiliation(&one, &x)
            })
            .await;
        }
        h.create(pb::Affiliation {
            start_date: day(150),
            ..affiliation(&two, &x)
        })
        .await;
        let segment = h
            .create_as(id, segment("Two", "contact_count = 2"))
            .await
            .name;
        let flip = 150 * DAY - DAY / 2;
        let told = h
            .membership(&x.name, &segment)
            .await
            .expire_time
            .as_ref()
            .and_then(clock::micros);
        let told = told.unwrap() - START;
        assert!(
            told > 0 && told <= flip,
            "{id}: {} before the flip",
            flip - told
        );
        h.advance(told);
        assert!(h.is_member(&x.name, &segment).await == (told == flip));
        h.advance(flip - told);
        assert!(h.is_member(&x.name, &segment).await);
        h.advance(-flip);
    }
}
