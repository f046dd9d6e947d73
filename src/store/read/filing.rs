//! How records are filed: pages of records of a kind, the keys they are found by, and who owns an external id.
//!
//! For the refiling after an upgrade (`write/refile`) and for the check of a store (`read/unfiled`).

use std::collections::{BTreeMap, BTreeSet};

use crate::store::record::key::{self, EXTERNAL_IDS, IndexEntry};
use crate::store::record::resource::{Resource, Stored, columns, decode};
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{global, scoped};

/// Records per page.
const PAGE: i64 = 200;

/// Returns the query for the tenants that have records, or had some; not for deleted ones.
pub(crate) fn tenants() -> Query<Vec<String>> {
    global!("select id from tenants where revision > 0 and delete_time is null order by id")
        .texts("id")
}

/// Returns the query for the page of records that follow a name.
pub(crate) fn records_after<R: Resource>(
    scope: &TenantScope,
    after: &str,
    today: &str,
) -> Query<Vec<Stored<R>>> {
    let page = scoped!(
        scope,
        "select :{columns} from :{table} where tenant_id = :tenant and name > :after
         order by name limit +:most",
        columns = columns::<R>(scope, today),
        table = R::KIND.collection(),
        after,
        most = PAGE,
    );
    page.rows(["name"], |row, [first]| decode::<R>(row, first))
}

/// One key of a record: its name, the field, the key in the field, the value.
pub(crate) type FiledKey = (String, String, String, String);

/// Returns an entry as the row of a record.
pub(crate) fn filed_key(name: &str, entry: &IndexEntry) -> FiledKey {
    let (key, value) = (entry.key.clone(), entry.value.clone());
    (name.to_owned(), entry.field.to_owned(), key, value)
}

/// Returns the query for the keys that the records of a page have now. The members of a list are rows of their own
/// (`resources/segment.rs`), which no form of a text changes.
pub(crate) fn filed<R: Resource>(
    scope: &TenantScope,
    records: &[Stored<R>],
) -> Query<BTreeSet<FiledKey>> {
    let name = |record: &Stored<R>| record.resource.header().name.to_owned();
    let keys = scoped!(
        scope,
        "select name, field, key, value from keys
         where tenant_id = :tenant and name = any(:names) and field <> 'members'",
        names = records.iter().map(name).collect::<Vec<_>>(),
    );
    let columns = ["name", "field", "key", "value"];
    let rows = keys.rows(columns, |row, [name, field, key, value]| {
        let (name, field) = (row.text(name)?, row.text(field)?);
        Ok((name, field, row.text(key)?, row.text(value)?))
    });
    rows.map(|rows| Ok(rows.into_iter().collect()))
}

/// Which of two records keeps a key: a live one before a deleted one, then the older, then the first by name.
pub(crate) type Rank = (bool, i64, String);

/// Who has which external id: its system and id, and the rank of its owner, who is the last of that.
pub(crate) type Owners = BTreeMap<(String, String), Rank>;

/// Returns the query for who has the external ids that the records of a page are to have.
pub(crate) fn owners<R: Resource>(scope: &TenantScope, records: &[Stored<R>]) -> Query<Owners> {
    let ids: BTreeSet<String> = records
        .iter()
        .flat_map(|record| key::all(&record.resource))
        .filter(|entry| entry.field == EXTERNAL_IDS)
        .map(|entry| entry.value)
        .collect();
    let owners = scoped!(
        scope,
        "select k.key, k.value, k.name, r.create_time, r.delete_time
         from keys k join :{table} r on r.tenant_id = :tenant and r.name = k.name
         where k.tenant_id = :tenant and k.kind = :kind and k.field = 'external_ids'
           and k.value = any(:ids)",
        table = R::KIND.collection(),
        kind = R::KIND.collection(),
        ids = ids.into_iter().collect::<Vec<_>>(),
    );
    let columns = ["key", "value", "name", "create_time", "delete_time"];
    let rows = owners.rows(columns, |row, [system, id, name, created, deleted]| {
        let is_deleted = row.opt_int(deleted)?.is_some();
        let rank = (is_deleted, row.int(created)?, row.text(name)?);
        Ok(((row.text(system)?, row.text(id)?), rank))
    });
    rows.map(|rows| Ok(rows.into_iter().collect()))
}
