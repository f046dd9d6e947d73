//! The unit that puts customers on the list of a segment, or takes them off.
//!
//! Keys are resolved inside the unit, after the request id is claimed: a repeat is answered even if its keys no
//! longer match anything. Apart from that, the segment is changed by an ordinary update.

use std::collections::BTreeSet;

use crate::clock;
use crate::error::Error;
use crate::name::{Kind, Name};
use crate::pb;
use crate::pb::segment::{Definition, MemberList};
use crate::store::engine::db::Db;
use crate::store::engine::tx::Tx;
use crate::store::read::resolve_key::{self, Hits, LookupKey};
use crate::store::record::lock::{self, Locked};
use crate::store::record::reference::Reference;
use crate::store::record::request::WriteOptions;
use crate::store::record::resource::select_for_update;
use crate::store::resources::segment::MAX_MEMBERS;
use crate::store::scope::TenantScope;
use crate::store::write::create::{Written, replay};
use crate::store::write::update::{Edit, Surroundings, change_stored};
use crate::store::write::wanted;

/// What to do with the customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberAction {
    /// Append those that are not yet on the list.
    Add,
    /// Take them off the list.
    Remove,
}

/// A change to the list of a segment.
pub struct MemberEdit {
    /// The segment.
    pub name: Name,
    /// The etag the record must still have; empty for any.
    pub etag: String,
    /// The customers.
    pub keys: Vec<LookupKey>,
    /// What to do with them.
    pub action: MemberAction,
    /// Request id and dry run.
    pub options: WriteOptions,
}

impl MemberEdit {
    /// Returns the records that the unit is known to lock.
    pub async fn records(&self, db: &Db, scope: &TenantScope) -> Vec<Name> {
        let mut records = match self.action {
            MemberAction::Add => wanted::of_keys::<pb::Customer>(db, scope, &self.keys).await,
            MemberAction::Remove => Vec::new(),
        };
        records.push(self.name.clone());
        records
    }
}

/// Changes the list of a segment: claims the request id, resolves the keys, locks, writes.
pub async fn edit_members(
    mut tx: Tx,
    edit: MemberEdit,
) -> Result<(Tx, Written<pb::Segment>), Error> {
    let (scope, now) = (tx.scope().clone(), tx.now());
    let MemberEdit {
        name,
        etag,
        keys,
        action,
        options,
    } = edit;
    let customers = resolve_key::resolve::<pb::Customer>(&scope, &keys, &clock::date_of(now));
    let queries = (options.claim(&scope, now), customers);
    let (claimed, hits) = tx.run(queries).await?;
    if let Some(earlier) = options.earlier(claimed)? {
        return replay(tx, earlier).await;
    }
    let customers = resolve(&keys, &hits)?;
    let references = match action {
        MemberAction::Add => customers.clone(),
        MemberAction::Remove => Vec::new(),
    };
    let locks = lock::locks::<pb::Segment>(&scope, &name, &references);
    let stored = select_for_update::<pb::Segment>(&scope, &name, now);
    let (locks, stored) = tx.run((locks, stored)).await?;
    let Some(stored) = stored else {
        return Err(Error::NotFound(name));
    };

    let targets: Vec<String> = customers
        .iter()
        .map(|reference| reference.target.to_string())
        .collect();
    let apply = Box::new(move |stored: &pb::Segment| changed(stored, targets, action));
    let (references, external_ids) = (Vec::new(), Vec::new());
    let edit = Edit {
        name,
        etag,
        references,
        external_ids,
        apply,
        create_missing: None,
        options,
    };
    let around = Surroundings {
        locked: Locked::of(locks),
        ..Surroundings::default()
    };
    change_stored(tx, stored, edit, &around)
        .await
        .map_err(|error| at_key(error, &customers))
}

/// Returns the customers that the keys match, each once, with the first key that matched it.
fn resolve(keys: &[LookupKey], hits: &Hits) -> Result<Vec<Reference>, Error> {
    let (mut seen, mut customers) = (BTreeSet::new(), Vec::new());
    for (i, key) in keys.iter().enumerate() {
        let field = format!("customers[{i}]");
        let found = hits.of(key).one(Kind::Customer, key);
        let name = found.map_err(|error| Error::At {
            field: field.clone(),
            error: Box::new(error),
        })?;
        if seen.insert(name.clone()) {
            Reference::push(&mut customers, field, Kind::Customer, &name);
        }
    }
    Ok(customers)
}

/// Returns the segment with a different list.
fn changed(
    stored: &pb::Segment,
    customers: Vec<String>,
    action: MemberAction,
) -> Result<pb::Segment, Error> {
    let name = || {
        Name::of_row(
            Kind::Segment,
            stored.name.rsplit('/').next().unwrap_or_default(),
        )
    };
    let Some(Definition::Members(list)) = &stored.definition else {
        return Err(Error::HasFilter(name()));
    };
    let mut members = list.customers.clone();
    match action {
        MemberAction::Add => {
            let known: BTreeSet<&String> = list.customers.iter().collect();
            members.extend(
                customers
                    .into_iter()
                    .filter(|customer| !known.contains(customer)),
            );
        }
        MemberAction::Remove => {
            let gone: BTreeSet<String> = customers.into_iter().collect();
            members.retain(|member| !gone.contains(member));
        }
    }
    if members.len() > MAX_MEMBERS {
        return Err(Error::Full {
            name: name(),
            field: "members.customers",
            limit: MAX_MEMBERS,
        });
    }
    let definition = Some(Definition::Members(MemberList { customers: members }));
    Ok(pb::Segment {
        definition,
        ..stored.clone()
    })
}

/// Names the field of the request, instead of the position in the list, if a customer cannot be referred to.
fn at_key(error: Error, customers: &[Reference]) -> Error {
    match error {
        Error::ReferenceUnusable { field, target } => {
            let asked = customers
                .iter()
                .find(|reference| reference.target == target);
            Error::ReferenceUnusable {
                field: asked.map_or(field, |asked| asked.field.clone()),
                target,
            }
        }
        other => other,
    }
}
