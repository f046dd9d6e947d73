//! Every question there is, about a world that has something of each kind: for the tests that ask them all.

use std::pin::Pin;

use clientele::name::Kind;
use clientele::pb;
use clientele::pb::affiliation::BuyingRole;
use clientele::pb::get_briefing_request::Record;
use tonic::Status;

use super::Harness;
use super::answer::Answer;
use super::builders::{affiliation, claim, contact, customer, email, external_id, map, phone};
use super::call::capitalized;
use super::keys::{by_domain, by_email, by_external_id, by_name, by_text, person_by};
use super::records::{conversation, listed, note, persona, promise, segment};
use super::standard::{List, Standard};

/// Customers with all that belongs to them.
pub const FIRMS: usize = 5;

/// One call, not begun yet.
pub struct Question {
    /// The name of the method.
    pub method: String,
    /// The call.
    pub ask: Pin<Box<dyn Future<Output = Result<(), Status>>>>,
}

/// Firms with a person who works there, and all else that there is of both.
pub async fn world(h: &Harness) -> Vec<(pb::Customer, pb::Contact)> {
    let mia = h.as_colleague("mia").await;
    let mut firms = Vec::new();
    for i in 0..FIRMS {
        let (firm, person) = one_firm(h, &mia, i).await;
        named_by_segments(h, &firm, i).await;
        firms.push((firm, person));
    }
    h.create_as(
        "jo",
        pb::Colleague {
            display_name: "Jo".to_owned(),
            ..Default::default()
        },
    )
    .await;
    firms
}

/// A firm, a person who works and decides there, and what was said and promised.
async fn one_firm(h: &Harness, mia: &Harness, i: usize) -> (pb::Customer, pb::Contact) {
    let firm = pb::Customer {
        external_ids: vec![external_id("crm", &i.to_string())],
        labels: map(&[("tier", &i.to_string())]),
        emails: vec![email(&format!("office@firm{i}.example"))],
        phone_numbers: vec![phone(&format!("+43 732 70{i}70"))],
        business: Some(pb::customer::Business {
            domains: vec![format!("firm{i}.example")],
            ..Default::default()
        }),
        ..customer(&format!("Firm {i}"))
    };
    let firm = h.create_as(&format!("f{i}"), firm).await;
    let person = pb::Contact {
        emails: vec![email(&format!("ann{i}@firm{i}.example"))],
        ..contact(&format!("Ann {i}"))
    };
    let person = h.create_as(&format!("p{i}"), person).await;
    let job = h
        .create_as(&format!("j{i}"), affiliation(&person, &firm))
        .await;
    let talk = pb::Conversation {
        contacts: vec![person.name.clone()],
        ..conversation(&firm, 7)
    };
    let talk = mia.create_as(&format!("t{i}"), talk).await;
    let claim = pb::AddBuyingRoleRequest {
        source: talk.name.clone(),
        ..claim(&job, BuyingRole::DecisionMaker)
    };
    h.add_role(claim).await;
    h.create_as(
        &format!("o{i}"),
        pb::Promise {
            conversation: talk.name,
            ..promise(&firm, "x")
        },
    )
    .await;
    h.create_as(&format!("n{i}"), note(&person.name, "x")).await;
    (firm, person)
}

/// Segments and a persona that name each other and the firm.
async fn named_by_segments(h: &Harness, firm: &pb::Customer, i: usize) {
    h.create_as(
        &format!("a{i}"),
        segment(
            "A",
            "affiliations.job_title = \"CFO\" OR labels.tier = \"1\"",
        ),
    )
    .await;
    h.create_as(
        &format!("s{i}"),
        segment(
            "S",
            &format!("segment:\"segments/a{i}\" OR lifecycle = ACTIVE"),
        ),
    )
    .await;
    h.create_as(&format!("l{i}"), listed("L", &[firm])).await;
    let typical = pb::Persona {
        match_filter: format!("segment:\"segments/l{i}\""),
        ..persona("P")
    };
    h.create_as(&format!("c{i}"), typical).await;
}

