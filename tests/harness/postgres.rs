//! Throw-away PostgreSQL clusters, made of the server binaries of this machine.
//!
//! A small shell owns the cluster and reads commands from a pipe that this process holds. When the pipe ends, and it
//! ends however this process ends, the shell stops the server and removes its files.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Mutex, OnceLock};

use clientele::store::engine::open::DatabaseUrl;
use clientele::store::migrate;

const TEMPLATE: &str = "clientele_template";
const NO_BINARIES: &str = "no PostgreSQL server binaries (initdb, pg_ctl) in $PG_BIN, /usr/lib/postgresql/*/bin or $PATH: \
                           install them with `apt-get install postgresql`, or set PG_BIN to their folder";

/// The collation of the server is a linguistic one where it has ICU, so that an order that depends on it shows.
/// `fsync` stays on, as clientele refuses a server without it, but it is of memory where there is enough: every test
/// makes a database, and on a disk most of the time goes there. Ends with an immediate stop, as the data is not kept.
const KEEPER: &str = r#"
bin=$1 port=$2
free=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
[ "${free:-0}" -gt 2000000 ] && [ -w /dev/shm ] && TMPDIR=/dev/shm
dir=$(mktemp -d "${TMPDIR:-/tmp}/clientele-postgres.XXXXXX") || exit 1
init() { "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --no-sync "$@"; }
options="-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories= -c max_connections=300 -c max_wal_size=256MB"
start() { "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -t 60 -o "$options" start; }
stop() { "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop; }
trap 'trap "" HUP INT TERM; stop; rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
exec 3>&1 >"$dir/steps" 2>&1
init --locale-provider=icu --icu-locale=en-US || init || { cat "$dir/steps" >&3; exit 1; }
start || { cat "$dir/steps" "$dir/log" >&3; exit 1; }
echo ready >&3
while read -r command; do
    case $command in
    start) start && echo ready >&3 || echo "did not start" >&3 ;;
    stop) stop && echo ready >&3 || echo "did not stop" >&3 ;;
    esac
done
"#;

/// A running cluster. Dropping it stops and removes it.
pub struct Cluster {
    port: u16,
    keeper: Mutex<Keeper>,
}

struct Keeper {
    child: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Cluster {
    /// Starts a cluster of its own, for tests that break it.
    pub fn start() -> Cluster {
        let mut said = String::new();
        // The port is free when it is asked for; somebody else may be faster.
        for _ in 0..3 {
            let port = free_port();
            let mut keeper = Keeper::spawn(port);
            said = keeper.answer();
            if said == "ready" {
                return Cluster {
                    port,
                    keeper: Mutex::new(keeper),
                };
            }
        }
        panic!("PostgreSQL does not start: {said}");
    }

    /// Returns the cluster that all tests of this process share, with a migrated template in it.
    pub fn shared() -> &'static Cluster {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(|| {
            let cluster = Cluster::start();
            // In a thread of its own, because the caller may be inside a runtime.
            std::thread::scope(|scope| {
                scope
                    .spawn(|| in_runtime(cluster.make_template()))
                    .join()
                    .expect("the template can be made");
            });
            cluster
        })
    }

    /// Returns the URL of a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes a template of the product's schema, which can be copied much faster than it is made.
    pub async fn make_template(&self) {
        self.execute(format!("create database {TEMPLATE}")).await;
        migrate(&DatabaseUrl::Postgres(self.url(TEMPLATE)), &mut |_| {})
            .await
            .expect("migrations run");
        // Every copy makes secrets of its own, as every store does.
        self.run_in(TEMPLATE, "delete from secrets").await;
    }

    /// Makes an empty database with the product's schema.
    pub async fn create_database(&self, name: &str) {
        self.execute(format!("create database {name} template {TEMPLATE}"))
            .await;
    }

    /// Makes a database of a dump.
    pub async fn restore(&self, name: &str, dump: &'static str) {
        self.execute(format!("create database {name}")).await;
        self.run_in(name, dump).await;
    }

    /// Removes a database, whoever is connected to it.
    pub async fn drop_database(&self, name: &str) {
        self.execute(format!("drop database {name} with (force)"))
            .await;
    }

    async fn execute(&self, statement: String) {
        self.run_in("postgres", sqlx::AssertSqlSafe(statement))
            .await;
    }

    async fn run_in(&self, database: &str, statements: impl sqlx::SqlSafeStr) {
        use sqlx::Connection;
        let mut conn = sqlx::PgConnection::connect(&self.url(database))
            .await
            .expect("the cluster answers");
        sqlx::raw_sql(statements)
            .execute(&mut conn)
            .await
            .expect("the statements run");
        conn.close().await.expect("the connection closes");
    }

    /// Stops the server as a power failure would.
    pub fn stop_at_once(&self) {
        self.command("stop");
    }

    /// Starts the server again, on the same port.
    pub fn start_again(&self) {
        self.command("start");
    }

    fn command(&self, command: &str) {
        let mut keeper = self
            .keeper
            .lock()
            .expect("no test panics while it holds the keeper");
        let commands = keeper.commands.as_mut().expect("the keeper runs");
        writeln!(commands, "{command}").expect("the keeper listens");
        assert_eq!(keeper.answer(), "ready");
    }
}

