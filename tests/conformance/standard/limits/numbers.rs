//! The bounds of numbers, times and dates.

use super::*;

conformance! {
    numbers_are_bounded,
    times_and_dates_are_bounded,
}

async fn numbers_are_bounded(h: Harness) {
    type Set = fn(&mut pb::Customer, i32);
    let table: [(&str, &[i32], &[i32], Set); 4] = [
        ("business.employee_count", &[0, i32::MAX], &[-1], |c, n| {
            business(c).employee_count = Some(n)
        }),
        (
            "business.founded_year",
            &[1, 9999],
            &[0, 10_000, -1],
            |c, n| business(c).founded_year = Some(n),
        ),
        ("individual.birth_year", &[1, 9999], &[0, 10_000], |c, n| {
            individual(c).birth_year = Some(n)
        }),
        (
            "engagement.visit_count",
            &[0, i32::MAX],
            &[-1, i32::MIN],
            |c, n| {
                c.engagement.get_or_insert_default().visit_count = Some(n);
            },
        ),
    ];
    for (path, right, wrong, set) in table {
        let with = |number| {
            let mut with = customer("x");
            set(&mut with, number);
            with
        };
        for number in right {
            done(check(&h, with(*number)).await);
        }
        for number in wrong {
            let refusal = refused(check(&h, with(*number)).await);
            refusal.names("FIELD_INVALID", &[&pb::Customer::path(path)]);
        }
    }
}

async fn times_and_dates_are_bounded(h: Harness) {
    let span = |seconds, nanos| pb::Customer {
        follow_up_interval: Some(Duration { seconds, nanos }),
        ..customer("x")
    };
    for (seconds, nanos, fits) in [
        (0, 1000, true),
        (315_576_000, 0, true),
        (0, 999, false),
        (0, 0, false),
        (-1, 0, false),
        (315_576_000, 1000, false),
        (1, -1000, false),
        (1, 1_000_000_000, false),
        (0, i32::MIN, false),
        (i64::MAX, 0, false),
    ] {
        assert_eq!(
            check(&h, span(seconds, nanos)).await.is_ok(),
            fits,
            "{seconds} s {nanos} ns"
        );
    }
    let since = |seconds, nanos| {
        let time = prost_types::Timestamp { seconds, nanos };
        pb::Customer {
            customer_since_time: Some(time),
            ..customer("x")
        }
    };
    let (first, last) = (-62_135_596_800, 253_402_300_799);
    for (seconds, nanos, fits) in [
        (first, 0, true),
        (last, 999_999_999, true),
        (first - 1, 0, false),
        (last + 1, 0, false),
        (0, -1, false),
        (0, 1_000_000_000, false),
        (i64::MAX, 0, false),
        (i64::MIN, 0, false),
    ] {
        assert_eq!(
            check(&h, since(seconds, nanos)).await.is_ok(),
            fits,
            "{seconds} s {nanos} ns"
        );
    }
    dates_are_bounded(&h).await;
}

async fn dates_are_bounded(h: &Harness) {
    let input = pb::Affiliation::input(h).await;
    for (year, month, day, fits) in [
        (1, 1, 1, true),
        (9999, 12, 31, true),
        (2024, 2, 29, true),
        (2023, 2, 29, false),
        (0, 1, 1, false),
        (10_000, 1, 1, false),
        (2024, 0, 1, false),
        (2024, 1, 0, false),
        (2024, 13, 1, false),
        (-5, 1, 1, false),
    ] {
        let input = pb::Affiliation {
            start_date: date(year, month, day),
            ..input.clone()
        };
        assert_eq!(check(h, input).await.is_ok(), fits, "{year}-{month}-{day}");
    }
    let backwards = pb::Affiliation {
        start_date: date(2024, 1, 2),
        end_date: date(2024, 1, 1),
        ..input
    };
    refused(check(h, backwards).await).names("FIELD_INVALID", &["affiliation.end_date"]);
}
