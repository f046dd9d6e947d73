//! Many who write one record, or what belongs to it: they wait for each other where nobody else has to. On PostgreSQL:
//! in a file of SQLite one unit writes at a time, whatever it writes.

use clientele::pb;
use clientele::pb::conversation_service_client::ConversationServiceClient;
use clientele::pb::promise_service_client::PromiseServiceClient;
use clientele::pb::relationship_service_client::RelationshipServiceClient;
use clientele::store::engine::open::DatabaseUrl;
use futures_util::future::BoxFuture;
use prost_types::FieldMask;
use sqlx::{Connection, Executor, PgConnection};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::endless::count;
use crate::crash::load::{create, set};
use crate::crash::{Place, soon};
use crate::harness::builders::external_id;
use crate::harness::engine::Engine;
use crate::harness::keys::by_external_id;
use crate::harness::records::{conversation, promise};

/// Records that somebody else holds; fewer than a tenant has connections for writes.
const WANTED: [&str; 3] = ["wanted-0", "wanted-1", "wanted-2"];
/// Callers who write each of them: together more than all writes that may wait.
const N_WRITERS: u64 = 100;
/// Callers who write something that belongs to one of them, in each way; more than a tenant has connections.
const N_BELONGING: usize = 12;
/// What others write and read meanwhile.
const N_OTHERS: u64 = 50;
/// The connections that the writes of one tenant have at most.
const OF_TENANT: i64 = 4;

/// One write of the attack.
type Write = Box<dyn Fn() -> BoxFuture<'static, Result<(), Status>> + Send>;

/// Somebody holds the rows, so that whoever wants them has to wait.
#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_record_is_in_nobodys_way_on_postgres() {
    let place = Place::on(Engine::Postgres).await;
    let DatabaseUrl::Postgres(url) = &place.url else {
        unreachable!("it is a database of PostgreSQL")
    };
    let writes = wanting(&place).await;
    let mut holder = PgConnection::connect(url).await.unwrap();
    holder
        .execute("begin; select 1 from customers where name like 'customers/wanted-%' for update")
        .await
        .unwrap();
    let (release, held) = watch::channel(true);
    let mut writers = JoinSet::new();
    for write in writes {
        writers.spawn(until_written(write, held.clone()));
    }
    let all_wait = async { while n_waiting(url).await < 3 {} };
    soon("somebody waits for each row", all_wait).await;
    let mut client = place.serve().customers();
    for i in 0..N_OTHERS {
        let created = client.create_customer(create(&format!("other-{i}"))).await;
        let name = created.unwrap().into_inner().name;
        client.update_customer(set(&name, i)).await.unwrap();
        let get = pb::GetCustomerRequest {
            name,
            read_mask: None,
        };
        client.get_customer(get).await.unwrap();
        let n_waiting = n_waiting(url).await;
        assert!(
            n_waiting <= 3,
            "{n_waiting} connections wait for three rows"
        );
    }
    release.send(false).unwrap();
    holder.execute("rollback").await.unwrap();
    soon("all have written", writers.join_all()).await;
    place.remove().await;
}

/// Writes until it is done. A wait for a row ends after a time, and who is refused because too many wait comes back
/// when nobody has to.
async fn until_written(write: Write, mut held: watch::Receiver<bool>) {
    while let Err(refusal) = write().await {
        let reason = refusal.get_details_error_info().map(|info| info.reason);
        match reason.as_deref() {
            Some("OVERLOADED") => drop(held.wait_for(|is_held| !is_held).await.unwrap()),
            _ => assert!(
                [Code::Aborted, Code::DeadlineExceeded].contains(&refusal.code()),
                "{refusal:?}"
            ),
        }
    }
}

/// Makes the records, and returns writes that want them: that name them, that change what belongs to them, and that find
/// them by another key.
async fn wanting(place: &Place) -> Vec<Write> {
    let mut writes: Vec<Write> = Vec::new();
    for wanted in WANTED {
        let mut request = create(wanted);
        let customer = request.customer.as_mut().unwrap();
        customer.external_ids = vec![external_id("crm", wanted)];
        let made = place.serve().customers().create_customer(request).await;
        let made = made.unwrap().into_inner();
        for i in 0..N_WRITERS {
            let (channel, name) = (place.serve().channel(), made.name.clone());
            writes.push(Box::new(move || {
                let (mut client, request) = (customers(&channel), set(&name, i));
                Box::pin(async move { client.update_customer(request).await.map(drop) })
            }));
        }
        for _ in 0..N_BELONGING {
            belonging(place, &made, &mut writes).await;
        }
    }
    writes
}

