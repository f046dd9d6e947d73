//! The HTTP rules: those that people would guess, and no GET that would need a message in its query.

use std::collections::BTreeMap;

use clientele::server::deadline::Cap;
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor};

use super::reflect::{Rule, extension, http_rule, http_rules, methods};
use super::{cap_of, is_of_history, report, resources, verb_and_noun};

fn lower_first(name: &str) -> String {
    let mut name = name.to_owned();
    name[..1].make_ascii_lowercase();
    name
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

/// Says whether a method asks about one customer or contact by a key.
fn is_asked_by_key(method: &MethodDescriptor) -> bool {
    let asks = |field: &FieldDescriptor| {
        let name = field.name();
        !field.is_list() && is_message(field) && ["customer", "contact"].contains(&name)
    };
    let verb = verb_and_noun(method).0;
    ["Get", "List"].contains(&verb.as_str()) && method.input().fields().any(|field| asks(&field))
}

/// Returns the verb of our own at the end of a path: the name of the method without the resource that the path names.
fn own_verb(method: &MethodDescriptor, path: &str) -> String {
    let rest = path.strip_prefix("/v1/").unwrap_or_default();
    let rest = rest.split_once('=').map_or(rest, |(_, after)| after);
    let plural = rest.split(['/', ':']).next().unwrap_or_default();
    let singular = plural.strip_suffix('s').unwrap_or(plural);
    let mut name = method.name().to_owned();
    for word in [plural, singular]
        .into_iter()
        .filter(|word| !word.is_empty())
    {
        let word = word[..1].to_uppercase() + &word[1..];
        name = name.replacen(&word, "", 1);
    }
    lower_first(&name)
}

/// Returns what is wrong with the main HTTP rule of a method, if anything.
fn fault_of_rule(method: &MethodDescriptor, rule: &Rule) -> Option<&'static str> {
    let (verb, noun) = verb_and_noun(method);
    let suffix = rule.path.rsplit_once(':').map(|(_, suffix)| suffix);
    // What a create makes along with the resource is in the body, too.
    let makes_more = method
        .input()
        .fields()
        .any(|field| field.is_list() && is_message(&field));
    let asked = |noun: &str| lower_first(noun.strip_prefix("Customer").unwrap_or(noun));
    let (http_verb, body, want_suffix) = match verb.as_str() {
        "Create" if makes_more => ("post", "*".to_owned(), None),
        "Get" | "List" if is_of_history(method) => {
            ("get", String::new(), Some(lower_first(method.name())))
        }
        "Get" | "List" if is_asked_by_key(method) => ("get", String::new(), Some(asked(&noun))),
        // Keys are messages, and a list of those has no place in a path.
        "BatchGet" if makes_more => ("post", "*".to_owned(), Some(lower_first(method.name()))),
        "Create" => ("post", snake(&noun), None),
        "Update" => ("patch", snake(&noun), None),
        "Get" | "List" => ("get", String::new(), None),
        "Delete" => ("delete", String::new(), None),
        "BatchGet" => ("get", String::new(), Some("batchGet".to_owned())),
        "Undelete" => ("post", "*".to_owned(), Some("undelete".to_owned())),
        "Count" | "Describe" => ("get", String::new(), Some(own_verb(method, &rule.path))),
        _ => ("post", "*".to_owned(), Some(own_verb(method, &rule.path))),
    };
    match () {
        () if rule.verb != http_verb => Some("has another HTTP verb than its name says"),
        () if !rule.path.starts_with("/v1/") && rule.path != "/v1:lookUp" => {
            Some("has a path outside /v1/")
        }
        () if rule.body != body => Some("has another body than its verb asks for"),
        () if suffix != want_suffix.as_deref() => {
            Some("has another :verb in its path than its name says")
        }
        () => None,
    }
}

/// The server takes one message in a request (`src/server/request_body.rs`).
#[test]
fn no_method_takes_a_stream() {
    let methods = methods();
    let streaming = methods.iter().filter(|method| method.is_client_streaming());
    report(
        &streaming
            .map(|method| method.full_name().to_owned())
            .collect::<Vec<_>>(),
    );
}

#[test]
fn every_method_has_the_http_rule_its_name_promises() {
    let mut findings = Vec::new();
    for method in methods()
        .iter()
        .filter(|method| !(method.is_client_streaming() && method.is_server_streaming()))
    {
        let fault = match http_rule(method) {
            None => Some("has no HTTP rule"),
            Some(rule) => fault_of_rule(method, &rule),
        };
        findings.extend(fault.map(|fault| format!("{} {fault}", method.full_name())));
    }
    report(&findings);
}

#[test]
fn what_is_asked_by_key_can_be_posted_with_any_key() {
    let mut findings = Vec::new();
    let asked: Vec<_> = methods().into_iter().filter(is_asked_by_key).collect();
    assert!(asked.len() >= 4, "the rule no longer sees the methods");
    for method in asked {
        let posts = http_rules(&method).into_iter().skip(1);
        let posts: Vec<_> = posts.filter(|rule| rule.verb == "post").collect();
        let suffix = format!(":{}", lower_first(method.name()));
        let is_right = |rule: &Rule| rule.body == "*" && rule.path.ends_with(&suffix);
        if posts.is_empty() || !posts.iter().all(is_right) {
            findings.push(format!("{}: add a POST {suffix}", method.full_name()));
        }
    }
    report(&findings);
}

