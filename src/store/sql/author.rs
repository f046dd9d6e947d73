//! Who is noted as the author of what a call writes.

use crate::store::scope::TenantScope;
use crate::store::sql::statement::Sql;

/// Returns the author of what a call writes, as an expression: the colleague who acts, or the one who has the caller's
/// principal, or the principal itself.
///
/// That a principal is not empty is said once more for SQLite, which takes a partial index only for a query that
/// repeats its condition, and would look at every colleague in every write.
pub fn author(scope: &TenantScope) -> Sql {
    if let Some(actor) = scope.actor() {
        return Sql::new("cast(").bind(actor).push(" as text)");
    }
    Sql::new("coalesce((select name from colleagues where tenant_id = ")
        .bind(scope.tenant())
        .push(" and principal <> '' and principal = ")
        .bind(scope.principal())
        .push(" and delete_time is null), ")
        .bind(scope.principal())
        .push(")")
}
