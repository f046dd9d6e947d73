//! Every way a call can fail, with its code and its reason; `status.rs` makes a gRPC status of it.
//!
//! The reasons are API (`error_reason.proto`): append only. A cause goes to the log and never to the caller, and no
//! text here repeats a value that a caller sent, because values are people's data.

mod status;

use std::time::Duration;

use tonic::Code;

use crate::name::{Kind, Name};
use crate::pb::AccessScope;

/// The most names, or violations, that the message of an error spells out; the details hold more.
const MAX_TOLD: usize = 3;

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
    #[error("{0} is not deleted")]
    NotDeleted(Name),
    #[error("{name} has {children} live {}: set force to delete it with all that belongs to it", kind.collection())]
    HasChildren {
        name: Name,
        kind: Kind,
        children: usize,
    },
    #[error(
        "more than {limit} live records belong to {name}, the most that are deleted along with it: delete some first"
    )]
    TooManyChildren { name: Name, limit: usize },
    #[error("{name} is used by {}: change those first", told_names(users, *count))]
    InUse {
        name: Name,
        users: Vec<String>,
        count: usize,
    },
    #[error(
        "{0} has a filter and no list: change the filter, or give it a list by updating its members"
    )]
    HasFilter(Name),
    #[error("{field} of {name} would have more than {limit} entries, the most that it can hold")]
    Full {
        name: Name,
        field: &'static str,
        limit: usize,
    },
    #[error("{0} has no members: there is nothing to compare")]
    SegmentEmpty(Name),
    #[error("{field}: {error}")]
    At { field: String, error: Box<Error> },
    #[error("{parent}, to which {name} belongs, is deleted: undelete that first")]
    ParentDeleted { name: Name, parent: Name },
    #[error("{field} refers to {target}, which is unknown or deleted")]
    ReferenceUnusable { field: String, target: Name },
    #[error("{field} would make a cycle: {}", told_cycle(path))]
    ReferenceCycle {
        field: &'static str,
        path: Vec<String>,
    },
    #[error("{name} has no buying role claim with this claim_id")]
    ClaimNotFound { name: Name },
    #[error("clientele-actor names no colleague: give a name, an e-mail or system:id that one has")]
    ActorUnknown,
    #[error("only the author of {0} can change who sees it")]
    NotAuthor(Name),
    #[error("another {} has this {field}", kind.singular())]
    ValueExists {
        kind: Kind,
        field: &'static str,
        holder: Option<Name>,
    },
    #[error("{name} did not exist at revision {revision}")]
    RevisionNotFound { name: Name, revision: i64 },
    #[error("request_id was used for another request: choose a new one")]
    RequestIdReused,
    #[error("no {} has this key", kind.singular())]
    KeyUnknown { kind: Kind },
    #[error("the key fits {count} {}: ask by the name of one, such as {}", kind.collection(), told_names(candidates, *count))]
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
    #[error("the method takes one message: send no second one in the call")]
    SecondMessage,
    #[error("the metadata of the request is larger than {limit} bytes: send less of it")]
    MetadataTooLarge { limit: usize },
    #[error("this port speaks gRPC: send POST")]
    HttpMethodRefused,
    #[error(
        "this port speaks gRPC: send the content-type application/grpc or application/grpc+proto"
    )]
    ContentTypeRefused,
    #[error("the method does not exist")]
    MethodUnknown,
    #[error(
        "the Host of the request is not a loopback name, and this server answers only to those"
    )]
    HostRefused,
    #[error("the Origin of the request is not allowed")]
    OriginRefused,
    #[error(
        "the server asks for a credential: send an API key in the metadata authorization, as Bearer clt_..."
    )]
    CredentialMissing,
    #[error("the credential is not valid")]
    CredentialInvalid,
    #[error(
        "the call has an API key, but the server asks for none, and so cannot tell whose records are meant: \
         address the server that the key is for, or send no key"
    )]
    CredentialUnexpected,
    #[error("the credential lacks the scope {} that this needs: ask an administrator for it", .0.as_str_name())]
    ScopeMissing(AccessScope),
    #[error("too many credentials from this address were not valid: try again later")]
    AttemptsExhausted,
    #[error("the keys of the issuer of the token cannot be fetched: try again shortly")]
    IssuerUnavailable,
    #[error("there is no such API key")]
    ApiKeyNotFound,
    #[error("the deadline passed before the call was done")]
    DeadlineExceeded,
    #[error(
        "another write touched the same records at the same time: do the whole operation again"
    )]
    ConcurrentWrite,
    #[error("the server has more work than it can take on: try again shortly")]
    Overloaded,
    #[error(
        "the caller may make {calls_per_second} calls a second, and has made more: wait as long as RetryInfo says"
    )]
    RateExceeded {
        calls_per_second: u32,
        retry_after: Duration,
    },
    #[error("the server is shutting down: try again shortly")]
    ShuttingDown,
    #[error("{0}")]
    Store(Trouble, #[source] Cause),
    #[error("internal error")]
    Internal(#[source] Cause),
}

/// What is wrong with the store, least serious first. The first four pass by themselves.
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
    /// The log of the store is at its bound, because a program, by its process if that is known, reads an old state.
    #[error("{}", told_reader(*.0))]
    LogHeld(Option<u32>),
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
            Trouble::Unavailable | Trouble::LogHeld(_) | Trouble::SyncFailed => {
                (Code::Unavailable, "STORE_UNAVAILABLE")
            }
            Trouble::Locked => (Code::Unavailable, "STORE_LOCKED"),
            Trouble::Full => (Code::ResourceExhausted, "STORE_FULL"),
            Trouble::Corrupt => (Code::DataLoss, "STORE_CORRUPT"),
            Trouble::Replaced => (Code::DataLoss, "STORE_REPLACED"),
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
    pub fn code_and_reason(&self) -> (Code, &'static str) {
        match self {
            Error::NotFound(_) | Error::KeyUnknown { .. } => (Code::NotFound, "RESOURCE_NOT_FOUND"),
            Error::Exists(_) => (Code::AlreadyExists, "RESOURCE_EXISTS"),
            Error::NotDeleted(_) => (Code::AlreadyExists, "RESOURCE_NOT_DELETED"),
            Error::Invalid(violations) => (Code::InvalidArgument, common_reason(violations)),
            Error::ExternalIdExists { .. } => (Code::AlreadyExists, "EXTERNAL_ID_EXISTS"),
            Error::Duplicate { .. } => (Code::Aborted, "CONCURRENT_WRITE"),
            Error::EtagMismatch { .. } => (Code::Aborted, "ETAG_MISMATCH"),
            Error::Deleted(_) => (Code::FailedPrecondition, "RESOURCE_DELETED"),
            Error::HasChildren { .. } => (Code::FailedPrecondition, "HAS_CHILDREN"),
            Error::TooManyChildren { .. } => (Code::FailedPrecondition, "TOO_MANY_CHILDREN"),
            Error::InUse { .. } => (Code::FailedPrecondition, "RESOURCE_IN_USE"),
            Error::HasFilter(_) => (Code::FailedPrecondition, "SEGMENT_HAS_FILTER"),
            Error::Full { .. } => (Code::FailedPrecondition, "RESOURCE_FULL"),
            Error::SegmentEmpty(_) => (Code::FailedPrecondition, "SEGMENT_EMPTY"),
            Error::At { error, .. } => error.code_and_reason(),
            Error::ParentDeleted { .. } => (Code::FailedPrecondition, "PARENT_DELETED"),
            Error::ReferenceUnusable { .. } => (Code::FailedPrecondition, "REFERENCE_UNUSABLE"),
            Error::ReferenceCycle { .. } => (Code::FailedPrecondition, "REFERENCE_CYCLE"),
            Error::ClaimNotFound { .. } => (Code::NotFound, "CLAIM_NOT_FOUND"),
            Error::ActorUnknown => (Code::InvalidArgument, "ACTOR_UNKNOWN"),
            Error::NotAuthor(_) => (Code::PermissionDenied, "NOT_AUTHOR"),
            Error::ValueExists { .. } => (Code::AlreadyExists, "FIELD_VALUE_EXISTS"),
            Error::RevisionNotFound { .. } => (Code::NotFound, "REVISION_NOT_FOUND"),
            Error::RequestIdReused => (Code::InvalidArgument, "REQUEST_ID_REUSED"),
            Error::KeyAmbiguous { .. } => (Code::FailedPrecondition, "KEY_AMBIGUOUS"),
            Error::ResponseTooLarge { .. } => (Code::ResourceExhausted, "RESPONSE_TOO_LARGE"),
            Error::MessageTooLarge => (Code::ResourceExhausted, "MESSAGE_TOO_LARGE"),
            Error::MessageUndecodable => (Code::InvalidArgument, "MESSAGE_UNDECODABLE"),
            Error::SecondMessage => (Code::Unimplemented, "SECOND_MESSAGE"),
            Error::MetadataTooLarge { .. } => (Code::ResourceExhausted, "METADATA_TOO_LARGE"),
            Error::HttpMethodRefused => (Code::Unimplemented, "HTTP_METHOD_REFUSED"),
            Error::ContentTypeRefused => (Code::InvalidArgument, "CONTENT_TYPE_REFUSED"),
            Error::MethodUnknown => (Code::Unimplemented, "METHOD_UNKNOWN"),
            Error::HostRefused => (Code::PermissionDenied, "HOST_REFUSED"),
            Error::OriginRefused => (Code::PermissionDenied, "ORIGIN_REFUSED"),
            Error::CredentialMissing => (Code::Unauthenticated, "CREDENTIAL_MISSING"),
            Error::CredentialInvalid => (Code::Unauthenticated, "CREDENTIAL_INVALID"),
            Error::CredentialUnexpected => (Code::Unauthenticated, "CREDENTIAL_UNEXPECTED"),
            Error::ScopeMissing(_) => (Code::PermissionDenied, "SCOPE_MISSING"),
            Error::AttemptsExhausted => (Code::ResourceExhausted, "ATTEMPTS_EXHAUSTED"),
            Error::IssuerUnavailable => (Code::Unavailable, "ISSUER_UNAVAILABLE"),
            Error::ApiKeyNotFound => (Code::NotFound, "API_KEY_NOT_FOUND"),
            Error::DeadlineExceeded => (Code::DeadlineExceeded, "DEADLINE_EXCEEDED"),
            Error::ConcurrentWrite => (Code::Aborted, "CONCURRENT_WRITE"),
            Error::Overloaded => (Code::Unavailable, "OVERLOADED"),
            Error::RateExceeded { .. } => (Code::ResourceExhausted, "RATE_EXCEEDED"),
            Error::ShuttingDown => (Code::Unavailable, "SHUTTING_DOWN"),
            Error::Store(trouble, _) => trouble.code_and_reason(),
            Error::Internal(_) => (Code::Internal, "INTERNAL"),
        }
    }
}

