//! Which fields of two segments are compared, and which customers count in each.

use clientele::clock::{DAY, Micros, SECOND};
use clientele::pb;
use clientele::pb::affiliation::BuyingRole;
use clientele::pb::conversation::Channel;
use clientele::pb::customer::{Audience, Business, Engagement, Lifecycle};

use super::{compare, describe, field, values};
use crate::harness::Harness;
use crate::harness::builders::{address, affiliation, claim, contact, customer, date};
use crate::harness::records::{listed, segment};

/// 2026-11-22T10:00:00Z.
const START: Micros = 1_795_341_600 * SECOND;

conformance! {
    at START;
    every_field_is_what_it_is_called,
    who_decides_counts_once_and_only_while_it_holds,
    whoever_has_nothing_set_is_in_the_base,
}

fn told(
    of: &str,
    n: i32,
    region_code: &str,
    kind: pb::customer::Kind,
    audience: Audience,
    lifecycle: Lifecycle,
) -> pb::Customer {
    pb::Customer {
        kind: kind.into(),
        audience: audience.into(),
        lifecycle: lifecycle.into(),
        business: Some(Business {
            industry: format!("industry of {of}"),
            sub_industry: "part".to_owned(),
            industry_code: "nace:1".to_owned(),
            employee_count: Some(n),
            ..Default::default()
        }),
        engagement: Some(Engagement {
            visit_count: Some(n),
            intent: format!("intent of {of}"),
            preferred_channels: vec![(if n == 1 { Channel::Phone } else { Channel::Sms }).into()],
            ..Default::default()
        }),
        addresses: vec![address(region_code)],
        ..customer(of)
    }
}

async fn every_field_is_what_it_is_called(h: Harness) {
    use pb::customer::Kind::{Business as Firm, Individual};
    let a = h
        .create(told(
            "a",
            1,
            "AT",
            Firm,
            Audience::Internal,
            Lifecycle::Former,
        ))
        .await;
    let b = h
        .create(told(
            "b",
            60,
            "DE",
            Individual,
            Audience::External,
            Lifecycle::Prospect,
        ))
        .await;
    let (a, b) = (
        h.create(listed("a", &[&a])).await,
        h.create(listed("b", &[&b])).await,
    );
    let comparison = compare(&h, &a, &b, &[]).await;
    for (name, of_a, of_b) in [
        ("kind", "BUSINESS", "INDIVIDUAL"),
        ("audience", "INTERNAL", "EXTERNAL"),
        ("size", "SOLO", "MEDIUM"),
        ("business.industry", "industry of a", "industry of b"),
        ("addresses.postal_address.region_code", "AT", "DE"),
        ("lifecycle", "FORMER", "PROSPECT"),
        ("frequency", "FIRST_TIME", "FREQUENT"),
        ("engagement.intent", "intent of a", "intent of b"),
        ("engagement.preferred_channels", "PHONE", "SMS"),
    ] {
        let mut wanted = [(of_a, 1, 0), (of_b, 0, 1)];
        wanted.sort_unstable();
        assert_eq!(values(field(&comparison, name)), wanted, "{name}");
    }
}

/// Makes a firm where somebody has a role under these dates.
async fn decided(
    h: &Harness,
    roles: &[BuyingRole],
    job: pb::Affiliation,
    add: pb::AddBuyingRoleRequest,
) -> pb::Customer {
    let (firm, person) = (
        h.create(customer("Firm")).await,
        h.create(contact("Person")).await,
    );
    let job = h.create(pb::Affiliation {
        start_date: job.start_date,
        end_date: job.end_date,
        ..affiliation(&person, &firm)
    });
    let job = job.await;
    for role in roles {
        h.add_role(pb::AddBuyingRoleRequest {
            affiliation: job.name.clone(),
            role: (*role).into(),
            ..add.clone()
        })
        .await;
    }
    firm
}

