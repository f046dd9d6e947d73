//! The cases of aip-go, luci-go and blocky-aip: what they read, this parser reads the same, but for a written list.

use std::collections::BTreeMap;

use clientele::filter::grammar::{Comparable, Node, OPERATORS, parse};
use serde_json::{Value, json};

use super::data;

/// Where this language decides otherwise, and why.
const OTHERWISE: &[(&str, &str)] = &[
    ("s138", "arrays are an extension of blocky-aip"),
    ("s139", "structs are an extension of blocky-aip"),
    ("s140", "arrays and structs are extensions of blocky-aip"),
    ("s141", "structs are an extension of blocky-aip"),
    ("s142", "structs are an extension of blocky-aip"),
    (
        "s145",
        "a path does not begin with a keyword: `NOT.IN` is a slip, and the EBNF has no such value",
    ),
    (
        "s146",
        "a keyword is no value: AND after NOT is a slip, and the EBNF has no such value",
    ),
    (
        "s027",
        "white space is AND, as the AIP says of exact matching; aip-go declares no such function",
    ),
    (
        "s028",
        "white space is AND, as the AIP says of exact matching; aip-go declares no such function",
    ),
    (
        "s030",
        "white space is AND, as the AIP says of exact matching; aip-go declares no such function",
    ),
    (
        "s032",
        "a field is compared with a value, not with another field",
    ),
    (
        "s041",
        "there are no functions but now() and ago(), after a comparison",
    ),
    (
        "s042",
        "there are no functions but now() and ago(), after a comparison",
    ),
    ("s043", "the time is now(), not time.now()"),
    ("s045", "a span is written by itself, without a function"),
    ("s046", "a span is written by itself, without a function"),
    ("s047", "a time is written by itself, without a function"),
    (
        "s092",
        "`:` on a number is `=`, as the AIP says of `m.foo:42`",
    ),
    (
        "s095",
        "`:` on an enum is `=`, as the AIP says of `m.foo:42`",
    ),
    (
        "s094",
        "the first value of an enum can be asked for: it finds what is not set",
    ),
    (
        "s107",
        "an element of a list is asked for with `:`, as the AIP has it",
    ),
    ("s102", "`labels:\"k\"` asks for a key, as the AIP has it"),
    (
        "s117",
        "an attribute can hold a text, and is then compared with one",
    ),
    ("s115", "a span may stand in quotes"),
];

struct Case {
    id: String,
    filter: String,
    level: String,
    valid: bool,
    ast: Value,
    declarations: BTreeMap<String, String>,
}

fn cases() -> Option<Vec<Case>> {
    let text = data("aip160_filters/cases.jsonl")?;
    let case = |line: &str| {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| case[key].as_str().map(str::to_owned);
        Some(Case {
            id: text("id")?,
            // One that is not UTF-8 cannot be sent at all.
            filter: text("filter")?,
            level: text("level")?,
            valid: case["valid"].as_bool()?,
            ast: case["ast"].clone(),
            declarations: serde_json::from_value(case["declarations"].clone()).unwrap_or_default(),
        })
    };
    Some(text.lines().filter_map(case).collect())
}

fn is_otherwise(id: &str) -> bool {
    OTHERWISE.iter().any(|(known, _)| *known == id)
}

#[test]
fn what_others_parse_is_parsed_the_same() {
    let Some(cases) = cases() else { return };
    let (mut n_cases, mut n_trees) = (0, 0);
    for case in cases.iter().filter(|case| case.level == "parse") {
        n_cases += 1;
        let parsed = parse(&case.filter);
        let accepted = parsed.is_ok();
        assert_eq!(
            accepted,
            case.valid && !is_otherwise(&case.id),
            "{} {:?}: {parsed:?}",
            case.id,
            case.filter
        );
        if let (Ok(Some(node)), false) = (parsed, case.ast.is_null()) {
            n_trees += 1;
            assert_eq!(
                flat(expression(&node)),
                flat(case.ast.clone()),
                "{} {:?}",
                case.id,
                case.filter
            );
        }
    }
    let n_otherwise = cases
        .iter()
        .filter(|case| case.level == "parse" && is_otherwise(&case.id))
        .count();
    println!(
        "{n_cases} cases of other parsers, {n_trees} of them with a tree; {n_otherwise} decided otherwise"
    );
    assert!(
        n_cases >= 70 && n_trees >= 45,
        "{n_cases} cases and {n_trees} trees are too few"
    );
}

/// Writes a tree as the cases do; they tell a sequence from AND, which here means the same.
fn expression(node: &Node) -> Value {
    let list = |name: &str, nodes: &[Node]| {
        let mut list = vec![json!(name)];
        list.extend(nodes.iter().map(expression));
        Value::Array(list)
    };
    match node {
        Node::And { nodes, .. } => list("and", nodes),
        Node::Or(nodes) => list("or", nodes),
        Node::Not(node) => json!(["not", expression(node)]),
        Node::Literal(value) => comparable(value),
        Node::Restriction {
            subject,
            operator,
            argument,
        } => {
            let symbol = OPERATORS
                .iter()
                .find(|(_, known)| known == operator)
                .unwrap()
                .0;
            json!([symbol, comparable(subject), comparable(argument)])
        }
    }
}

