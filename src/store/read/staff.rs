//! Who works at a customer.

use crate::store::record::in_force;
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::scoped;

/// Returns those of these contacts who work at a customer today.
pub fn among(
    scope: &TenantScope,
    customer: &str,
    contacts: Vec<String>,
    today: &str,
) -> Query<Vec<String>> {
    let staff = scoped!(
        scope,
        "select distinct contact from affiliations
         where tenant_id = :tenant and customer = :customer and contact = any(:contacts)
           and :{running}
         order by contact",
        customer,
        contacts,
        running = in_force::running(today),
    );
    staff.texts("contact")
}
