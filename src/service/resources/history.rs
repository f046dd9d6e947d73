//! HistoryService: every state a record had, for whoever may see the record.

use prost::Message;
use tonic::Request;

use crate::clock;
use crate::error::Error;
use crate::name::{Kind, Name};
use crate::page::SortValue;
use crate::pb;
use crate::pb::history_service_server::HistoryService;
use crate::pb::revision::{Action, Resource as Body};
use crate::service::check::Checker;
use crate::service::standard::pages::{PageRequest, bound_to};
use crate::service::standard::{self, MAX_ANSWER_BYTES, answer_with};
use crate::service::{Answer, Call, begin_call};
use crate::store::engine::db::{At, Db};
use crate::store::read::records;
use crate::store::record::history::{self, Revision};
use crate::store::record::resource::{Authorship, Resource};

/// The most states that are read at one time.
const CHUNK: usize = 50;

/// The service.
#[derive(Clone)]
pub struct Histories {
    /// The store it works on.
    pub db: Db,
}

/// Calls a function for the message type of a kind, with the constructor of the answer's oneof.
macro_rules! of_kind {
    ($kind:expr, $function:ident($($argument:expr),*)) => {
        match $kind {
            Kind::Customer => $function($($argument),*, Body::Customer).await,
            Kind::Contact => $function($($argument),*, Body::Contact).await,
            Kind::Affiliation => $function($($argument),*, Body::Affiliation).await,
            Kind::Colleague => $function($($argument),*, Body::Colleague).await,
            Kind::Conversation => $function($($argument),*, Body::Conversation).await,
            Kind::Promise => $function($($argument),*, Body::Promise).await,
            Kind::Note => $function($($argument),*, Body::Note).await,
            Kind::Persona => $function($($argument),*, Body::Persona).await,
            Kind::Segment => $function($($argument),*, Body::Segment).await,
        }
    };
}

#[tonic::async_trait]
impl HistoryService for Histories {
    async fn list_revisions(
        &self,
        request: Request<pb::ListRevisionsRequest>,
    ) -> Answer<pb::ListRevisionsResponse> {
        let (call, message) = begin_call(&self.db, request).await?;
        let mut checker = Checker::new("");
        let name = check_name(&mut checker, &message.name);
        let page = PageRequest::check(
            &mut checker,
            &self.db,
            bound_to(&self.db, &call, &message)?,
            message.page_size,
            &message.page_token,
        );
        let (name, page) = checker.finish_with(name.zip(page))?;
        let size = page.size;
        let before = match page.place.after.first() {
            Some(SortValue::Int(revision)) => *revision,
            _ => i64::MAX,
        };
        let mut listed = of_kind!(name.kind(), list(&self.db, &call, &name, before, size + 1))?;
        let mut next_page_token = String::new();
        let fit = standard::how_many_fit(&listed.answer[..listed.answer.len().min(size)]);
        if fit < listed.answer.len() {
            listed.answer.truncate(fit);
            let last = listed.answer.last().map_or(0, |revision| revision.revision);
            next_page_token = page.next(&self.db, vec![SortValue::Int(last)]);
        }
        answer_with(Ok(listed), |revisions| pb::ListRevisionsResponse {
            revisions,
            next_page_token,
        })
    }

    async fn get_revision(&self, request: Request<pb::GetRevisionRequest>) -> Answer<pb::Revision> {
        let (call, message) = begin_call(&self.db, request).await?;
        let mut checker = Checker::new("");
        let name = check_name(&mut checker, &message.name);
        checker.ensure(
            message.revision > 0,
            "revision",
            "is not a revision, which start at 1",
        );
        let name = checker.finish_with(name)?;
        let before = message.revision.saturating_add(1);
        let At {
            answer: found,
            revision,
        } = of_kind!(name.kind(), get(&self.db, &call, &name, before))?;
        let found = found.ok_or(Error::RevisionNotFound {
            name,
            revision: message.revision,
        })?;
        standard::answer_with(
            Ok(At {
                answer: found,
                revision,
            }),
            |revision| revision,
        )
    }
}

fn check_name(checker: &mut Checker, name: &str) -> Option<Name> {
    let parsed = Name::parse_any(name);
    checker.ensure(
        parsed.is_some(),
        "name",
        "is not the name of a resource, such as customers/{id}",
    );
    parsed
}

/// Reads states that the caller may see, the newest first: at most `limit`, and no more than it takes to fill an
/// answer. The record must be visible as it is now; a state in which it was PRIVATE is its author's alone.
async fn list<R: Resource>(
    db: &Db,
    call: &Call,
    name: &Name,
    before: i64,
    limit: usize,
    body: fn(R) -> Body,
) -> Result<At<Vec<pb::Revision>>, Error> {
    let author = visible_to::<R>(db, call, name).await?;
    let (mut found, mut size, mut before) = (Vec::new(), 0, before);
    loop {
        let At {
            answer: states,
            revision,
        } = history::list::<R>(db, &call.scope, name, before, limit.min(CHUNK)).await?;
        let is_last = states.len() < limit.min(CHUNK);
        before = states.last().map_or(before, |state| state.revision);
        for state in states
            .into_iter()
            .filter(|state| is_visible(call, state, &author))
        {
            let message = message(state, body);
            size += message.encoded_len();
            found.push(message);
        }
        if is_last || found.len() >= limit || size > MAX_ANSWER_BYTES {
            found.truncate(limit);
            return Ok(At {
                answer: found,
                revision,
            });
        }
    }
}

/// Reads the newest state before a revision; `None` when there is none or the caller may not see it.
async fn get<R: Resource>(
    db: &Db,
    call: &Call,
    name: &Name,
    before: i64,
    body: fn(R) -> Body,
) -> Result<At<Option<pb::Revision>>, Error> {
    let author = visible_to::<R>(db, call, name).await?;
    let At { answer, revision } = history::list::<R>(db, &call.scope, name, before, 1).await?;
    let found = answer
        .into_iter()
        .find(|state| is_visible(call, state, &author));
    Ok(At {
        answer: found.map(|state| message(state, body)),
        revision,
    })
}

/// Refuses a record that the caller may not see, and returns who the caller is as an author.
async fn visible_to<R: Resource>(db: &Db, call: &Call, name: &Name) -> Result<String, Error> {
    records::get::<R>(db, &call.scope, name)
        .await?
        .answer
        .ok_or_else(|| Error::NotFound(name.clone()))?;
    records::author(db, &call.scope).await
}

fn is_visible<R: Resource>(call: &Call, state: &Revision<R>, author: &str) -> bool {
    state
        .resource
        .authorship()
        .and_then(Authorship::private_to)
        .is_none_or(|only| call.scope.is_own(author, only))
}

fn message<R: Resource>(state: Revision<R>, body: fn(R) -> Body) -> pb::Revision {
    pb::Revision {
        revision: state.revision,
        commit_time: Some(clock::timestamp(state.commit_time)),
        action: Action::from_str_name(&state.action)
            .unwrap_or_default()
            .into(),
        changed_paths: state.changed_paths,
        actor: state.actor,
        request_id: state.request_id,
        resource: Some(body(state.resource)),
    }
}
