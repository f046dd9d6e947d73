//! SegmentService: the handlers, and what a segment's fields may hold.

use tonic::Request;

use crate::name::Kind;
use crate::pb;
use crate::pb::segment::Definition;
use crate::pb::segment_service_server::SegmentService;
use crate::service::check::{Checker, common};
use crate::service::segments::{compare, explain, member_edit, membership, preview};
use crate::service::standard::pages::List;
use crate::service::standard::{self, Checked, Requested, answer_with};
use crate::service::{Answer, begin_call, write_options};
use crate::store::engine::db::Db;
use crate::store::resources::segment::MAX_MEMBERS;

/// The service.
#[derive(Clone)]
pub struct Segments {
    /// The store it works on.
    pub db: Db,
}

#[tonic::async_trait]
impl SegmentService for Segments {
    async fn create_segment(
        &self,
        request: Request<pb::CreateSegmentRequest>,
    ) -> Answer<pb::Segment> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "CreateSegment",
            &message,
            &message.request_id,
            message.validate_only,
        );
        standard::create(
            &self.db,
            call,
            message.segment,
            &message.segment_id,
            options,
        )
        .await
    }

    async fn get_segment(&self, request: Request<pb::GetSegmentRequest>) -> Answer<pb::Segment> {
        let (call, message) = begin_call(&self.db, request).await?;
        standard::get(&self.db, call, &message.name, message.read_mask).await
    }

    async fn batch_get_segments(
        &self,
        request: Request<pb::BatchGetSegmentsRequest>,
    ) -> Answer<pb::BatchGetSegmentsResponse> {
        let (call, message) = begin_call(&self.db, request).await?;
        let found = standard::batch_get(&self.db, call, &message.names, message.read_mask).await;
        answer_with(found, |segments| pb::BatchGetSegmentsResponse { segments })
    }

    async fn list_segments(
        &self,
        request: Request<pb::ListSegmentsRequest>,
    ) -> Answer<pb::ListSegmentsResponse> {
        let (call, message) = begin_call(&self.db, request).await?;
        let list = List {
            method: "ListSegments",
            page_size: message.page_size,
            page_token: &message.page_token,
            filter: &message.filter,
            order_by: &message.order_by,
            show_deleted: message.show_deleted,
            read_mask: message.read_mask,
        };
        let listed = standard::list(&self.db, call, list).await;
        answer_with(listed, |(segments, next_page_token)| {
            pb::ListSegmentsResponse {
                segments,
                next_page_token,
            }
        })
    }

    async fn update_segment(
        &self,
        request: Request<pb::UpdateSegmentRequest>,
    ) -> Answer<pb::Segment> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "UpdateSegment",
            &message,
            &message.request_id,
            message.validate_only,
        );
        let pb::UpdateSegmentRequest {
            segment,
            update_mask,
            allow_missing,
            ..
        } = message;
        standard::update(&self.db, call, segment, update_mask, allow_missing, options).await
    }

    async fn delete_segment(
        &self,
        request: Request<pb::DeleteSegmentRequest>,
    ) -> Answer<pb::Segment> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "DeleteSegment",
            &message,
            &message.request_id,
            message.validate_only,
        );
        let pb::DeleteSegmentRequest {
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

    async fn undelete_segment(
        &self,
        request: Request<pb::UndeleteSegmentRequest>,
    ) -> Answer<pb::Segment> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "UndeleteSegment",
            &message,
            &message.request_id,
            message.validate_only,
        );
        standard::undelete(&self.db, call, &message.name, &message.etag, options).await
    }

    async fn list_segment_members(
        &self,
        request: Request<pb::ListSegmentMembersRequest>,
    ) -> Answer<pb::ListSegmentMembersResponse> {
        membership::list_segment_members(&self.db, request).await
    }

    async fn count_segment_members(
        &self,
        request: Request<pb::CountSegmentMembersRequest>,
    ) -> Answer<pb::CountSegmentMembersResponse> {
        membership::count_segment_members(&self.db, request).await
    }

    async fn check_membership(
        &self,
        request: Request<pb::CheckMembershipRequest>,
    ) -> Answer<pb::CheckMembershipResponse> {
        membership::check_membership(&self.db, request).await
    }

    async fn list_customer_segments(
        &self,
        request: Request<pb::ListCustomerSegmentsRequest>,
    ) -> Answer<pb::ListCustomerSegmentsResponse> {
        membership::list_customer_segments(&self.db, request).await
    }

    async fn preview_segment(
        &self,
        request: Request<pb::PreviewSegmentRequest>,
    ) -> Answer<pb::PreviewSegmentResponse> {
        preview::preview_segment(&self.db, request).await
    }

    async fn add_segment_members(
        &self,
        request: Request<pb::AddSegmentMembersRequest>,
    ) -> Answer<pb::Segment> {
        member_edit::add_segment_members(&self.db, request).await
    }

    async fn remove_segment_members(
        &self,
        request: Request<pb::RemoveSegmentMembersRequest>,
    ) -> Answer<pb::Segment> {
        member_edit::remove_segment_members(&self.db, request).await
    }

    async fn explain_membership(
        &self,
        request: Request<pb::ExplainMembershipRequest>,
    ) -> Answer<pb::ExplainMembershipResponse> {
        explain::explain_membership(&self.db, request).await
    }

    async fn compare_segments(
        &self,
        request: Request<pb::CompareSegmentsRequest>,
    ) -> Answer<pb::CompareSegmentsResponse> {
        compare::compare_segments(&self.db, request).await
    }

    async fn describe_segment(
        &self,
        request: Request<pb::DescribeSegmentRequest>,
    ) -> Answer<pb::DescribeSegmentResponse> {
        compare::describe_segment(&self.db, request).await
    }
}

impl Checked for pb::Segment {
    fn check(&mut self, checker: &mut Checker) {
        common::header(checker, self);
        checker.require_text("display_name", &self.display_name);
        checker.short("display_name", &self.display_name);
        checker.passage("description", &self.description);
        match &mut self.definition {
            None => checker.require_set("filter", false),
            Some(Definition::Filter(filter)) => {
                checker.not_blank("filter", filter);
                common::filter(checker, "filter", Some("clientele.v1.Customer"), filter);
            }
            Some(Definition::Members(members)) => checker.within("members", |checker| {
                common::references(
                    checker,
                    "customers",
                    Kind::Customer,
                    &mut members.customers,
                    MAX_MEMBERS,
                );
            }),
        }
    }
}
