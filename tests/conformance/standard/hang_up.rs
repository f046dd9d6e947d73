//! Callers who hang up during a read, at any moment: the next caller still reads the current state.
//!
//! A connection that lies idle inside a read transaction keeps showing its old snapshot: without a guard, 45 of 60 reads
//! after cut calls were stale. The guard is in `store::engine::lane`.

use std::time::{Duration, Instant};

use clientele::pb;
use futures_util::future::join_all;
use tokio::time::timeout;
use tonic::{Code, Status};

use crate::harness::Harness;
use crate::harness::keys::by_name;
use crate::harness::questions;

conformance! {
    whoever_asks_after_a_cut_call_reads_what_is_there,
}

/// How often each question is cut.
const CUTS: usize = 12;
/// Readers at a time, more than either engine has connections.
const READERS: usize = 24;

async fn whoever_asks_after_a_cut_call_reads_what_is_there(h: Harness) {
    let firms = questions::world(&h).await;
    let firm = &firms[0].0.name;
    let mut n_cut = 0;
    let n_questions = questions::all(&h, 0).len();
    for at in 0..n_questions {
        let began = Instant::now();
        questions::all(&h, 0).swap_remove(at).ask.await.unwrap();
        let whole = began.elapsed();
        for cut in 0..CUTS {
            let question = questions::all(&h, cut).swap_remove(at);
            let patience = whole * u32::try_from(cut + 1).unwrap() / u32::try_from(CUTS).unwrap();
            match timeout(patience, question.ask).await {
                Ok(answer) => answer.unwrap(),
                Err(_) => n_cut += 1,
            }
        }
        let about = format!("after {at}");
        let changed = pb::Customer {
            name: firm.clone(),
            about: about.clone(),
            ..Default::default()
        };
        h.update(changed, &["about"]).await;
        for read in join_all((0..READERS).map(|i| read_about(&h, firm, i))).await {
            assert_eq!(
                read, about,
                "a connection still shows the state of a call that was cut"
            );
        }
    }
    let n_calls = n_questions * CUTS;
    assert!(
        n_cut > n_calls / 10,
        "only {n_cut} of {n_calls} calls were cut: the test would prove nothing"
    );
}

/// Reads the field through each of the ways that a connection is read by. What was cut may hold its connection for a
/// moment yet.
async fn read_about(h: &Harness, firm: &str, i: usize) -> String {
    let read = timeout(Duration::from_secs(60), try_read_about(h, firm, i));
    read.await.expect("a connection comes back")
}

async fn try_read_about(h: &Harness, firm: &str, i: usize) -> String {
    loop {
        let read = match i % 2 {
            0 => {
                let get = pb::GetCustomerRequest {
                    name: firm.to_owned(),
                    read_mask: None,
                };
                h.customers
                    .clone()
                    .get_customer(get)
                    .await
                    .map(|answer| answer.into_inner().about)
            }
            _ => {
                let get = pb::GetProfileRequest {
                    customer: by_name(firm),
                    read_mask: None,
                };
                let profile = h.relationships.clone().get_profile(get).await;
                profile.map(|answer| answer.into_inner().customer.unwrap_or_default().about)
            }
        };
        match read {
            Err(refusal) if is_busy(&refusal) => {}
            read => return read.unwrap(),
        }
    }
}

fn is_busy(refusal: &Status) -> bool {
    refusal.code() == Code::Unavailable
}
