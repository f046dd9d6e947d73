//! Colleagues: who works here, and whose credential is whose.

use clientele::pb;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{done, refused};
use crate::harness::builders::email;
use crate::harness::records::colleague;
use crate::harness::standard::{Create, Standard, Update, mask};

conformance! {
    a_colleague_is_active_unless_said_otherwise,
    what_people_have_in_common_is_no_clash,
    a_principal_belongs_to_one_colleague,
    a_deleted_colleague_keeps_the_principal,
    of_two_who_take_a_principal_at_once_one_gets_it,
}

fn with_principal(name: &str, principal: &str) -> pb::Colleague {
    pb::Colleague {
        principal: principal.to_owned(),
        ..colleague(name)
    }
}

async fn a_colleague_is_active_unless_said_otherwise(h: Harness) {
    let mia = h.create(colleague("Mia Berg")).await;
    assert_eq!(mia.active, Some(true));
    let left = h
        .update(
            pb::Colleague {
                active: Some(false),
                ..mia.clone()
            },
            &["active"],
        )
        .await;
    assert_eq!(left.active, Some(false));
    // Clearing it says nothing.
    for paths in [&["active"][..], &["*"]] {
        let unsaid = pb::Colleague {
            active: None,
            etag: String::new(),
            ..left.clone()
        };
        assert_eq!(h.update(unsaid, paths).await, left);
    }
    assert_eq!(h.names::<pb::Colleague>("active = false").await, [mia.name]);
    assert!(h.names::<pb::Colleague>("active = true").await.is_empty());
}

async fn what_people_have_in_common_is_no_clash(h: Harness) {
    for _ in 0..2 {
        h.create(pb::Colleague {
            emails: vec![email("sales@ferrum.example")],
            ..colleague("Mia Berg")
        })
        .await;
    }
    assert_eq!(
        h.names::<pb::Colleague>("display_name = \"Mia Berg\"")
            .await
            .len(),
        2
    );
}

async fn a_principal_belongs_to_one_colleague(h: Harness) {
    let mia = h.create(with_principal("Mia Berg", "key-7")).await;
    let jo = h.create(colleague("Jo Lang")).await;
    let clash = |answer| {
        refused(answer)
            .is(Code::AlreadyExists, "FIELD_VALUE_EXISTS")
            .tells("field", "principal")
            .tells("resourceType", "clientele.dev/Colleague")
            .about(&mia.name)
    };
    for validate_only in [true, false] {
        let resource = Some(with_principal("Ada", "key-7"));
        let create = Create {
            resource,
            validate_only,
            ..Default::default()
        };
        clash(pb::Colleague::create(&h, create).await);
        let resource = Some(pb::Colleague {
            principal: "key-7".to_owned(),
            ..jo.clone()
        });
        let update = Update {
            resource,
            mask: mask(&["principal"]),
            validate_only,
            ..Default::default()
        };
        clash(pb::Colleague::update(&h, update).await);
    }
    // It is compared byte by byte, and one's own is no clash.
    h.create(with_principal("Ada", "KEY-7")).await;
    let renamed = h
        .update(
            pb::Colleague {
                display_name: "Mia Lang".to_owned(),
                ..mia.clone()
            },
            &["*"],
        )
        .await;
    assert_eq!(renamed.principal, "key-7");
    h.update(
        pb::Colleague {
            principal: String::new(),
            ..renamed
        },
        &["principal"],
    )
    .await;
    h.update(
        pb::Colleague {
            principal: "key-7".to_owned(),
            ..jo
        },
        &["principal"],
    )
    .await;
}

async fn a_deleted_colleague_keeps_the_principal(h: Harness) {
    let mia = h.create(with_principal("Mia Berg", "key-7")).await;
    h.delete::<pb::Colleague>(&mia.name).await;
    let create = Create {
        resource: Some(with_principal("Ada", "key-7")),
        ..Default::default()
    };
    refused(pb::Colleague::create(&h, create).await)
        .is(Code::AlreadyExists, "FIELD_VALUE_EXISTS")
        .about(&mia.name);
    h.undelete::<pb::Colleague>(&mia.name).await;
}

async fn of_two_who_take_a_principal_at_once_one_gets_it(h: Harness) {
    for round in 0..10 {
        let take = |name: &'static str| {
            let (h, principal) = (h.clone(), format!("key-{round}"));
            let resource = Some(with_principal(name, &principal));
            async move {
                pb::Colleague::create(
                    &h,
                    Create {
                        resource,
                        ..Default::default()
                    },
                )
                .await
            }
        };
        let (one, two) = tokio::join!(take("Mia Berg"), take("Jo Lang"));
        let (winner, loser) = if one.is_ok() { (one, two) } else { (two, one) };
        let winner = done(winner);
        let refusal = refused(loser).is(Code::AlreadyExists, "FIELD_VALUE_EXISTS");
        assert!(refusal.resource.is_none_or(|name| name == winner.name));
    }
}
