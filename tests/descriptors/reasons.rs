//! The published reasons of errors and what the service sends: the same names, codes, metadata and lists.

use std::collections::BTreeMap;
use std::time::Duration;

use clientele::error::{Error, Trouble, Violation};
use clientele::name::{Kind, Name};
use clientele::pb::AccessScope;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::reflect::{comment, enums};
use super::report;
use crate::harness::answer::refusal;

/// What `error_reason.proto` says of a reason.
struct Published {
    code: String,
    metadata: Vec<String>,
}

fn published() -> BTreeMap<String, Published> {
    let of = enums()
        .into_iter()
        .find(|of| of.name() == "ErrorReason")
        .expect("the enum of reasons");
    let values = of.values().filter(|value| value.number() != 0);
    values
        .map(|value| {
            let comment = comment(&of.parent_file(), value.path()).unwrap_or_default();
            let comment = comment.split_whitespace().collect::<Vec<_>>().join(" ");
            let code = comment.split('.').next().unwrap_or_default().to_owned();
            let about = comment.split("Metadata:").nth(1).unwrap_or_default();
            let keys = about
                .split(';')
                .filter_map(|part| part.trim().strip_prefix('`')?.split('`').next());
            let metadata = keys.map(str::to_owned).collect();
            (
                value.name().trim_start_matches("ERROR_REASON_").to_owned(),
                Published { code, metadata },
            )
        })
        .collect()
}

fn name() -> Name {
    Name::of_row(Kind::Affiliation, "a1")
}

fn violation(reason: &'static str) -> Error {
    let (field, description) = ("filter".to_owned(), "is wrong".to_owned());
    Error::Invalid(vec![Violation {
        field,
        description,
        reason,
        offset: (reason == "FILTER_INVALID").then_some(7),
    }])
}

/// Returns an error of every kind, the reasons of violations included.
fn samples() -> Vec<Error> {
    let of_violations = published().into_keys().filter_map(|reason| {
        let reasons = [
            "FIELD_INVALID",
            "FILTER_INVALID",
            "ORDER_BY_INVALID",
            "MASK_INVALID",
            "PAGE_TOKEN_INVALID",
        ];
        let more = ["PAGE_TOKEN_MISMATCH", "PAGE_TOKEN_EXPIRED"];
        reasons
            .into_iter()
            .chain(more)
            .find(|known| *known == reason)
            .map(violation)
    });
    of_violations
        .chain(of_state())
        .chain(of_references_and_callers())
        .chain(of_transport())
        .collect()
}

fn of_state() -> Vec<Error> {
    vec![
        Error::NotFound(name()),
        Error::Exists(name()),
        Error::NotDeleted(name()),
        Error::ExternalIdExists {
            kind: Kind::Customer,
            system: "erp".to_owned(),
            holder: Some(name()),
        },
        Error::EtagMismatch {
            name: name(),
            current: "W/\"1\"".to_owned(),
        },
        Error::Deleted(name()),
        Error::HasChildren {
            name: name(),
            kind: Kind::Affiliation,
            children: 2,
        },
        Error::TooManyChildren {
            name: name(),
            limit: 10_000,
        },
        Error::InUse {
            name: name(),
            users: vec![name().to_string()],
            count: 13,
        },
        Error::HasFilter(name()),
        Error::Full {
            name: name(),
            field: "members.customers",
            limit: 10_000,
        },
        Error::At {
            field: "segment".to_owned(),
            error: Box::new(Error::SegmentEmpty(name())),
        },
    ]
}

fn of_references_and_callers() -> Vec<Error> {
    let (field, target) = ("affiliation.manager", name());
    vec![
        Error::ParentDeleted {
            name: name(),
            parent: name(),
        },
        Error::ReferenceUnusable {
            field: field.to_owned(),
            target,
        },
        Error::ReferenceCycle {
            field,
            path: vec![name().to_string()],
        },
        Error::ClaimNotFound { name: name() },
        Error::RequestIdReused,
        Error::ActorUnknown,
        Error::NotAuthor(name()),
        Error::ValueExists {
            kind: Kind::Colleague,
            field: "principal",
            holder: Some(name()),
        },
        Error::RevisionNotFound {
            name: name(),
            revision: 7,
        },
        Error::KeyAmbiguous {
            kind: Kind::Customer,
            candidates: vec!["customers/a".to_owned()],
            count: 13,
        },
    ]
}

fn of_transport() -> Vec<Error> {
    vec![
        Error::ResponseTooLarge { limit: 1 },
        Error::MessageTooLarge,
        Error::MessageUndecodable,
        Error::SecondMessage,
        Error::MetadataTooLarge { limit: 1 },
        Error::HttpMethodRefused,
        Error::ContentTypeRefused,
        Error::MethodUnknown,
        Error::HostRefused,
        Error::OriginRefused,
        Error::CredentialMissing,
        Error::CredentialInvalid,
        Error::CredentialUnexpected,
        Error::ScopeMissing(AccessScope::Write),
        Error::AttemptsExhausted,
        Error::ApiKeyNotFound,
        Error::IssuerUnavailable,
        Error::DeadlineExceeded,
        Error::ConcurrentWrite,
        Error::Overloaded,
        Error::RateExceeded {
            calls_per_second: 10,
            retry_after: Duration::from_millis(100),
        },
        Error::ShuttingDown,
        Error::store(Trouble::Unavailable, "cause"),
        Error::store(Trouble::SyncFailed, "cause"),
        Error::store(Trouble::Locked, "cause"),
        Error::store(Trouble::Replaced, "cause"),
        Error::store(Trouble::Corrupt, "cause"),
        Error::store(Trouble::Full, "cause"),
        Error::internal("cause"),
    ]
}

