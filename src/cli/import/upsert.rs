//! Finding, making and changing the record that a row is about, through the API.
//!
//! It owns the calls: retries, request ids, etags. What a row changes in a record is decided in `merge.rs`.

use std::sync::Arc;
use std::time::Duration;

use prost_reflect::{DynamicMessage, Value};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::cli::client::{Client, explain};
use crate::cli::import::fault::Fault;
use crate::cli::import::merge::{Mode, differences, merged};
use crate::cli::import::references::Names;
use crate::cli::import::row::Draft;
use crate::cli::record::{Call, Page, message_of, quoted, text};
use crate::name::Kind;

/// How long to wait before a call is repeated because the server could not be reached, or is busy: twice as long before
/// each further time, up to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_millis(3_200);
/// How long in all, while nobody answers, and while a server answers that it is busy: others may keep it so for long.
/// Either begins anew when the one turns into the other, but no call waits longer than both together.
const WAITS_UNANSWERED: Duration = Duration::from_secs(6);
const WAITS_BUSY: Duration = Duration::from_secs(300);
/// How often a record is read again when somebody else changes it at the same time.
const ATTEMPTS: usize = 5;

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There was none with this key.
    Created,
    /// It changed.
    Updated,
    /// It was as the row says.
    Unchanged,
}

/// Why a record could not be written.
pub enum Failure {
    /// The server has something against it.
    Refused(Fault),
    /// The server has gone: there is no point in going on.
    Gone(String),
}

/// Writes records through the API. Cheap to clone.
#[derive(Clone)]
pub struct Writer {
    /// The client.
    pub client: Client,
    /// The names of the records that others refer to.
    pub names: Arc<Names>,
}

/// The customer and the contact of the row, for an affiliation.
#[derive(Clone, Default)]
pub struct Links {
    /// The name of the customer.
    pub customer: String,
    /// The name of the contact.
    pub contact: String,
    /// Whether one of them was made just now, so that there can be no affiliation yet.
    pub is_new: bool,
}

impl Writer {
    /// Makes a call safe to repeat.
    pub fn write(call: Call) -> Call {
        call.with_text("request_id", uuid::Uuid::now_v7().to_string())
    }

    /// Makes a call, again while the server is not available.
    pub async fn send(&self, call: &Call) -> Result<DynamicMessage, Status> {
        let (mut wait, mut waited, mut waited_in_all) =
            (FIRST_WAIT, Duration::ZERO, Duration::ZERO);
        let mut patience = None;
        loop {
            let status = match call.send(&self.client).await {
                Err(status) if is_away(&status) => status,
                ended => return ended,
            };
            let most = patience_with(&status);
            if patience.replace(most) != Some(most) {
                (wait, waited) = (FIRST_WAIT, Duration::ZERO);
            }
            if waited >= most || waited_in_all >= WAITS_BUSY + WAITS_UNANSWERED {
                return Err(status);
            }
            tokio::time::sleep(wait).await;
            waited += wait;
            waited_in_all += wait;
            wait = (2 * wait).min(LONGEST_WAIT);
        }
    }

    /// Brings the record of a draft into the state that the row wants, and returns it.
    pub async fn upsert(
        &self,
        draft: &Draft,
        mode: Mode,
        links: &Links,
    ) -> Result<(Outcome, DynamicMessage), Failure> {
        let mut attempts = 0..ATTEMPTS;
        loop {
            match self.try_upsert(draft, mode, links).await {
                Ok(done) => return Ok(done),
                // Somebody else was faster: read again, apply again.
                Err(Refusal::Status(status)) if is_race(&status) && attempts.next().is_some() => {}
                Err(Refusal::Status(status)) => return Err(failure(draft, &status)),
                Err(Refusal::Fault(reason)) => {
                    return Err(Failure::Refused(Fault::of_record(draft.kind, None, reason)));
                }
            }
        }
    }

    async fn try_upsert(
        &self,
        draft: &Draft,
        mode: Mode,
        links: &Links,
    ) -> Result<(Outcome, DynamicMessage), Refusal> {
        let found = if links.is_new && draft.ids.is_empty() {
            None
        } else {
            self.find(draft, links).await?
        };
        let Some(stored) = found else {
            let new = merged(&empty(draft.kind, links), draft, Mode::Sync);
            return Ok((Outcome::Created, self.create(draft.kind, new).await?));
        };
        let wanted = merged(&stored, draft, mode);
        let changed = differences(&stored, &wanted);
        if changed.is_empty() {
            return Ok((Outcome::Unchanged, stored));
        }
        let call = Writer::write(Call::on_one(draft.kind, "Update"))
            .with(draft.kind.singular(), Value::Message(wanted))
            .with_mask("update_mask", changed);
        let updated = self.send(&call).await?;
        // What differed may mean the same to the server, such as a host name in capitals.
        let is_same = text(&updated, "etag") == text(&stored, "etag");
        Ok((
            if is_same {
                Outcome::Unchanged
            } else {
                Outcome::Updated
            },
            updated,
        ))
    }