fn customers(channel: &Channel) -> pb::customer_service_client::CustomerServiceClient<Channel> {
    pb::customer_service_client::CustomerServiceClient::new(channel.clone())
}

/// Adds writes of what belongs to a customer: an update, a deletion that finds it deleted, and a log.
async fn belonging(place: &Place, customer: &pb::Customer, writes: &mut Vec<Write>) {
    let channel = place.serve().channel();
    let create_promise = pb::CreatePromiseRequest {
        promise: Some(promise(customer, "call back")),
        ..Default::default()
    };
    let promises = PromiseServiceClient::new(channel.clone());
    let promised = promises.clone().create_promise(create_promise).await;
    let update = pb::UpdatePromiseRequest {
        promise: Some(pb::Promise {
            name: promised.unwrap().into_inner().name,
            text: "called back".to_owned(),
            ..Default::default()
        }),
        update_mask: Some(FieldMask {
            paths: vec!["text".to_owned()],
        }),
        ..Default::default()
    };
    writes.push(Box::new(move || {
        let (mut client, request) = (promises.clone(), update.clone());
        Box::pin(async move { client.update_promise(request).await.map(drop) })
    }));
    let create_conversation = pb::CreateConversationRequest {
        conversation: Some(conversation(customer, 3)),
        ..Default::default()
    };
    let conversations = ConversationServiceClient::new(channel.clone());
    let talk = conversations
        .clone()
        .create_conversation(create_conversation)
        .await;
    let delete = pb::DeleteConversationRequest {
        name: talk.unwrap().into_inner().name,
        allow_missing: true,
        ..Default::default()
    };
    writes.push(Box::new(move || {
        let (mut client, request) = (conversations.clone(), delete.clone());
        Box::pin(async move { client.delete_conversation(request).await.map(drop) })
    }));
    let id = &customer.external_ids[0].id;
    let log = pb::LogConversationRequest {
        customer: by_external_id("crm", id),
        conversation: Some(pb::Conversation::default()),
        ..Default::default()
    };
    let relationships = RelationshipServiceClient::new(channel);
    writes.push(Box::new(move || {
        let (mut client, request) = (relationships.clone(), log.clone());
        Box::pin(async move { client.log_conversation(request).await.map(drop) })
    }));
}

/// Somebody holds what every write of a tenant wants at its end: the tenant has not all of the connections for writes, and
/// reads have theirs.
#[tokio::test(flavor = "multi_thread")]
async fn the_writes_of_a_tenant_never_have_all_connections_on_postgres() {
    let place = Place::on(Engine::Postgres).await;
    let DatabaseUrl::Postgres(url) = &place.url else {
        unreachable!("it is a database of PostgreSQL")
    };
    let mut client = place.serve().customers();
    let made = client.create_customer(create("first")).await.unwrap();
    let mut holder = PgConnection::connect(url).await.unwrap();
    holder
        .execute("begin; select 1 from tenants for update")
        .await
        .unwrap();
    let mut writers = JoinSet::new();
    for i in 0..N_WRITERS {
        let mut client = place.serve().customers();
        writers.spawn(async move { client.create_customer(create(&format!("c{i}"))).await });
    }
    let all_wait = async { while n_waiting(url).await < OF_TENANT {} };
    soon("they wait for the tenant", all_wait).await;
    for _ in 0..N_OTHERS {
        let get = pb::GetCustomerRequest {
            name: made.get_ref().name.clone(),
            read_mask: None,
        };
        client.get_customer(get).await.unwrap();
        let n_waiting = n_waiting(url).await;
        assert!(n_waiting <= OF_TENANT, "{n_waiting} connections wait");
    }
    holder.execute("rollback").await.unwrap();
    soon("all are answered", writers.join_all()).await;
    place.remove().await;
}

async fn n_waiting(url: &str) -> i64 {
    let query = "select count(*) from pg_stat_activity where datname = current_database() \
                 and application_name = 'clientele' and wait_event_type = 'Lock'";
    count(url, query).await
}
