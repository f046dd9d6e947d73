//! `check`, and what `migrate` tells of a store that an earlier release left.

use serde_json::Value;
use tempfile::TempDir;

use super::{Ran, json, program};
use crate::harness::engine::{Engine, Store};
use crate::harness::in_runtime;

/// Runs a command of the operator in the folder of a store.
fn run(folder: &TempDir, command: &str) -> Ran {
    let mut program = program(folder.path());
    program.args([command, "--database-url", "sqlite://clientele.db"]);
    Ran::of(program)
}

/// Returns the folder of the store that an earlier release left.
fn golden() -> TempDir {
    match in_runtime(Store::golden(Engine::Sqlite)) {
        Store::Sqlite { folder } => folder,
        Store::Postgres { .. } => panic!("another engine"),
    }
}

#[test]
fn a_store_without_faults_passes() {
    let folder = TempDir::new().unwrap();
    run(&folder, "migrate").ok();
    let said = run(&folder, "check").ok();
    assert_eq!(said, "every external id finds its record\n");
}

#[test]
fn an_id_that_two_records_have_is_told_with_both() {
    let folder = golden();
    run(&folder, "migrate");
    let ran = run(&folder, "check");
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{}", ran.out);
    let told = ran.out.lines().find(|line| line.contains("golden-pair"));
    let cells: Vec<&str> = told.unwrap().split_whitespace().collect();
    let expected = [
        "customers/golden-pair-new",
        "crm",
        "customers/golden-pair-old",
        "default",
    ];
    assert_eq!(cells, expected, "{}", ran.out);
}

#[test]
fn migrate_tells_what_it_refiled() {
    let folder = golden();
    let ran = run(&folder, "migrate");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let records = json(include_str!("../golden/records.json"));
    let lists = records.as_object().unwrap().values();
    let n_records: usize = lists.filter_map(Value::as_array).map(Vec::len).sum();
    let (first, second) = ran.err.trim_end().split_once('\n').unwrap();
    let refiled = format!("refiled {n_records} records, ");
    assert!(first.starts_with(&refiled), "{first}");
    assert!(second.starts_with("1 external ids are those"), "{second}");
    // It is done.
    assert!(run(&folder, "migrate").ok().contains("has schema"));
}
