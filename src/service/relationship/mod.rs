//! RelationshipService: the questions about customers. What the answers mean is in `profile`.

mod briefing;
pub(crate) mod criteria;
mod log_conversation;
pub(crate) mod look_up;

use prost::Message as _;
use tonic::Request;

use crate::clock::{self, Micros};
use crate::count::int32;
use crate::error::Error;
use crate::filter::tree::Filter;
use crate::mask::Mask;
use crate::membership::memberships;
use crate::name::{Kind, Name};
use crate::pb;
use crate::pb::batch_get_profiles_response::Result as ProfileResult;
use crate::pb::customer_key::Outcome;
use crate::pb::relationship_service_server::RelationshipService;
use crate::profile::aggregate;
use crate::profile::decision::{self, Criteria};
use crate::profile::load::{self, Depth, FoundCustomers};
use crate::service::check::{Checker, common, key};
use crate::service::keys;
use crate::service::relationship::criteria::DecisionCriteria;
use crate::service::standard::pages::{List, Pages, bound_to};
use crate::service::standard::{
    MAX_BATCH, check_answer_size, check_read_mask, how_many_fit, masked,
};
use crate::service::{Answer, answer, begin_call};
use crate::store::engine::db::{At, Db};
use crate::store::read::facts::Facts;
use crate::store::read::resolve_key::Found;
use crate::store::record::resource::{is_deleted, name_of};

/// The largest page of ListDecisionMakers; a larger size means this one.
const MAX_PAGE: i32 = 100;

/// The service.
#[derive(Clone)]
pub struct Relationships {
    /// The store it works on.
    pub db: Db,
}

#[tonic::async_trait]
impl RelationshipService for Relationships {
    async fn get_profile(&self, request: Request<pb::GetProfileRequest>) -> Answer<pb::Profile> {
        let (call, message) = begin_call(&self.db, request).await?;
        let mut checker = Checker::new("");
        let key = key::customer(&mut checker, "customer", message.customer.as_ref());
        let mask = check_read_mask::<pb::Profile>(&mut checker, message.read_mask.as_ref());
        let (key, mask) = checker.finish_with(key.zip(mask))?;
        let key = keys::customer(&self.db, &call.scope, key).await?;
        let now = self.db.clock().now();
        let keys = std::slice::from_ref(&key);
        let loaded = load::by_keys(&self.db, &call.scope, keys, depth(&mask), now).await?;
        let facts = loaded.answer.customer(&key).one(Kind::Customer, &key)?;
        let profile = masked(&mask, profile(facts, &loaded, now)?)?;
        check_answer_size(profile.encoded_len())?;
        Ok(answer(At {
            answer: profile,
            revision: loaded.revision,
        }))
    }

    async fn look_up(&self, request: Request<pb::LookUpRequest>) -> Answer<pb::LookUpResponse> {
        look_up::look_up(&self.db, request).await
    }

    async fn batch_get_profiles(
        &self,
        request: Request<pb::BatchGetProfilesRequest>,
    ) -> Answer<pb::BatchGetProfilesResponse> {
        let (call, message) = begin_call(&self.db, request).await?;
        let mut checker = Checker::new("");
        let keys = key::customers(&mut checker, "customers", &message.customers, MAX_BATCH);
        let mask = check_read_mask::<pb::Profile>(&mut checker, message.read_mask.as_ref());
        let (keys, mask) = checker.finish_with(keys.zip(mask))?;
        let keys = keys::customers(&self.db, &call.scope, keys).await?;
        let now = self.db.clock().now();
        let loaded = load::by_keys(&self.db, &call.scope, &keys, depth(&mask), now).await?;
        let (mut results, mut size) = (Vec::with_capacity(keys.len()), 0);
        for key in &keys {
            let profile = |facts: &Facts| masked(&mask, profile(facts, &loaded, now)?);
            let result = result(loaded.answer.customer(key), profile)?;
            size += result.encoded_len();
            check_answer_size(size)?;
            results.push(result);
            // So many segments take a while to evaluate: others have a turn in between.
            tokio::task::yield_now().await;
        }
        Ok(answer(At {
            answer: pb::BatchGetProfilesResponse {
                results,
                revision: loaded.revision,
                evaluate_time: Some(clock::timestamp(now)),
            },
            revision: loaded.revision,
        }))
    }

    async fn get_decision_makers(
        &self,
        request: Request<pb::GetDecisionMakersRequest>,
    ) -> Answer<pb::DecisionMakers> {
        let (call, message) = begin_call(&self.db, request).await?;
        let now = self.db.clock().now();
        let mut checker = Checker::new("");
        let key = key::customer(&mut checker, "customer", message.customer.as_ref());
        let question = DecisionCriteria::from(&message).check(&mut checker, now);
        let key = checker.finish_with(key)?;
        let key = keys::customer(&self.db, &call.scope, key).await?;
        let keys = std::slice::from_ref(&key);
        let loaded = load::by_keys(&self.db, &call.scope, keys, Depth::People, now).await?;
        let facts = loaded.answer.customer(&key).one(Kind::Customer, &key)?;
        if is_deleted(&facts.customer) {
            return Err(Error::Deleted(name_of(&facts.customer)).into());
        }
        let found = deciders(facts, &question, loaded.revision, now);
        check_answer_size(found.encoded_len())?;
        Ok(answer(At {
            answer: found,
            revision: loaded.revision,
        }))
    }

