//! The two engines, and an empty store of either for one test.

use std::sync::atomic::{AtomicU32, Ordering};

use clientele::store::engine::open::DatabaseUrl;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor};
use tempfile::TempDir;

use super::postgres::Cluster;

/// An engine that every conformance case runs on. Nothing is left out on either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file in a temporary folder.
    Sqlite,
    /// A database of the shared cluster.
    Postgres,
}

/// A state in which earlier versions left stores, with the same records in each: dumps of `tests/golden`.
#[derive(Clone, Copy, Debug)]
pub enum Golden {
    /// Before names of the API changed, and before records were refiled.
    Oldest,
    /// The last schema whose migrations did more than add.
    Schema23,
}

impl Golden {
    /// All states, the oldest first.
    pub const ALL: [Golden; 2] = [Golden::Oldest, Golden::Schema23];

    fn dump(self, engine: Engine) -> &'static str {
        match (self, engine) {
            (Golden::Oldest, Engine::Sqlite) => include_str!("../golden/sqlite.sql"),
            (Golden::Oldest, Engine::Postgres) => include_str!("../golden/postgres.sql"),
            (Golden::Schema23, Engine::Sqlite) => include_str!("../golden/sqlite-23.sql"),
            (Golden::Schema23, Engine::Postgres) => include_str!("../golden/postgres-23.sql"),
        }
    }
}

/// An empty store.
pub enum Store {
    Sqlite { folder: TempDir },
    Postgres { database: String },
}

impl Store {
    pub async fn new(engine: Engine) -> Store {
        match engine {
            Engine::Sqlite => Store::Sqlite {
                folder: TempDir::new().expect("a folder can be made"),
            },
            Engine::Postgres => {
                let database = database();
                Cluster::shared().create_database(&database).await;
                Store::Postgres { database }
            }
        }
    }

    /// Restores the oldest store.
    pub async fn golden(engine: Engine) -> Store {
        Store::golden_of(engine, Golden::Oldest).await
    }

    /// Restores a store of an earlier version, as its own engine dumped it.
    pub async fn golden_of(engine: Engine, golden: Golden) -> Store {
        match engine {
            Engine::Sqlite => {
                let store = Store::new(engine).await;
                let DatabaseUrl::Sqlite(path) = store.url() else {
                    unreachable!("a file has a path")
                };
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(true);
                let mut conn = options.connect().await.expect("a file can be made");
                conn.execute(golden.dump(engine))
                    .await
                    .expect("the dump runs");
                conn.close().await.expect("the file closes");
                store
            }
            Engine::Postgres => {
                let database = database();
                Cluster::shared()
                    .restore(&database, golden.dump(engine))
                    .await;
                Store::Postgres { database }
            }
        }
    }

    pub fn url(&self) -> DatabaseUrl {
        match self {
            Store::Sqlite { folder } => DatabaseUrl::Sqlite(folder.path().join("clientele.db")),
            Store::Postgres { database } => DatabaseUrl::Postgres(Cluster::shared().url(database)),
        }
    }

    /// Removes what a test that passed leaves; a file goes with its folder.
    pub async fn remove(&self) {
        if let Store::Postgres { database } = self {
            Cluster::shared().drop_database(database).await;
        }
    }
}

/// Returns the name of a database that no other test of this process has.
fn database() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// Runs statements past the service, as an operator may do, or an earlier version did.
pub async fn execute(url: &DatabaseUrl, statements: &str) {
    let statements = sqlx::AssertSqlSafe(statements);
    match url {
        DatabaseUrl::Sqlite(path) => {
            let url = format!("sqlite://{}", path.display());
            let mut conn = sqlx::SqliteConnection::connect(&url).await.unwrap();
            conn.execute(statements).await.unwrap();
        }
        DatabaseUrl::Postgres(url) => {
            let mut conn = sqlx::PgConnection::connect(url).await.unwrap();
            conn.execute(statements).await.unwrap();
        }
    }
}
