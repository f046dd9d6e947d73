//! What refiling makes anew: whatever an earlier version filed otherwise, in every tenant and kind, and nothing else.

use clientele::pb;
use clientele::store::read::unfiled::{Unfiled, unfiled};
use clientele::store::scope::TenantScope;
use clientele::store::sql::query::Query;
use clientele::store::sql::statement::scoped;
use clientele::store::write::refile::{self, FILING};

use super::refiling::everything;
use crate::conformance::look_up::found;
use crate::harness::Harness;
use crate::harness::answer::refused;
use crate::harness::builders::{address, contact, customer, external_id, phone, texts};
use crate::harness::engine::execute;
use crate::harness::keys::{by_domain, by_email, by_phone, by_text};
use crate::harness::records::colleague;
use crate::harness::standard::{List, Standard, for_all};

conformance! {
    keys_of_an_earlier_version_are_made_anew,
    numbers_of_an_earlier_version_are_read_anew,
    words_of_an_earlier_version_go,
    an_older_record_takes_its_id_from_a_newer_one,
    a_deleted_record_takes_no_id,
    every_tenant_is_refiled_and_the_progress_of_another_version_is_ignored,
    no_record_and_no_change_comes_of_it,
    every_kind_is_refiled,
    what_lists_are_sorted_by_is_made_anew,
}

/// Refiles what a statement makes of the store, and returns how many records that were.
async fn refile_after(h: &Harness, statements: &str) -> u64 {
    execute(&h.url(), statements).await;
    execute(&h.url(), "update filing set version = 0").await;
    let mut records = 0;
    refile::run(h.db(), &mut |refiled| records = refiled.records)
        .await
        .unwrap();
    records
}

/// Returns the name of the customer with a key, or why there is none.
async fn customer_by(h: &Harness, key: Option<pb::CustomerKey>) -> String {
    let request = pb::GetProfileRequest {
        customer: key,
        ..Default::default()
    };
    match h.relationships.clone().get_profile(request).await {
        Ok(profile) => profile.into_inner().customer.unwrap().name,
        refusal => refused(refusal).reason,
    }
}

async fn keys_of_an_earlier_version_are_made_anew(h: Harness) {
    let mill = pb::Customer {
        business: Some(pb::customer::Business {
            domains: texts(&["m\u{fc}hle.example"]),
            ..Default::default()
        }),
        phone_numbers: vec![phone("+49 40 5550142")],
        ..customer("M\u{fc}hle")
    };
    let mill = h.create(mill).await.name;
    let earlier = format!(
        "delete from keys;
         insert into keys (tenant_id, kind, field, key, value, name)
         values ('default', 'customers', 'emails', '', 'stale@old.example', '{mill}')"
    );
    execute(&h.url(), &earlier).await;
    let stale = async || customer_by(&h, by_email("stale@old.example")).await;
    let host = async || customer_by(&h, by_domain("xn--mhle-0ra.example")).await;
    let number = async || customer_by(&h, by_phone("+49 40 555 0142")).await;
    let nobody = "RESOURCE_NOT_FOUND";
    assert_eq!([stale().await, host().await], [&mill, nobody]);
    assert_eq!(number().await, nobody);
    assert_eq!(refile_after(&h, "").await, 1);
    assert_eq!([stale().await, host().await], [nobody, &mill]);
    assert_eq!(number().await, mill);
}

async fn numbers_of_an_earlier_version_are_read_anew(h: Harness) {
    let person = pb::Contact {
        phone_numbers: vec![phone("491715550179")],
        addresses: vec![address("DE")],
        ..contact("Mara Lind")
    };
    let person = h.create(person).await;
    let earlier = "update contacts
        set phone_numbers = replace(phone_numbers, '+491715550179', '+49491715550179');
        update keys set value = '+49491715550179' where value = '+491715550179'";
    execute(&h.url(), earlier).await;
    let found = async |number: &str| found(&h, number).await;
    let nobody: [String; 0] = [];
    assert_eq!(found("+49491715550179").await, [person.name.as_str()]);
    let (revision, etag) = (h.revision().await, person.etag.clone());
    assert_eq!(refile_after(&h, "").await, 1);
    assert_eq!(found("+49 171 5550179").await, [person.name.as_str()]);
    assert_eq!(found("+49491715550179").await, nobody);
    let refiled = h.get::<pb::Contact>(&person.name).await;
    assert_eq!(refiled, person);
    assert_eq!((h.revision().await, refiled.etag), (revision, etag));
}

