//! The standard methods of any resource, so that a rule that holds for all of them is tested by one case.

use std::collections::BTreeMap;

use clientele::name::Kind;
use clientele::pb;
use prost_types::{FieldMask, Struct, Timestamp};

use super::answer::{Answer, done};
use super::{Harness, builders, records};

/// What a create request holds.
#[derive(Clone, Default)]
pub struct Create<R> {
    pub resource: Option<R>,
    pub id: String,
    pub request_id: String,
    pub validate_only: bool,
}

/// What an update request holds.
#[derive(Clone, Default)]
pub struct Update<R> {
    pub resource: Option<R>,
    pub mask: Option<FieldMask>,
    pub allow_missing: bool,
    pub request_id: String,
    pub validate_only: bool,
}

/// What a delete request holds; affiliations have no `force`.
#[derive(Clone, Default)]
pub struct Delete {
    pub name: String,
    pub etag: String,
    pub force: bool,
    pub allow_missing: bool,
    pub request_id: String,
    pub validate_only: bool,
}

/// What an undelete request holds.
#[derive(Clone, Default)]
pub struct Undelete {
    pub name: String,
    pub etag: String,
    pub request_id: String,
    pub validate_only: bool,
}

/// What a list request holds.
#[derive(Clone, Default)]
pub struct List {
    pub page_size: i32,
    pub page_token: String,
    pub filter: String,
    pub order_by: String,
    pub show_deleted: bool,
    pub read_mask: Option<FieldMask>,
}

/// The fields that every resource has.
pub struct Header<'a> {
    pub name: &'a mut String,
    pub etag: &'a mut String,
    pub create_time: &'a mut Option<Timestamp>,
    pub update_time: &'a mut Option<Timestamp>,
    pub delete_time: &'a mut Option<Timestamp>,
    pub labels: &'a mut BTreeMap<String, String>,
    pub tags: &'a mut Vec<String>,
    pub attributes: &'a mut Option<Struct>,
    pub external_ids: &'a mut Vec<pb::ExternalId>,
}

/// A resource with its seven methods.
pub trait Standard:
    prost::Message + prost::Name + Default + Clone + PartialEq + std::fmt::Debug + 'static
{
    const KIND: Kind;
    /// A text field that an update may change, and its value in `title`.
    const TITLE: &'static str;
    /// Whether an update may clear that field.
    const TITLE_IS_OPTIONAL: bool;

    fn header(&mut self) -> Header<'_>;
    fn title(&mut self) -> &mut String;
    /// Takes over what cannot change, and what only one record can have.
    fn take_own(&mut self, _of: &Self) {}
    /// Makes valid input, with what it refers to.
    async fn input(h: &Harness) -> Self;
    /// Makes input in which every field is set.
    async fn full_input(h: &Harness) -> Self;

    async fn create(h: &Harness, request: Create<Self>) -> Answer<Self>;
    async fn get(h: &Harness, name: &str, read_mask: Option<FieldMask>) -> Answer<Self>;
    async fn batch_get(
        h: &Harness,
        names: Vec<String>,
        read_mask: Option<FieldMask>,
    ) -> Answer<Vec<Self>>;
    async fn list(h: &Harness, request: List) -> Answer<(Vec<Self>, String)>;
    async fn update(h: &Harness, request: Update<Self>) -> Answer<Self>;
    async fn delete(h: &Harness, request: Delete) -> Answer<Self>;
    async fn undelete(h: &Harness, request: Undelete) -> Answer<Self>;

    /// Returns the record of a revision, which has to be of this kind.
    fn of_revision(revision: pb::Revision) -> Self;

    fn name(&self) -> String {
        self.clone().header().name.clone()
    }
    fn etag(&self) -> String {
        self.clone().header().etag.clone()
    }
    fn is_deleted(&self) -> bool {
        self.clone().header().delete_time.is_some()
    }
    /// Returns the input with another title.
    fn titled(mut self, title: &str) -> Self {
        title.clone_into(self.title());
        self
    }
    /// Returns a reason of this kind, such as `CUSTOMER_NOT_FOUND`.
    fn reason(suffix: &str) -> String {
        format!("{}_{suffix}", Self::KIND.singular().to_uppercase())
    }
    /// Returns the path of a field of the resource in its requests.
    fn path(field: &str) -> String {
        format!("{}.{field}", Self::KIND.singular())
    }
    /// Returns a name that nobody has.
    fn unknown() -> String {
        format!("{}/nobody", Self::KIND.collection())
    }
}

