//! What callers hold outlives the process: page tokens and request ids, which are sealed and hashed with the secret of
//! the store.

use clientele::pb;

use super::Place;
use super::load::create;
use crate::harness::answer::{done, whole};
use crate::harness::engine::Engine;

#[tokio::test(flavor = "multi_thread")]
async fn tokens_and_request_ids_outlive_a_restart_on_sqlite() {
    survive_a_restart(Place::on(Engine::Sqlite).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_and_request_ids_outlive_a_restart_on_postgres() {
    survive_a_restart(Place::on(Engine::Postgres).await).await;
}

async fn survive_a_restart(mut place: Place) {
    let list = |page_token| pb::ListCustomersRequest {
        page_size: 1,
        page_token,
        ..Default::default()
    };
    let request = |id: &str| pb::CreateCustomerRequest {
        request_id: format!("request-{id}"),
        ..create(id)
    };
    let mut client = place.serve().customers();
    let first = whole(client.create_customer(request("a")).await);
    let second = whole(client.create_customer(request("b")).await);
    let page = done(client.list_customers(list(String::new())).await);
    assert_eq!(page.customers, std::slice::from_ref(&first.message));

    place.kill();
    place.restart();
    let mut client = place.serve().customers();
    let next = done(client.list_customers(list(page.next_page_token)).await);
    assert_eq!(
        (next.customers, next.next_page_token.as_str()),
        (vec![second.message], "")
    );
    let again = whole(client.create_customer(request("a")).await);
    assert!(again.replayed);
    assert_eq!(
        (again.message, again.revision),
        (first.message, first.revision)
    );
    place.remove().await;
}
