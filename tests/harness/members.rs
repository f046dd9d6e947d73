//! Who is in a segment, asked in the three ways there are.

use clientele::pb;
use clientele::pb::{CheckMembershipResponse, CustomerKey};

use super::Harness;
use super::answer::{Answer, done, whole};
use super::keys::by_name;
use super::paging::all_pages;

impl Harness {
    /// Tries to check customers against segments.
    pub async fn try_check(
        &self,
        customers: Vec<CustomerKey>,
        segments: &[&str],
    ) -> Answer<CheckMembershipResponse> {
        let segments = segments.iter().map(|name| (*name).to_owned()).collect();
        self.segments
            .clone()
            .check_membership(pb::CheckMembershipRequest {
                customers,
                segments,
            })
            .await
    }

    /// Checks customers, by name, against segments.
    pub async fn check(&self, customers: &[&str], segments: &[&str]) -> CheckMembershipResponse {
        let keys = customers.iter().filter_map(|name| by_name(name)).collect();
        let answer = whole(self.try_check(keys, segments).await);
        assert_eq!(answer.message.revision, answer.revision);
        answer.message
    }

    /// Checks one customer, by name, against one segment.
    pub async fn membership(&self, customer: &str, segment: &str) -> pb::Membership {
        self.check(&[customer], &[segment])
            .await
            .results
            .remove(0)
            .memberships
            .remove(0)
    }

    /// Says whether a customer, by name, is in a segment.
    pub async fn is_member(&self, customer: &str, segment: &str) -> bool {
        self.membership(customer, segment).await.member
    }

    /// Counts the members of a segment.
    pub async fn count(&self, segment: &str) -> pb::CountSegmentMembersResponse {
        let request = pb::CountSegmentMembersRequest {
            segment: segment.to_owned(),
        };
        let answer = whole(self.segments.clone().count_segment_members(request).await);
        assert_eq!(answer.message.revision, answer.revision);
        answer.message
    }

    /// Lists the members of a segment, page by page, by name.
    pub async fn members(&self, segment: &str, page_size: i32) -> Vec<String> {
        all_pages(async |page_token| {
            let segment = segment.to_owned();
            let request = pb::ListSegmentMembersRequest {
                segment,
                page_size,
                page_token,
                ..Default::default()
            };
            let page = done(self.segments.clone().list_segment_members(request).await);
            (
                page.customers
                    .into_iter()
                    .map(|customer| customer.name)
                    .collect(),
                page.next_page_token,
            )
        })
        .await
    }

    /// Lists the segments that a customer, by name, is in, page by page.
    pub async fn segments_of(&self, customer: &str, page_size: i32) -> Vec<String> {
        all_pages(async |page_token| {
            let request = pb::ListCustomerSegmentsRequest {
                customer: by_name(customer),
                page_size,
                page_token,
            };
            let page = done(self.segments.clone().list_customer_segments(request).await);
            (
                page.memberships
                    .into_iter()
                    .map(|one| one.segment)
                    .collect(),
                page.next_page_token,
            )
        })
        .await
    }

    /// Tries to put customers, by name, on a list, or to take them off.
    pub async fn try_edit_members(
        &self,
        segment: &str,
        customers: &[&str],
        adds: bool,
    ) -> Answer<pb::Segment> {
        let keys = customers.iter().filter_map(|name| by_name(name)).collect();
        let segment = segment.to_owned();
        if adds {
            let request = pb::AddSegmentMembersRequest {
                segment,
                customers: keys,
                ..Default::default()
            };
            return self.segments.clone().add_segment_members(request).await;
        }
        let request = pb::RemoveSegmentMembersRequest {
            segment,
            customers: keys,
            ..Default::default()
        };
        self.segments.clone().remove_segment_members(request).await
    }
}
