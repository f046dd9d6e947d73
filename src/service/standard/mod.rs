//! The standard methods (AIP-131 to 135, 164, 231), once for all resources.
//!
//! The order of checks is that of the conventions: shape and all fields first, every violation at once; then, in the
//! unit of work, request id, existence, etag, and what depends on the stored row.

pub(crate) mod methods;
pub(crate) mod pages;
pub(crate) mod update;

use prost_types::FieldMask;
use tonic::Response;

use crate::descriptors::{self, dynamic, typed};
use crate::error::Error;
use crate::mask::{self, Mask};
use crate::name::Name;
use crate::service::check::{Checker, common, normal, text};
use crate::service::standard::pages::{List, Pages};
use crate::service::{Answer, Call, answer, answer_written};
use crate::store::engine::db::{At, Db};
use crate::store::read::records;
use crate::store::record::request::WriteOptions;
use crate::store::record::resource::Resource;
use crate::store::write::create::{self, New};
use crate::store::write::delete::{self, Deletion};
use crate::store::write::undelete::{self, Undeletion};

/// The most names of one batch.
pub(crate) const MAX_BATCH: usize = 100;
/// The most bytes of resources in one answer: clients accept 4 MiB unless told otherwise.
pub(crate) const MAX_ANSWER_BYTES: usize = 3_670_016;

/// A resource whose fields a caller sets. [`check`] takes the first three steps in order.
pub(crate) trait Checked: Resource {
    /// Brings the fields beyond the header into the form in which they are kept.
    fn normalize(&mut self) {}
    /// Finds everything that is wrong with the fields beyond the header.
    fn validate(&self, checker: &mut Checker);
    /// Works out what follows from the record alone.
    fn derive(&mut self) {}
    /// Finds what is wrong with the fields compared to those of the stored record, or of none when it is to be made.
    fn validate_change(&self, _stored: Option<&Self>, _checker: &mut Checker) {}
    /// Takes off what only the server sets, beyond what is derived.
    fn clear_output(&mut self) {}
    /// Takes over from the stored record what an update cannot clear.
    fn keep(&mut self, _stored: &Self) {}
}

/// Cleans and normalizes a record, finds everything that is wrong with it, and works out what follows from it.
pub(crate) fn check<R: Checked>(checker: &mut Checker, resource: &mut R) {
    find_wrong(checker, resource);
    // Nothing follows from a record that is refused, and its lists may be of any length.
    if checker.is_content() {
        resource.derive();
    }
}

/// Cleans and normalizes a record, and finds everything that is wrong with it.
fn find_wrong<R: Checked>(checker: &mut Checker, resource: &mut R) {
    text::clean(resource);
    normal::header(resource);
    resource.normalize();
    common::header(checker, resource);
    resource.validate(checker);
}

/// Creates a resource.
pub(crate) async fn create<R: Checked>(
    db: &Db,
    call: Call,
    resource: Option<R>,
    id: &str,
    options: WriteOptions,
) -> Answer<R> {
    let mut request = Checker::at("", db.clock().now());
    let resource = check_new(&mut request, resource, id, &options);
    request.finish()?;
    create_checked(
        db,
        call,
        New {
            resource,
            options,
            companions: Vec::new(),
        },
    )
    .await
}

/// Checks a request to make a resource, and gives the resource its name.
pub(crate) fn check_new<R: Checked>(
    request: &mut Checker,
    resource: Option<R>,
    id: &str,
    options: &WriteOptions,
) -> R {
    check_request_id(request, options);
    check_made(request, R::KIND.singular(), resource, id)
}

/// Checks a resource to be made, given in a field, and gives it its name.
pub(crate) fn check_made<R: Checked>(
    request: &mut Checker,
    field: &str,
    resource: Option<R>,
    id: &str,
) -> R {
    let chosen = Name::chosen(R::KIND, id);
    if !id.is_empty() && chosen.is_none() {
        let id_field = format!("{}_id", R::KIND.singular());
        request.wrong(
            &id_field,
            "is not 1 to 63 of a-z, 0-9 and hyphens that start with a letter and end with none",
        );
    }
    let is_given = resource.is_some();
    let mut resource = require_resource(request, field, resource);
    clear_output(&mut resource);
    if is_given {
        request.within(field, |checker| {
            check(checker, &mut resource);
            resource.validate_change(None, checker);
        });
    }
    *resource.header_mut().name = chosen
        .unwrap_or_else(|| Name::generate(R::KIND))
        .to_string();
    resource
}

