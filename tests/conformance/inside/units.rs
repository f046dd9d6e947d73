//! Units of work that no caller could send: they fail, panic or end in the middle, and harm nobody.

use std::iter::repeat_n;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use clientele::error::Error;
use clientele::name::{Kind, Name};
use clientele::pb;
use clientele::store::engine::tx::Tx;
use clientele::store::scope::TenantScope;
use clientele::store::sql::query::Query;
use clientele::store::sql::statement::global;
use futures_util::FutureExt;
use futures_util::future::{join_all, join3};
use tokio::sync::{Semaphore, watch};

use crate::harness::Harness;
use crate::harness::builders::{customer, external_id};
use crate::harness::engine::Engine;

conformance! {
    units_that_fail_or_panic_harm_nobody,
    a_unit_that_fails_after_its_end_is_undone,
    a_unit_past_its_deadline_does_nothing,
    a_unit_without_an_end_leaves_nothing,
    others_do_not_wait_behind_all_who_want_one_record,
    a_unit_waits_for_a_connection_as_long_as_it_may,
}

/// Units that want one record.
const N_HOT: usize = 60;
/// How many of them may come before a later one that wants another.
const BEFORE_OTHERS: usize = 8;

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(15)
}

/// Corrupts the data in a way that shows if it is kept.
fn spoil() -> Vec<Query<()>> {
    vec![
        global!("delete from keys where tenant_id = 'default'").done(),
        global!("update tenants set revision = revision + 1000 where id = 'default'").done(),
    ]
}

async fn units_that_fail_or_panic_harm_nobody(h: Harness) {
    let scope = &TenantScope::local();
    let fail = async |_| {
        let unit = h
            .db()
            .write(scope, soon(), Vec::new(), |mut tx| async move {
                tx.run(spoil()).await?;
                Err::<(_, ()), _>(Error::ConcurrentWrite)
            });
        assert!(matches!(unit.await, Err(Error::ConcurrentWrite)));
    };
    let panic = async |_| {
        let unit = h
            .db()
            .write(scope, soon(), Vec::new(), |mut tx| async move {
                tx.run(spoil()).await?;
                if tx.now() > 0 {
                    // A panic, but without its message among the output of the tests.
                    std::panic::resume_unwind(Box::new("on purpose"));
                }
                Ok((tx, ()))
            });
        assert!(matches!(unit.await, Err(Error::Internal(_))));
    };
    let create = async |i: usize| {
        let pair = external_id("sap", &i.to_string());
        h.create(pb::Customer {
            external_ids: vec![pair],
            ..customer("Ferrum AG")
        })
        .await
    };
    for round in 0..4 {
        let all = join3(
            join_all((0..3).map(fail)),
            join_all((0..3).map(panic)),
            join_all((0..6).map(|i| create(round * 6 + i))),
        );
        let (_, _, created) = all.await;
        for record in created {
            assert_eq!(h.get::<pb::Customer>(&record.name).await, record);
            let filter = format!("external_ids.sap = \"{}\"", record.external_ids[0].id);
            assert_eq!(h.names::<pb::Customer>(&filter).await, [record.name]);
        }
    }
    assert_eq!(h.revision().await, 24);
}

/// What it wrote is complete: only its error says that it must not be kept. On SQLite the units that share its commit
/// fail with it, and the next ones find the connection in order.
async fn a_unit_that_fails_after_its_end_is_undone(h: Harness) {
    let made = h.created::<pb::Customer>().await;
    let scope = &TenantScope::local();
    for _ in 0..3 {
        let before = h.revision().await;
        let unit = h
            .db()
            .write(scope, soon(), Vec::new(), |mut tx| async move {
                tx.finish(spoil()).await?;
                Err::<(_, ()), _>(Error::ConcurrentWrite)
            });
        assert!(unit.await.is_err());
        assert_eq!(h.revision().await, before);
        assert_eq!(h.get::<pb::Customer>(&made.name).await, made);
        h.created::<pb::Customer>().await;
        assert_eq!(h.revision().await, before + 1);
    }
}

async fn a_unit_past_its_deadline_does_nothing(h: Harness) {
    let scope = TenantScope::local();
    let unit = h
        .db()
        .write(&scope, Instant::now(), Vec::new(), |mut tx| async move {
            tx.run(spoil()).await?;
            Ok((tx, ()))
        });
    assert!(matches!(unit.await, Err(Error::DeadlineExceeded)));
    h.created::<pb::Customer>().await;
    assert_eq!(h.revision().await, 1);
}

async fn a_unit_without_an_end_leaves_nothing(h: Harness) {
    let scope = TenantScope::local();
    let unit = h
        .db()
        .write(&scope, soon(), Vec::new(), |mut tx| async move {
            tx.run(spoil()).await?;
            Ok((tx, ()))
        });
    unit.await.unwrap();
    assert_eq!(h.revision().await, 0);
}

async fn others_do_not_wait_behind_all_who_want_one_record(h: Harness) {
    let [hot, other] = [(); 2].map(|()| Name::generate(Kind::Customer));
    let (scope, ran) = (&TenantScope::local(), Arc::<Mutex<Vec<Name>>>::default());
    let (release, held) = watch::channel(true);
    let mut units = Vec::new();
    for name in repeat_n(&hot, N_HOT).chain([&other]) {
        let (ran, mut held, record) = (Arc::clone(&ran), held.clone(), name.clone());
        let unit = async move |tx| {
            held.wait_for(|is_held| !is_held).await.unwrap();
            ran.lock().unwrap().push(record);
            Ok((tx, ()))
        };
        let mut unit = Box::pin(h.db().write(scope, soon(), vec![name.clone()], unit));
        assert!((&mut unit).now_or_never().is_none(), "it has to wait");
        units.push(unit);
    }
    release.send(false).unwrap();
    for done in join_all(units).await {
        done.unwrap();
    }
    let before = ran.lock().unwrap().iter().position(|name| *name == other);
    assert!(before.unwrap() <= BEFORE_OTHERS, "{before:?} came first");
}

/// Units of two tenants, twice as many as there are connections; one tenant never has all of them. The first ones take
/// longer than opening a connection may.
async fn a_unit_waits_for_a_connection_as_long_as_it_may(h: Harness) {
    let (begun, go_on) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let write = |i: usize| {
        let (begun, go_on, db) = (Arc::clone(&begun), Arc::clone(&go_on), h.db().clone());
        let scope = TenantScope::new(["default", "another"][i % 2], "local");
        async move {
            let unit = |mut tx: Tx| async move {
                let tenants = global!("select id from tenants").texts("id");
                tx.run(tenants).await?;
                begun.add_permits(1);
                drop(go_on.acquire().await);
                Ok((tx, ()))
            };
            db.write(&scope, soon(), Vec::new(), unit).await.map(drop)
        }
    };
    let n_connections = match h.engine {
        Engine::Sqlite => 1,
        Engine::Postgres => 6,
    };
    // A connection that a busy machine opens too late is asked for again.
    let first = (0..n_connections).map(|i| async move { while write(i).await.is_err() {} });
    let others = async {
        let all = u32::try_from(n_connections).unwrap();
        drop(begun.acquire_many(all).await.unwrap());
        let others = join_all((0..n_connections).map(write));
        let release = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            go_on.add_permits(2 * n_connections);
        };
        let (others, ()) = tokio::join!(others, release);
        others.into_iter().for_each(|other| other.unwrap());
    };
    tokio::join!(join_all(first), others);
}
