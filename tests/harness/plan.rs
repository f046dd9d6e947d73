//! The plans of statements: which index serves them, and that none reads another tenant's rows.

use std::time::{Duration, Instant};

use clientele::store::engine::lane::Cost;
use clientele::store::engine::tx::Tx;
use clientele::store::scope::TenantScope;
use clientele::store::sql::query::Query;
use clientele::store::sql::statement::{Sql, global, part};

use super::Harness;
use super::engine::Engine;

/// Returns the plan of a statement, a line for each step.
pub async fn plan(h: &Harness, statement: impl Into<Sql>) -> Vec<String> {
    let explained = explained(h.engine, statement.into());
    // One transaction, so that the setting holds for the plan and for nothing after it.
    let snapshot = h
        .db()
        .snapshot(&TenantScope::local(), Cost::Cheap)
        .await
        .unwrap();
    snapshot.finish(explained).await.unwrap().1
}

/// Returns the plan of a statement that writes.
pub async fn plan_of_write(h: &Harness, statement: impl Into<Sql>) -> Vec<String> {
    let explained = explained(h.engine, statement.into());
    let unit = move |mut tx: Tx| async move {
        let (_, plan) = tx.run(explained).await?;
        Ok((tx, plan))
    };
    let deadline = Instant::now() + Duration::from_secs(60);
    h.db()
        .write(&TenantScope::local(), deadline, Vec::new(), unit)
        .await
        .unwrap()
        .answer
}

/// The setting that a plan is asked under, and the plan.
type Explained = (Option<Query<()>>, Query<Vec<String>>);

fn explained(engine: Engine, statement: Sql) -> Explained {
    match engine {
        Engine::Sqlite => {
            let plan = statement
                .within(|statement| part!("explain query plan :{statement}", statement))
                .texts("detail");
            (None, plan)
        }
        Engine::Postgres => {
            // The tables are small, and of a small table the planner reads all.
            let setting = global!("select set_config('enable_seqscan', 'off', true)").done();
            let plan = statement
                .within(|statement| part!("explain (costs off) :{statement}", statement))
                .texts("QUERY PLAN");
            (Some(setting), plan)
        }
    }
}

/// Asserts that every step that reads a table does so along an index from the tenant on.
pub fn is_within_tenant(engine: Engine, asked: &str, plan: &[String]) {
    for (i, step) in plan.iter().enumerate() {
        let is_ours = match engine {
            Engine::Sqlite if step.starts_with("SCAN") => {
                step.contains("VIRTUAL TABLE")
                    || step.contains("CONSTANT ROW")
                    || is_derived(step, plan)
            }
            Engine::Sqlite if step.starts_with("SEARCH tenants") => step.contains("(id=?)"),
            Engine::Sqlite if step.starts_with("SEARCH") => step.contains("(tenant_id=?"),
            Engine::Sqlite => true,
            Engine::Postgres if step.contains("Seq Scan") => false,
            Engine::Postgres if step.contains("Index Scan") || step.contains("Index Only Scan") => {
                let own = if step.contains(" on tenants") {
                    "(id = "
                } else {
                    "tenant_id"
                };
                plan[i + 1..]
                    .iter()
                    .take(2)
                    .any(|next| next.contains("Index Cond: (") && next.contains(own))
            }
            Engine::Postgres => true,
        };
        assert!(is_ours, "{asked}: {step}\n{}", plan.join("\n"));
    }
}

/// Asserts that no step reads a table further than along an index from the tenant and at least one more column on.
pub fn seeks(engine: Engine, asked: &str, plan: &[String]) {
    let rows = |step: &&String| match engine {
        Engine::Sqlite => step.starts_with("SEARCH"),
        Engine::Postgres => step.contains("Index Cond: ("),
    };
    for step in plan.iter().filter(rows) {
        let is_seek = match engine {
            Engine::Sqlite => step.contains("(tenant_id=? AND ") || step.contains("SEARCH tenants"),
            Engine::Postgres => {
                step.contains("tenant_id") && step.contains(" AND ") || step.contains("(id = ")
            }
        };
        assert!(is_seek, "{asked}: {step}\n{}", plan.join("\n"));
    }
    let scans = |step: &&String| match engine {
        Engine::Sqlite => {
            step.starts_with("SCAN")
                && !step.contains("VIRTUAL TABLE")
                && !step.contains("CONSTANT ROW")
                && !is_derived(step, plan)
        }
        Engine::Postgres => step.contains("Seq Scan"),
    };
    assert_eq!(
        plan.iter().find(scans),
        None,
        "{asked}\n{}",
        plan.join("\n")
    );
}

/// Says whether what SQLite scans is the outcome of another step.
fn is_derived(step: &str, plan: &[String]) -> bool {
    let name = step
        .trim_start_matches("SCAN ")
        .trim_end_matches(" LEFT-JOIN");
    ["CO-ROUTINE", "MATERIALIZE"]
        .iter()
        .any(|made| plan.contains(&format!("{made} {name}")))
}
