//! The epoch of a store: what tells apart its history and one that was lost.
//!
//! A store that goes back to an earlier state, because it was restored or recovered, goes on from there in another way:
//! with the same revisions, for other changes. So it begins a new epoch, and tokens of before are invalid. Request ids
//! need no epoch: those of lost calls are lost with what they did, and those that are left are of calls whose effect is.

use std::path::Path;

use sqlx::{Connection, SqliteConnection};

use crate::store::engine::open::{
    DatabaseUrl, OpenError, READ_VERSION, check_version, random_bytes,
};
use crate::store::engine::open_postgres::connect;
use crate::store::engine::open_sqlite::{cannot_open, connect_file, version_of};
use crate::store::engine::place::{hold, place_of};

const BYTES: usize = 16;
const BEGIN: &str = "insert into secrets (name, value) values ('epoch', $1)
    on conflict (name) do update set value = excluded.value";
/// The servers of this database; all see who is connected, whoever they are themselves.
const SERVERS: &str = "select count(*) from pg_stat_activity
    where datname = current_database() and application_name = 'clientele' and pid <> pg_backend_pid()";

/// Begins a new epoch in a store that no server has open: it would go on in the old one.
pub async fn begin(url: &DatabaseUrl) -> Result<(), OpenError> {
    match url {
        DatabaseUrl::Sqlite(path) => begin_at(path).await,
        DatabaseUrl::Postgres(url) => {
            let pool = connect(url, 1).await?;
            let version = sqlx::query_scalar(READ_VERSION);
            check_version(version.fetch_optional(&pool).await?, true)?;
            let n_servers: i64 = sqlx::query_scalar(SERVERS).fetch_one(&pool).await?;
            if n_servers > 0 {
                return Err(OpenError(format!(
                    "servers have {n_servers} connections to the database: stop them first"
                )));
            }
            let epoch = random_bytes(BYTES).map_err(OpenError::new)?;
            sqlx::query(BEGIN).bind(epoch).execute(&pool).await?;
            Ok(())
        }
    }
}

async fn begin_at(path: &Path) -> Result<(), OpenError> {
    let cannot = |error: sqlx::Error| cannot_open(path, error);
    let mut conn = connect_file(path).await?;
    // Until the file is closed; see `Held`.
    let _held = hold(path, &place_of(path)?)?;
    check_version(version_of(&mut conn).await.map_err(cannot)?, true)?;
    begin_in_file(&mut conn).await?;
    conn.close().await.map_err(cannot)
}

/// Begins a new epoch in a file that nobody else has open.
pub(crate) async fn begin_in_file(conn: &mut SqliteConnection) -> Result<(), OpenError> {
    let epoch = random_bytes(BYTES).map_err(OpenError::new)?;
    sqlx::query(BEGIN).bind(epoch).execute(conn).await?;
    Ok(())
}
