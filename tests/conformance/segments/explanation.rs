//! ExplainMembership: every part of a filter with its verdict, and the smallest change that would alter the result.
//! `filter/explain.rs` holds that random explanations replay and that no smaller change exists.

use clientele::clock::{self, DAY, Micros, SECOND};
use clientele::pb;
use clientele::pb::affiliation::{BuyingRole, Seniority};
use clientele::pb::customer::{Business, Lifecycle};
use clientele::pb::explanation_node::Operator;
use prost_types::ListValue;
use prost_types::value::Kind;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{Answer, done, refused, whole};
use crate::harness::builders::{affiliation, attributes, claim, contact, customer};
use crate::harness::keys::{by_domain, by_email, by_name};
use crate::harness::records::{conversation, listed, segment};

/// 2026-11-22T10:00:00Z.
const START: Micros = 1_795_341_600 * SECOND;

conformance! {
    at START;
    every_part_is_told_with_its_verdict,
    a_member_needs_no_change,
    a_list_is_one_predicate,
    segments_that_are_named_are_put_in,
    affiliations_are_told_as_a_whole,
    times_are_those_of_the_server,
    every_affiliation_counts_however_many,
    of_many_values_ten_are_told_and_that_there_are_more,
    an_empty_list_is_told_as_set,
    an_explanation_agrees_with_the_list,
    any_key_names_the_customer,
    what_cannot_be_explained_is_refused,
}

pub async fn ask(
    h: &Harness,
    customer: Option<pb::CustomerKey>,
    segment: &str,
) -> Answer<pb::ExplainMembershipResponse> {
    let request = pb::ExplainMembershipRequest {
        customer,
        segment: segment.to_owned(),
    };
    h.segments.clone().explain_membership(request).await
}

async fn explain(
    h: &Harness,
    customer: &pb::Customer,
    segment: &pb::Segment,
) -> pb::ExplainMembershipResponse {
    done(ask(h, by_name(&customer.name), &segment.name).await)
}

/// Writes each part as a line.
pub fn lines(nodes: &[pb::ExplanationNode]) -> Vec<String> {
    let line = |node: &pb::ExplanationNode| {
        let mark = if node.holds { '+' } else { '-' };
        let what = match node.operator() {
            Operator::Restriction => {
                format!(
                    "{} {} [{}]",
                    node.occurrence,
                    node.text,
                    node.values.join(", ")
                )
            }
            Operator::Segment => format!("SEGMENT {} {}", node.text, node.segment_display_name),
            operator => operator.as_str_name().to_owned(),
        };
        format!(
            "{}{mark} {what}",
            "  ".repeat(usize::try_from(node.depth).unwrap())
        )
    };
    nodes.iter().map(line).collect()
}

fn active(display_name: &str) -> pb::Customer {
    pb::Customer {
        lifecycle: Lifecycle::Active.into(),
        ..customer(display_name)
    }
}

async fn every_part_is_told_with_its_verdict(h: Harness) {
    let firm = h.create(active("Ferrum AG")).await;
    let filter = "lifecycle = ACTIVE (business.employee_count > 50 OR tags:\"key\") NOT display_name:\"ferrum\"";
    let some = h.create(segment("Large friends", filter)).await;
    let answer = whole(ask(&h, by_name(&firm.name), &some.name).await);
    let told = answer.message;
    assert_eq!(
        lines(&told.nodes),
        [
            "- AND",
            "  + 1 lifecycle = ACTIVE [ACTIVE]",
            "  - OR",
            "    - 2 business.employee_count > 50 []",
            "    - 3 tags:\"key\" []",
            "  - NOT",
            "    + 4 display_name:\"ferrum\" [\"Ferrum AG\"]",
        ]
    );
    assert_eq!((told.member, told.flips), (false, vec![2, 4]));
    let canonical = "lifecycle = ACTIVE AND (business.employee_count > 50 OR tags:\"key\") AND NOT display_name:\"ferrum\"";
    assert_eq!(told.filter, canonical);
    assert_eq!(
        (told.customer, told.customer_display_name),
        (firm.name, firm.display_name)
    );
    assert_eq!(
        (told.segment, told.segment_display_name),
        (some.name, some.display_name)
    );
    assert_eq!(
        (told.revision, told.revision),
        (answer.revision, h.revision().await)
    );
    assert_eq!(told.evaluate_time, Some(clock::timestamp(START)));
}

