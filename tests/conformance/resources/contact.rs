//! Contacts: what is special to people.

use clientele::pb;
use clientele::pb::contact_permission::Status;
use clientele::pb::conversation::Channel;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{Answer, done, refused};
use crate::harness::builders::{address, contact, email, phone, texts};
use crate::harness::standard::{Create, Delete, Standard};

conformance! {
    two_people_may_share_a_name,
    phones_are_understood_by_the_first_address,
    the_best_of_several_stays_first,
    what_a_person_prefers_is_kept_as_given,
    a_wish_is_no_permission,
    owners_must_be_usable,
    an_owner_may_stay_when_deleted,
    locked_paths_name_fields_of_a_contact,
    a_contact_goes_and_comes_with_its_affiliations,
}

async fn try_create(h: &Harness, contact: pb::Contact) -> Answer<pb::Contact> {
    let create = Create {
        resource: Some(contact),
        ..Default::default()
    };
    pb::Contact::create(h, create).await
}

async fn two_people_may_share_a_name(h: Harness) {
    for id in ["a", "b"] {
        h.create_as(id, contact("Mara Lind")).await;
    }
    assert_eq!(
        h.names::<pb::Contact>("display_name = \"Mara Lind\"").await,
        ["contacts/a", "contacts/b"]
    );
}

async fn phones_are_understood_by_the_first_address(h: Harness) {
    let at = |regions: &[&str]| pb::Contact {
        addresses: regions.iter().map(|region| address(region)).collect(),
        phone_numbers: vec![phone("0732 7070")],
        ..contact("Mara Lind")
    };
    for (regions, e164) in [
        (&[][..], ""),
        (&["AT"], "+437327070"),
        (&["AT", "DE"], "+437327070"),
        (&["", "AT"], ""),
    ] {
        let stored = h.create(at(regions)).await.phone_numbers.remove(0);
        assert_eq!(
            (stored.text.as_str(), stored.e164.as_str()),
            ("0732 7070", e164),
            "{regions:?}"
        );
    }
    // Whoever moves has another number by the same text.
    let moved = pb::Contact {
        name: h.create(at(&["AT"])).await.name,
        ..at(&["DE"])
    };
    let moved = h.update(moved, &["addresses"]).await;
    assert_eq!(moved.phone_numbers[0].e164, "+497327070");
}

async fn the_best_of_several_stays_first(h: Harness) {
    let emails = vec![email("z@lind.example"), email("a@lind.example")];
    let phone_numbers = vec![phone("+43 9"), phone("+43 1")];
    let input = pb::Contact {
        emails: emails.clone(),
        phone_numbers: phone_numbers.clone(),
        ..contact("Mara Lind")
    };
    let mut stored = h.create(input).await;
    assert_eq!(stored.emails, emails);
    assert_eq!(texts_of(&stored), ["+43 9", "+43 1"]);
    stored.emails.reverse();
    stored.phone_numbers.reverse();
    let turned = h.update(stored, &["emails", "phone_numbers"]).await;
    assert_eq!(turned.emails[0].address, "a@lind.example");
    assert_eq!(texts_of(&turned), ["+43 1", "+43 9"]);
    assert_eq!(h.get::<pb::Contact>(&turned.name).await, turned);
}

fn texts_of(contact: &pb::Contact) -> Vec<&str> {
    let numbers = contact.phone_numbers.iter();
    numbers.map(|number| number.text.as_str()).collect()
}

async fn what_a_person_prefers_is_kept_as_given(h: Harness) {
    // Neither a tag nor a zone has to be one that the service knows.
    for (language_code, time_zone) in [("de-AT", "Europe/Vienna"), ("dE-aT", "Mars/Tharsis")] {
        let input = pb::Contact {
            language_code: language_code.to_owned(),
            time_zone: time_zone.to_owned(),
            ..contact("Mara Lind")
        };
        let stored = h.create(input).await;
        assert_eq!(
            (stored.language_code.as_str(), stored.time_zone.as_str()),
            (language_code, time_zone)
        );
    }
}

async fn a_wish_is_no_permission(h: Harness) {
    let refusal = pb::ContactPermission {
        channel: Channel::Phone.into(),
        status: Status::Refused.into(),
        ..Default::default()
    };
    let input = pb::Contact {
        preferred_channels: vec![Channel::Phone.into(), Channel::Email.into()],
        contact_permissions: vec![refusal],
        ..contact("Mara Lind")
    };
    let stored = h.create(input).await;
    assert_eq!(
        stored.preferred_channels().collect::<Vec<_>>(),
        [Channel::Phone, Channel::Email]
    );
    assert_eq!(stored.contact_permissions[0].status(), Status::Refused);
}

async fn owners_must_be_usable(h: Harness) {
    let gone = h.created::<pb::Colleague>().await.name;
    h.delete::<pb::Colleague>(&gone).await;
    let stored = h.create(contact("Mara Lind")).await;
    for owner in [gone, pb::Colleague::unknown()] {
        let owned = pb::Contact {
            owner: owner.clone(),
            ..stored.clone()
        };
        refused(try_create(&h, owned.clone()).await)
            .names_unusable("owner")
            .about(&owner);
        refused(h.try_update(owned, &["owner"]).await)
            .names_unusable("owner")
            .about(&owner);
    }
    let of_another_kind = pb::Contact {
        owner: stored.name,
        ..contact("Jo")
    };
    refused(try_create(&h, of_another_kind).await).names("FIELD_INVALID", &["contact.owner"]);
}

async fn an_owner_may_stay_when_deleted(h: Harness) {
    let owner = h.created::<pb::Colleague>().await.name;
    let owned = pb::Contact {
        owner: owner.clone(),
        ..contact("Mara Lind")
    };
    let owned = h.create(owned).await;
    h.delete::<pb::Colleague>(&owner).await;
    let changed = pb::Contact {
        about: "new".to_owned(),
        etag: String::new(),
        ..owned
    };
    let changed = h.update(changed, &["*"]).await;
    assert_eq!((changed.owner, changed.about.as_str()), (owner, "new"));
}

async fn locked_paths_name_fields_of_a_contact(h: Harness) {
    let locked = |paths: &[&str]| pb::Contact {
        locked_paths: texts(paths),
        ..contact("Mara Lind")
    };
    let right = ["about", "given_name", "labels.tier"];
    let stored = h.create(locked(&right)).await;
    assert_eq!(stored.locked_paths, right);
    // The second is a field of customers.
    for wrong in ["nothing", "business.industry", "emails.address"] {
        refused(try_create(&h, locked(&["about", wrong])).await)
            .names("FIELD_INVALID", &["contact.locked_paths[1]"]);
    }
}

async fn a_contact_goes_and_comes_with_its_affiliations(h: Harness) {
    let (firm, mara, job) = h.employed().await;
    let delete = Delete {
        name: mara.name.clone(),
        ..Default::default()
    };
    refused(pb::Contact::delete(&h, delete.clone()).await)
        .is(Code::FailedPrecondition, "HAS_CHILDREN")
        .tells("childCount", "1");
    let force = Delete {
        force: true,
        ..delete
    };
    done(pb::Contact::delete(&h, force).await);
    assert!(h.get::<pb::Affiliation>(&job.name).await.is_deleted());
    assert_eq!(h.get::<pb::Customer>(&firm.name).await.contact_count, 0);
    h.undelete::<pb::Contact>(&mara.name).await;
    assert!(!h.get::<pb::Affiliation>(&job.name).await.is_deleted());
    assert_eq!(h.get::<pb::Customer>(&firm.name).await.contact_count, 1);
}