    async fn create(&self, kind: Kind, record: DynamicMessage) -> Result<DynamicMessage, Refusal> {
        let has_name = message_of(kind).get_field_by_name("display_name").is_some();
        if has_name && text(&record, "display_name").is_empty() {
            return Err(Refusal::Fault(
                "there is none with this key, and the row has no name to make one".to_owned(),
            ));
        }
        let call = Writer::write(Call::on_one(kind, "Create"))
            .with(kind.singular(), Value::Message(record));
        Ok(self.send(&call).await?)
    }

    /// Finds the record of a draft: by its key, an affiliation without one by what it links.
    async fn find(&self, draft: &Draft, links: &Links) -> Result<Option<DynamicMessage>, Refusal> {
        let filter = match draft.ids.first() {
            Some((system, id)) => format!("external_ids.{} = {}", quoted(system), quoted(id)),
            None => format!(
                "contact = {} AND customer = {}",
                quoted(&links.contact),
                quoted(&links.customer)
            ),
        };
        let call = Call::on_many(draft.kind, "List")
            .with_text("filter", filter)
            .with("show_deleted", Value::Bool(true));
        let found = Page::of(draft.kind, &self.send(&call).await?).records;
        let is_deleted = |record: &DynamicMessage| record.has_field_by_name("delete_time");
        let is_open = |record: &DynamicMessage| !record.has_field_by_name("end_date");
        let n_found = found.len();
        let (deleted, live): (Vec<_>, Vec<_>) = found.into_iter().partition(is_deleted);
        let n_open = live.iter().filter(|record| is_open(record)).count();
        match (live.len(), n_open) {
            (0, _) if n_found == 0 => Ok(None),
            (0, _) => {
                let name = deleted
                    .first()
                    .map(|record| text(record, "name"))
                    .unwrap_or_default();
                Err(Refusal::Fault(format!(
                    "{name} has this key and is deleted: undelete it, or leave the row out"
                )))
            }
            (1, _) => Ok(live.into_iter().next()),
            (_, 1) => Ok(live.into_iter().find(is_open)),
            (n, _) => Err(Refusal::Fault(format!(
                "there are {n} of this contact at this customer: map `external_ids` to tell them apart"
            ))),
        }
    }
}

enum Refusal {
    Status(Status),
    Fault(String),
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Refusal {
        Refusal::Status(status)
    }
}

/// Returns the record that a new one starts from.
fn empty(kind: Kind, links: &Links) -> DynamicMessage {
    let mut record = DynamicMessage::new(message_of(kind));
    if kind == Kind::Affiliation {
        record.set_field_by_name("contact", Value::String(links.contact.clone()));
        record.set_field_by_name("customer", Value::String(links.customer.clone()));
    }
    record
}

/// Says whether the server could not be reached, or not now. What is wrong with a connection comes without the details
/// that every answer of a server has.
fn is_away(status: &Status) -> bool {
    let is_answer = status.get_details_error_info().is_some();
    status.code() == Code::Unavailable
        || !is_answer
            && matches!(
                status.code(),
                Code::Unknown | Code::Internal | Code::Cancelled
            )
}

/// Returns how long it makes sense to wait for a server that answers so.
fn patience_with(status: &Status) -> Duration {
    match status.get_details_error_info() {
        None => WAITS_UNANSWERED,
        // Only its operator can put that right.
        Some(info) if info.reason == "STORE_REPLACED" => Duration::ZERO,
        Some(_) => WAITS_BUSY,
    }
}

fn is_race(status: &Status) -> bool {
    let reason = status.get_details_error_info().map(|info| info.reason);
    // An external id that was not there a moment ago; if it belongs to another record, it still will the next time.
    status.code() == Code::Aborted || reason.as_deref() == Some("EXTERNAL_ID_EXISTS")
}

