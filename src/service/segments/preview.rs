//! PreviewSegment: what a filter picks, how it is understood, and how often the fields that it names are unset.

use tonic::Request;

use crate::clock;
use crate::descriptors;
use crate::error::Error;
use crate::filter::fields::{Restriction, restrictions};
use crate::filter::tree::Filter;
use crate::filter::{self, FilterError};
use crate::page::Order;
use crate::pb;
use crate::pb::preview_segment_response::UnsetField;
use crate::service::check::Checker;
use crate::service::segments::int32;
use crate::service::standard::{check_read_mask, how_many_fit, masked};
use crate::service::{Answer, answer, begin_call};
use crate::store::engine::db::{At, Db};
use crate::store::read::membership as store;
use crate::store::read::membership::Preview;
use crate::store::read::records::Page;

/// How many customers are shown unless it is said.
const SAMPLE: i32 = 10;
/// The most customers that are shown.
const MAX_SAMPLE: i32 = 50;

/// A filter that is understood.
struct Understood {
    filter: Filter,
    canonical: String,
    restrictions: Vec<Restriction>,
}

/// Says what a filter picks.
pub(crate) async fn preview_segment(
    db: &Db,
    request: Request<pb::PreviewSegmentRequest>,
) -> Answer<pb::PreviewSegmentResponse> {
    let (call, message) = begin_call(db, request).await?;
    let mut checker = Checker::new("");
    let understood = check_filter(&mut checker, &message.filter);
    checker.ensure(message.sample_size >= 0, "sample_size", "is negative");
    let mask = check_read_mask::<pb::Customer>(&mut checker, message.read_mask.as_ref());
    let (understood, mask) = checker.finish_with(understood.zip(mask))?;
    let now = db.clock().now();
    let size = sample_size(message.sample_size)?;
    let order = Order {
        keys: vec!["name"],
        descending: false,
    };
    let page = Page {
        size,
        order: &order,
        after: Vec::new(),
        filter: Some(&understood.filter),
        show_deleted: false,
        now,
    };
    let is_set = |restriction: &Restriction| restriction.is_set.clone();
    let fields: Vec<Filter> = understood.restrictions.iter().map(is_set).collect();
    let At {
        answer: found,
        revision,
    } = store::preview(db, &call.scope, page, &fields).await?;
    let Preview {
        count,
        n_customers,
        mut customers,
        n_unset,
    } = found;
    customers.truncate(size);
    let shown = customers
        .into_iter()
        .map(|customer| masked(&mask, customer));
    let mut customers = shown.collect::<Result<Vec<_>, _>>()?;
    customers.truncate(how_many_fit(&customers));
    let restrictions = understood.restrictions.into_iter();
    let unset_fields = restrictions.zip(n_unset).map(unset_field);
    let response = pb::PreviewSegmentResponse {
        count: int32(count),
        customer_count: int32(n_customers),
        customers,
        filter: understood.canonical,
        unset_fields: unset_fields.collect(),
        evaluate_time: Some(clock::timestamp(now)),
        revision,
    };
    Ok(answer(At {
        answer: response,
        revision,
    }))
}

/// Returns how many customers are shown where so many were asked for.
fn sample_size(asked: i32) -> Result<usize, Error> {
    let size = if asked == 0 {
        SAMPLE
    } else {
        asked.min(MAX_SAMPLE)
    };
    usize::try_from(size).map_err(Error::internal)
}

fn check_filter(checker: &mut Checker, text: &str) -> Option<Understood> {
    match understand(text) {
        Ok(Some(understood)) => return Some(understood),
        Ok(None) => checker.not_blank("filter", text),
        Err(problem) => checker.wrong_filter("filter", &problem),
    }
    None
}

fn understand(text: &str) -> Result<Option<Understood>, FilterError> {
    let message = descriptors::message("clientele.v1.Customer");
    let Some(filter) = filter::read(text, &message)? else {
        return Ok(None);
    };
    Ok(Some(Understood {
        filter,
        canonical: filter::canonical(text)?,
        restrictions: restrictions(text, &message)?,
    }))
}

fn unset_field((restriction, n_unset): (Restriction, i64)) -> UnsetField {
    UnsetField {
        predicate: restriction.text,
        field: restriction.field,
        unset_count: int32(n_unset),
    }
}
