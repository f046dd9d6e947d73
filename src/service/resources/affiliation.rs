//! AffiliationService: the handlers, and what an affiliation's fields may hold. The rules of claims are in
//! `buying_role.rs`.

use tonic::Request;

use crate::name::Kind;
use crate::pb;
use crate::pb::affiliation::Seniority;
use crate::pb::affiliation_service_server::AffiliationService;
use crate::service::check::{Checker, common};
use crate::service::resources::buying_role::{self, NewClaim};
use crate::service::standard::pages::List;
use crate::service::standard::{self, Checked, Requested, answer_with};
use crate::service::{Answer, begin_call, write_options};
use crate::store::engine::db::Db;
use crate::store::resources::affiliation::claim_references;

/// The service.
#[derive(Clone)]
pub struct Affiliations {
    /// The store it works on.
    pub db: Db,
}

#[tonic::async_trait]
impl AffiliationService for Affiliations {
    async fn create_affiliation(
        &self,
        request: Request<pb::CreateAffiliationRequest>,
    ) -> Answer<pb::Affiliation> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "CreateAffiliation",
            &message,
            &message.request_id,
            message.validate_only,
        );
        standard::create(
            &self.db,
            call,
            message.affiliation,
            &message.affiliation_id,
            options,
        )
        .await
    }

    async fn get_affiliation(
        &self,
        request: Request<pb::GetAffiliationRequest>,
    ) -> Answer<pb::Affiliation> {
        let (call, message) = begin_call(&self.db, request).await?;
        standard::get(&self.db, call, &message.name, message.read_mask).await
    }

    async fn batch_get_affiliations(
        &self,
        request: Request<pb::BatchGetAffiliationsRequest>,
    ) -> Answer<pb::BatchGetAffiliationsResponse> {
        let (call, message) = begin_call(&self.db, request).await?;
        let found = standard::batch_get(&self.db, call, &message.names, message.read_mask).await;
        answer_with(found, |affiliations| pb::BatchGetAffiliationsResponse {
            affiliations,
        })
    }

    async fn list_affiliations(
        &self,
        request: Request<pb::ListAffiliationsRequest>,
    ) -> Answer<pb::ListAffiliationsResponse> {
        let (call, message) = begin_call(&self.db, request).await?;
        let list = List {
            method: "ListAffiliations",
            page_size: message.page_size,
            page_token: &message.page_token,
            filter: &message.filter,
            order_by: &message.order_by,
            show_deleted: message.show_deleted,
            read_mask: message.read_mask,
        };
        let listed = standard::list(&self.db, call, list).await;
        answer_with(listed, |(affiliations, next_page_token)| {
            pb::ListAffiliationsResponse {
                affiliations,
                next_page_token,
            }
        })
    }

    async fn update_affiliation(
        &self,
        request: Request<pb::UpdateAffiliationRequest>,
    ) -> Answer<pb::Affiliation> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "UpdateAffiliation",
            &message,
            &message.request_id,
            message.validate_only,
        );
        let pb::UpdateAffiliationRequest {
            affiliation,
            update_mask,
            allow_missing,
            ..
        } = message;
        standard::update(
            &self.db,
            call,
            affiliation,
            update_mask,
            allow_missing,
            options,
        )
        .await
    }

    async fn delete_affiliation(
        &self,
        request: Request<pb::DeleteAffiliationRequest>,
    ) -> Answer<pb::Affiliation> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "DeleteAffiliation",
            &message,
            &message.request_id,
            message.validate_only,
        );
        let pb::DeleteAffiliationRequest {
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

    async fn undelete_affiliation(
        &self,
        request: Request<pb::UndeleteAffiliationRequest>,
    ) -> Answer<pb::Affiliation> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "UndeleteAffiliation",
            &message,
            &message.request_id,
            message.validate_only,
        );
        standard::undelete(&self.db, call, &message.name, &message.etag, options).await
    }

    async fn add_buying_role(
        &self,
        request: Request<pb::AddBuyingRoleRequest>,
    ) -> Answer<pb::Affiliation> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "AddBuyingRole",
            &message,
            &message.request_id,
            message.validate_only,
        );
        let name = message.name.clone();
        let etag = message.etag.clone();
        let now = self.db.clock().now();
        let mut checker = Checker::new("");
        let claim = NewClaim::check(&mut checker, message, now);
        let references = claim.references();
        let edit = buying_role::edit(
            checker,
            &name,
            etag,
            options,
            references,
            move |affiliation| claim.add_to(affiliation),
        )?;
        buying_role::write(&self.db, call, edit).await
    }

    async fn confirm_buying_role(
        &self,
        request: Request<pb::ConfirmBuyingRoleRequest>,
    ) -> Answer<pb::Affiliation> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "ConfirmBuyingRole",
            &message,
            &message.request_id,
            message.validate_only,
        );
        let mut checker = Checker::new("");
        buying_role::check_confirm(&mut checker, &message);
        let references = claim_references("", &message.claimant, "");
        let (name, etag, now) = (
            message.name.clone(),
            message.etag.clone(),
            self.db.clock().now(),
        );
        let edit = buying_role::edit(
            checker,
            &name,
            etag,
            options,
            references,
            move |affiliation| buying_role::confirm(affiliation, &message, now),
        )?;
        buying_role::write(&self.db, call, edit).await
    }

    async fn end_buying_role(
        &self,
        request: Request<pb::EndBuyingRoleRequest>,
    ) -> Answer<pb::Affiliation> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "EndBuyingRole",
            &message,
            &message.request_id,
            message.validate_only,
        );
        let mut checker = Checker::new("");
        buying_role::check_end(&mut checker, &message);
        let (name, etag, now) = (
            message.name.clone(),
            message.etag.clone(),
            self.db.clock().now(),
        );
        let edit = buying_role::edit(
            checker,
            &name,
            etag,
            options,
            Vec::new(),
            move |affiliation| buying_role::end(affiliation, &message, now),
        )?;
        buying_role::write(&self.db, call, edit).await
    }
}

impl Checked for pb::Affiliation {
    fn check(&mut self, checker: &mut Checker) {
        common::header(checker, self);
        checker.require_text("contact", &self.contact);
        common::reference(checker, "contact", Kind::Contact, &self.contact);
        checker.require_text("customer", &self.customer);
        common::reference(checker, "customer", Kind::Customer, &self.customer);
        checker.short("job_title", &self.job_title);
        checker.short("department", &self.department);
        checker.enumeration::<Seniority>("seniority", self.seniority);
        common::reference(checker, "manager", Kind::Affiliation, &self.manager);
        checker.date("start_date", &mut self.start_date);
        checker.date("end_date", &mut self.end_date);
        checker.date_order("end_date", self.start_date.as_ref(), self.end_date.as_ref());
    }

    fn clear_output(&mut self) {
        self.buying_roles.clear();
    }
}
