//! The files for operators in `ops/`: each name in them exists, and each setting is in the sample.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::{admin, alone, start, text, write};

fn file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ops").join(name)).unwrap()
}

/// Returns the names of metrics in a text.
fn names_in(text: &str) -> BTreeSet<String> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split(|c| !word(c))
        .filter(|name| name.starts_with("clientele_") || name.starts_with("process_"))
        .map(str::to_owned)
        .collect()
}

/// Returns the names that the server has, those of histograms with their parts.
fn known_names() -> BTreeSet<String> {
    let server = start(TempDir::new().unwrap(), &["--admin-listen", "127.0.0.1:0"]);
    let page = admin::get(&server, "/metrics");
    let types = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    types
        .flat_map(|line| match line.split_once(' ').unwrap() {
            (name, "histogram") => ["_bucket", "_sum", "_count"]
                .map(|part| format!("{name}{part}"))
                .to_vec(),
            (name, _) => vec![name.to_owned()],
        })
        .collect()
}

#[test]
fn dashboard_and_alerts_ask_for_what_there_is() {
    let known = known_names();
    let dashboard = file("grafana-dashboard.json");
    let parsed: serde_json::Value = serde_json::from_str(&dashboard).unwrap();
    let panels = parsed["panels"].as_array().unwrap();
    assert!(panels.len() >= 10, "{}", panels.len());
    for (name, text) in [("dashboard", dashboard), ("alerts", file("alerts.yml"))] {
        let asked = names_in(&text);
        assert!(asked.len() >= 8, "{name}: {asked:?}");
        let unknown: Vec<_> = asked.difference(&known).collect();
        assert!(unknown.is_empty(), "{name} asks for {unknown:?}");
    }
}

/// Returns the settings in the sample: (name, value, whether it is commented out).
fn sample() -> Vec<(String, String, bool)> {
    let sample = file("clientele.toml");
    let lines = sample.lines().filter_map(|line| {
        let (setting, is_comment) = match line.strip_prefix('#') {
            Some(rest) => (rest, true),
            None => (line, false),
        };
        let (name, value) = setting.split_once(" = ")?;
        let is_name = name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        is_name.then(|| (name.to_owned(), value.to_owned(), is_comment))
    });
    lines.collect()
}

#[test]
fn the_sample_has_every_setting_with_its_default() {
    let help = alone(&["serve", "--help"]).ok();
    let options: BTreeSet<String> = help
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("--"))
        .map(|line| line.split([' ', '.']).next().unwrap().to_owned())
        .filter(|name| !["config", "help", "demo"].contains(&name.as_str()))
        .collect();
    let sample = sample();
    let named: BTreeSet<String> = sample.iter().map(|(name, ..)| name.clone()).collect();
    assert_eq!(named, options);
    // A default that help shows is the one in the sample.
    let mut option = "";
    for line in help.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("--") {
            option = name.split(' ').next().unwrap();
        }
        let default = line
            .split("[default: ")
            .nth(1)
            .and_then(|rest| rest.split(']').next());
        if let Some(default) = default {
            let (_, value, _) = sample.iter().find(|(name, ..)| name == option).unwrap();
            assert_eq!(value.trim_matches('"'), default, "{option}");
        }
    }
}

/// As it is, and with all that it says.
#[test]
fn the_sample_is_read() {
    let folder = TempDir::new().unwrap();
    let as_it_is = write(&folder, "clientele.toml", &file("clientele.toml"));
    let server = start(folder, &["--config", text(&as_it_is)]);
    assert!(
        server.greeting.contains("admin  http://127.0.0.1:"),
        "{}",
        server.greeting
    );
    drop(server);

    // That file is read where it is named.
    let named_elsewhere = "issuers-file";
    let all: String = sample()
        .iter()
        .filter(|(name, ..)| name != named_elsewhere)
        .map(|(name, value, _)| format!("{name} = {value}\n"))
        .collect();
    let folder = TempDir::new().unwrap();
    let file = write(&folder, "clientele.toml", &all);
    let why = alone(&["serve", "--config", text(&file)]).wrong_setting();
    // Every value was understood: what is wrong is that some exclude each other.
    assert!(why.contains("exclude each other"), "{why}");
}