/// Returns the mask of these paths.
pub fn mask(paths: &[&str]) -> Option<FieldMask> {
    Some(FieldMask {
        paths: paths.iter().map(|path| (*path).to_owned()).collect(),
    })
}

impl Harness {
    /// Creates a record that has to be accepted.
    pub async fn create<R: Standard>(&self, resource: R) -> R {
        done(self.try_create(resource).await)
    }

    /// Tries to create a record.
    pub async fn try_create<R: Standard>(&self, resource: R) -> Answer<R> {
        R::create(
            self,
            Create {
                resource: Some(resource),
                ..Default::default()
            },
        )
        .await
    }

    /// Creates a record under an id of the caller's choice.
    pub async fn create_as<R: Standard>(&self, id: &str, resource: R) -> R {
        done(
            R::create(
                self,
                Create {
                    resource: Some(resource),
                    id: id.to_owned(),
                    ..Default::default()
                },
            )
            .await,
        )
    }

    /// Creates a record of valid input.
    pub async fn created<R: Standard>(&self) -> R {
        let input = R::input(self).await;
        self.create(input).await
    }

    /// Reads a record that has to be there.
    pub async fn get<R: Standard>(&self, name: &str) -> R {
        done(R::get(self, name, None).await)
    }

    /// Changes the masked fields of a record.
    pub async fn update<R: Standard>(&self, resource: R, paths: &[&str]) -> R {
        done(self.try_update(resource, paths).await)
    }

    /// Tries to change the masked fields of a record.
    pub async fn try_update<R: Standard>(&self, resource: R, paths: &[&str]) -> Answer<R> {
        R::update(
            self,
            Update {
                resource: Some(resource),
                mask: mask(paths),
                ..Default::default()
            },
        )
        .await
    }

    /// Deletes a record, with its children.
    pub async fn delete<R: Standard>(&self, name: &str) -> R {
        done(
            R::delete(
                self,
                Delete {
                    name: name.to_owned(),
                    force: true,
                    ..Default::default()
                },
            )
            .await,
        )
    }

    /// Brings a record back.
    pub async fn undelete<R: Standard>(&self, name: &str) -> R {
        done(
            R::undelete(
                self,
                Undelete {
                    name: name.to_owned(),
                    ..Default::default()
                },
            )
            .await,
        )
    }

    /// Lists all names of a filter, in order.
    pub async fn names<R: Standard>(&self, filter: &str) -> Vec<String> {
        let list = List {
            filter: filter.to_owned(),
            page_size: 1000,
            ..Default::default()
        };
        let (found, _) = done(R::list(self, list).await);
        found.iter().map(R::name).collect()
    }

    /// Returns the revision of the tenant.
    pub async fn revision(&self) -> i64 {
        let list = List {
            page_size: 1,
            ..Default::default()
        };
        super::answer::whole(pb::Customer::list(self, list).await).revision
    }
}

