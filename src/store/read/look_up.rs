//! The statements of `LookUp`: at most four, each a bounded number of reads of an index, whatever the text is.
//!
//! 1. [`find`]: which known words share a spelling with those asked for; who has the text as an e-mail, phone number,
//!    domain or external id.
//! 2. [`hits`]: who is filed under the words and pairs that the first answer makes worth asking for.
//! 3. [`texts`]: the names of the candidates, to rank them by.
//! 4. [`details`]: what is shown of those on the page.
//!
//! All of them see one state of the store, that of the first. Each answers in one row, line by line: a row costs a
//! driver more than the bytes in it. Words and names hold no white space, and JSON no line breaks.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::error::Error;
use crate::look_up::query::{Identifiers, KnownWords, Query};
use crate::look_up::words::{self, Texts};
use crate::name::Kind;
use crate::pb;
use crate::pb::affiliation::BuyingRoleClaim;
use crate::store::engine::snapshot::Snapshot;
use crate::store::record::{in_force, last_conversation};
use crate::store::scope::TenantScope;
use crate::store::sql::json;
use crate::store::sql::json_functions::list;
use crate::store::sql::statement::{Row, Sql};

/// The most known words of one spelling.
const WORDS_OF_KEY: i64 = 100;
/// The fewest live records of one identifier, and of each kind, that are read where there are as many.
const HOLDERS: usize = 20;
/// How far the records of one word are read, where only those of one kind are wanted.
const READ_OF_WORD: i64 = 400;
/// The most affiliations that are shown of a contact.
const AFFILIATIONS: i64 = 5;

