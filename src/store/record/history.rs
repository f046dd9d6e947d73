//! History: every state a record had, newest first.
//!
//! Rows are written by `change.rs`. Who may see them is decided by the record as it is now, as for a read; so it is for
//! records that a state refers to.

use crate::clock::Micros;
use crate::error::Error;
use crate::name::Name;
use crate::store::engine::db::{At, Db};
use crate::store::record::private_links;
use crate::store::record::resource::{Resource, changed_paths};
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Row, Sql};

/// One state of a record.
#[derive(Clone, Debug)]
pub struct Revision<R> {
    /// The tenant's revision that made it.
    pub revision: i64,
    /// When it was made.
    pub commit_time: Micros,
    /// CREATED, UPDATED, DELETED or UNDELETED.
    pub action: String,
    /// The paths of the fields that differ from the state before.
    pub changed_paths: Vec<String>,
    /// Who made it.
    pub actor: String,
    /// The request id of the call, empty without one.
    pub request_id: String,
    /// The record as it became.
    pub resource: R,
}

/// Reads at most `limit` states before a revision (exclusive; `i64::MAX` for the newest).
pub async fn list<R: Resource>(
    db: &Db,
    scope: &TenantScope,
    name: &Name,
    before: i64,
    limit: usize,
) -> Result<At<Vec<Revision<R>>>, Error> {
    // One more, to tell what the last one changed in references that are not for everybody.
    let most = limit + usize::from(R::PRIVATE_LINKS.is_some());
    let most = i64::try_from(most).map_err(Error::internal)?;
    let statement = Sql::new("select tenants.revision, history.revision, changes.commit_time, changes.action, ")
        .push("changes.changed_paths, changes.actor, changes.request_id, history.body\nfrom tenants left join (\n")
        .push("  select * from history where tenant_id = ")
        .bind(scope.tenant())
        .push(" and name = ")
        .bind(name.to_string())
        .push(" and revision < ")
        .bind(before)
        .push("\n  order by revision desc")
        .limit(most)
        .push("\n) history on 1 = 1\nleft join changes on changes.tenant_id = ")
        .bind(scope.tenant())
        .push("\n  and changes.revision = history.revision and changes.name = history.name and not changes.derived")
        .push("\nwhere tenants.id = ")
        .bind(scope.tenant())
        .push("\norder by history.revision desc");
    let rows = db.fetch(scope, statement).await?;
    let revision = rows.first().map(|row| row.int(0)).transpose()?.unwrap_or(0);
    let found = rows
        .iter()
        .filter(|row| matches!(row.opt_int(1), Ok(Some(_))));
    let mut states: Vec<Revision<R>> = found.map(decode).collect::<Result<_, _>>()?;
    hide_links(db, scope, &mut states).await?;
    states.truncate(limit);
    Ok(At {
        answer: states,
        revision,
    })
}

/// Takes off states, newest first, what they refer to and the caller may not see, and that it changed.
async fn hide_links<R: Resource>(
    db: &Db,
    scope: &TenantScope,
    states: &mut [Revision<R>],
) -> Result<(), Error> {
    let hidden =
        private_links::hidden_of(db, scope, states.iter().map(|state| &state.resource)).await?;
    if hidden.is_empty() {
        return Ok(());
    }
    for state in states.iter_mut() {
        state.resource = private_links::seen(&state.resource, &hidden).into_owned();
    }
    for i in 1..states.len() {
        let seen = changed_paths(&states[i].resource, &states[i - 1].resource);
        states[i - 1]
            .changed_paths
            .retain(|path| seen.contains(&path.as_str()));
    }
    Ok(())
}

fn decode<R: Resource>(row: &Row) -> Result<Revision<R>, Error> {
    Ok(Revision {
        revision: row.int(1)?,
        commit_time: row.int(2)?,
        action: row.text(3)?,
        changed_paths: serde_json::from_str(&row.text(4)?).map_err(Error::internal)?,
        actor: row.text(5)?,
        request_id: row.text(6)?,
        resource: R::decode(row.bytes(7)?.as_slice()).map_err(Error::internal)?,
    })
}
