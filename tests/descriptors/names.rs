//! What fields are called by: times, dates, lists, truth values, and what every derived answer says of itself.

use std::collections::BTreeMap;

use prost_reflect::{
    Cardinality, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor, Value,
};

use super::reflect::{comment, extension, messages, methods};
use super::{
    STANDARD, cap_of, is_for_administrators, is_of_history, is_of_tenant, report, resources,
    verb_and_noun,
};
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
            || is_for_administrators(&method)
        {
            continue;
        }
        answers += 1;
        let response = method.output();
        let revision = response.get_field_by_name("revision");
        if revision.is_none_or(|field| field.kind() != Kind::Int64) {
            findings.push(format!("{}: has no int64 revision", response.full_name()));
        }
        let time = response.get_field_by_name("evaluate_time");
        if time.is_none_or(|field| !is_a(&field, "google.protobuf.Timestamp")) {
            findings.push(format!("{}: has no evaluate_time", response.full_name()));
        }
    }
    assert!(answers >= 12, "the rule no longer sees the answers");
    report(&findings);
}

fn fields() -> Vec<FieldDescriptor> {
    messages()
        .iter()
        .flat_map(MessageDescriptor::fields)
        .collect()
}

#[test]
fn a_time_is_named_for_what_happens_then_not_for_what_has_happened() {
    let is_past = |word: &str| word.ends_with("ed") || ["done", "written", "held"].contains(&word);
    let times = fields().into_iter().filter(|field| {
        is_a(field, "google.protobuf.Timestamp") && field.name().split('_').any(is_past)
    });
    report(
        &times
            .map(|field| format!("{}: the verb is an imperative", field.full_name()))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn how_many_there_are_is_an_int32_that_ends_in_count() {
    let (mut findings, mut n_counts) = (Vec::new(), 0);
    for field in fields() {
        let file = field.parent_message().parent_file();
        let told = comment(&file, field.path()).unwrap_or_default();
        let says_so = ["How many ", "The number of "]
            .iter()
            .any(|how| told.trim_start().starts_with(how));
        let is_number = matches!(field.kind(), Kind::Int32 | Kind::Int64) && !field.is_list();
        let is_count = field.name().ends_with("_count");
        n_counts += usize::from(is_count);
        // Deep in a tree is no number of anything, and a revision numbers commits.
        let is_ordinal = ["depth", "revision"].contains(&field.name());
        if says_so && is_number && !is_count && !is_ordinal {
            findings.push(format!("{}: call it .._count", field.full_name()));
        }
        if is_count && field.kind() != Kind::Int32 {
            findings.push(format!(
                "{}: a count is int32, which JSON writes as a number",
                field.full_name()
            ));
        }
    }
    assert!(n_counts > 20, "{n_counts} counts found");
    report(&findings);
}

#[test]
fn at_most_so_many_is_the_size_of_a_page_or_a_limit() {
    let mut n_numbers = 0;
    let mut findings = Vec::new();
    for method in methods() {
        for field in method
            .input()
            .fields()
            .filter(|field| field.kind() == Kind::Int32)
        {
            n_numbers += 1;
            if !["page_size", "limit"].contains(&field.name()) {
                findings.push(format!("{}: call it limit", field.full_name()));
            }
        }
    }
    assert!(n_numbers > 10, "the rule no longer sees the fields");
    report(&findings);
}

#[test]
fn a_method_of_our_own_names_its_record_for_its_kind() {
    let own = methods().into_iter().filter(|method| {
        !STANDARD.contains(&verb_and_noun(method).0.as_str()) && !is_of_history(method)
    });
    let own: Vec<_> = own.collect();
    assert!(own.len() > 10, "the rule no longer sees the methods");
    let named = own
        .iter()
        .filter(|method| method.input().get_field_by_name("name").is_some());
    report(
        &named
            .map(|method| {
                format!(
                    "{}: call it as its kind is called",
                    method.input().full_name()
                )
            })
            .collect::<Vec<_>>(),
    );
}

#[test]
fn a_record_of_any_kind_is_a_record() {
    let of_any = fields().into_iter().filter(|field| {
        let reference = extension(&field.options(), "google.api.resource_reference");
        let reference = reference.as_ref().and_then(Value::as_message);
        let of = reference.and_then(|reference| reference.get_field_by_name("type"));
        of.is_some_and(|of| of.as_str() == Some("*"))
    });
    let of_any: Vec<_> = of_any.collect();
    assert!(of_any.len() > 8, "the rule no longer sees the references");
    // A request for history takes a name as Get does; a source and two sides say what part the record plays.
    let names = ["record", "records", "name", "source", "a", "b"];
    let other = of_any.iter().filter(|field| !names.contains(&field.name()));
    report(
        &other
            .map(|field| format!("{}: call it record", field.full_name()))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn a_subject_is_that_of_a_conversation() {
    let subjects = fields().into_iter().filter(|field| {
        field.name().starts_with("subject")
            && !field.parent_message().name().ends_with("Conversation")
    });
    report(
        &subjects
            .map(|field| field.full_name().to_owned())
            .collect::<Vec<_>>(),
    );
}

#[test]
fn lists_of_one_type_have_one_name() {
    let mut names = BTreeMap::<String, Vec<FieldDescriptor>>::new();
    for field in fields() {
        if let (Kind::Message(of), true) = (field.kind(), field.is_list())
            && of.package_name() == "clientele.v1"
        {
            names
                .entry(of.full_name().to_owned())
                .or_default()
                .push(field);
        }
    }
    // Those who might decide have a list beside those who do.
    names.remove("clientele.v1.KeyPerson");
    assert!(names.len() > 20, "the rule no longer sees the lists");
    let mut findings = Vec::new();
    for lists in names.values() {
        let shortest = lists
            .iter()
            .map(FieldDescriptor::name)
            .min_by_key(|name| name.len());
        let other =
            |field: &&FieldDescriptor| !field.name().ends_with(shortest.unwrap_or_default());
        findings.extend(lists.iter().filter(other).map(|field| {
            format!(
                "{}: elsewhere called {}",
                field.full_name(),
                shortest.unwrap_or_default()
            )
        }));
    }
    report(&findings);
}
