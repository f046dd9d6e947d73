//! What the service is when it, its database or its caller dies in the middle.
//!
//! Every test here runs the real binary as a child process, loads it over gRPC, breaks something, and then asks for
//! everything that was acknowledged. Only processes that a test started itself are ended.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::ExitStatus;
use std::time::Duration;

use clientele::store::engine::open::DatabaseUrl;

use self::serve::Serve;
use crate::harness::engine::{Engine, Store};
use crate::harness::postgres::Cluster;

mod backup; // copies of the store, and a store that went back to one
mod cancel; // callers who hang up at any point
mod damage; // pages that are no longer what they were
mod disk; // a disk that does not keep what it was given
mod files; // files that are moved, deleted or replaced under the service
mod full; // no space left
pub mod inspect; // what the files say, past the service
mod kill; // kill -9 of the service under write load
mod library; // what the drivers do, which the design rests on
pub mod load; // writers, and what was acknowledged to them
mod locked; // another program holds the lock of the file
mod outage; // PostgreSQL is gone, and comes back
mod refuse; // databases that cannot keep the promise
mod restart; // what callers hold outlives the process
pub mod serve; // the service as a child process
mod upgrade; // the schema changes under servers of the version before

/// A service over a fresh store, and what it needs to live.
pub struct Place {
    serve: Option<Serve>,
    pub url: DatabaseUrl,
    /// The file, or the database of the shared cluster.
    store: Option<Store>,
    /// The cluster of a test that breaks it.
    cluster: Option<Cluster>,
}

impl Place {
    pub async fn on(engine: Engine) -> Place {
        let store = Store::new(engine).await;
        let url = store.url();
        Place {
            serve: Some(Serve::start(&url)),
            url,
            store: Some(store),
            cluster: None,
        }
    }

    /// Starts on a cluster that nobody else uses.
    pub async fn on_a_cluster() -> Place {
        let cluster = Cluster::start();
        cluster.make_template().await;
        cluster.create_database("crash").await;
        let url = DatabaseUrl::Postgres(cluster.url("crash"));
        Place {
            serve: Some(Serve::start(&url)),
            url,
            store: None,
            cluster: Some(cluster),
        }
    }

    pub fn serve(&self) -> &Serve {
        self.serve.as_ref().expect("the service runs")
    }

    /// Ends the service without any warning.
    pub fn kill(&mut self) {
        drop(self.serve.take());
    }

    /// Waits until the service has ended by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        let serve = self.serve.as_mut().expect("the service runs");
        serve.ended().await
    }

    pub fn restart(&mut self) {
        self.serve = Some(Serve::start(&self.url));
    }

    /// Ends the service, and starts it again with a setting.
    pub fn restart_with(&mut self, setting: (&str, &str)) {
        self.kill();
        self.serve = Some(Serve::start_with(&self.url, setting));
    }

    /// Checks the store past the service, which must not run on SQLite.
    pub async fn inspect(&self) {
        match &self.url {
            DatabaseUrl::Sqlite(file) => inspect::sqlite(file).await,
            DatabaseUrl::Postgres(url) => inspect::postgres(url).await,
        }
    }

    /// Removes what a test that passed leaves.
    pub async fn remove(mut self) {
        self.kill();
        if let Some(store) = self.store {
            store.remove().await;
        }
    }
}

/// Waits for something that has to happen; far longer than it takes, so that a slow machine does not matter.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    let waited = tokio::time::timeout(Duration::from_secs(60), future).await;
    waited.unwrap_or_else(|_| panic!("{what}: it did not happen within 60 s"))
}

/// Numbers that look random and repeat for a seed (xorshift).
struct Random(u64);

impl Random {
    /// Takes the seed from CLIENTELE_TEST_SEED, or one that is new every time, and prints it.
    fn new(test: &str) -> Random {
        let given = std::env::var("CLIENTELE_TEST_SEED")
            .ok()
            .and_then(|seed| seed.parse().ok());
        let nanos = jiff::Timestamp::now().as_nanosecond();
        let seed: u64 = given.unwrap_or_else(|| u64::try_from(nanos).unwrap() | 1);
        println!("{test}: CLIENTELE_TEST_SEED={seed}");
        Random(seed.max(1))
    }

    /// Returns a number from `low` to `high`, both included.
    fn between(&mut self, low: u64, high: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        low + self.0 % (high - low + 1)
    }
}
