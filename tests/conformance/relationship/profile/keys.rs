//! By which keys a profile is found.

use super::*;

conformance! {
    at START;
    every_key_finds_the_customer,
    keys_heed_spelling_dates_and_deletions,
    public_mail_domains_find_nobody,
    a_key_that_fits_several_names_them,
    malformed_keys_are_refused,
    a_deleted_customer_is_found_by_name_alone,
}

async fn found(h: &Harness, key: Option<pb::CustomerKey>) -> String {
    done(ask(h, key).await).customer.unwrap().name
}

async fn every_key_finds_the_customer(h: Harness) {
    let firm = pb::Customer {
        external_ids: vec![
            external_id("sap.eu", "4711"),
            external_id("hubspot", "4712"),
        ],
        emails: vec![email("Office@Ferrum.example")],
        phone_numbers: vec![phone("+43 1 2345678")],
        ..business("Ferrum AG", "ferrum.example")
    };
    let firm = h.create(firm).await;
    let person = pb::Contact {
        emails: vec![email("mara@lind.example")],
        phone_numbers: vec![phone("+43 664 1234567")],
        ..contact("Mara Lind")
    };
    let person = h.create(person).await;
    h.create(affiliation(&person, &firm)).await;
    for key in [
        by_name(&firm.name),
        by_external_id("sap.eu", " 4711\u{2003}"),
        by_domain("FERRUM.example"),
        by_email("office@FERRUM.example"),
        by_email("MARA@lind.example"),
        by_email("nobody.known@ferrum.example"),
        by_phone("+43-1-234 56 78"),
        by_phone("+436641234567"),
    ] {
        assert_eq!(found(&h, key).await, firm.name);
    }
    for key in [
        by_external_id("sap.eu", "4712"),
        by_external_id("hubspot", "4711"),
        by_domain("lind.example"),
        by_email("a@lind.example"),
        by_phone("+4312345679"),
    ] {
        let refusal = refused(ask(&h, key).await).is(Code::NotFound, "RESOURCE_NOT_FOUND");
        assert_eq!(refusal.resource, None);
        let kind = "clientele.dev/Customer";
        assert_eq!(refusal.resource_type.as_deref(), Some(kind), "{refusal:?}");
        assert_eq!(refusal.metadata.len(), 1, "{refusal:?}");
        refusal.tells("resourceType", kind);
    }
    refused(ask(&h, by_name("customers/nobody")).await)
        .is(Code::NotFound, "RESOURCE_NOT_FOUND")
        .about("customers/nobody");
}

async fn keys_heed_spelling_dates_and_deletions(h: Harness) {
    let firm = h.create(business("Ferrum AG", "ferrum.example")).await;
    let person = h
        .create(pb::Contact {
            emails: vec![email("mara@lind.example")],
            ..contact("Mara Lind")
        })
        .await;
    let jobs = [
        pb::Affiliation {
            end_date: date(2026, 11, 22),
            ..affiliation(&person, &firm)
        },
        pb::Affiliation {
            start_date: date(2026, 11, 23),
            ..affiliation(&person, &firm)
        },
    ];
    for job in jobs {
        let job = h.create(job).await;
        refused(ask(&h, by_email("mara@lind.example")).await)
            .is(Code::NotFound, "RESOURCE_NOT_FOUND");
        let runs = pb::Affiliation {
            start_date: date(2026, 11, 22),
            end_date: date(2026, 11, 23),
            ..job
        };
        let job = h.update(runs, &["start_date", "end_date"]).await;
        assert_eq!(found(&h, by_email("mara@lind.example")).await, firm.name);
        h.delete::<pb::Affiliation>(&job.name).await;
    }
    h.delete::<pb::Customer>(&firm.name).await;
    refused(ask(&h, by_domain("ferrum.example")).await).is(Code::NotFound, "RESOURCE_NOT_FOUND");
    let heir = h.create(business("Ferrum Neu", "ferrum.example")).await;
    assert_eq!(found(&h, by_domain("ferrum.example")).await, heir.name);
}

async fn public_mail_domains_find_nobody(h: Harness) {
    let firm = pb::Customer {
        emails: vec![email("ferrum@gmail.com")],
        ..business("Ferrum AG", "gmail.com")
    };
    let firm = h.create(firm).await;
    for key in [
        by_domain("gmail.com"),
        by_domain("Gmail.com"),
        by_email("somebody@gmail.com"),
    ] {
        refused(ask(&h, key).await).is(Code::NotFound, "RESOURCE_NOT_FOUND");
    }
    assert_eq!(found(&h, by_email("Ferrum@gmail.com")).await, firm.name);
}

async fn a_key_that_fits_several_names_them(h: Harness) {
    let mut names = Vec::new();
    for i in 0..14 {
        names.push(
            h.create_as(
                &format!("ferrum-{i:02}"),
                business("Ferrum AG", "ferrum.example"),
            )
            .await
            .name,
        );
    }
    let ambiguous = |answer| {
        let refusal = refused(answer).lists_candidates(&names[..12], 14);
        let kind = "clientele.dev/Customer";
        assert_eq!(refusal.resource_type.as_deref(), Some(kind), "{refusal:?}");
        refusal.tells("resourceType", kind);
    };
    ambiguous(ask(&h, by_domain("ferrum.example")).await);
    ambiguous(ask(&h, by_email("nobody@ferrum.example")).await);
    // A person at two of them.
    let person = h
        .create(pb::Contact {
            phone_numbers: vec![phone("+43 1 2345678")],
            ..contact("Mara")
        })
        .await;
    for name in &names[..2] {
        let firm = h.get::<pb::Customer>(name).await;
        h.create(affiliation(&person, &firm)).await;
        // A second job at the same customer makes no second candidate.
        h.create(affiliation(&person, &firm)).await;
    }
    refused(ask(&h, by_phone("+4312345678")).await).lists_candidates(&names[..2], 2);
    // An address that several have does not become that of the firm with the domain.
    h.create(business("Cuprum", "cuprum.example")).await;
    for id in ["tenant-a", "tenant-b"] {
        let tenant = pb::Customer {
            emails: vec![email("office@cuprum.example")],
            ..customer("Tenant")
        };
        h.create_as(id, tenant).await;
    }
    refused(ask(&h, by_email("office@cuprum.example")).await)
        .lists_candidates(&["customers/tenant-a", "customers/tenant-b"], 2);
}

async fn malformed_keys_are_refused(h: Harness) {
    for (key, field) in [
        (None, "customer"),
        (Some(pb::CustomerKey::default()), "customer"),
        (by_name("contacts/mara"), "customer.name"),
        (by_domain("no domain"), "customer.domain"),
        (by_email("nobody"), "customer.email"),
        (by_phone("ask at the desk"), "customer.phone_number"),
        (by_phone("12"), "customer.phone_number"),
        (by_external_id("SAP", "1"), "customer.external_id.system"),
        (by_external_id("sap", " "), "customer.external_id.id"),
    ] {
        refused(ask(&h, key).await).names("FIELD_INVALID", &[field]);
    }
}

async fn a_deleted_customer_is_found_by_name_alone(h: Harness) {
    let (firm, ..) = h.employed().await;
    h.create(promise(&firm, "send samples")).await;
    let deleted = h.delete::<pb::Customer>(&firm.name).await;
    let expected = pb::Profile {
        customer: Some(deleted),
        evaluate_time: at(START),
        revision: h.revision().await,
        ..Default::default()
    };
    assert_eq!(profile(&h, &firm.name).await, expected);
}
