//! CustomerService: the handlers, and what a customer's fields may hold.

use crate::clock::DAY;
use crate::name::Kind;
use crate::pb;
use crate::pb::customer::{Audience, Business, Engagement, Individual, Lifecycle, Size};
use crate::pb::customer_service_server::CustomerService;
use crate::service::check::text::NAME;
use crate::service::check::{Checker, common};
use crate::service::standard::Checked;
use crate::service::standard::methods::standard_methods;
use crate::store::record::in_force;

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
    fn check(&mut self, checker: &mut Checker) {
        common::header(checker, self);
        checker.require_text("display_name", &self.display_name);
        checker.short("display_name", &self.display_name);
        checker.enumeration::<pb::customer::Kind>("kind", self.kind);
        checker.enumeration::<Audience>("audience", self.audience);
        checker.enumeration::<Lifecycle>("lifecycle", self.lifecycle);
        self.business
            .take_if(|business| *business == Business::default());
        if let Some(business) = &mut self.business {
            checker.within("business", |checker| check_business(checker, business));
        }
        self.business
            .take_if(|business| *business == Business::default());
        self.individual
            .take_if(|individual| *individual == Individual::default());
        if let Some(individual) = &self.individual {
            checker.within("individual", |checker| {
                check_individual(checker, individual)
            });
        }
        self.engagement
            .take_if(|engagement| *engagement == Engagement::default());
        if let Some(engagement) = &mut self.engagement {
            checker.within("engagement", |checker| {
                check_engagement(checker, engagement)
            });
        }
        common::addresses(checker, &mut self.addresses);
        common::emails(checker, &mut self.emails);
        common::phone_numbers(checker, &mut self.phone_numbers, &self.addresses);
        common::uris(checker, &mut self.uris);
        checker.passage("about", &self.about);
        checker.texts("needs", &mut self.needs, common::MANY, 1000);
        checker.time("customer_since_time", &mut self.customer_since_time);
        checker.money("spend", &mut self.spend);
        common::reference(checker, "owner", Kind::Colleague, &self.owner);
        common::reference(checker, "parent", Kind::Customer, &self.parent);
        common::references(
            checker,
            "upstream_customers",
            Kind::Customer,
            &mut self.upstream_customers,
            common::MANY,
        );
        common::contact_permissions(checker, &mut self.contact_permissions);
        checker.positive_span(
            "follow_up_interval",
            &mut self.follow_up_interval,
            MAX_FOLLOW_UP,
        );
        common::locked_paths::<pb::Customer>(checker, &mut self.locked_paths);
        self.size = size(self.business.as_ref()).into();
        let visit_count = self
            .engagement
            .as_ref()
            .and_then(|engagement| engagement.visit_count);
        self.frequency = in_force::frequency(visit_count).into();
    }
}

fn check_business(checker: &mut Checker, business: &mut Business) {
    checker.short("legal_name", &business.legal_name);
    common::domains(checker, &mut business.domains);
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
    checker.money("annual_revenue", &mut business.annual_revenue);
}

fn check_individual(checker: &mut Checker, individual: &Individual) {
    checker.chars("given_name", &individual.given_name, NAME);
    checker.short("family_name", &individual.family_name);
    checker.year("birth_year", individual.birth_year);
    checker.short("gender", &individual.gender);
    checker.short("occupation", &individual.occupation);
    checker.short("education_level", &individual.education_level);
}

fn check_engagement(checker: &mut Checker, engagement: &mut Engagement) {
    checker.count("visit_count", engagement.visit_count);
    checker.time("first_visit_time", &mut engagement.first_visit_time);
    checker.time("last_visit_time", &mut engagement.last_visit_time);
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
