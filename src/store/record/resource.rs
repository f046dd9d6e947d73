//! What every resource has in common: the header of its message, its statements, its rows.
//!
//! The standard methods are written once against [`Resource`]; what is specific to a resource is in its own file.

use std::collections::BTreeMap;

use prost_types::{Struct, Timestamp};

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::look_up::words::Texts;
use crate::name::{Kind, Name};
use crate::pb;
use crate::pb::note::Visibility;
use crate::store::record::children::Children;
use crate::store::record::columns::Column;
use crate::store::record::counted::Counted;
use crate::store::record::cycle::Chain;
use crate::store::record::key::IndexEntry;
use crate::store::record::private_links::{self, PrivateLinks};
use crate::store::record::reference::{NeededBy, Parent, Reference};
use crate::store::record::search_shadow;
use crate::store::record::sort_key::{SortKey, extra_columns};
use crate::store::scope::TenantScope;
use crate::store::sql::author::author;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Part, Row, part, scoped};

/// A message that is stored as a row of its own, with a name of its own.
pub trait Resource:
    Linked
    + Filtering
    + prost::Message
    + prost::Name
    + Default
    + Clone
    + PartialEq
    + Send
    + Sync
    + Sized
    + 'static
{
    /// Its kind; the kind's collection is also its table.
    const KIND: Kind;
    /// Its columns, `name` first.
    const COLUMNS: &'static [Column<Self>];
    /// Its fields that are computed on reading and not stored.
    const DERIVED: &'static [Derived<Self>] = &[];
    /// What `order_by` sorts by.
    const SORT_KEYS: &'static [SortKey<Self>];
    /// The lists of texts filed under keys by their path; tags are filed so for all resources.
    const INDEXED_LISTS: &'static [&'static str] = &[];
    /// Its columns of text that no two records of a tenant have alike, unless they are empty.
    const UNIQUE: &'static [&'static str] = &[];

    /// Returns the fields that every resource has.
    fn header(&self) -> Header<'_>;
    /// Returns the fields that every resource has, for changing them.
    fn header_mut(&mut self) -> HeaderMut<'_>;
    /// Adds the keys it is found by, beyond labels, tags and external ids.
    fn keys(&self, keys: &mut Vec<IndexEntry>);
    /// Returns the texts that `LookUp` finds it by; `None` for kinds that are not looked up.
    fn texts(&self) -> Option<Texts> {
        None
    }
    /// Fills in what is not given: the author, the time, the usual state.
    fn stamp(&mut self, _author: &str, _now: Micros) {}
    /// Returns who wrote it and who may see it; `None` for kinds that everyone may see.
    fn authorship(&self) -> Option<Authorship<'_>> {
        None
    }
    /// Returns what it does for those it is with, if it is a conversation that counts.
    fn counted(&self) -> Option<Counted> {
        None
    }
    /// Returns the principal that acts as it, if it can have one; whoever sets it gives away what the record may see.
    fn principal(&self) -> &str {
        ""
    }
    /// Works out what its phone numbers are.
    fn derive_phone_numbers(&mut self) {}
    /// Clears what is derived and not stored.
    fn clear_derived(&mut self) {}
    /// Returns statements that keep further rows of the record up to date, run after its own row and its keys are
    /// written. `before` is absent for a new one.
    fn side_rows(&self, _scope: &TenantScope, _before: Option<&Self>) -> Vec<Query<()>> {
        Vec::new()
    }
}

