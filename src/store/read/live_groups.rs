//! What groups customers and people: the live segments and personas of a tenant, and what their filters need to know
//! about a record.
//!
//! Owns the statements that read them. What segments mean is in `definition`; who is in which, in `membership`.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::filter::tree::Filter;
use crate::pb;
use crate::pb::persona::RecordKind;
use crate::store::read::definition::{Definition, Definitions};
use crate::store::record::resource::{self, decode};
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Part, Row, part, scoped};

/// A live persona without its story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch {
    /// Its name.
    pub name: String,
    /// Its display name.
    pub display_name: String,
    /// Its one-line summary.
    pub headline: String,
    /// The filter that decides who matches it; empty if nothing ties it to data.
    pub match_filter: String,
}

/// All live segments, and the live personas of one record_kind.
#[derive(Clone, Debug, Default)]
pub struct Groupings {
    /// The segments.
    pub definitions: Definitions,
    /// The personas.
    pub personas: Vec<Sketch>,
}

impl Groupings {
    /// Says whether there are neither segments nor personas.
    pub fn is_empty(&self) -> bool {
        self.personas.is_empty() && self.definitions.iter().next().is_none()
    }
}

/// What groups customers, and which segments by list hold each of the given ones.
#[derive(Debug)]
pub struct GroupingsAndLists {
    /// All live segments and personas.
    pub groupings: Groupings,
    /// The segments by list that hold a customer, by its name.
    pub lists: BTreeMap<String, BTreeSet<String>>,
}

/// Returns the columns that [`joins`] adds; each row of [`hits`] fills those of one table.
pub(crate) fn columns() -> Part {
    part!(
        "segments.name as segment, segments.display_name as segment_display_name,
           segments.filter as segment_filter, personas.name as persona,
           personas.display_name as persona_display_name, personas.headline as headline,
           personas.match_filter as match_filter"
    )
}

/// Returns selects of part, customer, name and place, to go with those of `facts`: of all live segments, of the live
/// personas of customers, and of the segments by list that hold the customers.
///
/// Every name is greater than the empty text. Without such a bound SQLite, which is told that one tenant may have all
/// rows, would walk through those of other tenants too.
pub(crate) fn hits(scope: &TenantScope, customers: &[String]) -> [Part; 3] {
    let segments = scoped!(
        scope,
        "select 'segment', '', name, 0 from segments
         where tenant_id = :tenant and name > '' and delete_time is null",
    );
    let personas = scoped!(
        scope,
        "select 'persona', '', name, 0 from personas
         where tenant_id = :tenant and name > '' and delete_time is null and record_kind = :record_kind",
        record_kind = RecordKind::Customer.as_str_name(),
    );
    let lists = scoped!(
        scope,
        "select 'listed', value, name, 0 from keys
         where tenant_id = :tenant and kind = 'segments' and field = 'members' and key = ''
           and value = any(:customers)",
        customers = customers.to_vec(),
    );
    [segments, personas, lists].map(Part::from)
}

/// Returns the joins of the records that [`hits`] are about.
pub(crate) fn joins(scope: &TenantScope) -> Part {
    scoped!(
        scope,
        "left join segments on segments.tenant_id = :tenant and segments.name = hit.name
         left join personas on personas.tenant_id = :tenant and personas.name = hit.name",
    )
    .into()
}

/// Reads the rows of [`hits`] joined with [`columns`]; rows of other parts are skipped.
pub(crate) fn read(rows: &[Row]) -> Result<GroupingsAndLists, Error> {
    let mut definitions = BTreeMap::new();
    let mut personas = Vec::new();
    let mut lists: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    if let Some(first) = rows.first() {
        let [part, customer] = first.columns(["hit_part", "hit_customer"])?;
        let [segment, title, filter] =
            first.columns(["segment", "segment_display_name", "segment_filter"])?;
        let persona = first.columns([
            "persona",
            "persona_display_name",
            "headline",
            "match_filter",
        ])?;
        for row in rows {
            match row.str(part)? {
                "segment" => {
                    let definition = Definition {
                        display_name: row.text(title)?,
                        filter: Some(row.text(filter)?).filter(|filter| !filter.is_empty()),
                    };
                    definitions.insert(row.text(segment)?, definition);
                }
                "persona" => personas.push(sketch(row, persona)?),
                "listed" => {
                    let of_customer = lists.entry(row.text(customer)?).or_default();
                    of_customer.insert(row.text(segment)?);
                }
                _ => {}
            }
        }
    }
    Ok(GroupingsAndLists {
        groupings: Groupings {
            definitions: Definitions::of(definitions),
            personas,
        },
        lists,
    })
}

fn sketch(row: &Row, columns: [usize; 4]) -> Result<Sketch, Error> {
    let [name, display_name, headline, match_filter] = columns;
    Ok(Sketch {
        name: row.text(name)?,
        display_name: row.text(display_name)?,
        headline: row.text(headline)?,
        match_filter: row.text(match_filter)?,
    })
}

/// Reads the live personas of a record_kind.
pub fn personas(scope: &TenantScope, record_kind: RecordKind) -> Query<Vec<Sketch>> {
    scoped!(
        scope,
        "select name, display_name, headline, match_filter from personas
         where tenant_id = :tenant and name > '' and delete_time is null and record_kind = :record_kind",
        record_kind = record_kind.as_str_name(),
    )
    .rows(["name", "display_name", "headline", "match_filter"], sketch)
}

/// Reads all live affiliations of a contact. `membership` reads those of customers.
pub fn affiliations(
    scope: &TenantScope,
    contact: &str,
    now: Micros,
) -> Query<Vec<pb::Affiliation>> {
    scoped!(
        scope,
        "select :{columns}
         from affiliations
         where tenant_id = :tenant and delete_time is null and contact = :contact
         order by name",
        columns = resource::columns::<pb::Affiliation>(scope, &clock::date_of(now)),
        contact,
    )
    .rows(["name"], |row, [at]| Ok(decode(row, at)?.seen()))
}

/// Returns all segment names that appear in filters.
pub fn named_in<'a>(trees: impl IntoIterator<Item = &'a Filter>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    trees
        .into_iter()
        .for_each(|tree| tree.add_segments(&mut names));
    names
}