impl Keeper {
    fn spawn(port: u16) -> Keeper {
        let binaries = binaries().expect(NO_BINARIES);
        let mut command = if is_root() {
            // PostgreSQL refuses to run as root. Unlike runuser, setpriv does not stay between this process and the
            // shell, where a signal to it would cut the cleaning up short.
            let mut command = Command::new("setpriv");
            command.args([
                "--reuid=postgres",
                "--regid=postgres",
                "--init-groups",
                "--",
                "sh",
            ]);
            command
        } else {
            Command::new("sh")
        };
        command
            .args(["-c", KEEPER, "sh"])
            .arg(binaries)
            .arg(port.to_string());
        // Away from the terminal's signals and from folders that another user may not enter.
        command
            .process_group(0)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command
            .spawn()
            .expect("sh (and, for root, setpriv) can be run");
        let commands = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("stdout is a pipe"));
        Keeper {
            child,
            commands,
            answers,
        }
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers
            .read_line(&mut line)
            .expect("the keeper writes text");
        if line.trim() != "ready" {
            let _ = std::io::Read::read_to_string(&mut self.answers, &mut line);
        }
        line.trim().to_owned()
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.commands.take());
        let _ = self.child.wait();
    }
}

fn in_runtime(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime starts")
        .block_on(future);
}

/// Returns a port of loopback that nobody has. It is below those that the system gives to whoever asks for any, so that
/// nobody has it by the time that it is used.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + u16::try_from(std::process::id() % 10_000).unwrap_or(0);
    (0..2_000)
        .map(|_| first + NEXT.fetch_add(1, Ordering::Relaxed) % 2_000)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a port is free")
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// Returns the folder of the newest server binaries.
pub fn binaries() -> Option<PathBuf> {
    let has_them =
        |folder: &PathBuf| folder.join("initdb").exists() && folder.join("pg_ctl").exists();
    let given = std::env::var_os("PG_BIN").map(PathBuf::from);
    let mut of_debian: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|versions| {
            versions
                .flatten()
                .map(|version| version.path().join("bin"))
                .collect()
        })
        .unwrap_or_default();
    of_debian.sort_by_key(|folder| std::cmp::Reverse(version_of(folder)));
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    given
        .into_iter()
        .chain(of_debian)
        .chain(std::env::split_paths(&on_path))
        .find(has_them)
}

fn version_of(folder: &Path) -> u32 {
    let version = folder
        .parent()
        .and_then(Path::file_name)
        .and_then(|name| name.to_str());
    version
        .and_then(|version| version.parse().ok())
        .unwrap_or(0)
}
