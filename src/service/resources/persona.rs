//! PersonaService: the handlers, and what a persona's fields may hold.

use crate::clock::DAY;
use crate::pb;
use crate::pb::persona::{Demographics, RecordKind};
use crate::pb::persona_service_server::PersonaService;
use crate::service::check::text::PARAGRAPH;
use crate::service::check::{Checker, common, normal};
use crate::service::segments::persona_match;
use crate::service::standard::Checked;
use crate::service::standard::methods::standard_methods;
use crate::store::record::resource::Filtering;
use crate::store::resources::persona::record_type;

standard_methods! {
    impl PersonaService for Personas {
        create: create_persona(CreatePersonaRequest { persona, persona_id }) -> Persona;
        get: get_persona(GetPersonaRequest) -> Persona;
        batch_get: batch_get_personas(BatchGetPersonasRequest) -> BatchGetPersonasResponse { personas };
        list: list_personas(ListPersonasRequest) -> ListPersonasResponse { personas };
        update: update_persona(UpdatePersonaRequest { persona }) -> Persona;
        delete: delete_persona(DeletePersonaRequest) -> Persona;
        undelete: undelete_persona(UndeletePersonaRequest) -> Persona;
        special: match_personas(MatchPersonasRequest) -> MatchPersonasResponse = persona_match::match_personas;
    }
}

impl Checked for pb::Persona {
    fn normalize(&mut self) {
        normal::unset_if_empty(&mut self.demographics);
        normal::span(&mut self.review_interval);
        normal::time(&mut self.last_review_time);
    }

    fn validate(&self, checker: &mut Checker) {
        checker.enumeration::<RecordKind>("record_kind", self.record_kind);
        checker.require_set("record_kind", self.record_kind != 0);
        checker.require_text("display_name", &self.display_name);
        checker.short("display_name", &self.display_name);
        checker.short("headline", &self.headline);
        checker.passage("story", &self.story);
        checker.paragraph("quote", &self.quote, PARAGRAPH);
        checker.line("picture_uri", &self.picture_uri, 2048);
        checker.paragraph("target", &self.target, PARAGRAPH);
        if let Some(demographics) = &self.demographics {
            checker.within("demographics", |checker| {
                check_demographics(checker, demographics)
            });
        }
        for (field, list) in [
            ("behaviors", &self.behaviors),
            ("motivations", &self.motivations),
            ("emotions", &self.emotions),
            ("goals", &self.goals),
            ("frustrations", &self.frustrations),
            ("expectations", &self.expectations),
            ("key_attributes", &self.key_attributes),
        ] {
            checker.paragraphs(field, list, common::MANY);
        }
        common::channels(checker, "preferred_channels", &self.preferred_channels);
        let record_kind = self.record_kind;
        common::filter(
            checker,
            "match_filter",
            record_type(record_kind),
            &self.match_filter,
        );
        checker.each(
            "statements",
            &self.statements,
            common::MANY,
            |checker, statement| {
                checker.not_blank("text", &statement.text);
                checker.paragraph("text", &statement.text, PARAGRAPH);
                common::filter(
                    checker,
                    "filter",
                    record_type(record_kind),
                    &statement.filter,
                );
            },
        );
        checker.positive_span(
            "review_interval",
            self.review_interval.as_ref(),
            3_652 * DAY + DAY / 2,
        );
        checker.time("last_review_time", self.last_review_time.as_ref());
    }

    fn derive(&mut self) {
        self.derive_warnings();
    }

    fn validate_change(&self, stored: Option<&Self>, checker: &mut Checker) {
        if let Some(message) = record_type(self.record_kind) {
            let stored = stored.filter(|stored| stored.record_kind == self.record_kind);
            common::new_filters(checker, message, self, stored);
        }
    }
}

fn check_demographics(checker: &mut Checker, demographics: &Demographics) {
    for (field, age) in [
        ("min_age", demographics.min_age),
        ("max_age", demographics.max_age),
    ] {
        checker.ensure(
            age.is_none_or(|age| (0..=150).contains(&age)),
            field,
            "is not an age from 0 to 150",
        );
    }
    if let (Some(min), Some(max)) = (demographics.min_age, demographics.max_age) {
        checker.ensure(min <= max, "max_age", "is below min_age");
    }
    for (field, list) in [
        ("genders", &demographics.genders),
        ("locations", &demographics.locations),
        ("occupations", &demographics.occupations),
        ("education_levels", &demographics.education_levels),
    ] {
        checker.lines(field, list, common::MANY, 200);
    }
}
