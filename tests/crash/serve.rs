//! `clientele serve` as a child process.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use clientele::pb::colleague_service_client::ColleagueServiceClient;
use clientele::pb::customer_service_client::CustomerServiceClient;
use clientele::store::engine::open::DatabaseUrl;
use tonic::Streaming;
use tonic::transport::{Channel, Endpoint};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use crate::pressure::attack::AttackTarget;

/// How long a start may take on a slow machine.
const START: Duration = Duration::from_secs(30);

/// A running service. It is killed without warning when this is dropped.
pub struct Serve {
    child: Child,
    address: String,
    log: Arc<Mutex<String>>,
}

impl Serve {
    /// Starts the service and waits until it says that it is ready.
    pub fn start(url: &DatabaseUrl) -> Serve {
        Serve::spawn(Command::new(env!("CARGO_BIN_EXE_clientele")), url)
    }

    /// Starts the service with a setting, given as its variable and value.
    pub fn start_with(url: &DatabaseUrl, setting: (&str, &str)) -> Serve {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clientele"));
        command.env(setting.0, setting.1);
        Serve::spawn(command, url)
    }

    /// Starts the service with no file growing past `n_bytes`, until [`Serve::lift_limit`].
    pub fn start_limited(url: &DatabaseUrl, n_bytes: u64) -> Serve {
        let mut command = Command::new("bash");
        // The signal is ignored, so that a write past the limit fails as on a full disk.
        command.args([
            "-c",
            "trap '' XFSZ; exec prlimit --fsize=\"$0\": \"$@\"",
            &n_bytes.to_string(),
        ]);
        command.arg(env!("CARGO_BIN_EXE_clientele"));
        Serve::spawn(command, url)
    }

    /// Starts the service with at most so many open files.
    pub fn start_with_few_files(url: &DatabaseUrl, n_files: usize) -> Serve {
        let mut command = Command::new("prlimit");
        command.arg(format!("--nofile={n_files}"));
        command.arg(env!("CARGO_BIN_EXE_clientele"));
        Serve::spawn(command, url)
    }

    /// Starts the service with a library of one's own between it and the system's.
    pub fn start_with_library(url: &DatabaseUrl, library: &Path, variable: (&str, &Path)) -> Serve {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clientele"));
        command
            .env("LD_PRELOAD", library)
            .env(variable.0, variable.1);
        Serve::spawn(command, url)
    }

    fn spawn(command: Command, url: &DatabaseUrl) -> Serve {
        Serve::try_spawn(command, url)
            .unwrap_or_else(|log| panic!("the service did not start: {log}"))
    }

    /// Starts the service, or returns what it said instead.
    pub fn try_start(url: &DatabaseUrl) -> Result<Serve, String> {
        Serve::try_spawn(Command::new(env!("CARGO_BIN_EXE_clientele")), url)
    }

    fn try_spawn(mut command: Command, url: &DatabaseUrl) -> Result<Serve, String> {
        // Not as the URL displays itself: that is for people, and leaves out who connects.
        let url = match url {
            DatabaseUrl::Sqlite(file) => format!("sqlite://{}", file.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        command.args(["serve", "--listen", "127.0.0.1:0", "--database-url", &url]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let (said, lines) = mpsc::channel();
        thread::spawn(move || {
            BufReader::new(stdout)
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| said.send(line))
        });
        let log = Arc::new(Mutex::new(String::new()));
        let writes_log = Arc::clone(&log);
        let logged = thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let mut log = writes_log.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        let mut serve = Serve {
            child,
            address: String::new(),
            log: Arc::clone(&log),
        };
        while let Ok(line) = lines.recv_timeout(START) {
            if let Some(address) = line.strip_prefix("gRPC") {
                serve.address = address.trim().to_owned();
            }
            if line.starts_with("ready") {
                // The pipe is read on, so that the service never waits for it.
                thread::spawn(move || lines.iter().for_each(drop));
                return Ok(serve);
            }
        }
        drop(serve);
        logged.join().unwrap();
        let log = log.lock().unwrap();
        Err(log.clone())
    }

    /// Returns the id of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Returns where it listens.
    pub fn socket(&self) -> SocketAddr {
        self.address.trim_start_matches("http://").parse().unwrap()
    }

    /// Returns the service as something to attack.
    pub fn target(&self) -> AttackTarget {
        AttackTarget {
            address: self.socket(),
            process: self.process(),
        }
    }

    /// Returns what the service has logged so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Asks the service to stop, as an operator does.
    pub fn terminate(&self) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Waits until the process has ended.
    pub async fn ended(&mut self) -> ExitStatus {
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Returns what health says of a name.
    pub async fn health(&self, name: &str) -> ServingStatus {
        let request = HealthCheckRequest {
            service: name.to_owned(),
        };
        HealthClient::new(self.channel())
            .check(request)
            .await
            .unwrap()
            .into_inner()
            .status()
    }

    /// Waits until health says so of a name.
    pub async fn health_is(&self, name: &str, status: ServingStatus) {
        while self.health(name).await != status {
            tokio::task::yield_now().await;
        }
    }

    /// Follows what health says of a name, on a connection of its own.
    pub async fn follow_health(&self, name: &str) -> Streaming<HealthCheckResponse> {
        let request = HealthCheckRequest {
            service: name.to_owned(),
        };
        HealthClient::new(self.channel())
            .watch(request)
            .await
            .unwrap()
            .into_inner()
    }

    /// Lets files grow again.
    pub fn lift_limit(&self) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("prlimit")
                .args(["--pid", &pid, "--fsize=unlimited:"])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Ends the process without warning.
    pub fn kill(&mut self) {
        // SIGKILL: nothing in the service gets to run any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Says whether the process still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Connects to the service, at the first call.
    pub fn channel(&self) -> Channel {
        let endpoint = Endpoint::from_shared(self.address.clone()).unwrap();
        endpoint
            .timeout(Duration::from_secs(20))
            .connect_timeout(Duration::from_secs(5))
            .connect_lazy()
    }

    /// Returns a client of colleagues on a connection of its own.
    pub fn colleagues(&self) -> ColleagueServiceClient<Channel> {
        ColleagueServiceClient::new(self.channel())
    }

    /// Returns a client on a connection of its own.
    pub fn customers(&self) -> CustomerServiceClient<Channel> {
        CustomerServiceClient::new(self.channel())
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        self.kill();
    }
}
