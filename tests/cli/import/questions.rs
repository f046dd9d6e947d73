//! The questions about real firms: who decides, asked after an import.

use std::collections::BTreeMap;

use clientele::pb;
use clientele::pb::affiliation::Evidence;
use clientele::pb::decision_makers::gap::Type;
use clientele::pb::relationship_service_client::RelationshipServiceClient;

use super::samples::import;
use crate::cli::{Server, calls, data};
use crate::harness::engine::Engine;
use crate::harness::paging::all_pages;

#[test]
fn everybody_at_northwind_decides_or_might_on_sqlite() {
    everybody_at_northwind_decides_or_might(Engine::Sqlite);
}

#[test]
fn everybody_at_northwind_decides_or_might_on_postgres() {
    everybody_at_northwind_decides_or_might(Engine::Postgres);
}

fn everybody_at_northwind_decides_or_might(engine: Engine) {
    let Some(folder) = data("northwind") else {
        return;
    };
    let server = Server::start_on(engine, &[]);
    import(&server, &folder.join("customers.csv"), "northwind.toml");
    let answers = calls(all(&server));
    assert_eq!(answers.len(), 91);
    let (mut n_inferred, mut titles) = (0, BTreeMap::new());
    for answer in &answers {
        assert_eq!(
            answer.people.len() + answer.candidates.len(),
            1,
            "{}",
            answer.customer_display_name
        );
        let gaps: Vec<Type> = answer
            .gaps
            .iter()
            .map(pb::decision_makers::Gap::r#type)
            .collect();
        let none = [
            Type::NoDecisionMaker,
            Type::NoRecentConversation,
            Type::SingleThreaded,
        ];
        let inferred = [
            Type::OnlyInferred,
            Type::NotVerified,
            Type::NoRecentConversation,
            Type::SingleThreaded,
        ];
        match answer.people.first() {
            None => assert_eq!(gaps, none),
            Some(owner) => {
                assert_eq!(
                    (owner.evidence(), &gaps[..]),
                    (Evidence::Inferred, &inferred[..])
                );
                *titles
                    .entry(owner.positions[0].job_title.clone())
                    .or_insert(0) += 1;
                n_inferred += 1;
            }
        }
    }
    assert_eq!(n_inferred, 18);
    assert_eq!(
        titles,
        BTreeMap::from([
            ("Owner".to_owned(), 17),
            ("Owner/Marketing Assistant".to_owned(), 1)
        ])
    );
}

async fn all(server: &Server) -> Vec<pb::DecisionMakers> {
    let mut client = RelationshipServiceClient::connect(server.address.clone())
        .await
        .unwrap();
    all_pages(async |page_token| {
        let request = pb::ListDecisionMakersRequest {
            page_size: 40,
            page_token,
            ..Default::default()
        };
        let page = client
            .list_decision_makers(request)
            .await
            .unwrap()
            .into_inner();
        (page.decision_makers, page.next_page_token)
    })
    .await
}
