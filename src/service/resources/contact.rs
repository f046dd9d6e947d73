//! ContactService: the handlers, and what a contact's fields may hold.

use crate::name::Kind;
use crate::pb;
use crate::pb::contact_service_server::ContactService;
use crate::service::check::{Checker, common, normal};
use crate::service::standard::Checked;
use crate::service::standard::methods::standard_methods;
use crate::store::record::resource::Resource;

standard_methods! {
    impl ContactService for Contacts {
        create: create_contact(CreateContactRequest { contact, contact_id }) -> Contact;
        get: get_contact(GetContactRequest) -> Contact;
        batch_get: batch_get_contacts(BatchGetContactsRequest) -> BatchGetContactsResponse { contacts };
        list: list_contacts(ListContactsRequest) -> ListContactsResponse { contacts };
        update: update_contact(UpdateContactRequest { contact }) -> Contact;
        delete: delete_contact(DeleteContactRequest { force }) -> Contact;
        undelete: undelete_contact(UndeleteContactRequest) -> Contact;
    }
}

impl Checked for pb::Contact {
    fn normalize(&mut self) {
        normal::addresses(&mut self.addresses);
        normal::emails(&mut self.emails);
        normal::contact_permissions(&mut self.contact_permissions);
    }

    fn validate(&self, checker: &mut Checker) {
        checker.require_text("display_name", &self.display_name);
        for (field, text) in [
            ("display_name", &self.display_name),
            ("given_name", &self.given_name),
            ("family_name", &self.family_name),
            ("gender", &self.gender),
            ("occupation", &self.occupation),
            ("education_level", &self.education_level),
            ("language_code", &self.language_code),
            ("time_zone", &self.time_zone),
        ] {
            checker.short(field, text);
        }
        checker.year("birth_year", self.birth_year);
        common::addresses(checker, &self.addresses);
        common::emails(checker, &self.emails);
        common::phone_numbers(checker, &self.phone_numbers);
        common::uris(checker, &self.uris);
        common::channels(checker, "preferred_channels", &self.preferred_channels);
        checker.passage("about", &self.about);
        checker.paragraphs("likes", &self.likes, common::MANY);
        checker.paragraphs("dislikes", &self.dislikes, common::MANY);
        common::contact_permissions(checker, &self.contact_permissions);
        common::locked_paths::<pb::Contact>(checker, &self.locked_paths);
        common::reference(checker, "owner", Kind::Colleague, &self.owner);
    }

    fn derive(&mut self) {
        self.derive_phone_numbers();
    }
}
