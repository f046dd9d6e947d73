//! The rules of the schema: both engines alike, tenants first, numbers without gaps.

use clientele::store::engine::tenants::TABLES;

use super::*;

/// The last migration before the rules of [`migrations_only_add`]: from then on, servers of the version before run beside
/// it, and after it.
const FREE: usize = 23;

#[test]
fn keys_of_tables_begin_with_the_tenant() {
    let fix = "begin with tenant_id, so that a tenant is one shard and none sees another's key";
    let mut findings = Vec::new();
    for engine in ["sqlite", "postgres"] {
        for table in tables(engine)
            .iter()
            .filter(|table| !GLOBAL_TABLES.contains(&table.name.as_str()))
        {
            if table
                .primary_key
                .first()
                .is_none_or(|column| column != "tenant_id")
            {
                findings.push(format!(
                    "{}: primary key of {}: {fix}",
                    table.path, table.name
                ));
            }
        }
        for index in unique_indexes(engine)
            .iter()
            .filter(|index| index.first_column != "tenant_id")
        {
            findings.push(format!(
                "{}: unique index on {}: {fix}",
                index.path, index.table
            ));
        }
    }
    report(&findings);
}

#[test]
fn both_engines_have_the_same_schema() {
    assert_eq!(
        migrations("sqlite"),
        migrations("postgres"),
        "the same migrations, by number and name, on both engines"
    );
    let shape = |engine: &str| -> Vec<_> {
        let tables = tables(engine).into_iter();
        tables
            .map(|table| (table.name, table.columns, table.primary_key))
            .collect()
    };
    assert_eq!(
        shape("sqlite").len(),
        shape("postgres").len(),
        "the same tables on both engines"
    );
    for (sqlite, postgres) in shape("sqlite").into_iter().zip(shape("postgres")) {
        assert_eq!(
            sqlite, postgres,
            "the same tables, columns and keys in the same order on both engines"
        );
    }
}

#[test]
fn migrations_are_numbered_without_gaps_and_embedded() {
    let (_, list) = read(&source::root().join("src/store/engine/migrate.rs"));
    for (i, file) in migrations("sqlite").iter().enumerate() {
        assert!(
            file.starts_with(&format!("{:04}_", i + 1)),
            "{file}: number migrations without gaps"
        );
        let entry = format!("({}, \"{}\")", i + 1, file.trim_end_matches(".sql"));
        assert!(
            list.contains(&entry),
            "{file}: add {entry} to MIGRATIONS in src/store/engine/migrate.rs"
        );
    }
}

#[test]
fn text_columns_compare_bytewise_on_both_engines() {
    let mut findings = Vec::new();
    for table in tables("postgres") {
        for column in table
            .definitions
            .iter()
            .filter(|column| has_word(column, "text"))
        {
            if !column.contains("collate \"c\"") {
                findings.push(format!(
                    "{}: {}: `{column}`: add collate \"C\"",
                    table.path, table.name
                ));
            }
        }
    }
    report(&findings);
}

#[test]
fn a_deleted_tenant_leaves_nothing_in_any_table() {
    let mut expected = Vec::new();
    for mut table in tables("sqlite") {
        if table.columns.iter().any(|column| column == "tenant_id") {
            table.primary_key.retain(|column| column != "tenant_id");
            expected.push((table.name, table.primary_key.join(", ")));
        }
    }
    expected.sort();
    let mut listed = TABLES.map(|(table, key)| (table.to_owned(), key.to_owned()));
    listed.sort();
    assert_eq!(
        listed.to_vec(),
        expected,
        "list each table with its key in TABLES of src/store/engine/tenants.rs"
    );
}

/// Says what is wrong with a statement of a migration beside which servers of the version before run; nothing if it only
/// adds what they do not see.
fn not_adding(statement: &str, made_here: &[String]) -> Option<&'static str> {
    let words: Vec<&str> = statement.split_whitespace().collect();
    match words[..] {
        ["create", "table", ..] => None,
        ["alter", "table", _, "add", "column", ..] => {
            let (is_set, has_default) = (statement.contains("not null"), statement.contains("default"));
            (is_set && !has_default)
                .then_some("they write rows without the column: let it be null, or give it a default")
        }
        ["create", "index", _, "on", table, ..] | ["create", "unique", "index", _, "on", table, ..] => {
            (!made_here.iter().any(|made| made == table)).then_some(
                "their writes wait while an index on a table that they use is made: make it concurrently, outside a transaction",
            )
        }
        ["insert", "into", table, ..] if made_here.iter().any(|made| made == table) => None,
        _ => Some("they do not expect it: add in this version, take away in a later one"),
    }
}

#[test]
fn migrations_only_add() {
    let all = statements("postgres");
    let mut findings = Vec::new();
    for file in &migrations("postgres")[FREE..] {
        let here: Vec<&(String, String)> = all
            .iter()
            .filter(|(path, _)| path.ends_with(file))
            .collect();
        let made = here.iter().filter_map(|(_, statement)| {
            let rest = statement.strip_prefix("create table ")?;
            Some(rest.split([' ', '(']).next()?.to_owned())
        });
        let made: Vec<String> = made.collect();
        findings.extend(here.iter().filter_map(|(path, statement)| {
            let fix = not_adding(statement, &made)?;
            let first_line = statement.lines().next()?;
            Some(format!(
                "{path}: `{first_line}`: servers of the version before run beside it; {fix}"
            ))
        }));
    }
    report(&findings);
}

#[test]
fn what_takes_away_is_noticed() {
    for statement in [
        "drop table notes",
        "alter table notes rename column a to b",
        "alter table notes add column a text not null",
        "alter table notes drop column a",
        "create index notes_by_a on notes (tenant_id, a)",
        "update notes set a = b",
        "insert into notes values (1)",
    ] {
        assert!(
            not_adding(statement, &["other".to_owned()]).is_some(),
            "{statement}"
        );
    }
    for statement in [
        "create table other (tenant_id text not null)",
        "create index other_by_a on other (tenant_id, a)",
        "alter table notes add column a bigint",
        "alter table notes add column a text not null default ''",
    ] {
        assert_eq!(
            not_adding(statement, &["other".to_owned()]),
            None,
            "{statement}"
        );
    }
}
