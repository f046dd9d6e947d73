//! The records that a unit will lock although its request does not name them, read before the unit: so that it can wait
//! for them before it takes a connection (`engine/turns.rs`).
//!
//! If this is wrong, because they change before the unit runs or cannot be read now, the unit only waits in the database
//! instead: it locks whatever it finds. Where there is one writer nothing is read.

use crate::clock;
use crate::name::Name;
use crate::store::engine::db::Db;
use crate::store::read::records;
use crate::store::read::resolve_key::{self, Found, Hits, LookupKey};
use crate::store::record::reference::Reference;
use crate::store::record::resource::Resource;
use crate::store::scope::TenantScope;

/// Returns a record, and those that are locked with it: its parents, and those who have derived values of it.
pub async fn with_parents<R: Resource>(db: &Db, scope: &TenantScope, name: &Name) -> Vec<Name> {
    let mut wanted = vec![name.clone()];
    if R::PARENTS.is_empty() || !db.has_turns() {
        return wanted;
    }
    let is_locked = |one: &Reference| {
        let mut locked = R::PARENTS.iter().chain(R::LOCKED_LISTS);
        locked.any(|of| of.field == one.field_name())
    };
    if let Ok(found) = records::get::<R>(db, scope, name).await
        && let Some(record) = found.answer
    {
        let references = record.references().into_iter().filter(is_locked);
        wanted.extend(references.map(|one| one.target));
    }
    wanted
}

/// Returns the records of a kind that keys match.
pub async fn of_keys<R: Resource>(db: &Db, scope: &TenantScope, keys: &[LookupKey]) -> Vec<Name> {
    if !db.has_turns() {
        return Vec::new();
    }
    let others = keys.iter().filter(|key| named(key).is_none());
    let others: Vec<LookupKey> = others.cloned().collect();
    let mut hits = Hits::default();
    if !others.is_empty() {
        let today = clock::date_of(db.clock().now());
        let look = resolve_key::resolve::<R>(scope, &others, &today);
        hits = db.fetch(scope, look).await.unwrap_or_default();
    }
    let found = |key: &LookupKey| match hits.of(key) {
        Found::One(name) => Name::parse(R::KIND, &name),
        _ => None,
    };
    let wanted = keys
        .iter()
        .filter_map(|key| named(key).or_else(|| found(key)));
    wanted.collect()
}

fn named(key: &LookupKey) -> Option<Name> {
    match key {
        LookupKey::Name(name) => Some(name.clone()),
        _ => None,
    }
}
