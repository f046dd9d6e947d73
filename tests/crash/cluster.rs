//! A PostgreSQL of one test's own, from the binaries of the system, gone when the test ends.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A running server with one empty database.
pub struct Cluster {
    folder: tempfile::TempDir,
    bin: PathBuf,
    port: u16,
    /// User and group that run the server, when the test runs as root, which PostgreSQL refuses.
    user: Option<(u32, u32)>,
}

impl Cluster {
    /// Makes and starts a server.
    pub fn start() -> Cluster {
        let folder = tempfile::tempdir().unwrap();
        let user = (fs::metadata("/proc/self").unwrap().uid() == 0).then(unprivileged);
        if let Some((user, group)) = user {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let mut cluster = Cluster { folder, bin: binaries(), port: 0, user };
        let data = cluster.data();
        cluster.run("initdb", &["-D", &data, "-U", "clientele", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]);
        cluster.port = free_port();
        cluster.start_again();
        let port = cluster.port.to_string();
        cluster.run("createdb", &["-h", "127.0.0.1", "-p", &port, "-U", "clientele", "clientele"]);
        cluster
    }

    /// Returns the URL of the database.
    pub fn url(&self) -> String {
        format!("postgres://clientele@127.0.0.1:{}/clientele", self.port)
    }

    /// Ends the server as a crash would: no checkpoint, every connection cut.
    pub fn stop_immediate(&self) {
        self.run("pg_ctl", &["-D", &self.data(), "-m", "immediate", "-s", "-w", "stop"]);
    }

    /// Starts the server again, on the same port.
    pub fn start_again(&self) {
        let folder = self.folder.path().display();
        let address = format!("-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}", self.port);
        let log = self.folder.path().join("log");
        self.run("pg_ctl", &["-D", &self.data(), "-l", log.to_str().unwrap(), "-o", &address, "-s", "-w", "start"]);
    }

    fn data(&self) -> String {
        self.folder.path().join("data").to_str().unwrap().to_owned()
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let output = self.try_run(program, arguments);
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn try_run(&self, program: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(self.bin.join(program));
        command.args(arguments).current_dir(self.folder.path());
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        // Output goes to a file: the server inherits it, and a pipe would stay open as long as that runs.
        let (out, err) = (self.folder.path().join("out"), self.folder.path().join("err"));
        let status = command.stdout(fs::File::create(out).unwrap()).stderr(fs::File::create(&err).unwrap()).status();
        Output { status: status.unwrap(), stdout: Vec::new(), stderr: fs::read(err).unwrap() }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.try_run("pg_ctl", &["-D", &self.data(), "-m", "immediate", "-s", "-w", "stop"]);
    }
}

/// Finds the newest server binaries.
fn binaries() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin")).collect();
    folders.sort();
    folders.reverse();
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let is_whole = |folder: &&PathBuf| ["initdb", "pg_ctl", "createdb"].iter().all(|name| folder.join(name).exists());
    let found = folders.iter().find(is_whole).cloned();
    found.expect("PostgreSQL's server binaries were not found: apt-get install postgresql, or run scripts/test")
}

/// Returns user and group of somebody without rights.
fn unprivileged() -> (u32, u32) {
    let users = fs::read_to_string(Path::new("/etc/passwd")).unwrap();
    let of = |name: &str| {
        let line = users.lines().find(|line| line.starts_with(&format!("{name}:")))?;
        let mut ids = line.split(':').skip(2).map_while(|id| id.parse().ok());
        Some((ids.next()?, ids.next()?))
    };
    of("postgres").or_else(|| of("nobody")).expect("the system has a user postgres or nobody")
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
