//! Writers, and the ledger of what was acknowledged to them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use clientele::pb;
use clientele::pb::customer_service_client::CustomerServiceClient;
use prost_types::FieldMask;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tonic::transport::Channel;
use tonic::{Code, Response, Status};

/// How many write at the same time.
pub const N_WRITERS: usize = 8;

/// What was acknowledged: for each customer, the latest value of its field `about`.
#[derive(Clone)]
pub struct Ledger {
    customers: Arc<Mutex<BTreeMap<String, u64>>>,
    revisions: Arc<Mutex<BTreeMap<i64, String>>>,
    n_acked: watch::Sender<u64>,
}

impl Ledger {
    pub fn new() -> Ledger {
        Ledger {
            customers: Arc::default(),
            revisions: Arc::default(),
            n_acked: watch::Sender::new(0),
        }
    }

    /// Returns what is acknowledged until now.
    pub fn as_of_now(&self) -> Ledger {
        let copied = Ledger::new();
        copied
            .customers
            .lock()
            .unwrap()
            .clone_from(&self.customers.lock().unwrap());
        copied
    }

    /// Returns how many writes were acknowledged.
    pub fn n_acked(&self) -> u64 {
        *self.n_acked.borrow()
    }

    /// Returns when so many writes more were acknowledged.
    pub async fn more(&self, n_more: u64) {
        let target = self.n_acked() + n_more;
        let mut seen = self.n_acked.subscribe();
        seen.wait_for(|n_acked| *n_acked >= target).await.unwrap();
    }

    /// Notes an answer. No two writes may be acknowledged with one revision.
    pub fn note(&self, answer: &Response<pb::Customer>, value: u64) {
        let name = answer.get_ref().name.clone();
        let revision = answer
            .metadata()
            .get("clientele-revision")
            .unwrap()
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        let other = self
            .revisions
            .lock()
            .unwrap()
            .insert(revision, name.clone());
        assert_eq!(
            other, None,
            "revision {revision} was given to two writes, one of them {name}"
        );
        self.customers.lock().unwrap().insert(name, value);
        self.n_acked.send_modify(|n_acked| *n_acked += 1);
    }

    /// Asks the service for everything that was acknowledged. A value may be one ahead: the write of it was under way
    /// when the service died, and not answered.
    pub async fn verify(&self, mut client: CustomerServiceClient<Channel>) {
        let expected: Vec<(String, u64)> = self
            .customers
            .lock()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.clone(), *value))
            .collect();
        for batch in expected.chunks(100) {
            let names = batch.iter().map(|(name, _)| name.clone()).collect();
            let request = pb::BatchGetCustomersRequest {
                names,
                read_mask: None,
            };
            let answer = client.batch_get_customers(request).await;
            let found = answer
                .expect("everything acknowledged is there")
                .into_inner()
                .customers;
            assert_eq!(found.len(), batch.len());
            for (customer, (name, value)) in found.iter().zip(batch) {
                let stored: u64 = customer.about.parse().unwrap();
                let is_right = customer.name == *name && (stored == *value || stored == *value + 1);
                assert!(
                    is_right,
                    "{name}: {value} was acknowledged, {stored} is stored"
                );
            }
        }
    }
}

/// Makes the request for a new customer.
pub fn create(id: &str) -> pb::CreateCustomerRequest {
    let (display_name, about) = (format!("Customer {id}"), "0".to_owned());
    let customer = Some(pb::Customer {
        display_name,
        about,
        ..Default::default()
    });
    pb::CreateCustomerRequest {
        customer,
        customer_id: id.to_owned(),
        ..Default::default()
    }
}

/// Makes the request that sets the field `about`.
pub fn set(name: &str, value: u64) -> pb::UpdateCustomerRequest {
    let customer = Some(pb::Customer {
        name: name.to_owned(),
        about: value.to_string(),
        ..Default::default()
    });
    let update_mask = Some(FieldMask {
        paths: vec!["about".to_owned()],
    });
    pb::UpdateCustomerRequest {
        customer,
        update_mask,
        ..Default::default()
    }
}

/// Writers at work.
pub struct Writers {
    tasks: JoinSet<u64>,
}

impl Writers {
    /// Starts the writers, each on a connection of its own. Each ends at the first answer that `goes_on` refuses.
    pub fn start(
        round: &str,
        connect: impl Fn() -> CustomerServiceClient<Channel>,
        ledger: &Ledger,
        goes_on: fn(Code) -> bool,
    ) -> Writers {
        let mut tasks = JoinSet::new();
        for i in 0..N_WRITERS {
            tasks.spawn(write(
                format!("{round}-{i}"),
                connect(),
                ledger.clone(),
                goes_on,
            ));
        }
        Writers { tasks }
    }

    /// Waits until all have ended and returns how many writes they were refused.
    pub async fn ended(self) -> u64 {
        self.tasks.join_all().await.into_iter().sum()
    }

    /// Stops all where they are.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}

/// Creates customers and changes each once, until it may not go on.
async fn write(
    prefix: String,
    mut client: CustomerServiceClient<Channel>,
    ledger: Ledger,
    goes_on: fn(Code) -> bool,
) -> u64 {
    let mut n_refused = 0;
    for i in 0_u64.. {
        for value in [0, 1] {
            let id = format!("w{prefix}-{i}");
            let answer = match value {
                0 => client.create_customer(create(&id)).await,
                _ => {
                    client
                        .update_customer(set(&format!("customers/{id}"), value))
                        .await
                }
            };
            match answer {
                Ok(answer) => ledger.note(&answer, value),
                Err(refusal) if goes_on(refusal.code()) => {
                    n_refused += 1;
                    pause(&mut client).await;
                    break;
                }
                Err(refusal) => return n_refused + expected(&refusal),
            }
        }
    }
    n_refused
}

/// Asks for something small, so that a refused writer does not spin.
async fn pause(client: &mut CustomerServiceClient<Channel>) {
    let request = pb::GetCustomerRequest {
        name: "customers/nobody".to_owned(),
        read_mask: None,
    };
    let _ = client.get_customer(request).await;
    tokio::task::yield_now().await;
}

/// A service that is gone is UNAVAILABLE; a connection cut under a call may be told in other words.
fn expected(refusal: &Status) -> u64 {
    let codes = [
        Code::Unavailable,
        Code::Cancelled,
        Code::Unknown,
        Code::Internal,
    ];
    assert!(codes.contains(&refusal.code()), "{refusal:?}");
    1
}
