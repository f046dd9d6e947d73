//! One row under way: its records are written one after the other, up to the first that fails.

use std::sync::Arc;

use prost_reflect::DynamicMessage;

use crate::cli::import::draft::Draft;
use crate::cli::import::fault::Fault;
use crate::cli::import::mapping::Mapping;
use crate::cli::import::run::row_order::RowTurn;
use crate::cli::import::write::error::WriteError;
use crate::cli::import::write::merge::MergeMode;
use crate::cli::import::write::resolve::{NameCache, Resolution, resolve};
use crate::cli::import::write::retry::RetryingClient;
use crate::cli::import::write::roles::{InferredCounts, infer_roles};
use crate::cli::import::write::upsert::{RowLinks, UpsertOutcome, upsert};
use crate::cli::record::text;
use crate::name::Kind;

/// What all rows of a run share.
pub(crate) struct RowContext {
    pub(crate) client: RetryingClient,
    pub(crate) names: NameCache,
    pub(crate) mapping: Mapping,
}

/// What became of a row.
#[derive(Default)]
pub(crate) struct RowResult {
    pub(crate) line: u64,
    pub(crate) outcomes: Vec<(Kind, UpsertOutcome)>,
    /// What has to wait for later rows.
    pub(crate) deferred: Vec<DeferredRecord>,
    /// What became of a deferred record: before, if it was written then, and now.
    pub(crate) settled: Option<(Kind, Option<UpsertOutcome>, UpsertOutcome)>,
    pub(crate) inferred: InferredCounts,
    /// Why the row was not imported, or not in full.
    pub(crate) fault: Option<Fault>,
    /// Why there is no point in going on.
    pub(crate) gone: Option<String>,
}

/// A record that refers to one which a later row may make.
pub(crate) struct DeferredRecord {
    pub(crate) line: u64,
    /// The record as the row has it, with the ids in its references.
    pub(crate) draft: Draft,
    mode: MergeMode,
    links: RowLinks,
    /// What became of the record without the reference, if it was written.
    before: Option<UpsertOutcome>,
}

impl RowResult {
    fn new(line: u64) -> RowResult {
        RowResult {
            line,
            ..RowResult::default()
        }
    }

    fn end(mut self, ended: Result<(), WriteError>) -> RowResult {
        match ended {
            Ok(()) => {}
            Err(WriteError::Refused(fault)) => self.fault = Some(fault),
            Err(WriteError::Gone(reason)) => self.gone = Some(reason),
        }
        self
    }
}

/// Writes the records of a row when its turn comes.
pub(crate) async fn import_row(
    context: Arc<RowContext>,
    line: u64,
    drafts: Vec<Draft>,
    mut turn: RowTurn,
) -> RowResult {
    turn.wait().await;
    let mut result = RowResult::new(line);
    let ended = import_drafts(&context, drafts, &turn, &mut result).await;
    result.end(ended)
}

async fn import_drafts(
    context: &RowContext,
    drafts: Vec<Draft>,
    turn: &RowTurn,
    result: &mut RowResult,
) -> Result<(), WriteError> {
    let mut links = RowLinks::default();
    for (draft, repeat) in drafts.into_iter().zip(&turn.repeats) {
        let mode = match repeat {
            Some(_) => MergeMode::Add,
            None => MergeMode::Sync,
        };
        let mut resolved = draft.clone();
        let may_make = |reference: &_| context.mapping.may_make(reference);
        let resolution = resolve(&context.client, &context.names, &mut resolved, may_make).await?;
        let written = match resolution {
            Resolution::Insufficient => None,
            _ => Some(upsert(&context.client, &resolved, mode, &links).await?),
        };
        if resolution != Resolution::Complete {
            result.deferred.push(DeferredRecord {
                line: result.line,
                draft,
                mode,
                links: links.clone(),
                before: written.as_ref().map(|(outcome, _)| *outcome),
            });
        }
        if let Some((outcome, record)) = written {
            result.outcomes.push((resolved.kind, outcome));
            links.is_new |= outcome == UpsertOutcome::Created;
            match resolved.kind {
                Kind::Customer => links.customer = text(&record, "name"),
                Kind::Contact => links.contact = text(&record, "name"),
                Kind::Affiliation => result.inferred = infer(context, &resolved, record).await?,
                _ => {}
            }
        }
    }
    Ok(())
}

async fn infer(
    context: &RowContext,
    draft: &Draft,
    affiliation: DynamicMessage,
) -> Result<InferredCounts, WriteError> {
    let Some(rules) = &context.mapping.title_rules else {
        return Ok(InferredCounts::default());
    };
    infer_roles(&context.client, rules, affiliation)
        .await
        .map_err(|status| WriteError::of_status(draft, &status))
}

/// Writes a record again, now that all rows are done: what is still unknown is a fault.
pub(crate) async fn import_deferred(
    context: Arc<RowContext>,
    record: DeferredRecord,
    mut turn: RowTurn,
) -> RowResult {
    turn.wait().await;
    let mut result = RowResult::new(record.line);
    let ended = settle(&context, record, &mut result).await;
    result.end(ended)
}

async fn settle(
    context: &RowContext,
    record: DeferredRecord,
    result: &mut RowResult,
) -> Result<(), WriteError> {
    let mut draft = record.draft;
    resolve(&context.client, &context.names, &mut draft, |_| false).await?;
    let links = RowLinks {
        is_new: false,
        ..record.links
    };
    let (outcome, _) = upsert(&context.client, &draft, record.mode, &links).await?;
    result.settled = Some((draft.kind, record.before, outcome));
    Ok(())
}
