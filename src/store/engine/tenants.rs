//! Which tenants there are: the operator's way to the rows that everyone else only reads.
//!
//! Works beside running servers, whose next statement sees the change. A tenant that is deleted is hidden at once, and
//! writes nothing more (`record/change.rs`); its rows then go in portions, each a transaction of its own, so that others
//! hardly wait. Its own row stays, so that its name is never used again: tokens and credentials of before would fit.

use crate::clock::Micros;
use crate::store::engine::beside::run_beside;
use crate::store::engine::open::{DatabaseUrl, OpenError};
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{global, scoped};

/// Rows that are deleted in one transaction.
const PORTION: i64 = 500;

/// The tables with rows of tenants, and what tells the rows of a tenant apart: the rest of the primary key, along which
/// they go. The last change goes last, so that a tenant is at its last change as long as it has any.
pub const TABLES: [(&str, &str); 20] = [
    ("api_keys", "key_id"),
    ("keys", "kind, field, key, value, name"),
    ("requests", "principal, method, request_id"),
    ("words", "word, size, name"),
    ("word_keys", "key, word"),
    ("filing_progress", "kind"),
    ("contact_conversations", "contact, start_time, conversation"),
    ("customer_channels", "customer, channel"),
    ("segments", "name"),
    ("personas", "name"),
    ("notes", "name"),
    ("promises", "name"),
    ("conversations", "name"),
    ("buying_roles", "affiliation, claim_id"),
    ("affiliations", "name"),
    ("contacts", "name"),
    ("colleagues", "name"),
    ("customers", "name"),
    ("history", "name, revision"),
    ("changes", "revision, position"),
];

/// A tenant, as its operator sees it.
#[derive(Debug)]
pub struct TenantSummary {
    /// Its name.
    pub name: String,
    /// How many customers it has, without deleted ones.
    pub customer_count: i64,
    /// Its revision.
    pub revision: i64,
    /// The region of national phone numbers; empty if none is set.
    pub region_code: String,
    /// When it was created; `None` if an earlier version did it.
    pub create_time: Option<Micros>,
    /// When it was deleted.
    pub delete_time: Option<Micros>,
}

/// Lists all tenants by name, deleted ones too.
pub async fn list(url: &DatabaseUrl) -> Result<Vec<TenantSummary>, OpenError> {
    let tenants = run_beside(url, all()).await?;
    let counts = tenants.iter().map(|tenant| customer_count(&tenant.name));
    let counts = run_beside(url, counts.collect::<Vec<_>>()).await?;
    let counted = tenants.into_iter().zip(counts);
    let tenants = counted.map(|(tenant, customer_count)| TenantSummary {
        customer_count,
        ..tenant
    });
    Ok(tenants.collect())
}

fn all() -> Query<Vec<TenantSummary>> {
    let all = global!(
        "select id, revision, region_code, create_time, delete_time from tenants order by id"
    );
    let columns = [
        "id",
        "revision",
        "region_code",
        "create_time",
        "delete_time",
    ];
    all.rows(columns, |row, [id, revision, region, created, deleted]| {
        Ok(TenantSummary {
            name: row.text(id)?,
            customer_count: 0,
            revision: row.int(revision)?,
            region_code: row.text(region)?,
            create_time: row.opt_int(created)?,
            delete_time: row.opt_int(deleted)?,
        })
    })
}

fn customer_count(tenant: &str) -> Query<i64> {
    let count = scoped!(
        operator(tenant),
        "select count(*) as n from customers where tenant_id = :tenant and delete_time is null",
    );
    count.one(["n"], |row, [n]| row.int(n))
}

fn operator(tenant: &str) -> TenantScope {
    TenantScope::new(tenant, "operator")
}

/// Creates a tenant. Fails if there is one of this name, or was.
pub async fn create(
    url: &DatabaseUrl,
    tenant: &str,
    region: &str,
    now: Micros,
) -> Result<(), OpenError> {
    let insert = scoped!(
        operator(tenant),
        "insert into tenants (id, region_code, create_time) values (:tenant, :region, :now)
         on conflict (id) do nothing returning id",
        region,
        now,
    );
    let (made, all) = run_beside(url, (insert.texts("id"), all())).await?;
    if !made.is_empty() {
        return Ok(());
    }
    let is_deleted = |other: &TenantSummary| other.name == tenant && other.delete_time.is_some();
    Err(OpenError::new(match all.iter().any(is_deleted) {
        true => "there was such a tenant, and its name is not used again: take another name",
        false => "there is such a tenant already",
    }))
}

/// Sets the region of a tenant, or none if it is empty. Fails if there is no such tenant.
pub async fn set_region(url: &DatabaseUrl, tenant: &str, region: &str) -> Result<(), OpenError> {
    let set = scoped!(
        operator(tenant),
        "update tenants set region_code = :region where id = :tenant and delete_time is null
         returning id",
        region,
    );
    refuse_none(&run_beside(url, set.texts("id")).await?)
}

fn refuse_none(found: &[String]) -> Result<(), OpenError> {
    match found {
        [] => Err(OpenError::new("there is no such tenant")),
        _ => Ok(()),
    }
}

/// Hides a tenant, and deletes its rows; goes on where it was interrupted. `report` is told after each portion how many
/// rows are gone. Returns how many went.
pub async fn delete(
    url: &DatabaseUrl,
    tenant: &str,
    now: Micros,
    report: &mut (dyn FnMut(i64) + Send),
) -> Result<i64, OpenError> {
    if tenant == TenantScope::DEFAULT_TENANT {
        return Err(OpenError::new(
            "the tenant of calls without credentials stays; delete its records instead",
        ));
    }
    let (hidden, ()) = run_beside(url, (hide(tenant, now), revoke_all(tenant, now))).await?;
    refuse_none(&hidden)?;
    let mut n_rows = 0;
    for (table, key) in TABLES {
        loop {
            let n_gone = run_beside(url, delete_portion(tenant, table, key)).await?;
            n_rows += n_gone;
            report(n_rows);
            if n_gone < PORTION {
                break;
            }
        }
    }
    Ok(n_rows)
}

fn hide(tenant: &str, now: Micros) -> Query<Vec<String>> {
    let hide = scoped!(
        operator(tenant),
        "update tenants set delete_time = coalesce(delete_time, :now), region_code = ''
         where id = :tenant returning id",
        now,
    );
    hide.texts("id")
}

/// Revokes its keys along with it, so that servers refuse them as soon as they refuse any that is revoked.
fn revoke_all(tenant: &str, now: Micros) -> Query<()> {
    let revoke = scoped!(
        operator(tenant),
        "update api_keys set revoke_time = coalesce(revoke_time, :now) where tenant_id = :tenant",
        now,
    );
    revoke.done()
}

fn delete_portion(tenant: &str, table: &'static str, key: &'static str) -> Query<i64> {
    let delete = scoped!(
        operator(tenant),
        "delete from :{table} where tenant_id = :tenant and (:{key}) in
           (select :{key} from :{table} where tenant_id = :tenant order by :{key} limit +:most)
         returning tenant_id",
        table,
        key,
        most = PORTION,
    );
    delete.read(|rows| Ok(i64::try_from(rows.len()).unwrap_or(i64::MAX)))
}
