//! LookUp: reads the text, asks the store, ranks, and says what matched.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use tonic::Request;

use crate::clean;
use crate::clock;
use crate::count::int32;
use crate::error::Error;
use crate::look_up::query::{Spellings, TextQuery};
use crate::look_up::rank::{self, Fit, IDENTIFIED, SAME_DOMAIN, TextKind};
use crate::name::Kind;
use crate::pb;
use crate::pb::look_up_match::TextKind as PbTextKind;
use crate::pb::look_up_request::Kind as PbKind;
use crate::service::check::Checker;
use crate::service::check::text::NAME;
use crate::service::{Answer, answer, begin_call};
use crate::store::engine::db::{At, Db};
use crate::store::engine::lane::Cost;
use crate::store::engine::snapshot::Snapshot;
use crate::store::read::look_up::{self, Candidate, Details};
use crate::store::read::tenant;
use crate::store::scope::TenantScope;
use crate::{phone, region};

/// Results without a wish, and at most.
const RESULTS: usize = 10;
const MOST_RESULTS: usize = 50;
/// The most records of one word or pair.
const HITS: usize = 20;
/// How many more records are read and ranked by their names than are to be shown.
const SPARE: usize = 10;

/// What is asked for, checked.
pub(crate) struct WantedRecords {
    query: TextQuery,
    kinds: Vec<Kind>,
    results: usize,
}

impl WantedRecords {
    /// Asks for whom of a kind the words of a name may mean.
    pub(crate) fn called(words: &str, kind: Kind) -> WantedRecords {
        WantedRecords {
            query: TextQuery::new(words, None, None).of_whole_words(),
            kinds: vec![kind],
            results: MOST_RESULTS,
        }
    }
}

/// One result before its details are read.
pub(crate) struct Ranked {
    /// The record.
    pub(crate) name: String,
    /// Its name to show.
    pub(crate) display_name: String,
    score: u32,
    /// What matched.
    pub(crate) matches: Vec<pb::LookUpMatch>,
    last_conversation: String,
}

/// Answers the call.
pub(crate) async fn look_up(
    db: &Db,
    request: Request<pb::LookUpRequest>,
) -> Answer<pb::LookUpResponse> {
    let (call, message) = begin_call(db, request).await?;
    // What is pasted may have line breaks and tabs: they are blanks here.
    let text = clean::passage(&message.text);
    let text = clean::line(&text);
    let (kinds, results) = check(&message, &text)?;
    let mut snapshot = db.snapshot(&call.scope, Cost::Cheap).await?.planned_once();
    let region = Some(region::normal(&message.region_code)).filter(|region| !region.is_empty());
    let home = if region.is_none() && phone::may_hold_number(&text) {
        snapshot.run(tenant::region_code(&call.scope)).await?
    } else {
        None
    };
    let wanted = WantedRecords {
        query: TextQuery::new(&text, region.as_deref(), home.as_deref()),
        kinds,
        results,
    };
    let (mut ranked, revision) = ranked(&mut snapshot, &call.scope, &wanted).await?;
    let of = |ranked: &mut Ranked| {
        (
            ranked.name.clone(),
            std::mem::take(&mut ranked.last_conversation),
        )
    };
    let asked = ranked.iter_mut().map(of).collect::<Vec<_>>();
    let now = db.clock().now();
    let today = clock::date_of(now);
    let details = look_up::details(snapshot, &call.scope, &asked, &today).await?;
    Ok(answer(At {
        answer: pb::LookUpResponse {
            results: shown(ranked, details),
            revision,
            evaluate_time: Some(clock::timestamp(now)),
        },
        revision,
    }))
}

/// Sorts results, the best first. Of those that fit alike, each name comes once before any comes again: an initial tells
/// less than the names to choose from, and duplicates of one would hide the others.
fn sort(ranked: &mut [Ranked]) {
    ranked.sort_by(|a, b| {
        (b.score, &a.display_name, &a.name).cmp(&(a.score, &b.display_name, &b.name))
    });
    let alike = |a: &Ranked, b: &Ranked| (a.score, &a.display_name) == (b.score, &b.display_name);
    let mut place = 0;
    let mut places = BTreeMap::new();
    for i in 0..ranked.len() {
        place = if i > 0 && alike(&ranked[i - 1], &ranked[i]) {
            place + 1
        } else {
            0
        };
        places.insert(ranked[i].name.clone(), place);
    }
    ranked.sort_by_key(|of| (Reverse(of.score), places.get(&of.name).copied()));
}

/// Returns the records that a text may mean, the likeliest first, and the tenant's revision.
pub(crate) async fn ranked(
    snapshot: &mut Snapshot,
    scope: &TenantScope,
    wanted: &WantedRecords,
) -> Result<(Vec<Ranked>, i64), Error> {
    let WantedRecords {
        query,
        kinds,
        results,
    } = wanted;
    let found = look_up::find(snapshot, scope, query, kinds, *results).await?;
    let spellings = query.spellings(&found.known, found.completions);
    let names = candidates(snapshot, scope, wanted, &spellings, &found.holders).await?;
    let texts = if names.is_empty() {
        Vec::new()
    } else {
        look_up::texts(snapshot, scope, &names).await?
    };
    let ranked = texts
        .into_iter()
        .filter_map(|candidate| rank_one(query, &spellings, &found.holders, candidate));
    let mut ranked: Vec<Ranked> = ranked.collect();
    sort(&mut ranked);
    ranked.truncate(*results);
    Ok((ranked, found.revision))
}

