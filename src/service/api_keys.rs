//! KeyService: the API keys of the caller's tenant. Nobody gives away more here than they have themselves.

use tonic::Request;

use crate::access::AccessScopes;
use crate::access::key::{self, ApiKeyText};
use crate::clock::{DAY, Micros, micros, timestamp};
use crate::error::Error;
use crate::name::{Kind, Name};
use crate::page::SortValue;
use crate::pb;
use crate::pb::AccessScope;
use crate::pb::key_service_server::KeyService;
use crate::service::check::{Checker, common};
use crate::service::standard::pages::{PageRequest, bound_to};
use crate::service::{Answer, Call, answer, begin_call};
use crate::store::access::{self, NewKey, StoredKey, name_of_key};
use crate::store::engine::db::{At, Db};
use crate::store::engine::tx::Tx;
use crate::store::read::tenant;
use crate::store::sql::query::Query;

/// How long a key is valid that says nothing else.
pub(crate) const VALID_FOR: Micros = 365 * DAY;
/// The longest that a key can be valid.
pub(crate) const LONGEST_VALID: Micros = 10 * VALID_FOR;

/// The service.
#[derive(Clone)]
pub struct ApiKeys {
    /// The store it works on.
    pub db: Db,
}

#[tonic::async_trait]
impl KeyService for ApiKeys {
    async fn create_api_key(
        &self,
        request: Request<pb::CreateApiKeyRequest>,
    ) -> Answer<pb::ApiKey> {
        let (call, message) = begin_call(&self.db, request).await?;
        let now = self.db.clock().now();
        let wanted = message.api_key.unwrap_or_default();
        let expire_time = check(&wanted, now)?;
        let access = wanted.scopes().collect();
        check_gift(&call, access, &wanted.colleague)?;
        let text = ApiKeyText::generate();
        let sent = text
            .parts()
            .ok_or_else(|| Error::internal("a key that was made is none"))?;
        let new = NewKey {
            id: sent.id.to_owned(),
            hash: sent.hash(),
            display_name: wanted.display_name.trim().to_owned(),
            access,
            colleague: wanted.colleague,
            creator: call.scope.caller().to_owned(),
            expire_time,
        };
        let created = pb::ApiKey {
            secret: text.reveal().to_owned(),
            ..message_of(StoredKey::of_new(&new, now))
        };
        let revision = store(&self.db, &call, new, now).await?;
        Ok(answer(At {
            answer: created,
            revision,
        }))
    }

    async fn list_api_keys(
        &self,
        request: Request<pb::ListApiKeysRequest>,
    ) -> Answer<pb::ListApiKeysResponse> {
        let (call, message) = begin_call(&self.db, request).await?;
        let mut checker = Checker::new("");
        let page = PageRequest::check(
            &mut checker,
            &self.db,
            bound_to(&self.db, &call, &message)?,
            message.page_size,
            &message.page_token,
        );
        let page = checker.finish_with(page)?;
        let after = match &page.place.after[..] {
            [SortValue::Int(time), SortValue::Text(id)] => Some((*time, id.clone())),
            _ => None,
        };
        let limit = i64::try_from(page.size + 1).map_err(Error::internal)?;
        let settings = tenant::settings(&call.scope);
        let list = access::list(&call.scope, limit, after);
        let (settings, mut keys) = self.db.fetch(&call.scope, (settings, list)).await?;
        let mut next_page_token = String::new();
        if keys.len() > page.size {
            keys.truncate(page.size);
            let last = keys.last().map(|last| (last.create_time, last.id.clone()));
            let (time, id) = last.unwrap_or_default();
            next_page_token = page.next(&self.db, vec![SortValue::Int(time), SortValue::Text(id)]);
        }
        Ok(answer(At {
            answer: pb::ListApiKeysResponse {
                api_keys: keys.into_iter().map(message_of).collect(),
                next_page_token,
            },
            revision: settings.revision,
        }))
    }

