//! Query plans: each statement starts from the record that is asked about. Without statistics on its indexes SQLite
//! scanned all rows of the tenant for most of these.

use clientele::name::{Kind, Name};
use clientele::pb;
use clientele::pb::persona::RecordKind;
use clientele::phone;
use clientele::store::read::briefing::{self, BriefedRecord};
use clientele::store::read::changes_since::{self, Since};
use clientele::store::read::definition;
use clientele::store::read::facts;
use clientele::store::read::live_groups;
use clientele::store::read::resolve_key::{self, LookupKey};
use clientele::store::record::channel_use;
use clientele::store::record::counted::{self, Affected};
use clientele::store::record::last_conversation;
use clientele::store::scope::TenantScope;
use clientele::store::sql::statement::Sql;

use crate::harness::Harness;
use crate::harness::builders::{customer, texts};
use crate::harness::engine::{Engine, execute};
use crate::harness::plan::{is_within_tenant, plan, plan_of_write, seeks};
use crate::harness::records::conversation;

conformance! {
    profiles_are_read_along_their_customer,
    segments_and_personas_are_those_of_the_tenant,
    briefings_are_read_along_whom_they_are_about,
    last_conversations_are_folded_along_whom_they_concern,
}

/// Asserts that a statement seeks, and by which indexes. Of empty tables PostgreSQL takes any index of the tenant.
async fn goes_along(h: &Harness, title: &str, statement: impl Into<Sql>, indexes: &[&str]) {
    is_along(h.engine, title, &plan(h, statement).await, indexes);
}

fn is_along(engine: Engine, title: &str, plan: &[String], indexes: &[&str]) {
    if engine == Engine::Postgres {
        return is_within_tenant(engine, title, plan);
    }
    seeks(engine, title, plan);
    for index in indexes {
        assert!(
            plan.iter().any(|step| step.contains(index)),
            "{title}: {index}\n{}",
            plan.join("\n")
        );
    }
}

async fn profiles_are_read_along_their_customer(h: Harness) {
    let scope = TenantScope::local();
    let names = || texts(&["customers/a", "customers/b"]);
    let keys = [
        LookupKey::Name(Name::parse(Kind::Customer, "customers/a").unwrap()),
        LookupKey::ExternalId {
            system: "crm".into(),
            id: "1".into(),
        },
        LookupKey::Domain("ferrum.example".into()),
        LookupKey::Email {
            address: "mara@ferrum.example".into(),
            domain: None,
        },
        LookupKey::Phone(phone::wanted("0732 7070", None, Some("AT")).unwrap()),
    ];
    for key in keys {
        let title = format!("{key:?}");
        if let Some(turns) = resolve_key::validity(&scope, std::slice::from_ref(&key), "2026-11-22")
        {
            goes_along(&h, &title, turns, &["affiliations_by_contact"]).await;
        }
        goes_along(
            &h,
            &title,
            resolve_key::resolve_and_read::<pb::Customer>(&scope, &[key], 0),
            &[],
        )
        .await;
    }
    goes_along(
        &h,
        "people",
        facts::people(&scope, names(), 0),
        &["affiliations_by_customer"],
    )
    .await;
    goes_along(
        &h,
        "all people",
        facts::all_people(&scope, names(), 0),
        &["affiliations_by_customer"],
    )
    .await;
    goes_along(
        &h,
        "events",
        facts::events(&scope, &names(), 0),
        &["conversations_planned", "promises_open"],
    )
    .await;
    goes_along(
        &h,
        "groupings",
        facts::events_and_groupings(&scope, &names(), 0),
        &["promises_open"],
    )
    .await;
}

async fn segments_and_personas_are_those_of_the_tenant(h: Harness) {
    let scope = TenantScope::local();
    goes_along(&h, "segments", definition::all(&scope), &["name>?"]).await;
    goes_along(
        &h,
        "personas",
        live_groups::personas(&scope, RecordKind::Contact),
        &["name>?"],
    )
    .await;
    goes_along(
        &h,
        "lists",
        definition::lists_of(&scope, texts(&["customers/a"])),
        &["value=?"],
    )
    .await;
}

