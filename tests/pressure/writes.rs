//! Many who write one record: they wait for each other where nobody else has to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clientele::pb;
use clientele::store::engine::open::DatabaseUrl;
use sqlx::{Connection, Executor, PgConnection};
use tokio::task::JoinSet;

use super::endless::count;
use crate::crash::load::{create, set};
use crate::crash::{Place, soon};
use crate::harness::engine::Engine;

/// Callers who write one record.
const N_WRITERS: u64 = 64;
/// What others write and read meanwhile.
const N_OTHERS: u64 = 50;

/// Somebody holds the row, so that whoever wants it has to wait.
#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_record_is_in_nobodys_way_on_postgres() {
    let place = Place::on(Engine::Postgres).await;
    let DatabaseUrl::Postgres(url) = &place.url else {
        unreachable!("it is a database of PostgreSQL")
    };
    let mut client = place.serve().customers();
    client.create_customer(create("wanted")).await.unwrap();
    let mut holder = PgConnection::connect(url).await.unwrap();
    holder
        .execute("begin; select 1 from customers where name = 'customers/wanted' for update")
        .await
        .unwrap();
    let is_held = Arc::new(AtomicBool::new(true));
    let mut writers = JoinSet::new();
    for i in 0..N_WRITERS {
        let (mut client, is_held) = (place.serve().customers(), Arc::clone(&is_held));
        writers.spawn(async move {
            // A wait for the row ends after a time, and then it is to be asked for again.
            while let Err(refusal) = client.update_customer(set("customers/wanted", i)).await {
                assert!(is_held.load(Ordering::Relaxed), "{refusal:?}");
            }
        });
    }
    let one_waits = async { while n_waiting(url).await == 0 {} };
    soon("one waits for the row", one_waits).await;
    for i in 0..N_OTHERS {
        let created = client.create_customer(create(&format!("other-{i}"))).await;
        let name = created.unwrap().into_inner().name;
        client.update_customer(set(&name, i)).await.unwrap();
        let get = pb::GetCustomerRequest {
            name,
            read_mask: None,
        };
        client.get_customer(get).await.unwrap();
        let n_waiting = n_waiting(url).await;
        assert!(n_waiting <= 1, "{n_waiting} connections wait for one row");
    }
    is_held.store(false, Ordering::Relaxed);
    holder.execute("rollback").await.unwrap();
    soon("all have written", writers.join_all()).await;
    place.remove().await;
}

async fn n_waiting(url: &str) -> i64 {
    let query = "select count(*) from pg_stat_activity where datname = current_database() \
                 and application_name = 'clientele' and wait_event_type = 'Lock'";
    count(url, query).await
}
