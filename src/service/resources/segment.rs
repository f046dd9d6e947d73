//! SegmentService: the handlers, and what a segment's fields may hold.

use crate::name::Kind;
use crate::pb;
use crate::pb::segment::Definition;
use crate::pb::segment_service_server::SegmentService;
use crate::service::check::{Checker, common};
use crate::service::segments::{compare, explain, member_edit, membership, preview};
use crate::service::standard::Checked;
use crate::service::standard::methods::standard_methods;
use crate::store::record::resource::Filtering;
use crate::store::resources::segment::MAX_MEMBERS;

standard_methods! {
    impl SegmentService for Segments {
        create: create_segment(CreateSegmentRequest { segment, segment_id }) -> Segment;
        get: get_segment(GetSegmentRequest) -> Segment;
        batch_get: batch_get_segments(BatchGetSegmentsRequest) -> BatchGetSegmentsResponse { segments };
        list: list_segments(ListSegmentsRequest) -> ListSegmentsResponse { segments };
        update: update_segment(UpdateSegmentRequest { segment }) -> Segment;
        delete: delete_segment(DeleteSegmentRequest) -> Segment;
        undelete: undelete_segment(UndeleteSegmentRequest) -> Segment;
        special: list_segment_members(ListSegmentMembersRequest) -> ListSegmentMembersResponse = membership::list_segment_members;
        special: count_segment_members(CountSegmentMembersRequest) -> CountSegmentMembersResponse = membership::count_segment_members;
        special: check_membership(CheckMembershipRequest) -> CheckMembershipResponse = membership::check_membership;
        special: list_customer_segments(ListCustomerSegmentsRequest) -> ListCustomerSegmentsResponse = membership::list_customer_segments;
        special: preview_segment(PreviewSegmentRequest) -> PreviewSegmentResponse = preview::preview_segment;
        special: add_segment_members(AddSegmentMembersRequest) -> Segment = member_edit::add_segment_members;
        special: remove_segment_members(RemoveSegmentMembersRequest) -> Segment = member_edit::remove_segment_members;
        special: explain_membership(ExplainMembershipRequest) -> ExplainMembershipResponse = explain::explain_membership;
        special: compare_segments(CompareSegmentsRequest) -> SegmentComparison = compare::compare_segments;
        special: describe_segment(DescribeSegmentRequest) -> SegmentComparison = compare::describe_segment;
    }
}

impl Checked for pb::Segment {
    fn validate(&self, checker: &mut Checker) {
        checker.require_text("display_name", &self.display_name);
        checker.short("display_name", &self.display_name);
        checker.passage("description", &self.description);
        match &self.definition {
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
                    &members.customers,
                    MAX_MEMBERS,
                );
            }),
        }
    }

    fn derive(&mut self) {
        self.derive_warnings();
    }

    fn validate_change(&self, stored: Option<&Self>, checker: &mut Checker) {
        common::new_filters(checker, "clientele.v1.Customer", self, stored);
    }
}
