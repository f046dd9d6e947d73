//! What belongs to another tenant changes no answer about segments and personas, whatever it is called.

use clientele::pb;
use clientele::pb::affiliation::BuyingRole;
use clientele::pb::customer::Lifecycle;
use clientele::pb::customer_service_server::CustomerService;
use clientele::pb::history_service_server::HistoryService;
use clientele::pb::persona_service_server::PersonaService;
use clientele::pb::relationship_service_server::RelationshipService;
use clientele::pb::segment_service_server::SegmentService;
use clientele::service::relationship::Relationships;
use clientele::service::resources::customer::Customers;
use clientele::service::resources::history::Histories;
use clientele::service::resources::persona::Personas;
use clientele::service::resources::segment::Segments;
use clientele::store::engine::open::DatabaseUrl;
use clientele::store::scope::TenantScope;
use clientele::store::sql::statement::Sql;
use sqlx::Connection;
use tonic::Code;

use crate::conformance::relationship::profile::profile;
use crate::conformance::segments::comparison::{describe, field};
use crate::conformance::segments::explanation;
use crate::conformance::segments::references::Named;
use crate::harness::Harness;
use crate::harness::answer::{done, refused};
use crate::harness::builders::{affiliation, claim, contact, customer, email, external_id, map};
use crate::harness::keys::{by_domain, by_email, by_external_id, by_name, by_phone};
use crate::harness::records::{listed, persona, segment};
use crate::harness::standard::{List, Standard};

conformance! {
    members_are_those_of_the_tenant,
    questions_about_one_customer_stay_in_the_tenant,
    comparisons_and_previews_count_the_tenant_alone,
    uses_by_another_tenant_stand_in_no_way,
    ways_of_another_tenant_close_no_circle,
    filters_of_another_tenant_may_grow_or_not,
    keys_of_another_tenant_stay_as_they_are,
    tokens_are_bound_to_the_tenant,
    tokens_of_pages_are_bound_to_the_tenant,
    keys_lead_to_nobody_of_another_tenant,
}

const TABLES: [&str; 14] = [
    "keys",
    "customers",
    "contacts",
    "affiliations",
    "buying_roles",
    "colleagues",
    "conversations",
    "promises",
    "notes",
    "personas",
    "segments",
    "words",
    "word_keys",
    "requests",
];

/// Gives all records to another tenant.
async fn give_away(h: &Harness) {
    let statements = TABLES
        .map(|table| format!("update {table} set tenant_id = 'other' where tenant_id = 'default'"));
    let all = ["insert into tenants (id, revision) values ('other', 7)".to_owned()]
        .into_iter()
        .chain(statements);
    macro_rules! run {
        ($connection:ty, $url:expr) => {{
            let mut conn = <$connection>::connect(&$url).await.unwrap();
            for statement in all {
                sqlx::query(sqlx::AssertSqlSafe(statement))
                    .execute(&mut conn)
                    .await
                    .unwrap();
            }
        }};
    }
    match h.url() {
        DatabaseUrl::Sqlite(path) => run!(
            sqlx::SqliteConnection,
            format!("sqlite://{}", path.display())
        ),
        DatabaseUrl::Postgres(url) => run!(sqlx::PgConnection, url),
    }
}

fn of(lifecycle: Lifecycle) -> pb::Customer {
    pb::Customer {
        lifecycle: lifecycle.into(),
        labels: map(&[("tier", "gold")]),
        ..customer("x")
    }
}

/// Two tenants that use the same names. Of ours, `w` is ACTIVE and on the list, and nobody works anywhere.
async fn two_tenants(h: &Harness) {
    let x = h.create_as("x", of(Lifecycle::Active)).await;
    let y = h.create_as("y", of(Lifecycle::Active)).await;
    let w = h.create_as("w", of(Lifecycle::Former)).await;
    let boss = h.create_as("boss", contact("Boss")).await;
    for (id, firm) in [("jx", &x), ("jw", &w)] {
        let job = pb::Affiliation {
            job_title: "Boss".to_owned(),
            ..affiliation(&boss, firm)
        };
        let job = h.create_as(id, job).await;
        h.add_role(claim(&job, BuyingRole::DecisionMaker)).await;
    }
    h.create_as("active", segment("Theirs", "lifecycle = FORMER"))
        .await;
    h.create_as("list", listed("Theirs", &[&x, &y])).await;
    h.create_as("titled", segment("Theirs", "display_name:*"))
        .await;
    h.create_as(
        "theirs",
        segment(
            "Theirs",
            "segment:\"segments/list\" OR segment:\"segments/active\"",
        ),
    )
    .await;
    let typical = pb::Persona {
        match_filter: "segment:\"segments/list\"".to_owned(),
        ..persona("Theirs")
    };
    h.create_as("theirs", typical).await;
    give_away(h).await;
    h.create_as(
        "x",
        pb::Customer {
            labels: map(&[]),
            ..of(Lifecycle::Former)
        },
    )
    .await;
    let w = h
        .create_as(
            "w",
            pb::Customer {
                labels: map(&[]),
                ..of(Lifecycle::Active)
            },
        )
        .await;
    h.create_as("active", segment("Ours", "lifecycle = ACTIVE"))
        .await;
    h.create_as("list", listed("Ours", &[&w])).await;
    h.create_as(
        "titled",
        segment(
            "Ours",
            "affiliations.job_title = \"Boss\" OR contact_count > 0",
        ),
    )
    .await;
    h.create_as(
        "both",
        segment(
            "Ours",
            "segment:\"segments/active\" AND segment:\"segments/list\"",
        ),
    )
    .await;
    let typical = pb::Persona {
        match_filter: "segment:\"segments/both\"".to_owned(),
        ..persona("Ours")
    };
    h.create_as("ours", typical).await;
}