/// Returns the reason all violations share, or the general one.
fn common_reason(violations: &[Violation]) -> &'static str {
    match violations {
        [first, rest @ ..] if rest.iter().all(|other| other.reason == first.reason) => first.reason,
        _ => "FIELD_INVALID",
    }
}

/// Says who keeps the log of the store from being emptied.
fn told_reader(process: Option<u32>) -> String {
    let Some(id) = process else {
        return "the log of the store has reached its bound while an old state of it is still read, and nothing was \
                written: try again shortly"
            .to_owned();
    };
    format!(
        "process {id} on the server's machine reads an old state of the store, whose log has reached its bound, and \
         nothing was written: end that reading, or try again shortly"
    )
}

/// Lists the first few names and how many there are in all.
fn told_names(names: &[String], count: usize) -> String {
    let first = &names[..names.len().min(MAX_TOLD)];
    let named = first.join(", ");
    match count.saturating_sub(first.len()) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// Spells out a cycle; of a long one, where it begins.
fn told_cycle(path: &[String]) -> String {
    match path {
        [first, .., last] if path.len() > MAX_TOLD + 1 => {
            format!(
                "{first} -> {} -> ... -> {last}",
                path[1..MAX_TOLD].join(" -> ")
            )
        }
        _ => path.join(" -> "),
    }
}
