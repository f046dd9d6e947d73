//! Every way a call can fail, and the one place where each becomes a gRPC status.
//!
//! The reasons are API (`error_reason.proto`): append only. A cause goes to the log and never to the caller, and no
//! text here repeats a value that a caller sent, because values are people's data.

use std::collections::HashMap;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use crate::name::{Kind, Name};

/// The domain of every `google.rpc.ErrorInfo` that clientele sends.
pub const DOMAIN: &str = "clientele.dev";

/// The most violations that one answer lists; the rest are only counted.
const MAX_VIOLATIONS: usize = 20;
/// The most violations that the message of an answer spells out.
const TOLD_VIOLATIONS: usize = 3;
/// The most bytes of message and details. Clients accept headers of 8 to 16 KiB; if a header is longer, they report a
/// different error than the one sent.
const MAX_STATUS_BYTES: usize = 4096;
/// The most bytes of one metadata value; a longer one, such as a long cycle, is cut.
const MAX_VALUE_BYTES: usize = 1024;

/// One thing that is wrong with one field of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The path of the field, such as `customer.emails[2].address`.
    pub field: String,
    /// What is wrong and what would be valid, without the value itself.
    pub description: String,
    /// The reason from `error_reason.proto`, without its prefix.
    pub reason: &'static str,
    /// The byte offset in the field's text, if there is one.
    pub offset: Option<usize>,
}

/// Every way a call can fail.
#[derive(Debug, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "each variant is documented by its message and by its reason in error_reason.proto"
)]
pub enum Error {
    #[error("the request is not valid")]
    Invalid(Vec<Violation>),
    #[error("{0} does not exist")]
    NotFound(Name),
    #[error("{0} exists already")]
    Exists(Name),
    #[error("another {} holds an external id of system {system}", kind.singular())]
    ExternalIdExists {
        kind: Kind,
        system: String,
        holder: Option<Name>,
    },
    /// Raised by the store, which does not know the record; the unit that wrote it turns this into one of the two
    /// above.
    #[error("a row of {table} exists already")]
    Duplicate { table: &'static str },
    #[error(
        "etag of {name} does not match: read it again, apply the change to what you read, and send that"
    )]
    EtagMismatch { name: Name, current: String },
    #[error("{0} is deleted: undelete it first")]
    Deleted(Name),
    #[error("{name} has {children} live {}: set force to delete it with all that belongs to it", kind.collection())]
    HasChildren {
        name: Name,
        kind: Kind,
        children: usize,
    },
    #[error("{name} is used by {}: change those first", listed(users, *count))]
    InUse {
        name: Name,
        users: Vec<String>,
        count: usize,
    },
    #[error(
        "{0} has a filter and no list: change the filter, or give it a list by updating its members"
    )]
    HasFilter(Name),
    #[error("{name} would have more than {limit} members, the most that one list can hold")]
    SegmentFull { name: Name, limit: usize },
    #[error("{0} has no members: there is nothing to compare")]
    SegmentEmpty(Name),
    #[error("{field}: {error}")]
    At { field: String, error: Box<Error> },
    #[error("{parent}, to which {name} belongs, is deleted: undelete that first")]
    ParentDeleted { name: Name, parent: Name },
    #[error("{field} refers to {target}, which is unknown or deleted")]
    ReferenceUnusable { field: String, target: Name },
    #[error("{field} would make a cycle: {}", path.join(" -> "))]
    ReferenceCycle {
        field: &'static str,
        path: Vec<String>,
    },
    #[error("{name} has no buying role claim with this claim_id")]
    ClaimNotFound { name: Name },
    #[error("{name} has {limit} buying role claims, the most that one affiliation can hold")]
    TooManyClaims { name: Name, limit: usize },
    #[error("clientele-actor names no colleague: give a name, an e-mail or system:id that one has")]
    ActorUnknown,
    #[error("only the author of {0} can change who sees it")]
    NotAuthor(Name),
    #[error("another colleague has this principal")]
    PrincipalExists { holder: Option<Name> },
    #[error("{name} did not exist at revision {revision}")]
    RevisionNotFound { name: Name, revision: i64 },
    #[error("request_id was used for another request: choose a new one")]
    RequestIdReused,
    #[error("no {} has this key", kind.singular())]
    KeyUnknown { kind: Kind },
    #[error("the key fits {count} {}: ask by the name of one, such as {}", kind.collection(), candidates.join(", "))]
    KeyAmbiguous {
        kind: Kind,
        candidates: Vec<String>,
        count: usize,
    },
    #[error("the answer is larger than {limit} bytes: ask for fewer resources or fewer fields")]
    ResponseTooLarge { limit: usize },
    #[error("the message is larger than the server accepts")]
    MessageTooLarge,
    #[error("the message cannot be decoded")]
    MessageUndecodable,
    #[error("the method does not exist")]
    MethodUnknown,
    #[error(
        "the Host of the request is not a loopback name; a server without authentication answers only to those"
    )]
    HostRefused,
    #[error("the Origin of the request is not allowed")]
    OriginRefused,
    #[error("the deadline passed before the call was done")]
    DeadlineExceeded,
    #[error(
        "another write touched the same records at the same time: do the whole operation again"
    )]
    ConcurrentWrite,
    #[error("the server has more work than it can take on: try again shortly")]
    Overloaded,
    #[error("the server is shutting down: try again shortly")]
    ShuttingDown,
    #[error("{0}")]
    Store(Trouble, #[source] Cause),
    #[error("internal error")]
    Internal(#[source] Cause),
}

/// What is wrong with the store, least serious first. The first three pass by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Trouble {
    /// There is no connection, or none is free.
    #[error("the store cannot be reached: try again shortly")]
    Unavailable,
    /// Another program holds a lock.
    #[error(
        "another program holds a lock on the store, and nothing was written: end that program, or try again shortly"
    )]
    Locked,
    /// The disk is full.
    #[error("the disk of the store is full: nothing was written")]
    Full,
    /// Pages of the store are damaged.
    #[error("the store is damaged: the server's operator has to restore it")]
    Corrupt,
    /// The store's files are no longer the ones that were opened.
    #[error(
        "the files of the store were moved, deleted or replaced: the server's operator has to look at it"
    )]
    Replaced,
    /// A sync to disk failed; asking again would report success without meaning it.
    #[error("a sync of the store to disk failed, and the server ends: try again shortly")]
    SyncFailed,
}

