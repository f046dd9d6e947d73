//! Who decides at a customer, and who might: rules over facts, criteria and the time.
//!
//! Owns which claims count, how people are ranked, and what is said about each. What is missing is found in `gap`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::clock::{self, Micros};
use crate::fold::folded;
use crate::pb;
use crate::pb::Position;
use crate::pb::affiliation::{BuyingRole, BuyingRoleClaim};
use crate::profile::{gap, permission};
use crate::store::read::facts::Facts;
use crate::store::record::in_force::{self, DECIDING};

/// The most candidates in one answer.
const MAX_CANDIDATES: usize = 50;

/// The validated criteria of an answer.
#[derive(Clone, Debug)]
pub struct Criteria {
    /// The roles that count.
    pub roles: Vec<BuyingRole>,
    /// The number of the weakest evidence that counts.
    pub min_evidence: i32,
    /// The folded scope; absent if all are asked about.
    pub scope: Option<String>,
    /// The time as of which the answer holds: claims and affiliations in force then count.
    pub evaluate_time: Micros,
    /// How long a verification stays good.
    pub verified_within: Micros,
    /// How long a conversation counts as recent.
    pub talked_within: Micros,
}

impl Criteria {
    /// Says whether a claim is about the scope that was asked for.
    pub fn fits_scope(&self, claim: &BuyingRoleClaim) -> bool {
        let is_it =
            |scope: &String| claim.scope.trim().is_empty() || folded(claim.scope.trim()) == *scope;
        self.scope.as_ref().is_none_or(is_it)
    }

    fn counts(&self, claim: &BuyingRoleClaim) -> bool {
        self.roles.contains(&claim.role())
            && claim.evidence >= self.min_evidence
            && self.fits_scope(claim)
    }

    /// Says whether an individual customer is its own answer.
    fn is_about_deciding(&self) -> bool {
        self.roles.iter().any(|role| DECIDING.contains(role))
    }
}

/// A person at a customer, with what ranks them.
pub struct RankedPerson<'a> {
    /// What the answer says about them.
    pub person: pb::KeyPerson,
    /// Their running affiliations; none for an individual customer.
    pub running: Vec<&'a pb::Affiliation>,
    folded_name: String,
}

impl RankedPerson<'_> {
    pub(super) fn last_talk(&self) -> Option<Micros> {
        start_of(self.person.last_conversation.as_ref())
    }

    /// Returns when any of the claims that count was last verified.
    pub(super) fn verified(&self) -> Option<Micros> {
        self.person.verify_time.as_ref().and_then(clock::micros)
    }

    /// Says whether it is the individual customer.
    pub(super) fn is_customer(&self) -> bool {
        !self.person.customer.is_empty()
    }

    fn by_evidence(&self) -> impl Ord + '_ {
        let evidence = if self.is_customer() {
            i32::MAX
        } else {
            self.person.evidence
        };
        (
            Reverse(evidence),
            Reverse(self.verified()),
            &self.folded_name,
            &self.person.contact,
        )
    }

    fn by_seniority(&self) -> impl Ord + '_ {
        let seniority = self.person.positions.iter().map(seniority_rank).min();
        (
            seniority,
            Reverse(self.last_talk()),
            &self.folded_name,
            &self.person.contact,
        )
    }
}

pub(super) fn start_of(last: Option<&pb::LastConversation>) -> Option<Micros> {
    last.and_then(|last| last.start_time.as_ref())
        .and_then(clock::micros)
}

/// Answers who decides at a customer. The revision is for the caller to set.
pub fn answer(facts: &Facts, criteria: &Criteria, now: Micros) -> pb::DecisionMakers {
    let day = clock::date_of(criteria.evaluate_time);
    let everyone = everyone(facts, criteria, &day, now);
    let (mut people, mut candidates): (Vec<_>, Vec<_>) = everyone
        .into_iter()
        .partition(|ranked| ranked.is_customer() || ranked.person.evidence != 0);
    people.sort_by(|a, b| a.by_evidence().cmp(&b.by_evidence()));
    candidates.sort_by(|a, b| a.by_seniority().cmp(&b.by_seniority()));
    let gaps = gap::gaps(facts, criteria, &day, &people, &candidates);
    let more_candidates = candidates.len() > MAX_CANDIDATES;
    candidates.truncate(MAX_CANDIDATES);
    pb::DecisionMakers {
        customer: facts.customer.name.clone(),
        customer_display_name: facts.customer.display_name.clone(),
        people: people.into_iter().map(|ranked| ranked.person).collect(),
        candidates: candidates.into_iter().map(|ranked| ranked.person).collect(),
        more_candidates,
        gaps,
        evaluate_time: Some(clock::timestamp(criteria.evaluate_time)),
        more_people: facts.more_people,
        revision: 0,
    }
}

