//! The table of keys: what a record is found by, besides its columns.
//!
//! One row for each label, tag, external id, e-mail, phone number and domain. External ids are unique among the
//! records of a kind, deleted ones included; the rest are not. The record's own row holds the same facts as given;
//! here they are in the form in which they are compared.

use crate::clean;
use crate::error::Error;
use crate::name::{Kind, Name};
use crate::pb;
use crate::store::record::resource::{Resource, visible};
use crate::store::scope::TenantScope;
use crate::store::sql::part::ROWS_AT_ONCE;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Part, Value, part, scoped};

/// The field name under which external ids are filed.
pub const EXTERNAL_IDS: &str = "external_ids";

/// The field name under which those external ids are filed that do not find their record, because an older one has the
/// same (`write/refile`). Filters find them, as they stand in the record.
pub const UNFILED_IDS: &str = "unfiled_external_ids";

/// The key under which the name of a host is filed if the record has it in another spelling.
pub const HOST_NAME: &str = "host";

/// The most bytes of a value. Folding can make a text many times longer (one Arabic ligature becomes eighteen
/// letters), and PostgreSQL refuses index rows over 2,704 bytes.
pub const MAX_VALUE: usize = 512;

/// One key that a record is found by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexEntry {
    /// The path of the field, such as `labels`.
    pub field: &'static str,
    /// The key in the field, such as the system of an external id; empty where there is none.
    pub key: String,
    /// The value in the form in which it is compared.
    pub value: String,
}

