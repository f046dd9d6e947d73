//! How messages are built: the order of their fields, what only answers have, and the file they are in.

use std::collections::BTreeSet;

use prost_reflect::{Kind, MessageDescriptor, Value};

use super::reflect::{enums, extension, messages, methods};
use super::report;

/// Returns the names of messages that are reached from these.
fn reached(from: impl Iterator<Item = MessageDescriptor>) -> BTreeSet<String> {
    let (mut seen, mut next) = (BTreeSet::new(), from.collect::<Vec<_>>());
    while let Some(message) = next.pop() {
        if seen.insert(message.full_name().to_owned()) {
            let inner = message.fields().filter_map(|field| match field.kind() {
                Kind::Message(inner) => Some(inner),
                _ => None,
            });
            next.extend(inner);
        }
    }
    seen
}

#[test]
fn what_only_answers_have_is_output_only() {
    let asked = reached(methods().iter().map(|method| method.input()));
    let answered = reached(methods().iter().map(|method| method.output()));
    let only_answered = messages().into_iter().filter(|message| {
        answered.contains(message.full_name()) && !asked.contains(message.full_name())
    });
    let only_answered: Vec<_> = only_answered.collect();
    assert!(
        only_answered.len() > 40,
        "the rule no longer sees the messages"
    );
    let mut findings = Vec::new();
    for field in only_answered.iter().flat_map(|message| message.fields()) {
        let behaviors = extension(&field.options(), "google.api.field_behavior");
        let is_output =
            behaviors.as_ref().and_then(Value::as_list) == Some(&[Value::EnumNumber(3)]);
        if !is_output {
            findings.push(format!("{}: is OUTPUT_ONLY", field.full_name()));
        }
    }
    report(&findings);
}

#[test]
fn fields_are_numbered_in_the_order_in_which_they_are_read() {
    let mut findings = Vec::new();
    for message in messages() {
        let numbers = message
            .descriptor_proto()
            .field
            .iter()
            .map(|field| field.number());
        if !numbers.is_sorted() {
            findings.push(message.full_name().to_owned());
        }
    }
    report(&findings);
}

#[test]
fn the_time_and_the_revision_of_an_answer_come_last() {
    let (mut findings, mut n_answers) = (Vec::new(), 0);
    for method in methods() {
        let answer = method.output();
        let fields: Vec<_> = answer
            .descriptor_proto()
            .field
            .iter()
            .map(|field| field.name())
            .collect();
        if !fields.contains(&"evaluate_time") {
            continue;
        }
        n_answers += 1;
        if !fields.ends_with(&["evaluate_time", "revision"]) {
            findings.push(answer.full_name().to_owned());
        }
    }
    assert!(n_answers > 10, "the rule no longer sees the answers");
    report(&findings);
}

#[test]
fn no_answer_only_wraps_a_message() {
    let wrappers = methods().into_iter().filter(|method| {
        let answer = method.output();
        let is_message = |kind| matches!(kind, Kind::Message(_));
        answer.fields().len() == 1
            && answer
                .fields()
                .all(|only| !only.is_list() && is_message(only.kind()))
    });
    report(
        &wrappers
            .map(|method| format!("{}: answer with what is in it", method.full_name()))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn no_two_enums_are_alike() {
    let values = |of: &prost_reflect::EnumDescriptor| -> BTreeSet<String> {
        let said = of.values().filter(|value| value.number() != 0);
        said.map(|value| value.name().to_owned()).collect()
    };
    let all = enums();
    let mut findings = Vec::new();
    for (i, one) in all.iter().enumerate() {
        for other in &all[..i] {
            if values(one).intersection(&values(other)).count() >= 3 {
                findings.push(format!("{} and {}", other.full_name(), one.full_name()));
            }
        }
    }
    report(&findings);
}

fn camel(name: &str) -> String {
    let words = name
        .split('_')
        .map(|word| word[..1].to_uppercase() + &word[1..]);
    words.collect()
}

/// A message is found in the file of its own name, or in that of what it is a part of.
#[test]
fn a_message_is_in_a_file_that_is_named_for_it_or_has_its_use() {
    // Shared by all resources; and details of errors, which no message holds.
    const SHARED: [&str; 2] = [
        "clientele/v1/common.proto",
        "clientele/v1/error_details.proto",
    ];
    let mut findings = Vec::new();
    for message in messages() {
        let file = message.parent_file();
        let stem = file.name().rsplit('/').next().unwrap_or_default();
        let stem = stem.strip_suffix(".proto").unwrap_or_default();
        let is_named_for_it = message
            .name()
            .starts_with(&camel(stem.trim_end_matches("_service")));
        let uses = file
            .messages()
            .flat_map(|other| other.fields().collect::<Vec<_>>());
        let is_used = uses
            .into_iter()
            .any(|field| matches!(field.kind(), Kind::Message(of) if of == message));
        let is_of_method = ["Request", "Response"]
            .iter()
            .any(|end| message.name().ends_with(end));
        let is_nested = message.parent_message().is_some();
        if !(is_named_for_it
            || is_used
            || is_of_method
            || is_nested
            || SHARED.contains(&file.name()))
        {
            findings.push(format!("{} is in {}", message.full_name(), file.name()));
        }
    }
    report(&findings);
}
