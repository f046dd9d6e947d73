//! Buying role claims as rows.
//!
//! The claims of an affiliation are written with it; the verbs that change them are in `service::affiliation`, and when
//! a claim counts is in `in_force.rs`.

use crate::error::Error;
use crate::pb;
use crate::pb::affiliation::{BuyingRole, BuyingRoleClaim, Evidence};
use crate::store::record::columns::{Codec, Enumeration, Plain};
use crate::store::record::resource::name_of;
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Sql, Value};

/// The most claims of one affiliation, ended ones included.
pub const MAX_CLAIMS: usize = 200;

/// Adds a claim as the last one.
pub fn add(affiliation: &mut pb::Affiliation, claim: BuyingRoleClaim) -> Result<(), Error> {
    if affiliation.buying_roles.len() >= MAX_CLAIMS {
        return Err(Error::TooManyClaims {
            name: name_of(affiliation),
            limit: MAX_CLAIMS,
        });
    }
    affiliation.buying_roles.push(claim);
    Ok(())
}

/// Returns the statements that bring the rows of an affiliation's claims from those of `before` to those of its
/// message. What did not change is not written again: an affiliation can have hundreds of claims, and one changes at a
/// time.
pub fn rows(
    scope: &TenantScope,
    before: &[BuyingRoleClaim],
    affiliation: &pb::Affiliation,
) -> Vec<Sql> {
    let stale = before
        .iter()
        .filter(|claim| !affiliation.buying_roles.contains(claim));
    let stale: Vec<String> = stale.map(|claim| claim.claim_id.clone()).collect();
    let fresh: Vec<_> = affiliation
        .buying_roles
        .iter()
        .filter(|claim| !before.contains(claim))
        .collect();
    let delete = (!stale.is_empty()).then(|| {
        let delete = Sql::new("delete from buying_roles where tenant_id = ").bind(scope.tenant());
        delete
            .push(" and affiliation = ")
            .bind(affiliation.name.as_str())
            .push(" and claim_id")
            .any_of(stale)
    });
    let insert = (!fresh.is_empty()).then(|| insert(scope, affiliation, &fresh));
    delete.into_iter().chain(insert).collect()
}

fn insert(scope: &TenantScope, affiliation: &pb::Affiliation, claims: &[&BuyingRoleClaim]) -> Sql {
    let mut insert = Sql::new(
        "insert into buying_roles (tenant_id, affiliation, claim_id, role, scope, evidence, ",
    )
    .push("claimant, source, system, valid_from, valid_until, verify_time)\nvalues ");
    for (i, claim) in claims.iter().enumerate() {
        insert = insert
            .push(if i == 0 { "(" } else { ", (" })
            .bind_all(row(scope, affiliation, claim))
            .push(")");
    }
    insert
}

fn row(scope: &TenantScope, affiliation: &pb::Affiliation, claim: &BuyingRoleClaim) -> Vec<Value> {
    vec![
        scope.tenant().into(),
        affiliation.name.as_str().into(),
        claim.claim_id.as_str().into(),
        Enumeration::<BuyingRole>::value(&claim.role),
        claim.scope.as_str().into(),
        Enumeration::<Evidence>::value(&claim.evidence),
        claim.claimant.as_str().into(),
        claim.source.as_str().into(),
        claim.system.as_str().into(),
        Plain::value(&claim.valid_from),
        Plain::value(&claim.valid_until),
        Plain::value(&claim.verify_time),
    ]
}
