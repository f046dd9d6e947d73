//! A firm with people who decide, for the tests of who does.

use clientele::clock::{self, Micros};
use clientele::pb;
use clientele::pb::affiliation::{BuyingRole, Evidence, Seniority};
use clientele::pb::decision_makers::Gap;
use clientele::pb::decision_makers::gap::Type;

use super::Harness;
use super::answer::{Answer, done};
use super::builders::{affiliation, claim, contact, customer};
use super::keys::by_name;
use super::records::conversation;

/// A firm, and what happens there.
pub struct Firm {
    pub h: Harness,
    pub customer: pb::Customer,
}

impl Firm {
    /// A firm without anybody.
    pub async fn new(h: &Harness) -> Firm {
        Firm {
            h: h.clone(),
            customer: h.create(customer("Ferrum AG")).await,
        }
    }

    /// Lets a new person of this name work there.
    pub async fn employ(&self, name: &str, seniority: Seniority) -> pb::Affiliation {
        let person = self.h.create(contact(name)).await;
        let job = pb::Affiliation {
            seniority: seniority.into(),
            ..affiliation(&person, &self.customer)
        };
        self.h.create(job).await
    }

    /// Lets a new person of this name work there who has a role.
    pub async fn decider(
        &self,
        name: &str,
        role: BuyingRole,
        evidence: Evidence,
    ) -> pb::Affiliation {
        let job = self.employ(name, Seniority::Unspecified).await;
        self.h
            .add_role(pb::AddBuyingRoleRequest {
                evidence: evidence.into(),
                ..claim(&job, role)
            })
            .await
    }

    /// Talks with the person of a job.
    pub async fn talk(&self, job: &pb::Affiliation, time: Micros) -> pb::Conversation {
        let start_time = Some(clock::timestamp(time));
        let contacts = vec![job.contact.clone()];
        self.h
            .create(pb::Conversation {
                start_time,
                contacts,
                ..conversation(&self.customer, 0)
            })
            .await
    }

    /// Who decides there?
    pub fn question(&self) -> pb::GetDecisionMakersRequest {
        pb::GetDecisionMakersRequest {
            customer: by_name(&self.customer.name),
            ..Default::default()
        }
    }

    /// Asks who decides there.
    pub async fn ask(&self) -> pb::DecisionMakers {
        done(ask(&self.h, self.question()).await)
    }

    /// Asks what is missing there.
    pub async fn gaps(&self) -> Vec<Type> {
        self.ask().await.gaps.iter().map(Gap::r#type).collect()
    }
}

/// Asks who decides.
pub async fn ask(
    h: &Harness,
    question: pb::GetDecisionMakersRequest,
) -> Answer<pb::DecisionMakers> {
    h.relationships.clone().get_decision_makers(question).await
}

/// The names of people, in their order.
pub fn names(people: &[pb::KeyPerson]) -> Vec<&str> {
    people
        .iter()
        .map(|person| person.display_name.as_str())
        .collect()
}

/// A time in microseconds since 1970.
pub fn at(time: Micros) -> Option<prost_types::Timestamp> {
    Some(clock::timestamp(time))
}