/// What the first statement finds.
#[derive(Debug, Default)]
pub struct Found {
    /// The tenant's revision, of which the whole answer speaks.
    pub revision: i64,
    /// The known words by the spelling they share with a word asked for.
    pub known: KnownWords,
    /// Who has the text as an identifier: the field, and the name.
    pub holders: Vec<(&'static str, String)>,
}

/// Returns the statement of [`find`].
pub fn find_sql(scope: &TenantScope, query: &Query, kinds: &[Kind], most: i64) -> Sql {
    let mut sql = Sql::new("select string_agg(part || '\t' || a || '\t' || b, '\n') from (\n");
    sql = sql.push(
        "select 'revision' as part, cast(revision as text) as a, '' as b from tenants where id = ",
    );
    sql = sql.bind(scope.tenant());
    let keys = query.keys();
    if !keys.is_empty() {
        sql = sql.push(
            "\nunion all\nselect 'key', asked.value, (select string_agg(known.word, ' ') from (\n",
        );
        sql = sql
            .push("  select word from word_keys where tenant_id = ")
            .bind(scope.tenant());
        sql = sql
            .push(" and word_keys.key = asked.value order by word")
            .limit(WORDS_OF_KEY);
        sql = sql.push(") known)\nfrom ").each_of(keys).push(" asked");
    }
    for kind in kinds {
        for holders in holders(scope, *kind, &query.identifiers) {
            sql = sql
                .push("\nunion all\nselect field, name, '' from (")
                .append(holders);
            sql = sql
                .push(" order by keys.name")
                .limit(most)
                .push(") holders");
        }
    }
    sql.push("\n) found")
}

/// Finds the words near those asked for, and who has the text as an identifier: of each identifier and kind at most
/// `most` live records, or `HOLDERS` where that is more.
pub async fn find(
    snapshot: &mut Snapshot,
    scope: &TenantScope,
    query: &Query,
    kinds: &[Kind],
    most: usize,
) -> Result<Found, Error> {
    let mut found = Found::default();
    let most = i64::try_from(most.max(HOLDERS)).map_err(Error::internal)?;
    for line in fetch(snapshot, find_sql(scope, query, kinds, most))
        .await?
        .lines()
    {
        let mut parts = line.split('\t').map(str::to_owned);
        let (part, a, b) = (next(&mut parts)?, next(&mut parts)?, next(&mut parts)?);
        match part.as_str() {
            "revision" => found.revision = a.parse().map_err(Error::internal)?,
            "key" => drop(
                found
                    .known
                    .insert(a, b.split(' ').map(str::to_owned).collect()),
            ),
            field => found.holders.extend(
                FIELDS
                    .iter()
                    .find(|known| **known == field)
                    .map(|field| (*field, a)),
            ),
        }
    }
    Ok(found)
}

/// Runs a statement that answers with one text; nothing found is no lines.
async fn fetch(snapshot: &mut Snapshot, statement: Sql) -> Result<String, Error> {
    one_text(
        &snapshot
            .run(vec![statement])
            .await?
            .pop()
            .unwrap_or_default(),
    )
    .map(str::to_owned)
}

fn one_text(rows: &[Row]) -> Result<&str, Error> {
    Ok(rows
        .first()
        .map(|row| row.opt_str(0))
        .transpose()?
        .flatten()
        .unwrap_or_default())
}

fn next(parts: &mut impl Iterator<Item = String>) -> Result<String, Error> {
    parts
        .next()
        .ok_or_else(|| Error::internal("a line of an answer is too short"))
}

/// The fields of the table of keys that identify a record.
const FIELDS: [&str; 4] = [
    "emails",
    "phone_numbers",
    "business.domains",
    "external_ids",
];

/// Returns one statement for each identifier the text may be: of the same columns, each name once, live records alone.
fn holders(scope: &TenantScope, kind: Kind, identifiers: &Identifiers) -> Vec<Sql> {
    let plain = |field, value: &String| {
        holding(scope, kind, field, None)
            .push(" and keys.key = '' and keys.value = ")
            .bind(value.as_str())
    };
    let mut all: Vec<Sql> = identifiers
        .email
        .iter()
        .map(|email| plain("emails", email))
        .collect();
    all.extend(
        identifiers
            .phones
            .iter()
            .map(|phone| plain("phone_numbers", phone)),
    );
    all.extend(
        identifiers
            .domain
            .iter()
            .map(|domain| plain("business.domains", domain)),
    );
    let by_id = |values| {
        let asked = Sql::default().each_of(values).push(" asked");
        holding(scope, kind, "external_ids", Some(asked)).push(" and keys.value = asked.value")
    };
    all.push(by_id(identifiers.external_ids.clone()));
    if let Some((system, id)) = &identifiers.system {
        let by_key = by_id(vec![id.clone(), id.to_lowercase(), id.to_uppercase()]);
        all.push(by_key.push(" and keys.key = ").bind(system.as_str()));
    }
    all
}

/// Selects the live records of a kind by their keys of a field, which may be joined to a table of what is asked.
/// Whether a record lives is asked of each key, and not by a join: a planner that starts from the records reads all of
/// them.
fn holding(scope: &TenantScope, kind: Kind, field: &'static str, asked: Option<Sql>) -> Sql {
    let sql = Sql::new("select distinct keys.field, keys.name from ");
    let sql = match asked {
        Some(asked) => sql.append(asked).push(" cross join keys"),
        None => sql.push("keys"),
    };
    sql.push(" where keys.tenant_id = ")
        .bind(scope.tenant())
        .push(" and keys.kind = ")
        .bind(kind.collection())
        .push(" and keys.field = ")
        .literal(field)
        .push(" and (select delete_time is null from ")
        .push(kind.collection())
        .push(" record where record.tenant_id = ")
        .bind(scope.tenant())
        .push(" and record.name = keys.name)")
}

/// Returns the statement of [`hits`].
pub fn hits_sql(scope: &TenantScope, entries: Vec<String>, kinds: &[Kind], most: i64) -> Sql {
    let filed = |sql: Sql| {
        let sql = sql
            .push("select size, name from words where tenant_id = ")
            .bind(scope.tenant());
        sql.push(" and words.word = asked.value order by size, name")
    };
    let mut sql = Sql::new(
        "select string_agg(line, '\n') from (\nselect asked.value || '\t' || (select string_agg(cast(hit.size as text) || ' ' || hit.name, ',')",
    );
    sql = match kinds {
        [only] => filed(sql.push(" from (\n  select size, name from ("))
            .limit(READ_OF_WORD)
            .push(") filed where ")
            .append(is_of(*only))
            .push(" order by size, name")
            .limit(most),
        _ => filed(sql.push(" from (\n  ")).limit(most),
    };
    sql.push(") hit) as line\nfrom ")
        .each_of(entries)
        .push(" asked) lines")
}

/// Finds who is filed under each of the entries, those with the shortest names first, at most `most` of each. Answers
/// with the place of the entry, the size, and the name.
pub async fn hits(
    snapshot: &mut Snapshot,
    scope: &TenantScope,
    entries: Vec<String>,
    kinds: &[Kind],
    most: usize,
) -> Result<Vec<(usize, usize, String)>, Error> {
    let places: BTreeMap<String, usize> = entries.iter().cloned().zip(0..).collect();
    let sql = hits_sql(
        scope,
        entries,
        kinds,
        i64::try_from(most).map_err(Error::internal)?,
    );
    let mut hits = Vec::new();
    for line in fetch(snapshot, sql).await?.lines() {
        let (entry, found) = line
            .split_once('\t')
            .ok_or_else(|| Error::internal("an entry without a tab"))?;
        let place = places
            .get(entry)
            .copied()
            .ok_or_else(|| Error::internal("an entry nobody asked for"))?;
        for hit in found.split(',').filter_map(|hit| hit.split_once(' ')) {
            hits.push((
                place,
                hit.0.parse().map_err(Error::internal)?,
                hit.1.to_owned(),
            ));
        }
    }
    Ok(hits)
}

/// Returns the condition that a name is of a kind: names are compared byte by byte, and `0` follows `/`.
fn is_of(kind: Kind) -> Sql {
    match kind {
        Kind::Customer => Sql::new("name >= 'customers/' and name < 'customers0'"),
        _ => Sql::new("name >= 'contacts/' and name < 'contacts0'"),
    }
}

/// A record that may be meant.
#[derive(Debug)]
pub struct Candidate {
    /// Its name.
    pub name: String,
    /// The name to show.
    pub display_name: String,
    /// What it is ranked by.
    pub texts: Texts,
    /// The name of its last conversation; empty when there was none.
    pub last_conversation: String,
}

/// Returns the statement of [`texts`].
pub fn texts_sql(scope: &TenantScope, names: &[String]) -> Sql {
    let live = |sql: Sql, kind| {
        let sql = sql
            .push("from ")
            .push(Kind::collection(kind))
            .push(" where tenant_id = ")
            .bind(scope.tenant());
        sql.push(" and delete_time is null and name")
            .any_of(of_kind(kind, names))
    };
    let of_customer = "name, display_name, last_conversation, business_legal_name, individual_given_name, \
                       individual_family_name, business_domains, addresses, kind";
    let of_contact = "name, display_name, last_conversation, '', given_name, family_name, '[]', addresses, 'CONTACT'";
    let customers =
        Sql::new("select string_agg(texts, '\n') from (\nselect ").append(list(of_customer));
    let customers = customers.push(" as texts ");
    let contacts = Sql::new("\nunion all\nselect ")
        .append(list(of_contact))
        .push(" ");
    live(customers, Kind::Customer)
        .append(live(contacts, Kind::Contact))
        .push("\n) live")
}

/// Reads the texts of live records.
pub async fn texts(
    snapshot: &mut Snapshot,
    scope: &TenantScope,
    names: &[String],
) -> Result<Vec<Candidate>, Error> {
    fetch(snapshot, texts_sql(scope, names))
        .await?
        .lines()
        .map(candidate)
        .collect()
}

fn of_kind(kind: Kind, names: &[String]) -> Vec<String> {
    names
        .iter()
        .filter(|name| name.starts_with(kind.collection()))
        .cloned()
        .collect()
}

fn candidate(line: &str) -> Result<Candidate, Error> {
    let texts: [String; 9] = serde_json::from_str(line).map_err(json::unreadable)?;
    let [
        name,
        display_name,
        last_conversation,
        legal_name,
        given_name,
        family_name,
        domains,
        addresses,
        kind,
    ] = texts;
    let of_contact = kind == "CONTACT";
    let full_name_field = if of_contact {
        "family_name"
    } else {
        "individual.family_name"
    };
    let texts = Texts {
        is_person: of_contact || kind == pb::customer::Kind::Individual.as_str_name(),
        names: words::names([
            ("display_name", display_name.clone()),
            ("business.legal_name", legal_name),
            (full_name_field, words::full_name(&given_name, &family_name)),
        ]),
        domains: json::read_texts(&domains)?,
        places: towns(&addresses)?,
    };
    Ok(Candidate {
        name,
        display_name,
        texts,
        last_conversation,
    })
}

/// As much of an address as is looked at; candidates are many, so the rest is not read.
#[derive(Deserialize)]
struct Address {
    postal_address: Option<Town>,
}

#[derive(Deserialize)]
struct Town {
    #[serde(default)]
    locality: String,
}

fn towns(addresses: &str) -> Result<Vec<String>, Error> {
    let addresses: Vec<Address> = serde_json::from_str(addresses).map_err(json::unreadable)?;
    let towns = addresses
        .into_iter()
        .filter_map(|address| address.postal_address);
    Ok(towns
        .map(|town| town.locality)
        .filter(|town| !town.is_empty())
        .collect())
}

/// What is shown of a record besides its name.
#[derive(Clone, Debug, Default)]
pub struct Details {
    /// The last conversation that everyone may see.
    pub last_conversation: Option<pb::LastConversation>,
    /// Where a contact works.
    pub affiliations: Vec<pb::LookUpAffiliation>,
}

/// What a line of the answer to [`details_sql`] says of a running affiliation: whether it is not the primary one, its
/// name, customer, the customer's name to show, job title, claims.
#[derive(Deserialize)]
struct Employment(i64, String, String, String, String, String);

/// Returns the statement of [`details`]: of contacts, and of conversations. What concerns nobody is left out:
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
    let parts = affiliations.into_iter().chain(conversations);
    let all = parts.reduce(|all, part| all.push("\nunion all\n").append(part))?;
    Some(
        Sql::new("select string_agg(line, '\n') from (\n")
            .append(all)
            .push("\n) lines"),
    )
}