impl Trouble {
    /// Says whether this passes by itself.
    pub fn passes(self) -> bool {
        self < Trouble::Corrupt
    }

    fn code_and_reason(self) -> (Code, &'static str) {
        match self {
            Trouble::Unavailable | Trouble::SyncFailed => (Code::Unavailable, "STORE_UNAVAILABLE"),
            Trouble::Locked => (Code::Unavailable, "STORE_LOCKED"),
            Trouble::Full => (Code::ResourceExhausted, "STORE_FULL"),
            Trouble::Corrupt => (Code::DataLoss, "STORE_CORRUPT"),
            Trouble::Replaced => (Code::Unavailable, "STORE_REPLACED"),
        }
    }
}

/// What lies behind an error that is not the caller's fault; for the log only.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

impl Error {
    /// Wraps a cause that callers must not see.
    pub fn internal(cause: impl Into<Cause>) -> Error {
        Error::Internal(cause.into())
    }

    /// Makes the error of a store in trouble.
    pub fn store(trouble: Trouble, cause: impl Into<Cause>) -> Error {
        Error::Store(trouble, cause.into())
    }

    /// Returns what is wrong with the store, if this error is about the store and not about the call.
    pub fn trouble(&self) -> Option<Trouble> {
        match self {
            Error::Store(trouble, _) => Some(*trouble),
            _ => None,
        }
    }

    /// Makes the error of one invalid field.
    pub fn field(field: impl Into<String>, description: impl Into<String>) -> Error {
        Error::Invalid(vec![Violation {
            field: field.into(),
            description: description.into(),
            reason: "FIELD_INVALID",
            offset: None,
        }])
    }

