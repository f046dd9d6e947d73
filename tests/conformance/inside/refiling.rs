//! What an upgrade does with stored records: a store of an earlier release is opened and compared, and refiling goes
//! on where it was interrupted.

use clientele::clock::Clock;
use clientele::descriptors::dynamic;
use clientele::pb;
use clientele::pb::conversation::Channel;
use clientele::pb::promise::Side;
use clientele::store::open;
use clientele::store::read::unfiled::{Unfiled, unfiled};
use clientele::store::write::refile::{self, FILING};
use prost_reflect::SerializeOptions;
use serde_json::{Map, Value, json};

use crate::conformance::look_up::{found, look_up};
use crate::conformance::relationship::profile::profile;
use crate::harness::answer::{done, refused};
use crate::harness::builders::{contact, customer, external_id, texts};
use crate::harness::engine::{Engine, Golden, Store, execute};
use crate::harness::records::segment;
use crate::harness::standard::{List, Standard};
use crate::harness::{Harness, in_runtime};

conformance! {
    records_without_words_are_filed,
    a_refiling_goes_on_where_it_was_interrupted,
}

/// What the records of the golden store are, under the names that the API has now.
fn golden_records() -> Value {
    serde_json::from_str(include_str!("../../golden/records.json")).unwrap()
}

async fn records<R: Standard>(h: &Harness) -> Value {
    let request = List {
        page_size: 1000,
        show_deleted: true,
        ..List::default()
    };
    let (records, _) = R::list(h, request).await.unwrap().into_inner();
    let options = SerializeOptions::new().use_proto_field_name(true);
    let json = |record: &R| {
        dynamic(record)
            .unwrap()
            .serialize_with_options(serde_json::value::Serializer, &options)
            .unwrap()
    };
    Value::Array(records.iter().map(json).collect())
}

/// Returns all records of all kinds, deleted ones too.
pub async fn everything(h: &Harness) -> Value {
    json!({
        "affiliations": records::<pb::Affiliation>(h).await,
        "colleagues": records::<pb::Colleague>(h).await,
        "contacts": records::<pb::Contact>(h).await,
        "conversations": records::<pb::Conversation>(h).await,
        "customers": records::<pb::Customer>(h).await,
        "notes": records::<pb::Note>(h).await,
        "personas": records::<pb::Persona>(h).await,
        "promises": records::<pb::Promise>(h).await,
        "segments": records::<pb::Segment>(h).await,
    })
}

/// Keeps of `actual` only what `expected` has, too: a later release may derive more.
fn within(actual: &Value, expected: &Value) -> Value {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => {
            let common = expected
                .iter()
                .filter_map(|(key, value)| Some((key.clone(), within(actual.get(key)?, value))));
            Value::Object(common.collect::<Map<_, _>>())
        }
        (Value::Array(actual), Value::Array(expected)) => {
            let nothing = &Value::Null;
            let pairs = actual.iter().enumerate();
            pairs
                .map(|(i, actual)| within(actual, expected.get(i).unwrap_or(nothing)))
                .collect()
        }
        _ => actual.clone(),
    }
}

async fn stores_of_earlier_releases_are_opened(engine: Engine) {
    for golden in Golden::ALL {
        let store = Store::golden_of(engine, golden).await;
        a_store_has_the_golden_records(Harness::start_on_earlier(engine, store).await).await;
    }
}

async fn a_store_has_the_golden_records(h: Harness) {
    let mia = h.acting("mia@golden.example");
    let expected = golden_records();
    let actual = everything(&mia).await;
    for (collection, records) in expected.as_object().unwrap() {
        if collection != "members" {
            assert_eq!(
                &within(&actual[collection], records),
                records,
                "{collection}"
            );
        }
    }
    for (segment, members) in expected["members"].as_object().unwrap() {
        assert_eq!(&json!(h.members(segment, 10).await), members, "{segment}");
    }
    assert_eq!(
        look_up(&h, "anna ince").await[0].contact,
        "contacts/golden-anna"
    );
    for (filter, order_by, expected) in [
        (
            "",
            "display_name",
            "beta \u{c4}pfel, Golden Alpha, Pair, the newer, Pair, the older",
        ),
        ("display_name = \"beta \u{c4}pfel\"", "", "beta \u{c4}pfel"),
    ] {
        let list = List {
            filter: filter.to_owned(),
            order_by: order_by.to_owned(),
            ..List::default()
        };
        let (found, _) = pb::Customer::list(&h, list).await.unwrap().into_inner();
        let names: Vec<String> = found.into_iter().map(|one| one.display_name).collect();
        assert_eq!(names.join(", "), expected);
    }
    channels_that_were_used_are_counted(&h).await;
    old_states_are_read_back(&mia).await;
    the_older_record_keeps_an_external_id(&mia).await;
    h.stop().await;
}