/// Creates a resource that is checked.
pub(crate) async fn create_checked<R: Checked>(db: &Db, call: Call, new: New<R>) -> Answer<R> {
    let written = db
        .write(&call.scope, call.deadline, new.records(), move |tx| {
            create::create(tx, new)
        })
        .await?;
    Ok(answer_written(written))
}

/// Reads a resource.
pub(crate) async fn get<R: Resource>(
    db: &Db,
    call: Call,
    name: &str,
    read_mask: Option<&FieldMask>,
) -> Answer<R> {
    let mut checker = Checker::new("");
    let name = check_name::<R>(&mut checker, "name", name);
    let mask = check_read_mask::<R>(&mut checker, read_mask);
    let (name, mask) = checker.finish_with(name.zip(mask))?;
    let At {
        answer: found,
        revision,
    } = records::get::<R>(db, &call.scope, &name).await?;
    let resource = found.ok_or(Error::NotFound(name))?;
    Ok(answer(At {
        answer: masked(&mask, resource)?,
        revision,
    }))
}

/// Reads several resources in the order of the names; all or nothing.
pub(crate) async fn batch_get<R: Resource>(
    db: &Db,
    call: Call,
    names: &[String],
    read_mask: Option<&FieldMask>,
) -> Result<At<Vec<R>>, Error> {
    let mut checker = Checker::new("");
    checker.require_count("names", names, MAX_BATCH);
    let parsed = checker.parse_each("names", names, MAX_BATCH, |checker, field, name| {
        check_name::<R>(checker, field, name)
    });
    let mask = check_read_mask::<R>(&mut checker, read_mask);
    let (parsed, mask) = checker.finish_with(parsed.zip(mask))?;
    let At {
        answer: found,
        revision,
    } = records::batch_get::<R>(db, &call.scope, &parsed).await?;
    let by_name: std::collections::BTreeMap<&str, &R> = found
        .iter()
        .map(|resource| (resource.header().name, resource))
        .collect();
    let mut answer = Vec::with_capacity(parsed.len());
    let mut size = 0;
    for name in parsed {
        let resource = by_name
            .get(name.to_string().as_str())
            .ok_or(Error::NotFound(name))?;
        let resource = masked(&mask, (*resource).clone())?;
        size += resource.encoded_len();
        answer.push(resource);
    }
    check_answer_size(size)?;
    Ok(At { answer, revision })
}

/// A page of resources and the token of the next; the token is empty at the end.
pub(crate) type Listed<R> = (Vec<R>, String);

/// Lists resources by keyset pages.
pub(crate) async fn list<R: Resource>(
    db: &Db,
    call: Call,
    list: List<'_>,
    read_mask: Option<&FieldMask>,
) -> Result<At<Listed<R>>, Error> {
    let mut checker = Checker::new("");
    let pages = Pages::check::<R>(&mut checker, db, list);
    let mask = check_read_mask::<R>(&mut checker, read_mask);
    let (pages, mask) = checker.finish_with(pages.zip(mask))?;
    let page = pages.page();
    let size = page.size;
    let At {
        answer: found,
        revision,
    } = records::list::<R>(db, &call.scope, page).await?;
    Ok(At {
        answer: listed(db, &pages, &mask, found, size)?,
        revision,
    })
}

/// Makes a page of what was found, which may be more than fits, and the token of the next.
pub(crate) fn listed<R: Resource>(
    db: &Db,
    pages: &Pages,
    mask: &Mask,
    mut found: Vec<R>,
    size: usize,
) -> Result<Listed<R>, Error> {
    let fit = how_many_fit(&found[..found.len().min(size)]);
    let token = if fit < found.len() {
        pages.token(db, &found[fit - 1])
    } else {
        String::new()
    };
    found.truncate(fit);
    let resources = found
        .into_iter()
        .map(|resource| masked(mask, resource))
        .collect::<Result<_, _>>()?;
    Ok((resources, token))
}

/// What a delete request asks for; the fields are those of the protos.
pub(crate) struct Delete<'a> {
    pub(crate) name: &'a str,
    pub(crate) etag: String,
    pub(crate) force: bool,
    pub(crate) allow_missing: bool,
    pub(crate) options: WriteOptions,
}

/// Deletes a resource.
pub(crate) async fn delete<R: Resource>(db: &Db, call: Call, delete: Delete<'_>) -> Answer<R> {
    let Delete {
        name,
        etag,
        force,
        allow_missing,
        options,
    } = delete;
    let deletion = Deletion {
        name: check_named::<R>(Checker::new(""), name, &options)?,
        etag,
        force,
        allow_missing,
        options,
    };
    let written = delete::delete(db, &call.scope, call.deadline, deletion).await?;
    Ok(answer_written(written))
}

