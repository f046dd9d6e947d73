//! References: the external ids in a draft become the names of the records that have them.
//!
//! Names are cached, because a file refers to the same few records in many rows.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use prost_reflect::{DynamicMessage, Value};
use tonic::Status;

use crate::cli::import::draft::Draft;
use crate::cli::import::fault::Fault;
use crate::cli::import::mapping::reference::ExternalReference;
use crate::cli::import::write::error::WriteError;
use crate::cli::import::write::retry::RetryingClient;
use crate::cli::record::{quoted, text};
use crate::name::Kind;

/// The most names in the cache. A full cache is emptied, so that no file is too large.
const MAX_NAMES: usize = 100_000;

/// The names of records by what refers to them: the reference and the id.
#[derive(Default)]
pub(crate) struct NameCache(Mutex<HashMap<(ExternalReference, String), String>>);

/// How many references of a draft have been resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Resolution {
    Complete,
    /// Without one that a later row may make.
    Partial,
    /// Without one that a later row may make and the record cannot exist without.
    Insufficient,
}

/// Why an id gives no name.
enum Unresolved {
    /// No record has it.
    Unknown(String),
    /// The record that has it cannot be referred to.
    Unusable(String),
}

/// Replaces the ids in a draft by names. An unknown record that a later row of the file may make is left out.
pub(crate) async fn resolve(
    client: &RetryingClient,
    names: &NameCache,
    draft: &mut Draft,
    may_make: impl Fn(&ExternalReference) -> bool,
) -> Result<Resolution, WriteError> {
    let original = draft.clone();
    let mut resolution = Resolution::Complete;
    for assignment in draft.assignments_mut() {
        let Some(reference) = assignment.reference.clone() else {
            continue;
        };
        let mut resolved = Vec::new();
        for id in assignment.values.iter().filter_map(Value::as_str) {
            let found = name_of(client, names, &reference, id)
                .await
                .map_err(|status| WriteError::of_status(&original, &status))?;
            match found {
                Ok(name) => resolved.push(Value::String(name)),
                Err(Unresolved::Unknown(_)) if may_make(&reference) => {
                    resolution = resolution.max(if assignment.is_required() {
                        Resolution::Insufficient
                    } else {
                        Resolution::Partial
                    });
                }
                Err(Unresolved::Unknown(reason) | Unresolved::Unusable(reason)) => {
                    let column = assignment.column.clone();
                    let fault = Fault::of_record(original.kind, column, reason);
                    return Err(WriteError::Refused(fault));
                }
            }
        }
        assignment.values = resolved;
    }
    Ok(resolution)
}

async fn name_of(
    client: &RetryingClient,
    names: &NameCache,
    reference: &ExternalReference,
    id: &str,
) -> Result<Result<String, Unresolved>, Status> {
    let key = (reference.clone(), id.to_owned());
    if let Some(name) = names.get(&key) {
        return Ok(Ok(name));
    }
    let filter = format!(
        "external_ids.{} = {}",
        quoted(&reference.system),
        quoted(id)
    );
    let found = client.list(reference.kind, filter, true).await?;
    let name = match usable_name(reference, found.first()) {
        Ok(contact) if reference.is_employer => employer_of(client, &contact).await?,
        name => name,
    };
    if let Ok(name) = &name {
        names.insert(key, name.clone());
    }
    Ok(name)
}

fn usable_name(
    reference: &ExternalReference,
    found: Option<&DynamicMessage>,
) -> Result<String, Unresolved> {
    let Some(record) = found else {
        return Err(Unresolved::Unknown(format!(
            "refers to a {} that is not known by this id of `{}`: import it first",
            reference.kind.singular(),
            reference.system
        )));
    };
    let name = text(record, "name");
    if record.has_field_by_name("delete_time") {
        let reason = format!("refers to {name}, which is deleted");
        return Err(Unresolved::Unusable(reason));
    }
    Ok(name)
}

/// Returns the customer where a contact works: the only one, or the primary one.
async fn employer_of(
    client: &RetryingClient,
    contact: &str,
) -> Result<Result<String, Unresolved>, Status> {
    let filter = format!("contact = {}", quoted(contact));
    let found = client.list(Kind::Affiliation, filter, false).await?;
    let is_primary = |affiliation: &&DynamicMessage| {
        affiliation
            .get_field_by_name("primary")
            .is_some_and(|value| value.as_bool() == Some(true))
    };
    let running: Vec<&DynamicMessage> = found
        .iter()
        .filter(|affiliation| !affiliation.has_field_by_name("end_date"))
        .collect();
    let primary: Vec<&DynamicMessage> = running.iter().copied().filter(is_primary).collect();
    Ok(match (&running[..], &primary[..]) {
        ([only], _) | (_, [only]) => Ok(text(only, "customer")),
        ([], _) => Err(Unresolved::Unknown(format!(
            "refers to {contact}, who is at no customer"
        ))),
        (several, _) => Err(Unresolved::Unusable(format!(
            "refers to {contact}, who is at {} customers",
            several.len()
        ))),
    })
}

impl NameCache {
    fn get(&self, key: &(ExternalReference, String)) -> Option<String> {
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.get(key).cloned()
    }

    fn insert(&self, key: (ExternalReference, String), name: String) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= MAX_NAMES {
            names.clear();
        }
        names.insert(key, name);
    }
}
