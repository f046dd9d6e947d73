//! Who is in a segment, and in which segments a customer is: the questions of SegmentService, always as of now.
//!
//! Lists and counts are statements; verdicts on single customers are evaluated in memory (`profile::membership`).
//! Both mean the same, which the series of the tests hold against each other.

use tonic::Request;

use crate::clock;
use crate::count::int32;
use crate::error::Error;
use crate::filter::tree::Filter;
use crate::filter::validity::Verdict;
use crate::membership::memberships;
use crate::membership::verdict::{LoadedCustomer, WhichSegments, load};
use crate::name::{Kind, Name};
use crate::page::SortValue;
use crate::pb;
use crate::pb::check_membership_response::Result as KeyResult;
use crate::pb::customer_key::Outcome;
use crate::service::check::key::GivenKey;
use crate::service::check::{Checker, key};
use crate::service::keys;
use crate::service::standard::pages::{List, PageRequest, Pages, bound_to};
use crate::service::standard::{MAX_BATCH, check_name, check_read_mask, listed};
use crate::service::{Answer, answer, begin_call};
use crate::store::engine::db::{At, Db};
use crate::store::read::definition::Definitions;
use crate::store::read::membership as store;
use crate::store::read::resolve_key::Found;
use crate::store::record::resource::{is_deleted, name_of};

/// The most segments of one check.
const MAX_SEGMENTS: usize = 200;
/// The most tests that one call evaluates in order to say until when its verdicts hold.
const EVALUATION_BUDGET: usize = 500_000;
/// The most of them that one verdict may take.
const EVALUATION_BUDGET_OF_ONE: usize = 20_000;

/// Lists the members of a segment.
pub(crate) async fn list_segment_members(
    db: &Db,
    request: Request<pb::ListSegmentMembersRequest>,
) -> Answer<pb::ListSegmentMembersResponse> {
    let (call, message) = begin_call(db, request).await?;
    let mut checker = Checker::new("");
    let segment = check_name::<pb::Segment>(&mut checker, "segment", &message.segment);
    let list = List {
        bound_to: bound_to(db, &call, &message)?,
        page_size: message.page_size,
        page_token: &message.page_token,
        filter: "",
        order_by: &message.order_by,
        show_deleted: false,
    };
    let pages = Pages::check::<pb::Customer>(&mut checker, db, list);
    let mask = check_read_mask::<pb::Customer>(&mut checker, message.read_mask.as_ref());
    let (segment, (pages, mask)) = checker.finish_with(segment.zip(pages.zip(mask)))?;
    let page = pages.page();
    let size = page.size;
    let At {
        answer: found,
        revision,
    } = store::list(db, &call.scope, &segment, page).await?;
    let (customers, next_page_token) = listed(db, &pages, &mask, found, size)?;
    let evaluate_time = Some(clock::timestamp(pages.now()));
    let response = pb::ListSegmentMembersResponse {
        customers,
        next_page_token,
        evaluate_time,
        revision,
    };
    Ok(answer(At {
        answer: response,
        revision,
    }))
}

/// Counts the members of a segment.
pub(crate) async fn count_segment_members(
    db: &Db,
    request: Request<pb::CountSegmentMembersRequest>,
) -> Answer<pb::CountSegmentMembersResponse> {
    let (call, message) = begin_call(db, request).await?;
    let mut checker = Checker::new("");
    let segment = check_name::<pb::Segment>(&mut checker, "segment", &message.segment);
    let segment = checker.finish_with(segment)?;
    let now = db.clock().now();
    let At {
        answer: count,
        revision,
    } = store::count(db, &call.scope, &segment, now).await?;
    let evaluate_time = Some(clock::timestamp(now));
    let response = pb::CountSegmentMembersResponse {
        member_count: int32(count),
        evaluate_time,
        revision,
    };
    Ok(answer(At {
        answer: response,
        revision,
    }))
}

/// Says which customers are in which segments.
pub(crate) async fn check_membership(
    db: &Db,
    request: Request<pb::CheckMembershipRequest>,
) -> Answer<pb::CheckMembershipResponse> {
    let (call, message) = begin_call(db, request).await?;
    let (keys, segments) = check_request(&message)?;
    let keys = keys::customers(db, &call.scope, keys).await?;
    let now = db.clock().now();
    let At {
        answer: loaded,
        revision,
    } = load(db, &call.scope, &keys, WhichSegments::Named(&segments), now).await?;
    let asked = message.segments.iter().map(|name| Asked {
        segment: name,
        display_name: display_name(&loaded.definitions, name),
        tree: loaded.trees.get(name),
    });
    let asked: Vec<Asked<'_>> = asked.collect();
    let (mut results, mut n_left) = (Vec::with_capacity(keys.len()), EVALUATION_BUDGET);
    for key in &keys {
        let mut result = result(loaded.customer(key), &asked, &mut n_left).await?;
        if let Some(turn) = loaded.fits_until(key) {
            result
                .memberships
                .iter_mut()
                .for_each(|one| hold_until(one, turn));
        }
        results.push(result);
    }
    let evaluate_time = Some(clock::timestamp(now));
    let response = pb::CheckMembershipResponse {
        results,
        evaluate_time,
        revision,
    };
    Ok(answer(At {
        answer: response,
        revision,
    }))
}

fn check_request(
    message: &pb::CheckMembershipRequest,
) -> Result<(Vec<GivenKey>, Vec<Name>), Error> {
    let mut checker = Checker::new("");
    let keys = key::customers(&mut checker, "customers", &message.customers, MAX_BATCH);
    checker.require_count("segments", &message.segments, MAX_SEGMENTS);
    let segments = checker.parse_each(
        "segments",
        &message.segments,
        MAX_SEGMENTS,
        |checker, field, name| check_name::<pb::Segment>(checker, field, name),
    );
    checker.finish_with(keys.zip(segments))
}

