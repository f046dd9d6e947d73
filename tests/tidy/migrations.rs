//! The rules of the schema: both engines alike, tenants first, numbers without gaps.

use super::*;

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
