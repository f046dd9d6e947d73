//! References between customers: what may be named, and that they form no circle.

use super::*;

conformance! {
    references_must_be_usable,
    a_reference_may_stay_when_its_target_is_deleted,
    a_reference_to_a_deleted_record_is_not_new_for_another_field,
    circles_of_parents_are_refused,
    circles_of_upstream_customers_are_refused,
    a_circle_leads_through_deleted_customers,
    a_link_that_was_taken_away_closes_no_circle,
    two_writers_never_close_a_circle_together,
    two_writers_never_close_a_wide_circle_together,
    locked_paths_name_fields,
}

async fn references_must_be_usable(h: Harness) {
    let gone = h.created::<pb::Customer>().await.name;
    h.delete::<pb::Customer>(&gone).await;
    let live = h.created::<pb::Customer>().await;
    for target in [gone, pb::Customer::unknown()] {
        let input = pb::Customer {
            parent: target.clone(),
            ..customer("x")
        };
        let unusable = |refusal: crate::harness::answer::Refusal, field: &str| {
            refusal
                .is(Code::FailedPrecondition, "REFERENCE_UNUSABLE")
                .about(&target)
                .tells("field", field);
        };
        let create = Create {
            resource: Some(input.clone()),
            ..Default::default()
        };
        unusable(
            refused(pb::Customer::create(&h, create.clone()).await),
            "parent",
        );
        unusable(
            refused(
                pb::Customer::create(
                    &h,
                    Create {
                        validate_only: true,
                        ..create
                    },
                )
                .await,
            ),
            "parent",
        );
        let upstream_customers = vec![live.name.clone(), target.clone()];
        let input = pb::Customer {
            name: live.name.clone(),
            upstream_customers,
            ..Default::default()
        };
        unusable(
            refused(h.try_update(input, &["upstream_customers"]).await),
            "upstream_customers[1]",
        );
    }
    // Itself does not exist yet.
    let create = Create {
        resource: Some(pb::Customer {
            parent: "customers/me".to_owned(),
            ..customer("x")
        }),
        id: "me".to_owned(),
        ..Default::default()
    };
    refused(pb::Customer::create(&h, create).await)
        .is(Code::FailedPrecondition, "REFERENCE_UNUSABLE");
}

async fn a_reference_may_stay_when_its_target_is_deleted(h: Harness) {
    let (a, b) = (
        h.created::<pb::Customer>().await,
        h.created::<pb::Customer>().await,
    );
    let upstream_customers = vec![a.name.clone(), b.name.clone()];
    let input = pb::Customer {
        parent: a.name.clone(),
        upstream_customers,
        ..customer("x")
    };
    let stored = h.create(input).await;
    h.delete::<pb::Customer>(&a.name).await;
    let upstream_customers = vec![b.name, a.name.clone()];
    let turned = h
        .update(
            pb::Customer {
                upstream_customers,
                ..stored
            },
            &["*"],
        )
        .await;
    assert_eq!(
        (
            turned.parent.as_str(),
            turned.upstream_customers[1].as_str()
        ),
        (a.name.as_str(), a.name.as_str())
    );
    h.update(
        pb::Customer {
            name: turned.name.clone(),
            ..Default::default()
        },
        &["parent"],
    )
    .await;
    let back = pb::Customer {
        name: turned.name,
        parent: a.name,
        ..Default::default()
    };
    refused(h.try_update(back, &["parent"]).await)
        .is(Code::FailedPrecondition, "REFERENCE_UNUSABLE");
}

async fn a_reference_to_a_deleted_record_is_not_new_for_another_field(h: Harness) {
    let gone = h.created::<pb::Customer>().await;
    let stored = h
        .create(pb::Customer {
            parent: gone.name.clone(),
            ..customer("x")
        })
        .await;
    h.delete::<pb::Customer>(&gone.name).await;
    let input = pb::Customer {
        upstream_customers: vec![gone.name],
        ..stored
    };
    let refusal = refused(h.try_update(input, &["upstream_customers"]).await);
    refusal.names_unusable("upstream_customers[0]");
}

async fn circles_of_parents_are_refused(h: Harness) {
    let a = h.create_as("a", customer("a")).await;
    let b = h
        .create_as(
            "b",
            pb::Customer {
                parent: a.name.clone(),
                ..customer("b")
            },
        )
        .await;
    let c = h
        .create_as(
            "c",
            pb::Customer {
                parent: b.name.clone(),
                ..customer("c")
            },
        )
        .await;
    let circle = |refusal: crate::harness::answer::Refusal, path: &[&str]| {
        refusal.lists_cycle("parent", path);
    };
    let under = |parent: &pb::Customer| pb::Customer {
        parent: parent.name.clone(),
        ..a.clone()
    };
    circle(
        refused(h.try_update(under(&a), &["parent"]).await),
        &["customers/a", "customers/a"],
    );
    circle(
        refused(h.try_update(under(&b), &["parent"]).await),
        &["customers/a", "customers/b", "customers/a"],
    );
    let path = ["customers/a", "customers/c", "customers/b", "customers/a"];
    circle(refused(h.try_update(under(&c), &["parent"]).await), &path);
    assert_eq!(h.get::<pb::Customer>("customers/a").await, a);
}

