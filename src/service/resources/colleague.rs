//! ColleagueService: the handlers, and what a colleague's fields may hold.

use tonic::Request;

use crate::pb;
use crate::pb::colleague_service_server::ColleagueService;
use crate::service::check::{Checker, common};
use crate::service::standard::pages::List;
use crate::service::standard::{self, Checked, Requested, answer_with};
use crate::service::{Answer, begin_call, write_options};
use crate::store::engine::db::Db;

/// The service.
#[derive(Clone)]
pub struct Colleagues {
    /// The store it works on.
    pub db: Db,
}

#[tonic::async_trait]
impl ColleagueService for Colleagues {
    async fn create_colleague(
        &self,
        request: Request<pb::CreateColleagueRequest>,
    ) -> Answer<pb::Colleague> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "CreateColleague",
            &message,
            &message.request_id,
            message.validate_only,
        );
        standard::create(
            &self.db,
            call,
            message.colleague,
            &message.colleague_id,
            options,
        )
        .await
    }

    async fn get_colleague(
        &self,
        request: Request<pb::GetColleagueRequest>,
    ) -> Answer<pb::Colleague> {
        let (call, message) = begin_call(&self.db, request).await?;
        standard::get(&self.db, call, &message.name, message.read_mask).await
    }

    async fn batch_get_colleagues(
        &self,
        request: Request<pb::BatchGetColleaguesRequest>,
    ) -> Answer<pb::BatchGetColleaguesResponse> {
        let (call, message) = begin_call(&self.db, request).await?;
        let found = standard::batch_get(&self.db, call, &message.names, message.read_mask).await;
        answer_with(found, |colleagues| pb::BatchGetColleaguesResponse {
            colleagues,
        })
    }

    async fn list_colleagues(
        &self,
        request: Request<pb::ListColleaguesRequest>,
    ) -> Answer<pb::ListColleaguesResponse> {
        let (call, message) = begin_call(&self.db, request).await?;
        let list = List {
            method: "ListColleagues",
            page_size: message.page_size,
            page_token: &message.page_token,
            filter: &message.filter,
            order_by: &message.order_by,
            show_deleted: message.show_deleted,
            read_mask: message.read_mask,
        };
        let listed = standard::list(&self.db, call, list).await;
        answer_with(listed, |(colleagues, next_page_token)| {
            pb::ListColleaguesResponse {
                colleagues,
                next_page_token,
            }
        })
    }

    async fn update_colleague(
        &self,
        request: Request<pb::UpdateColleagueRequest>,
    ) -> Answer<pb::Colleague> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "UpdateColleague",
            &message,
            &message.request_id,
            message.validate_only,
        );
        let pb::UpdateColleagueRequest {
            colleague,
            update_mask,
            allow_missing,
            ..
        } = message;
        standard::update(
            &self.db,
            call,
            colleague,
            update_mask,
            allow_missing,
            options,
        )
        .await
    }

    async fn delete_colleague(
        &self,
        request: Request<pb::DeleteColleagueRequest>,
    ) -> Answer<pb::Colleague> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "DeleteColleague",
            &message,
            &message.request_id,
            message.validate_only,
        );
        let pb::DeleteColleagueRequest {
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

    async fn undelete_colleague(
        &self,
        request: Request<pb::UndeleteColleagueRequest>,
    ) -> Answer<pb::Colleague> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "UndeleteColleague",
            &message,
            &message.request_id,
            message.validate_only,
        );
        standard::undelete(&self.db, call, &message.name, &message.etag, options).await
    }
}

impl Checked for pb::Colleague {
    fn check(&mut self, checker: &mut Checker) {
        common::header(checker, self);
        checker.require_text("display_name", &self.display_name);
        checker.short("display_name", &self.display_name);
        common::emails(checker, &mut self.emails);
        checker.short("principal", &self.principal);
    }

    fn keep(&mut self, stored: &Self) {
        self.active = self.active.or(stored.active);
    }
}