async fn briefings_are_read_along_whom_they_are_about(h: Harness) {
    let scope = TenantScope::local();
    let (firm, person, mia) = ("customers/a", "contacts/b", "colleagues/mia");
    let name = LookupKey::Name(Name::parse(Kind::Contact, person).unwrap());
    goes_along(
        &h,
        "contact",
        resolve_key::resolve_and_read::<pb::Contact>(&scope, &[name], 0),
        &[],
    )
    .await;
    goes_along(
        &h,
        "employments",
        briefing::employments(&scope, person, 0),
        &["affiliations_by_contact"],
    )
    .await;
    goes_along(&h, "events", briefing::events(&scope, person, 0), &[]).await;
    goes_along(
        &h,
        "affiliations",
        live_groups::affiliations(&scope, person, 0),
        &["affiliations_by_contact"],
    )
    .await;
    goes_along(
        &h,
        "names",
        briefing::names(&scope, texts(&[firm, person, mia])),
        &[],
    )
    .await;
    let since = Since {
        conversation: "conversations/c".into(),
        start: 0,
        written: 0,
    };
    for of in [
        BriefedRecord::Customer(firm),
        BriefedRecord::Contact(person),
    ] {
        let title = format!("{of:?}");
        goes_along(&h, &title, briefing::own_last(&scope, of, mia, 0), &[]).await;
        goes_along(&h, &title, changes_since::changes(&scope, of, &since), &[]).await;
    }
    let own_last = briefing::own_last(&scope, BriefedRecord::Customer(firm), mia, 0);
    goes_along(&h, "own last", own_last, &["customer=?"]).await;
}

/// A fold is a step along an index, however many conversations there are: none is sorted, and none is counted.
async fn last_conversations_are_folded_along_whom_they_concern(h: Harness) {
    let (firm, person, _) = h.employed().await;
    let talk = pb::Conversation {
        contacts: vec![person.name.clone()],
        ..conversation(&firm, 0)
    };
    let talk = h.create_as("talk", talk).await;
    h.copy_talk(&talk, 5_600).await;
    // If all were with one, PostgreSQL would take any index in the order of time.
    for i in 0..30 {
        let other = h.create(customer(&format!("other {i}"))).await;
        h.create(conversation(&other, i)).await;
    }
    if h.engine == Engine::Postgres {
        execute(&h.url(), "analyze").await;
    }
    let scope = TenantScope::local();
    let of = Affected {
        customers: [firm.name.clone()].into(),
        contacts: [person.name].into(),
        by_channel: [((firm.name, talk.channel().as_str_name()), 1)].into(),
        gone: [talk.name].into(),
        new: [].into(),
    };
    let (count, total, first) = channel_use::folds(&scope, &of).unwrap();
    let rows = counted::contact_rows(&scope, &of);
    let statements = last_conversation::folds(&scope, &of)
        .into_iter()
        .map(Sql::from)
        .chain([count.into(), total.into(), first.into()])
        .chain(rows.into_iter().map(Sql::from))
        .collect::<Vec<_>>();
    let indexes = [
        "conversations_that_count",
        "contact_conversations",
        "conversations_by_channel",
        "used",
        "used",
        "contact_conversations_by_conversation",
    ];
    // Nearly all are with one customer, count, and are by one channel: so the first along any index of times is as good to
    // PostgreSQL, which has counted.
    let is_as_good = |index: &str, step: &str| {
        h.engine == Engine::Postgres
            && index.starts_with("conversations_")
            && step.contains("using conversations_by_")
    };
    assert_eq!(statements.len(), indexes.len());
    for (statement, index) in statements.into_iter().zip(indexes) {
        let plan = plan_of_write(&h, statement).await;
        is_along(h.engine, index, &plan, &[]);
        let sorts = |step: &&String| step.contains("Sort") || step.contains("TEMP B-TREE");
        assert_eq!(plan.iter().find(sorts), None, "{index}: {plan:#?}");
        assert!(
            plan.iter()
                .any(|step| step.contains(index) || is_as_good(index, step)),
            "{index}: {plan:#?}"
        );
    }
}