/// Reads what is shown of candidates, each given by its name and that of its last conversation; by their names.
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
    let sql = details_sql(
        scope,
        of_kind(Kind::Contact, &names),
        talks.cloned().collect(),
        today,
    );
    let rows = snapshot
        .finish(sql.into_iter().collect::<Vec<_>>())
        .await?
        .pop()
        .unwrap_or_default();
    let (mut details, mut jobs) = (BTreeMap::<String, Details>::new(), Vec::new());
    for line in one_text(&rows)?.lines() {
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
        details.entry(of).or_default().affiliations.push(job);
    }
    Ok(details)
}

/// Reads an affiliation, and whether it is not the primary one.
fn read_job(said: &str, today: &str) -> Result<(i64, pb::LookUpAffiliation), Error> {
    let Employment(rank, affiliation, customer, customer_display_name, job_title, claims) =
        serde_json::from_str(said).map_err(json::unreadable)?;
    let deciding_roles = deciding_roles(&claims, today)?;
    Ok((
        rank,
        pb::LookUpAffiliation {
            affiliation,
            customer,
            customer_display_name,
            job_title,
            deciding_roles,
        },
    ))
}

/// What the lines of the details begin with.
const CONVERSATION: &str = "conversation";
const AFFILIATION: &str = "affiliation";

