//! Update: the table of masks, and what an update may not change.

mod allow_missing; // updates that create
mod stored; // updates of what an earlier release stored

use clientele::pb;
use clientele::pb::customer::{Business, Individual};
use prost_types::value::Kind;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{done, refused, whole};
use crate::harness::builders::{attributes, contact, customer, external_id, map, money, texts};
use crate::harness::standard::{Standard, Update, for_all, mask};

conformance! {
    without_a_mask_what_is_set_is_written,
    without_a_mask_nothing_is_cleared,
    a_star_replaces_everything,
    a_path_writes_or_clears_one_field,
    a_path_into_a_message_writes_one_leaf,
    a_message_path_replaces_the_message,
    single_entries_are_set_and_removed,
    lists_are_replaced_as_a_whole,
    paths_that_do_not_exist_are_refused,
    at_most_64_paths_fit,
    output_fields_in_a_mask_are_ignored,
    required_fields_cannot_be_cleared,
    immutable_fields_cannot_change,
    unknown_records_are_not_found,
    a_deleted_record_cannot_be_changed,
    a_change_of_nothing_changes_nothing,
    validation_alone_changes_nothing,
}

async fn stored(h: &Harness) -> pb::Customer {
    h.create(pb::Customer::full_input(h).await).await
}

async fn without_a_mask_what_is_set_is_written(h: Harness) {
    let before = stored(&h).await;
    let business = Business {
        employee_count: Some(0),
        ..Default::default()
    };
    let input = pb::Customer {
        name: before.name.clone(),
        about: "new".to_owned(),
        labels: map(&[("only", "one")]),
        business: Some(business),
        tags: texts(&["only"]),
        ..Default::default()
    };
    let after = h.update(input, &[]).await;
    assert_eq!(after.about, "new");
    assert_eq!(after.labels, map(&[("only", "one")]));
    assert_eq!(after.tags, ["only"]);
    let expected = Business {
        employee_count: Some(0),
        ..before.business.clone().unwrap()
    };
    assert_eq!(after.business, Some(expected));
    assert_eq!(
        (after.display_name, after.individual),
        (before.display_name, before.individual)
    );
}

async fn without_a_mask_nothing_is_cleared(h: Harness) {
    for_all!(h => without_a_mask_nothing_of_one_is_cleared);
}

async fn without_a_mask_nothing_of_one_is_cleared<R: Standard>(h: &Harness) {
    let input = R::full_input(h).await;
    let before = h.create(input).await;
    let mut input = R::default();
    *input.header().name = before.name();
    assert_eq!(h.update(input, &[]).await, before);
}

async fn a_star_replaces_everything(h: Harness) {
    for_all!(h => a_star_replaces_everything_of_one);
}

async fn a_star_replaces_everything_of_one<R: Standard>(h: &Harness) {
    let full = R::full_input(h).await;
    let mut full_before = h.create(full).await;
    let mut before = h.created::<R>().await;
    // The bare record becomes the full one but for what belongs to the first alone.
    let mut input = full_before.clone();
    input.header().external_ids.clear();
    *input.header().name = before.name();
    *input.header().etag = before.etag();
    input.take_own(&before);
    let mut after = h.update(input.clone(), &["*"]).await;
    assert_eq!(after.header().create_time, before.header().create_time);
    for header in [after.header(), input.header(), full_before.header()] {
        (*header.create_time, *header.update_time) = (None, None);
        header.etag.clear();
    }
    for record in [&mut after, &mut input] {
        if let Some(customer) = (record as &mut dyn std::any::Any).downcast_mut::<pb::Customer>() {
            customer.follow_up_due_time = None; // It follows from the time of creation.
        }
    }
    assert_eq!(after, input);
    // And bare again.
    before = before.titled("x");
    before.header().etag.clear();
    let bare = h.update(before.clone(), &["*"]).await;
    *before.header().etag = bare.etag();
    *before.header().update_time = *bare.clone().header().update_time;
    assert_eq!(bare, before);
}