fn n_words_like(tenant: &str, like: &str) -> Query<i64> {
    let count = scoped!(
        &TenantScope::new(tenant, "local"),
        "select (select count(*) from words where tenant_id = :tenant and word like :like)
              + (select count(*) from word_keys where tenant_id = :tenant and word like :like) as n",
        like,
    );
    count.one(["n"], |row, [n]| row.int(n))
}

async fn words_of_an_earlier_version_go(h: Harness) {
    let mara = h.create(contact("Mara Lindqvist")).await.name;
    // More than go at once.
    let earlier = "
        delete from words;
        insert into words (tenant_id, word, size, name)
        with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 20050)
        select 'default', 'stale' || n, 1, 'contacts/nobody' from numbers;
        insert into word_keys (tenant_id, key, word) values ('default', 'stal', 'stale')";
    execute(&h.url(), earlier).await;
    let stale = async || {
        let count = n_words_like("default", "stale%");
        h.db().fetch(&TenantScope::local(), count).await.unwrap()
    };
    assert_eq!(stale().await, 20_051);
    assert_eq!(found(&h, "lindqvist").await, [] as [&str; 0]);
    refile_after(&h, "").await;
    assert_eq!(stale().await, 0);
    assert_eq!(found(&h, "lindqvst").await, [mara]);
}

/// Makes an older and a newer record, on different pages, whose ids are one since an upgrade.
async fn one_id_of_two(h: &Harness) {
    let with = |id: &str| pb::Customer {
        external_ids: vec![external_id("crm", id)],
        ..customer("x")
    };
    h.create_as("z-old", with("Z8")).await;
    h.create_as("a-new", with("Z-9")).await;
    for i in 0..200 {
        h.create_as(&format!("b-{i:03}"), customer("x")).await;
    }
}

const NOW_ONE: &str = "update customers set external_ids = replace(external_ids, 'Z8', 'Z-9')
    where name = 'customers/z-old'";
const HOLDS: &str = "external_ids.crm = \"Z-9\"";

async fn an_older_record_takes_its_id_from_a_newer_one(h: Harness) {
    one_id_of_two(&h).await;
    assert_eq!(h.names::<pb::Customer>(HOLDS).await, ["customers/a-new"]);
    assert_eq!(refile_after(&h, NOW_ONE).await, 202);
    // The id finds the older one; in a filter it stands for both, as it stands in both.
    assert_eq!(customer_by(&h, by_text("crm:Z-9")).await, "customers/z-old");
    let both = ["customers/a-new", "customers/z-old"];
    assert_eq!(h.names::<pb::Customer>(HOLDS).await, both);
    let lost = Unfiled {
        tenant: "default".to_owned(),
        name: "customers/a-new".to_owned(),
        system: "crm".to_owned(),
        owner: Some("customers/z-old".to_owned()),
    };
    assert_eq!(unfiled(h.db()).await.unwrap(), [lost]);
}

async fn a_deleted_record_takes_no_id(h: Harness) {
    one_id_of_two(&h).await;
    h.delete::<pb::Customer>("customers/z-old").await;
    refile_after(&h, NOW_ONE).await;
    assert_eq!(h.names::<pb::Customer>(HOLDS).await, ["customers/a-new"]);
    let found = unfiled(h.db()).await.unwrap();
    assert!(
        found.iter().all(|one| one.name != "customers/a-new"),
        "{found:?}"
    );
}

