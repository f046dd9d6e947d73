//! Create: what comes back, ids, and which fields of the input are ignored.

use clientele::pb;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{done, refused};
use crate::harness::builders::{contact, customer, time};
use crate::harness::standard::{Create, Standard, for_all};

conformance! {
    every_field_comes_back,
    only_the_server_sets_output_fields,
    ids_are_made_or_chosen,
    a_malformed_id_is_refused,
    a_name_is_never_used_twice,
    a_create_without_a_resource_is_refused,
    finer_digits_than_microseconds_are_cut,
    empty_messages_are_absent_ones,
    validation_alone_writes_nothing,
}

async fn every_field_comes_back(h: Harness) {
    for_all!(h => every_field_of_one_comes_back);
}

async fn every_field_of_one_comes_back<R: Standard>(h: &Harness) {
    let input = R::full_input(h).await;
    let created = h.create(input.clone()).await;
    assert_eq!(created, h.get(&created.name()).await);
    let mut settable = created.clone();
    strip_output(&mut settable);
    let mut given = input;
    strip_output(&mut given);
    assert_eq!(settable, given);
}

/// Takes off what the server sets.
fn strip_output<R: Standard>(resource: &mut R) {
    let header = resource.header();
    header.name.clear();
    header.etag.clear();
    *header.create_time = None;
    *header.update_time = None;
    let resource = resource as &mut dyn std::any::Any;
    if let Some(customer) = resource.downcast_mut::<pb::Customer>() {
        (customer.size, customer.frequency) = (0, 0);
        (customer.follow_up_due_time, customer.decision_maker_count) = (None, 0);
    } else if let Some(conversation) = resource.downcast_mut::<pb::Conversation>() {
        conversation.author.clear();
    }
}

async fn only_the_server_sets_output_fields(h: Harness) {
    for_all!(h => only_the_server_sets_those_of_one);
}

async fn only_the_server_sets_those_of_one<R: Standard>(h: &Harness) {
    let mut input = R::input(h).await;
    let header = input.header();
    *header.name = R::unknown();
    *header.etag = "W/\"mine\"".to_owned();
    *header.create_time = time(5);
    *header.update_time = time(6);
    *header.delete_time = time(7);
    let mut created = h.create(input).await;
    assert!(!created.is_deleted());
    assert_ne!(created.name(), R::unknown());
    assert!(created.etag().starts_with("W/\"") && created.etag() != "W/\"mine\"");
    let header = created.header();
    assert!(header.create_time.is_some_and(|time| time.seconds > 7));
    assert_eq!(header.create_time, header.update_time);
}

async fn ids_are_made_or_chosen(h: Harness) {
    let made = h.create(customer("Ferrum AG")).await;
    let id = made.name.strip_prefix("customers/").unwrap();
    let uuid = uuid::Uuid::parse_str(id).unwrap();
    assert_eq!(
        (
            uuid.get_version_num(),
            uuid.hyphenated().to_string().as_str()
        ),
        (7, id)
    );
    let longest = format!("a{}z", "-".repeat(61));
    for chosen in ["a", "a1", "acme-2", "a--b", &longest] {
        assert_eq!(
            h.create_as(chosen, customer("Ferrum AG")).await.name,
            format!("customers/{chosen}")
        );
    }
    // The same id in another collection is another name.
    assert_eq!(
        h.create_as("a", contact("Mara Lind")).await.name,
        "contacts/a"
    );
}

async fn a_malformed_id_is_refused(h: Harness) {
    let too_long = "a".repeat(64);
    for id in [
        "1a",
        "A",
        "a-",
        "-a",
        "a_b",
        "a/b",
        "ä",
        " ",
        "a\0",
        &too_long,
        "0198c5f4-0000-7000-8000-000000000000",
    ] {
        let create = Create {
            resource: Some(customer("Ferrum AG")),
            id: id.to_owned(),
            ..Default::default()
        };
        refused(pb::Customer::create(&h, create).await).names("FIELD_INVALID", &["customer_id"]);
    }
    assert_eq!(h.revision().await, 0);
}

async fn a_name_is_never_used_twice(h: Harness) {
    for_all!(h => a_name_of_one_is_never_used_twice);
}

async fn a_name_of_one_is_never_used_twice<R: Standard>(h: &Harness) {
    let input = R::input(h).await;
    let first = h.create_as("taken", input.clone()).await;
    let again = Create {
        resource: Some(input),
        id: "taken".to_owned(),
        ..Default::default()
    };
    let exists = "RESOURCE_EXISTS";
    refused(R::create(h, again.clone()).await)
        .is(Code::AlreadyExists, exists)
        .about(&first.name());
    h.delete::<R>(&first.name()).await;
    refused(R::create(h, again).await)
        .is(Code::AlreadyExists, exists)
        .about(&first.name());
}

async fn a_create_without_a_resource_is_refused(h: Harness) {
    let absent = refused(pb::Customer::create(&h, Create::default()).await);
    absent.names("FIELD_INVALID", &["customer"]);
    let absent = refused(pb::Affiliation::create(&h, Create::default()).await);
    absent.names("FIELD_INVALID", &["affiliation"]);
}

async fn finer_digits_than_microseconds_are_cut(h: Harness) {
    let since = prost_types::Timestamp {
        seconds: -1,
        nanos: 999_999_999,
    };
    let created = h
        .create(pb::Customer {
            customer_since_time: Some(since),
            ..customer("Ferrum AG")
        })
        .await;
    assert_eq!(
        created
            .customer_since_time
            .map(|time| (time.seconds, time.nanos)),
        Some((-1, 999_999_000))
    );
}

async fn empty_messages_are_absent_ones(h: Harness) {
    let input = pb::Customer {
        business: Some(Default::default()),
        individual: Some(Default::default()),
        engagement: Some(Default::default()),
        annual_spend: Some(Default::default()),
        attributes: Some(Default::default()),
        ..customer("Ferrum AG")
    };
    let created = h.create(input).await;
    assert_eq!(
        (
            created.business,
            created.individual,
            created.engagement,
            created.annual_spend,
            created.attributes
        ),
        (None, None, None, None, None)
    );
}

async fn validation_alone_writes_nothing(h: Harness) {
    for_all!(h => validation_alone_writes_nothing_of_one);
}

async fn validation_alone_writes_nothing_of_one<R: Standard>(h: &Harness) {
    let mut input = R::input(h).await;
    *input.header().etag = "W/\"mine\"".to_owned();
    *input.header().create_time = time(5);
    *input.header().update_time = time(5);
    let before = h.revision().await;
    let create = Create {
        resource: Some(input),
        validate_only: true,
        ..Default::default()
    };
    let mut answer = done(R::create(h, create.clone()).await);
    let header = answer.header();
    assert_eq!((header.name.as_str(), header.etag.as_str()), ("", ""));
    assert_eq!((*header.create_time, *header.update_time), (None, None));
    let named = done(
        R::create(
            h,
            Create {
                id: "planned".to_owned(),
                ..create
            },
        )
        .await,
    );
    assert_eq!(named.name(), format!("{}/planned", R::KIND.collection()));
    assert_eq!(h.revision().await, before);
    refused(R::get(h, &named.name(), None).await).is(Code::NotFound, "RESOURCE_NOT_FOUND");
}