async fn a_member_needs_no_change(h: Harness) {
    let firm = h.create(active("Ferrum AG")).await;
    let some = h
        .create(segment(
            "Active or known",
            "lifecycle = ACTIVE OR tags:\"key\"",
        ))
        .await;
    let told = explain(&h, &firm, &some).await;
    assert_eq!((told.member, told.flips.len()), (true, 0));
    assert_eq!(
        lines(&told.nodes),
        [
            "+ OR",
            "  + 1 lifecycle = ACTIVE [ACTIVE]",
            "  - 2 tags:\"key\" []"
        ]
    );
}

async fn a_list_is_one_predicate(h: Harness) {
    let (firm, other) = (
        h.create(customer("Ferrum AG")).await,
        h.create(customer("Other")).await,
    );
    let some = h.create_as("guests", listed("Guests", &[&firm])).await;
    let told = explain(&h, &firm, &some).await;
    assert_eq!(
        lines(&told.nodes),
        ["+ 1 segment:\"segments/guests\" [\"segments/guests\"]"]
    );
    assert_eq!(
        (told.member, told.filter.as_str(), told.flips.len()),
        (true, "", 0)
    );
    assert_eq!(
        (
            told.nodes[0].segment.as_str(),
            told.nodes[0].segment_display_name.as_str()
        ),
        ("segments/guests", "Guests")
    );
    let told = explain(&h, &other, &some).await;
    assert_eq!(lines(&told.nodes), ["- 1 segment:\"segments/guests\" []"]);
    assert_eq!((told.member, told.flips), (false, vec![1]));
}

async fn segments_that_are_named_are_put_in(h: Harness) {
    let firm = h.create(active("Ferrum AG")).await;
    h.create_as("guests", listed("Guests", &[&firm])).await;
    h.create_as(
        "active",
        segment("Active ones", "lifecycle = ACTIVE NOT kind = INDIVIDUAL"),
    )
    .await;
    let both = segment(
        "Both",
        "segment:\"segments/active\" AND NOT segment:\"segments/guests\"",
    );
    let both = h.create(both).await;
    let told = explain(&h, &firm, &both).await;
    assert_eq!(
        lines(&told.nodes),
        [
            "- AND",
            "  + SEGMENT segment:\"segments/active\" Active ones",
            "    + AND",
            "      + 1 lifecycle = ACTIVE [ACTIVE]",
            "      + NOT",
            "        - 2 kind = INDIVIDUAL []",
            "  - NOT",
            "    + 3 segment:\"segments/guests\" [\"segments/guests\"]",
        ]
    );
    assert_eq!(told.flips, [3]);
    assert_eq!(
        told.filter,
        "segment:\"segments/active\" AND NOT segment:\"segments/guests\""
    );
}

async fn affiliations_are_told_as_a_whole(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    for (name, seniority) in [
        ("Mara Lind", Seniority::Vp),
        ("Ines Roth", Seniority::Owner),
    ] {
        let person = h.create(contact(name)).await;
        let job = pb::Affiliation {
            seniority: seniority.into(),
            ..affiliation(&person, &firm)
        };
        let job = h.create(job).await;
        if seniority == Seniority::Vp {
            h.add_role(claim(&job, BuyingRole::Champion)).await;
        }
    }
    let filter = "(affiliations.seniority = OWNER AND affiliations.buying_roles.role = CHAMPION)";
    let some = h.create(segment("Owners who champion", filter)).await;
    let told = explain(&h, &firm, &some).await;
    assert_eq!(
        (told.member, told.flips, told.nodes.len()),
        (false, vec![1], 1)
    );
    assert_eq!(told.nodes[0].text, filter);
    let mut values = told.nodes[0].values.clone();
    values.sort();
    let expected = [
        "seniority: OWNER; buying_roles.role: unset",
        "seniority: VP; buying_roles.role: CHAMPION",
    ];
    assert_eq!(values, expected);
}