async fn a_path_writes_or_clears_one_field(h: Harness) {
    for_all!(h => a_path_of_one_writes_or_clears);
}

async fn a_path_of_one_writes_or_clears<R: Standard>(h: &Harness) {
    let input = R::full_input(h).await;
    let mut before = h.create(input).await;
    for title in ["new", ""]
        .into_iter()
        .filter(|title| R::TITLE_IS_OPTIONAL || !title.is_empty())
    {
        let mut input = R::default().titled(title);
        *input.header().name = before.name();
        *input.header().tags = texts(&["ignored"]);
        let mut after = h.update(input, &[R::TITLE]).await;
        assert_eq!(after.title(), title);
        assert_ne!(after.etag(), before.etag());
        *before.header().etag = after.etag();
        *before.header().update_time = *after.header().update_time;
        assert_eq!(after, before.clone().titled(title));
    }
}

async fn a_path_into_a_message_writes_one_leaf(h: Harness) {
    let before = stored(&h).await;
    let business = Business {
        industry: "copper".to_owned(),
        legal_name: "ignored".to_owned(),
        ..Default::default()
    };
    let input = pb::Customer {
        business: Some(business),
        etag: String::new(),
        ..before.clone()
    };
    let after = h.update(input.clone(), &["business.industry"]).await;
    let expected = Business {
        industry: "copper".to_owned(),
        ..before.business.clone().unwrap()
    };
    assert_eq!(after.business.as_ref(), Some(&expected));
    // The parent is created when it is absent, and goes with its last leaf.
    let bare = h.create(customer("Cuprum")).await;
    let input = pb::Customer {
        name: bare.name.clone(),
        ..input
    };
    let made = h.update(input, &["business.industry"]).await;
    assert_eq!(
        made.business,
        Some(Business {
            industry: "copper".to_owned(),
            ..Default::default()
        })
    );
    let cleared = h
        .update(
            pb::Customer {
                name: bare.name,
                ..Default::default()
            },
            &["business.industry"],
        )
        .await;
    assert_eq!(cleared.business, None);
    // Two levels deep.
    let mut input = before.clone();
    input.business.as_mut().unwrap().annual_revenue = money("", 7, 0);
    let after = h
        .update(
            pb::Customer {
                etag: String::new(),
                ..input
            },
            &["business.annual_revenue.units"],
        )
        .await;
    assert_eq!(
        after.business.unwrap().annual_revenue,
        money("JPY", 7, 999_999_999)
    );
}

async fn a_message_path_replaces_the_message(h: Harness) {
    let before = stored(&h).await;
    let individual = Individual {
        given_name: "Jo".to_owned(),
        ..Default::default()
    };
    let input = pb::Customer {
        name: before.name,
        individual: Some(individual.clone()),
        annual_spend: money("USD", 1, 0),
        ..Default::default()
    };
    let after = h
        .update(
            input,
            &[
                "individual",
                "annual_spend",
                "business",
                "follow_up_interval",
            ],
        )
        .await;
    assert_eq!(
        (after.individual, after.annual_spend),
        (Some(individual), money("USD", 1, 0))
    );
    assert_eq!((after.business, after.follow_up_interval), (None, None));
}

async fn single_entries_are_set_and_removed(h: Harness) {
    for_all!(h => single_entries_of_one_are_set_and_removed);
}

async fn single_entries_of_one_are_set_and_removed<R: Standard>(h: &Harness) {
    let mut input = R::input(h).await;
    *input.header().labels = map(&[("keep", "1"), ("go", "2"), ("change", "3")]);
    *input.header().attributes = attributes(&[
        ("keep", Kind::BoolValue(true)),
        ("a.b", Kind::BoolValue(true)),
    ]);
    let before = h.create(input).await;
    let mut input = R::default();
    *input.header().name = before.name();
    *input.header().labels = map(&[("keep", "ignored"), ("change", "4"), ("add", "5")]);
    *input.header().attributes = attributes(&[("tick`", Kind::NullValue(0))]);
    let paths = [
        "labels.go",
        "labels.change",
        "labels.add",
        "attributes.`a.b`",
        "attributes.`tick```",
        "labels.none",
    ];
    let mut after = h.update(input, &paths).await;
    assert_eq!(
        *after.header().labels,
        map(&[("keep", "1"), ("change", "4"), ("add", "5")])
    );
    let expected = attributes(&[
        ("keep", Kind::BoolValue(true)),
        ("tick`", Kind::NullValue(0)),
    ]);
    assert_eq!(*after.header().attributes, expected);
}

