//! Updates of records that an earlier release stored by rules that were less strict.

use super::*;
use crate::harness::builders::{address, email};
use crate::harness::engine::execute;

conformance! {
    what_is_stored_does_not_keep_other_fields_from_changing,
}

/// A customer whose region, domain, e-mail address and tags would be refused today.
async fn of_before(h: &Harness) -> pb::Customer {
    let business = Business {
        domains: texts(&["ferrum.example"]),
        ..Default::default()
    };
    let firm = pb::Customer {
        addresses: vec![address("AT")],
        emails: vec![email("office@cuprum.example")],
        business: Some(business),
        tags: texts(&["steel", "tin"]),
        ..customer("Ferrum")
    };
    let firm = h.create_as("f", firm).await;
    execute(
        &h.url(),
        "update customers set addresses = replace(addresses, '\"AT\"', '\"Germany\"'),
           emails = replace(emails, 'office@cuprum', 'office@@cuprum'),
           business_domains = replace(business_domains, 'ferrum.example', 'ferrum,example'),
           tags = replace(tags, 'tin', 'steel\u{200b}')",
    )
    .await;
    firm
}

async fn what_is_stored_does_not_keep_other_fields_from_changing(h: Harness) {
    let firm = of_before(&h).await;
    let stored = h.get::<pb::Customer>(&firm.name).await;
    let about = pb::Customer {
        about: "Buys in spring.".to_owned(),
        ..stored.clone()
    };
    let changed = h.update(about, &["about"]).await;
    assert_eq!(changed.about, "Buys in spring.");
    assert_eq!(
        (&changed.addresses, &changed.emails),
        (&stored.addresses, &stored.emails)
    );
    let business = Business {
        legal_name: "Ferrum Stahl AG".to_owned(),
        ..Default::default()
    };
    let named = pb::Customer {
        business: Some(business),
        ..changed
    };
    let changed = h.update(named, &["business.legal_name"]).await;
    let business = changed.business.clone().unwrap_or_default();
    assert_eq!(
        (business.legal_name.as_str(), &business.domains[..]),
        ("Ferrum Stahl AG", &texts(&["ferrum,example"])[..])
    );
    // What is set is checked, whether it was stored before or not.
    for (path, field) in [
        ("addresses", "addresses[0].postal_address.region_code"),
        ("emails", "emails[0].address"),
        ("business.domains", "business.domains[0]"),
        ("*", "emails[0].address"),
    ] {
        let refusal = refused(h.try_update(changed.clone(), &[path]).await);
        assert!(
            format!("{refusal:?}").contains(&format!("customer.{field}")),
            "{refusal:?}"
        );
    }
    let mended = pb::Customer {
        addresses: vec![address("DE")],
        ..changed
    };
    let mended = h.update(mended, &["addresses"]).await;
    assert_eq!(
        mended.addresses[0]
            .postal_address
            .as_ref()
            .unwrap()
            .region_code,
        "DE"
    );
}