async fn times_are_those_of_the_server(h: Harness) {
    let firm = h.create(active("Ferrum AG")).await;
    let talk = pb::Conversation {
        start_time: Some(clock::timestamp(START - DAY)),
        ..conversation(&firm, 0)
    };
    h.create(talk).await;
    let some = h
        .create(segment(
            "Quiet ones",
            "NOT last_conversation.start_time >= ago(\"30d\")",
        ))
        .await;
    let told = explain(&h, &firm, &some).await;
    let of_talk = "last_conversation.start_time >= ago(\"30d\") [\"2026-11-21T10:00:00Z\"]";
    assert_eq!(
        lines(&told.nodes),
        ["- NOT".to_owned(), format!("  + 1 {of_talk}")]
    );
    assert_eq!((told.member, told.flips), (false, vec![1]));
    h.advance(30 * DAY);
    let told = explain(&h, &firm, &some).await;
    assert_eq!(
        lines(&told.nodes),
        ["+ NOT".to_owned(), format!("  - 1 {of_talk}")]
    );
    assert_eq!(
        (told.member, told.evaluate_time),
        (true, Some(clock::timestamp(START + 30 * DAY)))
    );
}

async fn every_affiliation_counts_however_many(h: Harness) {
    let (firm, person) = (
        h.create(customer("Ferrum AG")).await,
        h.create(contact("Mara Lind")).await,
    );
    for i in 0..500 {
        h.create_as(&format!("a-{i:03}"), affiliation(&person, &firm))
            .await;
    }
    let last = pb::Affiliation {
        job_title: "Owner".to_owned(),
        ..affiliation(&person, &firm)
    };
    h.create_as("z", last).await;
    let some = h
        .create(segment("Owned", "affiliations.job_title = \"Owner\""))
        .await;
    let told = explain(&h, &firm, &some).await;
    assert_eq!(
        lines(&told.nodes),
        ["+ 1 affiliations.job_title = \"Owner\" [\"Owner\"]"]
    );
    let profile = crate::conformance::relationship::profile::profile(&h, &firm.name).await;
    assert_eq!(
        (
            profile.people.len(),
            profile.more_people,
            profile.memberships.len()
        ),
        (500, true, 1)
    );
}

async fn of_many_values_ten_are_told_and_that_there_are_more(h: Harness) {
    let some = h.create(segment("Tagged", "tags:\"t10\"")).await;
    for (n, more) in [(10, false), (11, true)] {
        let tags: Vec<String> = (10..10 + n).map(|i| format!("t{i}")).collect();
        let told = explain(
            &h,
            &h.create(pb::Customer {
                tags,
                ..customer("x")
            })
            .await,
            &some,
        )
        .await;
        assert_eq!(
            (
                told.nodes[0].values.len(),
                told.nodes[0].more_values,
                told.member
            ),
            (10, more, true)
        );
    }
}

/// No value means unset, which an empty list is not.
async fn an_empty_list_is_told_as_set(h: Harness) {
    let empty = attributes(&[("l", Kind::ListValue(ListValue::default()))]);
    let firm = h
        .create(pb::Customer {
            attributes: empty,
            ..customer("x")
        })
        .await;
    let some = h.create(segment("Set", "attributes.l:*")).await;
    assert_eq!(
        lines(&explain(&h, &firm, &some).await.nodes),
        ["+ 1 attributes.l:* [*]"]
    );
}

