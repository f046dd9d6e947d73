//! An upgrade of PostgreSQL beside servers of the version before: while the schema changes, their statements go on, even
//! if somebody reads for long and a migration has to wait for that, and even if it is killed.
//!
//! The servers are played by what they send, as the version before cannot be built everywhere. That they can go on
//! afterwards is also a rule over the migrations (`tidy::migrations`).

use std::process::{Child, Command, Stdio};

use clientele::store::engine::open::DatabaseUrl;
use clientele::store::write::refile::FILING;
use sqlx::{Connection, Executor, PgConnection};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::serve::Serve;
use super::soon;
use crate::harness::engine::{Engine, Golden, Store, execute};

const N_SERVERS: usize = 3;
/// What goes on before, while and after the schema changes, at the least.
const MIN_UNITS: u64 = 50;
/// The longest that anybody may wait for a lock, in seconds, on a loaded machine; less than the five of a session whose
/// waits are not cut short. A unit holds its own for milliseconds.
const LONGEST_WAIT: f64 = 4.0;

/// A unit of a server of schema 23, in short.
const UNIT: [&str; 6] = [
    "begin",
    "select name from customers where tenant_id = 'default' and name = 'customers/golden-alpha' for update",
    "update customers set about = about where tenant_id = 'default' and name = 'customers/golden-alpha'",
    "update tenants set revision = revision + 1 where id = 'default'",
    "insert into history (tenant_id, name, revision, body)
       select 'default', 'customers/golden-alpha', revision, '' from tenants where id = 'default'",
    "commit",
];

/// The longest that somebody has been waiting for a lock now, in seconds, and whether a migration waits for one.
const WAITS: &str = "select cast(coalesce(max(extract(epoch from clock_timestamp() - waitstart)), 0) as double precision),
      coalesce(bool_or(mode = 'AccessExclusiveLock' and locktype = 'relation'), false)
    from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())";

#[tokio::test(flavor = "multi_thread")]
async fn servers_of_the_version_before_go_on_while_the_schema_changes() {
    let store = Store::golden_of(Engine::Postgres, Golden::Schema23).await;
    let DatabaseUrl::Postgres(url) = store.url() else {
        panic!("another engine")
    };
    // Servers are stopped before an upgrade that refiles records, as docs/operations.md says.
    let is_filed = format!("update filing set version = {FILING}");
    execute(&store.url(), &is_filed).await;
    let load = Load::start(&url);
    load.more().await;
    let mut reader = PgConnection::connect(&url).await.unwrap();
    reader
        .execute("begin; select count(*) from tenants")
        .await
        .unwrap();
    let mut sampler = Sampler::connect(&url).await;

    let mut killed = migrate(&url);
    sampler.until(true).await;
    killed.kill().unwrap();
    killed.wait().unwrap();
    sampler.until(false).await;

    let mut migration = migrate(&url);
    for _ in 0..3 {
        sampler.until(true).await;
        sampler.until(false).await;
    }
    load.more().await;
    assert_eq!(
        migration.try_wait().unwrap(),
        None,
        "the reader is in its way"
    );
    reader.execute("commit").await.unwrap();
    let ended = soon("the migration ends", async {
        loop {
            sampler.look().await;
            if let Some(status) = migration.try_wait().unwrap() {
                return status;
            }
        }
    });
    assert!(ended.await.success());
    load.more().await;
    let mut serve = Serve::start(&store.url());
    load.more().await;
    load.stop().await;
    let longest = sampler.longest;
    println!("upgrade: the longest wait for a lock was {longest:.3} s");
    assert!(longest < LONGEST_WAIT, "somebody waited {longest} s");
    serve.kill();
    store.remove().await;
}

fn migrate(url: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clientele"));
    command.args(["migrate", "--database-url", url]);
    command.stdout(Stdio::null()).spawn().unwrap()
}

/// Servers at work; any statement that fails ends the test.
struct Load {
    tasks: JoinSet<()>,
    n_units: watch::Sender<u64>,
}

impl Load {
    fn start(url: &str) -> Load {
        let (mut tasks, n_units) = (JoinSet::new(), watch::Sender::new(0));
        for _ in 0..N_SERVERS {
            let (url, n_units) = (url.to_owned(), n_units.clone());
            tasks.spawn(async move {
                let mut conn = PgConnection::connect(&url).await.unwrap();
                loop {
                    for statement in UNIT {
                        conn.execute(statement).await.unwrap();
                    }
                    n_units.send_modify(|n| *n += 1);
                }
            });
        }
        Load { tasks, n_units }
    }

    /// Waits until so many units more have ended.
    async fn more(&self) {
        let target = *self.n_units.borrow() + MIN_UNITS;
        let mut seen = self.n_units.subscribe();
        soon("units end", seen.wait_for(|n| *n >= target))
            .await
            .unwrap();
    }

    /// Ends all, none of which has ended by itself.
    async fn stop(mut self) {
        assert!(self.tasks.try_join_next().is_none(), "a server failed");
        self.tasks.shutdown().await;
    }
}

/// Looks at who waits for which lock.
struct Sampler {
    conn: PgConnection,
    longest: f64,
}

impl Sampler {
    async fn connect(url: &str) -> Sampler {
        let conn = PgConnection::connect(url).await.unwrap();
        Sampler { conn, longest: 0.0 }
    }

    /// Notes how long waits are, and says whether a migration waits.
    async fn look(&mut self) -> bool {
        let (longest, waits) = sqlx::query_as::<_, (f64, bool)>(WAITS)
            .fetch_one(&mut self.conn)
            .await
            .unwrap();
        self.longest = self.longest.max(longest);
        waits
    }

    /// Waits until a migration waits, or does not.
    async fn until(&mut self, waits: bool) {
        soon("a migration waits, and gives way", async {
            while self.look().await != waits {}
        })
        .await;
    }
}
