//! API keys as they are stored: making, listing, revoking and finding them.
//!
//! A statement about the keys of a tenant names it, like all others. Only [`usable`] and [`tenant_of`] find keys of any
//! tenant: by their ids, to learn whose they are. How a key is written is up to `access::key`, what is accepted to `server::auth`.

use crate::access::AccessScopes;
use crate::access::key::SecretHash;
use crate::clock::{Micros, SECOND};
use crate::error::Error;
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Part, Row, Value, global, part, scoped};

/// The unit in which it is noted when a key was last used: nobody can be followed by it through the day.
pub const HOUR: Micros = 3600 * SECOND;

/// A key to store.
pub struct NewKey {
    /// The id.
    pub id: String,
    /// The hash of the secret.
    pub hash: SecretHash,
    /// What it is for.
    pub display_name: String,
    /// What it allows.
    pub access: AccessScopes,
    /// The colleague who acts, by name; empty for none.
    pub colleague: String,
    /// Who makes it.
    pub creator: String,
    /// From when on it is not valid.
    pub expire_time: Micros,
}

/// A stored key, without its secret.
pub struct StoredKey {
    /// The id.
    pub id: String,
    /// What it is for.
    pub display_name: String,
    /// What it allows.
    pub access: AccessScopes,
    /// The colleague who acts, by name; empty for none.
    pub colleague: String,
    /// Who made it.
    pub creator: String,
    /// When it was made.
    pub create_time: Micros,
    /// From when on it is not valid.
    pub expire_time: Micros,
    /// The hour in which it was last used.
    pub last_use_time: Option<Micros>,
    /// When it was revoked.
    pub revoke_time: Option<Micros>,
}

impl StoredKey {
    /// Returns what is stored of a new key.
    pub fn of_new(key: &NewKey, now: Micros) -> StoredKey {
        StoredKey {
            id: key.id.clone(),
            display_name: key.display_name.clone(),
            access: key.access,
            colleague: key.colleague.clone(),
            creator: key.creator.clone(),
            create_time: now,
            expire_time: key.expire_time,
            last_use_time: None,
            revoke_time: None,
        }
    }
}

/// What has to be known of a key to accept it.
pub struct UsableKey {
    /// The id.
    pub id: String,
    /// The hash of its secret.
    pub hash: SecretHash,
    /// Whose data it opens, in whose name, and what it allows.
    pub scope: TenantScope,
    /// From when on it is not valid.
    pub expire_time: Micros,
    /// The hour in which it was last used.
    pub last_use_time: Option<Micros>,
}

const COLUMNS: [&str; 9] = [
    "key_id",
    "display_name",
    "scopes",
    "colleague",
    "creator",
    "create_time",
    "expire_time",
    "last_use_time",
    "revoke_time",
];

/// Returns the name of a key, which is also the principal of its calls.
pub fn name_of_key(id: &str) -> String {
    format!("apiKeys/{id}")
}

/// Stores a key, and the tenant if there is no such tenant yet. The last answer says whether it was stored: not if its
/// colleague is unknown or deleted, or the tenant is deleted.
pub fn create(
    scope: &TenantScope,
    key: NewKey,
    now: Micros,
) -> (Query<()>, Query<()>, Query<bool>) {
    // An update, so that whoever deletes the tenant at the same time waits, and then revokes this key, too; or was first.
    let tenant = scoped!(
        scope,
        "insert into tenants (id, create_time) values (:tenant, :now)
         on conflict (id) do update set id = excluded.id",
        now,
    );
    // Whoever deletes the colleague at the same time waits, and then revokes this key, too; or was first.
    let lock = scoped!(
        scope,
        "select name from colleagues where tenant_id = :tenant and name = :colleague for update",
        colleague = &key.colleague,
    );
    let insert = scoped!(
        scope,
        "insert into api_keys
           (tenant_id, key_id, hash, display_name, scopes, colleague, creator, create_time, expire_time)
         select :tenant, :id, :hash, :display_name, :scopes, :colleague, :creator, :now, :expire_time
         where (:colleague = '' or exists (select 1 from colleagues
           where tenant_id = :tenant and name = :colleague and delete_time is null))
           and exists (select 1 from tenants where id = :tenant and delete_time is null)
         returning key_id",
        id = key.id,
        hash = Value::Bytes(key.hash.bytes().to_vec()),
        display_name = key.display_name,
        scopes = key.access.to_bits(),
        colleague = key.colleague,
        creator = key.creator,
        now,
        expire_time = key.expire_time,
    );
    let is_stored = insert.texts("key_id").map(|ids| Ok(!ids.is_empty()));
    (lock.done(), tenant.done(), is_stored)
}

