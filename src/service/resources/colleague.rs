//! ColleagueService: the handlers, and what a colleague's fields may hold.

use crate::pb;
use crate::pb::colleague_service_server::ColleagueService;
use crate::service::check::{Checker, common, normal};
use crate::service::standard::Checked;
use crate::service::standard::methods::standard_methods;

standard_methods! {
    impl ColleagueService for Colleagues {
        create: create_colleague(CreateColleagueRequest { colleague, colleague_id }) -> Colleague;
        get: get_colleague(GetColleagueRequest) -> Colleague;
        batch_get: batch_get_colleagues(BatchGetColleaguesRequest) -> BatchGetColleaguesResponse { colleagues };
        list: list_colleagues(ListColleaguesRequest) -> ListColleaguesResponse { colleagues };
        update: update_colleague(UpdateColleagueRequest { colleague }) -> Colleague;
        delete: delete_colleague(DeleteColleagueRequest) -> Colleague;
        undelete: undelete_colleague(UndeleteColleagueRequest) -> Colleague;
    }
}

impl Checked for pb::Colleague {
    fn normalize(&mut self) {
        normal::emails(&mut self.emails);
    }

    fn validate(&self, checker: &mut Checker) {
        checker.require_text("display_name", &self.display_name);
        checker.short("display_name", &self.display_name);
        common::emails(checker, &self.emails);
        checker.short("principal", &self.principal);
    }

    fn keep(&mut self, stored: &Self) {
        self.active = self.active.or(stored.active);
    }
}
