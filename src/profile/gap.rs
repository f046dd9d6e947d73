//! Gaps: what is unknown or out of date about who decides, by rules over the people that `decision` found.

use crate::clock::{self, Micros};
use crate::google::r#type::Date;
use crate::pb::affiliation::{BuyingRole, BuyingRoleClaim, Evidence};
use crate::pb::customer::Kind;
use crate::pb::decision_makers::Gap;
use crate::pb::decision_makers::gap::Type;
use crate::profile::decision::{Criteria, RankedPerson, start_of};
use crate::store::read::facts::Facts;
use crate::store::record::in_force;

/// Returns the gaps, in the order of the enum.
pub fn gaps(
    facts: &Facts,
    criteria: &Criteria,
    day: &str,
    people: &[RankedPerson<'_>],
    candidates: &[RankedPerson<'_>],
) -> Vec<Gap> {
    let by_itself = people.iter().any(RankedPerson::is_customer);
    let mut gaps = Vec::new();
    if people.is_empty() {
        gaps.push(of_type(Type::NoDecisionMaker));
    } else if !by_itself {
        let best = people.iter().map(|ranked| ranked.person.evidence).max();
        if best <= Some(Evidence::Inferred.into()) {
            gaps.push(of_type(Type::OnlyInferred));
        }
        gaps.extend(not_verified(criteria, people));
    }
    gaps.extend(no_recent_conversation(facts, criteria, people));
    if facts.customer.kind() != Kind::Individual {
        gaps.extend(single_threaded(criteria, people.iter().chain(candidates)));
    }
    gaps.extend(champion_left(facts, criteria, day));
    gaps
}

fn of_type(of: Type) -> Gap {
    Gap {
        r#type: of.into(),
        ..Gap::default()
    }
}

fn not_verified(criteria: &Criteria, people: &[RankedPerson<'_>]) -> Option<Gap> {
    let latest = people.iter().filter_map(RankedPerson::verified).max();
    let window = criteria.verified_within;
    is_before(latest, criteria.evaluate_time - window).then(|| Gap {
        latest_time: latest.map(clock::timestamp),
        ..windowed(Type::NotVerified, window)
    })
}

fn no_recent_conversation(
    facts: &Facts,
    criteria: &Criteria,
    people: &[RankedPerson<'_>],
) -> Option<Gap> {
    let of_people = people
        .iter()
        .filter_map(|ranked| ranked.person.last_conversation.as_ref());
    let of_customer = facts
        .customer
        .last_conversation
        .as_ref()
        .filter(|_| people.is_empty());
    let latest = of_people
        .chain(of_customer)
        .max_by_key(|last| (start_of(Some(last)), &last.conversation));
    let window = criteria.talked_within;
    is_before(start_of(latest), criteria.evaluate_time - window).then(|| Gap {
        latest_time: latest.and_then(|last| last.start_time),
        records: latest
            .map(|last| last.conversation.clone())
            .into_iter()
            .collect(),
        ..windowed(Type::NoRecentConversation, window)
    })
}

fn single_threaded<'a>(
    criteria: &Criteria,
    everyone: impl Iterator<Item = &'a RankedPerson<'a>>,
) -> Option<Gap> {
    let window = criteria.talked_within;
    let recently = |ranked: &&RankedPerson<'_>| {
        !is_before(ranked.last_talk(), criteria.evaluate_time - window)
    };
    let mut talked_with: Vec<&RankedPerson<'_>> = everyone.filter(recently).take(2).collect();
    if talked_with.len() > 1 {
        return None;
    }
    let records = talked_with
        .pop()
        .map(|ranked| ranked.person.contact.clone())
        .into_iter()
        .collect();
    Some(Gap {
        records,
        ..windowed(Type::SingleThreaded, window)
    })
}

fn champion_left(facts: &Facts, criteria: &Criteria, day: &str) -> Option<Gap> {
    let (mut left, mut is_there) = (Vec::new(), false);
    for (affiliation, _) in &facts.people {
        let champions = || {
            let claims = affiliation.buying_roles.iter();
            claims
                .filter(|claim| claim.role() == BuyingRole::Champion && criteria.fits_scope(claim))
        };
        let end = affiliation.end_date.as_ref().and_then(clock::date_text);
        if in_force::runs(affiliation, day) {
            is_there |= champions().any(|claim| in_force::is_in_force(claim, day));
        } else if let Some(end) = end.filter(|end| end.as_str() <= day)
            && begins_before(affiliation.start_date.as_ref(), &end)
            && champions().any(|claim| lasts_until(claim, &end))
        {
            left.push(affiliation.name.clone());
        }
    }
    left.sort();
    (!left.is_empty() && !is_there).then(|| Gap {
        records: left,
        ..of_type(Type::ChampionLeft)
    })
}

/// Says whether a claim was in force on the last day before an end.
fn lasts_until(claim: &BuyingRoleClaim, end: &str) -> bool {
    let until = claim.end_date.as_ref().and_then(clock::date_text);
    begins_before(claim.start_date.as_ref(), end) && until.is_none_or(|until| until.as_str() >= end)
}

fn begins_before(start: Option<&Date>, end: &str) -> bool {
    start
        .and_then(clock::date_text)
        .is_none_or(|start| start.as_str() < end)
}

fn windowed(of: Type, window: Micros) -> Gap {
    Gap {
        window: Some(clock::duration(window)),
        ..of_type(of)
    }
}

/// Says whether something last happened before a time, or never.
fn is_before(latest: Option<Micros>, time: Micros) -> bool {
    latest.is_none_or(|latest| latest < time)
}