fn last_conversations(scope: &TenantScope, names: Vec<String>) -> Sql {
    Sql::new("select '")
        .push(CONVERSATION)
        .push("\t' || name || '\t' || ")
        .append(last_conversation::parts())
        .push(" as line from conversations where tenant_id = ")
        .bind(scope.tenant())
        .push(" and name")
        .any_of(names)
}

/// Selects the running affiliations of contacts at live customers, at most [`AFFILIATIONS`] of each.
fn affiliations(scope: &TenantScope, contacts: Vec<String>, today: &str) -> Sql {
    let first =
        Sql::new("select name from affiliations where contact = asked.value and tenant_id = ");
    let first = first
        .bind(scope.tenant())
        .push(" and ")
        .append(in_force::running(today))
        .push(" order by \"primary\" desc, name")
        .limit(AFFILIATIONS);
    let columns = "case when job.\"primary\" then 0 else 1 end, job.name, job.customer, firm.display_name, job.job_title, \
                   job.buying_roles";
    Sql::new("select '")
        .push(AFFILIATION)
        .push("\t' || job.contact || '\t' || ")
        .append(list(columns))
        .push(" as line")
        .push(" from ")
        .each_of(contacts)
        // A cross join keeps SQLite from reading all affiliations of the tenant and looking for their contacts then.
        .push(" asked cross join affiliations job\n  join customers firm on firm.tenant_id = job.tenant_id and ")
        .push("firm.name = job.customer and firm.delete_time is null\nwhere job.tenant_id = ")
        .bind(scope.tenant())
        .push(" and job.contact = asked.value and job.name in (\n    ")
        .append(first)
        .push(")")
}

fn deciding_roles(claims: &str, today: &str) -> Result<Vec<i32>, Error> {
    let claims: Vec<BuyingRoleClaim> = json::read_messages(claims)?;
    let deciding = claims
        .iter()
        .filter(|claim| in_force::decides(claim, today))
        .map(|claim| claim.role);
    Ok(deciding.collect::<BTreeSet<_>>().into_iter().collect())
}
