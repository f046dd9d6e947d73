//! Records of another tenant change no answer about segments and personas, even under the same names.

mod deletion; // a tenant that is deleted
mod keys; // what finds a customer
mod tokens; // tokens of pages

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
use clientele::store::sql::statement::global;
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
    theirs(h).await;
    give_away(h).await;
    ours(h).await;
}

async fn theirs(h: &Harness) {
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
}

async fn ours(h: &Harness) {
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
            h.count(segment).await.member_count,
            i32::try_from(names.len()).unwrap(),
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
    refused(h.try_check(keys, &["segments/theirs"]).await).is(Code::NotFound, "RESOURCE_NOT_FOUND");
    let count = pb::CountSegmentMembersRequest {
        segment: "segments/theirs".to_owned(),
    };
    refused(h.segments.clone().count_segment_members(count).await)
        .is(Code::NotFound, "RESOURCE_NOT_FOUND");
}

async fn questions_about_one_customer_stay_in_the_tenant(h: Harness) {
    two_tenants(&h).await;
    let answer = h.check(&["customers/y"], &["segments/active"]).await;
    assert_eq!(
        answer.results[0].outcome(),
        pb::customer_key::Outcome::NotFound
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
    assert_eq!(found.memberships.len(), 3);
    assert_eq!(
        found
            .persona_matches
            .iter()
            .map(|one| one.persona.as_str())
            .collect::<Vec<_>>(),
        ["personas/ours"]
    );
    let record = by_name("customers/w").map(pb::match_personas_request::Record::Customer);
    let request = pb::MatchPersonasRequest {
        record,
        ..Default::default()
    };
    let told = done(h.personas.clone().match_personas(request).await);
    let fits: Vec<_> = told
        .persona_matches
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
        (
            a.segment_display_name.as_str(),
            a.customer_count,
            b.customer_count,
            comparison.overlap_count
        ),
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
        (told.member_count, told.customer_count, told.customers.len()),
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
