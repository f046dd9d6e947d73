//! Who acts: finding the colleague that a caller names, or whose principal calls.

use crate::error::Error;
use crate::fold::folded;
use crate::name::{Kind, Name};
use crate::store::engine::db::Db;
use crate::store::record::key::{EXTERNAL_IDS, IndexEntry};
use crate::store::scope::TenantScope;
use crate::store::sql::statement::Sql;

/// Returns the one live colleague with this name, e-mail or external id (`system:id`); `None` when there is none, or
/// more than one.
pub async fn find(db: &Db, scope: &TenantScope, text: &str) -> Result<Option<String>, Error> {
    let by_key = |key: &IndexEntry| {
        let holders = Sql::new("select keys.name from keys where keys.tenant_id = ")
            .bind(scope.tenant())
            .push(" and keys.kind = 'colleagues' and keys.field = ")
            .literal(key.field)
            .push(" and keys.key = ")
            .bind(key.key.as_str())
            .push(" and keys.value = ")
            .bind(key.value.as_str());
        Sql::new("name").among(holders)
    };
    let condition = if Name::parse(Kind::Colleague, text).is_some() {
        Sql::new("name = ").bind(text)
    } else {
        // `okta:mia@ferrum.example` is an external id, and nothing keeps an e-mail address from having a colon.
        let by_email = by_key(&IndexEntry::plain("emails", folded(text.trim())));
        match text.split_once(':') {
            Some((system, id)) => {
                let (key, value) = (system.trim().to_owned(), id.trim().to_owned());
                by_email.push(" or ").append(by_key(&IndexEntry {
                    field: EXTERNAL_IDS,
                    key,
                    value,
                }))
            }
            None => by_email,
        }
    };
    let sql = Sql::new("select name from colleagues\nwhere tenant_id = ").bind(scope.tenant());
    let sql = sql
        .push(" and delete_time is null and (")
        .append(condition)
        .push(")\norder by name limit 2");
    let found = db.fetch(scope, sql).await?;
    match &found[..] {
        [one] => Ok(Some(one.text(0)?)),
        _ => Ok(None),
    }
}
