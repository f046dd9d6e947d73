//! History: every state a record has had, newest first.
//!
//! Rows are written by `change.rs`. As with any read, the record as it is now decides who may see them; the same
//! holds for records that a state refers to.

use crate::clock::Micros;
use crate::error::Error;
use crate::name::Name;
use crate::store::engine::db::{At, Db};
use crate::store::record::private_links;
use crate::store::record::resource::{Resource, changed_paths};
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Row, scoped};

/// One state of a record.
#[derive(Clone, Debug)]
pub struct Revision<R> {
    /// The tenant's revision that made it.
    pub revision: i64,
    /// When it was committed.
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
    // One more, to tell which references that not everyone may see were changed in the last one.
    let most = limit + usize::from(R::PRIVATE_LINKS.is_some());
    let most = i64::try_from(most).map_err(Error::internal)?;
    let history = scoped!(
        scope,
        "select tenants.revision as now, history.revision, changes.commit_time, changes.action,
           changes.changed_paths, changes.actor, changes.request_id, history.body
         from tenants left join (
           select * from history
           where tenant_id = :tenant and name = :name and revision < :before
           order by revision desc limit +:most
         ) history on 1 = 1
         left join changes on changes.tenant_id = :tenant
           and changes.revision = history.revision and changes.name = history.name
           and not changes.derived
         where tenants.id = :tenant
         order by history.revision desc",
        name,
        before,
        most,
    );
    let (revision, mut states) = db.fetch(scope, history.read(read)).await?;
    hide_links(db, scope, &mut states).await?;
    states.truncate(limit);
    Ok(At {
        answer: states,
        revision,
    })
}

/// Removes references that the caller may not see from states (newest first) and from their changed paths.
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

/// Reads the tenant's revision (0 for an unknown tenant) and the states.
fn read<R: Resource>(rows: Vec<Row>) -> Result<(i64, Vec<Revision<R>>), Error> {
    let Some(first) = rows.first() else {
        return Ok((0, Vec::new()));
    };
    let [now, revision] = first.columns(["now", "revision"])?;
    let mut states = Vec::new();
    for row in &rows {
        // If the record has no state, the tenant's row comes alone.
        if let Some(revision) = row.opt_int(revision)? {
            states.push(decode(row, revision)?);
        }
    }
    Ok((first.int(now)?, states))
}

fn decode<R: Resource>(row: &Row, revision: i64) -> Result<Revision<R>, Error> {
    let [commit_time, action, changed_paths, actor, request_id, body] = row.columns([
        "commit_time",
        "action",
        "changed_paths",
        "actor",
        "request_id",
        "body",
    ])?;
    Ok(Revision {
        revision,
        commit_time: row.int(commit_time)?,
        action: row.text(action)?,
        changed_paths: serde_json::from_str(row.str(changed_paths)?).map_err(Error::internal)?,
        actor: row.text(actor)?,
        request_id: row.text(request_id)?,
        resource: R::decode(row.bytes(body)?.as_slice()).map_err(Error::internal)?,
    })
}
