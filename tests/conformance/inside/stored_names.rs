//! Rows that were stored while fields of the API had other names: the migration gives them those of today.

use clientele::pb;
use clientele::pb::affiliation::BuyingRole;
use clientele::store::engine::open::DatabaseUrl;
use sqlx::Connection;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::refused;
use crate::harness::builders::{affiliation, claim, contact, customer, date};
use crate::harness::firm::at;
use crate::harness::standard::Standard;

conformance! {
    rows_of_earlier_names_read_as_before,
}

const MIGRATION: [&str; 2] = [
    include_str!("../../../migrations/sqlite/0017_api_names.sql"),
    include_str!("../../../migrations/postgres/0017_api_names.sql"),
];

/// Makes of all rows what an earlier version stored.
const EARLIER: &str = r#"
    alter table buying_roles rename column start_date to valid_from;
    alter table buying_roles rename column end_date to valid_until;
    update affiliations set buying_roles =
      replace(replace(buying_roles, '"start_date":', '"valid_from":'), '"end_date":', '"valid_until":');
    update customers set contact_permissions = replace(contact_permissions, '"record_time":', '"time":');
    update contacts set contact_permissions = replace(contact_permissions, '"record_time":', '"time":');"#;

async fn run(h: &Harness, [sqlite, postgres]: [&'static str; 2]) {
    match h.url() {
        DatabaseUrl::Sqlite(path) => {
            let url = format!("sqlite://{}", path.display());
            let mut conn = sqlx::SqliteConnection::connect(&url).await.unwrap();
            sqlx::raw_sql(sqlite).execute(&mut conn).await.unwrap();
        }
        DatabaseUrl::Postgres(url) => {
            let mut conn = sqlx::PgConnection::connect(&url).await.unwrap();
            sqlx::raw_sql(postgres).execute(&mut conn).await.unwrap();
        }
    }
}

/// A decision about being contacted whose texts look like the names of fields.
fn decided() -> Vec<pb::ContactPermission> {
    vec![pb::ContactPermission {
        status: pb::contact_permission::Status::Allowed.into(),
        record_time: at(1_600_000_000_000_000),
        purpose: "\"time\":".to_owned(),
        source: "{\"time\": 1, \\\"time\":2}".to_owned(),
        ..Default::default()
    }]
}

async fn rows_of_earlier_names_read_as_before(h: Harness) {
    let firm = h
        .create(pb::Customer {
            contact_permissions: decided(),
            ..customer("Ferrum AG")
        })
        .await;
    let person = h
        .create(pb::Contact {
            contact_permissions: decided(),
            ..contact("Mara")
        })
        .await;
    let job = h.create(affiliation(&person, &firm)).await;
    let job = h
        .add_role(pb::AddBuyingRoleRequest {
            scope: "the \"valid_from\":\"valid_until\": deal".to_owned(),
            start_date: date(2020, 1, 31),
            end_date: date(2999, 1, 1),
            ..claim(&job, BuyingRole::DecisionMaker)
        })
        .await;
    run(&h, [EARLIER; 2]).await;
    refused(pb::Customer::get(&h, &firm.name, None).await).is(Code::Internal, "INTERNAL");
    run(&h, MIGRATION).await;
    assert_eq!(h.get::<pb::Affiliation>(&job.name).await, job);
    let firm = h.get::<pb::Customer>(&firm.name).await;
    assert_eq!(firm.contact_permissions, decided());
    assert_eq!(firm.decision_maker_count, 1);
    let person = h.get::<pb::Contact>(&person.name).await;
    assert_eq!(person.contact_permissions, decided());
    for filter in [
        "affiliations.buying_roles.start_date = \"2020-01-31\"",
        "contact_permissions.record_time < now()",
    ] {
        assert_eq!(h.names::<pb::Customer>(filter).await, [firm.name.as_str()]);
    }
}