impl IndexEntry {
    /// Makes the entry of a field that has no keys of its own. The value is cut to [`MAX_VALUE`], here and where it
    /// is looked up.
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

/// Returns the entry of an external id that does not find its record.
pub fn unfiled(entry: IndexEntry) -> IndexEntry {
    IndexEntry {
        field: UNFILED_IDS,
        ..entry
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
    keys.extend(header.external_ids.iter().filter_map(of_external_id));
    resource.keys(&mut keys);
    keys.sort();
    keys.dedup();
    keys
}

/// Returns the key of an external id in the form in which it is asked for; none if nothing is left of it. What is stored
/// may be older than the cleaning of what comes in.
fn of_external_id(external_id: &pb::ExternalId) -> Option<IndexEntry> {
    let value = clean::line(&external_id.id).trim().to_owned();
    (!value.is_empty()).then(|| IndexEntry {
        field: EXTERNAL_IDS,
        key: clean::line(&external_id.system).trim().to_owned(),
        value,
    })
}

/// A key and the record that it is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyRow {
    kind: &'static str,
    entry: IndexEntry,
    name: String,
}

/// Returns rows for keys of a record.
pub fn rows_of(kind: Kind, name: &str, entries: Vec<IndexEntry>) -> Vec<KeyRow> {
    let row = |entry| KeyRow {
        kind: kind.collection(),
        entry,
        name: name.to_owned(),
    };
    entries.into_iter().map(row).collect()
}

/// Returns the statements that file records under keys. They fail with [`Error::Duplicate`] if another record was given
/// one of the external ids since [`holders`] looked. The rows are in one order, so that two units that want the same
/// external ids do not wait for each other; and a row that is in the way is no error to PostgreSQL, which would write
/// its values to the server's log.
pub(crate) fn insert(scope: &TenantScope, mut rows: Vec<KeyRow>) -> Vec<Query<()>> {
    rows.sort();
    let chunks = rows.chunks(ROWS_AT_ONCE);
    chunks.map(|rows| insert_chunk(scope, rows)).collect()
}

fn insert_chunk(scope: &TenantScope, rows: &[KeyRow]) -> Query<()> {
    let values = |row: &KeyRow| -> Vec<Value> {
        vec![
            row.kind.into(),
            row.entry.field.into(),
            (&row.entry.key).into(),
            (&row.entry.value).into(),
            (&row.name).into(),
        ]
    };
    let is_external_id = |row: &&KeyRow| row.entry.field == EXTERNAL_IDS;
    let n_wanted = rows.iter().filter(is_external_id).count();
    let insert = scoped!(
        scope,
        "insert into keys (tenant_id, kind, field, key, value, name) values :{rows}
         on conflict do nothing returning field",
        rows = Part::rows(scope, rows.iter().map(values)),
    );
    insert.texts("field").map(move |written| {
        let n_written = written.iter().filter(|field| *field == EXTERNAL_IDS);
        match n_written.count() == n_wanted {
            true => Ok(()),
            false => Err(Error::Duplicate { table: "keys" }),
        }
    })
}

/// Returns the statements that refile a changed record; none if its keys did not change. Only what differs is written:
/// an external id that an older record kept (`write/refile`) stays unfiled.
pub(crate) fn replace<R: Resource>(scope: &TenantScope, before: &R, after: &R) -> Vec<Query<()>> {
    let (old, new) = (all(before), all(after));
    let name = after.header().name;
    let gone = old.iter().filter(|entry| !new.contains(entry));
    let added = new.iter().filter(|entry| !old.contains(entry)).cloned();
    let fields = |entry: &IndexEntry| {
        let is_id = entry.field == EXTERNAL_IDS;
        [Some(entry.field), is_id.then_some(UNFILED_IDS)]
            .into_iter()
            .flatten()
    };
    gone.flat_map(|entry| {
        fields(entry).map(|field| delete(scope, field, &entry.key, &entry.value, name))
    })
    .chain(insert(scope, rows_of(R::KIND, name, added.collect())))
    .collect()
}

/// Returns the statement that takes one key off a record.
pub(crate) fn delete(
    scope: &TenantScope,
    field: &str,
    key: &str,
    value: &str,
    name: &str,
) -> Query<()> {
    let delete = scoped!(
        scope,
        "delete from keys where tenant_id = :tenant and name = :name
           and field = :field and key = :key and value = :value",
        name,
        field,
        key,
        value,
    );
    delete.done()
}

/// Returns the statements that file the external ids that a record had, has and does not hold, and nobody else does: an
/// older record had them when they were refiled, and has given them up.
pub(crate) fn file_unheld<R: Resource>(
    scope: &TenantScope,
    before: &R,
    after: &R,
    holders: &[Holder],
) -> Vec<Query<()>> {
    let is_held = |entry: &IndexEntry| {
        let holds = |of: &Holder| of.system == entry.key && of.id == entry.value;
        holders.iter().any(holds)
    };
    let header = after.header();
    let of = |record: &R| -> Vec<IndexEntry> {
        let external_ids = record.header().external_ids;
        external_ids.iter().filter_map(of_external_id).collect()
    };
    let had = of(before);
    let mut unheld = of(after);
    unheld.retain(|entry| had.contains(entry) && !is_held(entry));
    unheld.sort();
    unheld.dedup();
    let as_unfiled = unheld
        .iter()
        .map(|entry| delete(scope, UNFILED_IDS, &entry.key, &entry.value, header.name));
    let deleted: Vec<Query<()>> = as_unfiled.collect();
    deleted
        .into_iter()
        .chain(insert(scope, rows_of(R::KIND, header.name, unheld)))
        .collect()
}

/// Who holds an external id.
pub(crate) struct Holder {
    system: String,
    id: String,
    /// Its name; empty if it is PRIVATE to someone else.
    name: String,
}

/// Returns the query that finds who holds any of these external ids; none if there are none.
pub(crate) fn holders(
    scope: &TenantScope,
    kind: Kind,
    external_ids: &[pb::ExternalId],
) -> Option<Query<Vec<Holder>>> {
    if external_ids.is_empty() {
        return None;
    }
    let is_one = |external_id: &pb::ExternalId| {
        part!(
            "(key = :system and value = :id)",
            system = &external_id.system,
            id = &external_id.id,
        )
    };
    let holders = scoped!(
        scope,
        "select key, value, :{holder} as holder from keys
         where tenant_id = :tenant and kind = :kind and field = 'external_ids' and (:{any})
         order by key, value, name",
        holder = visible_name(scope, kind),
        kind = kind.collection(),
        any = Part::join(" or ", external_ids.iter().map(is_one)),
    );
    let columns = ["key", "value", "holder"];
    Some(holders.rows(columns, |row, [system, id, name]| {
        Ok(Holder {
            system: row.text(system)?,
            id: row.text(id)?,
            name: row.text(name)?,
        })
    }))
}

/// Returns the name beside a key, as an expression; empty if the record is PRIVATE to someone else.
fn visible_name(scope: &TenantScope, kind: Kind) -> Part {
    if !kind.can_be_private() {
        return Part::text("name");
    }
    scoped!(
        scope,
        "coalesce((select holder.name from :{table} holder
            where holder.tenant_id = :tenant and holder.name = keys.name :{visible}), '')",
        table = kind.collection(),
        visible = visible(kind, scope),
    )
    .into()
}

/// Refuses external ids that a record other than `own` holds. The holder is not named if that record is PRIVATE to
/// someone else.
pub(crate) fn check_holders(
    kind: Kind,
    own: &Name,
    external_ids: &[pb::ExternalId],
    holders: &[Holder],
) -> Result<(), Error> {
    let own = own.to_string();
    let is_wanted = |holder: &&Holder| {
        external_ids
            .iter()
            .any(|wanted| wanted.system == holder.system && wanted.id == holder.id)
    };
    match holders
        .iter()
        .filter(is_wanted)
        .find(|holder| holder.name != own)
    {
        Some(holder) => Err(Error::ExternalIdExists {
            kind,
            system: holder.system.clone(),
            holder: Name::parse(kind, &holder.name),
        }),
        None => Ok(()),
    }
}
