//! Answers taken apart: what a call returned, or why it was refused. What must hold for every answer is asserted here,
//! once: the revision on every success, a known reason of our domain and a bounded size on every refusal.

use std::collections::{BTreeMap, BTreeSet};

use clientele::google::rpc;
use clientele::name::Name;
use clientele::pb::{ErrorReason, KeyCandidates, ReferenceCycle, ResourceUsers};
use prost::Message;
use tonic::{Code, Response, Status};
use tonic_types::StatusExt;

/// What a client returns.
pub type Answer<T> = Result<Response<T>, Status>;

/// The most bytes of the message and the details of a refusal.
const MAX_STATUS_BYTES: usize = 4096;

/// Returns what a call that has to succeed answered.
#[track_caller]
pub fn done<T>(answer: Answer<T>) -> T {
    whole(answer).message
}

/// A successful answer with its headers.
pub struct Whole<T> {
    pub message: T,
    pub revision: i64,
    pub replayed: bool,
}

/// Returns what a call that has to succeed answered, with its headers.
#[track_caller]
pub fn whole<T>(answer: Answer<T>) -> Whole<T> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(status) => panic!(
            "refused: {:?} {} {:?}",
            status.code(),
            status.message(),
            status.get_error_details()
        ),
    };
    let header = |name: &str| {
        answer
            .metadata()
            .get(name)
            .map(|value| value.to_str().expect("ASCII").to_owned())
    };
    let revision = header("clientele-revision")
        .expect("every answer has a revision")
        .parse()
        .expect("a number");
    let replayed = header("clientele-replayed").is_some_and(|value| value == "true");
    Whole {
        message: answer.into_inner(),
        revision,
        replayed,
    }
}

/// Why a call was refused.
#[derive(Debug)]
pub struct Refusal {
    pub code: Code,
    pub reason: String,
    pub metadata: BTreeMap<String, String>,
    /// Field and reason of each violation, in the order of the answer.
    pub violations: Vec<(String, String)>,
    /// The type in the ResourceInfo.
    pub resource_type: Option<String>,
    /// The name in the ResourceInfo, if it has one.
    pub resource: Option<String>,
    pub candidates: Option<KeyCandidates>,
    pub users: Option<ResourceUsers>,
    pub cycle: Option<ReferenceCycle>,
    pub message: String,
}

/// Returns why a call that has to fail was refused.
#[track_caller]
pub fn refused<T>(answer: Answer<T>) -> Refusal {
    let Err(status) = answer else {
        panic!("the call was not refused")
    };
    refusal(&status)
}

/// Takes a status apart.
#[track_caller]
pub fn refusal(status: &Status) -> Refusal {
    let details = status.get_error_details();
    let Some(info) = details.error_info() else {
        panic!("no ErrorInfo: {status:?}")
    };
    assert_eq!(info.domain, "clientele.dev");
    let known = ErrorReason::from_str_name(&format!("ERROR_REASON_{}", info.reason));
    assert!(
        known.is_some(),
        "{} is not in error_reason.proto",
        info.reason
    );
    let size = status.details().len() + status.message().len();
    assert!(size <= MAX_STATUS_BYTES, "a refusal of {size} bytes");
    let status_details = rpc::Status::decode(status.details()).expect("a google.rpc.Status");
    assert_eq!(status_details.code, i32::from(status.code()));
    assert_eq!(status_details.message, status.message());
    let types = status_details.details.iter();
    let types: Vec<&str> = types.map(|detail| detail.type_url.as_str()).collect();
    assert_eq!(types[0], "type.googleapis.com/google.rpc.ErrorInfo");
    let distinct: BTreeSet<&&str> = types.iter().collect();
    assert_eq!(distinct.len(), types.len(), "a type twice: {types:?}");
    let violations = details
        .bad_request()
        .map(|bad| bad.field_violations.clone())
        .unwrap_or_default();
    Refusal {
        code: status.code(),
        reason: info.reason.clone(),
        metadata: info.metadata.clone().into_iter().collect(),
        violations: violations
            .into_iter()
            .map(|violation| (violation.field, violation.reason))
            .collect(),
        resource_type: details
            .resource_info()
            .map(|info| info.resource_type.clone()),
        resource: details
            .resource_info()
            .map(|info| info.resource_name.clone())
            .filter(|name| !name.is_empty()),
        candidates: detail(&status_details),
        users: detail(&status_details),
        cycle: detail(&status_details),
        message: status.message().to_owned(),
    }
}