/// A segment that is asked about.
struct Asked<'a> {
    segment: &'a str,
    display_name: String,
    tree: Option<&'a Filter>,
}

fn display_name(definitions: &Definitions, segment: &str) -> String {
    let definition = definitions.get(segment);
    definition.map_or_else(String::new, |of| of.display_name.clone())
}

/// Says of one key in which segments its customer is.
async fn result(
    found: Found<&LoadedCustomer>,
    asked: &[Asked<'_>],
    n_left: &mut usize,
) -> Result<KeyResult, Error> {
    let unclear = |outcome: Outcome| KeyResult {
        outcome: outcome.into(),
        memberships: asked
            .iter()
            .map(|asked| membership(asked, false, None))
            .collect(),
        ..KeyResult::default()
    };
    Ok(match found {
        Found::Nobody => unclear(Outcome::NotFound),
        Found::Several { candidates, count } => KeyResult {
            candidates,
            candidate_count: int32(count),
            ..unclear(Outcome::Ambiguous)
        },
        Found::One(subject) => {
            let mut memberships = Vec::with_capacity(asked.len());
            for asked in asked {
                let tree = asked
                    .tree
                    .ok_or_else(|| Error::internal("a segment that was asked for has a tree"))?;
                let Verdict { holds, until } = verdict(subject, tree, n_left);
                memberships.push(membership(asked, holds, until));
                // So many verdicts take a while: others have a turn in between.
                tokio::task::yield_now().await;
            }
            KeyResult {
                outcome: keys::outcome_of(&subject.customer).into(),
                customer: subject.customer.name.clone(),
                memberships,
                ..KeyResult::default()
            }
        }
    })
}

fn membership(asked: &Asked<'_>, member: bool, until: Option<clock::Micros>) -> pb::Membership {
    pb::Membership {
        segment: asked.segment.to_owned(),
        segment_display_name: asked.display_name.clone(),
        member,
        expire_time: until.map(clock::timestamp),
    }
}

/// Lets a verdict end at a time, if it does not end before.
fn hold_until(membership: &mut pb::Membership, turn: clock::Micros) {
    let own = membership.expire_time.as_ref().and_then(clock::micros);
    membership.expire_time = Some(clock::timestamp(own.map_or(turn, |own| own.min(turn))));
}

/// Judges one pair, with a share of the tests that are left to the call.
fn verdict(subject: &LoadedCustomer, tree: &Filter, n_left: &mut usize) -> Verdict {
    let share = (*n_left).min(EVALUATION_BUDGET_OF_ONE);
    let mut of_share = share;
    let verdict = subject.verdict(tree, &mut of_share);
    *n_left -= share - of_share;
    verdict
}

/// Lists the segments that a customer is in.
pub(crate) async fn list_customer_segments(
    db: &Db,
    request: Request<pb::ListCustomerSegmentsRequest>,
) -> Answer<pb::ListCustomerSegmentsResponse> {
    let (call, message) = begin_call(db, request).await?;
    let mut checker = Checker::new("");
    let key = key::customer(&mut checker, "customer", message.customer.as_ref());
    let bound_to = bound_to(db, &call, &message)?;
    let page = PageRequest::check(
        &mut checker,
        db,
        bound_to,
        message.page_size,
        &message.page_token,
    );
    let (key, page) = checker.finish_with(key.zip(page))?;
    let key = keys::customer(db, &call.scope, key).await?;
    let now = page.place.at;
    let loaded = load(
        db,
        &call.scope,
        std::slice::from_ref(&key),
        WhichSegments::All,
        now,
    )
    .await?;
    let At {
        answer: loaded,
        revision,
    } = loaded;
    let subject = loaded.customer(&key).one(Kind::Customer, &key)?;
    if is_deleted(&subject.customer) {
        return Err(Error::Deleted(name_of(&subject.customer)).into());
    }
    let size = page.size;
    let after = page.place.after.first();
    let mut memberships = segments_of(subject, &loaded.definitions, after, size + 1, now).await?;
    let next_page_token = match memberships
        .get(size - 1)
        .filter(|_| memberships.len() > size)
    {
        Some(last) => page.next(db, vec![SortValue::Text(last.segment.clone())]),
        None => String::new(),
    };
    memberships.truncate(size);
    let (customer, evaluate_time) = (subject.customer.name.clone(), Some(clock::timestamp(now)));
    let response = pb::ListCustomerSegmentsResponse {
        memberships,
        next_page_token,
        customer,
        evaluate_time,
        revision,
    };
    Ok(answer(At {
        answer: response,
        revision,
    }))
}

/// Returns the segments that hold a customer, by name: those after one, and at most so many.
async fn segments_of(
    subject: &LoadedCustomer,
    definitions: &Definitions,
    after: Option<&SortValue>,
    most: usize,
    now: clock::Micros,
) -> Result<Vec<pb::Membership>, Error> {
    let held = memberships::segments_of(subject.record(), definitions, now)?;
    let comes_after =
        |name: &&String| !matches!(after, Some(SortValue::Text(last)) if *name <= last);
    let (mut segments, mut n_left) = (Vec::new(), EVALUATION_BUDGET);
    for segment in held
        .into_iter()
        .filter(|name| comes_after(&name))
        .take(most)
    {
        let until = verdict(subject, &definitions.members_of(&segment)?, &mut n_left).until;
        segments.push(pb::Membership {
            segment_display_name: display_name(definitions, &segment),
            segment,
            member: true,
            expire_time: until.map(clock::timestamp),
        });
        tokio::task::yield_now().await;
    }
    Ok(segments)
}
