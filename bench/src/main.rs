//! Benchmarks: each measures both sides in one run and prints their ratio. Nothing here is a test.
//!
//! It measures what is shipped, and starts the program that was built beside it: `cargo build --profile dist`, then
//! `cargo run --profile dist -p clientele-bench -- [calls|auth|writes|reads|recall [FOLDER]|lookup [FOLDER]|questions [CUSTOMERS]|segments [CUSTOMERS]|dear [CUSTOMERS]]`
//!
//! `pressure [CUSTOMERS [SECONDS]]` and `flood [SECONDS]` are not among them unless they are asked for: they play attacks
//! for as long as they are told to.

mod auth;
mod bare;
mod calls;
mod corpus;
mod dear;
mod flood;
mod people;
mod pressure;
mod questions;
mod raw;
mod reads;
mod recall;
mod segments;
mod writes;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clientele::clock::Clock;
use clientele::pb;
use clientele::store::engine::open::{DatabaseUrl, Opened};
use clientele::store::open;
use clientele::store::record::request::WriteOptions;
use clientele::store::write::create::New;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("bare") => calls::bare().await,
        Some("calls") => calls::run().await,
        Some("auth") => auth::run().await,
        Some("writes") => writes::run().await,
        Some("reads") => reads::run().await,
        Some("recall") => recall::run(folder()).await,
        Some("lookup") => {
            recall::run(folder()).await?;
            questions::look_up(100_000).await
        }
        Some("questions") => questions::run(n_customers(100_000)?).await,
        Some("pressure") => pressure::run(n_customers(100_000)?, seconds(3)?).await,
        Some("flood") => flood::run(seconds(2)?).await,
        Some("segments") => segments::run(n_customers(1_000_000)?).await,
        Some("dear") => dear::run(n_customers(100_000)?).await,
        None => {
            calls::run().await?;
            auth::run().await?;
            writes::run().await?;
            reads::run().await?;
            recall::run(None).await?;
            questions::run(100_000).await?;
            segments::run(1_000_000).await?;
            dear::run(100_000).await
        }
        Some(_) => {
            anyhow::bail!(
                "usage: clientele-bench [calls|auth|writes|reads|recall [FOLDER]|lookup [FOLDER]|questions [CUSTOMERS]|segments [CUSTOMERS]|dear [CUSTOMERS]|pressure [CUSTOMERS [SECONDS]]|flood [SECONDS]]"
            )
        }
    }
}

/// Returns the folder of data that was given.
fn folder() -> Option<PathBuf> {
    std::env::args_os().nth(2).map(PathBuf::from)
}

/// Returns the number of customers that was asked for.
fn n_customers(otherwise: usize) -> anyhow::Result<usize> {
    Ok(std::env::args()
        .nth(2)
        .map_or(Ok(otherwise), |n| n.parse())?)
}

/// Returns how long each attack shall last.
fn seconds(argument: usize) -> anyhow::Result<Duration> {
    let seconds = std::env::args().nth(argument);
    Ok(Duration::from_secs(seconds.map_or(Ok(20), |n| n.parse())?))
}

/// Opens a store in a folder.
async fn store(folder: &Path) -> anyhow::Result<Opened> {
    Ok(open(&DatabaseUrl::Sqlite(folder.join("bench.db")), Clock::System).await?)
}

/// Makes the unit that creates customer `i`: a business with an external id, an e-mail, a phone and a label.
fn customer(i: usize) -> New<pb::Customer> {
    let resource = pb::Customer {
        name: format!("customers/bench-{i}"),
        display_name: format!("Bench Customer {i}"),
        kind: pb::customer::Kind::Business.into(),
        business: Some(pb::customer::Business {
            employee_count: Some(40),
            industry: "Retail".into(),
            ..Default::default()
        }),
        emails: vec![pb::EmailAddress {
            address: format!("office{i}@example.com"),
            r#type: 1,
            ..Default::default()
        }],
        phone_numbers: vec![pb::PhoneNumber {
            text: format!("+49 30 {i:07}"),
            ..Default::default()
        }],
        external_ids: vec![pb::ExternalId {
            system: "bench".into(),
            id: i.to_string(),
        }],
        labels: [("tier".to_owned(), "gold".to_owned())].into(),
        ..Default::default()
    };
    let options = WriteOptions {
        method: "CreateCustomer",
        request: None,
        validate_only: false,
    };
    New {
        resource,
        options,
        companions: Vec::new(),
    }
}
