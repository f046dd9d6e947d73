//! Setting up a tenant: the operator's way to the row that everyone else only reads.
//!
//! Works beside a running server, whose next statement sees the change: on PostgreSQL as any client, on a SQLite file
//! through a connection of its own, without the hold that only the server has.

use std::path::Path;

use sqlx::Connection;

use crate::store::engine::open::{DatabaseUrl, OpenError, READ_VERSION, check_version};
use crate::store::engine::open_postgres::connect;
use crate::store::engine::open_sqlite::{cannot_open, connect_existing};

const SET_REGION: &str = "update tenants set region_code = $1 where id = $2";

/// Sets the region of a tenant, or none if it is empty. Fails if there is no such tenant.
pub async fn set_region(url: &DatabaseUrl, tenant: &str, region: &str) -> Result<(), OpenError> {
    let n_tenants = match url {
        DatabaseUrl::Sqlite(path) => set_in_file(path, tenant, region).await?,
        DatabaseUrl::Postgres(url) => {
            let pool = connect(url, 1).await?;
            let found: Option<i64> = sqlx::query_scalar(READ_VERSION)
                .fetch_optional(&pool)
                .await?;
            check_version(found, false)?;
            let set = sqlx::query(SET_REGION).bind(region).bind(tenant);
            set.execute(&pool).await?.rows_affected()
        }
    };
    if n_tenants == 0 {
        return Err(OpenError::new("there is no such tenant"));
    }
    Ok(())
}

async fn set_in_file(path: &Path, tenant: &str, region: &str) -> Result<u64, OpenError> {
    let cannot = |error: sqlx::Error| cannot_open(path, error);
    let mut conn = connect_existing(path).await?;
    let set = sqlx::query(SET_REGION).bind(region).bind(tenant);
    let set = set.execute(&mut conn).await.map_err(cannot)?;
    conn.close().await.map_err(cannot)?;
    Ok(set.rows_affected())
}
