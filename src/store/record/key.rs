//! The side table of keys: what a record is found by, besides its columns.
//!
//! One row for each label, tag, external id, e-mail, phone number, domain. External ids are unique among the
//! records of a kind, deleted ones included; the rest are not. The record's own row holds the same facts as they
//! were given; here they are as they are compared.

use crate::error::Error;
use crate::name::{Kind, Name};
use crate::pb;
use crate::store::record::resource::{Resource, visible};
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Row, Sql};

/// The field name under which external ids are filed.
pub const EXTERNAL_IDS: &str = "external_ids";

/// The most bytes of a value. Folding can make a text many times longer (one Arabic ligature becomes eighteen
/// letters), and PostgreSQL refuses index rows over 2,704 bytes.
pub const MAX_VALUE: usize = 512;

/// One thing a record is found by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexEntry {
    /// The path of the field, such as `labels`.
    pub field: &'static str,
    /// The key in the field, such as the system of an external id; empty where there is none.
    pub key: String,
    /// The value as it is compared.
    pub value: String,
}

impl IndexEntry {
    /// Makes the key of a field that has no keys of its own. The value is cut to [`MAX_VALUE`], here and where it is
    /// looked up.
    pub fn plain(field: &'static str, value: impl Into<String>) -> IndexEntry {
        let mut value = value.into();
        value.truncate(value.floor_char_boundary(MAX_VALUE));
        IndexEntry {
            field,
            key: String::new(),
            value,
        }
    }
}

/// Returns all keys of a record, each once.
pub fn all<R: Resource>(resource: &R) -> Vec<IndexEntry> {
    let header = resource.header();
    let mut keys: Vec<IndexEntry> = Vec::new();
    for (key, value) in header.labels {
        keys.push(IndexEntry {
            field: "labels",
            key: key.clone(),
            value: value.clone(),
        });
    }
    for tag in header.tags {
        keys.push(IndexEntry::plain("tags", tag));
    }
    for external_id in header.external_ids {
        let (key, value) = (external_id.system.clone(), external_id.id.clone());
        keys.push(IndexEntry {
            field: EXTERNAL_IDS,
            key,
            value,
        });
    }
    resource.keys(&mut keys);
    keys.sort();
    keys.dedup();
    keys
}

/// Returns the statements that file a new record under its keys.
pub fn insert(scope: &TenantScope, kind: Kind, name: &str, keys: Vec<IndexEntry>) -> Option<Sql> {
    if keys.is_empty() {
        return None;
    }
    let mut sql = Sql::new("insert into keys (tenant_id, kind, field, key, value, name)\nvalues ");
    for (i, key) in keys.into_iter().enumerate() {
        let row = [
            scope.tenant().into(),
            kind.collection().into(),
            key.field.into(),
            key.key.into(),
            key.value.into(),
        ];
        sql = sql
            .push(if i == 0 { "(" } else { ", (" })
            .bind_all(row)
            .push(", ")
            .bind(name)
            .push(")");
    }
    Some(sql)
}

/// Returns the statements that file a changed record anew; none when its keys did not change.
pub fn replace<R: Resource>(scope: &TenantScope, before: &R, after: &R) -> Vec<Sql> {
    let (old, new) = (all(before), all(after));
    if old == new {
        return Vec::new();
    }
    let name = after.header().name;
    let delete = Sql::new("delete from keys where tenant_id = ")
        .bind(scope.tenant())
        .push(" and name = ")
        .bind(name);
    let mut statements = vec![delete];
    statements.extend(insert(scope, R::KIND, name, new));
    statements
}

/// Returns the statement that finds who holds any of these external ids; none when there are none.
pub fn holders(scope: &TenantScope, kind: Kind, external_ids: &[pb::ExternalId]) -> Option<Sql> {
    if external_ids.is_empty() {
        return None;
    }
    let mut sql = Sql::new("select key, value, ").append(visible_name(scope, kind));
    sql = sql
        .push(" from keys\nwhere tenant_id = ")
        .bind(scope.tenant());
    sql = sql
        .push(" and kind = ")
        .bind(kind.collection())
        .push(" and field = 'external_ids' and (");
    for (i, external_id) in external_ids.iter().enumerate() {
        sql = sql
            .push(if i == 0 { "(key = " } else { " or (key = " })
            .bind(external_id.system.as_str());
        sql = sql
            .push(" and value = ")
            .bind(external_id.id.as_str())
            .push(")");
    }
    Some(sql.push(")\norder by key, value, name"))
}

/// Returns the name beside a key, as an expression; empty when the record is PRIVATE to somebody else.
fn visible_name(scope: &TenantScope, kind: Kind) -> Sql {
    if !kind.can_be_private() {
        return Sql::new("name");
    }
    let sql = Sql::new("coalesce((select holder.name from ").push(kind.collection());
    let sql = sql
        .push(" holder where holder.tenant_id = ")
        .bind(scope.tenant())
        .push(" and holder.name = keys.name");
    sql.append(visible(kind, scope)).push("), '') as name")
}

/// Refuses external ids that a record other than `own` holds, given the rows of [`holders`]. Who holds one is not told
/// if that record is PRIVATE to somebody else.
pub fn check_holders(
    kind: Kind,
    own: &Name,
    external_ids: &[pb::ExternalId],
    rows: &[Row],
) -> Result<(), Error> {
    for row in rows {
        let (system, id, holder) = (row.text(0)?, row.text(1)?, row.text(2)?);
        let is_wanted = external_ids
            .iter()
            .any(|wanted| wanted.system == system && wanted.id == id);
        if is_wanted && holder != own.to_string() {
            return Err(Error::ExternalIdExists {
                kind,
                system,
                holder: Name::parse(kind, &holder),
            });
        }
    }
    Ok(())
}
