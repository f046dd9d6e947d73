//! NoteService: the handlers, and what a note's fields may hold.

use crate::name::{Kind, Name};
use crate::pb;
use crate::pb::note::Visibility;
use crate::pb::note_service_server::NoteService;
use crate::service::check::{Checker, common, normal};
use crate::service::standard::Checked;
use crate::service::standard::methods::standard_methods;

/// The kinds that a note can be about.
const KINDS: [Kind; 3] = [Kind::Customer, Kind::Contact, Kind::Affiliation];

standard_methods! {
    impl NoteService for Notes {
        create: create_note(CreateNoteRequest { note, note_id }) -> Note;
        get: get_note(GetNoteRequest) -> Note;
        batch_get: batch_get_notes(BatchGetNotesRequest) -> BatchGetNotesResponse { notes };
        list: list_notes(ListNotesRequest) -> ListNotesResponse { notes };
        update: update_note(UpdateNoteRequest { note }) -> Note;
        delete: delete_note(DeleteNoteRequest) -> Note;
        undelete: undelete_note(UndeleteNoteRequest) -> Note;
    }
}

impl Checked for pb::Note {
    fn normalize(&mut self) {
        normal::time(&mut self.write_time);
    }

    fn validate(&self, checker: &mut Checker) {
        checker.require_set("records", !self.records.is_empty());
        common::distinct(checker, "records", &self.records);
        checker.each("records", &self.records, 20, |checker, record| {
            let is_named = KINDS
                .iter()
                .any(|kind| Name::parse(*kind, record).is_some());
            checker.ensure(
                is_named,
                "",
                "is not the name of a customer, a contact or an affiliation",
            );
        });
        checker.require_text("body", &self.body);
        checker.passage("body", &self.body);
        checker.time("write_time", self.write_time.as_ref());
        checker.short("author", &self.author);
        checker.each(
            "attachments",
            &self.attachments,
            common::MANY,
            |checker, attachment| {
                checker.not_blank("uri", &attachment.uri);
                checker.line("uri", &attachment.uri, 2048);
                checker.short("display_name", &attachment.display_name);
            },
        );
        checker.enumeration::<Visibility>("visibility", self.visibility);
    }

    /// Only colleagues can be set; a note of a principal keeps it.
    fn validate_change(&self, stored: Option<&Self>, checker: &mut Checker) {
        let is_kept = stored.is_some_and(|stored| stored.author == self.author);
        if !is_kept {
            common::reference(checker, "author", Kind::Colleague, &self.author);
        }
    }

    fn keep(&mut self, stored: &Self) {
        self.write_time = self.write_time.or(stored.write_time);
        if self.author.is_empty() {
            self.author.clone_from(&stored.author);
        }
        if self.visibility == 0 {
            self.visibility = stored.visibility;
        }
    }
}