    /// Returns the code, and the reason as in `error_reason.proto` but without its prefix.
    pub fn code_and_reason(&self) -> (Code, String) {
        let of_kind =
            |kind: Kind, suffix: &str| format!("{}_{suffix}", kind.singular().to_uppercase());
        let (code, reason) = match self {
            Error::NotFound(name) => return (Code::NotFound, of_kind(name.kind(), "NOT_FOUND")),
            Error::KeyUnknown { kind } => return (Code::NotFound, of_kind(*kind, "NOT_FOUND")),
            Error::Exists(name) => return (Code::AlreadyExists, of_kind(name.kind(), "EXISTS")),
            Error::Invalid(violations) => (Code::InvalidArgument, common_reason(violations)),
            Error::ExternalIdExists { .. } => (Code::AlreadyExists, "EXTERNAL_ID_EXISTS"),
            Error::Duplicate { .. } => (Code::Aborted, "CONCURRENT_WRITE"),
            Error::EtagMismatch { .. } => (Code::Aborted, "ETAG_MISMATCH"),
            Error::Deleted(_) => (Code::FailedPrecondition, "RESOURCE_DELETED"),
            Error::HasChildren { .. } => (Code::FailedPrecondition, "HAS_CHILDREN"),
            Error::InUse { .. } => (Code::FailedPrecondition, "SEGMENT_IN_USE"),
            Error::HasFilter(_) => (Code::FailedPrecondition, "SEGMENT_HAS_FILTER"),
            Error::SegmentFull { .. } => (Code::FailedPrecondition, "SEGMENT_FULL"),
            Error::SegmentEmpty(_) => (Code::FailedPrecondition, "SEGMENT_EMPTY"),
            Error::At { error, .. } => return error.code_and_reason(),
            Error::ParentDeleted { .. } => (Code::FailedPrecondition, "PARENT_DELETED"),
            Error::ReferenceUnusable { .. } => (Code::FailedPrecondition, "REFERENCE_UNUSABLE"),
            Error::ReferenceCycle { .. } => (Code::FailedPrecondition, "REFERENCE_CYCLE"),
            Error::ClaimNotFound { .. } => (Code::NotFound, "CLAIM_NOT_FOUND"),
            Error::TooManyClaims { .. } => (Code::FailedPrecondition, "TOO_MANY_CLAIMS"),
            Error::ActorUnknown => (Code::InvalidArgument, "ACTOR_UNKNOWN"),
            Error::NotAuthor(_) => (Code::PermissionDenied, "NOT_AUTHOR"),
            Error::PrincipalExists { .. } => (Code::AlreadyExists, "PRINCIPAL_EXISTS"),
            Error::RevisionNotFound { .. } => (Code::NotFound, "REVISION_NOT_FOUND"),
            Error::RequestIdReused => (Code::InvalidArgument, "REQUEST_ID_REUSED"),
            Error::KeyAmbiguous { .. } => (Code::FailedPrecondition, "KEY_AMBIGUOUS"),
            Error::ResponseTooLarge { .. } => (Code::ResourceExhausted, "RESPONSE_TOO_LARGE"),
            Error::MessageTooLarge => (Code::ResourceExhausted, "MESSAGE_TOO_LARGE"),
            Error::MessageUndecodable => (Code::InvalidArgument, "MESSAGE_UNDECODABLE"),
            Error::MethodUnknown => (Code::Unimplemented, "METHOD_UNKNOWN"),
            Error::HostRefused => (Code::PermissionDenied, "HOST_REFUSED"),
            Error::OriginRefused => (Code::PermissionDenied, "ORIGIN_REFUSED"),
            Error::DeadlineExceeded => (Code::DeadlineExceeded, "DEADLINE_EXCEEDED"),
            Error::ConcurrentWrite => (Code::Aborted, "CONCURRENT_WRITE"),
            Error::Overloaded => (Code::Unavailable, "OVERLOADED"),
            Error::ShuttingDown => (Code::Unavailable, "SHUTTING_DOWN"),
            Error::Store(trouble, _) => trouble.code_and_reason(),
            Error::Internal(_) => (Code::Internal, "INTERNAL"),
        };
        (code, reason.to_owned())
    }

    /// Returns the resource the error is about.
    fn resource(&self) -> Option<&Name> {
        match self {
            Error::NotFound(name) | Error::Exists(name) | Error::Deleted(name) => Some(name),
            Error::EtagMismatch { name, .. } | Error::HasChildren { name, .. } => Some(name),
            Error::InUse { name, .. }
            | Error::SegmentFull { name, .. }
            | Error::HasFilter(name) => Some(name),
            Error::SegmentEmpty(name) => Some(name),
            Error::At { error, .. } => error.resource(),
            Error::ParentDeleted { name, .. } | Error::ClaimNotFound { name } => Some(name),
            Error::TooManyClaims { name, .. } | Error::ReferenceUnusable { target: name, .. } => {
                Some(name)
            }
            Error::NotAuthor(name) | Error::RevisionNotFound { name, .. } => Some(name),
            Error::ExternalIdExists { holder, .. } | Error::PrincipalExists { holder } => {
                holder.as_ref()
            }
            _ => None,
        }
    }

