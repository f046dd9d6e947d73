//! The statements of `LookUp`: at most four, each a bounded number of index reads, whatever the text is.
//!
//! 1. [`find`]: which known words share a spelling with those asked for, and which complete the last one; which records
//!    have the text as an e-mail, phone number, domain or external id.
//! 2. [`hits`]: which records are filed under the words and pairs that the first answer shows are worth asking for, or
//!    under those that begin so.
//! 3. [`candidates::texts`]: the names of the candidates, to rank them by.
//! 4. [`details::details`]: what is shown for those on the page.
//!
//! All of them see one state of the store, that of the first. Each answers in one row, line by line: a row costs a
//! driver more than the bytes in it. Words and names contain no white space, and JSON no line breaks.

mod candidates;
mod details;

use std::collections::BTreeMap;

use crate::error::Error;
use crate::look_up::identifiers::Identifiers;
use crate::look_up::query::{KnownWords, Probe, Reach, TextQuery};
use crate::name::Kind;
use crate::store::engine::snapshot::Snapshot;
use crate::store::record::key::HOST_NAME;
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Part, Sql, part, scoped};

pub use candidates::{Candidate, texts, texts_sql};
pub use details::{Details, details, details_sql};

/// The most known words with one spelling.
const WORDS_OF_KEY: i64 = 100;
/// The fewest live records read per identifier and kind, if there are that many.
const HOLDERS: usize = 20;
/// Comes after everything in a word, so that what begins with a text lies between that text and the two joined.
const END: &str = "\u{10ffff}";
/// How far the records of one word are read when only one kind is wanted.
const READ_OF_WORD: i64 = 400;

/// What the first statement finds.
#[derive(Debug, Default)]
pub struct FoundWords {
    /// The tenant's revision, which the whole answer reflects.
    pub revision: i64,
    /// The known words, by the spelling they share with a word asked for.
    pub known: KnownWords,
    /// The first words, in order, that begin with the last one asked for.
    pub completions: Vec<String>,
    /// Which records have the text as an identifier: the field, and the name.
    pub holders: Vec<(&'static str, String)>,
}

/// Returns the statement of [`find`].
pub fn find_sql(scope: &TenantScope, query: &TextQuery, kinds: &[Kind], most: i64) -> Sql {
    let mut branches = vec![scoped!(
        scope,
        "select 'revision' as part, cast(revision as text) as a, '' as b
             from tenants where id = :tenant"
    )];
    let keys = query.keys();
    if !keys.is_empty() {
        let words = scoped!(
            scope,
            "select 'key', asked.value, (select string_agg(known.word, ' ') from
               (select word from word_keys
                where tenant_id = :tenant and word_keys.key = asked.value
                order by word limit +:most) known)
             from unnest(:keys) as asked (value)",
            most = WORDS_OF_KEY,
            keys,
        );
        branches.push(words);
    }
    if let Some((begun, most)) = query.to_complete() {
        branches.push(completions(scope, begun, most));
    }
    for kind in kinds {
        for holders in holders(scope, *kind, &query.identifiers) {
            branches.push(holders.within(|holders| {
                part!(
                    "select field, name, '' from
                       (:{holders} order by keys.name limit +:most) holders",
                    holders,
                    most,
                )
            }));
        }
    }
    lines(
        part!("part || '\t' || a || '\t' || b"),
        Sql::union_all(branches),
    )
}

/// Selects the words that begin with a text, in order. From each it goes on behind the pairs that the word begins, so
/// that it reads a row for each word; a blank comes before all that words have.
fn completions(scope: &TenantScope, begun: &str, most: usize) -> Sql {
    scoped!(
        scope,
        "select 'completions', '', (
           with recursive complete (word, place) as (
             select (select words.word from words
               where words.tenant_id = :tenant and words.word >= :begun and words.word < :end
               order by words.word limit 1), 0
             union all
             select (select words.word from words
               where words.tenant_id = :tenant and words.word > complete.word || '!' and words.word < :end
               order by words.word limit 1), complete.place + 1
             from complete where complete.word is not null and complete.place < +:most)
           select string_agg(complete.word, ' ') from complete where complete.word <> :begun)",
        begun,
        end = [begun, END].concat(),
        most = i64::try_from(most).unwrap_or(i64::MAX),
    )
}

