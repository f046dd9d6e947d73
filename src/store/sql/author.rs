//! Who is recorded as the author of what a call writes, as an expression and as an answer.

use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Part, part, scoped};

/// Returns the author of what a call writes, as an expression: the acting colleague, or the one with the caller's
/// principal, or the principal itself.
///
/// That a principal is not empty is repeated for SQLite, which uses a partial index only for a query that repeats its
/// condition, and would otherwise look at every colleague in every write.
pub fn author(scope: &TenantScope) -> Part {
    if let Some(actor) = scope.actor() {
        return part!("cast(:actor as text)", actor);
    }
    scoped!(
        scope,
        "coalesce((select name from colleagues
             where tenant_id = :tenant and principal <> '' and principal = :principal
               and delete_time is null), :principal)",
        principal = scope.principal(),
    )
    .into()
}

/// Asks for the [`author`].
pub fn who_writes(scope: &TenantScope) -> Query<String> {
    scoped!(
        scope,
        "select :{author} as author from tenants where id = :tenant",
        author = author(scope),
    )
    .one(["author"], |row, [at]| row.text(at))
}
