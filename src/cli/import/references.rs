//! References: a field that holds the name of another record is given that record's external id.
//!
//! It owns how ids become names. What is found is remembered, because a file names the same few records in many rows.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, anyhow, bail};
use prost_reflect::{DynamicMessage, FieldDescriptor, Value};
use tonic::Status;

use crate::cli::import::fault::Fault;
use crate::cli::import::mapping::check_system;
use crate::cli::import::row::Draft;
use crate::cli::import::target::End;
use crate::cli::import::upsert::{Failure, Writer, failure};
use crate::cli::record::{Call, Page, quoted, text};
use crate::descriptors::referred_kind;
use crate::name::Kind;

/// How many names are remembered; then all are forgotten, so that no file is too large.
const MOST_NAMES: usize = 100_000;

/// What a field refers to, and whose ids stand in the file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lookup {
    /// The system whose ids they are.
    pub system: String,
    /// The kind of record that has the id.
    pub kind: Kind,
    /// Whether the customer is meant at which that contact works.
    is_employer: bool,
}

/// The names that were found.
#[derive(Default)]
pub struct Names(Mutex<HashMap<(Lookup, String), String>>);

/// How far the references of a draft are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// All of them.
    All,
    /// One that a later row may make is left out.
    InPart,
    /// One that a later row may make is missing, and the record cannot be without it.
    TooLittle,
}

/// Why an id gives no name.
enum Miss {
    /// No record has it.
    Unknown(String),
    /// The record that has it cannot be referred to.
    Unusable(String),
}

impl Lookup {
    /// Reads `ref`, `kind` and `via` of a rule.
    pub fn read(
        system: String,
        kind: Option<String>,
        via: Option<String>,
        end: &End,
    ) -> anyhow::Result<Lookup> {
        check_system(&system).context("ref")?;
        let (End::Field(field) | End::At(field, _) | End::Add(field)) = end else {
            bail!("ref: free values refer to nothing");
        };
        let is_text = matches!(field.kind(), prost_reflect::Kind::String);
        let kind = kind.map(|kind| kind_of("kind", &kind)).transpose()?;
        let kind = kind.or_else(|| referred_kind(field)).filter(|_| is_text);
        let kind = kind.with_context(|| unclear(field))?;
        match via.as_deref() {
            None => Ok(Lookup {
                system,
                kind,
                is_employer: false,
            }),
            Some("contact") if kind == Kind::Customer => Ok(Lookup {
                system,
                kind: Kind::Contact,
                is_employer: true,
            }),
            Some(_) => bail!(
                "via: only a customer can be found in another way: `via = \"contact\"`, where one works"
            ),
        }
    }
}

fn unclear(field: &FieldDescriptor) -> String {
    match field.name() {
        "subjects" | "author" => {
            "ref: can be of several kinds: say which one, as in `kind = \"contact\"`".to_owned()
        }
        name => format!("ref: `{name}` refers to no record"),
    }
}

fn kind_of(key: &str, word: &str) -> anyhow::Result<Kind> {
    let words = || Kind::ALL.map(Kind::singular).join(", ");
    let kind = Kind::ALL.into_iter().find(|kind| kind.singular() == word);
    kind.ok_or_else(|| anyhow!("{key}: `{word}` is none of {}", words()))
}

impl Writer {
    /// Puts names in the places of the ids that a draft refers to others by. What a later row of the file may make,
    /// as `may_come` says, is left out for now.
    pub async fn resolve(
        &self,
        draft: &mut Draft,
        may_come: impl Fn(&Lookup) -> bool,
    ) -> Result<Known, Failure> {
        let copy = draft.clone();
        let mut known = Known::All;
        for setting in draft.settings_mut() {
            let Some(lookup) = setting.lookup.clone() else {
                continue;
            };
            let mut names = Vec::new();
            for id in setting.values.iter().filter_map(Value::as_str) {
                match self
                    .name_of(&lookup, id)
                    .await
                    .map_err(|status| failure(&copy, &status))?
                {
                    Ok(name) => names.push(Value::String(name)),
                    Err(Miss::Unknown(_)) if may_come(&lookup) => {
                        known = known.max(if setting.is_required() {
                            Known::TooLittle
                        } else {
                            Known::InPart
                        });
                    }
                    Err(Miss::Unknown(reason) | Miss::Unusable(reason)) => {
                        let column = setting.column.clone();
                        return Err(Failure::Refused(Fault::of_record(
                            copy.kind, column, reason,
                        )));
                    }
                }
            }
            setting.values = names;
        }
        Ok(known)
    }

    async fn name_of(&self, lookup: &Lookup, id: &str) -> Result<Result<String, Miss>, Status> {
        let key = (lookup.clone(), id.to_owned());
        if let Some(name) = self.names.get(&key) {
            return Ok(Ok(name));
        }
        let filter = format!("external_ids.{} = {}", quoted(&lookup.system), quoted(id));
        let found = self.list(lookup.kind, filter, true).await?;
        let Some(record) = found.first() else {
            let (kind, system) = (lookup.kind.singular(), &lookup.system);
            return Ok(Err(Miss::Unknown(format!(
                "refers to a {kind} that is not known by this id of `{system}`: import it first"
            ))));
        };
        let name = text(record, "name");
        if record.has_field_by_name("delete_time") {
            return Ok(Err(Miss::Unusable(format!(
                "refers to {name}, which is deleted"
            ))));
        }
        let name = if lookup.is_employer {
            self.employer_of(&name).await?
        } else {
            Ok(name)
        };
        if let Ok(name) = &name {
            self.names.remember(key, name.clone());
        }
        Ok(name)
    }

    /// Returns the customer at which a contact works: the only one, or the one that is marked as primary.
    async fn employer_of(&self, contact: &str) -> Result<Result<String, Miss>, Status> {
        let found = self
            .list(
                Kind::Affiliation,
                format!("contact = {}", quoted(contact)),
                false,
            )
            .await?;
        let running = found
            .iter()
            .filter(|affiliation| !affiliation.has_field_by_name("end_date"));
        let running: Vec<&DynamicMessage> = running.collect();
        let is_primary = |affiliation: &&DynamicMessage| {
            affiliation
                .get_field_by_name("primary")
                .is_some_and(|value| value.as_bool() == Some(true))
        };
        let primary: Vec<&DynamicMessage> = running.iter().copied().filter(is_primary).collect();
        Ok(match (&running[..], &primary[..]) {
            ([only], _) | (_, [only]) => Ok(text(only, "customer")),
            ([], _) => Err(Miss::Unknown(format!(
                "refers to {contact}, who is at no customer"
            ))),
            (several, _) => Err(Miss::Unusable(format!(
                "refers to {contact}, who is at {} customers",
                several.len()
            ))),
        })
    }

    async fn list(
        &self,
        kind: Kind,
        filter: String,
        show_deleted: bool,
    ) -> Result<Vec<DynamicMessage>, Status> {
        let call = Call::on_many(kind, "List").with_text("filter", filter);
        let call = call.with("show_deleted", Value::Bool(show_deleted));
        Ok(Page::of(kind, &self.send(&call).await?).records)
    }
}

impl Names {
    fn get(&self, key: &(Lookup, String)) -> Option<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(key)
            .cloned()
    }

    fn remember(&self, key: (Lookup, String), name: String) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= MOST_NAMES {
            names.clear();
        }
        names.insert(key, name);
    }
}
