//! PromiseService: the handlers, and what a promise's fields may hold.

use crate::name::Kind;
use crate::pb;
use crate::pb::promise::Side;
use crate::pb::promise_service_server::PromiseService;
use crate::service::check::text::PARAGRAPH;
use crate::service::check::{Checker, common, normal};
use crate::service::standard::Checked;
use crate::service::standard::methods::standard_methods;

standard_methods! {
    impl PromiseService for Promises {
        create: create_promise(CreatePromiseRequest { promise, promise_id }) -> Promise;
        get: get_promise(GetPromiseRequest) -> Promise;
        batch_get: batch_get_promises(BatchGetPromisesRequest) -> BatchGetPromisesResponse { promises };
        list: list_promises(ListPromisesRequest) -> ListPromisesResponse { promises };
        update: update_promise(UpdatePromiseRequest { promise }) -> Promise;
        delete: delete_promise(DeletePromiseRequest) -> Promise;
        undelete: undelete_promise(UndeletePromiseRequest) -> Promise;
    }
}

impl Checked for pb::Promise {
    fn normalize(&mut self) {
        normal::time(&mut self.due_time);
        normal::time(&mut self.complete_time);
    }

    fn validate(&self, checker: &mut Checker) {
        checker.require_text("customer", &self.customer);
        common::reference(checker, "customer", Kind::Customer, &self.customer);
        common::references(
            checker,
            "contacts",
            Kind::Contact,
            &self.contacts,
            common::MANY,
        );
        common::reference(
            checker,
            "conversation",
            Kind::Conversation,
            &self.conversation,
        );
        checker.require_text("text", &self.text);
        checker.paragraph("text", &self.text, PARAGRAPH);
        checker.enumeration::<Side>("side", self.side);
        checker.require_set("side", self.side != 0);
        common::reference(checker, "owner", Kind::Colleague, &self.owner);
        checker.time("due_time", self.due_time.as_ref());
        checker.time("complete_time", self.complete_time.as_ref());
    }
}