/// Writes the methods of one resource; the requests differ in nothing but their names.
macro_rules! standard {
    ($resource:ident, $client:ident, $field:ident, $id:ident, $plural:ident, of: $builders:ident,
     title: $title:ident $($optional:ident)?, own: [$($own:ident)*],
     [$create:ident $get:ident $batch:ident $list:ident $update:ident $delete:ident $undelete:ident],
     [$create_method:ident $get_method:ident $batch_method:ident $list_method:ident $update_method:ident
      $delete_method:ident $undelete_method:ident], force: [$($force:ident)?] $(, with: $companions:ident)?) => {
        impl Standard for pb::$resource {
            const KIND: Kind = Kind::$resource;
            const TITLE: &'static str = stringify!($title);
            const TITLE_IS_OPTIONAL: bool = !stringify!($($optional)?).is_empty();

            fn header(&mut self) -> Header<'_> {
                Header {
                    name: &mut self.name,
                    etag: &mut self.etag,
                    create_time: &mut self.create_time,
                    update_time: &mut self.update_time,
                    delete_time: &mut self.delete_time,
                    labels: &mut self.labels,
                    tags: &mut self.tags,
                    attributes: &mut self.attributes,
                    external_ids: &mut self.external_ids,
                }
            }
            fn title(&mut self) -> &mut String {
                &mut self.$title
            }
            fn take_own(&mut self, _of: &Self) {
                $(self.$own.clone_from(&_of.$own);)*
            }
            fn of_revision(revision: pb::Revision) -> Self {
                match revision.resource {
                    Some(pb::revision::Resource::$resource(record)) => record,
                    other => panic!("another kind: {other:?}"),
                }
            }
            async fn input(h: &Harness) -> Self {
                $builders::input::$field(h).await
            }
            async fn full_input(h: &Harness) -> Self {
                $builders::full::$field(h).await
            }
            async fn create(h: &Harness, request: Create<Self>) -> Answer<Self> {
                let Create { resource: $field, id: $id, request_id, validate_only } = request;
                $(let $companions = Vec::new();)?
                let request = pb::$create { $field, $id, request_id, validate_only $(, $companions)? };
                h.$client.clone().$create_method(request).await
            }
            async fn get(h: &Harness, name: &str, read_mask: Option<FieldMask>) -> Answer<Self> {
                h.$client.clone().$get_method(pb::$get { name: name.to_owned(), read_mask }).await
            }
            async fn batch_get(h: &Harness, names: Vec<String>, read_mask: Option<FieldMask>) -> Answer<Vec<Self>> {
                let answer = h.$client.clone().$batch_method(pb::$batch { names, read_mask }).await;
                answer.map(|answer| answer.map(|message| message.$plural))
            }
            async fn list(h: &Harness, request: List) -> Answer<(Vec<Self>, String)> {
                let List { page_size, page_token, filter, order_by, show_deleted, read_mask } = request;
                let request = pb::$list { page_size, page_token, filter, order_by, show_deleted, read_mask };
                let answer = h.$client.clone().$list_method(request).await;
                answer.map(|answer| answer.map(|message| (message.$plural, message.next_page_token)))
            }
            async fn update(h: &Harness, request: Update<Self>) -> Answer<Self> {
                let Update { resource: $field, mask: update_mask, allow_missing, request_id, validate_only } = request;
                let request = pb::$update { $field, update_mask, allow_missing, request_id, validate_only };
                h.$client.clone().$update_method(request).await
            }
            async fn delete(h: &Harness, request: Delete) -> Answer<Self> {
                let Delete { name, etag, force: _force, allow_missing, request_id, validate_only } = request;
                $(let $force = _force;)?
                let request = pb::$delete { name, etag, $($force,)? allow_missing, request_id, validate_only };
                h.$client.clone().$delete_method(request).await
            }
            async fn undelete(h: &Harness, request: Undelete) -> Answer<Self> {
                let Undelete { name, etag, request_id, validate_only } = request;
                h.$client.clone().$undelete_method(pb::$undelete { name, etag, request_id, validate_only }).await
            }
        }
    };
}

