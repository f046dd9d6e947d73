//! Get and BatchGet: what is found, in which order, and with which fields.

use clientele::pb;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{done, refused, whole};
use crate::harness::builders::customer;
use crate::harness::records::segment;
use crate::harness::standard::{List, Standard, for_all, mask};

conformance! {
    unknown_names_are_not_found,
    malformed_names_are_refused,
    deleted_records_are_found,
    a_batch_keeps_the_order_of_the_names,
    a_batch_is_all_or_nothing,
    a_batch_has_1_to_100_names,
    a_batch_too_large_to_send_is_refused,
    a_read_mask_selects,
    a_read_mask_selects_single_entries,
    an_unknown_path_in_a_read_mask_is_refused,
    every_answer_tells_the_revision,
    a_page_of_nobody_tells_the_revision_too,
    a_page_is_one_statement_and_an_empty_one_three,
}

async fn unknown_names_are_not_found(h: Harness) {
    for_all!(h => an_unknown_name_of_one_is_not_found);
}

async fn an_unknown_name_of_one_is_not_found<R: Standard>(h: &Harness) {
    let uuid = format!(
        "{}/0198c5f4-0000-7000-8000-000000000000",
        R::KIND.collection()
    );
    for name in [R::unknown(), uuid] {
        refused(R::get(h, &name, None).await)
            .is(Code::NotFound, "RESOURCE_NOT_FOUND")
            .about(&name);
    }
}

async fn malformed_names_are_refused(h: Harness) {
    for_all!(h => malformed_names_of_one_are_refused);
}

async fn malformed_names_of_one_are_refused<R: Standard>(h: &Harness) {
    let collection = R::KIND.collection();
    let upper = format!("{collection}/0198C5F4-0000-7000-8000-000000000000");
    let slash = format!("{collection}/a/b");
    let nul = format!("{collection}/a\0");
    let empty = format!("{collection}/");
    for name in [
        "", "a", "people/a", collection, &upper, &slash, &nul, &empty,
    ] {
        refused(R::get(h, name, None).await).names("FIELD_INVALID", &["name"]);
    }
    let batch = R::batch_get(
        h,
        vec![R::unknown(), String::new(), nul],
        mask(&["nothing"]),
    )
    .await;
    let refused = refused(batch).is(Code::InvalidArgument, "FIELD_INVALID");
    let fields: Vec<&str> = refused
        .violations
        .iter()
        .map(|(field, _)| field.as_str())
        .collect();
    assert_eq!(fields, ["names[1]", "names[2]", "read_mask.paths[0]"]);
}

async fn deleted_records_are_found(h: Harness) {
    for_all!(h => deleted_records_of_one_are_found);
}

async fn deleted_records_of_one_are_found<R: Standard>(h: &Harness) {
    let created = h.created::<R>().await;
    let deleted = h.delete::<R>(&created.name()).await;
    assert!(deleted.is_deleted());
    assert_eq!(h.get::<R>(&created.name()).await, deleted);
    assert_eq!(
        done(R::batch_get(h, vec![created.name()], None).await),
        [deleted]
    );
}

async fn a_batch_keeps_the_order_of_the_names(h: Harness) {
    for_all!(h => a_batch_of_one_keeps_the_order);
}

async fn a_batch_of_one_keeps_the_order<R: Standard>(h: &Harness) {
    let (a, b) = (h.created::<R>().await, h.created::<R>().await);
    let names = vec![b.name(), a.name(), b.name()];
    assert_eq!(done(R::batch_get(h, names, None).await), [b.clone(), a, b]);
}

async fn a_batch_is_all_or_nothing(h: Harness) {
    let known = h.created::<pb::Customer>().await;
    let names = vec![known.name, pb::Customer::unknown()];
    let refused = refused(pb::Customer::batch_get(&h, names, None).await);
    refused
        .is(Code::NotFound, "RESOURCE_NOT_FOUND")
        .about(&pb::Customer::unknown());
}

async fn a_batch_has_1_to_100_names(h: Harness) {
    let known = h.created::<pb::Customer>().await.name;
    refused(pb::Customer::batch_get(&h, vec![], None).await).names("FIELD_INVALID", &["names"]);
    refused(pb::Customer::batch_get(&h, vec![known.clone(); 101], None).await)
        .names("FIELD_INVALID", &["names"]);
    assert_eq!(
        done(pb::Customer::batch_get(&h, vec![known; 100], None).await).len(),
        100
    );
}

async fn a_batch_too_large_to_send_is_refused(h: Harness) {
    let large = h
        .create(pb::Customer {
            about: "x".repeat(64 * 1024),
            ..customer("Ferrum AG")
        })
        .await
        .name;
    let refused = refused(pb::Customer::batch_get(&h, vec![large.clone(); 60], None).await);
    refused
        .is(Code::ResourceExhausted, "RESPONSE_TOO_LARGE")
        .tells("limit", "3670016");
    let names = pb::Customer::batch_get(&h, vec![large.clone(); 100], mask(&["name"])).await;
    assert_eq!(
        done(names)[99],
        pb::Customer {
            name: large,
            ..Default::default()
        }
    );
}

async fn a_read_mask_selects(h: Harness) {
    for_all!(h => a_read_mask_of_one_selects);
}

