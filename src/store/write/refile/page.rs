//! One page of a refiling: the records of a kind that follow the last page, filed anew.

use std::collections::BTreeSet;

use crate::clock;
use crate::error::Error;
use crate::filter::renamed::renamed;
use crate::store::engine::tx::Tx;
use crate::store::read::filing::{FiledKey, Owners, filed, filed_key, owners, records_after};
use crate::store::record::key::{self, EXTERNAL_IDS, IndexEntry, UNFILED_IDS};
use crate::store::record::name_index;
use crate::store::record::resource::{self, Resource, Stored};
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::write::refile::{lock, note_progress, progress};

/// What was done with a page.
pub(super) struct RefiledPage {
    /// How many records it had; 0 after the last one.
    pub records: u64,
    /// How many external ids stayed unfiled.
    pub unfiled: u64,
}

/// Refiles the next page of a kind. The lock on the tenant keeps writers out, so what is read is what is filed.
pub(super) async fn refile<R: Resource>(mut tx: Tx) -> Result<(Tx, RefiledPage), Error> {
    let scope = tx.scope().clone();
    let collection = R::KIND.collection();
    let (_, after) = tx.run((lock(&scope), progress(&scope, collection))).await?;
    let today = clock::date_of(tx.now());
    let mut records: Vec<Stored<R>> = tx
        .run(records_after(
            &scope,
            after.as_deref().unwrap_or(""),
            &today,
        ))
        .await?;
    for record in &mut records {
        rename_fields(&mut record.resource);
        record.resource.derive_phone_numbers();
    }
    let Some(last) = records.last() else {
        let end = RefiledPage {
            records: 0,
            unfiled: 0,
        };
        return Ok((tx, end));
    };
    let note = note_progress(&scope, collection, last.resource.header().name);
    let (filed, owners) = tx
        .run((filed(&scope, &records), owners(&scope, &records)))
        .await?;
    let claims = claim(&records, owners);
    let page = RefiledPage {
        records: records.len() as u64,
        unfiled: claims.unfiled,
    };
    let updates: Vec<Query<()>> = records
        .iter()
        .map(|record| resource::update(&scope, record))
        .collect();
    let keys = refile_keys(&scope, &records, &filed, &claims);
    let resources: Vec<R> = records.into_iter().map(|record| record.resource).collect();
    let words = name_index::fill(&scope, &resources);
    tx.finish((updates, keys, words, note)).await?;
    Ok((tx, page))
}

/// Gives the fields in the filters of a record the names that they have in this version.
fn rename_fields<R: Resource>(resource: &mut R) {
    for (kind, filter) in resource.filters_mut() {
        if let Some(renamed) = renamed(filter, kind) {
            *filter = renamed;
        }
    }
}

/// Returns the statements that make the keys of a page those that its records are to have.
fn refile_keys<R: Resource>(
    scope: &TenantScope,
    records: &[Stored<R>],
    filed: &BTreeSet<FiledKey>,
    claims: &IdClaims,
) -> Vec<Query<()>> {
    let mut stale: Vec<FiledKey> = claims.lost.clone();
    let mut added = Vec::new();
    for record in records {
        let name = record.resource.header().name;
        let all = key::all(&record.resource).into_iter();
        let mut entries: Vec<IndexEntry> = all
            .map(|entry| match claims.may_file(name, &entry) {
                true => entry,
                false => key::unfiled(entry),
            })
            .collect();
        let row = |entry: &IndexEntry| filed_key(name, entry);
        let wanted: BTreeSet<FiledKey> = entries.iter().map(row).collect();
        let is_own = |row: &&FiledKey| row.0 == name;
        stale.extend(
            filed
                .iter()
                .filter(is_own)
                .filter(|row| !wanted.contains(row))
                .cloned(),
        );
        entries.retain(|entry| !filed.contains(&row(entry)));
        added.extend(key::rows_of(R::KIND, name, entries));
    }
    for (name, _, key, value) in claims.lost.iter().cloned() {
        let entry = IndexEntry {
            field: UNFILED_IDS,
            key,
            value,
        };
        added.extend(key::rows_of(R::KIND, &name, vec![entry]));
    }
    let delete =
        |(name, field, key, value): FiledKey| key::delete(scope, &field, &key, &value, &name);
    let deletes = stale.into_iter().map(delete);
    deletes.chain(key::insert(scope, added)).collect()
}

/// Which external ids a page may file.
struct IdClaims {
    owners: Owners,
    /// Keys of records on other pages that a record of this one takes over.
    lost: Vec<FiledKey>,
    /// How many external ids stay unfiled.
    unfiled: u64,
}

impl IdClaims {
    fn may_file(&self, name: &str, entry: &IndexEntry) -> bool {
        let id = (entry.key.clone(), entry.value.clone());
        entry.field != EXTERNAL_IDS || self.owners.get(&id).is_some_and(|rank| rank.2 == name)
    }
}

/// Decides who keeps an external id that several records have: the first by [`Rank`].
fn claim<R: Resource>(records: &[Stored<R>], owners: Owners) -> IdClaims {
    let mut claims = IdClaims {
        owners,
        lost: Vec::new(),
        unfiled: 0,
    };
    for record in records {
        let header = record.resource.header();
        let created = header.create_time.and_then(clock::micros).unwrap_or(0);
        let rank = (
            header.delete_time.is_some(),
            created,
            header.name.to_owned(),
        );
        for entry in key::all(&record.resource) {
            if entry.field != EXTERNAL_IDS {
                continue;
            }
            let id = (entry.key, entry.value);
            match claims.owners.get(&id) {
                Some(owner) if owner.2 == rank.2 => {}
                Some(owner) if *owner < rank => claims.unfiled += 1,
                Some(owner) => {
                    // One on a later page is counted there.
                    claims.unfiled += u64::from(owner.2 < rank.2);
                    let lost = (
                        owner.2.clone(),
                        EXTERNAL_IDS.to_owned(),
                        id.0.clone(),
                        id.1.clone(),
                    );
                    claims.lost.push(lost);
                    claims.owners.insert(id, rank.clone());
                }
                None => drop(claims.owners.insert(id, rank.clone())),
            }
        }
    }
    claims
}
