//! `clientele serve` as a child process that logs everything it ever logs, and shows its metrics.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

use clientele::store::engine::open::DatabaseUrl;
use tempfile::TempDir;

use crate::harness::engine::{Engine, Store};

/// A running service, which ends with this at the latest.
pub struct Served {
    pub address: SocketAddr,
    admin: SocketAddr,
    child: Child,
    folder: TempDir,
    store: Store,
}

impl Served {
    pub async fn start(engine: Engine, authentication: &str) -> Served {
        let store = Store::new(engine).await;
        let url = match store.url() {
            DatabaseUrl::Sqlite(file) => format!("sqlite://{}", file.display()),
            DatabaseUrl::Postgres(url) => url,
        };
        let folder = TempDir::new().unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_clientele"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--database-url", &url]);
        command.args(["--auth", authentication, "--admin-listen", "127.0.0.1:0"]);
        command
            .env("CLIENTELE_LOG", "trace")
            .stdout(Stdio::piped())
            .stderr(log);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok);
        let address = lines.find_map(|line| Some(line.strip_prefix("gRPC")?.trim().to_owned()));
        let address = address.expect("the service says where it listens");
        let admin = lines.find_map(|line| {
            let url = line.strip_prefix("admin  http://")?;
            Some(url.trim_end_matches("/metrics").to_owned())
        });
        assert!(lines.any(|line| line.starts_with("ready")));
        std::thread::spawn(move || lines.for_each(drop));
        let address = address.trim_start_matches("http://").parse().unwrap();
        Served {
            address,
            admin: admin.unwrap().parse().unwrap(),
            child,
            folder,
            store,
        }
    }

    /// Returns where its store is.
    pub fn url(&self) -> DatabaseUrl {
        self.store.url()
    }

    /// Ends the service and returns all that it logged, and its metrics at the end.
    pub async fn stop(mut self) -> String {
        let mut metrics = String::new();
        let mut stream = TcpStream::connect(self.admin).unwrap();
        stream
            .write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .unwrap();
        stream.read_to_string(&mut metrics).unwrap();
        assert!(metrics.contains("clientele_calls_total"), "{metrics}");
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.store.remove().await;
        std::fs::read_to_string(self.folder.path().join("log")).unwrap() + &metrics
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