/// Returns the methods that only read, by the beginnings of their names.
pub fn methods_that_read() -> Vec<String> {
    const VERBS: [&str; 11] = [
        "Get", "BatchGet", "List", "LookUp", "Check", "Count", "Explain", "Preview", "Compare",
        "Describe", "Match",
    ];
    let services = clientele::descriptors::pool().services();
    let methods: Vec<String> = services
        .flat_map(|service| {
            service
                .methods()
                .map(|method| method.name().to_owned())
                .collect::<Vec<_>>()
        })
        .collect();
    methods
        .into_iter()
        .filter(|method| VERBS.iter().any(|verb| method.starts_with(verb)))
        .collect()
}

/// Returns all questions, with the values of round `i`.
pub fn all(h: &Harness, i: usize) -> Vec<Question> {
    let mut questions = Vec::new();
    of_resource::<pb::Customer>(h, "f", i, &mut questions);
    of_resource::<pb::Contact>(h, "p", i, &mut questions);
    of_resource::<pb::Affiliation>(h, "j", i, &mut questions);
    of_resource::<pb::Colleague>(h, "m", i, &mut questions);
    of_resource::<pb::Conversation>(h, "t", i, &mut questions);
    of_resource::<pb::Promise>(h, "o", i, &mut questions);
    of_resource::<pb::Note>(h, "n", i, &mut questions);
    of_resource::<pb::Persona>(h, "c", i, &mut questions);
    of_resource::<pb::Segment>(h, "s", i, &mut questions);
    of_relationships(h, i, &mut questions);
    of_tenant(h, &mut questions);
    of_segments(h, i, &mut questions);
    questions
}

fn question(
    method: impl Into<String>,
    ask: impl Future<Output = Result<(), Status>> + 'static,
) -> Question {
    Question {
        method: method.into(),
        ask: Box::pin(ask),
    }
}

/// Adds a call to the questions: the client, its function, the request.
macro_rules! ask {
    ($questions:expr, $client:expr, $function:ident, $request:expr) => {{
        let (mut client, request) = ($client.clone(), $request);
        let call = async move { client.$function(request).await.map(drop) };
        $questions.push(question(method(stringify!($function)), call));
    }};
}

/// Returns a method as the API names it: `GetProfile` for `get_profile`.
fn method(function: &str) -> String {
    let words = function.split('_');
    words.map(capitalized).collect()
}

fn of_resource<R: Standard>(h: &Harness, prefix: &str, i: usize, questions: &mut Vec<Question>) {
    let at = i % FIRMS;
    let collection = R::KIND.collection();
    let name = if prefix == "m" {
        "colleagues/mia".to_owned()
    } else {
        format!("{collection}/{prefix}{at}")
    };
    let one = R::KIND.resource_type().rsplit('/').next().unwrap();
    let many = capitalized(collection);
    let (caller, own) = (h.clone(), name.clone());
    questions.push(question(format!("Get{one}"), async move {
        R::get(&caller, &own, None).await.map(drop)
    }));
    let (caller, own) = (h.clone(), name.clone());
    let ask = async move { R::batch_get(&caller, vec![own], None).await.map(drop) };
    questions.push(question(format!("BatchGet{many}"), ask));
    let mut filters = vec![
        format!("name = \"{name}\""),
        format!("labels.tier = \"{i}\" AND create_time < now()"),
        String::new(),
    ];
    if R::KIND == Kind::Conversation {
        let (state, visibility) = (
            ["HELD", "PLANNED", "CANCELLED"][i % 3],
            ["PRIVATE", "EVERYONE"][i % 2],
        );
        filters.push(format!("state = {state} AND visibility != {visibility}"));
    }
    if R::KIND == Kind::Customer {
        filters.push(format!(
            "segment:\"segments/s{at}\" AND affiliations.job_title:\"{i}\""
        ));
    }
    for filter in filters {
        let list = List {
            filter,
            page_size: 2,
            ..Default::default()
        };
        questions.push(question(
            format!("List{many}"),
            two_pages::<R>(h.clone(), list),
        ));
    }
    let list = pb::ListRevisionsRequest {
        name: name.clone(),
        ..Default::default()
    };
    ask!(questions, h.history, list_revisions, list);
    let newest = pb::GetRevisionRequest {
        name,
        revision: 1_000_000,
    };
    ask!(questions, h.history, get_revision, newest);
}

async fn two_pages<R: Standard>(h: Harness, list: List) -> Result<(), Status> {
    let first: Answer<(Vec<R>, String)> = R::list(&h, list.clone()).await;
    let (_, page_token) = first?.into_inner();
    if !page_token.is_empty() {
        R::list(&h, List { page_token, ..list }).await?;
    }
    Ok(())
}

