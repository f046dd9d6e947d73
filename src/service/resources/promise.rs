//! PromiseService: the handlers, and what a promise's fields may hold.

use tonic::Request;

use crate::name::Kind;
use crate::pb;
use crate::pb::promise::Side;
use crate::pb::promise_service_server::PromiseService;
use crate::service::check::{Checker, common};
use crate::service::standard::pages::List;
use crate::service::standard::{self, Checked, Requested, answer_with};
use crate::service::{Answer, begin_call, write_options};
use crate::store::engine::db::Db;

/// The service.
#[derive(Clone)]
pub struct Promises {
    /// The store it works on.
    pub db: Db,
}

#[tonic::async_trait]
impl PromiseService for Promises {
    async fn create_promise(
        &self,
        request: Request<pb::CreatePromiseRequest>,
    ) -> Answer<pb::Promise> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "CreatePromise",
            &message,
            &message.request_id,
            message.validate_only,
        );
        standard::create(
            &self.db,
            call,
            message.promise,
            &message.promise_id,
            options,
        )
        .await
    }

    async fn get_promise(&self, request: Request<pb::GetPromiseRequest>) -> Answer<pb::Promise> {
        let (call, message) = begin_call(&self.db, request).await?;
        standard::get(&self.db, call, &message.name, message.read_mask).await
    }

    async fn batch_get_promises(
        &self,
        request: Request<pb::BatchGetPromisesRequest>,
    ) -> Answer<pb::BatchGetPromisesResponse> {
        let (call, message) = begin_call(&self.db, request).await?;
        let found = standard::batch_get(&self.db, call, &message.names, message.read_mask).await;
        answer_with(found, |promises| pb::BatchGetPromisesResponse { promises })
    }

    async fn list_promises(
        &self,
        request: Request<pb::ListPromisesRequest>,
    ) -> Answer<pb::ListPromisesResponse> {
        let (call, message) = begin_call(&self.db, request).await?;
        let list = List {
            method: "ListPromises",
            page_size: message.page_size,
            page_token: &message.page_token,
            filter: &message.filter,
            order_by: &message.order_by,
            show_deleted: message.show_deleted,
            read_mask: message.read_mask,
        };
        let listed = standard::list(&self.db, call, list).await;
        answer_with(listed, |(promises, next_page_token)| {
            pb::ListPromisesResponse {
                promises,
                next_page_token,
            }
        })
    }

    async fn update_promise(
        &self,
        request: Request<pb::UpdatePromiseRequest>,
    ) -> Answer<pb::Promise> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "UpdatePromise",
            &message,
            &message.request_id,
            message.validate_only,
        );
        let pb::UpdatePromiseRequest {
            promise,
            update_mask,
            allow_missing,
            ..
        } = message;
        standard::update(&self.db, call, promise, update_mask, allow_missing, options).await
    }

    async fn delete_promise(
        &self,
        request: Request<pb::DeletePromiseRequest>,
    ) -> Answer<pb::Promise> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "DeletePromise",
            &message,
            &message.request_id,
            message.validate_only,
        );
        let pb::DeletePromiseRequest {
            name,
            etag,
            allow_missing,
            ..
        } = &message;
        let deletion = Requested {
            name,
            etag,
            force: false,
            allow_missing: *allow_missing,
            options,
        };
        standard::delete(&self.db, call, deletion).await
    }

    async fn undelete_promise(
        &self,
        request: Request<pb::UndeletePromiseRequest>,
    ) -> Answer<pb::Promise> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "UndeletePromise",
            &message,
            &message.request_id,
            message.validate_only,
        );
        standard::undelete(&self.db, call, &message.name, &message.etag, options).await
    }
}

impl Checked for pb::Promise {
    fn check(&mut self, checker: &mut Checker) {
        common::header(checker, self);
        checker.require_text("customer", &self.customer);
        common::reference(checker, "customer", Kind::Customer, &self.customer);
        common::references(
            checker,
            "contacts",
            Kind::Contact,
            &mut self.contacts,
            common::MANY,
        );
        common::reference(
            checker,
            "conversation",
            Kind::Conversation,
            &self.conversation,
        );
        checker.require_text("text", &self.text);
        checker.chars("text", &self.text, 1000);
        checker.enumeration::<Side>("side", self.side);
        checker.require_set("side", self.side != 0);
        common::reference(checker, "owner", Kind::Colleague, &self.owner);
        checker.time("due_time", &mut self.due_time);
        checker.time("done_time", &mut self.done_time);
    }
}
