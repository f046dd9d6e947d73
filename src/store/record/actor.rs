//! Who acts: finds the colleague that a caller names, or whose principal makes the call.

use crate::error::Error;
use crate::mail;
use crate::name::{Kind, Name};
use crate::store::engine::db::Db;
use crate::store::record::key::{EXTERNAL_IDS, IndexEntry};
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Part, part, scoped};

/// Returns the only live colleague with this name, e-mail or external id (`system:id`); `None` if there is none, or
/// more than one.
pub async fn find(db: &Db, scope: &TenantScope, text: &str) -> Result<Option<String>, Error> {
    db.fetch(scope, meant(scope, text)).await
}

/// Asks for what [`find`] returns.
pub fn meant(scope: &TenantScope, text: &str) -> Query<Option<String>> {
    let condition = if Name::parse(Kind::Colleague, text).is_some() {
        part!("name = :name", name = text)
    } else {
        // `okta:mia@ferrum.example` is an external id, and an e-mail address may contain a colon.
        let email = IndexEntry::plain("emails", mail::compared(text.trim()));
        let external_id = text.split_once(':').map(|(system, id)| IndexEntry {
            field: EXTERNAL_IDS,
            key: system.trim().to_owned(),
            value: id.trim().to_owned(),
        });
        let keys = [Some(email), external_id].into_iter().flatten();
        Part::join(" or ", keys.map(|key| has_key(scope, &key)))
    };
    let found = scoped!(
        scope,
        "select name from colleagues
         where tenant_id = :tenant and delete_time is null and (:{condition})
         order by name limit 2",
        condition,
    );
    let only = |found| Ok(<[String; 1]>::try_from(found).ok().map(|[only]| only));
    found.texts("name").map(only)
}

/// Returns the condition that a colleague is filed under a key.
fn has_key(scope: &TenantScope, key: &IndexEntry) -> Part {
    scoped!(
        scope,
        "name = any(array(
             select keys.name from keys
             where keys.tenant_id = :tenant and keys.kind = 'colleagues' and keys.field = :{field}
               and keys.key = :key and keys.value = :value))",
        field = Part::literal(key.field),
        key = &key.key,
        value = &key.value,
    )
    .into()
}