async fn who_decides_counts_once_and_only_while_it_holds(h: Harness) {
    let (a, b) = two_segments(&h).await;
    let comparison = compare(&h, &a, &b, &[]).await;
    let roles = field(&comparison, "deciding_roles");
    assert_eq!((roles.a_set_count, roles.b_set_count), (2, 1));
    let of_a = [
        ("DECISION_MAKER", 1, 0),
        ("ECONOMIC_BUYER", 1, 0),
        ("EXECUTIVE_SPONSOR", 1, 0),
    ];
    assert_eq!(
        values(roles),
        [&[("BUDGET_HOLDER", 0, 1)][..], &of_a].concat()
    );
    h.advance(DAY);
    let comparison = compare(&h, &a, &b, &[]).await;
    let roles = field(&comparison, "deciding_roles");
    assert_eq!((roles.a_set_count, roles.b_set_count), (2, 2));
    let of_both = [
        ("DECISION_MAKER", 1, 1),
        ("ECONOMIC_BUYER", 1, 1),
        ("EXECUTIVE_SPONSOR", 1, 0),
    ];
    assert_eq!(values(roles), of_both);
}

/// One of customers where somebody decides, and one where all but one did, will, or never decided.
async fn two_segments(h: &Harness) -> (pb::Segment, pb::Segment) {
    use BuyingRole::{BudgetHolder, Champion, DecisionMaker, EconomicBuyer, ExecutiveSponsor};
    let (open, always) = (
        pb::Affiliation::default(),
        pb::AddBuyingRoleRequest::default(),
    );
    let two = decided(
        h,
        &[DecisionMaker, EconomicBuyer],
        open.clone(),
        always.clone(),
    )
    .await;
    let second = h
        .create(affiliation(&h.create(contact("Second")).await, &two))
        .await;
    h.add_role(claim(&second, DecisionMaker)).await;
    let one = decided(h, &[ExecutiveSponsor], open.clone(), always.clone()).await;
    let a = h.create(listed("a", &[&two, &one])).await;
    let until = pb::AddBuyingRoleRequest {
        end_date: date(2026, 11, 23),
        ..always.clone()
    };
    let from = pb::AddBuyingRoleRequest {
        start_date: date(2026, 11, 23),
        ..always.clone()
    };
    let ended = pb::Affiliation {
        end_date: date(2026, 11, 22),
        ..open.clone()
    };
    let coming = pb::Affiliation {
        start_date: date(2026, 11, 23),
        ..open.clone()
    };
    let gone = decided(h, &[DecisionMaker], open.clone(), always.clone()).await;
    let job = h
        .names::<pb::Affiliation>(&format!("customer = \"{}\"", gone.name))
        .await
        .remove(0);
    h.delete::<pb::Affiliation>(&job).await;
    let others = [
        decided(h, &[BudgetHolder], open.clone(), until).await,
        decided(h, &[EconomicBuyer], open.clone(), from).await,
        decided(h, &[DecisionMaker], ended, always.clone()).await,
        decided(h, &[DecisionMaker], coming, always.clone()).await,
        decided(h, &[Champion], open, always).await,
        gone,
    ];
    let b = h
        .create(listed("b", &others.iter().collect::<Vec<_>>()))
        .await;
    (a, b)
}

/// What is not known to be in a segment is not in it, and no less in the base.
async fn whoever_has_nothing_set_is_in_the_base(h: Harness) {
    let with = |employee_count: Option<i32>| pb::Customer {
        business: Some(Business {
            employee_count,
            ..Default::default()
        }),
        ..customer("x")
    };
    for employee_count in [Some(60), Some(5), None] {
        h.create(with(employee_count)).await;
    }
    h.create(customer("x")).await;
    let large = h
        .create(segment("Large", "business.employee_count > 50"))
        .await;
    let small = h
        .create(segment("Not large", "NOT business.employee_count > 50"))
        .await;
    let comparison = describe(&h, &large, &[]).await;
    assert_eq!(
        (
            comparison.a.unwrap().customer_count,
            comparison.b.unwrap().customer_count,
            comparison.overlap_count
        ),
        (1, 4, 1)
    );
    let comparison = compare(&h, &large, &small, &[]).await;
    assert_eq!(
        (
            comparison.a.unwrap().customer_count,
            comparison.b.unwrap().customer_count,
            comparison.overlap_count
        ),
        (1, 3, 0)
    );
    let some = h
        .create(segment("Some", "business.employee_count < 100"))
        .await;
    let comparison = compare(&h, &large, &some, &[]).await;
    assert_eq!(
        (
            comparison.a.unwrap().customer_count,
            comparison.b.unwrap().customer_count,
            comparison.overlap_count
        ),
        (1, 2, 1)
    );
}
