//! Somebody who asks everything there is to ask, and looks at every byte of the answers.

use clientele::pb;
use clientele::pb::get_briefing_request::Record;
use prost::Message;
use tonic::Status;
use tonic::metadata::{KeyAndValueRef, MetadataMap};

use super::has_canary;
use crate::harness::Harness;
use crate::harness::answer::Answer;
use crate::harness::builders::external_id;
use crate::harness::keys::by_name;
use crate::harness::paging::all_pages;
use crate::harness::records::{Private, conversation, note};
use crate::harness::standard::{Create, Delete, List, Standard, Undelete, Update};

/// Other ways than a name to ask for what one does not know.
const FILTERS: [&str; 7] = [
    "",
    "visibility = PRIVATE",
    "author = \"colleagues/mia\"",
    "name = \"notes/secret\"",
    "name = \"conversations/secret\"",
    "last_conversation.conversation = \"conversations/secret\"",
    "nonsense = 1",
];

pub struct Snoop<'a> {
    h: &'a Harness,
    pub n_answers: usize,
}

impl<'a> Snoop<'a> {
    pub fn new(h: &'a Harness) -> Snoop<'a> {
        Snoop { h, n_answers: 0 }
    }

    /// Asks every method for everything.
    pub async fn everywhere(&mut self, firm: &pb::Customer) {
        macro_rules! ask {
            ($resource:ident) => {
                self.lists::<pb::$resource>().await;
                self.names::<pb::$resource>().await;
            };
        }
        ask!(Customer);
        ask!(Contact);
        ask!(Affiliation);
        ask!(Colleague);
        ask!(Conversation);
        ask!(Promise);
        ask!(Note);
        ask!(Persona);
        ask!(Segment);
        self.questions(firm).await;
        self.before_and_after_a_talk(firm).await;
        self.writes(conversation(firm, 0)).await;
        self.writes(note(&firm.name, "x")).await;
        let delete = Delete {
            name: firm.name.clone(),
            validate_only: true,
            ..Default::default()
        };
        self.look(&pb::Customer::delete(self.h, delete).await.map(single));
    }

    /// Asks who the customer is and who decides there.
    async fn questions(&mut self, firm: &pb::Customer) {
        let key = by_name(&firm.name);
        let mut relationships = self.h.relationships.clone();
        let profile = pb::GetProfileRequest {
            customer: key.clone(),
            read_mask: None,
        };
        self.look(&relationships.get_profile(profile).await.map(single));
        let profiles = pb::BatchGetProfilesRequest {
            customers: key.clone().into_iter().collect(),
            read_mask: None,
        };
        self.look(&relationships.batch_get_profiles(profiles).await.map(single));
        let deciders = pb::GetDecisionMakersRequest {
            customer: key,
            ..Default::default()
        };
        self.look(
            &relationships
                .get_decision_makers(deciders)
                .await
                .map(single),
        );
        for filter in FILTERS {
            let deciders = pb::ListDecisionMakersRequest {
                filter: filter.to_owned(),
                ..Default::default()
            };
            self.look(
                &relationships
                    .list_decision_makers(deciders)
                    .await
                    .map(single),
            );
        }
    }

    /// Asks what to read about the firm and its people, and writes down a talk under the name of the secret one.
    async fn before_and_after_a_talk(&mut self, firm: &pb::Customer) {
        let mut client = self.h.relationships.clone();
        let key = Some(pb::CustomerKey {
            key: Some(pb::customer_key::Key::Name(firm.name.clone())),
            ..Default::default()
        });
        let mut records = vec![Record::Customer(key.clone().unwrap())];
        for name in self.h.names::<pb::Contact>("").await {
            records.push(Record::Contact(pb::ContactKey {
                key: Some(pb::contact_key::Key::Name(name)),
                ..Default::default()
            }));
        }
        for record in records {
            for limit in [0, 1, 200] {
                let record = Some(record.clone());
                let request = pb::GetBriefingRequest {
                    record,
                    limit,
                    ..Default::default()
                };
                self.look(&client.get_briefing(request).await.map(single));
            }
        }
        let secret = pb::Conversation {
            external_ids: vec![external_id("canary-system", "canary-id")],
            ..conversation(firm, 0)
        };
        for (conversation_id, conversation) in [("secret", conversation(firm, 0)), ("", secret)] {
            let (conversation, conversation_id) = (Some(conversation), conversation_id.to_owned());
            let key = key.clone();
            let request = pb::LogConversationRequest {
                customer: key,
                conversation,
                conversation_id,
                ..Default::default()
            };
            let status = client
                .log_conversation(request)
                .await
                .expect_err("the name and the id are taken");
            // The system of the id is the caller's own word, so it comes back.
            let told = String::from_utf8_lossy(status.details()).into_owned() + status.message();
            assert!(
                !has_canary(told.replace("canary-system", "").as_bytes()),
                "{told}"
            );
        }
    }

    async fn lists<R: Standard>(&mut self) {
        for filter in FILTERS {
            for (show_deleted, order_by) in
                [(false, ""), (true, "update_time desc"), (true, "nonsense")]
            {
                all_pages(async |page_token| {
                    let (filter, order_by) = (filter.to_owned(), order_by.to_owned());
                    let list = List {
                        page_size: 2,
                        page_token,
                        filter,
                        order_by,
                        show_deleted,
                        read_mask: None,
                    };
                    let answer = R::list(self.h, list).await;
                    let next = answer
                        .as_ref()
                        .map(|answer| answer.get_ref().1.clone())
                        .unwrap_or_default();
                    self.look(&answer.map(|answer| answer.map(|(found, _)| found)));
                    (Vec::<()>::new(), next)
                })
                .await;
            }
        }
    }

    /// Asks for all records of a kind by name, known ones and the secret one, and for their histories.
    async fn names<R: Standard>(&mut self) {
        let secret = format!("{}/secret", R::KIND.collection());
        let mut names = self.h.names::<R>("").await;
        names.push(secret);
        for name in names {
            self.look(&R::get(self.h, &name, None).await.map(single));
            self.look(&R::batch_get(self.h, vec![name.clone()], None).await);
            let list = pb::ListRevisionsRequest {
                name: name.clone(),
                ..Default::default()
            };
            let listed = self.h.history.clone().list_revisions(list).await;
            self.look(&listed.map(|answer| answer.map(|page| page.revisions)));
            for revision in 1..12 {
                let get = pb::GetRevisionRequest {
                    name: name.clone(),
                    revision,
                };
                self.look(&self.h.history.clone().get_revision(get).await.map(single));
            }
        }
    }

    /// Tries to change, to delete, to bring back and to clash with the secret record.
    async fn writes<R: Standard + Private>(&mut self, input: R) {
        let name = format!("{}/secret", R::KIND.collection());
        let create = Create {
            resource: Some(input.clone()),
            id: "secret".to_owned(),
            ..Default::default()
        };
        self.look(&R::create(self.h, create).await.map(single));
        let mut clash = input.clone();
        *clash.header().external_ids = vec![external_id("canary-system", "canary-id")];
        // The system of the id is the caller's own word, so it comes back.
        let resource = Some(clash);
        let status = R::create(
            self.h,
            Create {
                resource,
                ..Default::default()
            },
        )
        .await
        .err()
        .unwrap();
        let told = String::from_utf8_lossy(status.details()).replace("canary-system", "")
            + status.message();
        assert!(
            !has_canary(told.replace("canary-system", "").as_bytes()) && !told.contains("/secret"),
            "{told}"
        );
        let mut named = input;
        named.header().name.clone_from(&name);
        for allow_missing in [false, true] {
            let update = Update {
                resource: Some(named.clone()),
                allow_missing,
                ..Default::default()
            };
            self.look(&R::update(self.h, update).await.map(single));
            let delete = Delete {
                name: name.clone(),
                allow_missing,
                ..Default::default()
            };
            self.look(&R::delete(self.h, delete).await.map(single));
        }
        self.look(
            &R::undelete(
                self.h,
                Undelete {
                    name,
                    ..Default::default()
                },
            )
            .await
            .map(single),
        );
    }

    /// Looks at every byte of an answer.
    #[track_caller]
    fn look<M: Message + std::fmt::Debug>(&mut self, answer: &Answer<Vec<M>>) {
        self.n_answers += 1;
        match answer {
            Ok(answer) => {
                assert!(
                    !answer
                        .get_ref()
                        .iter()
                        .any(|message| has_canary(&message.encode_to_vec())),
                    "{answer:?}"
                );
                look_at(answer.metadata());
            }
            Err(status) => look_at_refusal(status),
        }
    }
}

fn single<M>(answer: tonic::Response<M>) -> tonic::Response<Vec<M>> {
    answer.map(|message| vec![message])
}

#[track_caller]
fn look_at_refusal(status: &Status) {
    assert!(
        !has_canary(status.message().as_bytes()) && !has_canary(status.details()),
        "{status:?}"
    );
    look_at(status.metadata());
}

#[track_caller]
fn look_at(headers: &MetadataMap) {
    for header in headers.iter() {
        let bytes = match header {
            KeyAndValueRef::Ascii(_, value) => value.as_bytes().to_vec(),
            KeyAndValueRef::Binary(_, value) => value.to_bytes().unwrap().to_vec(),
        };
        assert!(!has_canary(&bytes), "{headers:?}");
    }
}
