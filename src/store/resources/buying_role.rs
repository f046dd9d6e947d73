//! Buying role claims as rows.
//!
//! The claims of an affiliation are written with it; the methods that change them are in
//! `service/resources/buying_role.rs`, and the rules for when a claim counts are in `record/in_force.rs`.

use crate::error::Error;
use crate::pb;
use crate::pb::affiliation::{BuyingRole, BuyingRoleClaim, Evidence};
use crate::store::record::columns::{Codec, Enumeration, Plain};
use crate::store::record::resource::name_of;
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Part, Value, scoped};

/// The most claims of one affiliation, including ended ones.
pub const MAX_CLAIMS: usize = 200;

/// Appends a claim.
pub fn add(affiliation: &mut pb::Affiliation, claim: BuyingRoleClaim) -> Result<(), Error> {
    if affiliation.buying_roles.len() >= MAX_CLAIMS {
        return Err(Error::Full {
            name: name_of(affiliation),
            field: "buying_roles",
            limit: MAX_CLAIMS,
        });
    }
    affiliation.buying_roles.push(claim);
    Ok(())
}

/// Returns the statements that change the rows of an affiliation's claims from those of `before` to those of its
/// message. Unchanged claims are not written again: an affiliation can have hundreds, and they change one at a time.
pub(crate) fn rows(
    scope: &TenantScope,
    before: &[BuyingRoleClaim],
    affiliation: &pb::Affiliation,
) -> Vec<Query<()>> {
    let claims = &affiliation.buying_roles;
    let stale: Vec<String> = before
        .iter()
        .filter(|claim| !claims.contains(claim))
        .map(|claim| claim.claim_id.clone())
        .collect();
    let fresh: Vec<&BuyingRoleClaim> = claims
        .iter()
        .filter(|claim| !before.contains(claim))
        .collect();
    let delete = (!stale.is_empty()).then(|| delete(scope, &affiliation.name, stale));
    let insert = (!fresh.is_empty()).then(|| insert(scope, &affiliation.name, fresh));
    delete.into_iter().chain(insert).collect()
}

fn delete(scope: &TenantScope, affiliation: &str, claims: Vec<String>) -> Query<()> {
    let delete = scoped!(
        scope,
        "delete from buying_roles
         where tenant_id = :tenant and affiliation = :affiliation and claim_id = any(:claims)",
        affiliation,
        claims,
    );
    delete.done()
}

fn insert(scope: &TenantScope, affiliation: &str, claims: Vec<&BuyingRoleClaim>) -> Query<()> {
    let rows = claims.into_iter().map(|claim| row(affiliation, claim));
    let insert = scoped!(
        scope,
        "insert into buying_roles (tenant_id, affiliation, claim_id, role, scope, evidence,
           claimant, source, system, start_date, end_date, verify_time)
         values :{rows}",
        rows = Part::rows(scope, rows),
    );
    insert.done()
}

fn row(affiliation: &str, claim: &BuyingRoleClaim) -> Vec<Value> {
    vec![
        affiliation.into(),
        (&claim.claim_id).into(),
        Enumeration::<BuyingRole>::value(&claim.role),
        (&claim.scope).into(),
        Enumeration::<Evidence>::value(&claim.evidence),
        (&claim.claimant).into(),
        (&claim.source).into(),
        (&claim.system).into(),
        Plain::value(&claim.start_date),
        Plain::value(&claim.end_date),
        Plain::value(&claim.verify_time),
    ]
}