/// Says whether a field holds a message that is not written as one text, and so has no place in a query.
fn is_message(field: &FieldDescriptor) -> bool {
    let as_text = ["FieldMask", "Timestamp", "Duration"];
    matches!(field.kind(), Kind::Message(of) if !as_text.contains(&of.name()))
}

#[test]
fn no_get_needs_a_message_in_its_query() {
    let mut findings = Vec::new();
    for method in methods() {
        for rule in http_rules(&method).iter().filter(|rule| rule.verb == "get") {
            let is_bound =
                |field: &FieldDescriptor| rule.path.contains(&format!("{{{}.", field.name()));
            let in_query = method.input().fields().filter(is_message).find(|field| {
                let others = field.containing_oneof();
                let is_other = others.is_some_and(|oneof| oneof.fields().any(|one| is_bound(&one)));
                !is_bound(field) && !is_other
            });
            findings.extend(in_query.map(|field| {
                format!(
                    "{}: {} is no text: bind it in the path",
                    rule.path,
                    field.name()
                )
            }));
        }
    }
    report(&findings);
}

#[test]
fn what_is_read_by_http_get_has_not_the_cap_of_a_write() {
    let wrong = methods().into_iter().filter(|method| {
        let is_get = http_rules(method).iter().any(|rule| rule.verb == "get");
        is_get && cap_of(method) == Some(Cap::Write)
    });
    report(
        &wrong
            .map(|of| of.full_name().to_owned())
            .collect::<Vec<_>>(),
    );
}

/// Returns the variables of a path, each with the pattern of its value.
fn variables(path: &str) -> Vec<(&str, &str)> {
    let parts = path.split('{').skip(1);
    parts
        .filter_map(|part| part.split('}').next())
        .map(|variable| variable.split_once('=').unwrap_or((variable, "*")))
        .collect()
}

/// Finds a text in a message by the names on the way to it.
fn has_text(message: &MessageDescriptor, way: &str) -> bool {
    let (first, rest) = way.split_once('.').unwrap_or((way, ""));
    match message.get_field_by_name(first).map(|field| field.kind()) {
        Some(Kind::String) => rest.is_empty(),
        Some(Kind::Message(inner)) => has_text(&inner, rest),
        _ => false,
    }
}

#[test]
fn every_variable_of_a_path_is_a_text_of_the_request() {
    let (mut findings, mut n_variables) = (Vec::new(), 0);
    for method in methods() {
        for rule in http_rules(&method) {
            for (name, _) in variables(&rule.path) {
                n_variables += 1;
                if !has_text(&method.input(), name) {
                    findings.push(format!(
                        "{}: {} has no {name}",
                        rule.path,
                        method.input().name()
                    ));
                }
            }
        }
    }
    assert!(n_variables > 40, "the rule no longer sees the variables");
    report(&findings);
}

#[test]
fn no_two_methods_share_a_path() {
    let (mut findings, mut taken) = (Vec::new(), BTreeMap::new());
    for method in methods() {
        for rule in http_rules(&method) {
            let mut path = rule.path.clone();
            for (name, pattern) in variables(&rule.path) {
                path = path.replace(&format!("{{{name}={pattern}}}"), pattern);
            }
            let call = format!("{} {path}", rule.verb);
            let other = taken.insert(call.clone(), method.full_name().to_owned());
            findings.extend(other.map(|other| format!("{call}: {other}, {}", method.full_name())));
        }
    }
    assert!(taken.len() > 70, "the rule no longer sees the paths");
    report(&findings);
}

#[test]
fn what_concerns_one_record_has_the_pattern_of_its_collection() {
    let (mut findings, mut n_methods) = (Vec::new(), 0);
    for method in methods() {
        let (verb, noun) = verb_and_noun(&method);
        let is_of_one = ["Get", "Update", "Delete", "Undelete"].contains(&verb.as_str());
        let resource = resources().into_iter().find(|one| one.name() == noun);
        let Some(resource) = resource.filter(|_| is_of_one) else {
            continue;
        };
        n_methods += 1;
        let options = extension(&resource.options(), "google.api.resource");
        let plural = options
            .as_ref()
            .and_then(|options| options.as_message()?.get_field_by_name("plural"))
            .and_then(|plural| plural.as_str().map(str::to_owned))
            .expect("a resource has a plural");
        let way = match verb.as_str() {
            "Update" => format!("{}.name", snake(&noun)),
            _ => "name".to_owned(),
        };
        let wanted = format!("/v1/{{{way}={plural}/*}}");
        let path = http_rule(&method).map(|rule| rule.path).unwrap_or_default();
        if path.split_once(':').map_or(path.as_str(), |(path, _)| path) != wanted {
            findings.push(format!("{}: {path}, not {wanted}", method.full_name()));
        }
    }
    assert_eq!(n_methods, 4 * resources().len(), "methods of one record");
    report(&findings);
}
