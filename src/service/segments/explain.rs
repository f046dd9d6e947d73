//! ExplainMembership: what its request may hold, and explanations as the API tells them.

use prost::Message as _;
use prost_reflect::ReflectMessage as _;
use tonic::Request;

use crate::clock::{self, Micros};
use crate::count::int32;
use crate::error::Error;
use crate::filter;
use crate::filter::explain::{ExplainedNode, Explanation, Membership, NodeKind, explain};
use crate::filter::outline::Outline;
use crate::filter::record::Record;
use crate::membership::verdict::{WhichSegments, load};
use crate::name::Kind;
use crate::pb;
use crate::pb::explanation_node::Operator;
use crate::service::check::{Checker, key};
use crate::service::keys;
use crate::service::standard::{check_answer_size, check_name};
use crate::service::{Answer, answer, begin_call};
use crate::store::engine::db::{At, Db};
use crate::store::read::definition::Definitions;
use crate::store::record::resource::{is_deleted, name_of};

/// Answers the call.
pub(crate) async fn explain_membership(
    db: &Db,
    request: Request<pb::ExplainMembershipRequest>,
) -> Answer<pb::ExplainMembershipResponse> {
    let (call, message) = begin_call(db, request).await?;
    let mut checker = Checker::new("");
    let key = key::customer(&mut checker, "customer", message.customer.as_ref());
    let name = check_name::<pb::Segment>(&mut checker, "segment", &message.segment);
    let (key, name) = checker.finish_with(key.zip(name))?;
    let key = keys::customer(db, &call.scope, key).await?;
    let (now, keys, names) = (
        db.clock().now(),
        std::slice::from_ref(&key),
        std::slice::from_ref(&name),
    );
    let At {
        answer: loaded,
        revision,
    } = load(db, &call.scope, keys, WhichSegments::Named(names), now).await?;
    let subject = loaded.customer(&key).one(Kind::Customer, &key)?;
    if is_deleted(&subject.customer) {
        return Err(Error::Deleted(name_of(&subject.customer)).into());
    }
    let segment = loaded.definitions.get(&message.segment).cloned();
    let segment = segment.ok_or_else(|| Error::internal("the segment was read"))?;
    let filter = segment.filter.unwrap_or_default();
    let outline = match stored_outline(&filter, subject.record())? {
        Some(outline) => outline,
        None => Outline::member(&message.segment),
    };
    let explanation = explained(&outline, subject.record(), &loaded.definitions, now)?;
    let response = pb::ExplainMembershipResponse {
        customer: subject.customer.name.clone(),
        customer_display_name: subject.customer.display_name.clone(),
        segment: message.segment,
        segment_display_name: segment.display_name,
        member: explanation.holds(),
        filter: canonical(&filter)?,
        flips: flips(&explanation),
        nodes: nodes(explanation, &loaded.definitions),
        revision,
        evaluate_time: Some(clock::timestamp(now)),
    };
    check_answer_size(response.encoded_len())?;
    Ok(answer(At {
        answer: response,
        revision,
    }))
}

/// Reads a stored filter on such a record, part by part; a blank one is `None`.
pub fn stored_outline(filter: &str, record: Record<'_>) -> Result<Option<Outline>, Error> {
    Outline::read(filter, &record.message.descriptor()).map_err(|_| unreadable())
}

/// Explains what a stored filter says of a record, with the segments that it names.
pub fn explained(
    outline: &Outline,
    record: Record<'_>,
    definitions: &Definitions,
    now: Micros,
) -> Result<Explanation, Error> {
    let segments = |name: &str| match definitions.get(name).map(|found| &found.filter) {
        Some(Some(filter)) => Membership::Filter(filter),
        Some(None) => Membership::List,
        None => Membership::Nobody,
    };
    explain(outline, record, &segments, now).map_err(|_| unreadable())
}

/// Returns a stored filter in its canonical form.
pub(crate) fn canonical(filter: &str) -> Result<String, Error> {
    filter::canonical(filter).map_err(|_| unreadable())
}

fn unreadable() -> Error {
    Error::internal("a stored filter does not read")
}

/// Returns the smallest change that would make a verdict hold; nothing if it does.
pub(crate) fn flips(explanation: &Explanation) -> Vec<i32> {
    let minimal_change = explanation
        .minimal_change
        .iter()
        .flatten()
        .filter(|_| !explanation.holds());
    minimal_change
        .map(|occurrence| int32(*occurrence))
        .collect()
}

/// Returns the parts of an explanation.
pub(crate) fn nodes(
    explanation: Explanation,
    definitions: &Definitions,
) -> Vec<pb::ExplanationNode> {
    explanation
        .nodes
        .into_iter()
        .map(|one| node(one, definitions))
        .collect()
}

fn node(node: ExplainedNode, definitions: &Definitions) -> pb::ExplanationNode {
    let of = |operator: Operator| pb::ExplanationNode {
        depth: int32(node.depth),
        operator: operator.into(),
        holds: node.holds,
        ..pb::ExplanationNode::default()
    };
    let called = |segment: &str| {
        definitions
            .get(segment)
            .map(|found| found.display_name.clone())
            .unwrap_or_default()
    };
    match node.kind {
        NodeKind::And => of(Operator::And),
        NodeKind::Or => of(Operator::Or),
        NodeKind::Not => of(Operator::Not),
        NodeKind::Segment { segment, text } => pb::ExplanationNode {
            text,
            segment_display_name: called(&segment),
            segment,
            ..of(Operator::Segment)
        },
        NodeKind::Predicate(one) => {
            let segment = one.segment.unwrap_or_default();
            pb::ExplanationNode {
                text: one.text,
                segment_display_name: called(&segment),
                segment,
                occurrence: int32(one.occurrence),
                values: one.values,
                more_values: one.more_values,
                ..of(Operator::Restriction)
            }
        }
    }
}
