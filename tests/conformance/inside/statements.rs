//! The statements of the service as the engines have them: each of their tables is held to the tenant, and all can be
//! read, with their plans, in `target/statements/`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use clientele::error::Error;
use clientele::store::engine::lane::Cost;
use clientele::store::engine::open::DatabaseUrl;
use clientele::store::engine::tx::Tx;
use clientele::store::scope::TenantScope;
use clientele::store::sql::query::Query;
use clientele::store::sql::statement::{Part, Sql, global};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};

use super::prepared::write_everything;
use crate::harness::Harness;
use crate::harness::engine::Engine;
use crate::harness::questions;
use crate::harness::tenancy::faults;
use crate::tidy::schema::tables;

conformance! {
    every_table_of_every_statement_is_held_to_the_tenant,
}

/// Tables that are read across tenants by the few statements that say so (`global!`).
const GLOBAL: [&str; 4] = ["tenants", "secrets", "filing", "_sqlx_migrations"];
/// More than there are reading connections, twice.
const ROUNDS: usize = 40;

async fn every_table_of_every_statement_is_held_to_the_tenant(h: Harness) {
    let firms = questions::world(&h).await;
    write_everything(&h, &firms).await;
    for i in 0..ROUNDS {
        for question in questions::all(&h, i) {
            question.ask.await.unwrap();
        }
    }
    let statements = statements(&h).await;
    assert!(statements.len() > 60, "only {} were seen", statements.len());
    print(h.engine, &statements);
    let tables: BTreeSet<String> = tables("sqlite")
        .into_iter()
        .map(|table| table.name)
        .filter(|name| !GLOBAL.contains(&name.as_str()))
        .collect();
    let found: Vec<String> = statements
        .keys()
        .flat_map(|statement| {
            let faults = faults(&statement.to_lowercase(), &tables).into_iter();
            faults.map(move |fault| format!("{fault}\nof: {statement}"))
        })
        .collect();
    assert!(
        found.is_empty(),
        "{} fault(s):\n{}",
        found.len(),
        found.join("\n\n")
    );
}

/// Writes the statements with their plans to a file, for people.
fn print(engine: Engine, statements: &BTreeMap<String, String>) {
    let mut text = String::new();
    for (statement, plan) in statements {
        writeln!(text, "{statement};\n\n{plan}\n\n").unwrap();
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/target/statements");
    std::fs::create_dir_all(folder).unwrap();
    let file = match engine {
        Engine::Sqlite => "sqlite.txt",
        Engine::Postgres => "postgres.txt",
    };
    std::fs::write(format!("{folder}/{file}"), text).unwrap();
}

/// Returns what the connections keep prepared, each with its plan.
async fn statements(h: &Harness) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for _ in 0..ROUNDS {
        match h.engine {
            Engine::Sqlite => all.extend(of_reader(h).await),
            Engine::Postgres => all.extend(of_connection(h).await),
        }
    }
    if h.engine == Engine::Sqlite {
        all.extend(of_writer(h).await);
    }
    all.retain(|statement, _| !statement.is_empty());
    all
}

/// The table of the library itself: <https://sqlite.org/stmt.html>.
fn kept_by_sqlite() -> Query<Vec<String>> {
    global!("select trim(sql, ' ;' || char(10)) as sql from sqlite_stmt where sql not like '%pragma%' and sql not like '%sqlite_stmt%'")
        .texts("sql")
}

async fn of_reader(h: &Harness) -> Vec<(String, String)> {
    let mut snapshot = h
        .db()
        .snapshot(&TenantScope::local(), Cost::Cheap)
        .await
        .unwrap();
    let kept = snapshot.run(kept_by_sqlite()).await.unwrap();
    let plans: Vec<_> = kept
        .iter()
        .filter(|sql| is_ours(sql))
        .map(|sql| plan_of_sqlite(sql))
        .collect();
    let plans = snapshot.run(plans).await.unwrap();
    let ours = kept.into_iter().filter(|sql| is_ours(sql));
    ours.zip(plans.into_iter().map(|plan| plan.join("\n")))
        .collect()
}

async fn of_writer(h: &Harness) -> Vec<(String, String)> {
    let unit = |mut tx: Tx| async move {
        let kept = tx.run(kept_by_sqlite()).await?;
        let kept: Vec<String> = kept.into_iter().filter(|sql| is_ours(sql)).collect();
        let plans = tx
            .run(
                kept.iter()
                    .map(|sql| plan_of_sqlite(sql))
                    .collect::<Vec<_>>(),
            )
            .await?;
        let plans = plans.into_iter().map(|plan| plan.join("\n"));
        Ok::<_, Error>((tx, kept.into_iter().zip(plans).collect::<Vec<_>>()))
    };
    let deadline = Instant::now() + Duration::from_secs(60);
    let written = h
        .db()
        .write(&TenantScope::local(), deadline, Vec::new(), unit)
        .await;
    written.unwrap().answer
}

/// Says whether a statement is one that has a plan.
fn is_ours(sql: &str) -> bool {
    let begins = ["select", "insert", "update", "delete", "with"];
    begins.iter().any(|word| sql.starts_with(word))
}

fn plan_of_sqlite(sql: &str) -> Query<Vec<String>> {
    explain("explain query plan ", sql).texts("detail")
}

fn explain(how: &'static str, sql: &str) -> Sql {
    let sql = Part::text(String::leak(sql.to_owned()));
    global!(":{how} :{sql}", how, sql)
}

/// Plans on a connection of its own what a connection of the pool keeps: there, the driver lets go of statements as
/// others come.
async fn of_connection(h: &Harness) -> Vec<(String, String)> {
    let kept = global!(
        "select statement, cast(parameter_types as text) as types from pg_prepared_statements"
    )
    .rows(["statement", "types"], |row, [statement, types]| {
        Ok((row.text(statement)?, row.text(types)?))
    });
    let kept = h.db().fetch(&TenantScope::local(), kept).await.unwrap();
    let DatabaseUrl::Postgres(url) = h.url() else {
        return Vec::new();
    };
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let settings = "set enable_seqscan = off; set plan_cache_mode = force_generic_plan";
    connection.execute(settings).await.unwrap();
    let mut all = Vec::new();
    for (sql, types) in kept.into_iter().filter(|(sql, _)| is_ours(sql)) {
        let types = types.trim_matches(['{', '}']).replace('"', "");
        let plan = plan_of_postgres(&mut connection, &sql, &types).await;
        all.push((sql, plan));
    }
    connection.close().await.unwrap();
    all
}

async fn plan_of_postgres(connection: &mut PgConnection, sql: &str, types: &str) -> String {
    let n = types.split(',').filter(|name| !name.is_empty()).count();
    let in_parentheses = |list: String| match n {
        0 => String::new(),
        _ => format!("({list})"),
    };
    let (types, values) = (
        in_parentheses(types.to_owned()),
        in_parentheses(vec!["null"; n].join(", ")),
    );
    let prepare = format!("prepare planned{types} as {sql}");
    connection.execute(AssertSqlSafe(prepare)).await.unwrap();
    let explain = format!("explain (costs off) execute planned{values}");
    let plan = connection.fetch_all(AssertSqlSafe(explain)).await.unwrap();
    connection.execute("deallocate planned").await.unwrap();
    let lines: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
    lines.join("\n")
}