async fn members_are_those_of_the_tenant(h: Harness) {
    two_tenants(&h).await;
    h.create_as("gold", segment("Ours", "labels.tier = \"gold\""))
        .await;
    for (segment, names) in [
        ("segments/active", &["customers/w"][..]),
        ("segments/list", &["customers/w"]),
        ("segments/both", &["customers/w"]),
        ("segments/titled", &[]),
        ("segments/gold", &[]),
    ] {
        assert_eq!(h.members(segment, 0).await, names, "{segment}");
        assert_eq!(
            h.count(segment).await.count,
            i64::try_from(names.len()).unwrap(),
            "{segment}"
        );
        for customer in ["customers/w", "customers/x"] {
            assert_eq!(
                h.is_member(customer, segment).await,
                names.contains(&customer),
                "{customer} in {segment}"
            );
        }
    }
    let request = pb::ListDecisionMakersRequest {
        segment: "segments/list".to_owned(),
        ..Default::default()
    };
    let found = done(h.relationships.clone().list_decision_makers(request).await).decision_makers;
    assert_eq!(
        found
            .iter()
            .map(|one| (one.customer.as_str(), one.people.len()))
            .collect::<Vec<_>>(),
        [("customers/w", 0)]
    );
    let keys = by_name("customers/w").into_iter().collect();
    refused(h.try_check(keys, &["segments/theirs"]).await).is(Code::NotFound, "SEGMENT_NOT_FOUND");
    let count = pb::CountSegmentMembersRequest {
        segment: "segments/theirs".to_owned(),
    };
    refused(h.segments.clone().count_segment_members(count).await)
        .is(Code::NotFound, "SEGMENT_NOT_FOUND");
}

async fn questions_about_one_customer_stay_in_the_tenant(h: Harness) {
    two_tenants(&h).await;
    let answer = h.check(&["customers/y"], &["segments/active"]).await;
    assert_eq!(
        answer.results[0].memberships[0].verdict(),
        pb::membership::Verdict::UnknownCustomer
    );
    assert_eq!(
        h.segments_of("customers/w", 0).await,
        ["segments/active", "segments/both", "segments/list"]
    );
    assert_eq!(h.segments_of("customers/x", 0).await, [""; 0]);
    let told = done(explanation::ask(&h, by_name("customers/x"), "segments/titled").await);
    let lines = [
        "- OR",
        "  - 1 affiliations.job_title = \"Boss\" []",
        "  - 2 contact_count > 0 [0]",
    ];
    assert_eq!(explanation::lines(&told.nodes), lines);
    let told = done(explanation::ask(&h, by_name("customers/x"), "segments/list").await);
    assert_eq!(
        explanation::lines(&told.nodes),
        ["- 1 segment:\"segments/list\" []"]
    );
    let found = profile(&h, "customers/w").await;
    assert_eq!(found.segments.len(), 3);
    assert_eq!(
        found
            .personas
            .iter()
            .map(|one| one.name.as_str())
            .collect::<Vec<_>>(),
        ["personas/ours"]
    );
    let subject = by_name("customers/w").map(pb::match_personas_request::Subject::Customer);
    let request = pb::MatchPersonasRequest {
        subject,
        ..Default::default()
    };
    let told = done(h.personas.clone().match_personas(request).await);
    let fits: Vec<_> = told
        .matches
        .iter()
        .map(|one| (one.persona.as_str(), one.fits))
        .collect();
    assert_eq!(fits, [("personas/ours", true)]);
}