#[test]
fn every_reason_is_published_with_its_code_and_its_metadata() {
    let published = published();
    let mut findings = Vec::new();
    for error in samples() {
        let text = error.to_string();
        let status = Status::from(error);
        let info = status
            .get_error_details()
            .error_info()
            .cloned()
            .expect("every error has an ErrorInfo");
        let Some(promise) = published.get(&info.reason) else {
            findings.push(format!(
                "{}: `{text}` has a reason that error_reason.proto does not list",
                info.reason
            ));
            continue;
        };
        let code = format!("{:?}", status.code());
        if code.to_uppercase() != promise.code.replace('_', "") {
            findings.push(format!(
                "{}: is sent as {code}, published as {}",
                info.reason, promise.code
            ));
        }
        let mut sent: Vec<_> = info.metadata.keys().cloned().collect();
        let mut promised = promise.metadata.clone();
        sent.sort();
        promised.sort();
        if sent != promised {
            findings.push(format!(
                "{}: metadata {sent:?} are sent, {promised:?} published",
                info.reason
            ));
        }
    }
    report(&findings);
}

#[test]
fn every_published_reason_is_sent() {
    let sent: Vec<String> = samples()
        .iter()
        .map(|error| error.code_and_reason().1.to_owned())
        .collect();
    let unused = published()
        .into_keys()
        .filter(|reason| !sent.contains(reason));
    report(
        &unused
            .map(|reason| format!("{reason} is published and never sent"))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn what_passes_by_itself_says_when_to_retry() {
    // What the caller alone has exhausted passes for others at once.
    let of_the_caller = ["ATTEMPTS_EXHAUSTED", "RATE_EXCEEDED"];
    let other = samples().into_iter().filter_map(|error| {
        let (code, reason) = error.code_and_reason();
        let says_when = Status::from(error).get_details_retry_info().is_some();
        let passes = code == Code::Unavailable || of_the_caller.contains(&reason);
        (says_when != passes).then(|| reason.to_owned())
    });
    report(&other.collect::<Vec<_>>());
}

#[test]
fn the_numbers_of_reasons_have_no_gaps() {
    let of = enums().into_iter().find(|of| of.name() == "ErrorReason");
    let numbers: Vec<i32> = of
        .expect("the enum of reasons")
        .values()
        .map(|value| value.number())
        .collect();
    let dense: Vec<i32> = (0..).take(numbers.len()).collect();
    assert_eq!(numbers, dense, "append new reasons at the end");
}

/// Names of records that are as long as names get.
fn long_names(count: usize) -> Vec<String> {
    let name = |i| Name::of_row(Kind::Conversation, format!("c{i:062}")).to_string();
    (0..count).map(name).collect()
}

#[test]
fn long_lists_are_cut_to_fit_and_counted() {
    let names = long_names(151);
    let name = || Name::of_row(Kind::Conversation, format!("c{:062}", 0));
    let ambiguous = Error::KeyAmbiguous {
        kind: Kind::Conversation,
        candidates: names[..12].to_vec(),
        count: 20_000,
    };
    let ambiguous = refusal(&Status::from(Error::At {
        field: format!("customers[{}]", usize::MAX),
        error: Box::new(ambiguous),
    }));
    let listed = ambiguous.candidates.clone().unwrap_or_default().candidates;
    assert_eq!(listed, names[..12]);
    ambiguous.lists_candidates(&listed, 20_000);

    let in_use = refusal(&Status::from(Error::InUse {
        name: name(),
        users: names.clone(),
        count: names.len(),
    }));
    let listed = in_use.users.clone().unwrap_or_default().users;
    assert_eq!(listed, names[..20]);
    in_use.lists_users(&listed, 151);

    let cycle = refusal(&Status::from(Error::ReferenceCycle {
        field: "parent",
        path: names.clone(),
    }));
    let cycle = cycle.cycle.unwrap_or_default();
    assert_eq!((&cycle.names[..], cycle.name_count), (&names[..20], 151));
}

#[test]
fn violations_are_cut_to_fit_and_counted() {
    let violation = |i: usize| Violation {
        field: format!("customer.attributes.{}[{i}]", "ä".repeat(150)),
        description: "is wrong ".repeat(30),
        reason: "FIELD_INVALID",
        offset: None,
    };
    let status = Status::from(Error::Invalid((0..1_000).map(violation).collect()));
    assert_eq!(refusal(&status).metadata["violationCount"], "1000");
    let details = status.get_error_details();
    let all = &details.bad_request().expect("violations").field_violations;
    let (more, listed) = all.split_last().expect("a violation");
    assert!((2..20).contains(&listed.len()), "{} listed", listed.len());
    let n_more = more.description.strip_suffix(" more");
    let n_more: usize = n_more.and_then(|n| n.parse().ok()).expect("a number");
    assert_eq!((more.field.as_str(), listed.len() + n_more), ("", 1_000));
}
