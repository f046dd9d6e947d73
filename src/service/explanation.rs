//! ExplainMembership: what its request may hold, and explanations as the API tells them.

use prost::Message as _;
use tonic::Request;

use super::check::{Checker, common, key};
use super::standard::bounded;
use super::{Answer, answer, open};
use crate::clock;
use crate::error::Error;
use crate::filter::explain::{Explanation, Node, Part, explain};
use crate::filter::grammar;
use crate::name::{Kind, Name};
use crate::pb;
use crate::pb::explanation_node::Operator;
use crate::profile::groups::load::{self, Asked};
use crate::profile::groups::member_tree;
use crate::store::db::{At, Db};
use crate::store::definition::Definitions;

/// Answers the call.
pub async fn explain_membership(
    db: &Db,
    request: Request<pb::ExplainMembershipRequest>,
) -> Answer<pb::ExplainMembershipResponse> {
    let (call, message) = open(db, request).await?;
    let mut checker = Checker::new("");
    let key = key::customer(&mut checker, "customer", message.customer.as_ref());
    checker.required("segment", &message.segment);
    common::reference(&mut checker, "segment", Kind::Segment, &message.segment);
    checker.finish()?;
    let name = Name::parse(Kind::Segment, &message.segment).ok_or_else(|| Error::internal("the name was checked"))?;
    let now = db.clock().now();
    let At { answer: asked, revision } = load::customer_and_segment(db, &call.scope, &key, &name, now).await?;
    let Asked { customer, seen, segment, definitions } = asked;
    let explanation = explain(&member_tree(&definitions, &name.to_string())?, seen.record(), now);
    let member = explanation.holds();
    let response = pb::ExplainMembershipResponse {
        customer: customer.name,
        customer_display_name: customer.display_name,
        segment: name.to_string(),
        segment_display_name: segment.display_name,
        member,
        filter: segment.filter.map(|filter| canonical(&filter)).transpose()?.unwrap_or_default(),
        flips: flips(&explanation),
        nodes: nodes(explanation, &definitions),
        revision,
        evaluate_time: Some(clock::timestamp(now)),
    };
    bounded(response.encoded_len())?;
    Ok(answer(At { answer: response, revision }))
}

/// Returns a stored filter in its canonical form.
pub fn canonical(filter: &str) -> Result<String, Error> {
    let node = grammar::parse(filter).map_err(|_| Error::internal("a stored filter does not read"))?;
    Ok(node.map(|node| node.to_string()).unwrap_or_default())
}

/// Returns what would turn a verdict that does not hold.
pub fn flips(explanation: &Explanation) -> Vec<i32> {
    let turn = explanation.turn.iter().flatten().filter(|_| !explanation.holds());
    turn.map(|occurrence| count(*occurrence)).collect()
}

/// Returns the parts of an explanation.
pub fn nodes(explanation: Explanation, definitions: &Definitions) -> Vec<pb::ExplanationNode> {
    explanation.nodes.into_iter().map(|one| node(one, definitions)).collect()
}

fn node(node: Node, definitions: &Definitions) -> pb::ExplanationNode {
    let of = |operator: Operator| pb::ExplanationNode {
        depth: count(node.depth),
        operator: operator.into(),
        holds: node.holds,
        ..pb::ExplanationNode::default()
    };
    let called = |segment: &str| definitions.get(segment).map(|found| found.display_name.clone()).unwrap_or_default();
    match node.part {
        Part::And => of(Operator::And),
        Part::Or => of(Operator::Or),
        Part::Not => of(Operator::Not),
        Part::Segment { segment, text } => {
            pb::ExplanationNode { text, segment_display_name: called(&segment), segment, ..of(Operator::Segment) }
        }
        Part::Predicate(one) => {
            let segment = one.segment.unwrap_or_default();
            pb::ExplanationNode {
                text: one.text,
                segment_display_name: called(&segment),
                segment,
                occurrence: count(one.occurrence),
                values: one.values,
                more_values: one.more_values,
                ..of(Operator::Predicate)
            }
        }
    }
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