/// How a resource hangs together with others.
pub trait Linked: Sized + 'static {
    /// The fields that refer to a resource this one belongs to; they never change.
    const PARENTS: &'static [Parent] = &[];
    /// The lists of records that have derived values of it; whoever writes it locks them, as parents.
    const LOCKED_LISTS: &'static [Parent] = &[];
    /// What is deleted and undeleted with it.
    const CHILDREN: &'static [Children] = &[];
    /// The live records without which it cannot be deleted.
    const NEEDED_BY: &'static [NeededBy] = &[];
    /// Its references to records that may be PRIVATE; only for kinds that are never PRIVATE themselves.
    const PRIVATE_LINKS: Option<&'static PrivateLinks<Self>> = None;

    /// Returns what it refers to, parents included.
    fn references(&self) -> Vec<Reference>;
    /// Returns the references that must not lead back to the record itself, directly or through others.
    fn acyclic_refs(&self) -> Vec<Chain> {
        Vec::new()
    }
    /// Returns the customers whose profile it is part of, as far as the record itself says.
    fn customers(&self) -> Vec<String>;
    /// Returns the query that lists further customers whose profile it is part of: as stored, if it is, and as it
    /// would be with new references.
    fn other_customers(
        _scope: &TenantScope,
        _stored: Option<&Name>,
        _added: &[Reference],
    ) -> Option<Query<Vec<String>>> {
        None
    }
}

/// The filters that a resource stores; most kinds store none.
pub trait Filtering {
    /// Returns the stored filters, with their paths.
    fn filters(&self) -> Vec<(String, &str)> {
        Vec::new()
    }
    /// Returns the stored filters, each with the kind of records that it is on; names of fields in them may be old.
    fn filters_mut(&mut self) -> Vec<(Kind, &mut String)> {
        Vec::new()
    }
    /// Works out the warnings about its filters, which are not stored.
    fn derive_warnings(&mut self) {}
}

/// Who wrote a record, and who may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authorship<'a> {
    /// The author.
    pub author: &'a str,
    /// A number of `Visibility`.
    pub visibility: i32,
}

impl<'a> Authorship<'a> {
    /// Returns the only one who may see the record; `None` if everyone may.
    pub fn private_to(self) -> Option<&'a str> {
        (self.visibility == Visibility::Private as i32).then_some(self.author)
    }
}

/// The fields that every resource has.
#[expect(missing_docs, reason = "the proto is the reference for each field")]
pub struct Header<'a> {
    pub name: &'a str,
    pub etag: &'a str,
    pub create_time: Option<&'a Timestamp>,
    pub delete_time: Option<&'a Timestamp>,
    pub labels: &'a BTreeMap<String, String>,
    pub tags: &'a [String],
    pub attributes: Option<&'a Struct>,
    pub external_ids: &'a [pb::ExternalId],
}

/// The fields that every resource has, for changing them.
#[expect(missing_docs, reason = "the proto is the reference for each field")]
pub struct HeaderMut<'a> {
    pub name: &'a mut String,
    pub etag: &'a mut String,
    pub create_time: &'a mut Option<Timestamp>,
    pub update_time: &'a mut Option<Timestamp>,
    pub delete_time: &'a mut Option<Timestamp>,
    pub tags: &'a mut Vec<String>,
    pub attributes: &'a mut Option<Struct>,
    pub external_ids: &'a mut Vec<pb::ExternalId>,
}

/// Writes the two header functions of a resource; these fields have the same names in every proto.
macro_rules! header {
    () => {
        fn header(&self) -> $crate::store::record::resource::Header<'_> {
            $crate::store::record::resource::Header {
                name: &self.name,
                etag: &self.etag,
                create_time: self.create_time.as_ref(),
                delete_time: self.delete_time.as_ref(),
                labels: &self.labels,
                tags: &self.tags,
                attributes: self.attributes.as_ref(),
                external_ids: &self.external_ids,
            }
        }
        fn header_mut(&mut self) -> $crate::store::record::resource::HeaderMut<'_> {
            $crate::store::record::resource::HeaderMut {
                name: &mut self.name,
                etag: &mut self.etag,
                create_time: &mut self.create_time,
                update_time: &mut self.update_time,
                delete_time: &mut self.delete_time,
                tags: &mut self.tags,
                attributes: &mut self.attributes,
                external_ids: &mut self.external_ids,
            }
        }
    };
}
pub(crate) use header;

/// A field that is computed when the record is read.
pub struct Derived<R: 'static> {
    /// The path in the message.
    pub path: &'static str,
    /// The expression on a UTC date, over a row of the record's table, which is not aliased.
    pub expression: fn(&TenantScope, today: &str) -> Part,
    /// Puts column `i` of a row into a message.
    pub set: fn(&mut R, &Row, usize) -> Result<(), Error>,
}