/// Returns the people with a running affiliation, each once, and an individual customer itself.
fn everyone<'a>(
    facts: &'a Facts,
    criteria: &Criteria,
    day: &str,
    now: Micros,
) -> Vec<RankedPerson<'a>> {
    let mut by_contact: BTreeMap<&str, (&pb::Contact, Vec<&pb::Affiliation>)> = BTreeMap::new();
    for (affiliation, contact) in &facts.people {
        if in_force::runs(affiliation, day) {
            by_contact
                .entry(&contact.name)
                .or_insert((contact, Vec::new()))
                .1
                .push(affiliation);
        }
    }
    let customer = &facts.customer;
    let is_one = customer.kind() == pb::customer::Kind::Individual && criteria.is_about_deciding();
    let itself = is_one.then(|| itself(customer, now));
    let others = by_contact.into_values().map(|(contact, running)| {
        let mut person = contact_person(contact);
        permission::apply(
            &mut person,
            &contact.contact_permissions,
            &customer.contact_permissions,
            now,
        );
        take_positions(&mut person, customer, criteria, &running, day);
        RankedPerson {
            folded_name: folded(&person.display_name),
            person,
            running,
        }
    });
    itself.into_iter().chain(others).collect()
}

fn itself(customer: &pb::Customer, now: Micros) -> RankedPerson<'static> {
    let preferred = customer
        .engagement
        .as_ref()
        .map(|engagement| engagement.preferred_channels.clone());
    let mut person = pb::KeyPerson {
        customer: customer.name.clone(),
        display_name: customer.display_name.clone(),
        emails: customer.emails.clone(),
        phone_numbers: customer.phone_numbers.clone(),
        preferred_channels: preferred.unwrap_or_default(),
        last_conversation: customer.last_conversation.clone(),
        ..pb::KeyPerson::default()
    };
    permission::apply(&mut person, &customer.contact_permissions, &[], now);
    RankedPerson {
        folded_name: folded(&person.display_name),
        person,
        running: Vec::new(),
    }
}

fn contact_person(contact: &pb::Contact) -> pb::KeyPerson {
    pb::KeyPerson {
        contact: contact.name.clone(),
        display_name: contact.display_name.clone(),
        emails: contact.emails.clone(),
        phone_numbers: contact.phone_numbers.clone(),
        preferred_channels: contact.preferred_channels.clone(),
        language_code: contact.language_code.clone(),
        time_zone: contact.time_zone.clone(),
        last_conversation: contact.last_conversation.clone(),
        ..pb::KeyPerson::default()
    }
}

/// Fills in the positions with their claims, and the best evidence and latest verification of the claims that count.
fn take_positions(
    person: &mut pb::KeyPerson,
    customer: &pb::Customer,
    criteria: &Criteria,
    running: &[&pb::Affiliation],
    day: &str,
) {
    person.positions = running
        .iter()
        .map(|affiliation| position(affiliation, customer, criteria, day))
        .collect();
    person
        .positions
        .sort_by(|a, b| position_rank(a).cmp(&position_rank(b)));
    let counted = || {
        person
            .positions
            .iter()
            .flat_map(|position| &position.buying_roles)
    };
    let evidence = counted()
        .map(|claim| claim.evidence)
        .max()
        .unwrap_or_default();
    let verified = counted().filter_map(verify_micros).max();
    person.evidence = evidence;
    person.verify_time = verified.map(clock::timestamp);
}

fn position(
    affiliation: &pb::Affiliation,
    customer: &pb::Customer,
    criteria: &Criteria,
    day: &str,
) -> Position {
    let claims = affiliation
        .buying_roles
        .iter()
        .filter(|claim| in_force::is_in_force(claim, day));
    let mut claims: Vec<BuyingRoleClaim> = claims.cloned().collect();
    claims.sort_by_key(|claim| (claim_rank(claim), claim.claim_id.clone()));
    let deciding = claims.iter().filter(|claim| in_force::decides(claim, day));
    let deciding: BTreeSet<i32> = deciding.map(|claim| claim.role).collect();
    let (buying_roles, other_buying_roles) =
        claims.into_iter().partition(|claim| criteria.counts(claim));
    Position {
        affiliation: affiliation.name.clone(),
        job_title: affiliation.job_title.clone(),
        department: affiliation.department.clone(),
        seniority: affiliation.seniority,
        primary: affiliation.primary,
        buying_roles,
        other_buying_roles,
        customer: customer.name.clone(),
        customer_display_name: customer.display_name.clone(),
        deciding_roles: deciding.into_iter().collect(),
    }
}

fn verify_micros(claim: &BuyingRoleClaim) -> Option<Micros> {
    claim.verify_time.as_ref().and_then(clock::micros)
}

fn claim_rank(claim: &BuyingRoleClaim) -> impl Ord + use<> {
    (Reverse(claim.evidence), Reverse(verify_micros(claim)))
}

fn position_rank(position: &Position) -> impl Ord + '_ {
    let best = position.buying_roles.first().map(claim_rank);
    (
        best.is_none(),
        best,
        seniority_rank(position),
        &position.affiliation,
    )
}

/// The most senior first, an unknown seniority last.
fn seniority_rank(position: &Position) -> i32 {
    if position.seniority == 0 {
        i32::MAX
    } else {
        position.seniority
    }
}
