//! Pages of lists: what a list request may say, and the tokens that lead from one page to the next.
//!
//! Reading a page is the business of the store; what a page is made of, of the method.

use prost::Message as _;

use crate::clock::Micros;
use crate::descriptors;
use crate::error::Error;
use crate::filter::slips::read_new;
use crate::filter::tree::Filter;
use crate::page::{self, BadToken, Order, Place, SortValue};
use crate::service::check::Checker;
use crate::service::{Call, method_of};
use crate::store::engine::db::Db;
use crate::store::read::records::Page;
use crate::store::record::resource::Resource;
use crate::store::record::sort_key::{sortable, values_of};

/// The fields of a request that tokens are not bound to, so that they may change from page to page.
const UNBOUND: [&str; 3] = ["page_token", "page_size", "read_mask"];

/// Returns what the page tokens of a call are bound to: a keyed hash of the tenant, the method, and everything that
/// the request says beside the page that is wanted and the form of its records.
pub(crate) fn bound_to<M: prost::Message + prost::Name>(
    db: &Db,
    call: &Call,
    request: &M,
) -> Result<String, Error> {
    let mut arguments = descriptors::dynamic(request)?;
    for field in UNBOUND {
        arguments.clear_field_by_name(field);
    }
    let mut bytes = Vec::new();
    for name in [call.scope.tenant(), method_of::<M>()] {
        bytes.extend(name.len().to_be_bytes());
        bytes.extend(name.as_bytes());
    }
    bytes.extend(arguments.encode_to_vec());
    Ok(db.token_key().hash(&bytes))
}

/// The page that a request asks for, checked.
pub(crate) struct PageRequest {
    /// How many elements it holds at most.
    pub(crate) size: usize,
    /// Where it starts.
    pub(crate) place: Place,
    bound_to: String,
}

impl PageRequest {
    /// Checks size and token; `bound_to` is that of [`bound_to`].
    pub(crate) fn check(
        checker: &mut Checker,
        db: &Db,
        bound_to: String,
        page_size: i32,
        page_token: &str,
    ) -> Option<PageRequest> {
        let size = page::size(page_size);
        checker.ensure(size.is_some(), "page_size", "is negative");
        let place = read_token(checker, db, page_token, &bound_to);
        Some(PageRequest {
            size: size?,
            place: place?,
            bound_to,
        })
    }

    /// Seals the token of the page after a place; it answers for the same time.
    pub(crate) fn next(&self, db: &Db, after: Vec<SortValue>) -> String {
        let place = Place {
            at: self.place.at,
            after,
        };
        db.token_key().seal(&self.bound_to, db.clock().now(), place)
    }
}

/// What a list request asks for; the fields are those of the protos.
pub(crate) struct List<'a> {
    pub(crate) bound_to: String,
    pub(crate) page_size: i32,
    pub(crate) page_token: &'a str,
    pub(crate) filter: &'a str,
    pub(crate) order_by: &'a str,
    pub(crate) show_deleted: bool,
}

/// A list request that is checked.
pub(crate) struct Pages {
    order: Order,
    filter: Option<Filter>,
    show_deleted: bool,
    request: PageRequest,
}

impl Pages {
    /// Checks everything but the read mask.
    pub(crate) fn check<R: Resource>(
        checker: &mut Checker,
        db: &Db,
        list: List<'_>,
    ) -> Option<Pages> {
        let List {
            bound_to,
            page_size,
            page_token,
            show_deleted,
            ..
        } = list;
        let order = check_order::<R>(checker, list.order_by);
        let filter = check_filter::<R>(checker, list.filter);
        let request = PageRequest::check(checker, db, bound_to, page_size, page_token);
        Some(Pages {
            order: order?,
            filter: filter?,
            show_deleted,
            request: request?,
        })
    }

    /// Asks for something more than the filter does.
    pub(crate) fn narrow(&mut self, tree: Filter) {
        self.filter = Some(match self.filter.take() {
            Some(filter) => Filter::And(vec![filter, tree]),
            None => tree,
        });
    }

    /// Returns the page that is asked for.
    pub(crate) fn page(&self) -> Page<'_> {
        Page {
            size: self.request.size,
            order: &self.order,
            after: self.request.place.after.clone(),
            filter: self.filter.as_ref(),
            show_deleted: self.show_deleted,
            now: self.now(),
        }
    }

    /// Seals the token of the page after a record.
    pub(crate) fn token<R: Resource>(&self, db: &Db, last: &R) -> String {
        self.request.next(db, values_of(&self.order, last))
    }

    /// Returns the time for which all pages are answered: that of the first.
    pub(crate) fn now(&self) -> Micros {
        self.request.place.at
    }
}

fn check_order<R: Resource>(checker: &mut Checker, order_by: &str) -> Option<Order> {
    page::parse_order(order_by, &sortable::<R>())
        .map_err(|problem| checker.wrong_because("ORDER_BY_INVALID", "order_by", problem, None))
        .ok()
}

/// Reads a filter; `Some(None)` is an empty one, which picks everything.
fn check_filter<R: Resource>(checker: &mut Checker, text: &str) -> Option<Option<Filter>> {
    read_new(text, &descriptors::message(&R::full_name()))
        .map_err(|problem| checker.wrong_filter("filter", &problem))
        .ok()
}

/// Opens a page token; without one the first page is asked for.
fn read_token(checker: &mut Checker, db: &Db, token: &str, bound_to: &str) -> Option<Place> {
    let now = db.clock().now();
    if token.is_empty() {
        let after = Vec::new();
        return Some(Place { at: now, after });
    }
    db.token_key()
        .open(token, bound_to, now)
        .map_err(|bad| {
            let (reason, description) = match bad {
                BadToken::Invalid => (
                    "PAGE_TOKEN_INVALID",
                    "is not a token that this server gave out",
                ),
                BadToken::Mismatch => (
                    "PAGE_TOKEN_MISMATCH",
                    "came from a request with other arguments: keep them equal",
                ),
                BadToken::Expired => (
                    "PAGE_TOKEN_EXPIRED",
                    "is older than 3 days: start again from the first page",
                ),
            };
            checker.wrong_because(reason, "page_token", description, None);
        })
        .ok()
}
