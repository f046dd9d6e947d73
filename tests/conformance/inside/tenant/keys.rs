//! Keys find nobody of another tenant, and are not taken from it.

use super::*;
use crate::harness::keys::person_by;

conformance! {
    keys_of_another_tenant_stay_as_they_are,
    keys_lead_to_nobody_of_another_tenant,
}

async fn keys_of_another_tenant_stay_as_they_are(h: Harness) {
    two_tenants(&h).await;
    let keys = async || {
        let all = global!(
            "select kind || ' ' || field || ' ' || key || ' ' || value || ' ' || name as entry
             from keys where tenant_id = 'other' order by 1",
        );
        let all = all.texts("entry");
        h.db().fetch(&TenantScope::local(), all).await.unwrap()
    };
    let theirs = keys().await;
    assert!(
        theirs.contains(&"segments members  customers/y segments/list".to_owned()),
        "{theirs:?}"
    );
    let x = h.get::<pb::Customer>("customers/x").await;
    h.update(listed("Ours", &[&x]).named("segments/list"), &["members"])
        .await;
    h.update(
        pb::Customer {
            labels: map(&[("tier", "lead")]),
            ..x
        },
        &["labels"],
    )
    .await;
    h.delete::<pb::Persona>("personas/ours").await;
    assert_eq!(keys().await, theirs);
}

/// Both tenants use the same names. Keys with 77 exist in both; keys with 88 exist in the other tenant only.
async fn keys_lead_to_nobody_of_another_tenant(h: Harness) {
    let keyed = |key: &str| pb::Customer {
        external_ids: vec![external_id("crm", key)],
        emails: vec![email(&format!("office@{key}.example"))],
        phone_numbers: vec![pb::PhoneNumber {
            text: format!("+49 40 55501{key}"),
            ..Default::default()
        }],
        business: Some(pb::customer::Business {
            domains: vec![format!("{key}.example")],
            ..Default::default()
        }),
        ..customer(&format!("Firm {key}"))
    };
    let person = |key: &str| pb::Contact {
        emails: vec![email(&format!("ann@{key}.example"))],
        ..contact("Ann")
    };
    for key in ["77", "88"] {
        let firm = h.create_as(&format!("f{key}"), keyed(key)).await;
        let ann = h.create_as(&format!("p{key}"), person(key)).await;
        h.create_as(&format!("j{key}"), affiliation(&ann, &firm))
            .await;
    }
    give_away(&h).await;
    let (other_firm, other) = (
        h.create_as("f88", customer("x")).await,
        h.create_as("p88", contact("x")).await,
    );
    h.create_as("j88", affiliation(&other, &other_firm)).await;
    let (firm, ann) = (
        h.create_as("f77", keyed("77")).await,
        h.create_as("p77", person("77")).await,
    );
    h.create_as("j77", affiliation(&ann, &firm)).await;
    let keys = |key: &str| {
        [
            by_external_id("crm", key),
            by_domain(&format!("{key}.example")),
            by_email(&format!("office@{key}.example")),
            by_email(&format!("ann@{key}.example")),
            by_phone(&format!("+494055501{key}")),
        ]
    };
    for (own, theirs) in keys("77").into_iter().zip(keys("88")) {
        let get = |key| pb::GetProfileRequest {
            customer: key,
            read_mask: None,
        };
        let found = done(h.relationships.clone().get_profile(get(own.clone())).await);
        assert_eq!(found.customer.unwrap().name, firm.name, "{own:?}");
        let refusal = refused(h.relationships.clone().get_profile(get(theirs)).await);
        refusal.is(Code::NotFound, "RESOURCE_NOT_FOUND");
    }
    briefings_find_ours_alone(&h, &ann).await;
}

async fn briefings_find_ours_alone(h: &Harness, ann: &pb::Contact) {
    let record = |key: &str| {
        let email = pb::contact_key::Key::Email(format!("ann@{key}.example"));
        Some(pb::get_briefing_request::Record::Contact(person_by(email)))
    };
    let briefing = |record| pb::GetBriefingRequest {
        record,
        ..Default::default()
    };
    assert_eq!(
        done(
            h.relationships
                .clone()
                .get_briefing(briefing(record("77")))
                .await
        )
        .record,
        ann.name
    );
    let refusal = refused(
        h.relationships
            .clone()
            .get_briefing(briefing(record("88")))
            .await,
    );
    refusal.is(Code::NotFound, "RESOURCE_NOT_FOUND");
}
