//! Who acts: finding the colleague that a caller names, or whose principal calls.

use super::TenantScope;
use super::db::Db;
use super::key::MAX_VALUE;
use super::sql::Sql;
use crate::error::Error;
use crate::fold::folded;
use crate::name::{Kind, Name};

/// Returns the author of what a call writes, as an expression: the colleague who acts, or the one who has the caller's
/// principal, or the principal itself.
pub fn author(scope: &TenantScope) -> Sql {
    if let Some(actor) = scope.actor() {
        return Sql::new("cast(").bind(actor).push(" as text)");
    }
    Sql::new("coalesce((select name from colleagues where tenant_id = ")
        .bind(scope.tenant())
        .push(" and principal = ")
        .bind(scope.principal())
        .push(" and delete_time is null), ")
        .bind(scope.principal())
        .push(")")
}

/// Returns the one live colleague with this name, e-mail or external id (`system:id`); `None` when there is none, or
/// more than one.
pub async fn find(db: &Db, scope: &TenantScope, text: &str) -> Result<Option<String>, Error> {
    let sql = Sql::new("select name from colleagues\nwhere tenant_id = ").bind(scope.tenant());
    let sql = sql.push(" and delete_time is null and name ");
    let by_key = |field: &'static str, key: &str, value: &str| {
        Sql::new("in (select keys.name from keys where keys.tenant_id = ")
            .bind(scope.tenant())
            .push(" and keys.kind = 'colleagues' and keys.field = ")
            .bind(field)
            .push(" and keys.key = ")
            .bind(key)
            .push(" and keys.value = ")
            .bind(value)
            .push(") limit 2")
    };
    let condition = if Name::parse(Kind::Colleague, text).is_some() {
        Sql::new("= ").bind(text)
    } else if text.contains('@') {
        let mut value = folded(text.trim());
        value.truncate(value.floor_char_boundary(MAX_VALUE));
        by_key("emails", "", &value)
    } else {
        let Some((system, id)) = text.split_once(':') else { return Ok(None) };
        by_key("external_ids", system.trim(), id.trim())
    };
    let found = db.fetch(scope, sql.append(condition)).await?;
    match &found[..] {
        [one] => Ok(Some(one.text(0)?)),
        _ => Ok(None),
    }
}
