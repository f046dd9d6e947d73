//! Answers about segments and personas that would be too large to send: refused, or cut into pages where possible.

use clientele::pb;
use clientele::pb::match_personas_request::Record;
use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value};
use tonic::Code;

use super::explanation::ask;
use crate::harness::Harness;
use crate::harness::answer::{Refusal, done, refused};
use crate::harness::builders::{attributes, customer};
use crate::harness::keys::by_name;
use crate::harness::paging::all_pages;
use crate::harness::records::{persona, segment};

conformance! {
    an_explanation_too_large_to_send_is_refused,
    personas_with_long_explanations_come_in_short_pages,
    a_comparison_too_large_to_send_is_refused,
    a_preview_shows_as_many_customers_as_can_be_sent,
}

fn is_too_large(refusal: Refusal) {
    refusal
        .is(Code::ResourceExhausted, "RESPONSE_TOO_LARGE")
        .tells("limit", "3670016");
}

fn list(values: impl Iterator<Item = String>) -> Kind {
    Kind::ListValue(ListValue {
        values: values
            .map(|text| Value {
                kind: Some(Kind::StringValue(text)),
            })
            .collect(),
    })
}

/// Makes a customer of whom `segment:"segments/long"` has half a megabyte to tell: 63 times ten values of 800 bytes.
async fn told_at_length(h: &Harness) -> pb::Customer {
    h.create_as(
        "long",
        segment("Long", &["attributes.l:*"; 63].join(" OR ")),
    )
    .await;
    let long = attributes(&[(
        "l",
        list((0..10).map(|i| format!("{i}{}", "𝄞".repeat(200)))),
    )]);
    h.create(pb::Customer {
        attributes: long,
        ..customer("x")
    })
    .await
}

/// Returns a filter that names the segment `n` times.
fn long(n: usize) -> String {
    vec!["segment:\"segments/long\""; n].join(" AND ")
}

async fn an_explanation_too_large_to_send_is_refused(h: Harness) {
    let firm = told_at_length(&h).await;
    let large = h.create(segment("Large", &long(6))).await;
    assert_eq!(
        done(ask(&h, by_name(&firm.name), &large.name).await)
            .nodes
            .len(),
        1 + 6 * 65
    );
    let larger = h.create(segment("Larger", &long(8))).await;
    is_too_large(refused(ask(&h, by_name(&firm.name), &larger.name).await));
}

async fn personas_with_long_explanations_come_in_short_pages(h: Harness) {
    let firm = told_at_length(&h).await;
    let tied = |name: &str, n: usize| pb::Persona {
        match_filter: long(n),
        ..persona(name)
    };
    for name in ["A", "B", "C", "D", "E"] {
        h.create(tied(name, 2)).await;
    }
    let request = pb::MatchPersonasRequest {
        record: by_name(&firm.name).map(Record::Customer),
        ..Default::default()
    };
    let pages = all_pages(async |page_token| {
        let page = pb::MatchPersonasRequest {
            page_token,
            ..request.clone()
        };
        let page = done(h.personas.clone().match_personas(page).await);
        (
            vec![
                page.persona_matches
                    .into_iter()
                    .map(|found| found.persona_display_name)
                    .collect::<String>(),
            ],
            page.next_page_token,
        )
    });
    assert_eq!(pages.await, ["ABC", "DE"]);
    // One that is too large by itself fits on no page.
    h.create(tied("0", 8)).await;
    is_too_large(refused(h.personas.clone().match_personas(request).await));
}

/// Names of fields are long, and stand beside every value that is shared.
async fn a_comparison_too_large_to_send_is_refused(h: Harness) {
    let group = "k".repeat(4000);
    let listed = || Value {
        kind: Some(list((10..60).map(|i| i.to_string()))),
    };
    let fields = (10..30).map(|i| (format!("l{i}"), listed())).collect();
    let inner = attributes(&[(&group, Kind::StructValue(Struct { fields }))]);
    for _ in 0..10 {
        h.create(pb::Customer {
            attributes: inner.clone(),
            ..customer("x")
        })
        .await;
    }
    let all = h.create(segment("All", "display_name:*")).await.name;
    let asked: Vec<String> = (10..30)
        .map(|i| format!("attributes.{group}.l{i}"))
        .collect();
    let request = |n: usize| pb::DescribeSegmentRequest {
        segment: all.clone(),
        fields: asked[..n].to_vec(),
    };
    let some = done(h.segments.clone().describe_segment(request(10)).await);
    assert_eq!(some.shared_traits.len(), 10 * 50);
    is_too_large(refused(
        h.segments.clone().describe_segment(request(20)).await,
    ));
}

async fn a_preview_shows_as_many_customers_as_can_be_sent(h: Harness) {
    let (about, needs) = ("x".repeat(60_000), vec!["x".repeat(1000); 40]);
    for _ in 0..50 {
        h.create(pb::Customer {
            about: about.clone(),
            needs: needs.clone(),
            ..customer("x")
        })
        .await;
    }
    let filter = "display_name = \"x\"".to_owned();
    let request = pb::PreviewSegmentRequest {
        filter,
        limit: 50,
        ..Default::default()
    };
    let told = done(h.segments.clone().preview_segment(request).await);
    // Each has 100 kB and something, and 3 670 016 bytes are sent.
    assert_eq!((told.customers.len(), told.member_count), (36, 50));
}