    async fn list_decision_makers(
        &self,
        request: Request<pb::ListDecisionMakersRequest>,
    ) -> Answer<pb::ListDecisionMakersResponse> {
        let (call, message) = begin_call(&self.db, request).await?;
        let mut checker = Checker::new("");
        let criteria = DecisionCriteria::from(&message);
        let list = List {
            bound_to: bound_to(&self.db, &call, &message)?,
            page_size: message.page_size.min(MAX_PAGE),
            page_token: &message.page_token,
            filter: &message.filter,
            order_by: &message.order_by,
            show_deleted: false,
        };
        let pages = Pages::check::<pb::Customer>(&mut checker, &self.db, list);
        common::reference(&mut checker, "segment", Kind::Segment, &message.segment);
        let now = pages
            .as_ref()
            .map_or_else(|| self.db.clock().now(), Pages::now);
        let question = criteria.check(&mut checker, now);
        let mut pages = checker.finish_with(pages)?;
        let segment = Name::parse(Kind::Segment, &message.segment);
        if let Some(segment) = &segment {
            pages.narrow(Filter::Member {
                segment: segment.to_string(),
                filter: None,
            });
        }
        let page = pages.page();
        let size = page.size;
        let At {
            answer: found,
            revision,
        } = load::page(&self.db, &call.scope, page, segment.as_ref()).await?;
        // Whether someone may be contacted is said for now, on every page.
        let now = self.db.clock().now();
        let on_page = found.iter().take(size);
        let mut answers: Vec<_> = on_page
            .map(|facts| deciders(facts, &question, revision, now))
            .collect();
        answers.truncate(how_many_fit(&answers));
        check_answer_size(answers.iter().map(prost::Message::encoded_len).sum())?;
        let is_cut = answers.len() < found.len();
        let next_page_token = match answers.len().checked_sub(1).filter(|_| is_cut) {
            Some(last) => pages.token(&self.db, &found[last].customer),
            None => String::new(),
        };
        let response = pb::ListDecisionMakersResponse {
            decision_makers: answers,
            next_page_token,
            evaluate_time: Some(clock::timestamp(pages.now())),
            revision,
        };
        Ok(answer(At {
            answer: response,
            revision,
        }))
    }

    async fn get_briefing(&self, request: Request<pb::GetBriefingRequest>) -> Answer<pb::Briefing> {
        briefing::get_briefing(&self.db, request).await
    }

    async fn log_conversation(
        &self,
        request: Request<pb::LogConversationRequest>,
    ) -> Answer<pb::LogConversationResponse> {
        log_conversation::log_conversation(&self.db, request).await
    }
}

/// Says how much has to be read for the masked fields.
fn depth(mask: &Mask) -> Depth {
    let of_customers = ["customer", "last_conversation", "revision", "evaluate_time"];
    let of_people = [&of_customers[..], &["people", "more_people"]].concat();
    let of_events = [
        "next_conversation",
        "unconfirmed_conversations",
        "open_promises",
        "more_promises",
        "highlighted_notes",
        "more_notes",
        "used_channels",
    ];
    let of_events = [&of_people[..], &of_events].concat();
    if mask.names_only(&of_customers) {
        Depth::Customers
    } else if mask.names_only(&of_people) {
        Depth::People
    } else if mask.names_only(&of_events) {
        Depth::Events
    } else {
        Depth::Groups
    }
}

/// Makes a profile of what was read.
fn profile(facts: &Facts, read: &At<FoundCustomers>, now: Micros) -> Result<pb::Profile, Error> {
    let memberships = memberships::find_for_customer(facts, &read.answer.groupings, now)?;
    Ok(pb::Profile {
        revision: read.revision,
        ..aggregate::profile(facts, memberships, now)
    })
}

/// Says who decides, as of a revision.
fn deciders(facts: &Facts, question: &Criteria, revision: i64, now: Micros) -> pb::DecisionMakers {
    pb::DecisionMakers {
        revision,
        ..decision::answer(facts, question, now)
    }
}

/// Makes one result of a batch.
fn result(
    found: Found<&Facts>,
    profile: impl FnOnce(&Facts) -> Result<pb::Profile, Error>,
) -> Result<ProfileResult, Error> {
    let of = |outcome: Outcome| ProfileResult {
        outcome: outcome.into(),
        ..ProfileResult::default()
    };
    Ok(match found {
        Found::Nobody => of(Outcome::NotFound),
        Found::Several { candidates, count } => {
            let candidate_count = int32(count);
            ProfileResult {
                candidates,
                candidate_count,
                ..of(Outcome::Ambiguous)
            }
        }
        Found::One(facts) => ProfileResult {
            profile: Some(profile(facts)?),
            ..of(keys::outcome_of(&facts.customer))
        },
    })
}