standard!(
    Customer, customers, customer, customer_id, customers, of: builders, title: about optional, own: [],
    [CreateCustomerRequest GetCustomerRequest BatchGetCustomersRequest ListCustomersRequest UpdateCustomerRequest
     DeleteCustomerRequest UndeleteCustomerRequest],
    [create_customer get_customer batch_get_customers list_customers update_customer delete_customer
     undelete_customer], force: [force]
);
standard!(
    Contact, contacts, contact, contact_id, contacts, of: builders, title: occupation optional, own: [],
    [CreateContactRequest GetContactRequest BatchGetContactsRequest ListContactsRequest UpdateContactRequest
     DeleteContactRequest UndeleteContactRequest],
    [create_contact get_contact batch_get_contacts list_contacts update_contact delete_contact undelete_contact],
    force: [force]
);
standard!(
    Affiliation, affiliations, affiliation, affiliation_id, affiliations, of: builders, title: job_title optional,
    own: [contact customer],
    [CreateAffiliationRequest GetAffiliationRequest BatchGetAffiliationsRequest ListAffiliationsRequest
     UpdateAffiliationRequest DeleteAffiliationRequest UndeleteAffiliationRequest],
    [create_affiliation get_affiliation batch_get_affiliations list_affiliations update_affiliation
     delete_affiliation undelete_affiliation], force: []
);

standard!(
    Colleague, colleagues, colleague, colleague_id, colleagues, of: records, title: display_name, own: [principal],
    [CreateColleagueRequest GetColleagueRequest BatchGetColleaguesRequest ListColleaguesRequest UpdateColleagueRequest
     DeleteColleagueRequest UndeleteColleagueRequest],
    [create_colleague get_colleague batch_get_colleagues list_colleagues update_colleague delete_colleague
     undelete_colleague], force: []
);
standard!(
    Conversation, conversations, conversation, conversation_id, conversations, of: records, title: intent optional, own: [],
    [CreateConversationRequest GetConversationRequest BatchGetConversationsRequest ListConversationsRequest UpdateConversationRequest
     DeleteConversationRequest UndeleteConversationRequest],
    [create_conversation get_conversation batch_get_conversations list_conversations update_conversation delete_conversation
     undelete_conversation], force: [], with: promises
);
standard!(
    Promise, promises, promise, promise_id, promises, of: records, title: text, own: [],
    [CreatePromiseRequest GetPromiseRequest BatchGetPromisesRequest ListPromisesRequest UpdatePromiseRequest
     DeletePromiseRequest UndeletePromiseRequest],
    [create_promise get_promise batch_get_promises list_promises update_promise delete_promise
     undelete_promise], force: []
);
standard!(
    Note, notes, note, note_id, notes, of: records, title: body, own: [author],
    [CreateNoteRequest GetNoteRequest BatchGetNotesRequest ListNotesRequest UpdateNoteRequest
     DeleteNoteRequest UndeleteNoteRequest],
    [create_note get_note batch_get_notes list_notes update_note delete_note
     undelete_note], force: []
);
standard!(
    Persona, personas, persona, persona_id, personas, of: records, title: headline optional, own: [subject],
    [CreatePersonaRequest GetPersonaRequest BatchGetPersonasRequest ListPersonasRequest UpdatePersonaRequest
     DeletePersonaRequest UndeletePersonaRequest],
    [create_persona get_persona batch_get_personas list_personas update_persona delete_persona
     undelete_persona], force: []
);
standard!(
    Segment, segments, segment, segment_id, segments, of: records, title: description optional, own: [],
    [CreateSegmentRequest GetSegmentRequest BatchGetSegmentsRequest ListSegmentsRequest UpdateSegmentRequest
     DeleteSegmentRequest UndeleteSegmentRequest],
    [create_segment get_segment batch_get_segments list_segments update_segment delete_segment
     undelete_segment], force: []
);

/// Makes a case of a rule that holds for all resources: `for_all!(h => rule)`, with `async fn rule<R: Standard>(h)`.
macro_rules! for_all {
    ($h:expr => $rule:ident) => {{
        $rule::<clientele::pb::Customer>(&$h).await;
        $rule::<clientele::pb::Contact>(&$h).await;
        $rule::<clientele::pb::Affiliation>(&$h).await;
        $rule::<clientele::pb::Colleague>(&$h).await;
        $rule::<clientele::pb::Conversation>(&$h).await;
        $rule::<clientele::pb::Promise>(&$h).await;
        $rule::<clientele::pb::Note>(&$h).await;
        $rule::<clientele::pb::Persona>(&$h).await;
        $rule::<clientele::pb::Segment>(&$h).await;
    }};
}
pub(crate) use for_all;
