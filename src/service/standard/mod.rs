//! The standard methods (AIP-131 to 135, 164, 231), once for all resources.
//!
//! The order of checks is that of the conventions: shape and all fields first, every violation at once; then, in the
//! unit of work, request id, existence, etag, and what depends on the stored row.

pub mod pages;

use prost_types::FieldMask;
use tonic::Response;

use crate::clock::Micros;
use crate::descriptors::{self, dynamic, typed};
use crate::error::Error;
use crate::mask::{self, Mask};
use crate::name::Name;
use crate::service::check::Checker;
use crate::service::standard::pages::{List, Pages};
use crate::service::{Answer, Call, answer, answer_written};
use crate::store::engine::db::{At, Db};
use crate::store::read::records;
use crate::store::record::request::WriteOptions;
use crate::store::record::resource::Resource;
use crate::store::write::create::{self, New};
use crate::store::write::delete::{self, Deletion};
use crate::store::write::undelete::{self, Undeletion};
use crate::store::write::update::{self, Edit};

/// The most names of one batch.
pub const MAX_BATCH: usize = 100;
/// The most bytes of resources in one answer: clients accept 4 MiB unless told otherwise.
pub const MAX_ANSWER_BYTES: usize = 3_670_016;

/// A resource whose fields can be checked.
pub trait Checked: Resource {
    /// Finds everything that is wrong with the fields a caller sets, brings the rest into the form in which it is
    /// kept, and works out what is derived from the record alone.
    fn check(&mut self, checker: &mut Checker);
    /// Finds what is wrong with the fields compared to those of the stored record, or of none when it is to be made.
    fn check_change(&self, _stored: Option<&Self>, _checker: &mut Checker) {}
    /// Takes off what only the server sets, beyond what is derived.
    fn clear_output(&mut self) {}
    /// Takes over from the stored record what an update cannot clear.
    fn keep(&mut self, _stored: &Self) {}
}

