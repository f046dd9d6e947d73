//! The rules of the API (proto/), held by reading its descriptors. The proto linter knows the rest.

mod http;
mod names;
mod reasons;
mod reflect;
mod shape;

use std::collections::BTreeSet;

use clientele::access::need::{Need, needed};
use clientele::pb::AccessScope;
use clientele::server::deadline::{CAPS, Cap, verb_and_cap};
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor};
use reflect::{comment, extension, messages, methods, services};

const STANDARD: [&str; 7] = [
    "Create", "Get", "BatchGet", "List", "Update", "Delete", "Undelete",
];

/// Returns the verb of a method and what follows it, such as `Create` and `Customer`.
fn verb_and_noun(method: &MethodDescriptor) -> (String, String) {
    let name = method.name();
    let standard = STANDARD.iter().find(|verb| {
        let rest = name.strip_prefix(**verb);
        rest.is_some_and(|noun| noun.starts_with(char::is_uppercase))
    });
    let end = name
        .char_indices()
        .skip(1)
        .find(|(_, c)| c.is_uppercase())
        .map_or(name.len(), |(at, _)| at);
    let verb = standard.map_or(&name[..end], |verb| *verb);
    (verb.to_owned(), name[verb.len()..].to_owned())
}

fn report(findings: &[String]) {
    assert!(
        findings.is_empty(),
        "{} finding(s):\n  {}",
        findings.len(),
        findings.join("\n  ")
    );
}

#[test]
fn requests_and_answers_are_named_after_their_method() {
    let mut findings = Vec::new();
    for method in methods() {
        let (verb, noun) = verb_and_noun(&method);
        let (request, response) = (method.input(), method.output());
        if request.name() != format!("{}Request", method.name()) {
            findings.push(format!("{}: takes {}", method.full_name(), request.name()));
        }
        let wrapped = format!("{}Response", method.name());
        let fits = match verb.as_str() {
            "List" | "BatchGet" => response.name() == wrapped,
            verb if STANDARD.contains(&verb) => response.name() == noun,
            // A verb of our own answers with the resource it changed, or with a message that is named for the verb or
            // for what it is.
            _ => response.name() == wrapped || !response.name().ends_with("Response"),
        };
        if !fits {
            findings.push(format!(
                "{}: answers {}",
                method.full_name(),
                response.name()
            ));
        }
    }
    report(&findings);
}

/// Says whether a method reads states of resources of any kind, which are no resources themselves.
fn is_of_history(method: &MethodDescriptor) -> bool {
    method.parent_service().name() == "HistoryService"
}

/// Says whether a method tells how the tenant is set up, which is no resource.
fn is_of_tenant(method: &MethodDescriptor) -> bool {
    method.parent_service().name() == "TenantService"
}

/// Says whether a method is for administrators, who see credentials and what became of them, and no records.
fn is_for_administrators(method: &MethodDescriptor) -> bool {
    ["KeyService"].contains(&method.parent_service().name())
}

/// Says whether a method answers a question about customers, given by a key, with a message of its own.
fn is_of_relationships(method: &MethodDescriptor) -> bool {
    method.parent_service().name() == "RelationshipService"
}

/// Says whether a method lists what holds of one customer, given by a key.
fn is_asked_by_key(method: &MethodDescriptor) -> bool {
    method.name() == "ListCustomerSegments"
}

