//! AddSegmentMembers and RemoveSegmentMembers: what a change to the list of a segment may say.

use tonic::Request;

use crate::error::Error;
use crate::pb;
use crate::service::check::key::GivenKey;
use crate::service::check::{Checker, key};
use crate::service::keys;
use crate::service::standard::{check_name, check_request_id};
use crate::service::{Answer, Call, answer_written, begin_call, write_options};
use crate::store::engine::db::Db;
use crate::store::record::request::WriteOptions;
use crate::store::write::member_edit::{MemberAction, MemberEdit, edit_members};

/// The most customers of one call.
const MAX_CUSTOMERS: usize = 500;

/// Puts customers on the list of a segment.
pub(crate) async fn add_segment_members(
    db: &Db,
    request: Request<pb::AddSegmentMembersRequest>,
) -> Answer<pb::Segment> {
    let (call, message) = begin_call(db, request).await?;
    let options = write_options(db, &message, &message.request_id, message.validate_only);
    let pb::AddSegmentMembersRequest {
        segment,
        customers,
        etag,
        ..
    } = message;
    edit(
        db,
        call,
        Asking {
            segment,
            customers,
            etag,
            action: MemberAction::Add,
            options,
        },
    )
    .await
}

/// Takes customers off the list of a segment.
pub(crate) async fn remove_segment_members(
    db: &Db,
    request: Request<pb::RemoveSegmentMembersRequest>,
) -> Answer<pb::Segment> {
    let (call, message) = begin_call(db, request).await?;
    let options = write_options(db, &message, &message.request_id, message.validate_only);
    let pb::RemoveSegmentMembersRequest {
        segment,
        customers,
        etag,
        ..
    } = message;
    edit(
        db,
        call,
        Asking {
            segment,
            customers,
            etag,
            action: MemberAction::Remove,
            options,
        },
    )
    .await
}

/// What both requests hold.
struct Asking {
    segment: String,
    customers: Vec<pb::CustomerKey>,
    etag: String,
    action: MemberAction,
    options: WriteOptions,
}

async fn edit(db: &Db, call: Call, asking: Asking) -> Answer<pb::Segment> {
    let (edit, keys) = check(asking)?;
    let keys = keys::customers(db, &call.scope, keys).await?;
    let edit = MemberEdit { keys, ..edit };
    let records = edit.records(db, &call.scope).await;
    let written = db
        .write(&call.scope, call.deadline, records, move |tx| {
            edit_members(tx, edit)
        })
        .await?;
    Ok(answer_written(written))
}

/// Reads a change and the keys of its customers, which are still to be completed.
fn check(asking: Asking) -> Result<(MemberEdit, Vec<GivenKey>), Error> {
    let Asking {
        segment,
        customers,
        etag,
        action,
        options,
    } = asking;
    let mut checker = Checker::new("");
    let keys = key::customers(&mut checker, "customers", &customers, MAX_CUSTOMERS);
    check_request_id(&mut checker, &options);
    let name = check_name::<pb::Segment>(&mut checker, "segment", &segment);
    let (keys, name) = checker.finish_with(keys.zip(name))?;
    let edit = MemberEdit {
        name,
        etag,
        keys: Vec::new(),
        action,
        options,
    };
    Ok((edit, keys))
}