    /// Returns every variable part of the message again, for programs (AIP-193).
    fn metadata(&self) -> HashMap<String, String> {
        let mut metadata = match self {
            Error::At { error, .. } => error.metadata(),
            _ => HashMap::new(),
        };
        let mut put = |key: &str, mut value: String| {
            value.truncate(value.floor_char_boundary(MAX_VALUE_BYTES));
            metadata.insert(key.to_owned(), value);
        };
        if let Some(name) = self.resource() {
            put("resource", name.to_string());
        }
        match self {
            Error::Invalid(violations) => {
                put("violationCount", violations.len().to_string());
                if let Some(offset) = violations.iter().find_map(|violation| violation.offset) {
                    put("offset", offset.to_string());
                }
            }
            Error::EtagMismatch { current, .. } => put("currentEtag", current.clone()),
            Error::ExternalIdExists { system, .. } => put("system", system.clone()),
            Error::HasChildren { kind, children, .. } => {
                put("children", children.to_string());
                put("childCollection", kind.collection().to_owned());
            }
            Error::At { field, .. } => put("field", field.clone()),
            Error::InUse { users, count, .. } => {
                put("users", users.join(","));
                put("count", count.to_string());
            }
            Error::ParentDeleted { parent, .. } => put("parent", parent.to_string()),
            Error::ReferenceUnusable { field, .. } => put("field", field.clone()),
            Error::ReferenceCycle { field, path } => {
                put("field", (*field).to_owned());
                put("path", path.join(" -> "));
            }
            Error::KeyAmbiguous {
                candidates, count, ..
            } => {
                put("candidates", candidates.join(","));
                put("count", count.to_string());
            }
            Error::RevisionNotFound { revision, .. } => put("revision", revision.to_string()),
            Error::TooManyClaims { limit, .. }
            | Error::SegmentFull { limit, .. }
            | Error::ResponseTooLarge { limit } => {
                put("limit", limit.to_string());
            }
            _ => {}
        }
        metadata
    }

    fn details(&self, reason: &str, violations_shown: usize) -> ErrorDetails {
        let mut details = ErrorDetails::with_error_info(reason, DOMAIN, self.metadata());
        if let Error::Invalid(violations) = self {
            details.set_bad_request(shown(violations, violations_shown));
        }
        if let Some(name) = self.resource() {
            details.set_resource_info(
                name.kind().resource_type(),
                name.to_string(),
                "",
                self.to_string(),
            );
        }
        // Replaced files need an operator first: retrying does not help.
        if self.code_and_reason().0 == Code::Unavailable
            && self.trouble() != Some(Trouble::Replaced)
        {
            details.set_retry_info(Some(Duration::from_millis(250)));
        }
        details
    }
}

/// Returns the reason all violations share, or the general one.
fn common_reason(violations: &[Violation]) -> &'static str {
    match violations {
        [first, rest @ ..] if rest.iter().all(|other| other.reason == first.reason) => first.reason,
        _ => "FIELD_INVALID",
    }
}

fn shown(violations: &[Violation], most: usize) -> Vec<FieldViolation> {
    let violation = |violation: &Violation| {
        let mut shown = FieldViolation::new(&violation.field, &violation.description);
        shown.reason = violation.reason.to_owned();
        shown
    };
    let mut shown: Vec<_> = violations.iter().take(most).map(violation).collect();
    if violations.len() > most {
        shown.push(FieldViolation::new(
            "",
            format!("{} more", violations.len() - most),
        ));
    }
    shown
}

/// Lists the first few names and how many there are in all.
fn listed(names: &[String], count: usize) -> String {
    let named = names.join(", ");
    match count.saturating_sub(names.len()) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// Spells out the first violations; the details hold all of them.
fn told(violations: &[Violation]) -> String {
    let first = violations.iter().take(TOLD_VIOLATIONS);
    let first = first
        .map(|violation| format!("{}: {}", violation.field, violation.description))
        .collect::<Vec<_>>();
    let more = match violations.len().saturating_sub(TOLD_VIOLATIONS) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    format!("{}{more}", first.join("; "))
}

impl From<Error> for Status {
    fn from(error: Error) -> Status {
        let (code, reason) = error.code_and_reason();
        let message = match &error {
            Error::Invalid(violations) => told(violations),
            other => other.to_string(),
        };
        let message: String = message.chars().take(400).collect();
        let mut most = MAX_VIOLATIONS;
        let mut status = loop {
            let status =
                Status::with_error_details(code, message.clone(), error.details(&reason, most));
            if most == 0 || status.details().len() + message.len() <= MAX_STATUS_BYTES {
                break status;
            }
            most /= 2;
        };
        status.set_source(std::sync::Arc::new(error));
        status
    }
}
