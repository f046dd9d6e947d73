//! Segments: exactly one definition, by filter or by list.

use clientele::pb;
use clientele::pb::segment::{Definition, MemberList};
use clientele::store::scope::TenantScope;
use clientele::store::sql::statement::global;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{Answer, done, refused};
use crate::harness::builders::{customer, map, texts};
use crate::harness::records::{listed, segment};
use crate::harness::standard::{Create, Standard};

conformance! {
    a_segment_has_exactly_one_definition,
    a_description_keeps_its_limit,
    one_definition_replaces_the_other,
    a_fault_in_a_filter_is_located,
    members_are_looked_up,
    members_keep_their_order_and_are_counted_once,
    a_list_holds_ten_thousand_members,
    segments_are_found_by_their_filter,
    members_stay_filed_whatever_else_changes,
}

async fn create(h: &Harness, segment: pb::Segment) -> Answer<pb::Segment> {
    pb::Segment::create(
        h,
        Create {
            resource: Some(segment),
            ..Default::default()
        },
    )
    .await
}

fn members(customers: Vec<String>) -> Option<Definition> {
    Some(Definition::Members(MemberList { customers }))
}

async fn a_segment_has_exactly_one_definition(h: Harness) {
    let bare = refused(create(&h, pb::Segment::default()).await);
    bare.names("FIELD_INVALID", &["segment.display_name", "segment.filter"]);
    for blank in ["", " \n"] {
        refused(create(&h, segment("x", blank)).await).names("FIELD_INVALID", &["segment.filter"]);
    }
    let empty = h.create(listed("nobody", &[])).await;
    assert_eq!(empty.definition, members(Vec::new()));
    assert_eq!(h.get::<pb::Segment>(&empty.name).await, empty);
    for paths in [&["filter"][..], &["*"]] {
        let cleared = pb::Segment {
            definition: None,
            ..empty.clone()
        };
        refused(h.try_update(cleared, paths).await).names("FIELD_INVALID", &["segment.filter"]);
    }
    let described = pb::Segment {
        definition: None,
        description: "x".to_owned(),
        ..empty
    };
    let empty = h.update(described, &["description"]).await;
    assert_eq!(empty.definition, members(Vec::new()));
    let cleared = pb::Segment {
        definition: None,
        ..empty
    };
    refused(h.try_update(cleared, &["members"]).await).names("FIELD_INVALID", &["segment.filter"]);
}

async fn a_description_keeps_its_limit(h: Harness) {
    // Each letter has two bytes.
    let described = |n: usize| pb::Segment {
        description: "ä".repeat(n),
        ..listed("x", &[])
    };
    let full = h.create(described(32 * 1024)).await;
    refused(create(&h, described(32 * 1024 + 1)).await)
        .names("FIELD_INVALID", &["segment.description"]);
    let longer = pb::Segment {
        description: format!("{}x", full.description),
        ..full
    };
    refused(h.try_update(longer, &["description"]).await)
        .names("FIELD_INVALID", &["segment.description"]);
}

async fn one_definition_replaces_the_other(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let by_filter = h.create(segment("x", "kind = BUSINESS")).await;
    for paths in [&["members"][..], &["members.customers"], &["*"], &[]] {
        let by_list = pb::Segment {
            definition: members(vec![firm.name.clone()]),
            ..by_filter.clone()
        };
        let by_list = h
            .update(
                pb::Segment {
                    etag: String::new(),
                    ..by_list
                },
                paths,
            )
            .await;
        assert_eq!(
            by_list.definition,
            members(vec![firm.name.clone()]),
            "{paths:?}"
        );
        assert_eq!(h.get::<pb::Segment>(&by_list.name).await, by_list);
        let back = pb::Segment {
            definition: by_filter.definition.clone(),
            ..by_list
        };
        let paths = if paths == ["members"] {
            &["filter"]
        } else {
            &["*"]
        };
        let back = h.update(back, paths).await;
        assert_eq!(back.definition, by_filter.definition);
        assert_eq!(h.get::<pb::Segment>(&back.name).await, back);
    }
}

async fn a_fault_in_a_filter_is_located(h: Harness) {
    for (filter, offset) in [
        ("nothing = 1", "0"),
        ("kind = BUSINESS AND about =", "27"),
        ("family_name = \"Lind\"", "0"),
        ("business.employee_count = \"x\"", "26"),
        ("business = 1", "0"),
    ] {
        let refusal = refused(create(&h, segment("x", filter)).await).tells("offset", offset);
        refusal.names("FILTER_INVALID", &["segment.filter"]);
    }
    let long = format!("kind = BUSINESS{}", " ".repeat(4096));
    refused(create(&h, segment("x", &long)).await).names("FILTER_INVALID", &["segment.filter"]);
    let fine = h.create(segment("x", "kind = BUSINESS")).await;
    let wrong = pb::Segment {
        definition: segment("x", "kind = X").definition,
        ..fine
    };
    refused(h.try_update(wrong, &["filter"]).await).names("FILTER_INVALID", &["segment.filter"]);
}

async fn members_are_looked_up(h: Harness) {
    let (firm, gone) = (
        h.create(customer("Ferrum AG")).await,
        h.create(customer("Gone")).await,
    );
    let both = h.create(listed("x", &[&firm, &gone])).await;
    h.delete::<pb::Customer>(&gone.name).await;
    assert_eq!(h.get::<pb::Segment>(&both.name).await, both);
    // What is in it already may stay, at another place too.
    let turned = pb::Segment {
        definition: members(vec![gone.name.clone(), firm.name.clone()]),
        ..both
    };
    h.update(turned, &["members"]).await;
    for name in ["customers/nobody", &gone.name] {
        let wrong = pb::Segment {
            definition: members(texts(&[&firm.name, name])),
            ..listed("x", &[])
        };
        let refusal = refused(create(&h, wrong).await);
        refusal.names_unusable("members.customers[1]").about(name);
    }
    for name in ["", "contacts/x", "customers/"] {
        let wrong = pb::Segment {
            definition: members(texts(&[name])),
            ..listed("x", &[])
        };
        let refusal = refused(create(&h, wrong).await).is(Code::InvalidArgument, "FIELD_INVALID");
        assert!(
            refusal
                .violations
                .iter()
                .all(|(field, _)| field == "segment.members.customers[0]"),
            "{refusal:?}"
        );
    }
}

