//! ContactService: the handlers, and what a contact's fields may hold.

use tonic::Request;

use crate::name::Kind;
use crate::pb;
use crate::pb::contact_service_server::ContactService;
use crate::pb::conversation::Channel;
use crate::service::check::{Checker, common};
use crate::service::standard::pages::List;
use crate::service::standard::{self, Checked, Requested, answer_with};
use crate::service::{Answer, begin_call, write_options};
use crate::store::engine::db::Db;

/// The service.
#[derive(Clone)]
pub struct Contacts {
    /// The store it works on.
    pub db: Db,
}

#[tonic::async_trait]
impl ContactService for Contacts {
    async fn create_contact(
        &self,
        request: Request<pb::CreateContactRequest>,
    ) -> Answer<pb::Contact> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "CreateContact",
            &message,
            &message.request_id,
            message.validate_only,
        );
        standard::create(
            &self.db,
            call,
            message.contact,
            &message.contact_id,
            options,
        )
        .await
    }

    async fn get_contact(&self, request: Request<pb::GetContactRequest>) -> Answer<pb::Contact> {
        let (call, message) = begin_call(&self.db, request).await?;
        standard::get(&self.db, call, &message.name, message.read_mask).await
    }

    async fn batch_get_contacts(
        &self,
        request: Request<pb::BatchGetContactsRequest>,
    ) -> Answer<pb::BatchGetContactsResponse> {
        let (call, message) = begin_call(&self.db, request).await?;
        let found = standard::batch_get(&self.db, call, &message.names, message.read_mask).await;
        answer_with(found, |contacts| pb::BatchGetContactsResponse { contacts })
    }

    async fn list_contacts(
        &self,
        request: Request<pb::ListContactsRequest>,
    ) -> Answer<pb::ListContactsResponse> {
        let (call, message) = begin_call(&self.db, request).await?;
        let list = List {
            method: "ListContacts",
            page_size: message.page_size,
            page_token: &message.page_token,
            filter: &message.filter,
            order_by: &message.order_by,
            show_deleted: message.show_deleted,
            read_mask: message.read_mask,
        };
        let listed = standard::list(&self.db, call, list).await;
        answer_with(listed, |(contacts, next_page_token)| {
            pb::ListContactsResponse {
                contacts,
                next_page_token,
            }
        })
    }

    async fn update_contact(
        &self,
        request: Request<pb::UpdateContactRequest>,
    ) -> Answer<pb::Contact> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "UpdateContact",
            &message,
            &message.request_id,
            message.validate_only,
        );
        let pb::UpdateContactRequest {
            contact,
            update_mask,
            allow_missing,
            ..
        } = message;
        standard::update(&self.db, call, contact, update_mask, allow_missing, options).await
    }

    async fn delete_contact(
        &self,
        request: Request<pb::DeleteContactRequest>,
    ) -> Answer<pb::Contact> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "DeleteContact",
            &message,
            &message.request_id,
            message.validate_only,
        );
        let pb::DeleteContactRequest {
            name,
            etag,
            force,
            allow_missing,
            ..
        } = &message;
        let deletion = Requested {
            name,
            etag,
            force: *force,
            allow_missing: *allow_missing,
            options,
        };
        standard::delete(&self.db, call, deletion).await
    }

    async fn undelete_contact(
        &self,
        request: Request<pb::UndeleteContactRequest>,
    ) -> Answer<pb::Contact> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "UndeleteContact",
            &message,
            &message.request_id,
            message.validate_only,
        );
        standard::undelete(&self.db, call, &message.name, &message.etag, options).await
    }
}

impl Checked for pb::Contact {
    fn check(&mut self, checker: &mut Checker) {
        common::header(checker, self);
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
        common::addresses(checker, &mut self.addresses);
        common::emails(checker, &mut self.emails);
        common::phone_numbers(checker, &mut self.phone_numbers, &self.addresses);
        common::uris(checker, &mut self.uris);
        checker.enumeration::<Channel>("preferred_channel", self.preferred_channel);
        checker.passage("about", &self.about);
        checker.texts("likes", &mut self.likes, common::MANY, 1000);
        checker.texts("dislikes", &mut self.dislikes, common::MANY, 1000);
        common::contact_permissions(checker, &mut self.contact_permissions);
        common::locked_paths::<pb::Contact>(checker, &mut self.locked_paths);
        common::reference(checker, "owner", Kind::Colleague, &self.owner);
    }
}
