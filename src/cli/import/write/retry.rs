//! Calls that are repeated while the server is away or busy.

use std::time::Duration;

use prost_reflect::{DynamicMessage, Value};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::cli::client::Client;
use crate::cli::record::{ApiCall, RecordPage};
use crate::name::Kind;

/// The first wait before a call is repeated; each further one is twice as long, up to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_millis(3_200);
/// How long to wait in all while nobody answers, and while a server answers that it is busy: others may keep it so for
/// long. Either starts anew when the one turns into the other, but no call waits longer than both together.
const PATIENCE_UNANSWERED: Duration = Duration::from_secs(6);
const PATIENCE_BUSY: Duration = Duration::from_secs(300);

/// A client that waits for the server. Cheap to clone.
#[derive(Clone)]
pub(crate) struct RetryingClient {
    client: Client,
}

impl RetryingClient {
    pub(crate) fn new(client: Client) -> RetryingClient {
        RetryingClient { client }
    }

    /// Makes a call that is safe to repeat: one that only reads, or has a request id.
    pub(crate) async fn send(&self, call: &ApiCall) -> Result<DynamicMessage, Status> {
        let mut wait = FIRST_WAIT;
        let mut waited = Duration::ZERO;
        let mut waited_in_all = Duration::ZERO;
        let mut last_patience = None;
        loop {
            let status = match call.send(&self.client).await {
                Err(status) if is_away(&status) => status,
                done => return done,
            };
            let patience = patience_with(&status);
            if last_patience.replace(patience) != Some(patience) {
                wait = FIRST_WAIT;
                waited = Duration::ZERO;
            }
            if waited >= patience || waited_in_all >= PATIENCE_BUSY + PATIENCE_UNANSWERED {
                return Err(status);
            }
            tokio::time::sleep(wait).await;
            waited += wait;
            waited_in_all += wait;
            wait = (2 * wait).min(LONGEST_WAIT);
        }
    }

    /// Makes a call that writes, with a request id.
    pub(crate) async fn write(&self, call: ApiCall) -> Result<DynamicMessage, Status> {
        let request_id = uuid::Uuid::now_v7().to_string();
        self.send(&call.with_text("request_id", request_id)).await
    }

    /// Lists the records that match a filter, as far as they fit one page.
    pub(crate) async fn list(
        &self,
        kind: Kind,
        filter: String,
        show_deleted: bool,
    ) -> Result<Vec<DynamicMessage>, Status> {
        let call = ApiCall::on_many(kind, "List")
            .with_text("filter", filter)
            .with("show_deleted", Value::Bool(show_deleted));
        Ok(RecordPage::read(kind, &self.send(&call).await?).records)
    }
}

/// Says whether the server cannot be reached, or not now. Every answer of a server has details; a broken connection has
/// none.
pub(crate) fn is_away(status: &Status) -> bool {
    let is_answer = status.get_details_error_info().is_some();
    let is_broken = matches!(
        status.code(),
        Code::Unknown | Code::Internal | Code::Cancelled
    );
    status.code() == Code::Unavailable || !is_answer && is_broken
}

fn patience_with(status: &Status) -> Duration {
    match status.get_details_error_info() {
        None => PATIENCE_UNANSWERED,
        Some(_) => PATIENCE_BUSY,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::convert::Infallible;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use tonic_types::ErrorDetails;
    use tower::service_fn;

    use super::*;

    fn answer(code: Code, reason: &str) -> Status {
        let details = ErrorDetails::with_error_info(reason, "clientele.dev", HashMap::new());
        Status::with_error_details(code, "x", details)
    }

    fn busy() -> Status {
        answer(Code::Unavailable, "OVERLOADED")
    }

    fn not_found() -> Status {
        answer(Code::NotFound, "RESOURCE_NOT_FOUND")
    }

    fn gone() -> Status {
        Status::unavailable("no connection")
    }

    /// Sends a call to a server that gives some answer up to a number of times, and from then on does not know the record.
    async fn sent(n_times: u32, first: fn() -> Status) -> (Code, u32) {
        sent_to(move |n| if n < n_times { first() } else { not_found() }).await
    }

    /// Sends a call to a server that answers the nth time so, and returns how it ends and the number of calls.
    async fn sent_to(
        answer: impl Fn(u32) -> Status + Clone + Send + Sync + 'static,
    ) -> (Code, u32) {
        let calls = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&calls);
        let server = service_fn(move |_| {
            let status = answer(counted.fetch_add(1, Ordering::Relaxed));
            std::future::ready(Ok::<_, Infallible>(status.into_http()))
        });
        let client = RetryingClient::new(Client::new(server));
        let call = ApiCall::on_one(Kind::Customer, "Get").with_text("name", "customers/x");
        let answer = client.send(&call).await.expect_err("no call ever succeeds");
        (answer.code(), calls.load(Ordering::Relaxed))
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_server_is_waited_for() {
        assert_eq!(sent(60, busy).await, (Code::NotFound, 61));
        let (code, n_calls) = sent(u32::MAX, busy).await;
        assert!(
            code == Code::Unavailable && n_calls > 60,
            "after {n_calls} calls"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_starts_anew_when_the_refusal_turns_into_another() {
        // Busy for longer than an answer is waited for, then away while it starts again, then busy.
        let (code, n_calls) = sent_to(|n| match n {
            0..20 | 24..30 => busy(),
            20..24 => gone(),
            _ => not_found(),
        })
        .await;
        assert_eq!((code, n_calls), (Code::NotFound, 31));
        let (code, _) = sent_to(|n| if n % 2 == 0 { gone() } else { busy() }).await;
        assert_eq!(code, Code::Unavailable, "it ends at last");
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_is_gone_is_not_waited_for_long() {
        let (code, n_calls) = sent(u32::MAX, gone).await;
        assert!(
            code == Code::Unavailable && (5..20).contains(&n_calls),
            "after {n_calls} calls"
        );
        let replaced = || answer(Code::DataLoss, "STORE_REPLACED");
        assert_eq!(sent(u32::MAX, replaced).await, (Code::DataLoss, 1));
    }
}
