//! What lists are sorted by: the columns behind each field that `order_by` takes.
//!
//! Texts sort as people read them, by a column that is filled beside the field. An unset field comes last in both
//! directions; how a page is put together so is in `read/records.rs`.

use prost_types::Timestamp;

use crate::clock;
use crate::fold::unaccented;
use crate::page::{Order, SortValue};
use crate::store::record::columns::{Codec, Plain};
use crate::store::record::resource::Resource;
use crate::store::sql::statement::{Part, Value, part};

/// The most characters of a text that sort. PostgreSQL refuses a longer entry of an index.
const MAX_SORTED: usize = 200;

/// A column that records are sorted by. A field may have several, one after the other.
pub struct SortKey<R: 'static> {
    /// The path of the field.
    pub path: &'static str,
    /// The column.
    pub column: &'static str,
    /// Whether the column is written for sorting only, beside that of the field.
    pub is_extra: bool,
    /// What the column holds when the field is unset.
    pub unset: WhenUnset,
    /// Takes the value from a record.
    pub value: fn(&R) -> SortValue,
}

/// What a column holds when its field is unset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenUnset {
    /// Nothing special: the field is never unset.
    Never,
    /// NULL, in a column of numbers.
    Null,
    /// The greatest number.
    Greatest,
    /// The empty text.
    Empty,
}

/// Lists the fields that a resource is sorted by, beside those that every resource has: `text` and `optional_text` for
/// one that people read, `column` for one that is sorted by its own column and never unset, `key` for any [`SortKey`].
macro_rules! sort_keys {
    ($resource:ty; $($kind:ident($($given:tt)*)),* $(,)?) => {
        &[
            $crate::store::record::sort_key::sort_key!($resource, column name),
            $($crate::store::record::sort_key::sort_key!($resource, $kind $($given)*),)*
            $crate::store::record::sort_key::sort_key!($resource, column create_time),
            $crate::store::record::sort_key::sort_key!($resource, column update_time),
        ]
    };
}

macro_rules! sort_key {
    ($resource:ty, text $field:ident) => {
        $crate::store::record::sort_key::SortKey {
            path: stringify!($field),
            column: concat!(stringify!($field), "_order"),
            is_extra: true,
            unset: $crate::store::record::sort_key::WhenUnset::Never,
            value: |record: &$resource| {
                $crate::page::SortValue::Text($crate::store::record::sort_key::as_read(
                    &record.$field,
                ))
            },
        }
    };
    ($resource:ty, optional_text $field:ident) => {
        $crate::store::record::sort_key::SortKey {
            path: stringify!($field),
            column: concat!(stringify!($field), "_order"),
            is_extra: true,
            unset: $crate::store::record::sort_key::WhenUnset::Empty,
            value: |record: &$resource| {
                $crate::store::record::sort_key::as_read_if_set(&record.$field)
            },
        }
    };
    ($resource:ty, column $field:ident) => {
        $crate::store::record::sort_key::SortKey {
            path: stringify!($field),
            column: stringify!($field),
            is_extra: false,
            unset: $crate::store::record::sort_key::WhenUnset::Never,
            value: |record: &$resource| $crate::store::record::sort_key::of_column(&record.$field),
        }
    };
    ($resource:ty, key $($key:tt)*) => {
        $($key)*
    };
}
pub(crate) use {sort_key, sort_keys};

/// Returns a text as people read it: without regard to case and accents.
pub fn as_read(text: &str) -> String {
    unaccented(text).chars().take(MAX_SORTED).collect()
}

/// Returns the sort value of a text that may be unset.
pub fn as_read_if_set(text: &str) -> SortValue {
    Some(as_read(text))
        .filter(|text| !text.is_empty())
        .map_or(SortValue::Unset, SortValue::Text)
}

/// Returns the sort value of a field that is sorted by its column.
pub fn of_column<T>(field: &T) -> SortValue
where
    Plain: Codec<T>,
{
    match Plain::value(field) {
        Value::Text(text) => SortValue::Text(text),
        Value::Int(Some(number)) => SortValue::Int(number),
        _ => SortValue::Unset,
    }
}

/// Returns the sort value of a time.
pub fn of_time(time: Option<&Timestamp>) -> SortValue {
    let micros = time.and_then(clock::micros);
    micros.map_or(SortValue::Unset, SortValue::Int)
}

