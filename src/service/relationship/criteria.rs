//! What a question about decision makers may say: roles, evidence, scope, times and windows.

use prost_types::{Duration, Timestamp};

use crate::clock::{self, DAY, Micros};
use crate::fold::folded;
use crate::pb;
use crate::pb::affiliation::{BuyingRole, Evidence};
use crate::profile::decision::Criteria;
use crate::service::check::Checker;
use crate::store::record::in_force::DECIDING;

const LONGEST_WINDOW: Micros = 36_500 * DAY;
const VERIFIED_WITHIN: Micros = 180 * DAY;
const TALKED_WITHIN: Micros = 90 * DAY;

/// The arguments that choose and judge decision makers, which several requests have in common.
#[derive(Clone, Debug, Default)]
pub(crate) struct DecisionCriteria {
    pub(crate) roles: Vec<i32>,
    pub(crate) min_evidence: i32,
    pub(crate) scope: String,
    pub(crate) evaluate_time: Option<Timestamp>,
    pub(crate) verified_within: Option<Duration>,
    pub(crate) talked_within: Option<Duration>,
}

impl From<&pb::GetDecisionMakersRequest> for DecisionCriteria {
    fn from(request: &pb::GetDecisionMakersRequest) -> DecisionCriteria {
        DecisionCriteria {
            roles: request.roles.clone(),
            min_evidence: request.min_evidence,
            scope: request.scope.clone(),
            evaluate_time: request.evaluate_time,
            verified_within: request.verified_within,
            talked_within: request.talked_within,
        }
    }
}

impl From<&pb::ListDecisionMakersRequest> for DecisionCriteria {
    fn from(request: &pb::ListDecisionMakersRequest) -> DecisionCriteria {
        DecisionCriteria {
            roles: request.roles.clone(),
            min_evidence: request.min_evidence,
            scope: request.scope.clone(),
            evaluate_time: request.evaluate_time,
            verified_within: request.verified_within,
            talked_within: request.talked_within,
        }
    }
}

/// A briefing names its windows and takes the rest as it is when nothing is said.
impl From<&pb::GetBriefingRequest> for DecisionCriteria {
    fn from(request: &pb::GetBriefingRequest) -> DecisionCriteria {
        DecisionCriteria {
            verified_within: request.verified_within,
            talked_within: request.talked_within,
            ..DecisionCriteria::default()
        }
    }
}

impl DecisionCriteria {
    /// Checks the arguments and fills in what is not said.
    pub(crate) fn check(self, checker: &mut Checker, now: Micros) -> Criteria {
        checker.each("roles", &self.roles, 13, |checker, role| {
            checker.enumeration::<BuyingRole>("", *role);
            checker.ensure(*role != 0, "", "is not specified");
        });
        let mut distinct = self.roles.clone();
        distinct.sort_unstable();
        distinct.dedup();
        checker.ensure(
            distinct.len() == self.roles.len(),
            "roles",
            "holds an element twice",
        );
        checker.enumeration::<Evidence>("min_evidence", self.min_evidence);
        checker.short("scope", &self.scope);
        checker.time("evaluate_time", self.evaluate_time.as_ref());
        checker.positive_span(
            "verified_within",
            self.verified_within.as_ref(),
            LONGEST_WINDOW,
        );
        checker.positive_span("talked_within", self.talked_within.as_ref(), LONGEST_WINDOW);
        let roles: Vec<BuyingRole> = self
            .roles
            .iter()
            .filter_map(|role| BuyingRole::try_from(*role).ok())
            .collect();
        let scope = folded(self.scope.trim());
        let span = |given: Option<Duration>| given.as_ref().and_then(clock::span);
        Criteria {
            roles: if roles.is_empty() {
                DECIDING.to_vec()
            } else {
                roles
            },
            min_evidence: self.min_evidence,
            scope: (!scope.is_empty()).then_some(scope),
            evaluate_time: self
                .evaluate_time
                .as_ref()
                .and_then(clock::micros)
                .unwrap_or(now),
            verified_within: span(self.verified_within).unwrap_or(VERIFIED_WITHIN),
            talked_within: span(self.talked_within).unwrap_or(TALKED_WITHIN),
        }
    }
}
