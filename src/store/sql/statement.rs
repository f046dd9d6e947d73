//! Statements: texts with named places, and the arguments for these places.
//!
//! [`scoped!`] makes a statement about one tenant, and does not compile without `:tenant`; [`global!`] makes one of
//! the few that belong to no tenant; [`part!`] makes a part that a statement includes by name. Text is static; values
//! are only ever bound. What a statement means is up to the other modules.

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
    /// Makes a statement from a text and the arguments for its places; see [`scoped!`] and [`global!`].
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

    /// Makes the statement a part of another one about the same tenant.
    pub fn within(self, outer: impl FnOnce(Part) -> Part) -> Sql {
        Sql {
            part: outer(self.part),
        }
    }

    /// Joins selects with the same columns into one statement with the rows of all.
    pub fn union_all(selects: impl IntoIterator<Item = Sql>) -> Sql {
        Sql {
            part: Part::join("\nunion all\n", selects.into_iter().map(Part::from)),
        }
    }

    /// Joins selects with the same columns into one statement with each row once.
    pub(crate) fn union(selects: impl IntoIterator<Item = Sql>) -> Sql {
        Sql {
            part: Part::join("\nunion\n", selects.into_iter().map(Part::from)),
        }
    }

    /// Returns an upper bound on how many values are bound.
    pub(crate) fn n_values(&self) -> usize {
        n_values(&self.part.pieces)
    }

    /// Appends the text for one engine to `text` and the values to `values`.
    pub(crate) fn render(self, dialect: Dialect, text: &mut String, values: &mut Vec<Value>) {
        render(self.part, dialect, text, values);
    }
}

/// Parses the template once and makes its list of arguments; [`scoped!`] and the like are built on this.
#[macro_export]
macro_rules! template {
    (@value $name:ident) => { $name };
    (@value $name:ident = $value:expr) => { $value };
    ($text:expr, [$($name:ident $(= $value:expr)?),*]) => {{
        const NAMES: &[&str] = &[$(stringify!($name)),*];
        // Items, unlike blocks, are checked in generic functions even if nobody calls those.
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
/// `:name` is bound to a value; `:{name}` is replaced by a [`Part`] or another statement; an argument without `=`
/// uses the variable of that name. For an insert of `:{rows}`, each row names the tenant.
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

/// Makes a statement about data that belongs to no tenant, as [`scoped!`] does for data that belongs to one.
#[macro_export]
macro_rules! global {
    ($text:expr $(, $name:ident $(= $value:expr)?)* $(,)?) => {{
        let (template, arguments) =
            $crate::template!($text, [$($name $(= $value)?),*]);
        $crate::store::sql::statement::Sql::of_template(template, "", arguments)
    }};
}

/// Makes a part of a statement, as [`scoped!`] makes a whole one. A part that names the tenant is made with
/// `scoped!`.
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
