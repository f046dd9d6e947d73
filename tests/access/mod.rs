//! API keys: which calls they open, for whom, and until when.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod actors; // in whose name a key acts
mod attempts; // how often an address may guess
mod credentials; // what is accepted, and that all refusals are alike
mod isolation; // names of another tenant, in every field of every method
mod issuer; // an issuer of tokens
mod keys; // making, listing and revoking them
mod revocation; // the time until a key opens nothing any more, in every process
mod scopes; // which scope opens which method
mod tokens; // tokens of an issuer, and attacks with them

use clientele::pb;
use tonic::Status;

use crate::harness::Harness;
use crate::harness::answer::Answer;
use crate::harness::standard::{List, Standard};

/// Makes a call that needs READ.
async fn read(h: &Harness) -> Answer<(Vec<pb::Customer>, String)> {
    pb::Customer::list(h, List::default()).await
}

/// Waits until a key is refused, and returns how.
async fn until_refused(h: &Harness) -> Status {
    loop {
        if let Err(refusal) = read(h).await {
            return refusal;
        }
        tokio::task::yield_now().await;
    }
}