#[test]
fn every_field_says_who_sets_it() {
    let silent = messages()
        .into_iter()
        .flat_map(|message| message.fields().collect::<Vec<_>>())
        .filter(|field| {
            let behaviors = extension(&field.options(), "google.api.field_behavior");
            behaviors.is_none_or(|behaviors| behaviors.as_list().is_none_or(<[_]>::is_empty))
        });
    report(
        &silent
            .map(|field| format!("{}: add (google.api.field_behavior)", field.full_name()))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn lists_are_paged_filtered_and_ordered_alike() {
    let mut findings = Vec::new();
    for method in methods()
        .iter()
        .filter(|method| verb_and_noun(method).0 == "List")
    {
        let wanted = [
            "page_size",
            "page_token",
            "filter",
            "order_by",
            "show_deleted",
            "read_mask",
        ];
        let members = ["page_size", "page_token", "order_by", "read_mask"];
        let wanted = match () {
            () if is_of_history(method)
                || is_asked_by_key(method)
                || is_for_administrators(method) =>
            {
                &wanted[..2]
            }
            () if is_of_relationships(method) => &wanted[..4],
            () if method.name() == "ListSegmentMembers" => &members,
            () => &wanted[..],
        };
        let missing = wanted
            .iter()
            .filter(|field| method.input().get_field_by_name(field).is_none());
        findings
            .extend(missing.map(|field| format!("{} has no {field}", method.input().full_name())));
        if method
            .output()
            .get_field_by_name("next_page_token")
            .is_none()
        {
            findings.push(format!(
                "{} has no next_page_token",
                method.output().full_name()
            ));
        }
    }
    report(&findings);
}

/// Returns the cap of a method; a method without one is found by a test of its own.
fn cap_of(method: &MethodDescriptor) -> Option<Cap> {
    verb_and_cap(method.name()).map(|(_, cap)| cap)
}

#[test]
fn every_method_has_a_cap_and_every_cap_a_method() {
    let mut findings = Vec::new();
    for method in methods() {
        if !matches!(
            cap_of(&method),
            Some(Cap::Read | Cap::Analysis | Cap::Write)
        ) {
            findings.push(format!("{}: add its verb to CAPS", method.full_name()));
        }
    }
    let names: Vec<_> = methods().iter().map(|of| of.name().to_owned()).collect();
    // Those of grpc.health.v1 and of gRPC reflection.
    let others = ["Watch", "ServerReflectionInfo"].map(str::to_owned);
    let used: BTreeSet<_> = [&names[..], &others]
        .concat()
        .iter()
        .filter_map(|name| Some(verb_and_cap(name)?.0))
        .collect();
    let unused = CAPS.iter().filter(|(verb, _)| !used.contains(verb));
    findings.extend(unused.map(|(verb, _)| format!("{verb} begins no method: remove it")));
    report(&findings);
}

#[test]
fn writes_and_only_they_take_a_request_id_and_can_be_tried_first() {
    let mut findings = Vec::new();
    // A secret is not kept, so a repeated call could not be answered again.
    for method in methods().iter().filter(|of| !is_for_administrators(of)) {
        let is_write = cap_of(method) == Some(Cap::Write);
        for field in ["request_id", "validate_only"] {
            if method.input().get_field_by_name(field).is_some() != is_write {
                let has = if is_write { "has no" } else { "reads, but has" };
                findings.push(format!("{} {has} {field}", method.input().full_name()));
            }
        }
    }
    report(&findings);
}

fn resources() -> Vec<MessageDescriptor> {
    let all = messages().into_iter();
    all.filter(|message| extension(&message.options(), "google.api.resource").is_some())
        .collect()
}

#[test]
fn what_get_answers_is_a_resource_with_the_common_fields() {
    let mut findings = Vec::new();
    for method in methods()
        .iter()
        .filter(|method| verb_and_noun(method).0 == "Get")
    {
        if is_of_history(method) || is_of_relationships(method) || is_of_tenant(method) {
            continue;
        }
        let answer = method.output();
        if !resources().contains(&answer) {
            findings.push(format!(
                "{} has no (google.api.resource)",
                answer.full_name()
            ));
        }
        for field in [
            "name",
            "create_time",
            "update_time",
            "delete_time",
            "etag",
            "labels",
            "tags",
            "attributes",
        ] {
            if answer.get_field_by_name(field).is_none() {
                findings.push(format!("{} has no {field}", answer.full_name()));
            }
        }
    }
    assert!(
        resources().len() >= 3,
        "the rule no longer sees the resources"
    );
    report(&findings);
}

#[test]
fn the_type_and_the_pattern_of_a_resource_follow_its_name() {
    for message in resources() {
        let option = extension(&message.options(), "google.api.resource")
            .expect("resources() chose it by this");
        let option = option
            .as_message()
            .expect("the option is a message")
            .clone();
        let text = |field: &str| {
            option
                .get_field_by_name(field)
                .and_then(|v| v.as_str().map(str::to_owned))
        };
        let (singular, plural) = (
            text("singular").unwrap_or_default(),
            text("plural").unwrap_or_default(),
        );
        assert_eq!(
            text("type"),
            Some(format!("clientele.dev/{}", message.name()))
        );
        let patterns = option.get_field_by_name("pattern").expect("a pattern");
        let patterns: Vec<_> = patterns
            .as_list()
            .expect("a list")
            .iter()
            .filter_map(|v| v.as_str())
            .collect();
        assert_eq!(
            patterns,
            [format!("{plural}/{{{singular}}}")],
            "{}",
            message.full_name()
        );
    }
}

/// Says whether a field holds the name of a resource, by the words that this API uses for it.
fn is_reference(field: &FieldDescriptor) -> bool {
    let kinds: Vec<String> = resources()
        .iter()
        .map(|message| message.name().to_lowercase())
        .collect();
    let is_text = field.kind() == Kind::String && !field.is_map();
    let of_request = field.parent_message().name().ends_with("Request");
    is_text
        && (of_request && ["name", "names"].contains(&field.name())
            || kinds.contains(&field.name().to_owned()))
}

#[test]
fn references_say_to_what() {
    let fields: Vec<_> = messages()
        .into_iter()
        .flat_map(|message| message.fields().collect::<Vec<_>>())
        .collect();
    let references: Vec<_> = fields.iter().filter(|field| is_reference(field)).collect();
    assert!(
        references.len() >= 10,
        "the rule no longer sees the references"
    );
    let silent = references
        .iter()
        .filter(|f| extension(&f.options(), "google.api.resource_reference").is_none());
    report(
        &silent
            .map(|f| format!("{}: add (google.api.resource_reference)", f.full_name()))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn every_method_says_which_scope_it_needs() {
    let mut findings = Vec::new();
    for method in methods() {
        let wanted = match cap_of(&method) {
            _ if is_for_administrators(&method) => AccessScope::Admin,
            Some(Cap::Write) => AccessScope::Write,
            _ => AccessScope::Read,
        };
        let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
        if needed(&path) != Some(Need::Scope(wanted)) {
            let wanted = wanted.as_str_name();
            findings.push(format!("{path}: add option (required_scope) = {wanted}"));
        }
    }
    for unknown in ["/clientele.v1.CustomerService/GetCustomers", "/x.Y/Z", ""] {
        assert_eq!(needed(unknown), None);
    }
    report(&findings);
}

#[test]
fn everything_is_documented() {
    let mut silent = Vec::new();
    let mut check = |name: &str, comment: Option<String>| {
        if comment.is_none_or(|text| text.trim().len() < 10) {
            silent.push(format!(
                "{name}: say what it means, its unit, limit and default"
            ));
        }
    };
    for service in services() {
        check(
            service.full_name(),
            comment(&service.parent_file(), service.path()),
        );
    }
    for method in methods() {
        check(
            method.full_name(),
            comment(&method.parent_service().parent_file(), method.path()),
        );
    }
    for message in messages() {
        check(
            message.full_name(),
            comment(&message.parent_file(), message.path()),
        );
        for field in message.fields() {
            check(
                field.full_name(),
                comment(&message.parent_file(), field.path()),
            );
        }
    }
    for value in reflect::enums()
        .iter()
        .flat_map(|of| of.values().collect::<Vec<_>>())
    {
        let file = value.parent_enum().parent_file();
        // "SMALL: 2 to 49 employees." needs no more words than that.
        check(
            value.full_name(),
            comment(&file, value.path()).map(|text| format!("value: {text}")),
        );
    }
    report(&silent);
}

#[test]
fn enums_say_whether_they_may_grow() {
    let silent = reflect::enums().into_iter().filter(|of| {
        let comment = comment(&of.parent_file(), of.path()).unwrap_or_default();
        !comment.contains("ay grow") && !comment.contains("Closed.")
    });
    report(
        &silent
            .map(|of| format!("{}: say \"May grow.\" or \"Closed.\"", of.full_name()))
            .collect::<Vec<_>>(),
    );
}
