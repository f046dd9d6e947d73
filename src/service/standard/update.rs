//! Update: the masked fields checked by themselves, then merged into the stored record and checked as a whole.
//!
//! A message is turned into its dynamic form, which masks work on, and back: the input and the stored record once each.

use prost_reflect::{DynamicMessage, ReflectMessage as _};
use prost_types::FieldMask;

use crate::clock::Micros;
use crate::descriptors::{dynamic, typed};
use crate::error::Error;
use crate::mask::{self, Mask};
use crate::name::Name;
use crate::service::check::{Checker, text};
use crate::service::standard::{
    Checked, check, check_mask, check_name, check_request_id, clear_output, find_wrong,
    require_resource,
};
use crate::service::{Answer, Call, answer_written};
use crate::store::engine::db::Db;
use crate::store::record::request::WriteOptions;
use crate::store::write;
use crate::store::write::update::Edit;

/// What an update request asks for; the fields are those of the protos.
pub(crate) struct Update<'a, R> {
    pub(crate) resource: Option<R>,
    pub(crate) mask: Option<&'a FieldMask>,
    pub(crate) allow_missing: bool,
    pub(crate) options: WriteOptions,
}

/// Changes a resource.
pub(crate) async fn update<R: Checked>(db: &Db, call: Call, update: Update<'_, R>) -> Answer<R> {
    let Update {
        resource,
        mask,
        allow_missing,
        options,
    } = update;
    let now = db.clock().now();
    let mut checker = Checker::at("", now);
    check_request_id(&mut checker, &options);
    let singular = R::KIND.singular();
    let input = require_resource(&mut checker, singular, resource);
    let name = check_name::<R>(
        &mut checker,
        &format!("{singular}.name"),
        input.header().name,
    );
    let mask = check_mask::<R>(&mut checker, "update_mask", mask);
    let fields = dynamic(&input)?;
    let largest = check_masked::<R>(&mut checker, mask.as_ref(), &fields)?;
    let (name, mask) = checker.finish_with(name.zip(mask))?;

    let etag = input.header().etag.to_owned();
    let references = input.references();
    let create_missing = allow_missing.then(|| new_at(&name, input, now));
    let largest = match &create_missing {
        Some(Ok(made)) => made,
        _ => &largest,
    };
    let edit = Edit {
        name,
        etag,
        references,
        external_ids: largest.header().external_ids.to_vec(),
        apply: Box::new(move |stored: &R| apply(&mask, &fields, stored, now)),
        create_missing,
        options,
    };
    let records = edit.records(db, &call.scope).await;
    let written = db
        .write(&call.scope, call.deadline, records, move |tx| {
            write::update::update(tx, edit)
        })
        .await?;
    Ok(answer_written(written))
}

/// Checks the masked fields of an update by themselves, before the record is read: what is wrong with them whatever
/// the record holds. Returns a record of these fields alone.
fn check_masked<R: Checked>(
    checker: &mut Checker,
    mask: Option<&Mask>,
    fields: &DynamicMessage,
) -> Result<R, Error> {
    let mask = mask.cloned().unwrap_or(Mask::Paths(Vec::new()));
    let mut alone = DynamicMessage::new(fields.descriptor());
    mask.of_whole_values().update(fields, &mut alone);
    let mut alone: R = typed(&alone)?;
    checker.only_required_in(mask);
    checker.within(R::KIND.singular(), |checker| check(checker, &mut alone));
    Ok(alone)
}

/// Returns the stored resource as the caller wants it.
fn apply<R: Checked>(
    mask: &Mask,
    fields: &DynamicMessage,
    stored: &R,
    now: Micros,
) -> Result<R, Error> {
    let before = dynamic(stored)?;
    let mut after = before.clone();
    mask.update(fields, &mut after);
    let mut wanted: R = typed(&after)?;
    wanted.keep(stored);
    // What the caller set is checked by itself.
    text::blank_controls(&mut wanted);
    let mut checker = Checker::at(R::KIND.singular(), now);
    find_wrong(&mut checker, &mut wanted);
    forgive_stored(&mut checker, mask, stored);
    if checker.is_content() {
        wanted.derive();
    }
    wanted.validate_change(Some(stored), &mut checker);
    // No check changes an immutable field, so what the mask made of them is what is wanted.
    for field in mask::immutable_differences(&before, &after) {
        checker.wrong(&field, "cannot change after creation");
    }
    checker.finish()?;
    Ok(wanted)
}

/// Forgives what the stored record violates already, unless the caller sets it: rules that have become stricter since
/// must not keep its other fields from changing.
fn forgive_stored<R: Checked>(checker: &mut Checker, mask: &Mask, stored: &R) {
    if checker.is_content() {
        return;
    }
    let mut stored = stored.clone();
    text::blank_controls(&mut stored);
    let mut of_stored = Checker::at(R::KIND.singular(), checker.now());
    find_wrong(&mut of_stored, &mut stored);
    checker.forgive(&of_stored, |field| {
        let path = field.split_once('.').map_or("", |(_, path)| path);
        !mask.covers(path)
    });
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
    check(&mut checker, &mut input);
    input.validate_change(None, &mut checker);
    checker.finish()?;
    Ok(input)
}