async fn circles_of_upstream_customers_are_refused(h: Harness) {
    let a = h.create_as("a", customer("a")).await;
    let of = |upstream: &[&str]| pb::Customer {
        upstream_customers: texts(upstream),
        ..customer("x")
    };
    h.create_as("b", of(&["customers/a"])).await;
    h.create_as("c", of(&["customers/a"])).await;
    h.create_as("d", of(&["customers/b", "customers/c"])).await;
    let input = pb::Customer {
        upstream_customers: texts(&["customers/d"]),
        ..a.clone()
    };
    let refusal = refused(h.try_update(input, &["upstream_customers"]).await);
    let refusal = refusal
        .is(Code::FailedPrecondition, "REFERENCE_CYCLE")
        .tells("field", "upstream_customers");
    let path = refusal.cycle.unwrap().names;
    assert_eq!(path.len(), 4, "{path:?}");
    assert_eq!(
        [&path[0], &path[1], &path[3]],
        ["customers/a", "customers/d", "customers/a"]
    );
    // A parent above and a dealer below are two chains, not one.
    h.update(
        pb::Customer {
            parent: "customers/d".to_owned(),
            ..a
        },
        &["parent"],
    )
    .await;
}

async fn a_circle_leads_through_deleted_customers(h: Harness) {
    let a = h.create_as("a", customer("a")).await;
    h.create_as(
        "b",
        pb::Customer {
            parent: a.name.clone(),
            ..customer("b")
        },
    )
    .await;
    h.create_as(
        "c",
        pb::Customer {
            parent: "customers/b".to_owned(),
            ..customer("c")
        },
    )
    .await;
    h.delete::<pb::Customer>("customers/b").await;
    let input = pb::Customer {
        parent: "customers/c".to_owned(),
        ..a
    };
    refused(h.try_update(input, &["parent"]).await).is(Code::FailedPrecondition, "REFERENCE_CYCLE");
}

async fn a_link_that_was_taken_away_closes_no_circle(h: Harness) {
    let below = h.created::<pb::Customer>().await;
    let links = |record: &pb::Customer, above: &[&str]| pb::Customer {
        parent: above.first().copied().unwrap_or_default().to_owned(),
        upstream_customers: texts(above),
        etag: String::new(),
        ..record.clone()
    };
    let above = h
        .create(links(&customer("Ferrum AG"), &[&below.name]))
        .await;
    let paths = &["parent", "upstream_customers"];
    h.update(links(&above, &[]), paths).await;
    let turned = h.update(links(&below, &[&above.name]), paths).await;
    assert_eq!(
        (turned.parent, turned.upstream_customers),
        (above.name.clone(), vec![above.name])
    );
}

async fn two_writers_never_close_a_circle_together(h: Harness) {
    for _ in 0..10 {
        let (a, b) = (
            h.created::<pb::Customer>().await,
            h.created::<pb::Customer>().await,
        );
        let under = |child: &pb::Customer, parent: &pb::Customer| {
            let input = pb::Customer {
                parent: parent.name.clone(),
                ..child.clone()
            };
            let h = h.clone();
            async move { h.try_update(input, &["parent"]).await }
        };
        let answers = join(under(&a, &b), under(&b, &a)).await;
        for status in [answers.0, answers.1].into_iter().filter_map(Result::err) {
            let refusal = refusal(&status);
            assert!(
                matches!(
                    refusal.reason.as_str(),
                    "REFERENCE_CYCLE" | "CONCURRENT_WRITE"
                ),
                "{refusal:?}"
            );
        }
        let (a, b) = (
            h.get::<pb::Customer>(&a.name).await,
            h.get::<pb::Customer>(&b.name).await,
        );
        assert!(a.parent.is_empty() || b.parent.is_empty());
    }
}

/// Neither writer names a record that the other one names: they meet on the way around alone.
async fn two_writers_never_close_a_wide_circle_together(h: Harness) {
    for _ in 0..10 {
        let (b, d) = (
            h.created::<pb::Customer>().await,
            h.created::<pb::Customer>().await,
        );
        let a = h
            .create(pb::Customer {
                parent: d.name.clone(),
                ..customer("Ferrum AG")
            })
            .await;
        let c = h
            .create(pb::Customer {
                parent: b.name.clone(),
                ..customer("Ferrum AG")
            })
            .await;
        let under = |child: &pb::Customer, parent: &pb::Customer| {
            let input = pb::Customer {
                parent: parent.name.clone(),
                ..child.clone()
            };
            let h = h.clone();
            async move { h.try_update(input, &["parent"]).await }
        };
        let answers = join(under(&b, &a), under(&d, &c)).await;
        for status in [answers.0, answers.1].into_iter().filter_map(Result::err) {
            let refusal = refusal(&status);
            assert!(
                matches!(
                    refusal.reason.as_str(),
                    "REFERENCE_CYCLE" | "CONCURRENT_WRITE"
                ),
                "{refusal:?}"
            );
        }
        let (b, d) = (
            h.get::<pb::Customer>(&b.name).await,
            h.get::<pb::Customer>(&d.name).await,
        );
        assert!(b.parent.is_empty() || d.parent.is_empty());
    }
}

async fn locked_paths_name_fields(h: Harness) {
    let right = [
        "about",
        "business.industry",
        "labels.tier",
        "attributes.`odd key`",
        "emails",
    ];
    let with = |paths: &[&str]| Create {
        resource: Some(pb::Customer {
            locked_paths: texts(paths),
            ..customer("x")
        }),
        ..Default::default()
    };
    let created = done(pb::Customer::create(&h, with(&right)).await);
    assert_eq!(created.locked_paths, right);
    for wrong in [
        "",
        "*",
        "nothing",
        "emails.address",
        "business.nothing",
        "labels.\0",
    ] {
        let refusal = refused(pb::Customer::create(&h, with(&["about", wrong])).await);
        refusal.names("FIELD_INVALID", &["customer.locked_paths[1]"]);
    }
    // They bind syncs, not people.
    let changed = pb::Customer {
        about: "new".to_owned(),
        ..created
    };
    assert_eq!(h.update(changed, &["about"]).await.about, "new");
}