/// Turns what the server answered into a fault, with the column where it can be told.
pub fn failure(draft: &Draft, status: &Status) -> Failure {
    // What the store cannot do for this row, it cannot do for the next one.
    let lasts = |reason: &str| matches!(reason, "STORE_FULL" | "STORE_CORRUPT");
    let lasts = status
        .get_details_error_info()
        .is_some_and(|info| lasts(&info.reason));
    if is_away(status)
        || lasts
        || matches!(status.code(), Code::Unimplemented | Code::Unauthenticated)
    {
        return Failure::Gone(explain(status));
    }
    let violations = status
        .get_details_bad_request()
        .map(|bad| bad.field_violations)
        .unwrap_or_default();
    let column_of = |field: &str| {
        let path = field
            .strip_prefix(draft.kind.singular())?
            .strip_prefix('.')?;
        draft
            .settings()
            .find(|setting| setting.path() == path)?
            .column
            .clone()
    };
    let column = violations.first().and_then(|bad| column_of(&bad.field));
    if column.is_none() {
        return Failure::Refused(Fault::of_record(draft.kind, column, explain(status)));
    }
    // The report begins with the first column; the others are named here.
    let others = violations
        .iter()
        .skip(1)
        .map(|bad| match column_of(&bad.field) {
            Some(column) => format!("column `{column}` {}", bad.description),
            None => format!("{}: {}", bad.field, bad.description),
        });
    let reasons: Vec<String> = violations
        .iter()
        .take(1)
        .map(|bad| bad.description.clone())
        .chain(others)
        .collect();
    Failure::Refused(Fault::of_record(draft.kind, column, reasons.join("; ")))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicU32, Ordering};

    use tower::service_fn;

    use super::*;
    use crate::error::{Error, Trouble};

    /// Sends a call to a server that refuses all calls up to some number so, and from then on does not know the record.
    async fn sent(refused: u32, so: fn() -> Status) -> (Code, u32) {
        let unknown = || {
            Error::KeyUnknown {
                kind: Kind::Customer,
            }
            .into()
        };
        sent_to(move |n| if n < refused { so() } else { unknown() }).await
    }

    /// Sends a call to a server that answers the nth time so, and returns what it ends with and the number of calls.
    async fn sent_to(
        answer: impl Fn(u32) -> Status + Clone + Send + Sync + 'static,
    ) -> (Code, u32) {
        let calls = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&calls);
        let server = service_fn(move |_| {
            let status = answer(counted.fetch_add(1, Ordering::Relaxed));
            std::future::ready(Ok::<_, Infallible>(status.into_http()))
        });
        let writer = Writer {
            client: Client::new(server),
            names: Arc::default(),
        };
        let call = Call::on_one(Kind::Customer, "Get").with_text("name", "customers/x");
        let answer = writer
            .send(&call)
            .await
            .expect_err("nothing is answered otherwise");
        (answer.code(), calls.load(Ordering::Relaxed))
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_server_is_waited_for() {
        assert_eq!(
            sent(60, || Error::Overloaded.into()).await,
            (Code::NotFound, 61)
        );
        let (code, n_calls) = sent(u32::MAX, || Error::Overloaded.into()).await;
        assert!(
            code == Code::Unavailable && n_calls > 60,
            "after {n_calls} calls"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_begins_anew_when_the_refusal_turns_into_another() {
        let gone = || Status::unavailable("no connection");
        // Busy for longer than one waits for an answer, then away while it starts again, then busy.
        let (code, n_calls) = sent_to(move |n| match n {
            0..20 | 24..30 => Error::Overloaded.into(),
            20..24 => gone(),
            _ => Error::KeyUnknown {
                kind: Kind::Customer,
            }
            .into(),
        })
        .await;
        assert_eq!((code, n_calls), (Code::NotFound, 31));
        let (code, _) = sent_to(move |n| {
            if n % 2 == 0 {
                gone()
            } else {
                Error::Overloaded.into()
            }
        })
        .await;
        assert_eq!(code, Code::Unavailable, "it ends some day");
    }

    #[test]
    fn a_store_that_is_full_or_damaged_ends_the_import() {
        let draft = Draft {
            kind: Kind::Customer,
            ids: Vec::new(),
            parts: Vec::new(),
        };
        for trouble in [Trouble::Full, Trouble::Corrupt] {
            let status = Error::store(trouble, "x").into();
            assert!(
                matches!(failure(&draft, &status), Failure::Gone(_)),
                "{trouble:?}"
            );
        }
        let status = Error::field("customer.about", "is wrong").into();
        assert!(matches!(failure(&draft, &status), Failure::Refused(_)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_is_gone_is_not_waited_for_long() {
        let (code, n_calls) = sent(u32::MAX, || Status::unavailable("no connection")).await;
        assert!(
            code == Code::Unavailable && (5..20).contains(&n_calls),
            "after {n_calls} calls"
        );
        assert_eq!(
            sent(u32::MAX, || Error::store(Trouble::Replaced, "x").into()).await,
            (Code::Unavailable, 1)
        );
    }
}
