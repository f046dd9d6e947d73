//! A tenant ends for itself at once and row by row, and for nobody else.

use std::collections::BTreeMap;

use clientele::clock::SECOND;
use clientele::store::engine::tenants;

use super::*;
use crate::conformance::inside::prepared::write_everything;
use crate::harness::engine::{Engine, execute};
use crate::harness::questions;
use crate::harness::records::conversation;

conformance! {
    a_tenant_goes_row_by_row_and_others_stay,
    a_deletion_goes_on_where_it_was_interrupted,
    a_deleted_tenant_writes_nothing_and_never_comes_back,
}

/// Gives everything to another tenant.
async fn give_all_away(h: &Harness) {
    let moves = tenants::TABLES.map(|(table, _)| {
        format!("update {table} set tenant_id = 'other' where tenant_id = 'default';")
    });
    let tenants = "insert into tenants (id, revision, region_code)
         select 'other', revision, 'AT' from tenants where id = 'default';
         update tenants set revision = 0 where id = 'default';";
    execute(&h.url(), &format!("{tenants} {}", moves.concat())).await;
}

/// Counts the rows of a tenant in each table; none that has none.
async fn rows(h: &Harness, tenant: &str) -> BTreeMap<&'static str, i64> {
    let mut all = BTreeMap::new();
    for (table, _) in tenants::TABLES {
        let count = global!(
            "select count(*) as n from :{table} where tenant_id = :tenant",
            table,
            tenant,
        );
        let count = count.one(["n"], |row, [n]| row.int(n));
        let n = h.db().fetch(&TenantScope::local(), count).await.unwrap();
        all.extend((n > 0).then_some((table, n)));
    }
    all
}

/// Two tenants with rows in every table that calls write to; the other one has more of some than go at once.
async fn two_whole_tenants(h: &Harness) {
    let firms = questions::world(h).await;
    write_everything(h, &firms).await;
    let talk = h.create(conversation(&firms[0].0, 1)).await;
    h.copy_talk(&talk, 1_300).await;
    give_all_away(h).await;
    let firms = questions::world(h).await;
    write_everything(h, &firms).await;
}

async fn a_tenant_goes_row_by_row_and_others_stay(h: Harness) {
    two_whole_tenants(&h).await;
    let (ours, theirs) = (rows(&h, "default").await, rows(&h, "other").await);
    let unused = ["api_keys", "filing_progress", "requests"];
    for (table, _) in tenants::TABLES {
        assert!(
            theirs.contains_key(table) || unused.contains(&table),
            "{table}"
        );
    }
    let mut reported = vec![0];
    let mut report = |n| reported.push(n);
    let n_rows = tenants::delete(&h.url(), "other", SECOND, &mut report)
        .await
        .unwrap();
    assert_eq!(n_rows, theirs.values().sum::<i64>());
    assert_eq!(reported.last(), Some(&n_rows));
    let steps = reported.windows(2).map(|pair| pair[1] - pair[0]);
    assert!(steps.clone().all(|step| (0..=500).contains(&step)));
    assert!(steps.filter(|step| *step == 500).count() >= 2);
    assert_eq!(rows(&h, "other").await, BTreeMap::new());
    assert_eq!(rows(&h, "default").await, ours);
}

async fn a_deletion_goes_on_where_it_was_interrupted(h: Harness) {
    two_whole_tenants(&h).await;
    let all: i64 = rows(&h, "other").await.values().sum();
    let (stop, mut stopped) = tokio::sync::mpsc::unbounded_channel();
    let mut report = |n_rows| {
        if n_rows > 700 {
            let _ = stop.send(());
        }
    };
    let url = h.url();
    tokio::select! {
        biased;
        _ = stopped.recv() => {}
        _ = tenants::delete(&url, "other", 5 * SECOND, &mut report) => panic!("it was not interrupted"),
    }
    let left: i64 = rows(&h, "other").await.values().sum();
    assert!(0 < left && left < all, "{left} of {all}");
    let state = listed(&h, "other").await;
    assert_eq!(
        (state.delete_time, state.region_code.as_str()),
        (Some(5 * SECOND), "")
    );
    let went = tenants::delete(&url, "other", 9 * SECOND, &mut |_| {}).await;
    assert_eq!(went.unwrap(), left);
    assert_eq!(rows(&h, "other").await, BTreeMap::new());
    assert_eq!(listed(&h, "other").await.delete_time, Some(5 * SECOND));
}

async fn listed(h: &Harness, tenant: &str) -> tenants::TenantSummary {
    let all = tenants::list(&h.url()).await.unwrap();
    all.into_iter().find(|one| one.name == tenant).unwrap()
}

async fn a_deleted_tenant_writes_nothing_and_never_comes_back(h: Harness) {
    let url = h.url();
    tenants::create(&url, "other", "AT", SECOND).await.unwrap();
    let create = async |request_id: &str| {
        let customer = Some(customer("Ferrum"));
        let mut request = tonic::Request::new(pb::CreateCustomerRequest {
            customer,
            request_id: request_id.to_owned(),
            ..Default::default()
        });
        let other = TenantScope::new("other", "local");
        request.extensions_mut().insert(other);
        let customers = Customers { db: h.db().clone() };
        customers.create_customer(request).await
    };
    done(create("").await);
    let state = listed(&h, "other").await;
    assert_eq!((state.customer_count, state.revision), (1, 1));
    assert_eq!((state.create_time, state.delete_time), (Some(SECOND), None));
    tenants::delete(&url, "other", SECOND, &mut |_| {})
        .await
        .unwrap();
    // A call that passed the guards before. Its credential is unknown by now, and so is its tenant.
    refused(create("again").await).is(Code::Unauthenticated, "CREDENTIAL_INVALID");
    // A unit of one step is complete on SQLite when this shows. It is undone with all that share its commit, and told to
    // come again.
    let (code, reason) = match h.engine {
        Engine::Sqlite => (Code::Unavailable, "STORE_UNAVAILABLE"),
        Engine::Postgres => (Code::Unauthenticated, "CREDENTIAL_INVALID"),
    };
    refused(create("").await).is(code, reason);
    assert_eq!(rows(&h, "other").await, BTreeMap::new());
    let why = tenants::create(&url, "other", "", SECOND)
        .await
        .unwrap_err();
    assert!(
        why.to_string().contains("its name is not used again"),
        "{why}"
    );
    let why = tenants::set_region(&url, "other", "DE").await.unwrap_err();
    assert_eq!(why.to_string(), "there is no such tenant");
    for (name, told) in [("default", "stays"), ("nobody", "there is no such tenant")] {
        let why = tenants::delete(&url, name, SECOND, &mut |_| {})
            .await
            .unwrap_err();
        assert!(why.to_string().contains(told), "{why}");
    }
}
