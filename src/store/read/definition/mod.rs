//! What segments mean: their definitions, read in the snapshot of the question, and expanded into the trees that name
//! them.
//!
//! Owns the statements that read definitions, the memo of parsed stored filters, and the limits on the size of a
//! tree. What a tree means is defined in `filter` and `filter::evaluate`.

mod memo;
pub mod size;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::error::{Error, Violation};
use crate::filter::resolve::SEGMENT;
use crate::filter::tree::Filter;
use crate::name::Name;
use crate::store::engine::snapshot::Snapshot;
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Row, Sql, scoped};

pub use memo::parsed;

/// The most restrictions in a filter, including those of all segments that it names, directly or through others.
pub const MAX_PREDICATES: usize = 1000;
/// The deepest nesting of segments. With the length of one filter it limits how deep a statement nests.
pub const MAX_NESTED: usize = 8;

/// One segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Its display name.
    pub display_name: String,
    /// The filter that its members meet; `None` for a segment by list.
    pub filter: Option<String>,
}

/// Live segments by name, with those that they name.
#[derive(Clone, Debug, Default)]
pub struct Definitions(BTreeMap<String, Definition>);

/// Why a tree cannot be completed.
#[derive(Debug)]
enum Failure {
    /// It has too many restrictions.
    TooMany,
    /// It nests segments too deeply.
    TooDeep,
    /// A stored filter cannot be parsed.
    Unreadable,
}

impl Definitions {
    /// Makes it from live segments by name.
    pub fn of(definitions: BTreeMap<String, Definition>) -> Definitions {
        Definitions(definitions)
    }

    /// Returns a live segment.
    pub fn get(&self, name: &str) -> Option<&Definition> {
        self.0.get(name)
    }

    /// Returns the live segments in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Definition)> {
        self.0
            .iter()
            .map(|(name, definition)| (name.as_str(), definition))
    }

    /// Returns the filters as written, without what they name; one that cannot be parsed is left out.
    pub fn filters(&self) -> Vec<Arc<Filter>> {
        self.0
            .values()
            .filter_map(|definition| parsed(definition.filter.as_deref()?))
            .collect()
    }

    /// Returns the tree that the members of a segment meet.
    pub fn members_of(&self, segment: &str) -> Result<Filter, Error> {
        self.complete(&Filter::Member {
            segment: segment.to_owned(),
            filter: None,
        })
    }

    /// Expands the segments in a tree into their filters, and the segments in those.
    pub fn complete(&self, tree: &Filter) -> Result<Filter, Error> {
        self.within(tree, MAX_NESTED, MAX_PREDICATES)
            .map_err(|failure| failure.of("filter"))
    }

    /// Does the same for a filter that is to define a segment: it leaves room for the restriction and the level
    /// that naming the segment adds.
    pub fn complete_as_segment(&self, filter: &Filter) -> Result<Filter, Error> {
        self.within(filter, MAX_NESTED - 1, MAX_PREDICATES - 1)
            .map_err(|failure| failure.of("filter"))
    }

    fn within(&self, tree: &Filter, n_deeper: usize, mut n_left: usize) -> Result<Filter, Failure> {
        self.put_in(tree, n_deeper, &mut n_left)
    }

    fn put_in(
        &self,
        tree: &Filter,
        n_deeper: usize,
        n_left: &mut usize,
    ) -> Result<Filter, Failure> {
        let mut all = |trees: &[Filter]| -> Result<Vec<Filter>, Failure> {
            trees
                .iter()
                .map(|tree| self.put_in(tree, n_deeper, n_left))
                .collect()
        };
        Ok(match tree {
            Filter::And(trees) => Filter::And(all(trees)?),
            Filter::Or(trees) => Filter::Or(all(trees)?),
            Filter::Not(tree) => Filter::Not(Box::new(self.put_in(tree, n_deeper, n_left)?)),
            Filter::Exists { list, inner } => Filter::Exists {
                list: list.clone(),
                inner: Box::new(self.put_in(inner, n_deeper, n_left)?),
            },
            Filter::Predicate(_) => {
                *n_left = n_left.checked_sub(1).ok_or(Failure::TooMany)?;
                tree.clone()
            }
            Filter::Member { segment, .. } => {
                *n_left = n_left.checked_sub(1).ok_or(Failure::TooMany)?;
                let n_deeper = n_deeper.checked_sub(1).ok_or(Failure::TooDeep)?;
                let filter = match self.0.get(segment).map(|definition| &definition.filter) {
                    None => Some(Box::new(Filter::nothing())),
                    Some(None) => None,
                    Some(Some(text)) => {
                        let own = parsed(text).ok_or(Failure::Unreadable)?;
                        Some(Box::new(self.put_in(&own, n_deeper, n_left)?))
                    }
                };
                Filter::Member {
                    segment: segment.clone(),
                    filter,
                }
            }
        })
    }
}