impl<R> SortKey<R> {
    /// Makes the key of a column that is NULL when the field is unset.
    pub const fn of_nullable(
        path: &'static str,
        column: &'static str,
        value: fn(&R) -> SortValue,
    ) -> SortKey<R> {
        SortKey {
            path,
            column,
            is_extra: false,
            unset: WhenUnset::Null,
            value,
        }
    }

    /// Returns the column; that of names as `name` says, because a statement may have it from another table.
    pub fn written(&self, name: &'static str) -> Part {
        Part::text(if self.column == "name" {
            name
        } else {
            self.column
        })
    }

    /// Returns the condition that the field is set, or that it is not.
    pub fn is_set(&self, is_set: bool) -> Part {
        let column = self.column;
        match (self.unset, is_set) {
            (WhenUnset::Never, true) => Part::text("1 = 1"),
            (WhenUnset::Never, false) => Part::text("1 = 0"),
            (WhenUnset::Null, true) => part!(":{column} is not null", column),
            (WhenUnset::Null, false) => part!(":{column} is null", column),
            (WhenUnset::Greatest, true) => part!(":{column} < :unset", column, unset = i64::MAX),
            (WhenUnset::Greatest, false) => part!(":{column} = :unset", column, unset = i64::MAX),
            (WhenUnset::Empty, true) => part!(":{column} > ''", column),
            (WhenUnset::Empty, false) => part!(":{column} = ''", column),
        }
    }

    /// Returns the expression in which an unset field comes last where records are sorted by other fields first.
    pub fn expression(&self, name: &'static str, descending: bool) -> Part {
        let column = self.written(name);
        let last = Part::value(self.last(descending));
        match (self.unset, descending) {
            (WhenUnset::Never, _) | (WhenUnset::Greatest, false) | (WhenUnset::Empty, true) => {
                column
            }
            (WhenUnset::Null, _) => part!("coalesce(:{column}, :{last})", column, last),
            (WhenUnset::Greatest, true) => part!(
                "case when :{column} < :unset then :{column} else :{last} end",
                column,
                unset = i64::MAX,
                last,
            ),
            (WhenUnset::Empty, false) => part!(
                "case when :{column} > '' then :{column} else :{last} end",
                column,
                last,
            ),
        }
    }

    /// Returns what is bound for a sort value.
    pub fn bound(&self, value: &SortValue, descending: bool) -> Value {
        match value {
            SortValue::Text(text) => Value::from(text),
            SortValue::Int(number) => Value::from(*number),
            SortValue::Unset => self.last(descending),
        }
    }

    /// Returns a value that comes after all others.
    fn last(&self, descending: bool) -> Value {
        match (self.unset, descending) {
            (WhenUnset::Empty, false) => Value::from("\u{10ffff}"),
            (WhenUnset::Empty, true) => Value::from(""),
            (_, false) => Value::from(i64::MAX),
            (_, true) => Value::from(i64::MIN),
        }
    }
}

/// Returns the fields that `order_by` takes.
pub fn sortable<R: Resource>() -> Vec<&'static str> {
    let mut paths: Vec<&str> = R::SORT_KEYS.iter().map(|key| key.path).collect();
    paths.dedup();
    paths
}

/// Returns the keys of an order, first to last.
pub fn keys_of<R: Resource>(order: &Order) -> Vec<&'static SortKey<R>> {
    let keys_of_field =
        |path: &'static str| R::SORT_KEYS.iter().filter(move |key| key.path == path);
    order.keys.iter().copied().flat_map(keys_of_field).collect()
}

/// Returns the sort values of a record.
pub fn values_of<R: Resource>(order: &Order, record: &R) -> Vec<SortValue> {
    let value = |key: &&SortKey<R>| (key.value)(record);
    keys_of::<R>(order).iter().map(value).collect()
}

/// Returns the columns that are written for sorting only, with their values.
pub fn extra_columns<R: Resource>(record: &R) -> impl Iterator<Item = (&'static str, Value)> {
    let extra = R::SORT_KEYS.iter().filter(|key| key.is_extra);
    extra.map(|key| match (key.value)(record) {
        SortValue::Text(text) => (key.column, Value::Text(text)),
        _ => (key.column, Value::from("")),
    })
}