async fn lists_are_replaced_as_a_whole(h: Harness) {
    let before = stored(&h).await;
    let input = pb::Customer {
        name: before.name,
        external_ids: vec![
            external_id("sap", "1"),
            external_id("sap", " 1\u{3000}"),
            external_id("x", " "),
        ],
        needs: texts(&["one"]),
        ..Default::default()
    };
    let after = h
        .update(input, &["external_ids", "needs", "emails", "phone_numbers"])
        .await;
    assert_eq!(after.external_ids, [external_id("sap", "1")]);
    assert_eq!(
        (after.needs, after.emails, after.phone_numbers),
        (texts(&["one"]), vec![], vec![])
    );
}

async fn paths_that_do_not_exist_are_refused(h: Harness) {
    let name = h.created::<pb::Customer>().await.name;
    let wrong = [
        "nothing",
        "displayName",
        "business.nothing",
        "business.*",
        "emails.0",
        "emails.*.address",
        "emails.address",
        "display_name.x",
        "labels.a.b",
        "labels.",
        "",
        ".about",
        "`about",
        "attributes.`a`b",
        "*",
        "kind.BUSINESS",
    ];
    for path in wrong {
        let input = pb::Customer {
            name: name.clone(),
            about: "x".to_owned(),
            ..Default::default()
        };
        let refused = refused(h.try_update(input, &["about", path]).await);
        refused.names("MASK_INVALID", &["update_mask.paths[1]"]);
    }
    assert_eq!(h.revision().await, 1);
}

async fn at_most_64_paths_fit(h: Harness) {
    let name = h.created::<pb::Customer>().await.name;
    let input = pb::Customer {
        name,
        about: "x".to_owned(),
        ..Default::default()
    };
    h.update(input.clone(), &["about"; 64]).await;
    refused(h.try_update(input, &["about"; 65]).await)
        .names("MASK_INVALID", &["update_mask.paths[64]"]);
}

async fn output_fields_in_a_mask_are_ignored(h: Harness) {
    for_all!(h => output_fields_of_one_are_ignored);
}

async fn output_fields_of_one_are_ignored<R: Standard>(h: &Harness) {
    let before = h.created::<R>().await;
    let mut input = before.clone();
    (*input.header().create_time, *input.header().delete_time) =
        (None, *before.clone().header().create_time);
    let after = h
        .update(
            input,
            &[
                "name",
                "etag",
                "create_time",
                "update_time",
                "delete_time.seconds",
            ],
        )
        .await;
    assert_eq!(after, before);
}

async fn required_fields_cannot_be_cleared(h: Harness) {
    let customer = h.created::<pb::Customer>().await.name;
    for (paths, display_name) in [
        (["display_name"], ""),
        (["display_name"], " \t\u{3000}"),
        (["*"], ""),
    ] {
        let input = pb::Customer {
            name: customer.clone(),
            display_name: display_name.to_owned(),
            ..Default::default()
        };
        refused(h.try_update(input, &paths).await)
            .names("FIELD_INVALID", &["customer.display_name"]);
    }
    // Not named, not asked for.
    h.update(
        pb::Customer {
            name: customer,
            about: "x".to_owned(),
            ..Default::default()
        },
        &["about"],
    )
    .await;
    let affiliation = h.created::<pb::Affiliation>().await.name;
    let input = pb::Affiliation {
        name: affiliation,
        ..Default::default()
    };
    let refused = refused(h.try_update(input, &["contact", "customer"]).await);
    refused.names(
        "FIELD_INVALID",
        &["affiliation.contact", "affiliation.customer"],
    );
}

