//! What one caller leaves to others: so many calls a second, and no more.

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clientele::pb;
use clientele::pb::customer_service_client::CustomerServiceClient;
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::interval;
use tonic::Status;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic_types::StatusExt;

use super::start;
use crate::cli::Server;
use crate::harness::in_runtime;

async fn ask(client: &mut CustomerServiceClient<Channel>) -> Status {
    let request = pb::GetCustomerRequest {
        name: "customers/nobody".to_owned(),
        read_mask: None,
    };
    client.get_customer(request).await.unwrap_err()
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().unwrap().reason
}

#[test]
fn a_rate_that_is_set_holds_and_says_when_to_come_again() {
    let server = start(TempDir::new().unwrap(), &["--max-calls-per-second", "1"]);
    in_runtime(async {
        let channel = Endpoint::from_shared(server.address.clone()).unwrap();
        let mut client = CustomerServiceClient::new(channel.connect().await.unwrap());
        let mut refused = ask(&mut client).await;
        assert_eq!(reason(&refused), "RESOURCE_NOT_FOUND");
        // However slow the machine is, two of these calls fall into one second.
        while reason(&refused) != "RATE_EXCEEDED" {
            refused = ask(&mut client).await;
        }
        assert_eq!(refused.code(), tonic::Code::ResourceExhausted);
        let info = refused.get_details_error_info().unwrap();
        assert_eq!(info.metadata["limit"], "1");
        let delay = refused
            .get_details_retry_info()
            .unwrap()
            .retry_delay
            .unwrap();
        assert!(delay <= Duration::from_secs(1), "{delay:?}");
        tokio::time::sleep(delay).await;
        assert_eq!(reason(&ask(&mut client).await), "RESOURCE_NOT_FOUND");
    });
}

/// How many calls a second a credential may make in the test below, and how many times that one tenant makes.
const RATE: u32 = 40;
const TIMES: u32 = 10;
/// How many calls the other tenant makes in a row, at its own rate, and how often with and without the first one's.
const IN_A_ROW: u32 = 40;
const ROUNDS: usize = 3;

/// A client that shows a new key of a tenant.
async fn client_of(server: &Server, tenant: &str) -> Keyed {
    let file = format!("{tenant}.key");
    let made = ["keys", "create", "--for", "test", "--scopes", "read"];
    let to = ["--tenant", tenant, "--out", &file];
    server.run(&[made.as_slice(), &to].concat());
    let key = fs::read_to_string(server.folder.path().join(&file)).unwrap();
    let shown: MetadataValue<Ascii> = format!("Bearer {}", key.trim()).parse().unwrap();
    let channel = Endpoint::from_shared(server.address.clone()).unwrap();
    CustomerServiceClient::with_interceptor(channel.connect().await.unwrap(), Showing(shown))
}

type Keyed = CustomerServiceClient<InterceptedService<Channel, Showing>>;

#[derive(Clone)]
struct Showing(MetadataValue<Ascii>);

impl Interceptor for Showing {
    fn call(&mut self, mut request: tonic::Request<()>) -> Result<tonic::Request<()>, Status> {
        request
            .metadata_mut()
            .insert("authorization", self.0.clone());
        Ok(request)
    }
}

async fn ask_with_key(client: &mut Keyed) -> String {
    let request = pb::GetCustomerRequest {
        name: "customers/nobody".to_owned(),
        read_mask: None,
    };
    reason(&client.get_customer(request).await.unwrap_err())
}

/// Makes calls at ten times the rate, until it is stopped, and counts those that passed and those that did not.
async fn ask_too_much(client: Keyed, stop: Arc<Notify>) -> (u32, u32) {
    let (mut calls, mut sent) = (JoinSet::new(), 0);
    let mut beat = interval(Duration::from_secs(1) / (RATE * TIMES));
    loop {
        tokio::select! {
            _ = beat.tick() => {}
            () = stop.notified() => break,
        }
        let mut client = client.clone();
        calls.spawn(async move { ask_with_key(&mut client).await });
        sent += 1;
    }
    let answers = calls.join_all().await;
    let passed = answers
        .iter()
        .filter(|reason| *reason == "RESOURCE_NOT_FOUND");
    let passed = u32::try_from(passed.count()).unwrap();
    let refused = answers.iter().filter(|reason| *reason == "RATE_EXCEEDED");
    let refused = u32::try_from(refused.count()).unwrap();
    assert_eq!(passed + refused, sent, "nothing else comes of it");
    (passed, refused)
}

/// Makes some calls at the rate that is allowed, and returns how long they took.
async fn at_its_pace(client: &mut Keyed) -> Duration {
    let began = Instant::now();
    let mut beat = interval(Duration::from_secs(1) / RATE);
    for _ in 0..IN_A_ROW {
        beat.tick().await;
        assert_eq!(ask_with_key(client).await, "RESOURCE_NOT_FOUND");
    }
    began.elapsed()
}

#[test]
fn a_tenant_at_ten_times_its_rate_is_held_back_and_another_is_not() {
    let rate = RATE.to_string();
    let args = ["--auth", "keys", "--max-calls-per-second", &rate];
    let server = start(TempDir::new().unwrap(), &args);
    in_runtime(async {
        let (greedy, mut modest) = (
            client_of(&server, "greedy").await,
            client_of(&server, "modest").await,
        );
        let (mut alone, mut beside) = (Duration::ZERO, Duration::ZERO);
        for _ in 0..ROUNDS {
            alone += at_its_pace(&mut modest).await;
            let stop = Arc::new(Notify::new());
            let began = Instant::now();
            let asking = tokio::spawn(ask_too_much(greedy.clone(), Arc::clone(&stop)));
            beside += at_its_pace(&mut modest).await;
            stop.notify_one();
            let (passed, refused) = asking.await.unwrap();
            let allowed = f64::from(RATE) * (began.elapsed().as_secs_f64() + 1.0) + 1.0;
            assert!(f64::from(passed) <= allowed, "{passed} of {allowed}");
            assert!(refused > 0, "nobody was held back");
        }
        // A tenth is what it costs on a machine of its own; here it is only printed, since others run beside this test.
        println!("alone {alone:?}, beside {beside:?}");
    });
}
