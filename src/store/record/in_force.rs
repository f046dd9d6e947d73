//! What counts on a day: running affiliations, claims in force, who decides, and how often a customer comes.
//!
//! Owns each of these rules in both of its forms: as SQL, for reads and filters, and over messages, for what is
//! computed in memory. The tests with random changes compare the two. Does not own what is kept up to date when rows
//! change: see `last_conversation.rs`.

use std::collections::BTreeSet;

use crate::clock;
use crate::google::r#type::Date;
use crate::pb;
use crate::pb::affiliation::{BuyingRole, BuyingRoleClaim};
use crate::pb::customer::{Frequency, Kind};
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Part, part, scoped};

/// The roles that make their holder a decision maker.
pub const DECIDING: [BuyingRole; 4] = [
    BuyingRole::DecisionMaker,
    BuyingRole::EconomicBuyer,
    BuyingRole::BudgetHolder,
    BuyingRole::ExecutiveSponsor,
];

/// The least visits or conversations for each frequency, highest first.
const FREQUENCIES: [(i32, Frequency); 3] = [
    (12, Frequency::Frequent),
    (2, Frequency::Occasional),
    (1, Frequency::FirstTime),
];

/// Says whether a span of dates contains a day: the start is included, the end is not, an unset one is open.
fn holds(start: Option<&Date>, end: Option<&Date>, day: &str) -> bool {
    let (start, end) = (
        start.and_then(clock::date_text),
        end.and_then(clock::date_text),
    );
    start.is_none_or(|start| start.as_str() <= day) && end.is_none_or(|end| end.as_str() > day)
}

/// Says whether an affiliation is live and runs on a day.
pub fn runs(affiliation: &pb::Affiliation, day: &str) -> bool {
    affiliation.delete_time.is_none()
        && holds(
            affiliation.start_date.as_ref(),
            affiliation.end_date.as_ref(),
            day,
        )
}

/// Returns the condition that a row of `affiliations` is live and runs on a day.
pub fn running(day: &str) -> Part {
    part!(
        "affiliations.delete_time is null and affiliations.start_date <= :day
           and (affiliations.end_date = '' or affiliations.end_date > :day)",
        day,
    )
}

/// Says whether a claim is in force on a day, regardless of its affiliation.
pub fn is_in_force(claim: &BuyingRoleClaim, day: &str) -> bool {
    holds(claim.start_date.as_ref(), claim.end_date.as_ref(), day)
}

/// Says whether a claim is in force on a day and makes its contact a decision maker.
pub fn decides(claim: &BuyingRoleClaim, day: &str) -> bool {
    DECIDING.contains(&claim.role()) && is_in_force(claim, day)
}

/// Returns the condition that a row of `buying_roles` is in force on a day and makes its contact a decision maker.
pub fn deciding(day: &str) -> Part {
    let roles = DECIDING.map(|role| Part::literal(role.as_str_name()));
    part!(
        "buying_roles.role in (:{roles}) and buying_roles.start_date <= :day
           and (buying_roles.end_date = '' or buying_roles.end_date > :day)",
        roles = Part::join(", ", roles),
        day,
    )
}

/// Counts the people whose affiliations with a customer run on a day; `affiliations` are all of that customer.
pub fn contact_count(affiliations: &[pb::Affiliation], day: &str) -> usize {
    let running = affiliations
        .iter()
        .filter(|affiliation| runs(affiliation, day));
    running
        .map(|affiliation| &affiliation.contact)
        .collect::<BTreeSet<_>>()
        .len()
}

/// Returns [`contact_count`] as an expression over a row of `customers`.
pub fn contact_count_sql(scope: &TenantScope, day: &str) -> Part {
    scoped!(
        scope,
        "(select count(distinct affiliations.contact) from affiliations
            where affiliations.tenant_id = :tenant and affiliations.customer = customers.name
              and :{running})",
        running = running(day),
    )
    .into()
}

/// Counts the people who hold a deciding role at a customer on a day; an individual decides for itself.
pub fn decision_maker_count(kind: Kind, affiliations: &[pb::Affiliation], day: &str) -> usize {
    let has_say = |of: &&pb::Affiliation| {
        runs(of, day) && of.buying_roles.iter().any(|claim| decides(claim, day))
    };
    let people: BTreeSet<_> = affiliations
        .iter()
        .filter(has_say)
        .map(|affiliation| &affiliation.contact)
        .collect();
    people.len() + usize::from(kind == Kind::Individual)
}

/// Returns [`decision_maker_count`] as an expression over a row of `customers`.
///
/// Joined only in this order: without statistics a planner starts from all claims of the tenant.
pub fn decision_maker_count_sql(scope: &TenantScope, day: &str) -> Part {
    scoped!(
        scope,
        "(select count(distinct affiliations.contact) from affiliations cross join buying_roles
            where affiliations.tenant_id = :tenant and affiliations.customer = customers.name
              and :{running}
              and buying_roles.tenant_id = :tenant
              and buying_roles.affiliation = affiliations.name
              and :{deciding})
           + case when customers.kind = 'INDIVIDUAL' then 1 else 0 end",
        running = running(day),
        deciding = deciding(day),
    )
    .into()
}

/// Returns how often a customer comes: by its visits, or where they are unknown by its conversations.
pub fn frequency(visit_count: Option<i32>, conversation_count: i32) -> Frequency {
    let times = visit_count.unwrap_or(conversation_count);
    let reached = FREQUENCIES.iter().find(|(least, _)| times >= *least);
    reached.map_or(Frequency::Unspecified, |(_, frequency)| *frequency)
}

/// Returns [`frequency`] as an expression over a row of `customers`.
pub fn frequency_sql() -> Part {
    let reached = FREQUENCIES.map(|(least, frequency)| {
        part!(
            "when coalesce(engagement_visit_count, conversation_count) >= :least then :{name}",
            least = i64::from(least),
            name = Part::literal(frequency.as_str_name()),
        )
    });
    part!(
        "case :{reached} else :{unspecified} end",
        reached = Part::join(" ", reached),
        unspecified = Part::literal(Frequency::Unspecified.as_str_name()),
    )
}
