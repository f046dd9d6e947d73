//! Errors as gRPC statuses: a message for people, and details for programs, in `google.rpc.Status`.
//!
//! The first detail is always `google.rpc.ErrorInfo`. No type occurs twice. Whatever lists records does so in a message
//! of `error_details.proto`, which also says how many there are in all.

use std::collections::BTreeMap;
use std::sync::Arc;

use prost::Message;
use prost_types::Any;
use tonic::{Code, Status};

use super::{Error, MAX_TOLD, Violation};
use crate::count::int32;
use crate::google::rpc::{self, BadRequest, ErrorInfo, ResourceInfo, RetryInfo, bad_request};
use crate::name::{Kind, Name};
use crate::pb;

/// The domain of every `google.rpc.ErrorInfo` that clientele sends.
const DOMAIN: &str = "clientele.dev";
/// The most violations or names that one error lists; the rest are only counted.
const MAX_LISTED: usize = 20;
/// The most characters of a message.
const MAX_MESSAGE_CHARS: usize = 400;
/// The most bytes of message and details. Clients accept headers of 8 to 16 KiB; if a header is longer, they report a
/// different error than the one sent.
const MAX_STATUS_BYTES: usize = 4096;
/// After how long a call may be repeated that failed because the service was not available.
const RETRY_DELAY: prost_types::Duration = prost_types::Duration {
    seconds: 0,
    nanos: 250_000_000,
};

/// After how long another credential may be tried.
const ATTEMPTS_DELAY: prost_types::Duration = prost_types::Duration {
    seconds: 60,
    nanos: 0,
};

impl From<Error> for Status {
    fn from(error: Error) -> Status {
        let (code, reason) = error.code_and_reason();
        let message = error.message();
        let mut most = MAX_LISTED;
        let details = loop {
            let status = rpc::Status {
                code: code.into(),
                message: message.clone(),
                details: error.details(code, reason, most),
            };
            let details = status.encode_to_vec();
            if most == 0 || details.len() + message.len() <= MAX_STATUS_BYTES {
                break details;
            }
            most /= 2;
        };
        let mut status = Status::with_details(code, message, details.into());
        status.set_source(Arc::new(error));
        status
    }
}

impl Error {
    fn message(&self) -> String {
        let message = match self {
            Error::Invalid(violations) => told_violations(violations),
            other => other.to_string(),
        };
        message.chars().take(MAX_MESSAGE_CHARS).collect()
    }