fn detail<M: Message + prost::Name + Default>(status: &rpc::Status) -> Option<M> {
    let mut details = status.details.iter();
    details.find_map(|detail| detail.to_msg().ok())
}

impl Refusal {
    /// Asserts the code and the reason.
    #[track_caller]
    pub fn is(self, code: Code, reason: &str) -> Refusal {
        assert_eq!(
            (self.code, self.reason.as_str()),
            (code, reason),
            "{self:?}"
        );
        self
    }

    /// Asserts that the fields are wrong, these and no others, in this order, all for one reason.
    #[track_caller]
    pub fn names(self, reason: &str, fields: &[&str]) -> Refusal {
        let this = self.is(Code::InvalidArgument, reason);
        let found: Vec<&str> = this
            .violations
            .iter()
            .map(|(field, _)| field.as_str())
            .collect();
        assert_eq!(found, fields, "{}", this.message);
        assert!(
            this.violations.iter().all(|(_, of)| of == reason),
            "{this:?}"
        );
        this
    }

    /// Asserts that the reference in this field leads to nothing that can be used.
    #[track_caller]
    pub fn names_unusable(self, field: &str) -> Refusal {
        self.is(Code::FailedPrecondition, "REFERENCE_UNUSABLE")
            .tells("field", field)
    }

    /// Asserts one entry of the metadata.
    #[track_caller]
    pub fn tells(self, key: &str, value: &str) -> Refusal {
        assert_eq!(
            self.metadata.get(key).map(String::as_str),
            Some(value),
            "{self:?}"
        );
        self
    }

    /// Asserts which resource the ResourceInfo names.
    #[track_caller]
    pub fn about(self, name: &str) -> Refusal {
        assert_eq!(self.resource.as_deref(), Some(name), "{self:?}");
        let kind = Name::parse_any(name).map(|name| name.kind().resource_type());
        assert_eq!(self.resource_type.as_deref(), kind, "{self:?}");
        self.tells("resource", name)
    }

    /// Asserts that a key matches so many records, and the first of them.
    #[track_caller]
    pub fn lists_candidates<T: AsRef<str>>(self, candidates: &[T], count: i32) -> Refusal {
        let this = self.is(Code::FailedPrecondition, "KEY_AMBIGUOUS");
        let found = this.candidates.clone().unwrap_or_default();
        let candidates: Vec<&str> = candidates.iter().map(AsRef::as_ref).collect();
        assert_eq!(found.candidates, candidates, "{this:?}");
        assert_eq!(found.candidate_count, count, "{this:?}");
        let field = this.metadata.get("field").cloned().unwrap_or_default();
        assert_eq!(found.field, field, "{this:?}");
        this
    }

    /// Asserts that so many records use this one, and the first of them.
    #[track_caller]
    pub fn lists_users<T: AsRef<str>>(self, users: &[T], count: i32) -> Refusal {
        let this = self.is(Code::FailedPrecondition, "RESOURCE_IN_USE");
        let found = this.users.clone().unwrap_or_default();
        let users: Vec<&str> = users.iter().map(AsRef::as_ref).collect();
        assert_eq!(found.users, users, "{this:?}");
        assert_eq!(found.user_count, count, "{this:?}");
        this
    }

    /// Asserts that references in this field make this cycle.
    #[track_caller]
    pub fn lists_cycle(self, field: &str, path: &[&str]) -> Refusal {
        let this = self.is(Code::FailedPrecondition, "REFERENCE_CYCLE");
        let found = this.cycle.clone().unwrap_or_default();
        assert_eq!(found.names, path, "{this:?}");
        assert_eq!(found.name_count as usize, path.len(), "{this:?}");
        assert_eq!(found.field, field, "{this:?}");
        this.tells("field", field)
    }
}
