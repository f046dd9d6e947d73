//! PersonaService: the handlers, and what a persona's fields may hold.

use tonic::Request;

use crate::clock::DAY;
use crate::pb;
use crate::pb::persona::{Demographics, Subject};
use crate::pb::persona_service_server::PersonaService;
use crate::service::check::{Checker, common};
use crate::service::segments::persona_match;
use crate::service::standard::pages::List;
use crate::service::standard::{self, Checked, Requested, answer_with};
use crate::service::{Answer, begin_call, write_options};
use crate::store::engine::db::Db;

/// The service.
#[derive(Clone)]
pub struct Personas {
    /// The store it works on.
    pub db: Db,
}

#[tonic::async_trait]
impl PersonaService for Personas {
    async fn create_persona(
        &self,
        request: Request<pb::CreatePersonaRequest>,
    ) -> Answer<pb::Persona> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "CreatePersona",
            &message,
            &message.request_id,
            message.validate_only,
        );
        standard::create(
            &self.db,
            call,
            message.persona,
            &message.persona_id,
            options,
        )
        .await
    }

    async fn get_persona(&self, request: Request<pb::GetPersonaRequest>) -> Answer<pb::Persona> {
        let (call, message) = begin_call(&self.db, request).await?;
        standard::get(&self.db, call, &message.name, message.read_mask).await
    }

    async fn batch_get_personas(
        &self,
        request: Request<pb::BatchGetPersonasRequest>,
    ) -> Answer<pb::BatchGetPersonasResponse> {
        let (call, message) = begin_call(&self.db, request).await?;
        let found = standard::batch_get(&self.db, call, &message.names, message.read_mask).await;
        answer_with(found, |personas| pb::BatchGetPersonasResponse { personas })
    }

    async fn list_personas(
        &self,
        request: Request<pb::ListPersonasRequest>,
    ) -> Answer<pb::ListPersonasResponse> {
        let (call, message) = begin_call(&self.db, request).await?;
        let list = List {
            method: "ListPersonas",
            page_size: message.page_size,
            page_token: &message.page_token,
            filter: &message.filter,
            order_by: &message.order_by,
            show_deleted: message.show_deleted,
            read_mask: message.read_mask,
        };
        let listed = standard::list(&self.db, call, list).await;
        answer_with(listed, |(personas, next_page_token)| {
            pb::ListPersonasResponse {
                personas,
                next_page_token,
            }
        })
    }

    async fn update_persona(
        &self,
        request: Request<pb::UpdatePersonaRequest>,
    ) -> Answer<pb::Persona> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "UpdatePersona",
            &message,
            &message.request_id,
            message.validate_only,
        );
        let pb::UpdatePersonaRequest {
            persona,
            update_mask,
            allow_missing,
            ..
        } = message;
        standard::update(&self.db, call, persona, update_mask, allow_missing, options).await
    }

    async fn delete_persona(
        &self,
        request: Request<pb::DeletePersonaRequest>,
    ) -> Answer<pb::Persona> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "DeletePersona",
            &message,
            &message.request_id,
            message.validate_only,
        );
        let pb::DeletePersonaRequest {
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

    async fn undelete_persona(
        &self,
        request: Request<pb::UndeletePersonaRequest>,
    ) -> Answer<pb::Persona> {
        let (call, message) = begin_call(&self.db, request).await?;
        let options = write_options(
            &self.db,
            "UndeletePersona",
            &message,
            &message.request_id,
            message.validate_only,
        );
        standard::undelete(&self.db, call, &message.name, &message.etag, options).await
    }

    async fn match_personas(
        &self,
        request: Request<pb::MatchPersonasRequest>,
    ) -> Answer<pb::MatchPersonasResponse> {
        persona_match::match_personas(&self.db, request).await
    }
}

impl Checked for pb::Persona {
    fn check(&mut self, checker: &mut Checker) {
        common::header(checker, self);
        checker.enumeration::<Subject>("subject", self.subject);
        checker.require_set("subject", self.subject != 0);
        checker.require_text("display_name", &self.display_name);
        checker.short("display_name", &self.display_name);
        checker.short("headline", &self.headline);
        checker.passage("story", &self.story);
        checker.chars("quote", &self.quote, 1000);
        checker.chars("picture_uri", &self.picture_uri, 2048);
        checker.chars("target", &self.target, 1000);
        self.demographics
            .take_if(|demographics| *demographics == Demographics::default());
        if let Some(demographics) = &mut self.demographics {
            checker.within("demographics", |checker| {
                check_demographics(checker, demographics)
            });
        }
        for (field, list) in [
            ("behaviors", &mut self.behaviors),
            ("motivations", &mut self.motivations),
            ("emotions", &mut self.emotions),
            ("goals", &mut self.goals),
            ("frustrations", &mut self.frustrations),
            ("expectations", &mut self.expectations),
            ("key_attributes", &mut self.key_attributes),
        ] {
            checker.texts(field, list, common::MANY, 1000);
        }
        common::channels(checker, "preferred_channels", &self.preferred_channels);
        let subject = self.subject;
        common::filter(
            checker,
            "match_filter",
            subject_type(subject),
            &self.match_filter,
        );
        checker.each(
            "statements",
            &mut self.statements,
            common::MANY,
            |checker, statement| {
                checker.not_blank("text", &statement.text);
                checker.chars("text", &statement.text, 1000);
                common::filter(checker, "filter", subject_type(subject), &statement.filter);
            },
        );
        checker.positive_span(
            "review_interval",
            &mut self.review_interval,
            3_652 * DAY + DAY / 2,
        );
        checker.time("last_review_time", &mut self.last_review_time);
    }
}

/// Returns the message that the filters of a persona are about; `None` while its subject is not known.
fn subject_type(subject: i32) -> Option<&'static str> {
    match Subject::try_from(subject) {
        Ok(Subject::Customer) => Some("clientele.v1.Customer"),
        Ok(Subject::Contact) => Some("clientele.v1.Contact"),
        _ => None,
    }
}

fn check_demographics(checker: &mut Checker, demographics: &mut Demographics) {
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
        ("genders", &mut demographics.genders),
        ("locations", &mut demographics.locations),
        ("occupations", &mut demographics.occupations),
        ("education_levels", &mut demographics.education_levels),
    ] {
        checker.texts(field, list, common::MANY, 200);
    }
}