fn comparable(value: &Comparable) -> Value {
    match value {
        Comparable::Call { name, arguments } => {
            let name: Vec<&str> = name.iter().map(|part| part.text.as_str()).collect();
            if let ("duration", [Comparable::Member(argument)]) =
                (name.join(".").as_str(), &arguments[..])
            {
                return json!(["duration", argument[0].text]);
            }
            let mut list = vec![json!("call"), json!(name.join("."))];
            list.extend(arguments.iter().map(comparable));
            Value::Array(list)
        }
        Comparable::Member(parts) => {
            let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
            let is_quoted = parts.iter().any(|part| part.quoted);
            if !is_quoted && texts.join(".").parse::<f64>().is_ok() {
                return json!(["num", texts.join(".")]);
            }
            let first = json!([if parts[0].quoted { "str" } else { "text" }, texts[0]]);
            texts[1..]
                .iter()
                .fold(first, |value, name| json!(["member", value, name]))
        }
    }
}

/// Brings an AND of ANDs into one, and a sequence is an AND.
fn flat(value: Value) -> Value {
    let Value::Array(list) = value else {
        return value;
    };
    let list: Vec<Value> = list.into_iter().map(flat).collect();
    if list[0] != "and" && list[0] != "seq" {
        return Value::Array(list);
    }
    let rest = list.into_iter().skip(1).flat_map(|value| match value {
        Value::Array(inner) if inner[0] == "and" => inner.into_iter().skip(1).collect(),
        value => vec![value],
    });
    Value::Array(std::iter::once(json!("and")).chain(rest).collect())
}

/// The field of a conversation that stands for a declared one; `None` when no kind of field is like it.
fn field_like(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "string" => "subject",
        "bool" => "broadcast",
        "int" | "int64" | "float" => "attributes.number",
        "timestamp" => "start_time",
        "duration" | "duration(ns)" => "duration",
        "map<string,string>" => "labels",
        "repeated string" => "topics",
        _ if kind.starts_with("enum{") => "state",
        _ => return None,
    })
}

/// The value of an enum of ours that stands for one of theirs.
const VALUES: [(&str, &str); 6] = [
    ("ENUM_ONE", "HELD"),
    ("ENUM_TWO", "PLANNED"),
    ("CANCELLED", "CANCELLED"),
    ("MYSTATUS_UNSPECIFIED", "STATE_UNSPECIFIED"),
    ("ACTIVE", "HELD"),
    ("INACTIVE", "PLANNED"),
];

#[test]
fn what_others_check_is_checked_the_same() {
    let Some(cases) = cases() else { return };
    let conversation = clientele::descriptors::message("clientele.v1.Conversation");
    let mut n_cases = 0;
    for case in cases
        .iter()
        .filter(|case| case.level != "parse" && !case.declarations.is_empty())
    {
        let fields: Option<Vec<(&str, &str)>> = case
            .declarations
            .iter()
            .filter(|(name, _)| !name.ends_with("()"))
            .map(|(name, kind)| Some((name.as_str(), field_like(kind)?)))
            .collect();
        let Some(fields) = fields.filter(|_| !case.filter.starts_with("sakv")) else {
            continue;
        };
        let filter = renamed(&case.filter, &fields);
        n_cases += 1;
        let accepted = clientele::filter::read(&filter, &conversation);
        let expected = case.valid != is_otherwise(&case.id);
        assert_eq!(
            accepted.is_ok(),
            expected,
            "{} {:?} as {filter:?}: {accepted:?}",
            case.id,
            case.filter
        );
    }
    println!("{n_cases} cases of other checkers");
    assert!(n_cases >= 50, "{n_cases} cases are too few");
}

/// Puts our fields and values in the place of theirs, word by word and outside of quotes.
fn renamed(filter: &str, fields: &[(&str, &str)]) -> String {
    let mut renamed = String::new();
    for (i, part) in filter.split('"').enumerate() {
        renamed.push_str(if i > 0 { "\"" } else { "" });
        if i % 2 == 1 {
            renamed.push_str(part);
            continue;
        }
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let mut rest = part;
        while let Some(c) = rest.chars().next() {
            let end = if is_word(c) {
                rest.find(|c| !is_word(c)).unwrap_or(rest.len())
            } else {
                c.len_utf8()
            };
            let word = &rest[..end];
            let known = fields
                .iter()
                .chain(&VALUES)
                .find(|(theirs, _)| *theirs == word);
            renamed.push_str(known.map_or(word, |(_, ours)| ours));
            rest = &rest[end..];
        }
    }
    renamed
}
