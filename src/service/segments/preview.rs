//! PreviewSegment: what a filter picks, how it is understood, how often the fields that it names are unset, and what in it
//! may not mean what was meant.

use tonic::Request;

use crate::clock;
use crate::count::int32;
use crate::descriptors;
use crate::error::Error;
use crate::filter::fields::{Restriction, restrictions};
use crate::filter::slips::{Slip, slips};
use crate::filter::tree::Filter;
use crate::filter::{self, FilterError};
use crate::page::Order;
use crate::pb;
use crate::pb::FilterWarning;
use crate::pb::filter_warning::Type;
use crate::pb::preview_segment_response::UnsetField;
use crate::service::check::Checker;
use crate::service::standard::{check_read_mask, how_many_fit, masked};
use crate::service::{Answer, answer, begin_call};
use crate::store::engine::db::{At, Db};
use crate::store::read::membership as store;
use crate::store::read::membership::Preview;
use crate::store::read::records::Page;
use crate::store::record::filter_warning::of_slip;

/// How many customers are shown unless it is said.
const SAMPLE: i32 = 10;
/// The most customers that are shown.
const MAX_SAMPLE: i32 = 50;

/// A filter that is understood.
struct Understood {
    filter: Filter,
    canonical: String,
    restrictions: Vec<Restriction>,
    slips: Vec<Slip>,
}

/// Says what a filter picks.
pub(crate) async fn preview_segment(
    db: &Db,
    request: Request<pb::PreviewSegmentRequest>,
) -> Answer<pb::PreviewSegmentResponse> {
    let (call, message) = begin_call(db, request).await?;
    let mut checker = Checker::new("");
    let understood = check_filter(&mut checker, &message.filter);
    checker.ensure(message.limit >= 0, "limit", "is negative");
    let mask = check_read_mask::<pb::Customer>(&mut checker, message.read_mask.as_ref());
    let (understood, mask) = checker.finish_with(understood.zip(mask))?;
    let now = db.clock().now();
    let size = n_shown(message.limit)?;
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
    let counted = counted(&understood.restrictions);
    let At {
        answer: found,
        revision,
    } = store::preview(db, &call.scope, page, &counted).await?;
    let Preview {
        count,
        n_customers,
        mut customers,
        n_meeting,
    } = found;
    customers.truncate(size);
    let shown = customers
        .into_iter()
        .map(|customer| masked(&mask, customer));
    let mut customers = shown.collect::<Result<Vec<_>, _>>()?;
    customers.truncate(how_many_fit(&customers));
    let restrictions = with_counts(understood.restrictions, &n_meeting);
    let filter_warnings = warnings(understood.slips, &restrictions, n_customers);
    let response = pb::PreviewSegmentResponse {
        member_count: int32(count),
        customer_count: int32(n_customers),
        customers,
        filter: understood.canonical,
        unset_fields: restrictions.into_iter().map(unset_field).collect(),
        filter_warnings,
        evaluate_time: Some(clock::timestamp(now)),
        revision,
    };
    Ok(answer(At {
        answer: response,
        revision,
    }))
}

/// Returns how many customers are shown where so many were asked for.
fn n_shown(asked: i32) -> Result<usize, Error> {
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
        slips: slips(text, &message),
    }))
}

/// A restriction, and for how many live customers it holds and its field is unset.
struct CountedRestriction {
    restriction: Restriction,
    n_unset: i64,
    n_met: i64,
}

/// Returns what is counted for restrictions: for each, that its field is unset, and then for each, that it holds.
fn counted(restrictions: &[Restriction]) -> Vec<Filter> {
    let unset = |one: &Restriction| Filter::Not(Box::new(one.is_set.clone()));
    let met = restrictions.iter().map(|one| one.filter.clone());
    restrictions.iter().map(unset).chain(met).collect()
}

/// Takes apart the counts of [`counted`].
fn with_counts(restrictions: Vec<Restriction>, counts: &[i64]) -> Vec<CountedRestriction> {
    let (unset, met) = counts.split_at(restrictions.len());
    let counts = unset.iter().zip(met);
    restrictions
        .into_iter()
        .zip(counts)
        .map(|(restriction, (n_unset, n_met))| CountedRestriction {
            restriction,
            n_unset: *n_unset,
            n_met: *n_met,
        })
        .collect()
}

/// Returns the warnings about slips, and then those about restrictions.
fn warnings(
    slips: Vec<Slip>,
    restrictions: &[CountedRestriction],
    n_customers: i64,
) -> Vec<FilterWarning> {
    let slips = slips.into_iter().map(|slip| of_slip("filter", slip));
    let of_restrictions = restrictions
        .iter()
        .filter_map(|one| one.warning(n_customers));
    slips.chain(of_restrictions).collect()
}

impl CountedRestriction {
    /// Warns if it tells no customer from another.
    fn warning(&self, n_customers: i64) -> Option<FilterWarning> {
        let (kind, description) = match self.n_met {
            _ if n_customers == 0 => return None,
            0 if self.n_unset == n_customers => {
                (Type::HoldsForNobody, "no customer has the field set")
            }
            0 if has_sign_of_others(&self.restriction.text) => (
                Type::HoldsForNobody,
                "no customer meets this: `%` and `?` are characters, and a `*` at the start or the end stands for any text",
            ),
            0 => (Type::HoldsForNobody, "no customer meets this"),
            n if n == n_customers => (Type::HoldsForEverybody, "every customer meets this"),
            _ => return None,
        };
        Some(FilterWarning {
            r#type: kind.into(),
            field: "filter".to_owned(),
            restriction: self.restriction.text.clone(),
            offset: int32(self.restriction.offset),
            description: description.to_owned(),
        })
    }
}

/// Says whether a sign stands in a restriction that means any text in another language.
fn has_sign_of_others(restriction: &str) -> bool {
    restriction.contains(['%', '?'])
}

fn unset_field(counted: CountedRestriction) -> UnsetField {
    UnsetField {
        restriction: counted.restriction.text,
        field: counted.restriction.field,
        unset_count: int32(counted.n_unset),
    }
}