/// A record as stored.
#[derive(Clone, Debug)]
pub struct Stored<R> {
    /// The message, derived fields included.
    pub resource: R,
    /// The name of the parent it was deleted with; empty if it is live or was deleted by itself.
    pub deleted_with: String,
    /// Its references that the caller may not see.
    pub hidden: Vec<String>,
}

impl<R: Resource> Stored<R> {
    /// Returns the record as the caller may see it.
    pub fn seen(self) -> R {
        private_links::seen(&self.resource, &self.hidden).into_owned()
    }
}

/// Returns the columns of a record, for [`decode`]. Each is qualified with its table, so that other tables may be
/// joined; the first is called `name`.
pub fn columns<R: Resource>(scope: &TenantScope, today: &str) -> Part {
    columns_as::<R>("name", scope, today)
}

/// Returns [`columns`] for a row that holds several records; the first column is named `first`.
pub fn columns_as<R: Resource>(first: &'static str, scope: &TenantScope, today: &str) -> Part {
    let table = R::KIND.collection();
    let column = |name| Part::join(".", [Part::text(table), Part::text(name)]);
    let name = part!(":{table}.name as :{first}", table, first);
    let others = R::COLUMNS.iter().skip(1).map(|of| of.name);
    let stored = others.chain(["deleted_with"]).map(column);
    let stored = Part::join(", ", [name].into_iter().chain(stored));
    let derived = R::DERIVED.iter().map(|of| (of.expression)(scope, today));
    let hidden = R::PRIVATE_LINKS.map(|links| (links.hidden)(scope));
    Part::join(",\n  ", [stored].into_iter().chain(derived).chain(hidden))
}

/// Reads a record from a row where an outer join may have left it out.
pub fn decode_joined<R: Resource>(row: &Row, first: usize) -> Result<Option<R>, Error> {
    let is_there = row.opt_str(first)?.is_some();
    if is_there {
        decode(row, first).map(|stored| Some(stored.seen()))
    } else {
        Ok(None)
    }
}

/// Returns the query that reads one record and locks it against other writers; `None` also for one that the caller
/// may not see.
pub(crate) fn select_for_update<R: Resource>(
    scope: &TenantScope,
    name: &Name,
    now: Micros,
) -> Query<Option<Stored<R>>> {
    let select = scoped!(
        scope,
        "select :{columns} from :{table}
         where tenant_id = :tenant and name = :name :{visible}
         for update",
        columns = columns::<R>(scope, &clock::date_of(now)),
        table = R::KIND.collection(),
        name,
        visible = visible(R::KIND, scope),
    );
    select.maybe(["name"], |row, [first]| decode(row, first))
}

/// Returns the clause ` and ..` that leaves out what is PRIVATE to someone else; empty for kinds that cannot be
/// PRIVATE.
pub fn visible(kind: Kind, scope: &TenantScope) -> Part {
    if !kind.can_be_private() {
        return Part::default();
    }
    let author = author(scope);
    let is_visible = match scope.actor() {
        Some(_) => part!("(visibility <> 'PRIVATE' or author = :{author})", author),
        // What it wrote before it was given a colleague; see `TenantScope::is_own`.
        None => part!(
            "(visibility <> 'PRIVATE' or author = :{author} or author = :principal)",
            author,
            principal = scope.principal(),
        ),
    };
    Part::join("", [Part::text(" and "), is_visible])
}

/// Returns the clause ` and ..` that keeps only what is PRIVATE to someone else.
pub fn hidden_from(scope: &TenantScope) -> Part {
    let author = author(scope);
    let is_hidden = match scope.actor() {
        Some(_) => part!("visibility = 'PRIVATE' and author <> :{author}", author),
        None => part!(
            "visibility = 'PRIVATE' and author <> :{author} and author <> :principal",
            author,
            principal = scope.principal(),
        ),
    };
    Part::join("", [Part::text(" and "), is_hidden])
}