async fn channels_that_were_used_are_counted(h: &Harness) {
    let used = profile(h, "customers/golden-alpha").await.used_channels;
    let used: Vec<_> = used
        .iter()
        .map(|used| (used.channel(), used.conversation_count))
        .collect();
    assert_eq!(used, [(Channel::Phone, 1)]);
}

/// Returns the newest state of a record, of which an earlier release wrote the body.
async fn newest<R: Standard>(h: &Harness, name: &str) -> R {
    let request = pb::ListRevisionsRequest {
        name: name.to_owned(),
        page_size: 1,
        ..Default::default()
    };
    let page = done(h.history.clone().list_revisions(request).await);
    R::of_revision(page.revisions.into_iter().next().unwrap())
}

async fn old_states_are_read_back(h: &Harness) {
    let promise: pb::Promise = newest(h, "promises/golden-ours").await;
    assert_eq!(promise.side(), Side::Company);
    let name = "customers/golden-alpha";
    let (then, now): (pb::Customer, pb::Customer) = (newest(h, name).await, h.get(name).await);
    assert_eq!(then.contact_permissions.len(), 2);
    assert_eq!(then.contact_permissions, now.contact_permissions);
    let name = "affiliations/golden-anna-alpha";
    let (then, now): (pb::Affiliation, pb::Affiliation) =
        (newest(h, name).await, h.get(name).await);
    assert_eq!(then.buying_roles.len(), 1);
    assert_eq!(then.buying_roles, now.buying_roles);
}

const WITH_ID: &str = "external_ids.crm = \"Z-9\"";

/// Returns the customers with an id by their own text: a filter finds in lists whom it finds in a segment.
async fn holders(h: &Harness, segment: &str, all: [&str; 2]) -> Vec<String> {
    let mut found = h.names::<pb::Customer>(WITH_ID).await;
    found.sort();
    for name in all {
        let is_member = h.is_member(name, segment).await;
        assert_eq!(is_member, found.iter().any(|found| found == name), "{name}");
    }
    found
}

/// Two records have ids that were two texts when they were written, and are one now.
async fn the_older_record_keeps_an_external_id(h: &Harness) {
    let (older, newer) = ("customers/golden-pair-old", "customers/golden-pair-new");
    let unfiled_now = async || unfiled(h.db()).await.unwrap();
    let lost = Unfiled {
        tenant: "default".to_owned(),
        name: newer.to_owned(),
        system: "crm".to_owned(),
        owner: Some(older.to_owned()),
    };
    assert_eq!(unfiled_now().await, std::slice::from_ref(&lost));
    let segment = h.create(segment("Z", WITH_ID)).await.name;
    let holders = async || holders(h, &segment, [older, newer]).await;
    let found = async || found(h, "crm:Z-9").await;
    assert_eq!(holders().await, [newer, older]);
    assert_eq!(found().await, [older]);
    // What is lost stands in nobody's way.
    let tagged = pb::Customer {
        tags: texts(&["still here"]),
        ..h.get(newer).await
    };
    h.update(tagged, &["tags"]).await;
    assert_eq!(unfiled_now().await, std::slice::from_ref(&lost));
    let ids = |ids: &[&str]| {
        ids.iter()
            .map(|id| external_id("crm", id))
            .collect::<Vec<_>>()
    };
    let again = async || pb::Customer {
        external_ids: ids(&["Z-9"]),
        ..h.get(newer).await
    };
    let taken = h.try_update(again().await, &["external_ids"]).await;
    assert_eq!(refused(taken).reason, "EXTERNAL_ID_EXISTS");
    let without = async |name: &str| pb::Customer {
        external_ids: vec![],
        ..h.get(name).await
    };
    h.update(without(older).await, &["external_ids"]).await;
    assert_eq!(holders().await, [newer]);
    assert_eq!(
        unfiled_now().await,
        [Unfiled {
            owner: None,
            ..lost
        }]
    );
    h.update(again().await, &["external_ids"]).await;
    assert_eq!(unfiled_now().await, []);
    assert_eq!(
        (holders().await, found().await),
        (texts(&[newer]), texts(&[newer]))
    );
    h.update(without(newer).await, &["external_ids"]).await;
    assert_eq!(holders().await, [] as [&str; 0]);
}

