//! The two engines, and an empty store of either for one test.

use std::sync::atomic::{AtomicU32, Ordering};

use clientele::store::engine::open::DatabaseUrl;
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
                static NUMBER: AtomicU32 = AtomicU32::new(0);
                let database = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
                Cluster::shared().create_database(&database).await;
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
