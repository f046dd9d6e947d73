//! Statements: texts with named places, and what their places stand for.
//!
//! [`scoped!`] makes a statement of a tenant, and does not compile without `:tenant`; [`global!`] makes one of the few
//! that belong to none; [`part!`] makes a part that a statement takes by name. Text is static, values are only ever
//! bound. What a statement means is the business of the other rooms.

use crate::store::sql::part::{Argument, Piece};
use crate::store::sql::render::{n_values, render};
use crate::store::sql::template::Template;

pub use crate::store::sql::part::Part;
pub use crate::store::sql::render::Dialect;
pub use crate::store::sql::row::Row;
pub use crate::store::sql::value::Value;
pub use crate::{global, part, scoped};

/// One statement.
#[derive(Clone, Debug)]
pub struct Sql {
    pub(crate) part: Part,
}

impl Sql {
    /// Makes a statement of a text and the values of its places; see [`scoped!`] and [`global!`].
    pub fn of_template(template: &'static Template, tenant: &str, arguments: Vec<Argument>) -> Sql {
        let piece = Piece::Template {
            template,
            tenant: tenant.to_owned(),
            arguments,
        };
        Sql {
            part: Part {
                pieces: vec![piece],
            },
        }
    }

    /// Makes the statement a part of another one, about the same tenant.
    pub fn within(self, outer: impl FnOnce(Part) -> Part) -> Sql {
        Sql {
            part: outer(self.part),
        }
    }

    /// Joins selects of the same columns into one statement with the rows of all.
    pub fn union_all(selects: impl IntoIterator<Item = Sql>) -> Sql {
        Sql {
            part: Part::join("\nunion all\n", selects.into_iter().map(Part::from)),
        }
    }

    /// Joins selects of the same columns into one statement with each row once.
    pub(crate) fn union(selects: impl IntoIterator<Item = Sql>) -> Sql {
        Sql {
            part: Part::join("\nunion\n", selects.into_iter().map(Part::from)),
        }
    }

    /// Returns how many values are bound, at the most.
    pub(crate) fn n_values(&self) -> usize {
        n_values(&self.part.pieces)
    }

    /// Appends the text for one engine to `text` and the values to `values`.
    pub(crate) fn render(self, dialect: Dialect, text: &mut String, values: &mut Vec<Value>) {
        render(self.part, dialect, text, values);
    }
}

/// Makes a list of arguments for a template that is taken apart once; the steps of [`scoped!`] and its like.
#[macro_export]
macro_rules! template {
    (@value $name:ident) => { $name };
    (@value $name:ident = $value:expr) => { $value };
    ($text:expr, [$($name:ident $(= $value:expr)?),*]) => {{
        const NAMES: &[&str] = &[$(stringify!($name)),*];
        // Items, unlike blocks, are checked in generic functions, too, before anybody calls these.
        const _: () = assert!(
            $crate::store::sql::template::every_place_is_named($text, NAMES),
            "a place of the text has no argument"
        );
        $(const _: () = assert!(
            $crate::store::sql::template::has_place($text, stringify!($name)),
            concat!("the text has no place for ", stringify!($name))
        );)*
        static TEMPLATE: std::sync::LazyLock<$crate::store::sql::template::Template> =
            std::sync::LazyLock::new(|| $crate::store::sql::template::Template::parse($text, NAMES));
        let arguments = vec![$(
            $crate::store::sql::part::IntoArgument::<{
                $crate::store::sql::template::takes_fragment($text, stringify!($name))
            }>::into_argument($crate::template!(@value $name $(= $value)?))
        ),*];
        (&*TEMPLATE, arguments)
    }};
}

/// Makes a statement about the rows of one tenant: `scoped!(scope, "select .. where tenant_id = :tenant and name =
/// :name", name = &name)`. A text without `:tenant` does not compile.
///
/// `:name` is bound to a value, `:{name}` is where a [`Part`] or another statement stands; an argument without `=` has
/// the name of its variable. An insert of `:{rows}` names the tenant in each of them.
#[macro_export]
macro_rules! scoped {
    ($scope:expr, $text:expr $(, $name:ident $(= $value:expr)?)* $(,)?) => {{
        const _: () = assert!(
            $crate::store::sql::template::has_place($text, "tenant")
                || $crate::store::sql::template::takes_fragment($text, "rows"),
            "a statement about a tenant's rows names :tenant"
        );
        let (template, arguments) =
            $crate::template!($text, [$($name $(= $value)?),*]);
        $crate::store::sql::statement::Sql::of_template(template, $scope.tenant(), arguments)
    }};
}

/// Makes a statement about what belongs to no tenant, as [`scoped!`] does for the others.
#[macro_export]
macro_rules! global {
    ($text:expr $(, $name:ident $(= $value:expr)?)* $(,)?) => {{
        let (template, arguments) =
            $crate::template!($text, [$($name $(= $value)?),*]);
        $crate::store::sql::statement::Sql::of_template(template, "", arguments)
    }};
}

/// Makes a part of a statement, as [`scoped!`] makes a whole one. A part that names the tenant is made by that.
#[macro_export]
macro_rules! part {
    ($text:expr $(, $name:ident $(= $value:expr)?)* $(,)?) => {{
        const _: () = assert!(
            !$crate::store::sql::template::has_place($text, "tenant"),
            "a part that names :tenant is made by scoped!"
        );
        let (template, arguments) =
            $crate::template!($text, [$($name $(= $value)?),*]);
        $crate::store::sql::part::Part::of_template(template, arguments)
    }};
}
