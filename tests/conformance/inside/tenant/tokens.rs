//! Tokens of pages are of one tenant.

use super::*;

conformance! {
    tokens_are_bound_to_the_tenant,
    tokens_of_pages_are_bound_to_the_tenant,
}

/// Theirs and ours have a customer of the same name.
async fn tokens_are_bound_to_the_tenant(h: Harness) {
    two_tenants(&h).await;
    let customer = by_name("customers/w");
    let request = pb::ListCustomerSegmentsRequest {
        customer: customer.clone(),
        page_size: 1,
        ..Default::default()
    };
    let page_token = done(
        h.segments
            .clone()
            .list_customer_segments(request.clone())
            .await,
    )
    .next_page_token;
    let next = pb::ListCustomerSegmentsRequest {
        page_token,
        ..request
    };
    let segments = Segments { db: h.db().clone() };
    let refusal = refused(segments.list_customer_segments(as_other(next)).await);
    refusal.names("PAGE_TOKEN_MISMATCH", &["page_token"]);
    h.create_as(
        "second",
        pb::Persona {
            match_filter: "lifecycle = ACTIVE".to_owned(),
            ..persona("Second")
        },
    )
    .await;
    let record = customer.map(pb::match_personas_request::Record::Customer);
    let request = pb::MatchPersonasRequest {
        record,
        page_size: 1,
        ..Default::default()
    };
    let page_token = done(h.personas.clone().match_personas(request.clone()).await).next_page_token;
    let next = pb::MatchPersonasRequest {
        page_token,
        ..request
    };
    let refusal = refused(
        Personas { db: h.db().clone() }
            .match_personas(as_other(next))
            .await,
    );
    refusal.names("PAGE_TOKEN_MISMATCH", &["page_token"]);
}

async fn tokens_of_pages_are_bound_to_the_tenant(h: Harness) {
    two_tenants(&h).await;
    macro_rules! is_bound {
        ($client:expr, $service:expr, $function:ident, $request:expr) => {{
            let request = $request;
            let page_token = done($client.clone().$function(request.clone()).await).next_page_token;
            assert_ne!(page_token, "");
            let mut next = request;
            next.page_token = page_token;
            let refusal = refused($service.$function(as_other(next)).await);
            refusal.names("PAGE_TOKEN_MISMATCH", &["page_token"]);
        }};
    }
    let db = || h.db().clone();
    let list = pb::ListCustomersRequest {
        page_size: 1,
        ..Default::default()
    };
    is_bound!(h.customers, Customers { db: db() }, list_customers, list);
    h.create_as("all", segment("All", "display_name:*")).await;
    let members = pb::ListSegmentMembersRequest {
        segment: "segments/all".to_owned(),
        page_size: 1,
        ..Default::default()
    };
    is_bound!(
        h.segments,
        Segments { db: db() },
        list_segment_members,
        members
    );
    let deciders = pb::ListDecisionMakersRequest {
        page_size: 1,
        ..Default::default()
    };
    is_bound!(
        h.relationships,
        Relationships { db: db() },
        list_decision_makers,
        deciders
    );
    let w = h.get::<pb::Customer>("customers/w").await;
    h.update(
        pb::Customer {
            about: "new".to_owned(),
            ..w
        },
        &["about"],
    )
    .await;
    let revisions = pb::ListRevisionsRequest {
        name: "customers/w".to_owned(),
        page_size: 1,
        ..Default::default()
    };
    is_bound!(h.history, Histories { db: db() }, list_revisions, revisions);
}

/// Asks as the other tenant, past the credentials.
fn as_other<M>(message: M) -> tonic::Request<M> {
    let mut request = tonic::Request::new(message);
    request
        .extensions_mut()
        .insert(TenantScope::new("other", "local"));
    request
}
