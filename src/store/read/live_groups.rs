//! What groups customers and people: the live segments and personas of a tenant, and what is known of a record that
//! their filters ask for.
//!
//! Owns the statements that read them. What segments mean is in `definition`; who is in which, in `profile::groups`.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::filter::tree::Filter;
use crate::pb;
use crate::pb::persona::Subject;
use crate::store::read::definition::{Definition, Definitions};
use crate::store::read::facts::ByName;
use crate::store::record::resource::{decode, select};
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Row, Sql};

/// What is told of a live persona where its story is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch {
    /// Its name.
    pub name: String,
    /// What people call it.
    pub display_name: String,
    /// It in one line.
    pub headline: String,
    /// What those meet who are like it; empty when nothing ties it to data.
    pub match_filter: String,
}

/// All live segments, and the live personas of one subject.
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

/// The columns that [`joins`] bring; each row of [`hits`] has those of one table.
pub(crate) const COLUMNS: &str = ",\n  segments.name, segments.display_name, segments.filter, personas.name, \
     personas.display_name, personas.headline, personas.match_filter";

/// Returns selects of part, customer, name and place, beside those of `facts`: of all live segments, of the live
/// personas of customers, and of the segments by list that hold the customers.
///
/// Every name is greater than the empty text. Without such a bound SQLite, which is told that one tenant may have all
/// rows, walks through those of the others, too.
pub(crate) fn hits(scope: &TenantScope, customers: &[String]) -> [Sql; 3] {
    let segments = Sql::new("select 'segment', '', name, 0 from segments where tenant_id = ")
        .bind(scope.tenant());
    let personas = Sql::new("select 'persona', '', name, 0 from personas where tenant_id = ")
        .bind(scope.tenant());
    let lists = Sql::new("select 'listed', value, name, 0 from keys where tenant_id = ")
        .bind(scope.tenant())
        .push(" and kind = 'segments' and field = 'members' and key = '' and value")
        .any_of(customers.to_vec());
    [
        segments.push(" and name > '' and delete_time is null"),
        personas
            .push(" and name > '' and delete_time is null and subject = ")
            .bind(Subject::Customer.as_str_name()),
        lists,
    ]
}

/// Returns the joins of the records that [`hits`] are about.
pub(crate) fn joins(scope: &TenantScope) -> Sql {
    Sql::new("\nleft join segments on segments.tenant_id = ")
        .bind(scope.tenant())
        .push(" and segments.name = hit.name\nleft join personas on personas.tenant_id = ")
        .bind(scope.tenant())
        .push(" and personas.name = hit.name")
}

/// Reads the rows of [`hits`] whose columns from `first` on are [`COLUMNS`]; the lists go to their customers.
pub(crate) fn read(rows: &[Row], first: usize, found: &mut ByName) -> Result<Groupings, Error> {
    let (mut definitions, mut personas) = (BTreeMap::new(), Vec::new());
    for row in rows {
        match row.text(0)?.as_str() {
            "segment" => {
                definitions.insert(row.text(first)?, definition(row, first + 1)?);
            }
            "persona" => personas.push(sketch(row, first + 3)?),
            "listed" => {
                if let Some(facts) = found.get_mut(&row.text(1)?) {
                    facts.lists.insert(row.text(first)?);
                }
            }
            _ => {}
        }
    }
    Ok(Groupings {
        definitions: Definitions::of(definitions),
        personas,
    })
}

fn definition(row: &Row, first: usize) -> Result<Definition, Error> {
    let filter = Some(row.text(first + 1)?).filter(|filter| !filter.is_empty());
    Ok(Definition {
        display_name: row.text(first)?,
        filter,
    })
}

fn sketch(row: &Row, first: usize) -> Result<Sketch, Error> {
    Ok(Sketch {
        name: row.text(first)?,
        display_name: row.text(first + 1)?,
        headline: row.text(first + 2)?,
        match_filter: row.text(first + 3)?,
    })
}

/// Returns the statement that reads the live personas of a subject.
pub fn personas(scope: &TenantScope, subject: Subject) -> Sql {
    Sql::new("select name, display_name, headline, match_filter from personas where tenant_id = ")
        .bind(scope.tenant())
        .push(" and name > '' and delete_time is null and subject = ")
        .bind(subject.as_str_name())
}

/// Reads the rows of [`personas`].
pub fn read_personas(rows: &[Row]) -> Result<Vec<Sketch>, Error> {
    rows.iter().map(|row| sketch(row, 0)).collect()
}

/// Returns the statement that reads all live affiliations of a contact. Those of customers are read by `membership`.
pub fn affiliations(scope: &TenantScope, contact: &str, now: Micros) -> Sql {
    select::<pb::Affiliation>(scope, &clock::date_of(now))
        .push("\nwhere tenant_id = ")
        .bind(scope.tenant())
        .push(" and delete_time is null and contact = ")
        .bind(contact)
        .push("\norder by name")
}

/// Reads the rows of [`affiliations`].
pub fn read_affiliations(rows: &[Row]) -> Result<Vec<pb::Affiliation>, Error> {
    rows.iter().map(|row| Ok(decode(row, 0)?.seen())).collect()
}

/// Returns the names of all segments that filters name.
pub fn named_in<'a>(trees: impl IntoIterator<Item = &'a Filter>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    trees
        .into_iter()
        .for_each(|tree| tree.add_segments(&mut names));
    names
}
