//! AffiliationService: the handlers, and what an affiliation's fields may hold. The rules of claims are in
//! `buying_role.rs`.

use crate::name::Kind;
use crate::pb;
use crate::pb::affiliation::Seniority;
use crate::pb::affiliation_service_server::AffiliationService;
use crate::service::check::{Checker, common, normal};
use crate::service::resources::buying_role;
use crate::service::standard::Checked;
use crate::service::standard::methods::standard_methods;

standard_methods! {
    impl AffiliationService for Affiliations {
        create: create_affiliation(CreateAffiliationRequest { affiliation, affiliation_id }) -> Affiliation;
        get: get_affiliation(GetAffiliationRequest) -> Affiliation;
        batch_get: batch_get_affiliations(BatchGetAffiliationsRequest) -> BatchGetAffiliationsResponse { affiliations };
        list: list_affiliations(ListAffiliationsRequest) -> ListAffiliationsResponse { affiliations };
        update: update_affiliation(UpdateAffiliationRequest { affiliation }) -> Affiliation;
        delete: delete_affiliation(DeleteAffiliationRequest) -> Affiliation;
        undelete: undelete_affiliation(UndeleteAffiliationRequest) -> Affiliation;
        special: add_buying_role(AddBuyingRoleRequest) -> Affiliation = buying_role::add_buying_role;
        special: confirm_buying_role(ConfirmBuyingRoleRequest) -> Affiliation = buying_role::confirm_buying_role;
        special: end_buying_role(EndBuyingRoleRequest) -> Affiliation = buying_role::end_buying_role;
    }
}

impl Checked for pb::Affiliation {
    fn normalize(&mut self) {
        normal::date(&mut self.start_date);
        normal::date(&mut self.end_date);
    }

    fn validate(&self, checker: &mut Checker) {
        checker.require_text("contact", &self.contact);
        common::reference(checker, "contact", Kind::Contact, &self.contact);
        checker.require_text("customer", &self.customer);
        common::reference(checker, "customer", Kind::Customer, &self.customer);
        checker.short("job_title", &self.job_title);
        checker.short("department", &self.department);
        checker.enumeration::<Seniority>("seniority", self.seniority);
        common::reference(checker, "manager", Kind::Affiliation, &self.manager);
        checker.date("start_date", self.start_date.as_ref());
        checker.date("end_date", self.end_date.as_ref());
        checker.date_order("end_date", self.start_date.as_ref(), self.end_date.as_ref());
    }

    fn clear_output(&mut self) {
        self.buying_roles.clear();
    }
}
