//! How a tenant is set up. The operator writes it (`engine/tenants.rs`).

use crate::pb;
use crate::store::engine::db::At;
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{global, scoped};

/// Reads the settings of the tenant, and its revision.
pub fn settings(scope: &TenantScope) -> Query<At<pb::TenantSettings>> {
    let settings = scoped!(
        scope,
        "select region_code, revision from tenants where id = :tenant"
    );
    let settings = settings.maybe(["region_code", "revision"], |row, [region, revision]| {
        let region_code = row.text(region)?;
        Ok(At {
            answer: pb::TenantSettings { region_code },
            revision: row.int(revision)?,
        })
    });
    // A tenant of which nothing was written yet has no row.
    settings.map(|found| {
        Ok(found.unwrap_or(At {
            answer: pb::TenantSettings::default(),
            revision: 0,
        }))
    })
}

/// Reads the region in which national phone numbers are looked for; `None` if none is set.
pub fn region_code(scope: &TenantScope) -> Query<Option<String>> {
    settings(scope).map(|settings| {
        let region = settings.answer.region_code;
        Ok(Some(region).filter(|region| !region.is_empty()))
    })
}

/// All tenants together.
pub struct Heads {
    /// How many there are.
    pub n_tenants: i64,
    /// The sum of their revisions.
    pub sum_of_revisions: i64,
}

/// Reads the heads of all tenants, for the operator.
pub fn heads() -> Query<Heads> {
    let heads = global!(
        "select cast(count(*) as bigint) as n_tenants, cast(coalesce(sum(revision), 0) as bigint) as sum_of_revisions
         from tenants"
    );
    heads.one(
        ["n_tenants", "sum_of_revisions"],
        |row, [n_tenants, sum]| {
            Ok(Heads {
                n_tenants: row.int(n_tenants)?,
                sum_of_revisions: row.int(sum)?,
            })
        },
    )
}
