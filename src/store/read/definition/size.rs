//! How large filters may grow: what is written is checked against the limits, together with all that it names and all
//! that names it. So no question ever meets a segment that is too large.
//!
//! Nothing that a filter reaches is locked: that could not be done in the order of locks. Two writers who would make one
//! filter too large from two sides meet at the row of the tenant, under which each counts a second time
//! (`write/finish.rs`).

use std::collections::BTreeSet;

use crate::error::Error;
use crate::filter::tree::Filter;
use crate::name::{Kind, Name};
use crate::pb;
use crate::store::engine::tx::Tx;
use crate::store::read::definition::{
    Definition, Definitions, Failure, MAX_NESTED, MAX_PREDICATES, named, parsed, used_by,
};
use crate::store::record::resource::{Filtering, Resource, Stored, columns, decode, is_deleted};
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Part, scoped};

/// The most names in a refusal.
const MAX_NAMED: usize = 12;

/// Refuses a filter that is too large with the segments that it names, and a change to a segment that makes a filter
/// using it so.
///
/// Returns whether there was something to check.
pub async fn check<R: Resource>(tx: &mut Tx, before: Option<&R>, after: &R) -> Result<bool, Error> {
    let filters = after.filters();
    let is_same =
        |before: &R| before.filters() == filters && is_deleted(before) == is_deleted(after);
    if filters.is_empty() || before.is_some_and(is_same) {
        return Ok(false);
    }
    let (scope, name) = (tx.scope().clone(), after.header().name);
    let users = match before {
        Some(_) if R::KIND == Kind::Segment => users(tx, &scope, name).await?,
        _ => Vec::new(),
    };
    let all = filters
        .iter()
        .map(|(_, filter)| *filter)
        .chain(users.iter().map(|(_, filter)| filter.as_str()));
    let names: BTreeSet<String> = all.flat_map(used_by).collect();
    if names.is_empty() {
        return Ok(false);
    }
    let mut definitions = tx.run(named(&scope, names)).await?;
    if R::KIND == Kind::Segment {
        let filter = filters.first().map(|(_, filter)| (*filter).to_owned());
        definitions.0.insert(
            name.to_owned(),
            Definition {
                display_name: String::new(),
                filter,
            },
        );
        let own = Filter::Member {
            segment: name.to_owned(),
            filter: None,
        };
        definitions
            .within(&own, MAX_NESTED, MAX_PREDICATES)
            .map_err(|failure| failure.of("segment.filter"))?;
    }
    for (field, filter) in &filters {
        let field = format!("{}.{field}", R::KIND.singular());
        definitions
            .held_to_bounds(filter)
            .map_err(|failure| failure.of(&field))?;
    }
    let users = too_large(definitions, &users);
    if users.is_empty() {
        return Ok(true);
    }
    let count = users.len();
    let users = users.into_iter().take(MAX_NAMED).cloned().collect();
    let name = Name::of_row(Kind::Segment, name.rsplit('/').next().unwrap_or_default());
    Err(Error::InUse { name, users, count })
}

/// Returns the users, each given with its filter, that would be too large with these definitions.
fn too_large(mut definitions: Definitions, users: &[(String, String)]) -> BTreeSet<&String> {
    for (user, filter) in users.iter().filter(|(user, _)| is_segment(user)) {
        let user_itself = Definition {
            display_name: String::new(),
            filter: Some(filter.clone()),
        };
        definitions.0.insert(user.clone(), user_itself);
    }
    let fits = |user: &str, filter: &str| {
        if is_segment(user) {
            definitions.members_of(user).is_ok()
        } else {
            definitions.held_to_bounds(filter).is_ok()
        }
    };
    let too_large = users.iter().filter(|(user, filter)| !fits(user, filter));
    too_large.map(|(user, _)| user).collect()
}

impl Definitions {
    /// Refuses a filter that is too large with all that it names. One that cannot be parsed was refused before.
    fn held_to_bounds(&self, filter: &str) -> Result<(), Failure> {
        parsed(filter).map_or(Ok(()), |tree| {
            self.within(&tree, MAX_NESTED, MAX_PREDICATES).map(drop)
        })
    }
}

fn is_segment(name: &str) -> bool {
    Name::parse(Kind::Segment, name).is_some()
}

/// Reads the filters of live segments and personas that name a segment, directly or through other live ones. A
/// deleted one is checked against the limits when it is undeleted.
async fn users(
    tx: &mut Tx,
    scope: &TenantScope,
    name: &str,
) -> Result<Vec<(String, String)>, Error> {
    let segments = scoped!(
        scope,
        ":{using}
         select segments.name, segments.filter from users cross join segments
         where segments.tenant_id = :tenant and segments.name = users.name
           and segments.name <> :name",
        using = using(scope, name),
        name,
    );
    let segments = segments.rows(["name", "filter"], |row, [name, filter]| {
        Ok((row.text(name)?, row.text(filter)?))
    });
    let personas = scoped!(
        scope,
        "select :{columns} from personas
         where tenant_id = :tenant and delete_time is null and name = any(array(
           :{using}
           select keys.name from users cross join keys
           where keys.tenant_id = :tenant and keys.kind = 'personas'
             and keys.field in ('match_filter', 'statements') and keys.key = ''
             and keys.value = users.name))",
        columns = columns::<pb::Persona>(scope, ""),
        using = using(scope, name),
    );
    let personas = personas.rows(["name"], |row, [first]| decode::<pb::Persona>(row, first));
    let (mut users, personas) = tx.run((segments, personas)).await?;
    for Stored { resource, .. } in personas {
        let filters = resource.filters().into_iter();
        users.extend(filters.map(|(_, filter)| (resource.name.clone(), filter.to_owned())));
    }
    Ok(users)
}

/// Returns a segment and those that name it, directly or through others, as the table `users` for a `with`.
fn using(scope: &TenantScope, name: &str) -> Part {
    scoped!(
        scope,
        "with recursive users (name) as (
           select segments.name from segments
           where segments.tenant_id = :tenant and segments.name = :name
           union
           select keys.name from users cross join keys cross join segments
           where keys.tenant_id = :tenant and keys.kind = 'segments' and keys.field = 'filter'
             and keys.key = '' and keys.value = users.name
             and segments.tenant_id = :tenant and segments.name = keys.name
             and segments.delete_time is null
         )",
        name,
    )
    .into()
}
