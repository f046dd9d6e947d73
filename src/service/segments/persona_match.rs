//! MatchPersonas: what its request may hold, and the pages of its answer.
//!
//! A tenant has few personas, and the order depends on the verdicts: each page is cut out of all that were held against
//! the record, for the time of the first page.

use tonic::Request;

use crate::clock::{self, Micros};
use crate::count::int32;
use crate::error::Error;
use crate::name::Kind;
use crate::page::{Place, SortValue};
use crate::pb;
use crate::pb::match_personas_request::Record;
use crate::profile::persona_match::{self, RecordWithPersonas};
use crate::service::check::{Checker, key};
use crate::service::keys;
use crate::service::segments::explain::{canonical, explained, flips, nodes, stored_outline};
use crate::service::standard::pages::{PageRequest, bound_to};
use crate::service::standard::{check_answer_size, how_many_fit};
use crate::service::{Answer, answer, begin_call};
use crate::store::engine::db::{At, Db};
use crate::store::read::live_groups::Sketch;

/// Answers the call.
pub(crate) async fn match_personas(
    db: &Db,
    request: Request<pb::MatchPersonasRequest>,
) -> Answer<pb::MatchPersonasResponse> {
    let (call, message) = begin_call(db, request).await?;
    let mut checker = Checker::new("");
    let whom = match &message.record {
        Some(Record::Customer(key)) => {
            key::customer(&mut checker, "customer", Some(key)).map(|key| (Kind::Customer, key))
        }
        Some(Record::Contact(key)) => {
            key::contact(&mut checker, "contact", Some(key)).map(|key| (Kind::Contact, key))
        }
        None => key::customer(&mut checker, "customer", None).map(|key| (Kind::Customer, key)),
    };
    let page = PageRequest::check(
        &mut checker,
        db,
        bound_to(db, &call, &message)?,
        message.page_size,
        &message.page_token,
    );
    let (whom, page) = checker.finish_with(whom.zip(page))?;
    let whom = keys::subject(db, &call.scope, whom).await?;
    let place = &page.place;
    let At {
        answer: compared,
        revision,
    } = persona_match::record_and_personas(db, &call.scope, &whom, place.at).await?;
    let Judged {
        mut matches,
        n_unmatchable,
    } = judge(&compared, place)?;
    let n_fitting = how_many_fit(&matches[..matches.len().min(page.size)]);
    let is_cut = n_fitting < matches.len();
    matches.truncate(n_fitting);
    check_answer_size(matches.iter().map(prost::Message::encoded_len).sum())?;
    let next_page_token = match matches.last().filter(|_| is_cut) {
        Some(last) => page.next(db, rank(last).to_vec()),
        None => String::new(),
    };
    let response = pb::MatchPersonasResponse {
        persona_matches: matches,
        next_page_token,
        record: compared.name,
        record_display_name: compared.display_name,
        unmatchable_count: int32(n_unmatchable),
        evaluate_time: Some(clock::timestamp(place.at)),
        revision,
    };
    Ok(answer(At {
        answer: response,
        revision,
    }))
}

struct Judged {
    /// In the order of the answer.
    matches: Vec<pb::PersonaMatch>,
    n_unmatchable: usize,
}

/// Holds the record against every persona, and keeps those behind a place.
fn judge(compared: &RecordWithPersonas, place: &Place) -> Result<Judged, Error> {
    let mut judged = Judged {
        matches: Vec::new(),
        n_unmatchable: 0,
    };
    for persona in &compared.personas {
        match match_persona(compared, persona, place.at)? {
            Some(found) => judged.matches.push(found),
            None => judged.n_unmatchable += 1,
        }
    }
    judged.matches.sort_by(|a, b| order(a).cmp(&order(b)));
    let after = &place.after;
    judged.matches.retain(|found| is_behind(found, after));
    Ok(judged)
}

/// Holds the record against one persona; `None` when nothing ties that to data.
fn match_persona(
    compared: &RecordWithPersonas,
    persona: &Sketch,
    now: Micros,
) -> Result<Option<pb::PersonaMatch>, Error> {
    let record = compared.input.record();
    let Some(outline) = stored_outline(&persona.match_filter, record)? else {
        return Ok(None);
    };
    let explanation = explained(&outline, record, &compared.definitions, now)?;
    Ok(Some(pb::PersonaMatch {
        persona: persona.name.clone(),
        persona_display_name: persona.display_name.clone(),
        headline: persona.headline.clone(),
        fits: explanation.holds(),
        filter: canonical(&persona.match_filter)?,
        flips: flips(&explanation),
        nodes: nodes(explanation, &compared.definitions),
    }))
}

fn order(found: &pb::PersonaMatch) -> (bool, &str, &str) {
    (!found.fits, &found.persona_display_name, &found.persona)
}

/// Returns the order as a token holds it.
fn rank(found: &pb::PersonaMatch) -> [SortValue; 3] {
    let (misfits, display_name, name) = order(found);
    [
        SortValue::Int(misfits.into()),
        SortValue::Text(display_name.to_owned()),
        SortValue::Text(name.to_owned()),
    ]
}

fn is_behind(found: &pb::PersonaMatch, after: &[SortValue]) -> bool {
    match after {
        [
            SortValue::Int(misfits),
            SortValue::Text(display_name),
            SortValue::Text(name),
        ] => order(found) > (*misfits != 0, display_name.as_str(), name.as_str()),
        _ => true,
    }
}