fn of_tenant(h: &Harness, questions: &mut Vec<Question>) {
    let settings = pb::GetTenantSettingsRequest {};
    ask!(questions, h.tenants, get_tenant_settings, settings);
    let keys = pb::ListApiKeysRequest::default();
    ask!(questions, h.api_keys, list_api_keys, keys);
}

fn of_relationships(h: &Harness, i: usize, questions: &mut Vec<Question>) {
    let (at, client) = (i % FIRMS, &h.relationships);
    let keys = [
        by_name(&format!("customers/f{at}")),
        by_external_id("crm", &at.to_string()),
        by_domain(&format!("firm{at}.example")),
        by_email(&format!("ann{at}@firm{at}.example")),
        by_text(&format!("Firm {at}")),
        by_text(&format!("0732 70{at}70")),
    ];
    for key in &keys {
        let key = || key.clone();
        ask!(
            questions,
            client,
            get_profile,
            pb::GetProfileRequest {
                customer: key(),
                read_mask: None
            }
        );
        let deciders = pb::GetDecisionMakersRequest {
            customer: key(),
            ..Default::default()
        };
        ask!(questions, client, get_decision_makers, deciders);
    }
    let all = pb::BatchGetProfilesRequest {
        customers: keys.iter().flatten().cloned().collect(),
        read_mask: None,
    };
    ask!(questions, client, batch_get_profiles, all);
    let of_segment = pb::ListDecisionMakersRequest {
        segment: format!("segments/s{at}"),
        page_size: 2,
        ..Default::default()
    };
    ask!(questions, client, list_decision_makers, of_segment);
    let person = pb::contact_key::Key::Name(format!("contacts/p{at}"));
    for record in [
        Record::Customer(keys[0].clone().unwrap()),
        Record::Contact(person_by(person)),
    ] {
        let request = pb::GetBriefingRequest {
            record: Some(record),
            ..Default::default()
        };
        ask!(
            questions,
            h.acting("colleagues/mia").relationships,
            get_briefing,
            request
        );
    }
    let look_up = pb::LookUpRequest {
        text: format!("Firm {at}"),
        ..Default::default()
    };
    ask!(questions, client, look_up, look_up);
}

fn of_segments(h: &Harness, i: usize, questions: &mut Vec<Question>) {
    let (at, client) = (i % FIRMS, &h.segments);
    let customer = || by_name(&format!("customers/f{at}"));
    for segment in ["s", "l"].map(|prefix| format!("segments/{prefix}{at}")) {
        let segment = || segment.clone();
        let list = pb::ListSegmentMembersRequest {
            segment: segment(),
            page_size: 2,
            ..Default::default()
        };
        ask!(questions, client, list_segment_members, list);
        let count = pb::CountSegmentMembersRequest { segment: segment() };
        ask!(questions, client, count_segment_members, count);
        let customers = customer().into_iter().collect();
        let check = pb::CheckMembershipRequest {
            customers,
            segments: vec![segment()],
        };
        ask!(questions, client, check_membership, check);
        let explain = pb::ExplainMembershipRequest {
            customer: customer(),
            segment: segment(),
        };
        ask!(questions, client, explain_membership, explain);
    }
    let segments = pb::ListCustomerSegmentsRequest {
        customer: customer(),
        page_size: 2,
        ..Default::default()
    };
    ask!(questions, client, list_customer_segments, segments);
    let filter = format!("labels.tier = \"{i}\" OR affiliations.job_title = \"CFO\"");
    let preview = pb::PreviewSegmentRequest {
        filter,
        ..Default::default()
    };
    ask!(questions, client, preview_segment, preview);
    let (a, b) = (format!("segments/s{at}"), format!("segments/l{at}"));
    let fields = || vec!["lifecycle".to_owned()];
    let compare = pb::CompareSegmentsRequest {
        a: a.clone(),
        b,
        fields: fields(),
    };
    ask!(questions, client, compare_segments, compare);
    let describe = pb::DescribeSegmentRequest {
        segment: a,
        fields: fields(),
    };
    ask!(questions, client, describe_segment, describe);
    let record = customer().map(pb::match_personas_request::Record::Customer);
    let personas = pb::MatchPersonasRequest {
        record,
        ..Default::default()
    };
    ask!(questions, h.personas, match_personas, personas);
}