    async fn revoke_api_key(
        &self,
        request: Request<pb::RevokeApiKeyRequest>,
    ) -> Answer<pb::ApiKey> {
        let (call, message) = begin_call(&self.db, request).await?;
        let id = message.api_key.strip_prefix("apiKeys/");
        let id = id.filter(|id| key::is_id(id)).map(str::to_owned);
        let mut checker = Checker::new("");
        let problem = "is not the name of an API key, apiKeys/{id}";
        checker.ensure(id.is_some(), "api_key", problem);
        let id = checker.finish_with(id)?;
        let unit = move |mut tx: Tx| async move {
            let revoke = access::revoke(tx.scope(), &id, tx.now());
            let revoked = tx.run(revoke).await?.ok_or(Error::ApiKeyNotFound)?;
            tx.finish(Vec::<Query<()>>::new()).await?;
            Ok::<_, Error>((tx, revoked))
        };
        let revoked = self.db.write(&call.scope, call.deadline, Vec::new(), unit);
        let At {
            answer: revoked,
            revision,
        } = revoked.await?;
        Ok(answer(At {
            answer: message_of(revoked),
            revision,
        }))
    }
}

/// Checks what is asked for, and returns until when the key is to be valid.
fn check(wanted: &pb::ApiKey, now: Micros) -> Result<Micros, Error> {
    let mut checker = Checker::new("api_key");
    checker.require_text("display_name", &wanted.display_name);
    checker.short("display_name", &wanted.display_name);
    checker.ensure(
        !wanted.scopes.is_empty(),
        "scopes",
        "is empty: give at least one",
    );
    for scope in &wanted.scopes {
        let is_known =
            AccessScope::try_from(*scope).is_ok_and(|scope| scope != AccessScope::Unspecified);
        checker.ensure(
            is_known,
            "scopes",
            "has one that is no value of AccessScope",
        );
    }
    common::reference(
        &mut checker,
        "colleague",
        Kind::Colleague,
        &wanted.colleague,
    );
    let expire_time = match &wanted.expire_time {
        Some(time) => micros(time).unwrap_or_default(),
        None => now + VALID_FOR,
    };
    let is_soon = expire_time > now && expire_time <= now + LONGEST_VALID;
    checker.ensure(
        is_soon,
        "expire_time",
        "is not a time in the future, at most 10 years from now",
    );
    checker.finish_with(Some(expire_time))
}

/// Refuses to give away what the caller itself does not have.
fn check_gift(call: &Call, access: AccessScopes, colleague: &str) -> Result<(), Error> {
    let own = call.scope.access();
    let acts_as = !colleague.is_empty() && call.scope.actor() != Some(colleague);
    let act_as = acts_as
        .then_some(AccessScope::ActAs)
        .filter(|scope| !own.has(*scope));
    match own.lacks(access).or(act_as) {
        Some(scope) => Err(Error::ScopeMissing(scope)),
        None => Ok(()),
    }
}

/// Stores a key, and returns the revision of the tenant, which stays as it is.
async fn store(db: &Db, call: &Call, new: NewKey, now: Micros) -> Result<i64, Error> {
    let colleague = Name::parse(Kind::Colleague, &new.colleague);
    let unit = move |mut tx: Tx| async move {
        let create = access::create(tx.scope(), new, now);
        let ((), (), is_stored) = tx.run(create).await?;
        if !is_stored {
            let target = colleague.ok_or(Error::CredentialInvalid)?;
            let field = "api_key.colleague".to_owned();
            return Err(Error::ReferenceUnusable { field, target });
        }
        tx.finish(Vec::<Query<()>>::new()).await?;
        Ok::<_, Error>((tx, ()))
    };
    let stored = db.write(&call.scope, call.deadline, Vec::new(), unit);
    Ok(stored.await?.revision)
}

/// Returns a key as the API tells it, without a secret.
pub(crate) fn message_of(key: StoredKey) -> pb::ApiKey {
    pb::ApiKey {
        name: name_of_key(&key.id),
        display_name: key.display_name,
        scopes: key.access.iter().map(i32::from).collect(),
        colleague: key.colleague,
        expire_time: Some(timestamp(key.expire_time)),
        creator: key.creator,
        create_time: Some(timestamp(key.create_time)),
        last_use_time: key.last_use_time.map(timestamp),
        revoke_time: key.revoke_time.map(timestamp),
        secret: String::new(),
    }
}
