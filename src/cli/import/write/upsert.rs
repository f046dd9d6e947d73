//! Finding, creating and updating the record of a draft.
//!
//! What a row changes in a record is decided in `merge.rs`.

use prost_reflect::{DynamicMessage, Value};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::cli::import::draft::Draft;
use crate::cli::import::fault::Fault;
use crate::cli::import::write::error::WriteError;
use crate::cli::import::write::merge::{MergeMode, differences, merged};
use crate::cli::import::write::retry::RetryingClient;
use crate::cli::record::{ApiCall, message_of, quoted, text};
use crate::name::Kind;

/// How often a record is read again because somebody else changes it at the same time.
const MAX_RACES: usize = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UpsertOutcome {
    Created,
    Updated,
    Unchanged,
}

/// The customer and the contact of a row, for its affiliation.
#[derive(Clone, Default)]
pub(crate) struct RowLinks {
    pub(crate) customer: String,
    pub(crate) contact: String,
    /// Whether one of them has just been created, so that no affiliation can exist yet.
    pub(crate) is_new: bool,
}

enum RowRefusal {
    Status(Status),
    Reason(String),
}

impl From<Status> for RowRefusal {
    fn from(status: Status) -> RowRefusal {
        RowRefusal::Status(status)
    }
}

/// Brings the record of a draft into the state that the row wants, and returns it.
pub(crate) async fn upsert(
    client: &RetryingClient,
    draft: &Draft,
    mode: MergeMode,
    links: &RowLinks,
) -> Result<(UpsertOutcome, DynamicMessage), WriteError> {
    let mut races = 0..MAX_RACES;
    loop {
        match try_upsert(client, draft, mode, links).await {
            Ok(done) => return Ok(done),
            // Somebody else was faster: read and merge again.
            Err(RowRefusal::Status(status)) if is_race(&status) && races.next().is_some() => {}
            Err(RowRefusal::Status(status)) => return Err(WriteError::of_status(draft, &status)),
            Err(RowRefusal::Reason(reason)) => {
                let fault = Fault::of_record(draft.kind, None, reason);
                return Err(WriteError::Refused(fault));
            }
        }
    }
}

fn is_race(status: &Status) -> bool {
    let reason = status.get_details_error_info().map(|info| info.reason);
    // An external id that did not exist a moment ago; if it belongs to another record, it still will the next time.
    status.code() == Code::Aborted || reason.as_deref() == Some("EXTERNAL_ID_EXISTS")
}

async fn try_upsert(
    client: &RetryingClient,
    draft: &Draft,
    mode: MergeMode,
    links: &RowLinks,
) -> Result<(UpsertOutcome, DynamicMessage), RowRefusal> {
    let Some(stored) = find(client, draft, links).await? else {
        let new = merged(&blank(draft.kind, links), draft, MergeMode::Sync);
        let created = create(client, draft.kind, new).await?;
        return Ok((UpsertOutcome::Created, created));
    };
    let wanted = merged(&stored, draft, mode);
    let changed = differences(&stored, &wanted);
    if changed.is_empty() {
        return Ok((UpsertOutcome::Unchanged, stored));
    }
    let call = ApiCall::on_one(draft.kind, "Update")
        .with(draft.kind.singular(), Value::Message(wanted))
        .with_mask("update_mask", changed);
    let updated = client.write(call).await?;
    // A difference may mean nothing to the server, such as a host name in capitals.
    let is_same = text(&updated, "etag") == text(&stored, "etag");
    let outcome = if is_same {
        UpsertOutcome::Unchanged
    } else {
        UpsertOutcome::Updated
    };
    Ok((outcome, updated))
}

async fn create(
    client: &RetryingClient,
    kind: Kind,
    record: DynamicMessage,
) -> Result<DynamicMessage, RowRefusal> {
    let has_name = message_of(kind).get_field_by_name("display_name").is_some();
    if has_name && text(&record, "display_name").is_empty() {
        let reason = "no record has this key, and the row has no name for a new one";
        return Err(RowRefusal::Reason(reason.to_owned()));
    }
    let call = ApiCall::on_one(kind, "Create").with(kind.singular(), Value::Message(record));
    Ok(client.write(call).await?)
}

/// Returns what a new record starts from.
fn blank(kind: Kind, links: &RowLinks) -> DynamicMessage {
    let mut record = DynamicMessage::new(message_of(kind));
    if kind == Kind::Affiliation {
        record.set_field_by_name("contact", Value::String(links.contact.clone()));
        record.set_field_by_name("customer", Value::String(links.customer.clone()));
    }
    record
}

/// Finds the record of a draft by its key; an affiliation without a key by what it links.
async fn find(
    client: &RetryingClient,
    draft: &Draft,
    links: &RowLinks,
) -> Result<Option<DynamicMessage>, RowRefusal> {
    let filter = match draft.ids.first() {
        Some((system, id)) => format!("external_ids.{} = {}", quoted(system), quoted(id)),
        None if links.is_new => return Ok(None),
        None => format!(
            "contact = {} AND customer = {}",
            quoted(&links.contact),
            quoted(&links.customer)
        ),
    };
    let found = client.list(draft.kind, filter, true).await?;
    only_live(found).map_err(RowRefusal::Reason)
}

/// Returns the only live record; of several affiliations, the only one that has not ended.
fn only_live(found: Vec<DynamicMessage>) -> Result<Option<DynamicMessage>, String> {
    let is_deleted = |record: &DynamicMessage| record.has_field_by_name("delete_time");
    let is_open = |record: &DynamicMessage| !record.has_field_by_name("end_date");
    let (deleted, live): (Vec<_>, Vec<_>) = found.into_iter().partition(is_deleted);
    let n_live = live.len();
    let n_open = live.iter().filter(|record| is_open(record)).count();
    match (n_live, n_open, deleted.first()) {
        (0, _, None) => Ok(None),
        (0, _, Some(record)) => Err(format!(
            "{} has this key and is deleted: undelete it, or leave the row out",
            text(record, "name")
        )),
        (1, _, _) => Ok(live.into_iter().next()),
        (_, 1, _) => Ok(live.into_iter().find(is_open)),
        _ => Err(format!(
            "there are {n_live} of this contact at this customer: map `external_ids` to tell them apart"
        )),
    }
}
