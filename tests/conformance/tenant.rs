//! How a tenant is set up: told to callers, changed by the operator beside a running server.

use clientele::pb;
use clientele::store::engine::tenants;

use crate::conformance::look_up::found;
use crate::harness::Harness;
use crate::harness::answer::{done, refused, whole};
use crate::harness::builders::{contact, customer, phone};
use crate::harness::keys::{by_phone, by_text};

conformance! {
    settings_are_told_as_the_operator_left_them,
    a_number_is_looked_for_at_home_from_the_next_call_on,
    a_tenant_that_is_not_there_is_not_set_up,
}

async fn settings(h: &Harness) -> pb::TenantSettings {
    let request = pb::GetTenantSettingsRequest {};
    done(h.tenants.clone().get_tenant_settings(request).await)
}

async fn settings_are_told_as_the_operator_left_them(h: Harness) {
    assert_eq!(settings(&h).await, pb::TenantSettings::default());
    for region in ["AT", "DE", ""] {
        h.set_region(region).await;
        assert_eq!(settings(&h).await.region_code, region);
    }
    h.create(customer("Ferrum")).await;
    let request = pb::GetTenantSettingsRequest {};
    let answer = whole(h.tenants.clone().get_tenant_settings(request).await);
    assert_eq!(answer.revision, 1);
}

async fn profile_of(h: &Harness, key: Option<pb::CustomerKey>) -> String {
    let request = pb::GetProfileRequest {
        customer: key,
        read_mask: None,
    };
    match h.relationships.clone().get_profile(request).await {
        Ok(profile) => profile.into_inner().customer.unwrap().name,
        refusal => refused(refusal).reason,
    }
}

async fn a_number_is_looked_for_at_home_from_the_next_call_on(h: Harness) {
    let with = |number: &str, name: &str| pb::Customer {
        phone_numbers: vec![phone(number)],
        ..customer(name)
    };
    h.create_as("at", with("+43 40 5550142", "A")).await;
    h.create_as("de", with("+49 40 5550142", "B")).await;
    let text = "040 555 0142";
    let in_region = |key: Option<pb::CustomerKey>, region: &str| {
        let region_code = region.to_owned();
        key.map(|key| pb::CustomerKey { region_code, ..key })
    };
    for (home, whose) in [
        ("", "KEY_AMBIGUOUS"),
        ("AT", "customers/at"),
        ("DE", "customers/de"),
    ] {
        h.set_region(home).await;
        assert_eq!(profile_of(&h, by_phone(text)).await, whose, "{home}");
        assert_eq!(profile_of(&h, by_text(text)).await, whose, "{home}");
        // What a call says wins.
        for key in [by_phone(text), by_text(text), by_text("0405550142")] {
            let austrian = in_region(key.clone(), "at");
            assert_eq!(profile_of(&h, austrian).await, "customers/at");
            let french = in_region(key, "FR");
            assert_eq!(profile_of(&h, french).await, "RESOURCE_NOT_FOUND");
        }
        assert_eq!(found(&h, text).await.len(), 2);
    }
    // A record that does not say where it is, is at home.
    h.create_as(
        "unknown",
        pb::Contact {
            phone_numbers: vec![phone("0732 7070")],
            ..contact("C")
        },
    )
    .await;
    for (home, whom) in [("AT", &["contacts/unknown"][..]), ("DE", &[])] {
        h.set_region(home).await;
        assert_eq!(found(&h, "+43 732 7070").await, whom, "{home}");
    }
}

async fn a_tenant_that_is_not_there_is_not_set_up(h: Harness) {
    let refusal = tenants::set_region(&h.url(), "nobody", "AT").await;
    assert_eq!(refusal.unwrap_err().to_string(), "there is no such tenant");
    assert_eq!(settings(&h).await.region_code, "");
}
