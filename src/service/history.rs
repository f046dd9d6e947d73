//! HistoryService: every state a record had, for whoever may see the record.

use tonic::Request;

use super::check::Checker;
use super::standard::{self, answer_with, read_token};
use super::{Answer, Call, open};
use crate::clock;
use crate::error::Error;
use crate::name::{Kind, Name};
use crate::page::{self, SortValue};
use crate::pb;
use crate::pb::history_service_server::HistoryService;
use crate::pb::revision::{Action, Resource as Body};
use crate::store::db::{At, Db};
use crate::store::history::{self, Revision};
use crate::store::read;
use crate::store::resource::Resource;

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
    async fn list_revisions(&self, request: Request<pb::ListRevisionsRequest>) -> Answer<pb::ListRevisionsResponse> {
        let (call, message) = open(&self.db, request).await?;
        let mut checker = Checker::new("");
        let name = check_name(&mut checker, &message.name);
        let size = page::size(message.page_size);
        checker.require(size.is_some(), "page_size", "is negative");
        let bound_to = format!("{}\nListRevisions\n{}", call.scope.tenant(), message.name);
        let bound_to = self.db.token_key().hash(bound_to.as_bytes());
        let after = read_token(&mut checker, &self.db, &message.page_token, &bound_to);
        checker.finish()?;
        let before = match after.first() {
            Some(SortValue::Int(revision)) => *revision,
            _ => i64::MAX,
        };
        let size = size.unwrap_or(page::DEFAULT_SIZE);
        let mut listed = of_kind!(name.kind(), revisions(&self.db, &call, &name, before, size + 1))?;
        let mut next_page_token = String::new();
        if listed.answer.len() > size {
            listed.answer.truncate(size);
            let last = listed.answer.last().map_or(0, |revision| revision.revision);
            next_page_token = self.db.token_key().seal(&bound_to, self.db.clock().now(), vec![SortValue::Int(last)]);
        }
        answer_with(Ok(listed), |revisions| pb::ListRevisionsResponse { revisions, next_page_token })
    }

    async fn get_revision(&self, request: Request<pb::GetRevisionRequest>) -> Answer<pb::Revision> {
        let (call, message) = open(&self.db, request).await?;
        let mut checker = Checker::new("");
        let name = check_name(&mut checker, &message.name);
        checker.require(message.revision > 0, "revision", "is not a revision, which start at 1");
        checker.finish()?;
        let before = message.revision.saturating_add(1);
        let At { answer, revision } = of_kind!(name.kind(), revisions(&self.db, &call, &name, before, 1))?;
        let found = answer.into_iter().next();
        let found = found.ok_or(Error::RevisionNotFound { name, revision: message.revision })?;
        standard::answer_with(Ok(At { answer: found, revision }), |revision| revision)
    }
}

fn check_name(checker: &mut Checker, name: &str) -> Name {
    Name::parse_any(name).unwrap_or_else(|| {
        checker.wrong("name", "is not the name of a resource, such as customers/{id}");
        Name::of_row(Kind::Customer, "")
    })
}

/// Reads at most `limit` states that the caller may see. The record must be visible as it is now; a state in which it
/// was PRIVATE is its author's alone.
async fn revisions<R: Resource>(
    db: &Db,
    call: &Call,
    name: &Name,
    before: i64,
    limit: usize,
    body: fn(R) -> Body,
) -> Result<At<Vec<pb::Revision>>, Error> {
    read::get::<R>(db, &call.scope, name).await?.answer.ok_or_else(|| Error::NotFound(name.clone()))?;
    let author = read::author(db, &call.scope).await?;
    let (mut found, mut before) = (Vec::new(), before);
    loop {
        let page = history::list::<R>(db, &call.scope, name, before, limit).await?;
        let (read, oldest) = (page.answer.len(), page.answer.last().map_or(0, |state| state.revision));
        let is_visible = |state: &Revision<R>| state.resource.private_to().is_none_or(|only| only == author);
        found.extend(page.answer.into_iter().filter(is_visible).map(|state| message(state, body)));
        if found.len() >= limit || read < limit {
            found.truncate(limit);
            return Ok(At { answer: found, revision: page.revision });
        }
        before = oldest;
    }
}

fn message<R: Resource>(state: Revision<R>, body: fn(R) -> Body) -> pb::Revision {
    pb::Revision {
        revision: state.revision,
        commit_time: Some(clock::timestamp(state.commit_time)),
        action: Action::from_str_name(&state.action).unwrap_or_default().into(),
        changed_paths: state.changed_paths,
        actor: state.actor,
        request_id: state.request_id,
        resource: Some(body(state.resource)),
    }
}