#[test]
fn a_store_of_an_earlier_release_is_opened_on_sqlite() {
    in_runtime(stores_of_earlier_releases_are_opened(Engine::Sqlite));
}

#[test]
fn a_store_of_an_earlier_release_is_opened_on_postgres() {
    in_runtime(stores_of_earlier_releases_are_opened(Engine::Postgres));
}

#[test]
fn postgres_is_not_served_before_it_is_migrated_and_refiled() {
    in_runtime(async {
        let store = Store::golden(Engine::Postgres).await;
        let refusal = open(&store.url(), Clock::System).await.err().unwrap();
        assert!(
            refusal.to_string().contains("clientele migrate"),
            "{refusal}"
        );
        clientele::store::migrate(&store.url(), &mut |_| {})
            .await
            .unwrap();
        execute(&store.url(), "update filing set version = 0").await;
        let refusal = open(&store.url(), Clock::System).await.err().unwrap();
        assert!(
            refusal.to_string().contains("clientele migrate"),
            "{refusal}"
        );
        store.remove().await;
    });
}

/// Makes 450 contacts, whose names follow one another as their numbers do.
async fn contacts(h: &Harness) {
    for i in 0..450 {
        h.create_as(&format!("lind-{i:03}"), contact(&format!("Mara Lind{i}x")))
            .await;
    }
}

/// Says whether a contact is found by its name.
async fn is_found(h: &Harness, i: usize) -> bool {
    let found = look_up(h, &format!("lnd{i}x mara")).await;
    let name = format!("contacts/lind-{i:03}");
    found.iter().any(|found| found.contact == name)
}

async fn records_without_words_are_filed(h: Harness) {
    contacts(&h).await;
    let gone = h.create(customer("Ferrum AG")).await;
    h.delete::<pb::Customer>(&gone.name).await;
    let older = "delete from words; delete from word_keys; update filing set version = 0;";
    execute(&h.url(), older).await;
    assert!(!is_found(&h, 17).await);
    let mut reported = Vec::new();
    refile::run(h.db(), &mut |refiled| reported.push(refiled.records))
        .await
        .unwrap();
    assert_eq!(reported.last(), Some(&451));
    for i in [0, 17, 199, 200, 449] {
        assert!(is_found(&h, i).await, "{i}");
    }
    assert_eq!(look_up(&h, "ferrum").await, []);
    refile::run(h.db(), &mut |_| panic!("it is done"))
        .await
        .unwrap();
}

async fn a_refiling_goes_on_where_it_was_interrupted(h: Harness) {
    contacts(&h).await;
    let interrupted = format!(
        "delete from words; delete from word_keys; update filing set version = 0;
         insert into filing_progress (tenant_id, kind, version, after)
         values ('default', 'words', {FILING}, ''),
                ('default', 'contacts', {FILING}, 'contacts/lind-224');"
    );
    execute(&h.url(), &interrupted).await;
    let mut reported = Vec::new();
    refile::run(h.db(), &mut |refiled| reported.push(refiled.records))
        .await
        .unwrap();
    assert_eq!(reported.last(), Some(&225));
    assert!(!is_found(&h, 224).await);
    assert!(is_found(&h, 225).await);
    assert!(is_found(&h, 449).await);
}
