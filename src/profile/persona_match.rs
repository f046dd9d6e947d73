//! Reads what persona matching needs: a record with all that filters ask for, and the segments the personas rely on.

use crate::clock::Micros;
use crate::error::Error;
use crate::filter::record::FilterInput;
use crate::membership::memberships::{self, match_tree};
use crate::pb::persona::RecordKind as Persona;
use crate::profile::briefing::BriefingRecord;
use crate::profile::briefing::load::Whom;
use crate::store::engine::db::{At, Db};
use crate::store::engine::lane::Cost;
use crate::store::read::definition::{self, Definitions};
use crate::store::read::facts::Facts;
use crate::store::read::live_groups::{self, Sketch};
use crate::store::read::membership;
use crate::store::record::resource::{is_deleted, name_of};
use crate::store::scope::TenantScope;

/// A customer or a contact, and the personas of that record.
#[derive(Debug)]
pub struct RecordWithPersonas {
    /// The record's name.
    pub name: String,
    /// Its display name.
    pub display_name: String,
    /// The record as filters see it.
    pub input: FilterInput,
    /// The live personas of that record.
    pub personas: Vec<Sketch>,
    /// The segments that the personas name, and those that these name in turn.
    pub definitions: Definitions,
}

/// Reads a live customer or contact, and the personas to match it against.
pub async fn record_and_personas(
    db: &Db,
    scope: &TenantScope,
    whom: &Whom,
    now: Micros,
) -> Result<At<RecordWithPersonas>, Error> {
    let of = match whom {
        Whom::Customer(_) => Persona::Customer,
        Whom::Contact(_) => Persona::Contact,
    };
    let mut snapshot = db.snapshot(scope, Cost::Cheap).await?.planned_once();
    let ((record, revision), personas) = snapshot
        .run((whom.find(scope, now), live_groups::personas(scope, of)))
        .await?;
    refuse_deleted(&record)?;
    let (name, display_name) = record.title();
    let (name, display_name) = (name.to_owned(), display_name.to_owned());
    let affiliations = match &record {
        BriefingRecord::Customer(_) => membership::affiliations(scope, vec![name.clone()], now),
        BriefingRecord::Contact(_) => live_groups::affiliations(scope, &name, now),
    };
    let trees = personas
        .iter()
        .map(|persona| match_tree(persona, of))
        .collect::<Result<Vec<_>, _>>()?;
    let named = live_groups::named_in(trees.iter().flatten());
    let (affiliations, mut lists, definitions) = snapshot
        .finish((
            affiliations,
            definition::lists_of(scope, vec![name.clone()]),
            definition::named(scope, named),
        ))
        .await?;
    let input = match record {
        BriefingRecord::Customer(facts) => {
            let lists = lists.remove(&name).unwrap_or_default();
            memberships::customer_input(&Facts {
                affiliations_beyond: affiliations,
                lists,
                ..*facts
            })?
        }
        BriefingRecord::Contact(person) => {
            memberships::contact_input(&person.contact, &affiliations)?
        }
    };
    Ok(At {
        answer: RecordWithPersonas {
            name,
            display_name,
            input,
            personas,
            definitions,
        },
        revision,
    })
}

/// Refuses a deleted record, which belongs to nothing.
fn refuse_deleted(record: &BriefingRecord) -> Result<(), Error> {
    let deleted = match record {
        BriefingRecord::Customer(facts) => {
            is_deleted(&facts.customer).then(|| name_of(&facts.customer))
        }
        BriefingRecord::Contact(person) => {
            is_deleted(&person.contact).then(|| name_of(&person.contact))
        }
    };
    deleted.map_or(Ok(()), |name| Err(Error::Deleted(name)))
}