async fn a_read_mask_of_one_selects<R: Standard>(h: &Harness) {
    let input = R::full_input(h).await;
    let mut created = h.create(input).await;
    let name = created.name();
    let mut wanted = R::default();
    wanted.header().name.clone_from(&name);
    wanted.header().tags.clone_from(created.header().tags);
    wanted.title().clone_from(created.title());
    let paths = mask(&["name", "tags", R::TITLE]);
    assert_eq!(done(R::get(h, &name, paths.clone()).await), wanted);
    assert_eq!(
        done(R::batch_get(h, vec![name.clone()], paths.clone()).await),
        [wanted.clone()]
    );
    let list = List {
        filter: format!("name = \"{name}\""),
        read_mask: paths,
        ..Default::default()
    };
    assert_eq!(done(R::list(h, list).await).0, [wanted]);
    assert_eq!(done(R::get(h, &name, mask(&["*"])).await), created);
    assert_eq!(done(R::get(h, &name, mask(&[])).await), created);
}

async fn a_read_mask_selects_single_entries(h: Harness) {
    let created = h.create(pb::Customer::full_input(&h).await).await;
    let paths = [
        "labels.tier",
        "attributes.`odd key.`",
        "business.annual_revenue.units",
        "labels.unknown",
    ];
    let found = done(pb::Customer::get(&h, &created.name, mask(&paths)).await);
    assert_eq!(found.labels.keys().collect::<Vec<_>>(), ["tier"]);
    assert_eq!(
        found.attributes.unwrap().fields.keys().collect::<Vec<_>>(),
        ["odd key."]
    );
    let business = found.business.unwrap();
    assert_eq!(
        (
            business.annual_revenue.unwrap().units,
            business.legal_name.as_str()
        ),
        (9_007_199_254_740_993, "")
    );
    assert_eq!(found.display_name, "");
    // What is not there stays absent.
    let bare = h.create(customer("Ferrum AG")).await;
    let found = done(
        pb::Customer::get(
            &h,
            &bare.name,
            mask(&["attributes.x", "business.industry", "labels.x"]),
        )
        .await,
    );
    assert_eq!(found, pb::Customer::default());
}

async fn an_unknown_path_in_a_read_mask_is_refused(h: Harness) {
    for_all!(h => an_unknown_path_of_one_is_refused);
}

async fn an_unknown_path_of_one_is_refused<R: Standard>(h: &Harness) {
    let name = h.created::<R>().await.name();
    let paths = mask(&["name", "nothing", "tags.x", "*", "", "external_ids.system"]);
    let wrong = [1, 2, 3, 4, 5].map(|i| format!("read_mask.paths[{i}]"));
    let wrong = wrong.each_ref().map(String::as_str);
    refused(R::get(h, &name, paths.clone()).await).names("MASK_INVALID", &wrong);
    refused(R::batch_get(h, vec![name], paths.clone()).await).names("MASK_INVALID", &wrong);
    let list = List {
        read_mask: paths,
        ..Default::default()
    };
    refused(R::list(h, list).await).names("MASK_INVALID", &wrong);
}

async fn every_answer_tells_the_revision(h: Harness) {
    assert_eq!(h.revision().await, 0);
    let created = h.created::<pb::Customer>().await;
    assert_eq!(
        whole(pb::Customer::get(&h, &created.name, None).await).revision,
        1
    );
    assert_eq!(
        whole(pb::Customer::batch_get(&h, vec![created.name], None).await).revision,
        1
    );
    let nothing = List {
        filter: "display_name = \"nobody\"".to_owned(),
        ..Default::default()
    };
    assert_eq!(whole(pb::Customer::list(&h, nothing).await).revision, 1);
}

async fn a_page_of_nobody_tells_the_revision_too(h: Harness) {
    h.created::<pb::Customer>().await;
    h.create_as("none", segment("None", "display_name = \"nobody\""))
        .await;
    let filter = "segment:\"segments/none\"".to_owned();
    let listed = whole(
        pb::Customer::list(
            &h,
            List {
                filter: filter.clone(),
                ..Default::default()
            },
        )
        .await,
    );
    assert_eq!((listed.message.0, listed.revision), (vec![], 2));
    let members = pb::ListSegmentMembersRequest {
        segment: "segments/none".to_owned(),
        ..Default::default()
    };
    let members = whole(h.segments.clone().list_segment_members(members).await);
    assert_eq!((members.message.revision, members.revision), (2, 2));
    let decide = pb::ListDecisionMakersRequest {
        filter,
        ..Default::default()
    };
    assert_eq!(
        whole(h.relationships.clone().list_decision_makers(decide).await).revision,
        2
    );
    let preview = pb::PreviewSegmentRequest {
        filter: "display_name = \"nobody\"".to_owned(),
        ..Default::default()
    };
    let preview = whole(h.segments.clone().preview_segment(preview).await);
    assert_eq!((preview.message.revision, preview.revision), (2, 2));
}

async fn a_page_is_one_statement_and_an_empty_one_three(h: Harness) {
    h.created::<pb::Customer>().await;
    for (filter, n_expected) in [("", 1), ("labels.x = \"y\"", 3)] {
        let before = h.db().statistics().await.unwrap().reads;
        h.names::<pb::Customer>(filter).await;
        assert_eq!(
            h.db().statistics().await.unwrap().reads - before,
            n_expected,
            "{filter}"
        );
    }
}
