//! The rules of the house (ARCHITECTURE.md), held by reading the repository. Each failure says what to do.

mod migrations; // the schema of both engines
pub mod schema;
mod source;

use std::path::PathBuf;

use schema::{migrations, statements, tables, unique_indexes};
use source::{Source, files, has_word, read, rust};

/// The folders with Rust of ours.
const RUST: [&str; 3] = ["src", "tests", "bench"];
/// The modules that know nothing of the layers.
const LEAVES: [&str; 22] = [
    "access",
    "clean",
    "clock",
    "count",
    "descriptors",
    "effect_size",
    "filter",
    "fold",
    "host",
    "key_form",
    "look_up",
    "mail",
    "mask",
    "name",
    "nearest",
    "page",
    "percent",
    "phone",
    "public_mail",
    "region",
    "renames",
    "when",
];
/// What commands may know of this crate, but for those of the operator: the messages, and leaves without rules of the
/// server, so that a client and a server of different versions understand each other.
const CLIENT: [&str; 15] = [
    "cli",
    "pb",
    "google",
    "access",
    "clean",
    "clock",
    "count",
    "descriptors",
    "fold",
    "host",
    "key_form",
    "mask",
    "name",
    "renames",
    "when",
];
/// The commands of the operator, which work on a database.
const OPERATOR: &str = "src/cli/operator/";
/// The macros that make statements; they stand at the root of the crate, as exported macros do.
const MACROS: [&str; 4] = ["global", "part", "scoped", "template"];
/// The rooms of the store, each of which knows those before it.
const ROOMS: [&str; 9] = [
    "scope",
    "sql",
    "engine",
    "access",
    "record",
    "read",
    "resources",
    "write",
    "bench_floor",
];
/// The rooms of the store that may know an engine.
const KNOW_ENGINES: [&str; 3] = ["sql", "engine", "bench_floor"];
/// The tables that belong to no tenant.
const GLOBAL_TABLES: [&str; 5] = [
    "tenants",
    "api_keys",
    "secrets",
    "filing",
    "_sqlx_migrations",
];

/// Fails with one line for each finding.
fn report(findings: &[String]) {
    assert!(
        findings.is_empty(),
        "{} finding(s):\n  {}",
        findings.len(),
        findings.join("\n  ")
    );
}

fn all_rust() -> Vec<Source> {
    RUST.iter().flat_map(|folder| rust(folder)).collect()
}

/// Lists the places where a word stands in the code of files that may not have it.
fn places(word: &str, sources: &[Source], may: impl Fn(&Source) -> bool, fix: &str) -> Vec<String> {
    let offenders = sources.iter().filter(|source| !may(source));
    let place = |source: &Source, line: usize| format!("{}:{line}: `{word}`: {fix}", source.path);
    offenders
        .flat_map(|source| {
            source
                .lines_with(word)
                .into_iter()
                .map(|line| place(source, line))
        })
        .collect()
}

/// The most lines that a file and a function of it may have, as rustfmt prints them.
fn budgets(path: &str) -> (usize, usize) {
    match path {
        "src/main.rs" => (60, 60),
        _ => (500, 60),
    }
}

#[test]
fn files_and_functions_keep_their_budget() {
    let mut findings = Vec::new();
    for source in all_rust() {
        let n_lines = source.text.lines().count();
        let (most_of_file, most_of_function) = budgets(&source.path);
        if n_lines > most_of_file {
            findings.push(format!(
                "{} has {n_lines} lines of {most_of_file}: split it by resource or by verb",
                source.path
            ));
        }
        for function in source.functions() {
            let n_lines = function.last_line - function.first_line + 1;
            if n_lines > most_of_function {
                let (path, line, name) = (&source.path, function.first_line, function.name);
                findings.push(format!("{path}:{line}: {name} has {n_lines} lines of {most_of_function}: give its steps names"));
            }
        }
    }
    report(&findings);
}