/// Lists the keys of the tenant, the newest first: at most so many, after the one with this time of creation and id.
pub fn list(
    scope: &TenantScope,
    most: i64,
    after: Option<(Micros, String)>,
) -> Query<Vec<StoredKey>> {
    let page = after.map_or_else(Part::default, |(time, id)| {
        part!("and (create_time, key_id) < (:time, :id)", time, id)
    });
    let list = scoped!(
        scope,
        "select key_id, display_name, scopes, colleague, creator, create_time, expire_time, last_use_time,
           revoke_time
         from api_keys where tenant_id = :tenant :{page}
         order by create_time desc, key_id desc limit +:most",
        page,
        most,
    );
    list.rows(COLUMNS, stored_key)
}

/// Revokes a key for good, and returns it; `None` if the tenant has no such key.
pub fn revoke(scope: &TenantScope, id: &str, now: Micros) -> Query<Option<StoredKey>> {
    let revoke = scoped!(
        scope,
        "update api_keys set revoke_time = coalesce(revoke_time, :now)
         where tenant_id = :tenant and key_id = :id
         returning key_id, display_name, scopes, colleague, creator, create_time, expire_time, last_use_time,
           revoke_time",
        id,
        now,
    );
    revoke.maybe(COLUMNS, stored_key)
}

/// Revokes the keys with which a colleague acts.
pub fn revoke_of_colleague(scope: &TenantScope, colleague: &str, now: Micros) -> Query<()> {
    scoped!(
        scope,
        "update api_keys set revoke_time = :now
         where tenant_id = :tenant and colleague = :colleague and revoke_time is null",
        colleague,
        now,
    )
    .done()
}

/// Notes the hour in which a key was used.
pub fn note_use(scope: &TenantScope, id: &str, hour: Micros) -> Query<()> {
    scoped!(
        scope,
        "update api_keys set last_use_time = :hour
         where tenant_id = :tenant and key_id = :id and coalesce(last_use_time, 0) < :hour",
        id,
        hour,
    )
    .done()
}

/// Says whether there is such a tenant, not deleted, and, unless the name is empty, such a live colleague: for callers of whom no key
/// is stored.
pub fn is_open(scope: &TenantScope, colleague: &str) -> Query<bool> {
    let open = scoped!(
        scope,
        "select id from tenants
         where id = :tenant and delete_time is null and (:colleague = '' or exists (select 1 from colleagues
           where tenant_id = :tenant and name = :colleague and delete_time is null))",
        colleague,
    );
    open.texts("id").map(|ids| Ok(!ids.is_empty()))
}

/// Returns the tenant of a key; `None` if there is no such key.
pub fn tenant_of(id: &str) -> Query<Option<String>> {
    global!("select tenant_id from api_keys where key_id = :id", id)
        .maybe(["tenant_id"], |row, [tenant]| row.text(tenant))
}

/// Finds those of these keys that can be used at a time.
pub fn usable(ids: Vec<String>, now: Micros) -> Query<Vec<UsableKey>> {
    let usable = global!(
        "select key_id, tenant_id, hash, scopes, colleague, expire_time, last_use_time from api_keys
         where key_id = any(:ids) and revoke_time is null and expire_time > :now",
        ids,
        now,
    );
    let columns = [
        "key_id",
        "tenant_id",
        "hash",
        "scopes",
        "colleague",
        "expire_time",
        "last_use_time",
    ];
    usable.rows(columns, usable_key)
}

fn stored_key(row: &Row, columns: [usize; 9]) -> Result<StoredKey, Error> {
    let [
        id,
        display_name,
        scopes,
        colleague,
        creator,
        create_time,
        expire_time,
        last_use_time,
        revoke_time,
    ] = columns;
    Ok(StoredKey {
        id: row.text(id)?,
        display_name: row.text(display_name)?,
        access: AccessScopes::of_bits(row.int(scopes)?),
        colleague: row.text(colleague)?,
        creator: row.text(creator)?,
        create_time: row.int(create_time)?,
        expire_time: row.int(expire_time)?,
        last_use_time: row.opt_int(last_use_time)?,
        revoke_time: row.opt_int(revoke_time)?,
    })
}

fn usable_key(row: &Row, columns: [usize; 7]) -> Result<UsableKey, Error> {
    let [
        id,
        tenant,
        hash,
        scopes,
        colleague,
        expire_time,
        last_use_time,
    ] = columns;
    let hash = SecretHash::of_bytes(row.bytes(hash)?);
    let id = row.text(id)?;
    let access = AccessScopes::of_bits(row.int(scopes)?);
    let scope = TenantScope::new(row.str(tenant)?, &name_of_key(&id)).allowed(access);
    Ok(UsableKey {
        hash: hash.ok_or_else(|| Error::internal("a hash of a key has not 32 bytes"))?,
        scope: match row.str(colleague)? {
            "" => scope,
            colleague => scope.acting(colleague),
        },
        id,
        expire_time: row.int(expire_time)?,
        last_use_time: row.opt_int(last_use_time)?,
    })
}
