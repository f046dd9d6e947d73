//! GetBriefing: what its request may hold. What the answer says is in `profile::briefing`.

use tonic::Request;

use crate::name::Kind;
use crate::pb;
use crate::pb::get_briefing_request::Record;
use crate::profile::briefing::briefing;
use crate::profile::briefing::load;
use crate::service::check::{Checker, key};
use crate::service::keys;
use crate::service::relationship::criteria::DecisionCriteria;
use crate::service::{Answer, answer, begin_call};
use crate::store::engine::db::{At, Db};

/// How many items a briefing has unless it is said, and the most.
const DEFAULT_ITEMS: usize = 30;
const MAX_ITEMS: usize = 200;

/// Answers the call.
pub(crate) async fn get_briefing(
    db: &Db,
    request: Request<pb::GetBriefingRequest>,
) -> Answer<pb::Briefing> {
    let (call, message) = begin_call(db, request).await?;
    let now = db.clock().now();
    let mut checker = Checker::at("", now);
    let whom = match &message.record {
        Some(Record::Contact(contact)) => {
            key::contact(&mut checker, "contact", Some(contact)).map(|key| (Kind::Contact, key))
        }
        Some(Record::Customer(customer)) => {
            key::customer(&mut checker, "customer", Some(customer)).map(|key| (Kind::Customer, key))
        }
        None => key::customer(&mut checker, "customer", None).map(|key| (Kind::Customer, key)),
    };
    checker.ensure(message.limit >= 0, "limit", "is negative");
    let limit = match usize::try_from(message.limit) {
        Ok(items) if items > 0 => items.min(MAX_ITEMS),
        _ => DEFAULT_ITEMS,
    };
    let question = DecisionCriteria::from(&message).check(&mut checker, now);
    let whom = checker.finish_with(whom)?;
    let whom = keys::subject(db, &call.scope, whom).await?;
    let At {
        answer: sources,
        revision,
    } = load::sources(db, &call.scope, &whom, now).await?;
    Ok(answer(At {
        answer: pb::Briefing {
            revision,
            ..briefing(&sources, &question, limit, now)
        },
        revision,
    }))
}