async fn comparisons_and_previews_count_the_tenant_alone(h: Harness) {
    two_tenants(&h).await;
    let active = h.get::<pb::Segment>("segments/active").await;
    let comparison = describe(&h, &active, &["labels.tier"]).await;
    let (a, b) = (comparison.a.clone().unwrap(), comparison.b.clone().unwrap());
    assert_eq!(
        (a.display_name.as_str(), a.size, b.size, comparison.overlap),
        ("Ours", 1, 2, 1)
    );
    for name in ["deciding_roles", "labels.tier"] {
        let field = field(&comparison, name);
        assert_eq!(
            (field.a_set_count, field.b_set_count, field.categories.len()),
            (0, 0, 0),
            "{name}"
        );
    }
    let filter =
        "segment:\"segments/active\" OR labels.tier = \"gold\" OR affiliations.job_title:\"boss\"";
    let request = pb::PreviewSegmentRequest {
        filter: filter.to_owned(),
        ..Default::default()
    };
    let told = done(h.segments.clone().preview_segment(request).await);
    assert_eq!(
        (told.count, told.customer_count, told.customers.len()),
        (1, 2, 1)
    );
    assert_eq!(
        told.unset_fields
            .iter()
            .map(|one| one.unset_count)
            .collect::<Vec<_>>(),
        [2, 2]
    );
    let request = pb::PreviewSegmentRequest {
        filter: "segment:\"segments/theirs\"".to_owned(),
        ..Default::default()
    };
    refused(h.segments.clone().preview_segment(request).await)
        .is(Code::FailedPrecondition, "REFERENCE_UNUSABLE");
}

async fn uses_by_another_tenant_stand_in_no_way(h: Harness) {
    two_tenants(&h).await;
    let list = List {
        filter: "segment:\"segments/theirs\"".to_owned(),
        ..Default::default()
    };
    assert_eq!(done(pb::Customer::list(&h, list).await).0, []);
    // Theirs is named by theirs; a chain through it would be a circle.
    let titled = segment("Ours", "segment:\"segments/list\"");
    h.update(
        pb::Segment {
            name: "segments/titled".to_owned(),
            ..titled
        },
        &["filter"],
    )
    .await;
    let list = segment("Ours", "segment:\"segments/active\"");
    h.update(
        pb::Segment {
            name: "segments/list".to_owned(),
            ..list
        },
        &["filter"],
    )
    .await;
    h.delete::<pb::Persona>("personas/ours").await;
    h.delete::<pb::Segment>("segments/both").await;
    h.delete::<pb::Segment>("segments/titled").await;
    h.delete::<pb::Segment>("segments/list").await;
    h.delete::<pb::Segment>("segments/active").await;
}

/// Theirs `w` stands below `x`, ours above it.
async fn ways_of_another_tenant_close_no_circle(h: Harness) {
    let below = |firm: &pb::Customer, above: &pb::Customer| pb::Customer {
        parent: above.name.clone(),
        upstream_customers: vec![above.name.clone()],
        ..firm.clone()
    };
    let (x, w) = (
        h.create_as("x", customer("x")).await,
        h.create_as("w", customer("w")).await,
    );
    h.update(below(&w, &x), &["parent", "upstream_customers"])
        .await;
    give_away(&h).await;
    let (x, w) = (
        h.create_as("x", customer("x")).await,
        h.create_as("w", customer("w")).await,
    );
    let x = h
        .update(below(&x, &w), &["parent", "upstream_customers"])
        .await;
    assert_eq!(
        (x.parent.as_str(), x.upstream_customers.len()),
        ("customers/w", 1)
    );
}

/// With what theirs say sixty times, ours may not say twenty things.
async fn filters_of_another_tenant_may_grow_or_not(h: Harness) {
    let wide = async |n| {
        h.create_as("active", segment("Active", "lifecycle = ACTIVE"))
            .await;
        let filter = vec!["segment:\"segments/active\""; n].join(" OR ");
        h.create_as("wide", segment("Wide", &filter)).await;
        h.create_as(
            "wide",
            pb::Persona {
                match_filter: filter,
                ..persona("Wide")
            },
        )
        .await;
    };
    wide(60).await;
    give_away(&h).await;
    wide(1).await;
    let twenty = vec!["lifecycle = ACTIVE"; 20].join(" OR ");
    h.update(
        segment("Active", &twenty).named("segments/active"),
        &["filter"],
    )
    .await;
}