/// Brings a deleted resource back.
pub(crate) async fn undelete<R: Resource>(
    db: &Db,
    call: Call,
    name: &str,
    etag: String,
    options: WriteOptions,
) -> Answer<R> {
    let undeletion = Undeletion {
        name: check_named::<R>(Checker::new(""), name, &options)?,
        etag,
        options,
    };
    let written = undelete::undelete(db, &call.scope, call.deadline, undeletion).await?;
    Ok(answer_written(written))
}

/// Makes the answer of a list or batch, given how its message is built of the resources.
pub(crate) fn answer_with<A, B>(at: Result<At<A>, Error>, build: impl FnOnce(A) -> B) -> Answer<B> {
    let At {
        answer: found,
        revision,
    } = at?;
    let response: Response<B> = answer(At {
        answer: build(found),
        revision,
    });
    Ok(response)
}

/// Checks the name and the request id of a call, after what else there is.
pub(crate) fn check_named<R: Resource>(
    mut checker: Checker,
    name: &str,
    options: &WriteOptions,
) -> Result<Name, Error> {
    check_request_id(&mut checker, options);
    let name = check_name::<R>(&mut checker, "name", name);
    checker.finish_with(name)
}

/// Checks a request id: 1 to 64 of letters, digits and `._~-`.
pub(crate) fn check_request_id(request: &mut Checker, options: &WriteOptions) {
    let is_mark = |c: char| c.is_ascii_alphanumeric() || "._~-".contains(c);
    let is_id = |id: &str| id.len() <= 64 && id.chars().all(is_mark);
    let fits = options
        .request
        .as_ref()
        .is_none_or(|request| is_id(&request.id));
    request.ensure(
        fits,
        "request_id",
        "is not 1 to 64 of A-Z, a-z, 0-9 and ._~-",
    );
}

/// Reads a name of a kind.
pub(crate) fn check_name<R: Resource>(
    checker: &mut Checker,
    field: &str,
    name: &str,
) -> Option<Name> {
    let parsed = Name::parse(R::KIND, name);
    checker.ensure(
        parsed.is_some(),
        field,
        &format!("is not a name of the form {}/{{id}}", R::KIND.collection()),
    );
    parsed
}

pub(crate) fn check_mask<M: prost::Name>(
    checker: &mut Checker,
    field: &str,
    mask: Option<&FieldMask>,
) -> Option<Mask> {
    mask::parse(mask, &descriptors::message(&M::full_name()))
        .map_err(|problems| {
            for (i, problem) in problems {
                let path = format!("{field}.paths[{i}]");
                checker.wrong_because("MASK_INVALID", &path, problem, None);
            }
        })
        .ok()
}

/// Reads which fields an answer is to have.
pub(crate) fn check_read_mask<M: prost::Name>(
    checker: &mut Checker,
    mask: Option<&FieldMask>,
) -> Option<Mask> {
    check_mask::<M>(checker, "read_mask", mask)
}

pub(crate) fn require_resource<R: Resource>(
    checker: &mut Checker,
    field: &str,
    resource: Option<R>,
) -> R {
    checker.ensure(resource.is_some(), field, "is required");
    resource.unwrap_or_default()
}

/// Returns a message with only the masked fields.
pub(crate) fn masked<M: prost::Message + prost::Name + Default>(
    mask: &Mask,
    message: M,
) -> Result<M, Error> {
    if matches!(mask, Mask::Paths(_)) {
        typed(&mask.select(&dynamic(&message)?))
    } else {
        Ok(message)
    }
}

/// Takes off a new resource what only the server sets.
pub(crate) fn clear_output<R: Checked>(resource: &mut R) {
    resource.clear_derived();
    resource.clear_output();
    let header = resource.header_mut();
    header.etag.clear();
    (
        *header.create_time,
        *header.update_time,
        *header.delete_time,
    ) = (None, None, None);
}

/// Returns how many of the messages fit one answer; at least one.
pub(crate) fn how_many_fit<M: prost::Message>(messages: &[M]) -> usize {
    let mut size = 0;
    let over = messages.iter().position(|message| {
        size += message.encoded_len();
        size > MAX_ANSWER_BYTES
    });
    over.map_or(messages.len(), |over| over.max(1))
}

/// Refuses an answer that is too large for clients to take.
pub(crate) fn check_answer_size(size: usize) -> Result<(), Error> {
    if size > MAX_ANSWER_BYTES {
        Err(Error::ResponseTooLarge {
            limit: MAX_ANSWER_BYTES,
        })
    } else {
        Ok(())
    }
}