async fn an_explanation_agrees_with_the_list(h: Harness) {
    let filters = [
        "business.employee_count >= 50",
        "NOT business.employee_count >= 50",
        "lifecycle = ACTIVE OR business:*",
        "tags:\"a\" AND NOT tags:\"b\"",
        "segment:\"segments/s0\" OR segment:\"segments/s3\"",
    ];
    let mut firms = Vec::new();
    for i in 0..12 {
        let business = Business {
            employee_count: Some(20 * i),
            ..Default::default()
        };
        let firm = pb::Customer {
            business: (i % 3 != 0).then_some(business),
            lifecycle: if i % 2 == 0 {
                Lifecycle::Active.into()
            } else {
                0
            },
            tags: ["a", "b"]
                .iter()
                .take(usize::try_from(i % 3).unwrap())
                .map(|&tag| tag.to_owned())
                .collect(),
            ..customer(&format!("firm {i}"))
        };
        firms.push(h.create(firm).await);
    }
    for (i, filter) in filters.iter().enumerate() {
        let some = h
            .create_as(&format!("s{i}"), segment(&format!("S{i}"), filter))
            .await;
        let members = h
            .names::<pb::Customer>(&format!("segment:\"{}\"", some.name))
            .await;
        assert!(
            !members.is_empty() && members.len() < firms.len(),
            "{filter}"
        );
        for firm in &firms {
            let told = explain(&h, firm, &some).await;
            assert_eq!(
                told.member,
                members.contains(&firm.name),
                "{filter} of {firm:?}"
            );
            assert_eq!(told.nodes[0].holds, told.member);
            assert_eq!(told.flips.is_empty(), told.member);
        }
    }
}

async fn any_key_names_the_customer(h: Harness) {
    let business = Business {
        domains: vec!["ferrum.example".to_owned()],
        ..Default::default()
    };
    let firm = h
        .create(pb::Customer {
            business: Some(business),
            ..customer("Ferrum AG")
        })
        .await;
    let some = h.create(segment("All", "display_name:*")).await;
    for key in [
        by_name(&firm.name),
        by_domain("ferrum.example"),
        by_email("who@ferrum.example"),
    ] {
        assert_eq!(done(ask(&h, key, &some.name).await).customer, firm.name);
    }
    h.create(pb::Customer {
        business: firm.business.clone(),
        ..customer("Twin")
    })
    .await;
    refused(ask(&h, by_domain("ferrum.example"), &some.name).await)
        .is(Code::FailedPrecondition, "KEY_AMBIGUOUS");
}

async fn what_cannot_be_explained_is_refused(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let some = h.create(segment("All", "display_name:*")).await;
    refused(ask(&h, None, "").await).names("FIELD_INVALID", &["customer", "segment"]);
    refused(ask(&h, by_name(&firm.name), "customers/x").await).names("FIELD_INVALID", &["segment"]);
    let refusal = refused(ask(&h, by_name("customers/nobody"), &some.name).await);
    refusal
        .is(Code::NotFound, "RESOURCE_NOT_FOUND")
        .about("customers/nobody");
    refused(ask(&h, by_domain("nobody.example"), &some.name).await)
        .is(Code::NotFound, "RESOURCE_NOT_FOUND");
    let refusal = refused(ask(&h, by_name(&firm.name), "segments/none").await);
    refusal
        .is(Code::NotFound, "RESOURCE_NOT_FOUND")
        .about("segments/none");
    h.delete::<pb::Segment>(&some.name).await;
    let refusal = refused(ask(&h, by_name(&firm.name), &some.name).await);
    refusal
        .is(Code::FailedPrecondition, "RESOURCE_DELETED")
        .about(&some.name);
    let other = h.create(segment("All", "display_name:*")).await;
    h.delete::<pb::Customer>(&firm.name).await;
    let refusal = refused(ask(&h, by_name(&firm.name), &other.name).await);
    refusal
        .is(Code::FailedPrecondition, "RESOURCE_DELETED")
        .about(&firm.name);
}
