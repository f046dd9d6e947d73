//! External ids that are in a record and yet do not find it, because an older record has the same.
//!
//! A store can hold such records since an upgrade reads external ids differently (`write/refile`): texts that were
//! two before can be one now.

use crate::clock;
use crate::error::Error;
use crate::store::engine::db::Db;
use crate::store::engine::lane::Cost;
use crate::store::read::filing::{filed, filed_key, owners, records_after, tenants};
use crate::store::record::for_every_kind;
use crate::store::record::key::{self, EXTERNAL_IDS};
use crate::store::record::resource::Resource;
use crate::store::scope::TenantScope;

/// An external id that does not find the record it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfiled {
    /// The tenant.
    pub tenant: String,
    /// The record.
    pub name: String,
    /// The system of the external id.
    pub system: String,
    /// The record that it finds instead; `None` if that one has given it up since.
    pub owner: Option<String>,
}

/// Returns all such external ids of all tenants, in the order of tenants and names.
pub async fn unfiled(db: &Db) -> Result<Vec<Unfiled>, Error> {
    let mut found = Vec::new();
    for tenant in db.fetch(&TenantScope::local(), tenants()).await? {
        let scope = TenantScope::new(&tenant, "local");
        for_every_kind!(|Record| add::<Record>(db, &scope, &mut found).await?);
    }
    found.sort_by(|a, b| (&a.tenant, &a.name).cmp(&(&b.tenant, &b.name)));
    Ok(found)
}

async fn add<R: Resource>(
    db: &Db,
    scope: &TenantScope,
    found: &mut Vec<Unfiled>,
) -> Result<(), Error> {
    let today = clock::date_of(db.clock().now());
    let mut after = String::new();
    loop {
        let mut snapshot = db.snapshot(scope, Cost::Cheap).await?;
        let records = snapshot
            .run(records_after::<R>(scope, &after, &today))
            .await?;
        let Some(last) = records.last() else {
            return Ok(());
        };
        last.resource.header().name.clone_into(&mut after);
        let (filed, owners) = snapshot
            .finish((filed(scope, &records), owners(scope, &records)))
            .await?;
        for record in &records {
            let name = record.resource.header().name;
            for entry in key::all(&record.resource) {
                if entry.field == EXTERNAL_IDS && !filed.contains(&filed_key(name, &entry)) {
                    let owner = owners.get(&(entry.key.clone(), entry.value));
                    found.push(Unfiled {
                        tenant: scope.tenant().to_owned(),
                        name: name.to_owned(),
                        system: entry.key,
                        owner: owner.map(|(_, _, owner)| owner.clone()),
                    });
                }
            }
        }
    }
}