/// Creates a resource.
pub async fn create<R: Checked>(
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
pub fn check_new<R: Checked>(
    request: &mut Checker,
    resource: Option<R>,
    id: &str,
    options: &WriteOptions,
) -> R {
    check_request_id(request, options);
    check_made(request, resource, id)
}

/// Checks a resource to be made, and gives it its name.
pub fn check_made<R: Checked>(request: &mut Checker, resource: Option<R>, id: &str) -> R {
    let chosen = Name::chosen(R::KIND, id);
    if !id.is_empty() && chosen.is_none() {
        let field = format!("{}_id", R::KIND.singular());
        request.wrong(
            &field,
            "is not 1 to 63 of a-z, 0-9 and hyphens that start with a letter and end with none",
        );
    }
    let is_given = resource.is_some();
    let mut resource = require_resource(request, resource);
    clear_output(&mut resource);
    if is_given {
        request.within(R::KIND.singular(), |checker| {
            resource.check(checker);
            resource.check_change(None, checker);
        });
    }
    *resource.header_mut().name = chosen
        .unwrap_or_else(|| Name::generate(R::KIND))
        .to_string();
    resource
}

/// Creates a resource that is checked.
pub async fn create_checked<R: Checked>(db: &Db, call: Call, new: New<R>) -> Answer<R> {
    let written = db
        .write(&call.scope, call.deadline, move |tx| {
            create::create(tx, new)
        })
        .await?;
    Ok(answer_written(written))
}

/// Reads a resource.
pub async fn get<R: Resource>(
    db: &Db,
    call: Call,
    name: &str,
    read_mask: Option<FieldMask>,
) -> Answer<R> {
    let mut request = Checker::new("");
    let name = check_name::<R>(&mut request, "name", name);
    let mask = check_read_mask::<R>(&mut request, read_mask.as_ref());
    request.finish()?;
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
pub async fn batch_get<R: Resource>(
    db: &Db,
    call: Call,
    names: &[String],
    read_mask: Option<FieldMask>,
) -> Result<At<Vec<R>>, Error> {
    let mut request = Checker::new("");
    request.require_count("names", names, MAX_BATCH);
    let mut parsed = Vec::with_capacity(names.len());
    for (i, name) in names.iter().take(MAX_BATCH).enumerate() {
        parsed.push(check_name::<R>(&mut request, &format!("names[{i}]"), name));
    }
    let mask = check_read_mask::<R>(&mut request, read_mask.as_ref());
    request.finish()?;
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
    if size > MAX_ANSWER_BYTES {
        return Err(Error::ResponseTooLarge {
            limit: MAX_ANSWER_BYTES,
        });
    }
    Ok(At { answer, revision })
}

/// A page of resources and the token of the next; the token is empty at the end.
pub type Listed<R> = (Vec<R>, String);

/// Lists resources by keyset pages.
pub async fn list<R: Resource>(
    db: &Db,
    call: Call,
    list: List<'_>,
) -> Result<At<Listed<R>>, Error> {
    let mut request = Checker::new("");
    let pages = Pages::check::<R>(&mut request, db, &call, &list);
    let mask = check_read_mask::<R>(&mut request, list.read_mask.as_ref());
    request.finish()?;

    let page = pages.page(&list);
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
pub fn listed<R: Resource>(
    db: &Db,
    pages: &Pages,
    mask: &Mask,
    mut found: Vec<R>,
    size: usize,
) -> Result<Listed<R>, Error> {
    let fit = how_many_fit(&found[..found.len().min(size)]);
    let token = if fit < found.len() {
        pages.token(db, &found[fit - 1])?
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

/// Changes a resource.
pub async fn update<R: Checked>(
    db: &Db,
    call: Call,
    resource: Option<R>,
    update_mask: Option<FieldMask>,
    allow_missing: bool,
    options: WriteOptions,
) -> Answer<R> {
    let now = db.clock().now();
    let mut request = Checker::at("", now);
    check_request_id(&mut request, &options);
    let singular = R::KIND.singular();
    let input = require_resource(&mut request, resource);
    let name = check_name::<R>(
        &mut request,
        &format!("{singular}.name"),
        input.header().name,
    );
    let mask = check_mask::<R>(&mut request, "update_mask", update_mask.as_ref());
    let mut checked = changed(&mask.of_whole_values(), &input, &R::default())?;
    request.only_required_in(mask.clone());
    request.within(singular, |fields| checked.check(fields));
    request.finish()?;

    let create_missing = allow_missing.then(|| new_at(&name, input.clone(), now));
    let largest = match &create_missing {
        Some(Ok(made)) => made,
        _ => &checked,
    };
    let edit = Edit {
        name,
        etag: input.header().etag.to_owned(),
        references: input.references(),
        external_ids: largest.header().external_ids.to_vec(),
        apply: Box::new(move |stored: &R| apply(&mask, &input, stored, now)),
        create_missing,
        options,
    };
    let written = db
        .write(&call.scope, call.deadline, move |tx| {
            update::update(tx, edit)
        })
        .await?;
    Ok(answer_written(written))
}

/// Deletes a resource.
pub async fn delete<R: Resource>(db: &Db, call: Call, deletion: Requested<'_>) -> Answer<R> {
    let Requested {
        name,
        etag,
        force,
        allow_missing,
        options,
    } = deletion;
    let name = check_named::<R>(name, &options)?;
    let deletion = Deletion {
        name,
        etag: etag.to_owned(),
        force,
        allow_missing,
        options,
    };
    let written = db
        .write(&call.scope, call.deadline, move |tx| {
            delete::delete(tx, deletion)
        })
        .await?;
    Ok(answer_written(written))
}

/// What a delete request asks for; the fields are those of the protos.
#[expect(missing_docs, reason = "the protos are the reference")]
pub struct Requested<'a> {
    pub name: &'a str,
    pub etag: &'a str,
    pub force: bool,
    pub allow_missing: bool,
    pub options: WriteOptions,
}

/// Brings a deleted resource back.
pub async fn undelete<R: Resource>(
    db: &Db,
    call: Call,
    name: &str,
    etag: &str,
    options: WriteOptions,
) -> Answer<R> {
    let name = check_named::<R>(name, &options)?;
    let undeletion = Undeletion {
        name,
        etag: etag.to_owned(),
        options,
    };
    let written = db
        .write(&call.scope, call.deadline, move |tx| {
            undelete::undelete(tx, undeletion)
        })
        .await?;
    Ok(answer_written(written))
}

/// Makes the answer of a list or batch, given how its message is built of the resources.
pub fn answer_with<A, B>(at: Result<At<A>, Error>, build: impl FnOnce(A) -> B) -> Answer<B> {
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

/// Checks the name and the request id of a call that has little else.
pub fn check_named<R: Resource>(name: &str, options: &WriteOptions) -> Result<Name, Error> {
    check_named_in::<R>(Checker::new(""), name, options)
}

/// Checks the name and the request id of a call, after what else there is.
pub fn check_named_in<R: Resource>(
    mut request: Checker,
    name: &str,
    options: &WriteOptions,
) -> Result<Name, Error> {
    check_request_id(&mut request, options);
    let name = check_name::<R>(&mut request, "name", name);
    request.finish()?;
    Ok(name)
}

/// Checks a request id: 1 to 64 of letters, digits and `._~-`.
pub fn check_request_id(request: &mut Checker, options: &WriteOptions) {
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

/// Checks a name of a kind; what it returns is of no use once the checks have failed.
pub fn check_name<R: Resource>(request: &mut Checker, field: &str, name: &str) -> Name {
    Name::parse(R::KIND, name).unwrap_or_else(|| {
        request.wrong(
            field,
            format!("is not a name of the form {}/{{id}}", R::KIND.collection()),
        );
        Name::of_row(R::KIND, "")
    })
}

fn check_mask<M: prost::Name>(
    request: &mut Checker,
    field: &str,
    mask: Option<&FieldMask>,
) -> Mask {
    mask::parse(mask, &descriptors::message(&M::full_name())).unwrap_or_else(|problems| {
        for (i, problem) in problems {
            request.wrong_because(
                "INVALID_MASK",
                &format!("{field}.paths[{i}]"),
                problem,
                None,
            );
        }
        Mask::Paths(Vec::new())
    })
}

/// Checks which fields an answer is to have.
pub fn check_read_mask<M: prost::Name>(request: &mut Checker, mask: Option<&FieldMask>) -> Mask {
    check_mask::<M>(request, "read_mask", mask)
}

fn require_resource<R: Resource>(request: &mut Checker, resource: Option<R>) -> R {
    resource.unwrap_or_else(|| {
        request.wrong(R::KIND.singular(), "is required");
        R::default()
    })
}

/// Returns a message with only the masked fields.
pub fn masked<M: prost::Message + prost::Name + Default>(
    mask: &Mask,
    message: M,
) -> Result<M, Error> {
    if matches!(mask, Mask::Paths(_)) {
        typed(&mask.select(&dynamic(&message)?))
    } else {
        Ok(message)
    }
}

/// Returns `onto` with the masked fields of `input`.
fn changed<R: Resource>(mask: &Mask, input: &R, onto: &R) -> Result<R, Error> {
    let mut changed = dynamic(onto)?;
    mask.update(&dynamic(input)?, &mut changed);
    typed(&changed)
}

/// Returns the stored resource as the caller wants it.
fn apply<R: Checked>(mask: &Mask, input: &R, stored: &R, now: Micros) -> Result<R, Error> {
    let mut wanted = changed(mask, input, stored)?;
    wanted.keep(stored);
    let mut checker = Checker::at(R::KIND.singular(), now);
    wanted.check(&mut checker);
    wanted.check_change(Some(stored), &mut checker);
    for field in mask::immutable_differences(&dynamic(stored)?, &dynamic(&wanted)?) {
        checker.wrong(&field, "cannot change after creation");
    }
    checker.finish()?;
    Ok(wanted)
}

/// Takes off a new resource what only the server sets.
pub fn clear_output<R: Checked>(resource: &mut R) {
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

/// Returns the resource that is made when an update finds none: the whole input, the mask ignored.
fn new_at<R: Checked>(name: &Name, mut input: R, now: Micros) -> Result<R, Error> {
    let mut checker = Checker::at(R::KIND.singular(), now);
    checker.ensure(
        name.is_chosen(),
        "name",
        "cannot be made: only an id of your own choice can",
    );
    clear_output(&mut input);
    input.check(&mut checker);
    input.check_change(None, &mut checker);
    checker.finish()?;
    Ok(input)
}

/// Returns how many of the messages fit one answer; at least one.
pub fn how_many_fit<M: prost::Message>(messages: &[M]) -> usize {
    let mut size = 0;
    let over = messages.iter().position(|message| {
        size += message.encoded_len();
        size > MAX_ANSWER_BYTES
    });
    over.map_or(messages.len(), |over| over.max(1))
}

/// Refuses an answer that is too large for clients to take.
pub fn check_answer_size(size: usize) -> Result<(), Error> {
    if size > MAX_ANSWER_BYTES {
        Err(Error::ResponseTooLarge {
            limit: MAX_ANSWER_BYTES,
        })
    } else {
        Ok(())
    }
}
