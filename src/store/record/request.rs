//! Request ids: a repeated write takes no second effect (AIP-155).
//!
//! The row goes in first, in the transaction of the write, so that a twin at the same time waits for it and then
//! replays. It holds what came out by name and etag, never a body. A write that fails leaves no row.

use std::time::{Duration, Instant};

use crate::clock::{DAY, Micros};
use crate::error::Error;
use crate::store::engine::db::Db;
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Row, Sql};

/// How long a request id is remembered.
pub const KEPT_FOR: Micros = DAY;

/// A request id as it was sent with a call.
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
    /// The resource that came out, and what came out with it.
    pub versions: Vec<RecordVersion>,
    /// The tenant's revision then.
    pub revision: i64,
}

/// The version of a resource that a call returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordVersion {
    /// Its name.
    pub name: String,
    /// Its etag then; empty when there was nothing to have one.
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

/// What a write call asks for beside the change itself: that it is done once, or only tried.
#[derive(Clone, Debug)]
pub struct WriteOptions {
    /// The RPC, such as `CreateCustomer`.
    pub method: &'static str,
    /// The request id, when one was sent.
    pub request: Option<RequestKey>,
    /// Stop before the write.
    pub validate_only: bool,
}

impl WriteOptions {
    /// Returns the two statements that claim the request id and read what is filed under it.
    pub fn claim(&self, scope: &TenantScope, now: Micros) -> Vec<Sql> {
        let Some(request) = &self.request else {
            return Vec::new();
        };
        let key = || {
            [
                scope.tenant().into(),
                scope.caller().into(),
                self.method.into(),
                request.id.as_str().into(),
            ]
        };
        let insert = Sql::new("insert into requests (tenant_id, principal, method, request_id, hash, outcome, ")
            .push("revision, create_time)\nvalues (")
            .bind_all(key())
            .push(", ")
            .bind(request.hash.as_str())
            .push(", '', 0, ")
            .bind(now)
            .push(")\non conflict (tenant_id, principal, method, request_id)\ndo update set hash = excluded.hash, ")
            .push("outcome = '', revision = 0, create_time = excluded.create_time\nwhere requests.create_time <= ")
            .bind(now - KEPT_FOR)
            .push("\nreturning request_id");
        let select = self.locate(
            Sql::new("select hash, outcome, revision from requests"),
            scope,
            request,
        );
        vec![insert, select]
    }

    /// Reads the rows of [`WriteOptions::claim`], the first of the given ones, and takes them off.
    pub fn earlier(
        &self,
        rows: &mut impl Iterator<Item = Vec<Row>>,
    ) -> Result<Option<Earlier>, Error> {
        let Some(request) = &self.request else {
            return Ok(None);
        };
        let (claimed, filed) = (
            rows.next().unwrap_or_default(),
            rows.next().unwrap_or_default(),
        );
        if !claimed.is_empty() {
            return Ok(None);
        }
        let row = filed
            .first()
            .ok_or_else(|| Error::internal("a request id is neither new nor known"))?;
        if row.text(0)? != request.hash {
            return Err(Error::RequestIdReused);
        }
        let (outcome, revision) = (row.text(1)?, row.int(2)?);
        let words: Vec<&str> = outcome.split(' ').collect();
        let pairs = words
            .chunks(2)
            .map(|pair| RecordVersion::of(pair[0], pair.get(1).copied().unwrap_or_default()));
        Ok(Some(Earlier {
            versions: pairs.collect(),
            revision,
        }))
    }

    /// Returns the statement that files what came out: names and etags, neither of which has a space.
    pub fn settle(&self, scope: &TenantScope, versions: &[RecordVersion]) -> Option<Sql> {
        let request = self.request.as_ref()?;
        let words: Vec<String> = versions
            .iter()
            .map(|one| format!("{} {}", one.name, one.etag))
            .collect();
        let update = Sql::new("update requests set outcome = ")
            .bind(words.join(" "))
            .push(", revision = (select revision from tenants where id = ")
            .bind(scope.tenant())
            .push(")");
        Some(self.locate(update, scope, request))
    }

    fn locate(&self, sql: Sql, scope: &TenantScope, request: &RequestKey) -> Sql {
        sql.push("\nwhere tenant_id = ")
            .bind(scope.tenant())
            .push(" and principal = ")
            .bind(scope.caller())
            .push(" and method = ")
            .bind(self.method)
            .push(" and request_id = ")
            .bind(request.id.as_str())
    }
}

/// Forgets request ids that are no longer remembered anyway, of every tenant.
pub async fn sweep(db: &Db) -> Result<(), Error> {
    let tenants = db
        .fetch(
            &TenantScope::local(),
            Sql::new("select id from tenants order by id"),
        )
        .await?;
    for row in tenants {
        let scope = TenantScope::new(&row.text(0)?, "sweep");
        let deadline = Instant::now() + Duration::from_secs(60);
        db.write(&scope, deadline, |mut tx| async move {
            let oldest = tx.now() - KEPT_FOR;
            let delete =
                Sql::new("delete from requests where tenant_id = ").bind(tx.scope().tenant());
            tx.finish(vec![delete.push(" and create_time <= ").bind(oldest)])
                .await?;
            Ok((tx, ()))
        })
        .await?;
    }
    Ok(())
}
