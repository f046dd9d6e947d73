//! Answers taken apart: what a call returned, or why it was refused. What must hold for every answer is asserted here,
//! once: the revision on every success, a known reason of our domain and a bounded size on every refusal.

use std::collections::BTreeMap;

use clientele::pb::ErrorReason;
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
    /// The name in the ResourceInfo.
    pub resource: Option<String>,
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
        resource: details
            .resource_info()
            .map(|info| info.resource_name.clone()),
        message: status.message().to_owned(),
    }
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
        self.tells("resource", name)
    }
}
