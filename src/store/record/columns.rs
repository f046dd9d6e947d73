//! How the fields of a message correspond to the columns of its table.
//!
//! Owns the `columns!` table syntax and the codecs between field types and values. Each resource's fields are listed
//! in its own file; statements are built in `resource.rs`.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use prost_types::{Duration, Struct, Timestamp};

use crate::clock;
use crate::error::Error;
use crate::google::r#type::Date;
use crate::store::sql::json;
use crate::store::sql::statement::{Row, Value};

/// One column: its name in SQL, its path in the message, and how to read and write it.
pub struct Column<R: 'static> {
    /// The name in SQL, quoted where SQL needs it.
    pub name: &'static str,
    /// The path in the message, such as `business.legal_name`.
    pub path: &'static str,
    /// Takes the value from a message.
    pub get: fn(&R) -> Value,
    /// Puts column `i` of a row into a message.
    pub set: fn(&mut R, &Row, usize) -> Result<(), Error>,
}

/// Converts a field of type `T` to a value and back.
pub trait Codec<T> {
    /// Makes the value to bind.
    fn value(field: &T) -> Value;
    /// Reads the field from column `i`.
    fn read(row: &Row, i: usize) -> Result<T, Error>;
}

/// Lists the columns of a resource: `"sql_name" = path.in.message` with `as Codec` where it is not [`Plain`], and
/// `"sql_name" = oneof as Codec, at "field"` for one field of a oneof.
///
/// A sub-message all of whose fields are unset is the same as an absent one: it comes back absent.
macro_rules! columns {
    ($resource:ty; $($name:literal = $first:ident $(.$second:ident $(.$third:ident)?)? $(as $codec:ty $(, at $path:literal)?)?,)*) => {
        &[
            $crate::store::record::columns::column!($resource, "name", name),
            $crate::store::record::columns::column!($resource, "etag", etag),
            $crate::store::record::columns::column!($resource, "create_time", create_time),
            $crate::store::record::columns::column!($resource, "update_time", update_time),
            $crate::store::record::columns::column!($resource, "delete_time", delete_time),
            $crate::store::record::columns::column!($resource, "labels", labels),
            $crate::store::record::columns::column!($resource, "tags", tags),
            $crate::store::record::columns::column!($resource, "attributes", attributes),
            $crate::store::record::columns::column!($resource, "external_ids", external_ids as $crate::store::record::columns::Messages),
            $($crate::store::record::columns::column!(
                $resource, $name, $first $(.$second $(.$third)?)? $(as $codec $(, at $path)?)?
            ),)*
        ]
    };
}

macro_rules! column {
    ($resource:ty, $name:literal, $first:ident $(.$second:ident $(.$third:ident)?)?) => {
        $crate::store::record::columns::column!($resource, $name, $first $(.$second $(.$third)?)? as $crate::store::record::columns::Plain)
    };
    ($resource:ty, $name:literal, $first:ident as $codec:ty) => {
        $crate::store::record::columns::Column::<$resource> {
            name: $name,
            path: stringify!($first),
            get: |message| <$codec as $crate::store::record::columns::Codec<_>>::value(&message.$first),
            set: |message, row, i| {
                message.$first = <$codec as $crate::store::record::columns::Codec<_>>::read(row, i)?;
                Ok(())
            },
        }
    };
    ($resource:ty, $name:literal, $first:ident as $codec:ty, at $path:literal) => {
        $crate::store::record::columns::Column::<$resource> {
            name: $name,
            path: $path,
            get: |message| <$codec as $crate::store::record::columns::Codec<_>>::value(&message.$first),
            set: |message, row, i| {
                if let Some(value) = <$codec as $crate::store::record::columns::Codec<_>>::read(row, i)? {
                    message.$first = Some(value);
                }
                Ok(())
            },
        }
    };
    ($resource:ty, $name:literal, $first:ident.$second:ident as $codec:ty) => {
        $crate::store::record::columns::Column::<$resource> {
            name: $name,
            path: concat!(stringify!($first), ".", stringify!($second)),
            get: |message| {
                $crate::store::record::columns::value_or_unset::<$codec, _>(message.$first.as_ref().map(|inner| &inner.$second))
            },
            set: |message, row, i| {
                if let Some(value) = $crate::store::record::columns::read_set::<$codec, _>(row, i)? {
                    message.$first.get_or_insert_default().$second = value;
                }
                Ok(())
            },
        }
    };
    ($resource:ty, $name:literal, $first:ident.$second:ident.$third:ident as $codec:ty) => {
        $crate::store::record::columns::Column::<$resource> {
            name: $name,
            path: concat!(stringify!($first), ".", stringify!($second), ".", stringify!($third)),
            get: |message| {
                let inner = message.$first.as_ref().and_then(|inner| inner.$second.as_ref());
                $crate::store::record::columns::value_or_unset::<$codec, _>(inner.map(|inner| &inner.$third))
            },
            set: |message, row, i| {
                if let Some(value) = $crate::store::record::columns::read_set::<$codec, _>(row, i)? {
                    let outer = message.$first.get_or_insert_default();
                    outer.$second.get_or_insert_default().$third = value;
                }
                Ok(())
            },
        }
    };
}

pub(crate) use {column, columns};

/// Makes the value of a field in a sub-message that may be absent.
pub fn value_or_unset<C: Codec<T>, T: Default>(field: Option<&T>) -> Value {
    field.map_or_else(|| C::value(&T::default()), C::value)
}

