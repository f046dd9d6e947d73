//! The command line as people use it: the built program, its exit codes, what it prints, and what is stored then.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use clientele::store::engine::open::DatabaseUrl;
use serde_json::Value;
use sqlx::{Connection, Executor, SqliteConnection};
use tempfile::TempDir;

use crate::harness::engine::{Engine, Store};
use crate::harness::in_runtime;

mod api_keys; // who may call, and with which key
mod backup; // copies of a store, and how they are put back
mod brief; // what to read before a talk, and whom it is about
mod check; // what an upgrade left undone
mod deciders; // who decides
mod demo; // the sample: what it shows, today
mod import; // what an import makes of a file
mod keys; // whom a text means, and whom it only resembles
mod log; // what is written down of a talk
mod lookup; // who is meant by a text
mod personas; // shown, matched, and in profiles
mod segments; // which there are, who is in them, what tells them apart
mod serve; // starting, stopping, refusing
mod show; // get and list
mod tenants; // what an operator sets up

const PROGRAM: &str = env!("CARGO_BIN_EXE_clientele");

/// The program with a clean environment, in a folder of its own.
pub fn program(folder: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CLIENTELE_") {
            command.env_remove(name);
        }
    }
    command.env_remove("CREDENTIALS_DIRECTORY");
    command.current_dir(folder);
    command
}

/// What a command did.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn of(mut command: Command) -> Ran {
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// Expects the command to have succeeded without a complaint, and returns what it printed.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{}", self.out);
        self.out
    }

    /// Expects the command to have failed with one line, and returns that.
    #[track_caller]
    pub fn fails(self) -> String {
        assert_eq!(self.code, 1, "{}{}", self.out, self.err);
        assert_eq!(self.err.lines().count(), 1, "{}", self.err);
        self.err
    }

    /// Expects a setting of `serve` to have been wrong, and returns why.
    #[track_caller]
    pub fn wrong_setting(self) -> String {
        assert_eq!(self.code, 64, "{}{}", self.out, self.err);
        assert_eq!(self.out, "");
        self.err
    }

    /// Expects the command line to have been wrong, and returns why.
    #[track_caller]
    pub fn misused(self) -> String {
        assert_eq!(self.code, 2, "{}{}", self.out, self.err);
        self.err
    }
}

/// A running `clientele serve`; killed when it is dropped.
pub struct Server {
    child: Child,
    lines: BufReader<ChildStdout>,
    pub greeting: String,
    pub address: String,
    pub folder: TempDir,
    /// The database, if it is not the file that commands take by default.
    database_url: Option<String>,
}

impl Server {
    fn start() -> Server {
        Server::start_in(TempDir::new().unwrap(), &[])
    }

    /// Starts a server with the sample.
    fn demo() -> Server {
        Server::start_in(TempDir::new().unwrap(), &["--demo"])
    }

    pub fn start_in(folder: TempDir, args: &[&str]) -> Server {
        let mut command = program(folder.path());
        command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("CLIENTELE_LOG", "warn")
            .args(args);
        let log = File::create(folder.path().join("log")).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let greeting = read_until(&mut lines, "ready");
        let address = greeting
            .lines()
            .find_map(|line| line.strip_prefix("gRPC   "))
            .unwrap()
            .to_owned();
        Server {
            child,
            lines,
            greeting,
            address,
            folder,
            database_url: None,
        }
    }

    /// Starts a server on an empty store of an engine.
    pub fn start_on(engine: Engine, args: &[&str]) -> Server {
        Server::start_on_with(engine, args).0
    }

    /// Starts a server on an empty store of an engine, and returns the URL of that, too.
    pub fn start_on_with(engine: Engine, args: &[&str]) -> (Server, String) {
        let url = match engine {
            Engine::Sqlite => "sqlite://clientele.db".to_owned(),
            Engine::Postgres => {
                // The store goes with the cluster, when all tests have run.
                let DatabaseUrl::Postgres(url) = in_runtime(Store::new(engine)).url() else {
                    panic!("another engine")
                };
                url
            }
        };
        let args = [args, &["--database-url", &url]].concat();
        let mut server = Server::start_in(TempDir::new().unwrap(), &args);
        server.database_url = Some(url.clone());
        (server, url)
    }

    /// Runs a command against this server.
    pub fn run<A: AsRef<OsStr>>(&self, args: &[A]) -> Ran {
        let mut command = program(self.folder.path());
        command.args(args).env("CLIENTELE_ADDRESS", &self.address);
        if let Some(url) = &self.database_url {
            command.env("CLIENTELE_DATABASE_URL", url);
        }
        Ran::of(command)
    }

    /// Runs a command as it is typed: words between blanks, or between single quotes.
    fn types(&self, line: &str) -> Ran {
        let parts = line.split('\'').enumerate();
        let words = parts.flat_map(|(i, part)| match i % 2 {
            0 => part.split_whitespace().collect(),
            _ => vec![part],
        });
        self.run(&words.collect::<Vec<_>>())
    }

    /// Returns all records of a kind, deleted ones too.
    fn all(&self, collection: &str) -> Vec<Value> {
        let lines = self
            .run(&["list", collection, "--all", "--show-deleted", "--json"])
            .ok();
        lines.lines().map(json).collect()
    }

    /// Returns the one record of a kind that another system knows by this id.
    fn by_id(&self, collection: &str, system: &str, id: &str) -> Value {
        let filter = format!("external_ids.\"{system}\" = \"{id}\"");
        let line = self
            .run(&["list", collection, "--filter", &filter, "--json"])
            .ok();
        json(&line)
    }

    /// Writes a file into the folder.
    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// Changes the file of the store behind the server, as an earlier release may have left it.
    fn change_store(&self, statement: &'static str) {
        let url = format!(
            "sqlite://{}",
            self.folder.path().join("clientele.db").display()
        );
        calls(async {
            let mut connection = SqliteConnection::connect(&url).await.unwrap();
            connection.execute(statement).await.unwrap();
        });
    }

    /// Imports a file with a mapping.
    pub fn import(&self, mapping: &str, file: impl AsRef<[u8]>) -> Ran {
        self.write("map.toml", mapping);
        self.write("file.csv", file);
        self.run(&["import", "file.csv", "--mapping", "map.toml"])
    }

    /// Kills the server and returns its folder, for the next one.
    pub fn into_folder(mut self) -> TempDir {
        self.signal("KILL");
        self.child.wait().unwrap();
        std::mem::replace(&mut self.folder, TempDir::new().unwrap())
    }

    pub fn signal(&self, name: &str) {
        // The shell's own kill: a small system has no program of that name.
        let kill = format!("kill -s {name} {}", self.child.id());
        let sent = Command::new("sh").args(["-c", &kill]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // An error means that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads up to the line that begins with `word`.
fn read_until(lines: &mut impl BufRead, word: &str) -> String {
    let mut text = String::new();
    loop {
        let from = text.len();
        assert_ne!(
            lines.read_line(&mut text).unwrap(),
            0,
            "no line `{word}` came: {text}"
        );
        if text[from..].starts_with(word) {
            return text;
        }
    }
}

fn json(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

/// Runs calls of the API, as somebody who works beside the command line makes them.
fn calls<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// The folder of a data set; none, with a line that says so, where there is no data.
fn data(set: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("CLIENTELE_TEST_DATA").map(|folder| Path::new(&folder).join(set));
    let folder = folder.filter(|folder| folder.is_dir());
    if folder.is_none() {
        println!("not run: CLIENTELE_TEST_DATA has no folder {set}");
    }
    folder
}

/// A mapping of this repository.
fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(name)
}