async fn every_tenant_is_refiled_and_the_progress_of_another_version_is_ignored(h: Harness) {
    let ours = h.create_as("ours", customer("Ferrum")).await.name;
    h.create_as("theirs", customer("Cuprum")).await;
    let another = FILING + 1;
    let earlier = format!(
        "delete from words; delete from word_keys; delete from keys;
         insert into tenants (id, revision) values ('other', 7);
         update customers set tenant_id = 'other' where name = 'customers/theirs';
         insert into filing_progress (tenant_id, kind, version, after)
         values ('default', 'words', {another}, ''), ('default', 'customers', {another}, 'customers/z'),
                ('other', 'words', {another}, ''), ('other', 'customers', {another}, 'customers/z')"
    );
    assert_eq!(refile_after(&h, &earlier).await, 2);
    assert_eq!(found(&h, "ferrum").await, [ours]);
    assert_eq!(found(&h, "cuprum").await, [] as [&str; 0]);
    for (tenant, word, is_there) in [
        ("other", "cuprum", true),
        ("other", "ferrum", false),
        ("default", "cuprum", false),
    ] {
        let scope = TenantScope::new(tenant, "local");
        let count = n_words_like(tenant, word);
        let n_words = h.db().fetch(&scope, count).await.unwrap();
        assert_eq!(n_words > 0, is_there, "{word} of {tenant}");
    }
}

/// Returns every state that history keeps: of which record, of which revision, and its bytes.
async fn history(h: &Harness) -> Vec<(String, i64, Vec<u8>)> {
    let scope = TenantScope::local();
    let states = scoped!(
        scope,
        "select name, revision, body from history where tenant_id = :tenant order by revision, name"
    );
    let rows = h.db().fetch(&scope, states.read(Ok)).await.unwrap();
    rows.iter()
        .map(|row| {
            (
                row.text(0).unwrap(),
                row.int(1).unwrap(),
                row.bytes(2).unwrap(),
            )
        })
        .collect()
}

async fn full<R: Standard>(h: &Harness) {
    let input = R::full_input(h).await;
    h.create(input).await;
}

async fn no_record_and_no_change_comes_of_it(h: Harness) {
    for_all!(h => full);
    let gone = h.create(customer("Gone")).await.name;
    h.delete::<pb::Customer>(&gone).await;
    let state = async || {
        let changes = h.changes_after(0).await;
        (
            h.revision().await,
            everything(&h).await,
            changes,
            history(&h).await,
        )
    };
    let before = state().await;
    assert!(before.2.len() > 10 && before.3.len() > 10);
    let earlier =
        "delete from words; delete from word_keys; delete from keys where field <> 'members'";
    assert!(refile_after(&h, earlier).await > 9);
    assert_eq!(state().await, before);
}

async fn tagged<R: Standard>(h: &Harness) {
    let mut input = R::input(h).await;
    input.header().tags.push("filed".to_owned());
    h.create(input).await;
}

async fn is_lost<R: Standard>(h: &Harness) {
    assert_eq!(h.names::<R>("tags:\"filed\"").await, [] as [&str; 0]);
}

async fn is_filed<R: Standard>(h: &Harness) {
    assert_eq!(h.names::<R>("tags:\"filed\"").await.len(), 1);
}

async fn every_kind_is_refiled(h: Harness) {
    for_all!(h => tagged);
    for_all!(h => is_filed);
    execute(&h.url(), "delete from keys where field = 'tags'").await;
    for_all!(h => is_lost);
    refile_after(&h, "").await;
    for_all!(h => is_filed);
}

async fn titles<R: Standard>(h: &Harness, order_by: &str) -> Vec<String> {
    let list = List {
        order_by: order_by.to_owned(),
        ..Default::default()
    };
    let (mut found, _) = R::list(h, list).await.unwrap().into_inner();
    found
        .iter_mut()
        .map(|record| record.title().clone())
        .collect()
}

async fn what_lists_are_sorted_by_is_made_anew(h: Harness) {
    let up = ["\u{c4}rzte", "Birne", "zebra"];
    for title in ["zebra", "\u{c4}rzte", "Birne"] {
        h.create(colleague(title)).await;
        let (_, _, job) = h.employed().await;
        h.update(job.titled(title), &["job_title"]).await;
    }
    let earlier = "update colleagues set display_name_order = '';
                   update affiliations set job_title_order = ''";
    execute(&h.url(), earlier).await;
    assert_ne!(titles::<pb::Colleague>(&h, "display_name").await, up);
    assert_ne!(titles::<pb::Affiliation>(&h, "job_title").await, up);
    refile_after(&h, "").await;
    assert_eq!(titles::<pb::Colleague>(&h, "display_name").await, up);
    assert_eq!(titles::<pb::Affiliation>(&h, "job_title").await, up);
}
