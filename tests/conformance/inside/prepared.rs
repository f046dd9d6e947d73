//! Prepared statements are reused: binding other values does not make an engine plan a statement again.
//! SQLite did so for nearly every statement, which was two thirds of what a read cost.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use clientele::pb;
use clientele::store::engine::tx::Tx;
use clientele::store::scope::TenantScope;
use clientele::store::sql::query::Query;
use clientele::store::sql::statement::{Row, global};

use crate::harness::Harness;
use crate::harness::answer::done;
use crate::harness::engine::Engine;
use crate::harness::keys::by_name;
use crate::harness::questions::{self, FIRMS};
use crate::harness::records::{conversation, promise};

conformance! {
    no_question_is_planned_anew_for_other_values,
    no_write_is_planned_anew_for_other_values,
}

/// More than the reading connections of either engine, twice; they take turns.
const ROUNDS: usize = 40;

async fn no_question_is_planned_anew_for_other_values(h: Harness) {
    questions::world(&h).await;
    let mut asked = BTreeSet::new();
    for i in 0..ROUNDS {
        for question in questions::all(&h, i) {
            question.ask.await.unwrap();
            asked.insert(question.method);
        }
    }
    assert_eq!(
        asked,
        questions::methods_that_read().into_iter().collect(),
        "every question is asked"
    );
    nothing_is_planned_anew(&h).await;
}

async fn no_write_is_planned_anew_for_other_values(h: Harness) {
    let firms = questions::world(&h).await;
    write_everything(&h, &firms).await;
    if h.engine == Engine::Postgres {
        return nothing_is_planned_anew(&h).await;
    }
    if h.engine == Engine::Sqlite {
        // The start of the store changes the schema, and with it what was prepared before.
        let before = planned_anew_by_writer(&h).await;
        write_everything(&h, &firms).await;
        assert_eq!(planned_anew_by_writer(&h).await, before);
    }
}

pub async fn write_everything(h: &Harness, firms: &[(pb::Customer, pb::Contact)]) {
    for i in 0..ROUNDS {
        let firm = &firms[i % FIRMS].0;
        let talk = conversation(firm, i64::try_from(i).unwrap());
        let key = by_name(&firm.name);
        let request = pb::LogConversationRequest {
            customer: key,
            conversation: Some(talk),
            ..Default::default()
        };
        done(h.relationships.clone().log_conversation(request).await);
        h.update(
            pb::Customer {
                about: format!("{i}"),
                etag: String::new(),
                ..firm.clone()
            },
            &["about"],
        )
        .await;
        let name = h.create(promise(firm, &format!("{i}"))).await.name;
        h.delete::<pb::Promise>(&name).await;
        h.undelete::<pb::Promise>(&name).await;
    }
}

/// Asks each reading connection: how often statements were planned anew.
async fn nothing_is_planned_anew(h: &Harness) {
    match h.engine {
        Engine::Sqlite => {
            for _ in 0..ROUNDS {
                let found = h
                    .db()
                    .fetch(&TenantScope::local(), planned_anew())
                    .await
                    .unwrap();
                assert_eq!(counts(&found), BTreeMap::new());
            }
        }
        Engine::Postgres => {
            let mut n_for_all_values = 0;
            for _ in 0..ROUNDS {
                let found = h
                    .db()
                    .fetch(&TenantScope::local(), global!(PREPARED).read(Ok))
                    .await
                    .unwrap();
                let texts: BTreeSet<String> =
                    found.iter().map(|row| row.text(0).unwrap()).collect();
                assert_eq!(texts.len(), found.len(), "each text is prepared once");
                assert!(texts.len() < 250, "what is kept prepared has room for all");
                let anew = found.iter().find(|row| row.int(1).unwrap() > CUSTOM_PLANS);
                let anew = anew.map(|row| row.text(0).unwrap());
                assert_eq!(anew, None, "PostgreSQL has a plan for all values of it");
                n_for_all_values += found.iter().filter(|row| row.int(2).unwrap() > 0).count();
            }
            assert!(
                n_for_all_values > 0,
                "no connection ran a statement more than {CUSTOM_PLANS} times"
            );
        }
    }
}

/// What a connection to PostgreSQL keeps prepared, how often it made a plan for the values of one call, and how often it
/// used one for all values.
const PREPARED: &str = "select statement, custom_plans, generic_plans from pg_prepared_statements";
/// How often PostgreSQL does so before it compares such plans with one for all values:
/// <https://www.postgresql.org/docs/15/sql-prepare.html>.
const CUSTOM_PLANS: i64 = 5;

/// Asks the writing connection of SQLite.
async fn planned_anew_by_writer(h: &Harness) -> BTreeMap<String, i64> {
    let unit = |mut tx: Tx| async move {
        let rows = tx.run(planned_anew()).await?;
        Ok((tx, counts(&rows)))
    };
    let deadline = Instant::now() + Duration::from_secs(60);
    h.db()
        .write(&TenantScope::local(), deadline, Vec::new(), unit)
        .await
        .unwrap()
        .answer
}

/// The table of the library itself: <https://sqlite.org/stmt.html>. A pragma expires each time.
fn planned_anew() -> Query<Vec<Row>> {
    global!("select sql, reprep from sqlite_stmt where reprep > 0 and sql not like '%pragma%'")
        .read(Ok)
}

fn counts(rows: &[Row]) -> BTreeMap<String, i64> {
    rows.iter()
        .map(|row| (row.text(0).unwrap(), row.int(1).unwrap()))
        .collect()
}
