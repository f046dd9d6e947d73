//! Pages of lists: what a list request may say, and the tokens that lead from one page to the next.
//!
//! Reading a page is the business of the store; what a page is made of, of the method.

use prost_types::FieldMask;

use crate::clock::Micros;
use crate::descriptors;
use crate::error::Error;
use crate::filter::{self, tree::Filter};
use crate::page::{self, BadToken, Order, Place, SortValue};
use crate::service::Call;
use crate::service::check::Checker;
use crate::store::engine::db::Db;
use crate::store::read::records::Page;
use crate::store::record::resource::Resource;
use crate::store::sql::statement::Value;

/// What a list request asks for; the fields are those of the protos.
#[expect(missing_docs, reason = "the protos are the reference")]
pub struct List<'a> {
    pub method: &'a str,
    pub page_size: i32,
    pub page_token: &'a str,
    pub filter: &'a str,
    pub order_by: &'a str,
    pub show_deleted: bool,
    pub read_mask: Option<FieldMask>,
}

/// A list request that is checked, and what binds its tokens.
pub struct Pages {
    order: Order,
    filter: Option<Filter>,
    place: Place,
    bound_to: String,
}

impl Pages {
    /// Checks everything but the read mask.
    pub fn check<R: Resource>(
        request: &mut Checker,
        db: &Db,
        call: &Call,
        list: &List<'_>,
    ) -> Pages {
        request.ensure(
            page::size(list.page_size).is_some(),
            "page_size",
            "is negative",
        );
        let order = check_order::<R>(request, list.order_by);
        let filter = check_filter::<R>(request, list.filter);
        // Quoted by Debug, so that no two requests read the same: filter and order may have line ends in them.
        let bound_to = (
            call.scope.tenant(),
            list.method,
            list.filter,
            list.order_by,
            list.show_deleted,
        );
        let bound_to = db.token_key().hash(format!("{bound_to:?}").as_bytes());
        let place = read_token(request, db, list.page_token, &bound_to);
        Pages {
            order,
            filter,
            place,
            bound_to,
        }
    }

    /// Asks for something more than the filter does.
    pub fn narrow(&mut self, tree: Filter) {
        self.filter = Some(match self.filter.take() {
            Some(filter) => Filter::And(vec![filter, tree]),
            None => tree,
        });
    }

    /// Returns the page that is asked for.
    pub fn page(&self, list: &List<'_>) -> Page<'_> {
        let size = page::size(list.page_size).unwrap_or(page::DEFAULT_SIZE);
        let (order, after, show_deleted) =
            (&self.order, self.place.after.clone(), list.show_deleted);
        Page {
            size,
            order,
            after,
            filter: self.filter.as_ref(),
            show_deleted,
            now: self.now(),
        }
    }

    /// Seals the token of the page after a record.
    pub fn token<R: Resource>(&self, db: &Db, last: &R) -> Result<String, Error> {
        let place = Place {
            at: self.now(),
            after: sort_values(&self.order, last)?,
        };
        Ok(db.token_key().seal(&self.bound_to, db.clock().now(), place))
    }

    /// Returns the time for which all pages are answered: that of the first.
    pub fn now(&self) -> Micros {
        self.place.at
    }
}

fn check_order<R: Resource>(request: &mut Checker, order_by: &str) -> Order {
    page::parse_order(order_by, R::SORTABLE).unwrap_or_else(|problem| {
        request.wrong_because("INVALID_ORDER_BY", "order_by", problem, None);
        Order {
            keys: vec!["name"],
            descending: false,
        }
    })
}

fn check_filter<R: Resource>(request: &mut Checker, text: &str) -> Option<Filter> {
    filter::read(text, &descriptors::message(&R::full_name())).unwrap_or_else(|problem| {
        let described = format!("{} (at byte {})", problem.message, problem.offset);
        request.wrong_because("INVALID_FILTER", "filter", described, Some(problem.offset));
        None
    })
}

/// Opens a page token; without one the first page is asked for.
pub fn read_token(request: &mut Checker, db: &Db, token: &str, bound_to: &str) -> Place {
    let now = db.clock().now();
    let first = Place {
        at: now,
        after: Vec::new(),
    };
    if token.is_empty() {
        return first;
    }
    db.token_key()
        .open(token, bound_to, now)
        .unwrap_or_else(|bad| {
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
            request.wrong_because(reason, "page_token", description, None);
            first
        })
}

fn sort_values<R: Resource>(order: &Order, resource: &R) -> Result<Vec<SortValue>, Error> {
    let value = |key: &&'static str| {
        let column = R::COLUMNS.iter().find(|column| column.name == *key);
        match column.map(|column| (column.get)(resource)) {
            Some(Value::Text(text)) => Ok(SortValue::Text(text)),
            Some(Value::Int(Some(number))) => Ok(SortValue::Int(number)),
            _ => Err(Error::internal(format!("{key} cannot be sorted by"))),
        }
    };
    order.keys.iter().map(value).collect()
}
