//! The revision of a tenant: 1..N without gaps, told on every answer, never of a write that failed.

use clientele::pb;
use clientele::pb::affiliation::BuyingRole;
use futures_util::stream::{self, StreamExt};

use crate::harness::Harness;
use crate::harness::answer::{refused, whole};
use crate::harness::builders::{claim, customer, external_id};
use crate::harness::standard::{Create, Delete, Standard, Undelete, Update};

conformance! {
    every_write_is_the_next_revision,
    failures_leave_no_gap,
    concurrent_writes_and_failures_leave_no_gap,
}

async fn every_write_is_the_next_revision(h: Harness) {
    let (firm, _, job) = h.employed().await;
    assert_eq!(h.revision().await, 3);
    let update = Update {
        resource: Some(firm.clone().titled("new")),
        ..Default::default()
    };
    assert_eq!(whole(pb::Customer::update(&h, update).await).revision, 4);
    assert_eq!(
        whole(h.try_add_role(claim(&job, BuyingRole::Champion)).await).revision,
        5
    );
    // However many children go along.
    let delete = Delete {
        name: firm.name.clone(),
        force: true,
        ..Default::default()
    };
    assert_eq!(whole(pb::Customer::delete(&h, delete).await).revision, 6);
    let undelete = Undelete {
        name: firm.name,
        ..Default::default()
    };
    assert_eq!(
        whole(pb::Customer::undelete(&h, undelete).await).revision,
        7
    );
    assert_eq!(h.revision().await, 7);
}

async fn failures_leave_no_gap(h: Harness) {
    let create = |pair: &str, validate_only| Create {
        resource: Some(pb::Customer {
            external_ids: vec![external_id("sap", pair)],
            ..customer("Ferrum AG")
        }),
        request_id: if validate_only {
            String::new()
        } else {
            format!("id-{pair}")
        },
        validate_only,
        ..Default::default()
    };
    for n in 1..=5_i64 {
        let pair = n.to_string();
        let planned = whole(pb::Customer::create(&h, create(&pair, true)).await);
        assert_eq!(planned.revision, n - 1);
        let made = whole(pb::Customer::create(&h, create(&pair, false)).await);
        assert_eq!(made.revision, n);
        let again = whole(pb::Customer::create(&h, create(&pair, false)).await);
        assert_eq!((again.revision, again.replayed), (n, true));
        refused(pb::Customer::create(&h, create(&pair, true)).await);
        let mut stale = made.message;
        stale.etag = "W/\"stale\"".to_owned();
        refused(h.try_update(stale, &["about"]).await);
        refused(
            pb::Customer::delete(
                &h,
                Delete {
                    name: pb::Customer::unknown(),
                    ..Default::default()
                },
            )
            .await,
        );
    }
    assert_eq!(h.revision().await, 5);
}

async fn concurrent_writes_and_failures_leave_no_gap(h: Harness) {
    let firm = h.created::<pb::Customer>().await;
    let write = async |i: usize| match i % 3 {
        0 => Some(
            whole(
                pb::Customer::create(
                    &h,
                    Create {
                        resource: Some(customer("x")),
                        ..Default::default()
                    },
                )
                .await,
            )
            .revision,
        ),
        1 => {
            let unknown = pb::Customer {
                parent: pb::Customer::unknown(),
                ..customer("x")
            };
            refused(
                pb::Customer::create(
                    &h,
                    Create {
                        resource: Some(unknown),
                        ..Default::default()
                    },
                )
                .await,
            );
            None
        }
        _ => {
            let changed = pb::Customer {
                etag: String::new(),
                about: i.to_string(),
                ..firm.clone()
            };
            Some(whole(h.try_update(changed, &["about"]).await).revision)
        }
    };
    let revisions = stream::iter(0..120)
        .map(write)
        .buffer_unordered(12)
        .filter_map(async |revision| revision);
    let mut revisions: Vec<i64> = revisions.collect().await;
    revisions.sort_unstable();
    assert_eq!(revisions, (2..=81).collect::<Vec<_>>());
    assert_eq!(h.revision().await, 81);
}
