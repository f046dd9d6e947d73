//! What PostgreSQL writes to its own log: of two who want the same id, no value of either.

use clientele::pb;
use clientele::store::engine::open::DatabaseUrl;
use futures_util::future::join_all;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::endless::count;
use crate::crash::{Place, soon};
use crate::harness::answer::refusal;
use crate::harness::engine::Engine;

/// Somebody else holds the id, but has not committed yet: so the service finds it free, and then waits for it.
#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_two_want_is_in_no_log_of_postgres() {
    let value = "mara.lind.4711@ferrum.example";
    let place = Place::on(Engine::Postgres).await;
    let DatabaseUrl::Postgres(url) = &place.url else {
        unreachable!("it is a database of PostgreSQL")
    };
    let mut holder = PgConnection::connect(url).await.unwrap();
    let of_external_id = format!(
        "begin; insert into keys (tenant_id, kind, field, key, value, name)
         values ('default', 'customers', 'external_ids', 'mail', '{value}', 'customers/other')"
    );
    let of_name = "begin; update customers set name = 'customers/mara-lind-4711' where name = 'customers/first'";
    let mut customers = place.serve().customers();
    customers
        .create_customer(wanting("x", "first"))
        .await
        .unwrap();
    for (held, id, reason) in [
        (of_external_id, "", "EXTERNAL_ID_EXISTS"),
        (of_name.to_owned(), "mara-lind-4711", "RESOURCE_EXISTS"),
    ] {
        holder.execute(AssertSqlSafe(held)).await.unwrap();
        let mut client = place.serve().customers();
        let request = wanting(if id.is_empty() { value } else { "y" }, id);
        let created = tokio::spawn(async move { client.create_customer(request).await });
        let waits = async { while n_waiting(url).await == 0 {} };
        soon("the create waits for the holder", waits).await;
        holder.execute("commit").await.unwrap();
        let status = created.await.unwrap().unwrap_err();
        assert_eq!(refusal(&status).reason, reason);
    }
    let log = log_of_server(&mut holder).await;
    assert!(
        !log.contains("mara.lind") && !log.contains("mara-lind"),
        "{log}"
    );
    place.remove().await;
}

fn wanting(value: &str, id: &str) -> pb::CreateCustomerRequest {
    let customer = pb::Customer {
        display_name: "Ferrum AG".to_owned(),
        external_ids: vec![pb::ExternalId {
            system: "mail".to_owned(),
            id: value.to_owned(),
        }],
        ..Default::default()
    };
    pb::CreateCustomerRequest {
        customer: Some(customer),
        customer_id: id.to_owned(),
        ..Default::default()
    }
}

/// Several callers at one time, each of whom finds the principal free.
#[tokio::test(flavor = "multi_thread")]
async fn a_principal_that_many_want_is_in_no_log_of_postgres() {
    let place = Place::on(Engine::Postgres).await;
    let DatabaseUrl::Postgres(url) = &place.url else {
        unreachable!("it is a database of PostgreSQL")
    };
    for round in 0..40 {
        let create = |i: usize| {
            let colleague = pb::Colleague {
                display_name: format!("Mia {i}"),
                principal: format!("mia.berg.{round}@ferrum.example"),
                ..Default::default()
            };
            let request = pb::CreateColleagueRequest {
                colleague: Some(colleague),
                ..Default::default()
            };
            let mut colleagues = place.serve().colleagues();
            async move { colleagues.create_colleague(request).await }
        };
        let made = join_all((0..4).map(create)).await;
        assert_eq!(made.iter().filter(|answer| answer.is_ok()).count(), 1);
    }
    let mut conn = PgConnection::connect(url).await.unwrap();
    let log = log_of_server(&mut conn).await;
    assert!(!log.contains("mia.berg"), "{log}");
    place.remove().await;
}

async fn n_waiting(url: &str) -> i64 {
    let query = "select count(*) from pg_stat_activity where datname = current_database() \
                 and application_name = 'clientele' and wait_event_type = 'Lock'";
    count(url, query).await
}

/// Returns what the server has logged, for all tests, once it has logged a value that it is made to log.
async fn log_of_server(conn: &mut PgConnection) -> String {
    let marker = format!("marker_{}", uuid::Uuid::now_v7().simple());
    let failing = AssertSqlSafe(format!("select {marker}"));
    conn.execute(failing).await.unwrap_err();
    let log = read_log(conn).await;
    assert!(log.contains(&marker), "the log is elsewhere");
    log
}

async fn read_log(conn: &mut PgConnection) -> String {
    let log = "select pg_read_file(current_setting('data_directory') || '/../log')";
    sqlx::query_scalar(log).fetch_one(conn).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_is_told_once_what_postgres_would_log() {
    let mut place = Place::on(Engine::Postgres).await;
    let DatabaseUrl::Postgres(url) = place.url.clone() else {
        unreachable!("it is a database of PostgreSQL")
    };
    let told = |place: &Place| {
        let log = place.serve().log();
        log.matches("alter system set log_error_verbosity = 'terse'; select pg_reload_conf()")
            .count()
    };
    soon("it is told", async {
        while told(&place) == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(told(&place), 1);
    let mut conn = PgConnection::connect(&url).await.unwrap();
    let database: String = sqlx::query_scalar("select current_database()")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    let terse = format!("alter database {database} set log_error_verbosity = 'terse'");
    conn.execute(AssertSqlSafe(terse)).await.unwrap();
    conn.close().await.unwrap();
    place.restart_with(("CLIENTELE_LOG", "info"));
    // Its log is read beside the test: once a call is in it, all that was said at the start is.
    let list = pb::ListCustomersRequest::default();
    place
        .serve()
        .customers()
        .list_customers(list)
        .await
        .unwrap();
    soon("the call is logged", async {
        while !place.serve().log().contains("ListCustomers") {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(told(&place), 0, "{}", place.serve().log());
    place.remove().await;
}