impl Failure {
    /// Returns the refusal, for the field that holds the filter.
    fn of(self, field: &str) -> Error {
        let description = match self {
            Failure::TooMany => format!(
                "makes more than {MAX_PREDICATES} restrictions with those of the segments that it names (for the filter of a \
                 segment, that one counts as well): name fewer or simpler ones"
            ),
            Failure::TooDeep => format!(
                "leads through more than {MAX_NESTED} segments inside one another (for the filter of a segment, that one \
                 counts as well): name segments that name fewer"
            ),
            Failure::Unreadable => return Error::internal("a stored filter does not read"),
        };
        let reason = "FILTER_INVALID";
        Error::Invalid(vec![Violation {
            field: field.to_owned(),
            description,
            reason,
            offset: Some(0),
        }])
    }
}

/// Reads the live segments of these names and all that they name, directly or through others.
///
/// Only segments by filter name others; the many keys of a list are not walked.
pub fn named(scope: &TenantScope, names: BTreeSet<String>) -> Query<Definitions> {
    let names: Vec<String> = names.into_iter().collect();
    let statement = scoped!(
        scope,
        "with recursive used (name) as (
           select segments.name from segments where tenant_id = :tenant and name = any(:names)
           union
           select keys.value from used cross join segments cross join keys
           where segments.tenant_id = :tenant and segments.name = used.name
             and segments.filter <> ''
             and keys.tenant_id = :tenant and keys.name = segments.name
             and keys.kind = 'segments' and keys.field = 'filter'
         )
         select segments.name, segments.display_name, segments.filter
         from used cross join segments
         where segments.tenant_id = :tenant and segments.name = used.name
           and segments.delete_time is null",
        names,
    );
    definitions(statement)
}

/// Reads all live segments; the bound on their names is explained in `live_groups`.
pub fn all(scope: &TenantScope) -> Query<Definitions> {
    definitions(scoped!(
        scope,
        "select name, display_name, filter from segments
         where tenant_id = :tenant and name > '' and delete_time is null"
    ))
}

fn definitions(statement: Sql) -> Query<Definitions> {
    let read = |row: &Row, [name, display_name, filter]: [usize; 3]| {
        let definition = Definition {
            display_name: row.text(display_name)?,
            filter: Some(row.text(filter)?).filter(|filter| !filter.is_empty()),
        };
        Ok((row.text(name)?, definition))
    };
    let rows = statement.rows(["name", "display_name", "filter"], read);
    rows.map(|rows| Ok(Definitions(rows.into_iter().collect())))
}

/// A segment that exists, deleted or not.
#[derive(Debug)]
pub struct SegmentState {
    is_live: bool,
    /// Its filter; empty for a segment by list.
    pub filter: String,
}

/// Reads the segments of these names, deleted or not; see [`check_live`].
pub fn states(scope: &TenantScope, names: &[Name]) -> Query<BTreeMap<String, SegmentState>> {
    let names: Vec<String> = names.iter().map(Name::to_string).collect();
    let statement = scoped!(
        scope,
        "select name, delete_time is null as is_live, filter from segments
         where tenant_id = :tenant and name = any(:names)",
        names,
    );
    let read = |row: &Row, [name, is_live, filter]: [usize; 3]| {
        let state = SegmentState {
            is_live: row.bool(is_live)?,
            filter: row.text(filter)?,
        };
        Ok((row.text(name)?, state))
    };
    let rows = statement.rows(["name", "is_live", "filter"], read);
    rows.map(|rows| Ok(rows.into_iter().collect()))
}

/// Refuses segments that do not exist or are deleted.
pub fn check_live(names: &[Name], states: &BTreeMap<String, SegmentState>) -> Result<(), Error> {
    for name in names {
        match states.get(&name.to_string()) {
            Some(state) if state.is_live => {}
            Some(_) => return Err(Error::Deleted(name.clone())),
            None => return Err(Error::NotFound(name.clone())),
        }
    }
    Ok(())
}

/// Reads which segments by list hold each of these customers.
pub fn lists_of(
    scope: &TenantScope,
    customers: Vec<String>,
) -> Query<BTreeMap<String, BTreeSet<String>>> {
    let statement = scoped!(
        scope,
        "select value as customer, name as segment from keys
         where tenant_id = :tenant and kind = 'segments' and field = 'members' and key = ''
           and value = any(:customers)",
        customers,
    );
    let read =
        |row: &Row, [customer, segment]: [usize; 2]| Ok((row.text(customer)?, row.text(segment)?));
    statement.rows(["customer", "segment"], read).map(|rows| {
        let mut lists: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (customer, segment) in rows {
            lists.entry(customer).or_default().insert(segment);
        }
        Ok(lists)
    })
}

/// Completes a tree with the definitions of the snapshot; a tree that names no segment costs no statement.
pub async fn complete(
    snapshot: &mut Snapshot,
    scope: &TenantScope,
    tree: &Filter,
) -> Result<Filter, Error> {
    let names = tree.segments();
    if names.is_empty() {
        return Ok(tree.clone());
    }
    snapshot.run(named(scope, names)).await?.complete(tree)
}

/// Returns the segments that a filter on customers names.
pub(crate) fn used_by(filter: &str) -> BTreeSet<String> {
    // Most name none, and need not be parsed to see that. A backslash can spell any word in other letters.
    let may_name = filter.contains(SEGMENT) || filter.contains('\\');
    let tree = may_name.then(|| parsed(filter)).flatten();
    tree.map(|tree| tree.segments()).unwrap_or_default()
}