/// Reads a record from a row that has its [`columns`] from column `first` on: the record as stored, and its
/// references that the caller may not see.
pub fn decode<R: Resource>(row: &Row, first: usize) -> Result<Stored<R>, Error> {
    let mut resource = R::default();
    for (i, column) in R::COLUMNS.iter().enumerate() {
        (column.set)(&mut resource, row, first + i)?;
    }
    let after = first + R::COLUMNS.len();
    for (i, derived) in R::DERIVED.iter().enumerate() {
        (derived.set)(&mut resource, row, after + 1 + i)?;
    }
    resource.derive_warnings();
    let hidden = match R::PRIVATE_LINKS {
        Some(_) => private_links::read(row, after + 1 + R::DERIVED.len())?,
        None => Vec::new(),
    };
    Ok(Stored {
        resource,
        deleted_with: row.text(after)?,
        hidden,
    })
}

/// Returns the statement that stores a new record; it fails with [`Error::Duplicate`] if there is one of that name.
pub(crate) fn insert<R: Resource>(scope: &TenantScope, resource: &R) -> Query<()> {
    let columns = R::COLUMNS.iter();
    let columns = columns.map(|column| (column.name, (column.get)(resource)));
    let (names, values): (Vec<_>, Vec<_>) = columns
        .chain(extra_columns(resource))
        .map(|(name, value)| (Part::text(name), Part::value(value)))
        .unzip();
    let insert = scoped!(
        scope,
        "insert into :{table} (tenant_id, deleted_with, folded, :{names})
         values (:tenant, '', :folded, :{values})
         on conflict do nothing returning name",
        table = R::KIND.collection(),
        names = Part::join(", ", names),
        folded = search_shadow::shadow(resource),
        values = Part::join(", ", values),
    );
    insert
        .texts("name")
        .map(|written| match written.is_empty() {
            true => Err(Error::Duplicate {
                table: R::KIND.collection(),
            }),
            false => Ok(()),
        })
}

/// Returns the statement that stores a changed record.
pub(crate) fn update<R: Resource>(scope: &TenantScope, stored: &Stored<R>) -> Query<()> {
    let columns = R::COLUMNS.iter().filter(|column| column.name != "name");
    let columns = columns
        .map(|column| (column.name, (column.get)(&stored.resource)))
        .chain(extra_columns(&stored.resource))
        .map(|(column, value)| part!(":{column} = :value", column, value));
    let update = scoped!(
        scope,
        "update :{table} set deleted_with = :deleted_with, folded = :folded, :{columns}
         where tenant_id = :tenant and name = :name",
        table = R::KIND.collection(),
        deleted_with = &stored.deleted_with,
        folded = search_shadow::shadow(&stored.resource),
        columns = Part::join(", ", columns),
        name = stored.resource.header().name,
    );
    update.done()
}

/// Returns the paths of the stored fields in which two records differ, except etag, create time and update time.
pub fn changed_paths<R: Resource>(before: &R, after: &R) -> Vec<&'static str> {
    let is_news =
        |column: &&Column<R>| !matches!(column.path, "etag" | "create_time" | "update_time");
    let differs = |column: &&Column<R>| (column.get)(before) != (column.get)(after);
    R::COLUMNS
        .iter()
        .filter(is_news)
        .filter(differs)
        .map(|column| column.path)
        .collect()
}

/// Says whether a record is deleted.
pub fn is_deleted<R: Resource>(resource: &R) -> bool {
    resource.header().delete_time.is_some()
}

/// Returns the name of a record that has one.
pub fn name_of<R: Resource>(resource: &R) -> Name {
    let name = resource.header().name;
    let id = name.rsplit('/').next().unwrap_or_default();
    Name::of_row(R::KIND, id)
}

/// Makes an etag: weak (AIP-154), and random so that a restored backup never repeats one.
pub fn new_etag() -> String {
    let random = uuid::Uuid::now_v7().as_u128();
    format!(
        "W/\"{:016x}\"",
        u64::try_from(random & u128::from(u64::MAX)).unwrap_or_default()
    )
}

/// Gives a changed record its new etag and update time.
pub(crate) fn touch<R: Resource>(resource: &mut R, now: Micros) {
    let header = resource.header_mut();
    *header.etag = new_etag();
    *header.update_time = Some(clock::timestamp(now));
}
