//! What still needs a record and so keeps it from being deleted.

use crate::error::Error;
use crate::name::Name;
use crate::store::record::reference::NeededBy;
use crate::store::record::resource::Resource;
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Part, Value, scoped};

/// The most referrers named in a refusal.
const MAX_NAMED: i64 = 12;

/// Live records that need another one.
#[derive(Debug, Default)]
pub(crate) struct Referrers {
    /// The first of their names.
    names: Vec<String>,
    /// How many there are.
    count: usize,
}

/// Returns the query that finds the live records that need one; `None` if no kind can.
pub(crate) fn find<R: Resource>(scope: &TenantScope, name: &Name) -> Option<Query<Referrers>> {
    if R::NEEDED_BY.is_empty() {
        return None;
    }
    let of_kind = R::NEEDED_BY.iter().map(|of| of_kind(scope, of, name));
    let referrers = scoped!(
        scope,
        "select name, count(*) over () as n from (:{rows}) referrers
         order by name limit +:most",
        rows = Part::join(" union ", of_kind),
        most = MAX_NAMED,
    );
    let named = referrers.rows(["name", "n"], |row, [name, n]| {
        Ok((row.text(name)?, row.int(n)?))
    });
    Some(named.map(|named| {
        let count = named.first().map_or(0, |(_, n)| *n);
        Ok(Referrers {
            count: usize::try_from(count).map_err(Error::internal)?,
            names: named.into_iter().map(|(name, _)| name).collect(),
        })
    }))
}

fn of_kind(scope: &TenantScope, of: &NeededBy, name: &Name) -> Part {
    let fields = of
        .fields
        .iter()
        .map(|field| Part::value(Value::from(*field)));
    scoped!(
        scope,
        "select :{table}.name from keys cross join :{table}
         where keys.tenant_id = :tenant and keys.kind = :kind
           and keys.field in (:{fields}) and keys.key = '' and keys.value = :name
           and :{table}.tenant_id = :tenant and :{table}.name = keys.name
           and :{table}.delete_time is null",
        table = of.kind.collection(),
        kind = of.kind.collection(),
        fields = Part::join(", ", fields),
        name,
    )
    .into()
}

/// Refuses to delete a record that live records still need.
pub(crate) fn check(name: &Name, referrers: Option<Referrers>) -> Result<(), Error> {
    match referrers {
        Some(Referrers { names, count }) if count > 0 => Err(Error::InUse {
            name: name.clone(),
            users: names,
            count,
        }),
        _ => Ok(()),
    }
}