/// Returns the kinds to look for, and the most results.
fn check(message: &pb::LookUpRequest, text: &str) -> Result<(Vec<Kind>, usize), Error> {
    let mut checker = Checker::new("");
    checker.not_blank("text", text);
    checker.paragraph("text", text, NAME);
    checker.region_code("region_code", &message.region_code);
    let mut kinds = BTreeSet::new();
    for (i, kind) in message.kinds.iter().enumerate() {
        match PbKind::try_from(*kind) {
            Ok(PbKind::Customer) => drop(kinds.insert(Kind::Customer)),
            Ok(PbKind::Contact) => drop(kinds.insert(Kind::Contact)),
            _ => checker.wrong(&format!("kinds[{i}]"), "is no kind that can be looked up"),
        }
    }
    checker.ensure(message.limit >= 0, "limit", "is negative");
    checker.finish()?;
    if kinds.is_empty() {
        kinds.extend([Kind::Customer, Kind::Contact]);
    }
    let results = usize::try_from(message.limit).unwrap_or_default();
    let results = if results == 0 {
        RESULTS
    } else {
        results.min(MOST_RESULTS)
    };
    Ok((kinds.into_iter().collect(), results))
}

/// Returns the names of the records that are worth reading.
async fn candidates(
    snapshot: &mut Snapshot,
    scope: &TenantScope,
    wanted: &WantedRecords,
    spellings: &Spellings,
    holders: &[(&'static str, String)],
) -> Result<Vec<String>, Error> {
    let mut names: BTreeSet<String> = holders.iter().map(|(_, name)| name.clone()).collect();
    let probes = wanted.query.probes(spellings);
    if !probes.is_empty() {
        let hits = look_up::hits(
            snapshot,
            scope,
            &probes,
            &wanted.kinds,
            HITS.max(wanted.results),
        )
        .await?;
        names.extend(rank::candidates(
            &wanted.query,
            &probes,
            &hits,
            wanted.results + SPARE,
        ));
    }
    Ok(names.into_iter().collect())
}

fn rank_one(
    query: &TextQuery,
    spellings: &Spellings,
    holders: &[(&'static str, String)],
    candidate: Candidate,
) -> Option<Ranked> {
    let Candidate {
        name,
        display_name,
        texts,
        last_conversation,
    } = candidate;
    let fields: BTreeSet<&'static str> = holders
        .iter()
        .filter(|(_, of)| *of == name)
        .map(|(field, _)| *field)
        .collect();
    let identified = fields.iter().map(|field| of_field(query, field)).max();
    let fit = rank::fit(query, spellings, &texts);
    if identified.is_none() && fit.is_none() {
        return None;
    }
    let Fit { score, matched } = fit.unwrap_or_default();
    let identifiers = fields.into_iter().map(|field| pb::LookUpMatch {
        field: field.to_owned(),
        text_kind: kind_of_field(field).into(),
        typo_count: 0,
    });
    let words = matched.into_iter().map(|matched| pb::LookUpMatch {
        field: matched.field.to_owned(),
        text_kind: kind_of_text(matched.kind).into(),
        typo_count: int32(matched.typos),
    });
    let mut matches: Vec<pb::LookUpMatch> = Vec::new();
    for one in identifiers.chain(words) {
        if matches
            .iter()
            .all(|known| (known.text_kind, &known.field) != (one.text_kind, &one.field))
        {
            matches.push(one);
        }
    }
    Some(Ranked {
        name,
        display_name,
        score: identified.unwrap_or_default() + score,
        matches,
        last_conversation,
    })
}

/// Says what a match of an identifier comes to.
fn of_field(query: &TextQuery, field: &str) -> u32 {
    let by_email = query.identifiers.email.is_some() && field == "business.domains";
    if by_email { SAME_DOMAIN } else { IDENTIFIED }
}

fn kind_of_field(field: &str) -> PbTextKind {
    match field {
        "emails" => PbTextKind::Email,
        "phone_numbers" => PbTextKind::PhoneNumber,
        "business.domains" => PbTextKind::Domain,
        _ => PbTextKind::ExternalId,
    }
}

fn kind_of_text(kind: TextKind) -> PbTextKind {
    match kind {
        TextKind::Name => PbTextKind::Name,
        TextKind::Domain => PbTextKind::Domain,
        TextKind::Place => PbTextKind::Place,
    }
}

fn shown(ranked: Vec<Ranked>, mut details: BTreeMap<String, Details>) -> Vec<pb::LookUpResult> {
    let result = |Ranked {
                      name,
                      display_name,
                      matches,
                      ..
                  }: Ranked| {
        let of = details.remove(&name).unwrap_or_default();
        let is_customer = name.starts_with(Kind::Customer.collection());
        let (customer, contact) = if is_customer {
            (name, String::new())
        } else {
            (String::new(), name)
        };
        let (positions, last_conversation) = (of.positions, of.last_conversation);
        pb::LookUpResult {
            customer,
            contact,
            display_name,
            matches,
            positions,
            last_conversation,
        }
    };
    ranked.into_iter().map(result).collect()
}
