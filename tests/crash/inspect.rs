//! What the files say, past the service: integrity, and revisions without gaps.

use std::fs;
use std::path::Path;

use sqlx::{Connection, PgConnection, Row, SqliteConnection};

/// Distinct revisions, the last of them, the tenant's own; and changes whose record, as it became, is not in history.
const REVISIONS: &str = "select cast(count(distinct revision) as bigint), cast(coalesce(max(revision), 0) as bigint),
    (select revision from tenants where id = 'default'),
    (select count(*) from changes where not exists (select 1 from history where history.tenant_id = changes.tenant_id
        and history.name = changes.name and history.revision = changes.revision))
from changes where tenant_id = 'default'";

/// Checks a copy of a file that no process has open. A copy, because opening it would repair what a crash left.
pub async fn sqlite(file: &Path) {
    let copies = tempfile::tempdir().unwrap();
    let copy = copies.path().join("copy.db");
    for suffix in ["", "-wal"] {
        let from = format!("{}{suffix}", file.display());
        if fs::exists(&from).unwrap() {
            fs::copy(from, format!("{}{suffix}", copy.display())).unwrap();
        }
    }
    let mut conn = SqliteConnection::connect(&format!("sqlite://{}", copy.display()))
        .await
        .unwrap();
    let integrity: String = sqlx::query_scalar("pragma integrity_check")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert_eq!(integrity, "ok");
    let row = sqlx::query(REVISIONS).fetch_one(&mut conn).await.unwrap();
    check([row.get(0), row.get(1), row.get(2), row.get(3)]);
    conn.close().await.unwrap();
}

/// Checks a database of a running server.
pub async fn postgres(url: &str) {
    let mut conn = PgConnection::connect(url).await.unwrap();
    let row = sqlx::query(REVISIONS).fetch_one(&mut conn).await.unwrap();
    check([row.get(0), row.get(1), row.get(2), row.get(3)]);
    conn.close().await.unwrap();
}

/// Returns how many sessions of the service are in a transaction and do nothing.
pub async fn n_idle_in_transaction(url: &str) -> i64 {
    let mut conn = PgConnection::connect(url).await.unwrap();
    let query = "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in%'";
    let n_idle = sqlx::query_scalar(query)
        .fetch_one(&mut conn)
        .await
        .unwrap();
    conn.close().await.unwrap();
    n_idle
}

fn check([n_distinct, last, of_tenant, n_half]: [i64; 4]) {
    assert_eq!(
        n_distinct, last,
        "{n_distinct} revisions up to {last}: there are gaps"
    );
    assert_eq!(
        last, of_tenant,
        "the tenant stands at {of_tenant}, its changes at {last}"
    );
    assert_eq!(
        n_half, 0,
        "changes without their history: half a unit was kept"
    );
}