async fn keys_of_another_tenant_stay_as_they_are(h: Harness) {
    two_tenants(&h).await;
    let keys = async || {
        let all = "select kind || ' ' || field || ' ' || key || ' ' || value || ' ' || name from keys where tenant_id = ";
        let all = Sql::new(all).bind("other").push(" order by 1");
        let rows = h.db().fetch(&TenantScope::local(), all).await.unwrap();
        rows.iter()
            .map(|row| row.text(0).unwrap())
            .collect::<Vec<_>>()
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

/// Theirs and ours have a customer of the same name.
async fn tokens_are_bound_to_the_tenant(h: Harness) {
    two_tenants(&h).await;
    let customer = by_name("customers/w");
    let request = pb::ListCustomerSegmentsRequest {
        customer: customer.clone(),
        page_size: 1,
        ..Default::default()
    };
    let page_token = done(
        h.segments
            .clone()
            .list_customer_segments(request.clone())
            .await,
    )
    .next_page_token;
    let next = pb::ListCustomerSegmentsRequest {
        page_token,
        ..request
    };
    let segments = Segments { db: h.db().clone() };
    let refusal = refused(segments.list_customer_segments(as_other(next)).await);
    refusal.names("PAGE_TOKEN_MISMATCH", &["page_token"]);
    h.create_as(
        "second",
        pb::Persona {
            match_filter: "lifecycle = ACTIVE".to_owned(),
            ..persona("Second")
        },
    )
    .await;
    let subject = customer.map(pb::match_personas_request::Subject::Customer);
    let request = pb::MatchPersonasRequest {
        subject,
        page_size: 1,
        ..Default::default()
    };
    let page_token = done(h.personas.clone().match_personas(request.clone()).await).next_page_token;
    let next = pb::MatchPersonasRequest {
        page_token,
        ..request
    };
    let refusal = refused(
        Personas { db: h.db().clone() }
            .match_personas(as_other(next))
            .await,
    );
    refusal.names("PAGE_TOKEN_MISMATCH", &["page_token"]);
}

async fn tokens_of_pages_are_bound_to_the_tenant(h: Harness) {
    two_tenants(&h).await;
    macro_rules! is_bound {
        ($client:expr, $service:expr, $function:ident, $request:expr) => {{
            let request = $request;
            let page_token = done($client.clone().$function(request.clone()).await).next_page_token;
            assert_ne!(page_token, "");
            let mut next = request;
            next.page_token = page_token;
            let refusal = refused($service.$function(as_other(next)).await);
            refusal.names("PAGE_TOKEN_MISMATCH", &["page_token"]);
        }};
    }
    let db = || h.db().clone();
    let list = pb::ListCustomersRequest {
        page_size: 1,
        ..Default::default()
    };
    is_bound!(h.customers, Customers { db: db() }, list_customers, list);
    h.create_as("all", segment("All", "display_name:*")).await;
    let members = pb::ListSegmentMembersRequest {
        segment: "segments/all".to_owned(),
        page_size: 1,
        ..Default::default()
    };
    is_bound!(
        h.segments,
        Segments { db: db() },
        list_segment_members,
        members
    );
    let deciders = pb::ListDecisionMakersRequest {
        page_size: 1,
        ..Default::default()
    };
    is_bound!(
        h.relationships,
        Relationships { db: db() },
        list_decision_makers,
        deciders
    );
    let w = h.get::<pb::Customer>("customers/w").await;
    h.update(
        pb::Customer {
            about: "new".to_owned(),
            ..w
        },
        &["about"],
    )
    .await;
    let revisions = pb::ListRevisionsRequest {
        name: "customers/w".to_owned(),
        page_size: 1,
        ..Default::default()
    };
    is_bound!(h.history, Histories { db: db() }, list_revisions, revisions);
}

/// Theirs and ours have the same names. Of the first ones the keys are the same, too; of the second, theirs alone have any.
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
            key,
            read_mask: None,
        };
        let found = done(h.relationships.clone().get_profile(get(own.clone())).await);
        assert_eq!(found.customer.unwrap().name, firm.name, "{own:?}");
        let refusal = refused(h.relationships.clone().get_profile(get(theirs)).await);
        refusal.is(Code::NotFound, "CUSTOMER_NOT_FOUND");
    }
    let subject = |key: &str| {
        let email = pb::contact_key::Key::Email(format!("ann@{key}.example"));
        Some(pb::get_briefing_request::Subject::ContactKey(
            pb::ContactKey { key: Some(email) },
        ))
    };
    let briefing = |subject| pb::GetBriefingRequest {
        subject,
        ..Default::default()
    };
    assert_eq!(
        done(
            h.relationships
                .clone()
                .get_briefing(briefing(subject("77")))
                .await
        )
        .subject,
        ann.name
    );
    let refusal = refused(
        h.relationships
            .clone()
            .get_briefing(briefing(subject("88")))
            .await,
    );
    refusal.is(Code::NotFound, "CONTACT_NOT_FOUND");
}

/// Asks as the other tenant, past the credentials.
fn as_other<M>(message: M) -> tonic::Request<M> {
    let mut request = tonic::Request::new(message);
    request
        .extensions_mut()
        .insert(TenantScope::new("other", "local"));
    request
}
