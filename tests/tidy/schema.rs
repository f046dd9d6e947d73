//! Reading the migrations: which tables there are, with which columns and keys.

use super::source::{files, read};

/// A table as its `create table` has it.
pub struct Table {
    /// The migration it stands in.
    pub path: String,
    pub name: String,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The definitions of the columns, in lower case.
    pub definitions: Vec<String>,
    /// The columns of the primary key.
    pub primary_key: Vec<String>,
}

/// A unique index: where it stands, its table and the first of its columns.
pub struct UniqueIndex {
    pub path: String,
    pub table: String,
    pub first_column: String,
}

/// Returns the file names of an engine's migrations, in order.
pub fn migrations(engine: &str) -> Vec<String> {
    let paths = files(&format!("migrations/{engine}"), ".sql");
    paths
        .iter()
        .map(|path| {
            read(path)
                .0
                .rsplit('/')
                .next()
                .unwrap_or_default()
                .to_owned()
        })
        .collect()
}

/// Returns the statements of an engine's migrations with the path each stands in, without comments, in lower case.
pub fn statements(engine: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for path in files(&format!("migrations/{engine}"), ".sql") {
        let (path, text) = read(&path);
        let lines: Vec<&str> = text
            .lines()
            .map(|line| line.split("--").next().unwrap_or_default())
            .collect();
        let text = lines.join("\n").to_lowercase();
        let statements = text
            .split(';')
            .map(str::trim)
            .filter(|statement| !statement.is_empty());
        all.extend(statements.map(|statement| (path.clone(), statement.to_owned())));
    }
    all
}

/// Returns an engine's tables.
pub fn tables(engine: &str) -> Vec<Table> {
    let tables: Vec<Table> = statements(engine)
        .iter()
        .filter_map(|(path, statement)| table(path, statement))
        .collect();
    assert!(
        !tables.is_empty(),
        "no migration of {engine} makes a table: the rule would hold of nothing"
    );
    tables
}

fn table(path: &str, statement: &str) -> Option<Table> {
    let (name, body) = statement.strip_prefix("create table ")?.split_once('(')?;
    let body = body.rsplit_once(')')?.0;
    let mut table = Table {
        path: path.to_owned(),
        name: name.trim().to_owned(),
        columns: vec![],
        definitions: vec![],
        primary_key: vec![],
    };
    for part in top_level_parts(body) {
        if let Some(key) = part.strip_prefix("primary key") {
            table.primary_key = names_in(key);
        } else if !["unique", "check", "foreign key", "constraint"]
            .iter()
            .any(|word| part.starts_with(word))
        {
            let column = part
                .split_whitespace()
                .next()
                .unwrap_or_default()
                .trim_matches('"')
                .to_owned();
            if part.contains("primary key") {
                table.primary_key = vec![column.clone()];
            }
            table.columns.push(column);
            table.definitions.push(part);
        }
    }
    Some(table)
}

/// Returns an engine's unique indexes.
pub fn unique_indexes(engine: &str) -> Vec<UniqueIndex> {
    let parse = |(path, statement): &(String, String)| {
        let (_, on) = statement
            .strip_prefix("create unique index ")?
            .split_once(" on ")?;
        let (table, columns) = on.split_once('(')?;
        let first_column = names_in(columns).into_iter().next()?;
        Some(UniqueIndex {
            path: path.clone(),
            table: table.trim().to_owned(),
            first_column,
        })
    };
    statements(engine).iter().filter_map(parse).collect()
}

fn names_in(list: &str) -> Vec<String> {
    let inside = list
        .trim()
        .trim_start_matches('(')
        .split(')')
        .next()
        .unwrap_or_default();
    inside
        .split(',')
        .map(|name| name.trim().trim_matches('"').to_owned())
        .collect()
}

/// Splits a list at the commas that are in no parentheses.
fn top_level_parts(list: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for c in list.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().expect("there is always a part").push(c);
    }
    parts
        .iter()
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}
