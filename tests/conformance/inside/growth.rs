//! What was fast on a few records stays fast when many are added at once, before the engine has updated its statistics.

use clientele::pb;
use clientele::pb::affiliation::BuyingRole;
use clientele::store::engine::open::DatabaseUrl;
use clientele::store::record::resource::Resource;
use sqlx::{AssertSqlSafe, Connection, Executor};

use crate::harness::Harness;
use crate::harness::builders::claim;

conformance! {
    a_write_does_not_read_the_tenant_for_each_customer_of_it,
}

/// PostgreSQL makes the plan of a row lock while there is one customer, and keeps it.
async fn a_write_does_not_read_the_tenant_for_each_customer_of_it(h: Harness) {
    let (firm, _, job) = h.employed().await;
    for _ in 0..12 {
        h.add_role(claim(&job, BuyingRole::Champion)).await;
    }
    copy(&h, &firm, 20_000).await;
    // Where the plan is followed to the letter this takes minutes, and PostgreSQL cuts a statement after 30 s.
    let job = h.add_role(claim(&job, BuyingRole::DecisionMaker)).await;
    assert_eq!(job.buying_roles.len(), 13);
}

/// Stores so many customers like this one past the service, and keeps PostgreSQL from counting them.
async fn copy(h: &Harness, customer: &pb::Customer, n: usize) {
    let columns = pb::Customer::COLUMNS
        .iter()
        .map(|column| column.name)
        .filter(|column| *column != "name");
    let columns = columns.collect::<Vec<_>>().join(", ");
    let copy = format!(
        "insert into customers (tenant_id, deleted_with, folded, name, {columns}) \
         with recursive n(i) as (select 1 union all select i + 1 from n where i < {n}) \
         select tenant_id, deleted_with, folded, 'customers/copy-' || i, {columns} from n, customers where name = '{}'",
        customer.name
    );
    macro_rules! run {
        ($connection:ty, $url:expr, $($statement:expr),+) => {{
            let mut conn = <$connection>::connect(&$url).await.unwrap();
            $(conn.execute(AssertSqlSafe($statement)).await.unwrap();)+
            conn.close().await.unwrap();
        }};
    }
    let stay = "alter table customers set (autovacuum_enabled = false)".to_owned();
    match h.url() {
        DatabaseUrl::Sqlite(path) => run!(
            sqlx::SqliteConnection,
            format!("sqlite://{}", path.display()),
            copy
        ),
        DatabaseUrl::Postgres(url) => run!(sqlx::PgConnection, url, stay, copy),
    }
}
