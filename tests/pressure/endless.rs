//! A store in which questions about affiliations never end, so that an attack needs no large data: what is there behaves
//! as a filter that looks at very many records.

use std::fs;

use clientele::pb;
use clientele::pb::affiliation_service_client::AffiliationServiceClient;
use clientele::pb::contact_service_client::ContactServiceClient;
use clientele::store::engine::open::DatabaseUrl;
use sqlx::{Connection, PgConnection};

use crate::crash::Place;
use crate::crash::load::create;
use crate::harness::engine::execute;

/// A filter on customers that finds the affiliation.
pub const FILTER: &str = "affiliations.job_title = \"CFO\"";

const ON_SQLITE: &str = "
    alter table affiliations rename to stored_affiliations;
    create view affiliations as select * from stored_affiliations where 0 < (
        with recursive n (i) as (select 1 union all select i + 1 from n) select count(*) from n
    )";
/// Longer than a statement may run.
const ON_POSTGRES: &str = "
    alter table affiliations rename to stored_affiliations;
    create view affiliations as select * from stored_affiliations where pg_sleep(600) is not null";
const AS_BEFORE: &str = "
    drop view affiliations;
    alter table stored_affiliations rename to affiliations";

/// Makes a customer, a person who works there, and all questions about that endless. Colleagues, who have no part in it,
/// are for those who ask something else.
pub async fn make(place: &Place) {
    let channel = place.serve().channel();
    let mut customers = place.serve().customers();
    let customer = customers.create_customer(create("firm")).await;
    let customer = customer.unwrap().into_inner().name;
    let contact = Some(pb::Contact {
        display_name: "Ann".to_owned(),
        ..Default::default()
    });
    let contact = pb::CreateContactRequest {
        contact,
        ..Default::default()
    };
    let contact = ContactServiceClient::new(channel.clone())
        .create_contact(contact)
        .await;
    let affiliation = Some(pb::Affiliation {
        customer,
        contact: contact.unwrap().into_inner().name,
        job_title: "CFO".to_owned(),
        ..Default::default()
    });
    let affiliation = pb::CreateAffiliationRequest {
        affiliation,
        ..Default::default()
    };
    let mut affiliations = AffiliationServiceClient::new(channel);
    affiliations.create_affiliation(affiliation).await.unwrap();
    let endless = match &place.url {
        DatabaseUrl::Sqlite(_) => ON_SQLITE,
        DatabaseUrl::Postgres(_) => ON_POSTGRES,
    };
    execute(&place.url, endless).await;
}

/// Makes them end again. On PostgreSQL this waits for those that run.
pub async fn unmake(place: &Place) {
    execute(&place.url, AS_BEFORE).await;
}

/// Says whether the engine runs a question: on SQLite by the threads of its connections, on PostgreSQL by its sessions.
pub async fn runs(place: &Place) -> bool {
    match &place.url {
        DatabaseUrl::Sqlite(_) => {
            let tasks = fs::read_dir(format!("/proc/{}/task", place.serve().process())).unwrap();
            let stats = tasks
                .flatten()
                .map(|task| fs::read_to_string(task.path().join("stat")));
            // The name of a thread in brackets, then its state: proc_pid_stat(5).
            stats
                .flatten()
                .any(|stat| stat.contains("(sqlx-sqlite") && stat.contains(") R "))
        }
        DatabaseUrl::Postgres(url) => {
            count(
                url,
                "select count(*) from pg_stat_activity where datname = current_database() \
                 and application_name = 'clientele' and state = 'active'",
            )
            .await
                > 0
        }
    }
}

/// Returns the one number that a query has.
pub async fn count(url: &str, query: &'static str) -> i64 {
    let mut conn = PgConnection::connect(url).await.unwrap();
    let n = sqlx::query_scalar(query)
        .fetch_one(&mut conn)
        .await
        .unwrap();
    conn.close().await.unwrap();
    n
}
