//! Update with allow_missing.

use super::*;

conformance! {
    missing_records_can_be_created,
    allow_missing_heeds_the_mask_when_the_record_is_there,
    allow_missing_needs_a_name_of_choice,
}

async fn missing_records_can_be_created(h: Harness) {
    for_all!(h => a_missing_record_of_one_can_be_created);
}

async fn a_missing_record_of_one_can_be_created<R: Standard>(h: &Harness) {
    let mut input = R::input(h).await.titled("new");
    let name = format!("{}/made", R::KIND.collection());
    *input.header().name = name.clone();
    *input.header().external_ids = vec![external_id("sap", " made ")];
    let update = Update {
        resource: Some(input),
        mask: mask(&["tags"]),
        allow_missing: true,
        ..Default::default()
    };
    let mut made = done(R::update(h, update.clone()).await);
    assert_eq!((made.name(), made.title().as_str()), (name.clone(), "new"));
    assert_eq!(*made.header().external_ids, [external_id("sap", "made")]);
    // Now it is there, and the mask counts.
    assert_eq!(done(R::update(h, update.clone()).await), made);
    // A clash names the other record, also when the mask leaves the ids out.
    let mut other = update;
    *other.resource.as_mut().unwrap().header().name = format!("{}/other", R::KIND.collection());
    let clash = refused(R::update(h, other).await);
    clash
        .is(Code::AlreadyExists, "EXTERNAL_ID_EXISTS")
        .about(&name);
}

async fn allow_missing_heeds_the_mask_when_the_record_is_there(h: Harness) {
    // Of a server's making, and without the required field: fine for an update, not for a create.
    let before = h.created::<pb::Customer>().await;
    let input = pb::Customer {
        name: before.name.clone(),
        about: "new".to_owned(),
        ..Default::default()
    };
    let update = Update {
        resource: Some(input),
        mask: mask(&["about"]),
        allow_missing: true,
        ..Default::default()
    };
    let after = done(pb::Customer::update(&h, update).await);
    assert_eq!(
        (after.about.as_str(), after.display_name),
        ("new", before.display_name)
    );
}

async fn allow_missing_needs_a_name_of_choice(h: Harness) {
    let name = "customers/0198c5f4-0000-7000-8000-000000000000".to_owned();
    let input = pb::Customer {
        name,
        ..customer("Ferrum AG")
    };
    let update = Update {
        resource: Some(input),
        allow_missing: true,
        ..Default::default()
    };
    refused(pb::Customer::update(&h, update).await).names("FIELD_INVALID", &["customer.name"]);
    let input = pb::Customer {
        name: "customers/new".to_owned(),
        about: "no name".to_owned(),
        ..Default::default()
    };
    let update = Update {
        resource: Some(input),
        mask: mask(&["about"]),
        allow_missing: true,
        ..Default::default()
    };
    refused(pb::Customer::update(&h, update).await)
        .names("FIELD_INVALID", &["customer.display_name"]);
}