/// Reads a field of a sub-message; `None` when it is unset.
pub fn read_set<C: Codec<T>, T: Default + PartialEq>(
    row: &Row,
    i: usize,
) -> Result<Option<T>, Error> {
    Ok(Some(C::read(row, i)?).filter(|value| *value != T::default()))
}

/// The codec of field types that have only one sensible column type.
pub struct Plain;

macro_rules! plain {
    ($type:ty, |$field:ident| $value:expr, |$row:ident, $i:ident| $read:expr) => {
        impl Codec<$type> for Plain {
            fn value($field: &$type) -> Value {
                $value
            }
            fn read($row: &Row, $i: usize) -> Result<$type, Error> {
                $read
            }
        }
    };
}

plain!(String, |field| Value::Text(field.clone()), |row, i| row
    .text(i));
plain!(bool, |field| Value::Bool(*field), |row, i| row.bool(i));
plain!(i64, |field| Value::from(*field), |row, i| row.int(i));
plain!(
    i32,
    |field| Value::from(i64::from(*field)),
    |row, i| narrow(row.int(i)?)
);
plain!(
    Option<bool>,
    |field| Value::Bool(field.unwrap_or(true)),
    |row, i| row.bool(i).map(Some)
);
plain!(
    Option<i32>,
    |field| Value::Int(field.map(i64::from)),
    |row, i| row.opt_int(i)?.map(narrow).transpose()
);
plain!(
    Option<Timestamp>,
    |field| Value::Int(field.as_ref().and_then(clock::micros)),
    |row, i| Ok(row.opt_int(i)?.map(clock::timestamp))
);
plain!(
    Option<Duration>,
    |field| Value::Int(field.as_ref().and_then(clock::span)),
    |row, i| Ok(row.opt_int(i)?.map(clock::duration))
);
plain!(
    Option<Date>,
    |field| Value::Text(
        field
            .as_ref()
            .and_then(clock::date_text)
            .unwrap_or_default()
    ),
    |row, i| Ok(clock::date_message(row.str(i)?))
);
plain!(
    Vec<String>,
    |field| Value::Text(json::texts(field)),
    |row, i| json::read_texts(row.str(i)?)
);
plain!(BTreeMap<String, String>, |field| Value::Text(json::map(field)), |row, i| json::read_map(row.str(i)?));
plain!(
    Option<Struct>,
    |field| Value::Text(json::object(field.as_ref())),
    |row, i| json::read_object(row.str(i)?)
);

fn narrow(number: i64) -> Result<i32, Error> {
    i32::try_from(number).map_err(Error::internal)
}

/// The codec of a list of messages: canonical JSON with the field names of the proto, as text.
pub struct Messages;

impl<M: prost::Message + prost::Name + Default> Codec<Vec<M>> for Messages {
    fn value(field: &Vec<M>) -> Value {
        Value::Text(json::messages(field))
    }
    fn read(row: &Row, i: usize) -> Result<Vec<M>, Error> {
        json::read_messages(row.str(i)?)
    }
}

/// The codec of a time that is sorted by and may be unset: never NULL; an unset one sorts last.
pub struct TimeOrLast;

impl Codec<Option<Timestamp>> for TimeOrLast {
    fn value(field: &Option<Timestamp>) -> Value {
        Value::from(field.as_ref().and_then(clock::micros).unwrap_or(i64::MAX))
    }
    fn read(row: &Row, i: usize) -> Result<Option<Timestamp>, Error> {
        Ok(Some(row.int(i)?)
            .filter(|time| *time != i64::MAX)
            .map(clock::timestamp))
    }
}

/// The codec of an enum, stored by name, which people and BI tools can read.
pub struct Enumeration<E>(PhantomData<E>);

/// The names of a generated enum.
pub trait EnumNames: Sized {
    /// Returns the name of a number; `None` if the proto has no such number.
    fn name_of(number: i32) -> Option<&'static str>;
    /// Returns the number of a name.
    fn number_of(name: &str) -> Option<i32>;
}

macro_rules! enum_names {
    ($($type:ty),* $(,)?) => {
        $(impl $crate::store::record::columns::EnumNames for $type {
            fn name_of(number: i32) -> Option<&'static str> {
                <$type>::try_from(number).ok().map(|value| value.as_str_name())
            }
            fn number_of(name: &str) -> Option<i32> {
                <$type>::from_str_name(name).map(|value| value as i32)
            }
        })*
    };
}
pub(crate) use enum_names;

enum_names!(
    crate::pb::email_address::Type,
    crate::pb::phone_number::Type,
    crate::pb::address::Type,
    crate::pb::contact_permission::Status,
    crate::pb::conversation::Channel,
);

impl<E: EnumNames> Codec<i32> for Enumeration<E> {
    fn value(field: &i32) -> Value {
        Value::from(E::name_of(*field).unwrap_or_default())
    }
    fn read(row: &Row, i: usize) -> Result<i32, Error> {
        number_of::<E>(row.str(i)?)
    }
}

impl<E: EnumNames> Codec<Vec<i32>> for Enumeration<E> {
    fn value(field: &Vec<i32>) -> Value {
        let names: Vec<String> = field
            .iter()
            .filter_map(|number| E::name_of(*number))
            .map(str::to_owned)
            .collect();
        Value::Text(json::texts(&names))
    }
    fn read(row: &Row, i: usize) -> Result<Vec<i32>, Error> {
        json::read_texts(row.str(i)?)?
            .iter()
            .map(|name| number_of::<E>(name))
            .collect()
    }
}

fn number_of<E: EnumNames>(name: &str) -> Result<i32, Error> {
    E::number_of(name).ok_or_else(|| {
        Error::internal("the store holds an enum value that this version does not know")
    })
}
