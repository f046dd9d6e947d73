//! AddSegmentMembers and RemoveSegmentMembers: what a change to the list of a segment may say.

use tonic::Request;

use crate::error::Error;
use crate::pb;
use crate::service::check::{Checker, key};
use crate::service::standard::check_named_in;
use crate::service::{Answer, Call, answer_written, begin_call, write_options};
use crate::store::engine::db::Db;
use crate::store::record::request::WriteOptions;
use crate::store::write::member_edit::{Action, MemberEdit, edit_members};

/// The most customers of one call.
const MAX_CUSTOMERS: usize = 500;

/// Puts customers on the list of a segment.
pub async fn add_segment_members(
    db: &Db,
    request: Request<pb::AddSegmentMembersRequest>,
) -> Answer<pb::Segment> {
    let (call, message) = begin_call(db, request).await?;
    let options = write_options(
        db,
        "AddSegmentMembers",
        &message,
        &message.request_id,
        message.validate_only,
    );
    let pb::AddSegmentMembersRequest {
        name,
        customers,
        etag,
        ..
    } = message;
    edit(
        db,
        call,
        Asking {
            name,
            customers,
            etag,
            action: Action::Add,
            options,
        },
    )
    .await
}

/// Takes customers off the list of a segment.
pub async fn remove_segment_members(
    db: &Db,
    request: Request<pb::RemoveSegmentMembersRequest>,
) -> Answer<pb::Segment> {
    let (call, message) = begin_call(db, request).await?;
    let options = write_options(
        db,
        "RemoveSegmentMembers",
        &message,
        &message.request_id,
        message.validate_only,
    );
    let pb::RemoveSegmentMembersRequest {
        name,
        customers,
        etag,
        ..
    } = message;
    edit(
        db,
        call,
        Asking {
            name,
            customers,
            etag,
            action: Action::Remove,
            options,
        },
    )
    .await
}

/// What both requests hold.
struct Asking {
    name: String,
    customers: Vec<pb::CustomerKey>,
    etag: String,
    action: Action,
    options: WriteOptions,
}

async fn edit(db: &Db, call: Call, asking: Asking) -> Answer<pb::Segment> {
    let edit = check(asking)?;
    let written = db
        .write(&call.scope, call.deadline, move |tx| edit_members(tx, edit))
        .await?;
    Ok(answer_written(written))
}

fn check(asking: Asking) -> Result<MemberEdit, Error> {
    let Asking {
        name,
        customers,
        etag,
        action,
        options,
    } = asking;
    let mut checker = Checker::new("");
    checker.require_count("customers", &customers, MAX_CUSTOMERS);
    let customers = customers.iter().take(MAX_CUSTOMERS).enumerate();
    let keys = customers
        .map(|(i, key)| key::customer(&mut checker, &format!("customers[{i}]"), Some(key)))
        .collect();
    let name = check_named_in::<pb::Segment>(checker, &name, &options)?;
    Ok(MemberEdit {
        name,
        etag,
        keys,
        action,
        options,
    })
}