#[test]
fn every_module_opens_with_its_job() {
    let sources = RUST.iter().flat_map(|folder| rust(folder));
    let silent = sources.filter(|source| !source.text.starts_with("//! "));
    let fix = "open it with `//!`: what it owns and what it does not";
    report(
        &silent
            .map(|source| format!("{}: {fix}", source.path))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn sqlx_stays_in_the_store() {
    let in_store = |source: &Source| source.path.starts_with("src/store/");
    report(&places(
        "sqlx",
        &rust("src"),
        in_store,
        "give src/store a function for it",
    ));
}

#[test]
fn engines_are_known_to_few_files() {
    let fix = "write SQL once (`Sql`): the rooms of KNOW_ENGINES alone tell the engines apart";
    let mut findings = Vec::new();
    for source in rust("src") {
        let may = source.path.starts_with(OPERATOR)
            || room(&source.path).is_some_and(|room| KNOW_ENGINES.contains(&room));
        for (i, line) in source.code.lines().enumerate().filter(|_| !may) {
            let line = line.to_lowercase();
            if line.contains("sqlite") || line.contains("postgres") {
                findings.push(format!("{}:{}: names an engine: {fix}", source.path, i + 1));
            }
        }
    }
    report(&findings);
}

#[test]
fn tonic_stays_at_the_edge() {
    let modules = ["service", "server", "cli", "telemetry", "error"];
    let fix = "speak `crate::error::Error` here and let the service turn it into a status";
    report(&places(
        "tonic",
        &rust("src"),
        |source| modules.contains(&source.module()),
        fix,
    ));
}

/// Says whether a module may name another: main -> cli -> server -> service -> profile -> membership -> store, and all of them the
/// leaves.
fn may_name(module: &str, other: &str) -> bool {
    const LAYERS: [&str; 6] = ["store", "membership", "profile", "service", "server", "cli"];
    let height = |module: &str| LAYERS.iter().position(|layer| *layer == module);
    match (height(module), height(other)) {
        _ if ["main", "lib"].contains(&module) || module == other => true,
        (Some(own), Some(height)) => own > height,
        // A leaf, an error or the log names no layer.
        (None, Some(_)) => false,
        (_, None) if other == "telemetry" => ["cli", "server"].contains(&module),
        (_, None) if MACROS.contains(&other) => module == "store",
        (_, None) => LEAVES.contains(&other) || ["error", "pb", "google"].contains(&other),
    }
}

/// Returns the modules of the crate that a line names: `a` for `crate::a::b`, `a` and `b` for `crate::{a, b}`.
fn named_modules(line: &str) -> Vec<String> {
    let paths = line
        .match_indices("crate::")
        .map(|(at, start)| &line[at + start.len()..]);
    let names = paths.flat_map(|path| match path.strip_prefix('{') {
        Some(list) => list
            .split('}')
            .next()
            .unwrap_or_default()
            .split(',')
            .collect(),
        None => vec![path],
    });
    let first_word = |path: &str| {
        path.trim()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    names
        .map(first_word)
        .filter(|name: &String| !name.is_empty())
        .collect()
}

#[test]
fn layers_name_only_what_lies_below() {
    let mut findings = Vec::new();
    for source in rust("src") {
        for (i, line) in source.code.lines().enumerate() {
            for other in named_modules(line)
                .iter()
                .filter(|other| !may_name(source.module(), other))
            {
                let (path, line, module) = (&source.path, i + 1, source.module());
                findings.push(format!(
                    "{path}:{line}: {module} may not name {other}: turn the dependency around"
                ));
            }
        }
    }
    report(&findings);
}

#[test]
fn commands_are_clients_of_the_api() {
    let mut findings = Vec::new();
    for source in rust("src/cli") {
        let may_know =
            |other: &String| source.path.starts_with(OPERATOR) || CLIENT.contains(&other.as_str());
        for (i, line) in source.code.lines().enumerate() {
            for other in named_modules(line).iter().filter(|other| !may_know(other)) {
                let (path, line) = (&source.path, i + 1);
                findings.push(format!(
                    "{path}:{line}: names {other}: ask the server, or move the command to {OPERATOR}"
                ));
            }
        }
    }
    report(&findings);
}

/// Returns the room of the store in which a file lies; none for the door, `src/store/mod.rs`.
fn room(path: &str) -> Option<&str> {
    let path = path.strip_prefix("src/store/")?;
    path.split(['/', '.']).next().filter(|room| *room != "mod")
}

#[test]
fn rooms_of_the_store_name_only_those_before_them() {
    let height = |room: &str| ROOMS.iter().position(|known| *known == room);
    let mut findings = Vec::new();
    for source in rust("src/store") {
        let Some(own) = room(&source.path) else {
            continue;
        };
        let own = height(own).unwrap_or_else(|| panic!("{}: add its room to ROOMS", source.path));
        for (i, line) in source.code.lines().enumerate() {
            for (at, start) in line.match_indices("crate::store::") {
                let word = |c: char| c.is_alphanumeric() || c == '_';
                let named: String = line[at + start.len()..]
                    .chars()
                    .take_while(|c| word(*c))
                    .collect();
                if height(&named).is_none_or(|other| other > own) {
                    let (path, line) = (&source.path, i + 1);
                    findings.push(format!(
                        "{path}:{line}: names `{named}`, which comes after it: turn the dependency around"
                    ));
                }
            }
        }
    }
    report(&findings);
}

#[test]
fn text_becomes_sql_in_one_place() {
    let sources = rust("src");
    let fix = "push static text and bind values (`Sql`)";
    let in_tx = |source: &Source| source.path == "src/store/engine/tx.rs";
    let mut findings = places("AssertSqlSafe", &sources, in_tx, fix);
    let in_migrate = |source: &Source| source.path == "src/store/engine/migrate.rs";
    findings.extend(places("SqlSafeStr", &sources, in_migrate, fix));
    report(&findings);
}

#[test]
fn sql_means_the_same_on_both_engines() {
    let banned = [
        (
            " like ",
            "LIKE folds case on SQLite and not on PostgreSQL: compare folded text with `=`",
        ),
        (
            "ilike",
            "it exists on PostgreSQL alone: compare folded text with `=`",
        ),
        ("now()", "bind the time of the unit (`tx.now()`)"),
        (
            "current_timestamp",
            "bind the time of the unit (`tx.now()`)",
        ),
        ("::", "write `cast(x as type)`"),
        (" offset ", "page by key"),
    ];
    let mut findings = Vec::new();
    let mut check = |path: &str, text: &str| {
        let text = text.to_lowercase();
        let found = banned.iter().filter(|(word, _)| text.contains(word));
        findings.extend(found.map(|(word, fix)| format!("{path}: `{}`: {fix}", word.trim())));
    };
    for source in rust("src/store") {
        source
            .literals
            .iter()
            .for_each(|(line, text)| check(&format!("{}:{line}", source.path), text));
    }
    for (path, statement) in ["sqlite", "postgres"]
        .iter()
        .flat_map(|engine| statements(engine))
    {
        check(&path, &statement);
    }
    report(&findings);
}

/// SQLite plans a statement anew for each value of a variable that stands alone after `limit`: none would ever be used
/// twice.
#[test]
fn no_statement_is_planned_for_each_limit() {
    let mut findings = Vec::new();
    for source in rust("src/store") {
        let last_word = |text: &str| {
            let text = text.trim_end().to_lowercase();
            let word = text
                .rsplit(|c: char| !c.is_alphanumeric() && c != '_')
                .next();
            word.map(str::to_owned)
        };
        let alone = source
            .literals
            .iter()
            .filter(|(_, text)| last_word(text).as_deref() == Some("limit"));
        findings.extend(alone.map(|(line, _)| {
            format!(
                "{}:{line}: bind the most rows with `Sql::limit`",
                source.path
            )
        }));
    }
    report(&findings);
}

#[test]
fn nothing_is_left_undone_or_silenced() {
    let mut findings = Vec::new();
    let everywhere = [
        ("todo!", "do it, or file an issue"),
        ("unimplemented!", "a proto file contains only what works"),
        (
            "#[ignore",
            "a test runs, or says \"not run\" with the reason",
        ),
        ("#[allow(", "use #[expect(.., reason = \"..\")]"),
        ("#![allow(", "use #![expect(.., reason = \"..\")]"),
        ("should_panic", "assert on the error itself"),
        ("unsafe", "this crate forbids it"),
    ];
    for (word, fix) in everywhere {
        findings.extend(places(word, &all_rust(), |_| false, fix));
    }
    findings.extend(places(
        ".unwrap()",
        &rust("src"),
        |_| false,
        "return the error, or `expect` with the reason",
    ));
    findings.extend(places(
        "thread::sleep",
        &rust("tests"),
        |_| false,
        "wait for the condition itself",
    ));
    report(&findings);
}

#[test]
fn no_file_knows_a_machine() {
    let homes = ["work", "root", "home"].map(|folder| format!("/{folder}/"));
    let mut findings = Vec::new();
    for folder in [
        "src",
        "tests",
        "bench",
        "scripts",
        "proto",
        "migrations",
        ".ci",
        "docs",
    ] {
        let is_text = |path: &&PathBuf| std::fs::read_to_string(path).is_ok();
        for (path, text) in files(folder, "")
            .iter()
            .filter(is_text)
            .map(|path| read(path))
        {
            let found = homes.iter().filter(|home| text.contains(home.as_str()));
            findings.extend(
                found.map(|home| format!("{path}: names {home}: take the path as an argument")),
            );
        }
    }
    report(&findings);
}
