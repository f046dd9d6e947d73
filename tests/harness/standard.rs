//! The standard methods of any resource, so that a rule that holds for all of them is tested by one case.

use std::collections::BTreeMap;

use clientele::name::Kind;
use clientele::pb;
use prost_types::{FieldMask, Struct, Timestamp};

use super::answer::{Answer, done, whole};
use super::call::Call;
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

    async fn create(h: &Harness, request: Create<Self>) -> Answer<Self> {
        let id = format!("{}_id", Self::KIND.singular());
        Call::of_one(Self::KIND, "Create")
            .resource(Self::KIND, request.resource)
            .text(&id, request.id)
            .text("request_id", request.request_id)
            .flag("validate_only", request.validate_only)
            .for_one(h)
            .await
    }

    async fn get(h: &Harness, name: &str, read_mask: Option<FieldMask>) -> Answer<Self> {
        Call::of_one(Self::KIND, "Get")
            .text("name", name)
            .mask("read_mask", read_mask)
            .for_one(h)
            .await
    }

    async fn batch_get(
        h: &Harness,
        names: Vec<String>,
        read_mask: Option<FieldMask>,
    ) -> Answer<Vec<Self>> {
        let answer = Call::of_many(Self::KIND, "BatchGet")
            .texts("names", names)
            .mask("read_mask", read_mask)
            .for_many(h, Self::KIND)
            .await?;
        Ok(answer.map(|(records, _)| records))
    }

    async fn list(h: &Harness, request: List) -> Answer<(Vec<Self>, String)> {
        Call::of_many(Self::KIND, "List")
            .number("page_size", request.page_size)
            .text("page_token", request.page_token)
            .text("filter", request.filter)
            .text("order_by", request.order_by)
            .flag("show_deleted", request.show_deleted)
            .mask("read_mask", request.read_mask)
            .for_many(h, Self::KIND)
            .await
    }

    async fn update(h: &Harness, request: Update<Self>) -> Answer<Self> {
        Call::of_one(Self::KIND, "Update")
            .resource(Self::KIND, request.resource)
            .mask("update_mask", request.mask)
            .flag("allow_missing", request.allow_missing)
            .text("request_id", request.request_id)
            .flag("validate_only", request.validate_only)
            .for_one(h)
            .await
    }

    async fn delete(h: &Harness, request: Delete) -> Answer<Self> {
        let call = Call::of_one(Self::KIND, "Delete")
            .text("name", request.name)
            .text("etag", request.etag)
            .flag("allow_missing", request.allow_missing)
            .text("request_id", request.request_id)
            .flag("validate_only", request.validate_only);
        // Only what has children can be forced.
        let call = if call.has("force") {
            call.flag("force", request.force)
        } else {
            call
        };
        call.for_one(h).await
    }

    async fn undelete(h: &Harness, request: Undelete) -> Answer<Self> {
        Call::of_one(Self::KIND, "Undelete")
            .text("name", request.name)
            .text("etag", request.etag)
            .text("request_id", request.request_id)
            .flag("validate_only", request.validate_only)
            .for_one(h)
            .await
    }

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
        whole(pb::Customer::list(self, list).await).revision
    }
}

/// Makes a resource of the API one of the harness: who builds valid input (and, under `full`, input with every field
/// set), which text an update may change and whether it may clear it, and which fields no other record can have.
macro_rules! standard {
    ($($resource:ident: $builders:ident::$builder:ident, title $title:ident $($optional:ident)?, own [$($own:ident)*];)+) => {$(
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
                $builders::input::$builder(h).await
            }

            async fn full_input(h: &Harness) -> Self {
                $builders::full::$builder(h).await
            }
        }
    )+};
}

standard! {
    Customer: builders::customer, title about optional, own [];
    Contact: builders::contact, title occupation optional, own [];
    Affiliation: builders::affiliation, title job_title optional, own [contact customer];
    Colleague: records::colleague, title display_name, own [principal];
    Conversation: records::conversation, title intent optional, own [];
    Promise: records::promise, title text, own [];
    Note: records::note, title body, own [author];
    Persona: records::persona, title headline optional, own [record_kind];
    Segment: records::segment, title description optional, own [];
}

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