    /// Returns the details, with lists of at most so many entries.
    fn details(&self, code: Code, reason: &str, most: usize) -> Vec<Any> {
        let info = ErrorInfo {
            reason: reason.to_owned(),
            domain: DOMAIN.to_owned(),
            metadata: self.metadata(),
        };
        let retry = self.retry_delay(code).map(|delay| RetryInfo {
            retry_delay: Some(delay),
        });
        [
            Some(any(&info)),
            self.resource_info().as_ref().map(any),
            self.list("", most),
            retry.as_ref().map(any),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Returns after how long the call may be repeated, if it passes by itself.
    fn retry_delay(&self, code: Code) -> Option<prost_types::Duration> {
        match self {
            Error::AttemptsExhausted => Some(ATTEMPTS_DELAY),
            Error::RateExceeded { retry_after, .. } => {
                prost_types::Duration::try_from(*retry_after).ok()
            }
            _ => (code == Code::Unavailable).then_some(RETRY_DELAY),
        }
    }

    /// Returns the record the error is about.
    fn resource(&self) -> Option<&Name> {
        match self {
            Error::NotFound(name)
            | Error::Exists(name)
            | Error::Deleted(name)
            | Error::NotDeleted(name)
            | Error::HasFilter(name)
            | Error::SegmentEmpty(name)
            | Error::NotAuthor(name)
            | Error::EtagMismatch { name, .. }
            | Error::HasChildren { name, .. }
            | Error::TooManyChildren { name, .. }
            | Error::InUse { name, .. }
            | Error::Full { name, .. }
            | Error::ParentDeleted { name, .. }
            | Error::ClaimNotFound { name }
            | Error::RevisionNotFound { name, .. }
            | Error::ReferenceUnusable { target: name, .. } => Some(name),
            Error::ExternalIdExists { holder, .. } | Error::ValueExists { holder, .. } => {
                holder.as_ref()
            }
            Error::At { error, .. } => error.resource(),
            _ => None,
        }
    }

    /// Returns the kind of the record, for errors that may not know, or not tell, its name.
    fn kind(&self) -> Option<Kind> {
        match self {
            Error::NotFound(name) => Some(name.kind()),
            Error::KeyUnknown { kind }
            | Error::KeyAmbiguous { kind, .. }
            | Error::ExternalIdExists { kind, .. }
            | Error::ValueExists { kind, .. } => Some(*kind),
            Error::At { error, .. } => error.kind(),
            _ => None,
        }
    }

    fn resource_info(&self) -> Option<ResourceInfo> {
        let name = self.resource();
        let kind = name.map(Name::kind).or(self.kind())?;
        Some(ResourceInfo {
            resource_type: kind.resource_type().to_owned(),
            resource_name: name.map(Name::to_string).unwrap_or_default(),
            ..ResourceInfo::default()
        })
    }

    /// Returns what the error lists, at most so many entries; `field` is where it lies in the request.
    fn list(&self, field: &str, most: usize) -> Option<Any> {
        match self {
            Error::At { field, error } => error.list(field, most),
            Error::Invalid(violations) => Some(any(&BadRequest {
                field_violations: shown(violations, most),
            })),
            Error::KeyAmbiguous {
                candidates, count, ..
            } => Some(any(&pb::KeyCandidates {
                field: field.to_owned(),
                candidates: first(candidates, most),
                candidate_count: int32(*count),
            })),
            Error::InUse { users, count, .. } => Some(any(&pb::ResourceUsers {
                users: first(users, most),
                user_count: int32(*count),
            })),
            Error::ReferenceCycle { field, path } => Some(any(&pb::ReferenceCycle {
                field: (*field).to_owned(),
                names: first(path, most),
                name_count: int32(path.len()),
            })),
            _ => None,
        }
    }

    /// Returns every variable part of the message again, for programs (AIP-193), but for lists.
    fn metadata(&self) -> BTreeMap<String, String> {
        let mut metadata = match self {
            Error::At { error, .. } => error.metadata(),
            _ => BTreeMap::new(),
        };
        let mut put = |key: &str, value: String| metadata.insert(key.to_owned(), value);
        if let Some(name) = self.resource() {
            put("resource", name.to_string());
        }
        if let Some(kind) = self.kind() {
            put("resourceType", kind.resource_type().to_owned());
        }
        for (key, value) in self.own_metadata() {
            put(key, value);
        }
        metadata
    }

    /// Returns the metadata that only this kind of error has.
    fn own_metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Error::Invalid(violations) => {
                let offset = violations.iter().find_map(|violation| violation.offset);
                [("violationCount", violations.len().to_string())]
                    .into_iter()
                    .chain(offset.map(|offset| ("offset", offset.to_string())))
                    .collect()
            }
            Error::EtagMismatch { current, .. } => vec![("currentEtag", current.clone())],
            Error::ExternalIdExists { system, .. } => vec![("system", system.clone())],
            Error::HasChildren { kind, children, .. } => vec![
                ("childCount", children.to_string()),
                ("childCollection", kind.collection().to_owned()),
            ],
            Error::ParentDeleted { parent, .. } => vec![("parent", parent.to_string())],
            Error::At { field, .. } | Error::ReferenceUnusable { field, .. } => {
                vec![("field", field.clone())]
            }
            Error::ReferenceCycle { field, .. } | Error::ValueExists { field, .. } => {
                vec![("field", (*field).to_owned())]
            }
            Error::ScopeMissing(scope) => vec![("scope", scope.as_str_name().to_owned())],
            Error::RevisionNotFound { revision, .. } => vec![("revision", revision.to_string())],
            Error::Full { field, limit, .. } => {
                vec![("field", (*field).to_owned()), ("limit", limit.to_string())]
            }
            Error::RateExceeded {
                calls_per_second, ..
            } => vec![("limit", calls_per_second.to_string())],
            Error::ResponseTooLarge { limit }
            | Error::MetadataTooLarge { limit }
            | Error::TooManyChildren { limit, .. } => {
                vec![("limit", limit.to_string())]
            }
            _ => Vec::new(),
        }
    }
}

/// Packs a detail with the URL by which every protobuf runtime knows its type.
fn any<M: Message + prost::Name>(message: &M) -> Any {
    Any {
        type_url: M::type_url(),
        value: message.encode_to_vec(),
    }
}

fn first(names: &[String], most: usize) -> Vec<String> {
    names.iter().take(most).cloned().collect()
}

fn shown(violations: &[Violation], most: usize) -> Vec<bad_request::FieldViolation> {
    let listed = violations.iter().take(most);
    let more = match violations.len().saturating_sub(most) {
        0 => None,
        more => Some(bad_request::FieldViolation {
            description: format!("{more} more"),
            ..Default::default()
        }),
    };
    listed
        .map(|violation| bad_request::FieldViolation {
            field: violation.field.clone(),
            description: violation.description.clone(),
            reason: violation.reason.to_owned(),
            ..Default::default()
        })
        .chain(more)
        .collect()
}

/// Spells out the first violations; the details hold all of them.
fn told_violations(violations: &[Violation]) -> String {
    let first = violations.iter().take(MAX_TOLD);
    let first = first
        .map(|violation| format!("{}: {}", violation.field, violation.description))
        .collect::<Vec<_>>();
    let more = match violations.len().saturating_sub(MAX_TOLD) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    format!("{}{more}", first.join("; "))
}
