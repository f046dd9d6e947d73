//! Request ids: a repeated write has no second effect (AIP-155).
//!
//! The row is inserted first, in the transaction of the write, so that a concurrent duplicate waits for it and then
//! replays. It holds the results by name and etag, never a body. A write that fails leaves no row.

use std::time::{Duration, Instant};

use crate::clock::{DAY, Micros};
use crate::error::Error;
use crate::store::engine::db::Db;
use crate::store::scope::TenantScope;
use crate::store::sql::query::{Queries, Query};
use crate::store::sql::statement::{global, scoped};

/// How long a request id is remembered.
pub const KEPT_FOR: Micros = DAY;

/// A request id as sent with a call.
#[derive(Clone, Debug)]
pub struct RequestKey {
    /// The id the caller chose.
    pub id: String,
    /// A keyed hash of the request without its id.
    pub hash: String,
}

/// What an earlier call with the same request id did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The record it returned, and those written with it.
    pub versions: Vec<RecordVersion>,
    /// The tenant's revision at that time.
    pub revision: i64,
}

/// The version of a resource that a call returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordVersion {
    /// Its name.
    pub name: String,
    /// Its etag at that time; empty if there was no record.
    pub etag: String,
}

impl RecordVersion {
    pub(crate) fn of(name: &str, etag: &str) -> RecordVersion {
        RecordVersion {
            name: name.to_owned(),
            etag: etag.to_owned(),
        }
    }
}

/// The queries that claim a request id: whether it is new, and what is filed under it.
pub(crate) type Claim = (Query<bool>, Query<Option<Filed>>);

/// What is filed under a request id.
pub(crate) struct Filed {
    hash: String,
    /// Names and etags, all separated by spaces.
    outcome: String,
    revision: i64,
}

/// Options of a write call besides the change itself: do it only once, or only validate it.
#[derive(Clone, Debug)]
pub struct WriteOptions {
    /// The RPC, such as `CreateCustomer`.
    pub method: &'static str,
    /// The request id, if one was sent.
    pub request: Option<RequestKey>,
    /// Check everything, and write nothing.
    pub validate_only: bool,
}

impl WriteOptions {
    /// Returns the queries that claim the request id and read what is filed under it; none without an id.
    pub(crate) fn claim(&self, scope: &TenantScope, now: Micros) -> Option<Claim> {
        let request = self.request.as_ref()?;
        let claim = scoped!(
            scope,
            "insert into requests
               (tenant_id, principal, method, request_id, hash, outcome, revision, create_time)
             values (:tenant, :caller, :method, :id, :hash, '', 0, :now)
             on conflict (tenant_id, principal, method, request_id)
             do update set hash = excluded.hash, outcome = '', revision = 0,
               create_time = excluded.create_time
             where requests.create_time <= :oldest
             returning request_id",
            caller = scope.caller(),
            method = self.method,
            id = &request.id,
            hash = &request.hash,
            now,
            oldest = now - KEPT_FOR,
        );
        let filed = scoped!(
            scope,
            "select hash, outcome, revision from requests
             where tenant_id = :tenant and principal = :caller and method = :method
               and request_id = :id",
            caller = scope.caller(),
            method = self.method,
            id = &request.id,
        );
        let is_new = claim.read(|rows| Ok(!rows.is_empty()));
        let columns = ["hash", "outcome", "revision"];
        let filed = filed.maybe(columns, |row, [hash, outcome, revision]| {
            Ok(Filed {
                hash: row.text(hash)?,
                outcome: row.text(outcome)?,
                revision: row.int(revision)?,
            })
        });
        Some((is_new, filed))
    }

    /// Returns what an earlier call did, given the answer of the claim; `None` if there was no such call.
    pub(crate) fn earlier(
        &self,
        claimed: Option<<Claim as Queries>::Answers>,
    ) -> Result<Option<Earlier>, Error> {
        let (Some(request), Some((is_new, filed))) = (&self.request, claimed) else {
            return Ok(None);
        };
        if is_new {
            return Ok(None);
        }
        let filed =
            filed.ok_or_else(|| Error::internal("a request id is neither new nor known"))?;
        if filed.hash != request.hash {
            return Err(Error::RequestIdReused);
        }
        let words: Vec<&str> = filed.outcome.split(' ').collect();
        let versions = words
            .chunks(2)
            .map(|pair| RecordVersion::of(pair[0], pair.get(1).copied().unwrap_or_default()));
        Ok(Some(Earlier {
            versions: versions.collect(),
            revision: filed.revision,
        }))
    }

    /// Returns the statement that files the results: names and etags, neither of which contains a space.
    pub(crate) fn settle(
        &self,
        scope: &TenantScope,
        versions: &[RecordVersion],
    ) -> Option<Query<()>> {
        let request = self.request.as_ref()?;
        let words: Vec<String> = versions
            .iter()
            .map(|one| format!("{} {}", one.name, one.etag))
            .collect();
        let settle = scoped!(
            scope,
            "update requests
             set outcome = :outcome, revision = (select revision from tenants where id = :tenant)
             where tenant_id = :tenant and principal = :caller and method = :method
               and request_id = :id",
            outcome = words.join(" "),
            caller = scope.caller(),
            method = self.method,
            id = &request.id,
        );
        Some(settle.done())
    }
}

/// Deletes the request ids of every tenant that are older than [`KEPT_FOR`].
pub async fn sweep(db: &Db) -> Result<(), Error> {
    let tenants =
        global!("select id from tenants where delete_time is null order by id").texts("id");
    for tenant in db.fetch(&TenantScope::local(), tenants).await? {
        let scope = TenantScope::new(&tenant, "sweep");
        let deadline = Instant::now() + Duration::from_secs(60);
        db.write(&scope, deadline, Vec::new(), |mut tx| async move {
            let delete = scoped!(
                tx.scope(),
                "delete from requests where tenant_id = :tenant and create_time <= :oldest",
                oldest = tx.now() - KEPT_FOR,
            );
            tx.finish(delete.done()).await?;
            Ok((tx, ()))
        })
        .await?;
    }
    Ok(())
}
