//! The services: each handler takes its request apart, makes one call to the store or to `profile`, and answers.
//!
//! What surrounds every call (deadline, host check, panics, logs) is in `server`; what must hold whatever happens is
//! in `store`. Here is what a request may say: validation, masks, and the form of answers.

pub(crate) mod check;
pub(crate) mod keys;
pub(crate) mod standard;

pub mod api_keys;
pub mod relationship;
pub mod resources;
pub mod segments;
pub mod tenant;

use std::time::{Duration, Instant};

use tonic::metadata::MetadataValue;
use tonic::{Request, Response, Status};

use crate::error::Error;
use crate::pb::AccessScope;
use crate::store::engine::db::{At, Db};
use crate::store::record::actor;
use crate::store::record::request::{RequestKey, WriteOptions};
use crate::store::scope::TenantScope;
use crate::store::write::create::Written;

/// What a handler returns.
pub(crate) type Answer<T> = Result<Response<T>, Status>;

/// The header that carries the tenant's revision of which an answer speaks.
pub(crate) const REVISION_HEADER: &str = "clientele-revision";
/// The header that says that an earlier call with the same request id did the work.
pub(crate) const REPLAYED_HEADER: &str = "clientele-replayed";

/// The metadata that names the colleague who acts: by name, e-mail or external id (`system:id`).
pub(crate) const ACTOR_HEADER: &str = "clientele-actor";

/// When the caller stops waiting; put into the request by the deadline layer.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(pub Instant);

/// Who calls, and until when.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// Whose data, in whose name.
    pub(crate) scope: TenantScope,
    /// When the caller stops waiting.
    pub(crate) deadline: Instant,
}

/// Takes a request apart: who calls, in whose name, and the message.
///
/// Without credentials the caller is the principal `local` and may name any colleague as the actor; with one that
/// lacks ACT_AS, only the colleague who acts anyway.
pub(crate) async fn begin_call<T>(db: &Db, request: Request<T>) -> Result<(Call, T), Error> {
    let mut scope = request
        .extensions()
        .get::<TenantScope>()
        .cloned()
        .unwrap_or_else(TenantScope::local);
    let mut actors = request.metadata().get_all(ACTOR_HEADER).iter();
    if let Some(actor) = actors.next() {
        if actors.next().is_some() {
            return Err(Error::ActorUnknown);
        }
        let actor = actor.to_str().map_err(|_| Error::ActorUnknown)?;
        let colleague = actor::find(db, &scope, actor).await?;
        let is_own = scope.actor().is_some() && scope.actor() == colleague.as_deref();
        // Whether there is such a colleague is not told to somebody who may not act as one.
        if !is_own && !scope.access().has(AccessScope::ActAs) {
            return Err(Error::ScopeMissing(AccessScope::ActAs));
        }
        scope = scope.acting(&colleague.ok_or(Error::ActorUnknown)?);
    }
    let deadline = request
        .extensions()
        .get::<Deadline>()
        .map(|deadline| deadline.0);
    let deadline = deadline.unwrap_or_else(|| Instant::now() + Duration::from_secs(15));
    Ok((Call { scope, deadline }, request.into_inner()))
}

/// Notes how a write was asked for. The hash covers the whole message, so that the same request id with another
/// message is noticed.
pub(crate) fn write_options<M: prost::Message + prost::Name>(
    db: &Db,
    message: &M,
    request_id: &str,
    validate_only: bool,
) -> WriteOptions {
    let request = (!request_id.is_empty()).then(|| RequestKey {
        id: request_id.to_owned(),
        hash: db.token_key().hash(&message.encode_to_vec()),
    });
    WriteOptions {
        method: method_of::<M>(),
        request,
        validate_only,
    }
}

/// Returns the method that takes a request, such as `CreateCustomer`: each has a request message of its own.
pub(crate) fn method_of<M: prost::Name>() -> &'static str {
    M::NAME.strip_suffix("Request").unwrap_or(M::NAME)
}

/// Answers with the revision in the header.
pub(crate) fn answer<T>(at: At<T>) -> Response<T> {
    let mut response = Response::new(at.answer);
    response
        .metadata_mut()
        .insert(REVISION_HEADER, MetadataValue::from(at.revision));
    response
}

/// Answers a write, with the revision and whether it was a replay in the headers.
pub(crate) fn answer_written<R>(at: At<Written<R>>) -> Response<R> {
    let At {
        answer: Written { resource, replayed },
        revision,
    } = at;
    let mut response = answer(At {
        answer: resource,
        revision,
    });
    if replayed {
        response
            .metadata_mut()
            .insert(REPLAYED_HEADER, MetadataValue::from_static("true"));
    }
    response
}
