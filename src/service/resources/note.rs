//! NoteService: the handlers, and what a note's fields may hold.

use tonic::Request;

use crate::name::{Kind, Name};
use crate::pb;
use crate::pb::note::Visibility;
use crate::pb::note_service_server::NoteService;
use crate::service::check::{Checker, common};
use crate::service::standard::pages::List;
use crate::service::standard::{self, Checked, Requested, answer_with};
use crate::service::{Answer, begin_call, write_options};
use crate::store::engine::db::Db;

/// The kinds that a note can be about.
const SUBJECTS: [Kind; 3] = [Kind::Customer, Kind::Contact, Kind::Affiliation];

/// The service.
#[derive(Clone)]
pub struct Notes {
    /// The store it works on.
    pub db: Db,
}

#[tonic::async_trait]
impl NoteService for Notes {
    async fn create_note(&self, request: Request<pb::CreateNoteRequest>) -> Answer<pb::Note> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "CreateNote",
            &message,
            &message.request_id,
            message.validate_only,
        );
        standard::create(&self.db, call, message.note, &message.note_id, options).await
    }

    async fn get_note(&self, request: Request<pb::GetNoteRequest>) -> Answer<pb::Note> {
        let (call, message) = begin_call(&self.db, request).await?;
        standard::get(&self.db, call, &message.name, message.read_mask).await
    }

    async fn batch_get_notes(
        &self,
        request: Request<pb::BatchGetNotesRequest>,
    ) -> Answer<pb::BatchGetNotesResponse> {
        let (call, message) = begin_call(&self.db, request).await?;
        let found = standard::batch_get(&self.db, call, &message.names, message.read_mask).await;
        answer_with(found, |notes| pb::BatchGetNotesResponse { notes })
    }

    async fn list_notes(
        &self,
        request: Request<pb::ListNotesRequest>,
    ) -> Answer<pb::ListNotesResponse> {
        let (call, message) = begin_call(&self.db, request).await?;
        let list = List {
            method: "ListNotes",
            page_size: message.page_size,
            page_token: &message.page_token,
            filter: &message.filter,
            order_by: &message.order_by,
            show_deleted: message.show_deleted,
            read_mask: message.read_mask,
        };
        let listed = standard::list(&self.db, call, list).await;
        answer_with(listed, |(notes, next_page_token)| pb::ListNotesResponse {
            notes,
            next_page_token,
        })
    }

    async fn update_note(&self, request: Request<pb::UpdateNoteRequest>) -> Answer<pb::Note> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "UpdateNote",
            &message,
            &message.request_id,
            message.validate_only,
        );
        let pb::UpdateNoteRequest {
            note,
            update_mask,
            allow_missing,
            ..
        } = message;
        standard::update(&self.db, call, note, update_mask, allow_missing, options).await
    }

    async fn delete_note(&self, request: Request<pb::DeleteNoteRequest>) -> Answer<pb::Note> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "DeleteNote",
            &message,
            &message.request_id,
            message.validate_only,
        );
        let pb::DeleteNoteRequest {
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

    async fn undelete_note(&self, request: Request<pb::UndeleteNoteRequest>) -> Answer<pb::Note> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "UndeleteNote",
            &message,
            &message.request_id,
            message.validate_only,
        );
        standard::undelete(&self.db, call, &message.name, &message.etag, options).await
    }
}

impl Checked for pb::Note {
    fn check(&mut self, checker: &mut Checker) {
        common::header(checker, self);
        checker.require_set("subjects", !self.subjects.is_empty());
        common::distinct(checker, "subjects", &self.subjects);
        checker.each("subjects", &mut self.subjects, 20, |checker, subject| {
            let is_subject = SUBJECTS
                .iter()
                .any(|kind| Name::parse(*kind, subject).is_some());
            checker.ensure(
                is_subject,
                "",
                "is not the name of a customer, a contact or an affiliation",
            );
        });
        checker.require_text("body", &self.body);
        checker.passage("body", &self.body);
        checker.time("written_time", &mut self.written_time);
        checker.short("author", &self.author);
        checker.each(
            "attachments",
            &mut self.attachments,
            common::MANY,
            |checker, attachment| {
                checker.not_blank("uri", &attachment.uri);
                checker.chars("uri", &attachment.uri, 2048);
                checker.short("display_name", &attachment.display_name);
            },
        );
        checker.enumeration::<Visibility>("visibility", self.visibility);
    }

    /// Only colleagues can be set; a note of a principal keeps it.
    fn check_change(&self, stored: Option<&Self>, checker: &mut Checker) {
        let is_kept = stored.is_some_and(|stored| stored.author == self.author);
        if !is_kept {
            common::reference(checker, "author", Kind::Colleague, &self.author);
        }
    }

    fn keep(&mut self, stored: &Self) {
        self.written_time = self.written_time.or(stored.written_time);
        if self.author.is_empty() {
            self.author.clone_from(&stored.author);
        }
        if self.visibility == 0 {
            self.visibility = stored.visibility;
        }
    }
}