async fn immutable_fields_cannot_change(h: Harness) {
    let (_, _, before) = h.employed().await;
    let other = h.create(contact("Jo")).await;
    let input = pb::Affiliation {
        contact: other.name,
        job_title: "CEO".to_owned(),
        ..before.clone()
    };
    for paths in [&["contact", "job_title"][..], &["*"], &[]] {
        refused(h.try_update(input.clone(), paths).await)
            .names("FIELD_INVALID", &["affiliation.contact"]);
    }
    assert_eq!(
        h.update(before.clone(), &["contact", "customer"]).await,
        before
    );
    assert_eq!(
        h.update(input, &["job_title"]).await.contact,
        before.contact
    );
}

async fn unknown_records_are_not_found(h: Harness) {
    for_all!(h => an_unknown_record_of_one_is_not_found);
}

async fn an_unknown_record_of_one_is_not_found<R: Standard>(h: &Harness) {
    let mut input = R::input(h).await;
    *input.header().name = R::unknown();
    *input.header().etag = "W/\"x\"".to_owned();
    let not_found = refused(h.try_update(input.clone(), &["*"]).await);
    not_found
        .is(Code::NotFound, "RESOURCE_NOT_FOUND")
        .about(&R::unknown());
    input.header().name.clear();
    refused(h.try_update(input, &["*"]).await).names("FIELD_INVALID", &[&R::path("name")]);
}

async fn a_deleted_record_cannot_be_changed(h: Harness) {
    for_all!(h => a_deleted_record_of_one_cannot_be_changed);
}

async fn a_deleted_record_of_one_cannot_be_changed<R: Standard>(h: &Harness) {
    let created = h.created::<R>().await;
    let deleted = h.delete::<R>(&created.name()).await;
    let refusal = refused(h.try_update(deleted.clone().titled("x"), &[R::TITLE]).await);
    refusal
        .is(Code::FailedPrecondition, "RESOURCE_DELETED")
        .about(&created.name());
    let update = Update {
        resource: Some(deleted.titled("x")),
        allow_missing: true,
        ..Default::default()
    };
    refused(R::update(h, update).await).is(Code::FailedPrecondition, "RESOURCE_DELETED");
}

async fn a_change_of_nothing_changes_nothing(h: Harness) {
    for_all!(h => a_change_of_nothing_changes_nothing_of_one);
}

async fn a_change_of_nothing_changes_nothing_of_one<R: Standard>(h: &Harness) {
    let input = R::full_input(h).await;
    let before = h.create(input).await;
    let revision = h.revision().await;
    for mask in [mask(&["*"]), mask(&[R::TITLE, "labels.tier"]), None] {
        let update = Update {
            resource: Some(before.clone()),
            mask,
            ..Default::default()
        };
        let answer = whole(R::update(h, update).await);
        assert_eq!(
            (answer.message, answer.revision),
            (before.clone(), revision)
        );
    }
    assert_eq!(h.revision().await, revision);
}

async fn validation_alone_changes_nothing(h: Harness) {
    for_all!(h => validation_alone_changes_nothing_of_one);
}

async fn validation_alone_changes_nothing_of_one<R: Standard>(h: &Harness) {
    let before = h.created::<R>().await;
    let update = |resource: R| Update {
        resource: Some(resource),
        validate_only: true,
        ..Default::default()
    };
    let mut answer = done(R::update(h, update(before.clone().titled("new"))).await);
    assert_eq!(answer.title(), "new");
    assert_eq!(h.get::<R>(&before.name()).await, before);
    let mut stale = before.titled("new");
    *stale.header().etag = "W/\"stale\"".to_owned();
    refused(R::update(h, update(stale)).await).is(Code::Aborted, "ETAG_MISMATCH");
}
