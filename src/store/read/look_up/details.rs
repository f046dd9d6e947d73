//! What a look-up shows for the records on its page: their last conversations, and where contacts work.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::error::Error;
use crate::name::Kind;
use crate::pb;
use crate::pb::affiliation::{BuyingRoleClaim, Seniority};
use crate::store::engine::snapshot::Snapshot;
use crate::store::read::look_up::{lines, of_kind, text};
use crate::store::record::{in_force, last_conversation};
use crate::store::scope::TenantScope;
use crate::store::sql::json;
use crate::store::sql::json_functions::list;
use crate::store::sql::statement::{Part, Sql, scoped};

/// The most affiliations shown for a contact.
const AFFILIATIONS: i64 = 5;

/// What is shown for a record besides its name.
#[derive(Clone, Debug, Default)]
pub struct Details {
    /// The last conversation that everyone may see.
    pub last_conversation: Option<pb::LastConversation>,
    /// Where a contact works.
    pub positions: Vec<pb::Position>,
}

/// What a line of the answer to [`details_sql`] says about a running affiliation: whether it is not the primary one,
/// its name, customer, the customer's display name, job title, department, seniority, claims.
#[derive(Deserialize)]
struct EmploymentLine(i64, String, String, String, String, String, String, String);

/// Returns the statement of [`details`]: for contacts, and for conversations. A part with no records is left out:
/// PostgreSQL takes longer to plan it than to find nothing.
pub fn details_sql(
    scope: &TenantScope,
    contacts: Vec<String>,
    conversations: Vec<String>,
    today: &str,
) -> Option<Sql> {
    let affiliations = (!contacts.is_empty()).then(|| affiliations(scope, contacts, today));
    let conversations =
        (!conversations.is_empty()).then(|| last_conversations(scope, conversations));
    let parts: Vec<Sql> = affiliations.into_iter().chain(conversations).collect();
    let any = !parts.is_empty();
    any.then(|| lines(Part::text("line"), Sql::union_all(parts)))
}

/// Reads what is shown for candidates, each given by its name and that of its last conversation; keyed by their
/// names.
pub async fn details(
    snapshot: Snapshot,
    scope: &TenantScope,
    shown: &[(String, String)],
    today: &str,
) -> Result<BTreeMap<String, Details>, Error> {
    let names: Vec<String> = shown.iter().map(|(name, _)| name.clone()).collect();
    let talks = shown
        .iter()
        .map(|(_, conversation)| conversation)
        .filter(|conversation| !conversation.is_empty());
    let contacts = of_kind(Kind::Contact, &names);
    let statement = details_sql(scope, contacts, talks.cloned().collect(), today);
    let found = snapshot.finish(statement.map(text)).await?;
    let (mut details, mut jobs) = (BTreeMap::<String, Details>::new(), Vec::new());
    for line in found.unwrap_or_default().lines() {
        let mut parts = line.splitn(3, '\t');
        let (Some(what), Some(of), Some(said)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Error::internal("a line of an answer is too short"));
        };
        match what {
            CONVERSATION => {
                let last = last_conversation::read(said)?;
                for (name, _) in shown.iter().filter(|(_, conversation)| conversation == of) {
                    details.entry(name.clone()).or_default().last_conversation = Some(last.clone());
                }
            }
            AFFILIATION => {
                let (rank, job) = read_job(said, today)?;
                jobs.push(((of.to_owned(), rank, job.affiliation.clone()), job));
            }
            _ => return Err(Error::internal("a line of an answer is of no kind")),
        }
    }
    jobs.sort_by(|(a, _), (b, _)| a.cmp(b));
    for ((of, ..), job) in jobs {
        details.entry(of).or_default().positions.push(job);
    }
    Ok(details)
}

/// Reads an affiliation, and whether it is not the primary one.
fn read_job(said: &str, today: &str) -> Result<(i64, pb::Position), Error> {
    let EmploymentLine(
        rank,
        affiliation,
        customer,
        customer_display_name,
        job_title,
        department,
        seniority,
        claims,
    ) = serde_json::from_str(said).map_err(json::unreadable)?;
    let deciding_roles = deciding_roles(&claims, today)?;
    Ok((
        rank,
        pb::Position {
            affiliation,
            customer,
            customer_display_name,
            job_title,
            department,
            seniority: Seniority::from_str_name(&seniority)
                .unwrap_or_default()
                .into(),
            primary: rank == 0,
            deciding_roles,
            ..pb::Position::default()
        },
    ))
}

/// What the lines of the details begin with.
const CONVERSATION: &str = "conversation";
const AFFILIATION: &str = "affiliation";

fn last_conversations(scope: &TenantScope, names: Vec<String>) -> Sql {
    scoped!(
        scope,
        "select 'conversation\t' || name || '\t' || :{parts} as line from conversations
         where tenant_id = :tenant and name = any(:names)",
        parts = last_conversation::parts(),
        names,
    )
}

/// Selects the running affiliations of contacts at live customers, at most [`AFFILIATIONS`] of each.
///
/// A cross join keeps SQLite from first reading all affiliations of the tenant and then looking for their contacts.
fn affiliations(scope: &TenantScope, contacts: Vec<String>, today: &str) -> Sql {
    let employment = list(
        "case when job.\"primary\" then 0 else 1 end, job.name, job.customer, firm.display_name, \
         job.job_title, job.department, job.seniority, job.buying_roles",
    );
    scoped!(
        scope,
        "select 'affiliation\t' || job.contact || '\t' || :{employment} as line
         from unnest(:contacts) as asked (value) cross join affiliations job
           join customers firm on firm.tenant_id = :tenant and firm.name = job.customer
             and firm.delete_time is null
         where job.tenant_id = :tenant and job.contact = asked.value and job.name in (
           select name from affiliations
           where contact = asked.value and tenant_id = :tenant and :{running}
           order by \"primary\" desc, name limit +:most)",
        employment,
        contacts,
        running = in_force::running(today),
        most = AFFILIATIONS,
    )
}

fn deciding_roles(claims: &str, today: &str) -> Result<Vec<i32>, Error> {
    let claims: Vec<BuyingRoleClaim> = json::read_messages(claims)?;
    let deciding = claims
        .iter()
        .filter(|claim| in_force::decides(claim, today))
        .map(|claim| claim.role);
    Ok(deciding.collect::<BTreeSet<_>>().into_iter().collect())
}
