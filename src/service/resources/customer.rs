//! CustomerService: the handlers, and what a customer's fields may hold.

use crate::clock::DAY;
use crate::name::Kind;
use crate::pb;
use crate::pb::customer::{Audience, Business, Engagement, Individual, Lifecycle, Size};
use crate::pb::customer_service_server::CustomerService;
use crate::service::check::{Checker, common, normal};
use crate::service::standard::Checked;
use crate::service::standard::methods::standard_methods;
use crate::store::record::in_force;
use crate::store::record::resource::Resource;

/// The longest interval between talks, in microseconds: ten years, leap days counted.
const MAX_FOLLOW_UP: i64 = 3_652 * DAY + DAY / 2;

standard_methods! {
    impl CustomerService for Customers {
        create: create_customer(CreateCustomerRequest { customer, customer_id }) -> Customer;
        get: get_customer(GetCustomerRequest) -> Customer;
        batch_get: batch_get_customers(BatchGetCustomersRequest) -> BatchGetCustomersResponse { customers };
        list: list_customers(ListCustomersRequest) -> ListCustomersResponse { customers };
        update: update_customer(UpdateCustomerRequest { customer }) -> Customer;
        delete: delete_customer(DeleteCustomerRequest { force }) -> Customer;
        undelete: undelete_customer(UndeleteCustomerRequest) -> Customer;
    }
}

impl Checked for pb::Customer {
    fn normalize(&mut self) {
        if let Some(business) = &mut self.business {
            normal::domains(&mut business.domains);
            normal::money(&mut business.annual_revenue);
        }
        normal::unset_if_empty(&mut self.business);
        normal::unset_if_empty(&mut self.individual);
        normal::unset_if_empty(&mut self.engagement);
        if let Some(engagement) = &mut self.engagement {
            normal::time(&mut engagement.first_visit_time);
            normal::time(&mut engagement.last_visit_time);
        }
        normal::time(&mut self.customer_since_time);
        normal::money(&mut self.annual_spend);
        normal::addresses(&mut self.addresses);
        normal::emails(&mut self.emails);
        normal::contact_permissions(&mut self.contact_permissions);
        normal::span(&mut self.follow_up_interval);
    }

    fn validate(&self, checker: &mut Checker) {
        checker.require_text("display_name", &self.display_name);
        checker.short("display_name", &self.display_name);
        checker.enumeration::<pb::customer::Kind>("kind", self.kind);
        checker.enumeration::<Audience>("audience", self.audience);
        checker.enumeration::<Lifecycle>("lifecycle", self.lifecycle);
        if let Some(business) = &self.business {
            checker.within("business", |checker| check_business(checker, business));
        }
        if let Some(individual) = &self.individual {
            checker.within("individual", |checker| {
                check_individual(checker, individual)
            });
        }
        if let Some(engagement) = &self.engagement {
            checker.within("engagement", |checker| {
                check_engagement(checker, engagement)
            });
        }
        common::addresses(checker, &self.addresses);
        common::emails(checker, &self.emails);
        common::phone_numbers(checker, &self.phone_numbers);
        common::uris(checker, &self.uris);
        checker.passage("about", &self.about);
        checker.paragraphs("needs", &self.needs, common::MANY);
        checker.time("customer_since_time", self.customer_since_time.as_ref());
        checker.money("annual_spend", self.annual_spend.as_ref());
        common::reference(checker, "owner", Kind::Colleague, &self.owner);
        common::reference(checker, "parent", Kind::Customer, &self.parent);
        common::references(
            checker,
            "upstream_customers",
            Kind::Customer,
            &self.upstream_customers,
            common::MANY,
        );
        common::contact_permissions(checker, &self.contact_permissions);
        checker.positive_span(
            "follow_up_interval",
            self.follow_up_interval.as_ref(),
            MAX_FOLLOW_UP,
        );
        common::locked_paths::<pb::Customer>(checker, &self.locked_paths);
    }

    fn derive(&mut self) {
        self.derive_phone_numbers();
        self.size = size(self.business.as_ref()).into();
        let visit_count = self
            .engagement
            .as_ref()
            .and_then(|engagement| engagement.visit_count);
        self.frequency = in_force::frequency(visit_count, self.conversation_count).into();
    }
}

fn check_business(checker: &mut Checker, business: &Business) {
    checker.short("legal_name", &business.legal_name);
    common::domains(checker, &business.domains);
    checker.short("industry_code", &business.industry_code);
    let is_code = business
        .industry_code
        .split_once(':')
        .is_some_and(|(system, code)| !system.is_empty() && !code.is_empty());
    checker.ensure(
        is_code || business.industry_code.is_empty(),
        "industry_code",
        "is not of the form system:code",
    );
    checker.short("industry", &business.industry);
    checker.short("sub_industry", &business.sub_industry);
    checker.count("employee_count", business.employee_count);
    checker.year("founded_year", business.founded_year);
    checker.money("annual_revenue", business.annual_revenue.as_ref());
}

fn check_individual(checker: &mut Checker, individual: &Individual) {
    checker.short("given_name", &individual.given_name);
    checker.short("family_name", &individual.family_name);
    checker.year("birth_year", individual.birth_year);
    checker.short("gender", &individual.gender);
    checker.short("occupation", &individual.occupation);
    checker.short("education_level", &individual.education_level);
}

fn check_engagement(checker: &mut Checker, engagement: &Engagement) {
    checker.count("visit_count", engagement.visit_count);
    checker.time("first_visit_time", engagement.first_visit_time.as_ref());
    checker.time("last_visit_time", engagement.last_visit_time.as_ref());
    checker.short("intent", &engagement.intent);
    common::channels(
        checker,
        "preferred_channels",
        &engagement.preferred_channels,
    );
}

/// Says how large a business is, by its people.
fn size(business: Option<&Business>) -> Size {
    match business.and_then(|business| business.employee_count) {
        None | Some(..=0) => Size::Unspecified,
        Some(1) => Size::Solo,
        Some(2..=49) => Size::Small,
        Some(50..=249) => Size::Medium,
        Some(250..=4999) => Size::Large,
        Some(5000..) => Size::Enterprise,
    }
}
