//! The fields in which groups of customers are compared, and what each is in SQL.
//!
//! A field is counted by a select of its own, over `member`, which has a row for each customer. Of a list every value
//! of a customer counts once: a repetition is told by looking at what stands before it, so that nothing is sorted by
//! customer; and only the first 64 elements of a list count. Beside the counts stands how many customers have their
//! first value there; their sum is how many have the field set.

use crate::store::record::in_force;
use crate::store::scope::TenantScope;
use crate::store::sql::json_functions::{
    Json, Scalar, element, exists, is_early, is_first, object, parsed,
};
use crate::store::sql::statement::Sql;

/// The part of a field with its categories.
pub const CATEGORY: i64 = 1;
/// The part of a field with its numbers.
pub const NUMBER: i64 = 2;

/// A field in which groups are compared.
#[derive(Clone, Debug)]
pub struct Field {
    /// What it is called.
    pub name: String,
    source: Source,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    /// A column of `cube`, which has few different values.
    Class(&'static str),
    /// A column of `member`.
    Column(&'static str),
    /// The years since the one in a column of `member`.
    YearsSince(&'static str),
    Label(String),
    Regions,
    Channels,
    DecidingRoles,
    Attribute(Vec<String>),
}

impl Field {
    /// Says whether another one holds the same, whatever it is called.
    pub fn is_same(&self, other: &Field) -> bool {
        self.source == other.source
    }
}

/// The fields that are always compared.
const STANDARD: [(&str, Source); 11] = [
    ("kind", Source::Class("kind")),
    ("audience", Source::Class("audience")),
    ("size", Source::Class("size")),
    ("business.industry", Source::Column("industry")),
    ("addresses.postal_address.region_code", Source::Regions),
    ("years_in_business", Source::YearsSince("founded_year")),
    ("lifecycle", Source::Class("lifecycle")),
    ("frequency", Source::Class("frequency")),
    ("engagement.intent", Source::Column("intent")),
    ("engagement.preferred_channels", Source::Channels),
    ("deciding_roles", Source::DecidingRoles),
];

/// Returns the fields that are always compared.
pub fn standard() -> Vec<Field> {
    STANDARD
        .iter()
        .map(|(name, source)| Field {
            name: (*name).to_owned(),
            source: source.clone(),
        })
        .collect()
}

/// Returns the field of a label.
pub fn label(name: String, key: String) -> Field {
    Field {
        name,
        source: Source::Label(key),
    }
}

/// Returns the field of an attribute.
pub fn attribute(name: String, keys: Vec<String>) -> Field {
    Field {
        name,
        source: Source::Attribute(keys),
    }
}

/// Returns what is taken over from a row of `customers` into one of `member`; an unset text is NULL there.
pub fn columns(fields: &[Field]) -> Sql {
    let columns =
        Sql::new("customers.name,\n    nullif(customers.kind, 'KIND_UNSPECIFIED') as kind,\n    ")
            .push("nullif(customers.audience, 'AUDIENCE_UNSPECIFIED') as audience,\n    ")
            .push("nullif(customers.size, 'SIZE_UNSPECIFIED') as size,\n    ")
            .push("nullif(customers.lifecycle, 'LIFECYCLE_UNSPECIFIED') as lifecycle,\n    nullif(")
            .append(in_force::frequency_sql())
            .push(", 'FREQUENCY_UNSPECIFIED') as frequency,\n    ")
            .push("nullif(customers.business_industry, '') as industry,\n    ")
            .push("nullif(customers.engagement_intent, '') as intent,\n    ")
            .push("customers.business_founded_year as founded_year,\n    ")
            .push("customers.addresses, customers.engagement_preferred_channels as channels");
    let is_asked = |source: fn(&Source) -> bool| fields.iter().any(|field| source(&field.source));
    let labels = is_asked(|source| matches!(source, Source::Label(_)))
        .then_some(("customers.labels", " as labels"));
    let attributes = is_asked(|source| matches!(source, Source::Attribute(_)));
    let attributes = attributes.then_some(("customers.attributes", " as attributes"));
    let parsed =
        |columns: Sql, (from, to)| columns.push(", ").append(parsed(Sql::new(from))).push(to);
    labels.into_iter().chain(attributes).fold(columns, parsed)
}

/// Returns the customers of `member` counted by all classes at once, as a table of a `with`: one sort for five fields.
pub fn cube() -> Sql {
    Sql::new("cube as materialized (\n  select kind, audience, size, lifecycle, frequency, ")
        .push("sum(in_a) as in_a, sum(in_b) as in_b, sum(in_a * in_b) as in_both\n  from member\n")
        .push("  group by kind, audience, size, lifecycle, frequency\n)")
}

/// Returns the selects that count fields, which are numbered in their order.
pub fn counted(scope: &TenantScope, fields: &[Field], today: &str) -> Vec<Sql> {
    let counted = |(i, field): (i64, &Field)| match &field.source {
        Source::Class(column) => of_classes(i, column),
        Source::Column(column) => of_texts(i, Sql::new(column)),
        Source::Label(key) => of_texts(
            i,
            Json::at(Sql::new("labels"), [key.as_str()]).scalar(Scalar::Text),
        ),
        Source::YearsSince(column) => of_years(i, column, today),
        Source::Regions => regions(i),
        Source::Channels => channels(i),
        Source::DecidingRoles => deciding_roles(scope, i, today),
        Source::Attribute(keys) => attribute_values(i, keys),
    };
    (0..).zip(fields).map(counted).collect()
}

/// Returns `select` with the number of a field, a part, and what follows.
fn select(field: i64, part: i64, rest: &'static str) -> Sql {
    Sql::new("select cast(")
        .bind(field)
        .push(" as bigint), cast(")
        .bind(part)
        .push(" as bigint), ")
        .push(rest)
}

fn of_classes(field: i64, column: &'static str) -> Sql {
    const COUNTS: &str = ", null, cast(sum(in_a) as bigint), cast(sum(in_b) as bigint), \
                          cast(sum(in_a) as bigint), cast(sum(in_b) as bigint)\n  from cube where ";
    let sql = select(field, CATEGORY, "")
        .push(column)
        .push(COUNTS)
        .push(column);
    sql.push(" is not null group by ").push(column)
}

/// Counts the texts of an expression over `member` that is NULL when unset.
fn of_texts(field: i64, expression: Sql) -> Sql {
    select(
        field,
        CATEGORY,
        "value, null, sum(in_a), sum(in_b), sum(in_a), sum(in_b)\n  from\n    (select in_a, in_b, ",
    )
    .append(expression)
    .push(" as value from member) valued\n  where value is not null group by value")
}

/// Counts the years since the one in a column.
fn of_years(field: i64, column: &'static str, today: &str) -> Sql {
    // A year has four digits until 9999, where this calendar ends.
    let year = today
        .get(..4)
        .and_then(|year| year.parse::<i64>().ok())
        .unwrap_or_default();
    select(
        field,
        NUMBER,
        "null, value, sum(in_a), sum(in_b), sum(in_a), sum(in_b)\n  from\n    (select in_a, in_b, cast(",
    )
    .bind(year)
    .push(" - ")
    .push(column)
    .push(" as double precision) as value from member where ")
    .push(column)
    .push(" is not null) valued\n  group by value")
}

/// The values of a list of each customer.
struct Listed {
    /// The elements as a row source of an alias.
    elements: fn(&Json, &'static str) -> Sql,
    /// The list.
    list: Json,
    /// An element as a text; NULL or empty when it is none.
    text: fn(&'static str) -> Sql,
    /// An element as a number; NULL when it is none.
    number: Option<fn(&'static str) -> Sql>,
    /// Which part a value belongs to.
    part: Sql,
    /// The condition that a customer has values at all.
    any: Sql,
}

impl Listed {
    /// Counts the values of a field, each once a customer.
    fn counted(&self, field: i64) -> Sql {
        let first = Sql::new("case when ")
            .append(is_first("one"))
            .push(" or not ")
            .append(self.before(&self.is_value("earlier")));
        let number = self.number.map_or_else(
            || Sql::new("cast(null as double precision)"),
            |number| number("one"),
        );
        let distinct = Sql::new("(")
            .append(is_first("one"))
            .push(" or not ")
            .append(self.before(&self.same()))
            .push(")");
        Sql::new("select cast(")
            .bind(field)
            .push(
                " as bigint), part, text, number, sum(in_a), sum(in_b), sum(in_a * first), sum(in_b * first)\n  from\n",
            )
            .push("    (select in_a, in_b, cast(")
            .append(self.part.clone())
            .push(" as bigint) as part,\n      ")
            .append((self.text)("one"))
            .push(" as text, ")
            .append(number)
            .push(" as number,\n      ")
            .append(first)
            .push(" then 1 else 0 end as first\n    from member, ")
            .append((self.elements)(&self.list, "one"))
            .push("\n    where ")
            .append(self.any.clone())
            // Each is held against all before it, and the list of an attribute can have thousands.
            .push(" and ")
            .append(is_early("one"))
            .push(" and ")
            .append(self.is_value("one"))
            .push(" and ")
            .append(distinct)
            .push(") listed\n  group by part, text, number")
    }

    /// Returns the condition that an element is a value.
    fn is_value(&self, alias: &'static str) -> Sql {
        let text = Sql::new("(").append((self.text)(alias));
        match self.number {
            None => text.push(" <> '')"),
            Some(number) => text
                .push(" is not null or ")
                .append(number(alias))
                .push(" is not null)"),
        }
    }

    /// Returns the condition that an earlier element has the value of this one.
    fn same(&self) -> Sql {
        let same = |of: fn(&'static str) -> Sql| of("earlier").push(" = ").append(of("one"));
        let text = Sql::new("(").append(same(self.text));
        self.number
            .map_or_else(
                || text.clone(),
                |number| text.clone().push(" or ").append(same(number)),
            )
            .push(")")
    }

    /// Returns the condition that an element before this one meets a condition.
    fn before(&self, condition: &Sql) -> Sql {
        let earlier = Sql::new("earlier.key < one.key and ").append(condition.clone());
        exists((self.elements)(&self.list, "earlier"), earlier)
    }
}

fn regions(field: i64) -> Sql {
    let text =
        |alias| Json::at(object(alias), ["postal_address", "region_code"]).scalar(Scalar::Text);
    let list = Json::at(Sql::new("member.addresses"), [""; 0]);
    let (part, any) = (
        Sql::default().bind(CATEGORY),
        Sql::new("member.addresses <> '[]'"),
    );
    Listed {
        elements: Json::elements,
        list,
        text,
        number: None,
        part,
        any,
    }
    .counted(field)
}

fn channels(field: i64) -> Sql {
    let text = |alias| element(alias, Scalar::Text);
    let list = Json::at(Sql::new("member.channels"), [""; 0]);
    let (part, any) = (
        Sql::default().bind(CATEGORY),
        Sql::new("member.channels <> '[]'"),
    );
    Listed {
        elements: Json::elements,
        list,
        text,
        number: None,
        part,
        any,
    }
    .counted(field)
}

/// The values of an attribute. A single number keeps to numbers; the elements of a list are categories.
fn attribute_values(field: i64, keys: &[String]) -> Sql {
    let text = |alias| {
        let flag = Sql::new("case ")
            .append(element(alias, Scalar::Bool))
            .push(" when true then 'true' when false then 'false' end");
        Sql::new("substr(coalesce(")
            .append(element(alias, Scalar::Text))
            .push(", ")
            .append(flag)
            .push("), 1, 256)")
    };
    let number = |alias| {
        Sql::new("cast(")
            .append(element(alias, Scalar::Number))
            .push(" as double precision)")
    };
    let list = Json::at(Sql::new("member.attributes"), keys);
    let part = Sql::new("case when ")
        .append(element("one", Scalar::Number))
        .push(" is null or ")
        .append(list.is_list())
        .push(" then ")
        .bind(CATEGORY)
        .push(" else ")
        .bind(NUMBER)
        .push(" end");
    let any = Sql::new("member.attributes is not null");
    Listed {
        elements: Json::values,
        list,
        text,
        number: Some(number),
        part,
        any,
    }
    .counted(field)
}

/// The roles of everybody at a customer, each once.
fn deciding_roles(scope: &TenantScope, field: i64, today: &str) -> Sql {
    let roles = Sql::new("select distinct member.name, in_a, in_b, buying_roles.role\n")
        .push(
            "      from member cross join affiliations cross join buying_roles\n      where affiliations.tenant_id = ",
        )
        .bind(scope.tenant())
        .push(" and affiliations.customer = member.name and ");
    let roles = in_force::running(roles, today)
        .push("\n        and buying_roles.tenant_id = ")
        .bind(scope.tenant())
        .push(" and buying_roles.affiliation = affiliations.name and ");
    select(field, CATEGORY, "role, null, sum(in_a), sum(in_b), sum(in_a * first), sum(in_b * first)\n  from\n")
        .push("    (select in_a, in_b, role, case when row_number() over (partition by name order by role) = 1")
        .push(" then 1 else 0 end as first\n    from\n      (")
        .append(in_force::deciding(roles, today))
        .push(") held) numbered\n  group by role")
}