async fn members_keep_their_order_and_are_counted_once(h: Harness) {
    let (b, a) = (
        h.create_as("b", customer("B")).await,
        h.create_as("a", customer("A")).await,
    );
    let found = h.create(listed("x", &[&b, &a])).await;
    assert_eq!(
        h.get::<pb::Segment>(&found.name).await.members(),
        [b.name.clone(), a.name]
    );
    let twice = pb::Segment {
        definition: members(vec![b.name; 2]),
        ..found
    };
    refused(create(&h, twice).await).names("FIELD_INVALID", &["segment.members.customers"]);
}

async fn a_list_holds_ten_thousand_members(h: Harness) {
    let mut names = Vec::new();
    for batch in 0..500 {
        let made = (0..20).map(|i| {
            let h = h.clone();
            async move {
                h.create_as(&format!("c{}", batch * 20 + i), customer("x"))
                    .await
                    .name
            }
        });
        names.extend(futures_util::future::join_all(made).await);
    }
    let all = pb::Segment {
        definition: members(names.clone()),
        ..segment("all", "")
    };
    let all = h.create(all).await;
    assert_eq!(all.members(), names);
    names.reverse();
    let turned = h
        .update(
            pb::Segment {
                definition: members(names.clone()),
                ..all
            },
            &["members"],
        )
        .await;
    assert_eq!(h.get::<pb::Segment>(&turned.name).await.members(), names);
    let one_more = h.create(customer("one more")).await.name;
    let refusal = refused(
        h.try_edit_members(&turned.name, &[&names[0], &one_more], true)
            .await,
    );
    refusal
        .is(Code::FailedPrecondition, "RESOURCE_FULL")
        .about(&turned.name)
        .tells("field", "members.customers")
        .tells("limit", "10000");
    assert_eq!(h.count(&turned.name).await.member_count, 10_000);
    // The last place can be taken.
    done(h.try_edit_members(&turned.name, &[&names[0]], false).await);
    let full = done(h.try_edit_members(&turned.name, &[&one_more], true).await);
    assert_eq!(
        (full.members().len(), full.members().last()),
        (10_000, Some(&one_more))
    );
    names.push(one_more);
    let more = pb::Segment {
        definition: members(names),
        etag: String::new(),
        ..turned
    };
    refused(h.try_update(more, &["members"]).await)
        .names("FIELD_INVALID", &["segment.members.customers"]);
}

async fn segments_are_found_by_their_filter(h: Harness) {
    let by_filter = h.create(segment("x", "kind = BUSINESS")).await;
    h.create(listed("x", &[])).await;
    let filter = "filter = \"kind = BUSINESS\" AND display_name = \"x\"";
    assert_eq!(h.names::<pb::Segment>(filter).await, [by_filter.name]);
    for filter in [
        "members.customers = \"customers/x\"",
        "members = \"x\"",
        "definition = \"x\"",
    ] {
        let list = crate::harness::standard::List {
            filter: filter.to_owned(),
            ..Default::default()
        };
        refused(pb::Segment::list(&h, list).await).names("FILTER_INVALID", &["filter"]);
    }
}

async fn filed(h: &Harness, name: &str) -> Vec<String> {
    let members = global!(
        "select value from keys
         where tenant_id = 'default' and field = 'members' and name = :name order by value",
        name,
    );
    let members = members.read(Ok);
    let rows = h.db().fetch(&TenantScope::local(), members).await.unwrap();
    rows.iter()
        .map(|row| row.text(0).unwrap())
        .collect::<Vec<_>>()
}

/// Whoever asks for the segments of a customer asks the side table, and not ten thousand names of each segment.
async fn members_stay_filed_whatever_else_changes(h: Harness) {
    let (firm, other) = (
        h.create(customer("Ferrum AG")).await,
        h.create(customer("Cuprum")).await,
    );
    let mut expected = [firm.name.clone(), other.name.clone()];
    expected.sort();
    let mut listed = h.create(listed("x", &[&firm, &other])).await;
    assert_eq!(filed(&h, &listed.name).await, expected);
    listed = h
        .update(
            pb::Segment {
                labels: map(&[("tier", "gold")]),
                ..listed
            },
            &["labels"],
        )
        .await;
    assert_eq!(filed(&h, &listed.name).await, expected);
    listed = h
        .update(
            pb::Segment {
                description: "new".to_owned(),
                ..listed
            },
            &["description"],
        )
        .await;
    assert_eq!(filed(&h, &listed.name).await, expected);
    h.delete::<pb::Segment>(&listed.name).await;
    listed = h.undelete::<pb::Segment>(&listed.name).await;
    assert_eq!(filed(&h, &listed.name).await, expected);
    listed = h
        .update(
            pb::Segment {
                definition: members(vec![other.name.clone()]),
                ..listed
            },
            &["members"],
        )
        .await;
    assert_eq!(filed(&h, &listed.name).await, [other.name]);
    let by_filter = pb::Segment {
        definition: segment("x", "kind = BUSINESS").definition,
        ..listed
    };
    assert!(
        filed(&h, &h.update(by_filter, &["filter"]).await.name)
            .await
            .is_empty()
    );
}