/// Returns the statement that answers with one text, with a line for each row of a select.
fn lines(line: Part, rows: Sql) -> Sql {
    rows.within(|rows| {
        part!(
            "select string_agg(:{line}, '\n') as lines from (
               :{rows}
             ) found",
            line,
            rows,
        )
    })
}

/// Reads the text of such a statement; if nothing was found it has no lines.
fn text(statement: Sql) -> Query<String> {
    statement.one(["lines"], |row, [lines]| {
        Ok(row.opt_str(lines)?.unwrap_or_default().to_owned())
    })
}

/// Finds the words near those asked for, and the records that have the text as an identifier: per identifier and kind
/// at most `most` live records, or `HOLDERS` if that is more.
pub async fn find(
    snapshot: &mut Snapshot,
    scope: &TenantScope,
    query: &TextQuery,
    kinds: &[Kind],
    most: usize,
) -> Result<FoundWords, Error> {
    let mut found = FoundWords::default();
    let most = i64::try_from(most.max(HOLDERS)).map_err(Error::internal)?;
    let lines = snapshot
        .run(text(find_sql(scope, query, kinds, most)))
        .await?;
    for line in lines.lines() {
        let mut parts = line.split('\t').map(str::to_owned);
        let (part, a, b) = (next(&mut parts)?, next(&mut parts)?, next(&mut parts)?);
        match part.as_str() {
            "revision" => found.revision = a.parse().map_err(Error::internal)?,
            "key" => drop(
                found
                    .known
                    .insert(a, b.split(' ').map(str::to_owned).collect()),
            ),
            "completions" => found
                .completions
                .extend(b.split_whitespace().map(str::to_owned)),
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

fn next(parts: &mut impl Iterator<Item = String>) -> Result<String, Error> {
    let missing = || Error::internal("a line of an answer is too short");
    parts.next().ok_or_else(missing)
}

/// The fields of the table of keys that identify a record.
const FIELDS: [&str; 4] = [
    "emails",
    "phone_numbers",
    "business.domains",
    "external_ids",
];

/// Returns one select for each identifier the text may be, all with the same columns: each name once, live records
/// only.
fn holders(scope: &TenantScope, kind: Kind, identifiers: &Identifiers) -> Vec<Sql> {
    let plain = |field, value| holding(scope, kind, (field, ""), value);
    let emails = identifiers.email.iter().map(|email| plain("emails", email));
    let phones = identifiers
        .phones
        .iter()
        .map(|phone| plain("phone_numbers", phone));
    let domains = identifiers.domain.iter().flat_map(|domain| {
        ["", HOST_NAME].map(|key| holding(scope, kind, ("business.domains", key), domain))
    });
    let mut all: Vec<Sql> = emails.chain(phones).chain(domains).collect();
    let any_system = Part::default();
    all.push(with_external_id(
        scope,
        kind,
        identifiers.external_ids.clone(),
        any_system,
    ));
    if let Some((system, id)) = &identifiers.system {
        let spellings = vec![id.clone(), id.to_lowercase(), id.to_uppercase()];
        let of_system = part!("and keys.key = :system", system);
        all.push(with_external_id(scope, kind, spellings, of_system));
    }
    all
}

/// Selects the live records of a kind by a key.
fn holding(
    scope: &TenantScope,
    kind: Kind,
    (field, key): (&'static str, &'static str),
    value: &str,
) -> Sql {
    scoped!(
        scope,
        "select distinct keys.field, keys.name from keys
         where keys.tenant_id = :tenant and keys.kind = :kind and keys.field = :{field}
           and :{is_live} and keys.key = :{key} and keys.value = :value",
        kind = kind.collection(),
        field = Part::literal(field),
        key = Part::literal(key),
        is_live = is_live(scope, kind),
        value,
    )
}

/// Selects the live records of a kind by an external id of any system, or of one.
fn with_external_id(scope: &TenantScope, kind: Kind, ids: Vec<String>, system: Part) -> Sql {
    scoped!(
        scope,
        "select distinct keys.field, keys.name
         from unnest(:ids) as asked (value) cross join keys
         where keys.tenant_id = :tenant and keys.kind = :kind and keys.field = 'external_ids'
           and :{is_live} and keys.value = asked.value :{system}",
        ids,
        kind = kind.collection(),
        is_live = is_live(scope, kind),
        system,
    )
}

/// Whether a record is live is checked for each key, and not by a join: a planner that starts from the records reads
/// all of them.
fn is_live(scope: &TenantScope, kind: Kind) -> Part {
    scoped!(
        scope,
        "(select delete_time is null from :{table} record
            where record.tenant_id = :tenant and record.name = keys.name)",
        table = kind.collection(),
    )
    .into()
}

/// Returns the statement of [`hits`]: of whole entries, and of beginnings of entries.
pub fn hits_sql(
    scope: &TenantScope,
    entries: Vec<String>,
    beginnings: Vec<String>,
    kinds: &[Kind],
    most: i64,
) -> Sql {
    let whole = (!entries.is_empty()).then(|| {
        let filed = scoped!(
            scope,
            "select size, name from words
             where tenant_id = :tenant and words.word = asked.value order by size, name",
        );
        hit_lines(filed, WHOLE, entries, kinds, most)
    });
    let begun = (!beginnings.is_empty()).then(|| {
        let filed = scoped!(
            scope,
            "select size, name from words
             where tenant_id = :tenant and words.word >= asked.value
               and words.word < asked.value || :end
             order by word, size, name",
            end = END,
        );
        hit_lines(filed, BEGINNING, beginnings, kinds, most)
    });
    let parts: Vec<Sql> = whole.into_iter().chain(begun).collect();
    lines(Part::text("line"), Sql::union_all(parts))
}

/// What the lines of the hits begin with.
const WHOLE: &str = "=";
const BEGINNING: &str = "~";

/// Selects a line for each text asked for, with the first records of the kinds among those filed.
fn hit_lines(
    filed: Sql,
    reach: &'static str,
    asked: Vec<String>,
    kinds: &[Kind],
    most: i64,
) -> Sql {
    let hits = match kinds {
        [only] => filed.within(|filed| {
            part!(
                "select size, name from (:{filed} limit +:read) filed
                 where :{is_of_kind} limit +:most",
                filed,
                read = READ_OF_WORD,
                is_of_kind = is_of_kind(*only),
                most,
            )
        }),
        _ => filed.within(|filed| part!(":{filed} limit +:most", filed, most)),
    };
    hits.within(|hits| {
        part!(
            "select :reach || asked.value || '\t' ||
               (select string_agg(cast(hit.size as text) || ' ' || hit.name, ',') from
                 (:{hits}) hit) as line
             from unnest(:asked) as asked (value)",
            reach,
            hits,
            asked,
        )
    })
}

/// Finds the records filed under each of the entries, those with the shortest names first, at most `most` per entry.
/// Answers with the position of the probe, the rank, and the name.
pub async fn hits(
    snapshot: &mut Snapshot,
    scope: &TenantScope,
    probes: &[Probe],
    kinds: &[Kind],
    most: usize,
) -> Result<Vec<(usize, usize, String)>, Error> {
    let asked = |reach: Reach| {
        let of_reach = probes.iter().filter(move |probe| probe.reach == reach);
        of_reach.map(|probe| probe.entry.clone()).collect()
    };
    let statement = hits_sql(
        scope,
        asked(Reach::Whole),
        asked(Reach::Beginning),
        kinds,
        i64::try_from(most).map_err(Error::internal)?,
    );
    let line_start = |probe: &Probe| match probe.reach {
        Reach::Whole => [WHOLE, &probe.entry].concat(),
        Reach::Beginning => [BEGINNING, &probe.entry].concat(),
    };
    let places: BTreeMap<String, usize> = probes.iter().map(line_start).zip(0..).collect();
    let found = snapshot.run(text(statement)).await?;
    let mut hits = Vec::new();
    for line in found.lines() {
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

/// Returns the condition that a name is of a kind: names are compared bytewise, and `0` follows `/`.
fn is_of_kind(kind: Kind) -> Part {
    Part::text(match kind {
        Kind::Customer => "name >= 'customers/' and name < 'customers0'",
        _ => "name >= 'contacts/' and name < 'contacts0'",
    })
}

fn of_kind(kind: Kind, names: &[String]) -> Vec<String> {
    names
        .iter()
        .filter(|name| name.starts_with(kind.collection()))
        .cloned()
        .collect()
}
