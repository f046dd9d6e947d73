//! What fields are called by: times, dates, lists, truth values, and what every derived answer says of itself.

use prost_reflect::{
    Cardinality, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor, Value,
};

use super::reflect::{extension, messages, methods};
use super::{cap_of, is_of_history, is_of_tenant, report, resources, verb_and_noun};
use clientele::server::deadline::Cap;

fn is_a(field: &FieldDescriptor, message: &str) -> bool {
    matches!(field.kind(), Kind::Message(of) if of.full_name() == message)
}

#[test]
fn times_dates_and_lists_are_named_as_such() {
    let mut findings = Vec::new();
    let (mut times, mut dates) = (0, 0);
    for field in messages().iter().flat_map(MessageDescriptor::fields) {
        let name = field.name();
        let is_time = is_a(&field, "google.protobuf.Timestamp");
        if is_time && !name.ends_with("_time") {
            findings.push(format!("{}: a time ends in _time", field.full_name()));
        }
        let is_date = is_a(&field, "google.type.Date");
        if is_date && !name.ends_with("_date") {
            findings.push(format!("{}: a date ends in _date", field.full_name()));
        }
        (times, dates) = (times + usize::from(is_time), dates + usize::from(is_date));
        let is_list = field.cardinality() == Cardinality::Repeated && !field.is_map();
        if is_list
            && !["s", "data", "people"]
                .iter()
                .any(|end| name.ends_with(end))
        {
            findings.push(format!("{}: a list has a plural name", field.full_name()));
        }
        if name.starts_with("is_") {
            findings.push(format!("{}: a truth value has no is_", field.full_name()));
        }
    }
    assert!(
        times > 40 && dates > 5,
        "the rule no longer sees the fields"
    );
    report(&findings);
}

#[test]
fn a_record_asked_for_by_key_is_named_for_its_kind() {
    let fields = messages();
    let keys = fields
        .iter()
        .flat_map(MessageDescriptor::fields)
        .filter_map(|field| {
            let kind = ["Customer", "Contact"]
                .into_iter()
                .find(|kind| is_a(&field, &format!("clientele.v1.{kind}Key")))?;
            let name = kind.to_lowercase() + if field.is_list() { "s" } else { "" };
            Some((field, name))
        });
    let keys: Vec<_> = keys.collect();
    assert!(keys.len() > 8, "the rule no longer sees the keys");
    let other = keys.iter().filter(|(field, name)| field.name() != name);
    report(
        &other
            .map(|(field, name)| format!("{}: call it {name}", field.full_name()))
            .collect::<Vec<_>>(),
    );
}

/// Says whether an answer is records as they are stored, rather than derived from them.
fn is_of_stored_records(method: &MethodDescriptor) -> bool {
    let (verb, noun) = verb_and_noun(method);
    let is_standard = ["Get", "BatchGet", "List"].contains(&verb.as_str());
    let is_kind = resources().iter().any(|message| {
        let option = extension(&message.options(), "google.api.resource");
        let option = option.as_ref().and_then(Value::as_message);
        ["singular", "plural"].into_iter().any(|field| {
            let word = option.and_then(|option| option.get_field_by_name(field));
            word.is_some_and(|word| word.as_str() == Some(&noun.to_lowercase()))
        })
    });
    is_of_history(method) || is_standard && is_kind
}

#[test]
fn every_derived_answer_says_of_what_state_and_time_it_is() {
    let mut findings = Vec::new();
    let mut answers = 0;
    for method in methods() {
        if cap_of(&method) == Some(Cap::Write)
            || is_of_stored_records(&method)
            || is_of_tenant(&method)
        {
            continue;
        }
        answers += 1;
        let response = method.output();
        // An answer that is one message has them in it.
        let only = response
            .fields()
            .next()
            .filter(|_| response.fields().len() == 1);
        let body = match only.map(|field| field.kind()) {
            Some(Kind::Message(message)) => message,
            _ => response,
        };
        let revision = body.get_field_by_name("revision");
        if revision.is_none_or(|field| field.kind() != Kind::Int64) {
            findings.push(format!("{}: has no int64 revision", body.full_name()));
        }
        let time = body.get_field_by_name("evaluate_time");
        if time.is_none_or(|field| !is_a(&field, "google.protobuf.Timestamp")) {
            findings.push(format!("{}: has no evaluate_time", body.full_name()));
        }
    }
    assert!(answers >= 12, "the rule no longer sees the answers");
    report(&findings);
}
