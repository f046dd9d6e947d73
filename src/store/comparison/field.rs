//! The fields in which groups of customers are compared, and what each is in SQL.
//!
//! A field of one value is a column or an expression over a row of `member`, and is grouped there. Fields of several
//! values, and attributes, which may have several, are rows of `many`: one for each value of a customer.

use super::super::TenantScope;
use super::super::in_force;
use super::super::json_sql::{Json, Scalar, element, object, parsed};
use super::super::sql::Sql;

/// The part of a field that says how many have it set.
pub const SET: i64 = 0;
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
    ("kind", Source::Column("kind")),
    ("audience", Source::Column("audience")),
    ("size", Source::Column("size")),
    ("business.industry", Source::Column("industry")),
    ("addresses.postal_address.region_code", Source::Regions),
    ("years_in_business", Source::YearsSince("founded_year")),
    ("lifecycle", Source::Column("lifecycle")),
    ("frequency", Source::Column("frequency")),
    ("engagement.intent", Source::Column("intent")),
    ("engagement.preferred_channels", Source::Channels),
    ("deciding_roles", Source::DecidingRoles),
];

/// Returns the fields that are always compared.
pub fn standard() -> Vec<Field> {
    STANDARD.iter().map(|(name, source)| Field { name: (*name).to_owned(), source: source.clone() }).collect()
}

/// Returns the field of a label.
pub fn label(name: String, key: String) -> Field {
    Field { name, source: Source::Label(key) }
}

/// Returns the field of an attribute.
pub fn attribute(name: String, keys: Vec<String>) -> Field {
    Field { name, source: Source::Attribute(keys) }
}

/// Returns what is taken over from a row of `customers` into one of `member`; an unset text is NULL there.
pub fn columns() -> Sql {
    Sql::new("nullif(customers.kind, 'KIND_UNSPECIFIED') as kind,\n    ")
        .push("nullif(customers.audience, 'AUDIENCE_UNSPECIFIED') as audience,\n    ")
        .push("nullif(customers.size, 'SIZE_UNSPECIFIED') as size,\n    ")
        .push("nullif(customers.lifecycle, 'LIFECYCLE_UNSPECIFIED') as lifecycle,\n    nullif(")
        .append(in_force::frequency_sql())
        .push(", 'FREQUENCY_UNSPECIFIED') as frequency,\n    ")
        .push("nullif(customers.business_industry, '') as industry,\n    ")
        .push("nullif(customers.engagement_intent, '') as intent,\n    ")
        .push("customers.business_founded_year as founded_year,\n    ")
        .append(parsed(Sql::new("customers.addresses")))
        .push(" as addresses, ")
        .append(parsed(Sql::new("customers.engagement_preferred_channels")))
        .push(" as channels,\n    ")
        .append(parsed(Sql::new("customers.labels")))
        .push(" as labels, ")
        .append(parsed(Sql::new("customers.attributes")))
        .push(" as attributes")
}

/// The parts of a statement that fields make.
pub struct Parts {
    /// The rows of `many`: field, name, in_a, in_b, part, text, number.
    pub many: Sql,
    /// What is counted.
    pub counted: Vec<Sql>,
}

impl Parts {
    /// Makes the parts of fields, which are numbered in their order.
    pub fn of(scope: &TenantScope, fields: &[Field], today: &str) -> Parts {
        let (mut many, mut counted) = (Sql::default(), counted_of_many().to_vec());
        let mut n_many = 0;
        for (i, field) in (0..).zip(fields) {
            let rows = match &field.source {
                Source::Column(column) => {
                    counted.extend(categories(i, Sql::new(column)));
                    continue;
                }
                Source::Label(key) => {
                    let label = Json::at(Sql::new("labels"), [key.as_str()]).scalar(Scalar::Text);
                    counted.extend(categories(i, label));
                    continue;
                }
                Source::YearsSince(column) => {
                    counted.extend(years_since(i, column, today));
                    continue;
                }
                Source::Regions => regions(i),
                Source::Channels => channels(i),
                Source::DecidingRoles => deciding_roles(scope, i, today),
                Source::Attribute(keys) => attribute_values(i, keys),
            };
            many = many.push(if n_many == 0 { "" } else { "\n  union all\n  " }).append(rows);
            n_many += 1;
        }
        Parts { many, counted }
    }
}

/// Returns `select` with the number of a field, a part, and what follows.
fn select(field: i64, part: i64, rest: &'static str) -> Sql {
    Sql::new("select cast(").bind(field).push(" as bigint), cast(").bind(part).push(" as bigint), ").push(rest)
}

/// Counts the rows of `many`: how many customers have each field set, and each value of it.
fn counted_of_many() -> [Sql; 2] {
    let set = Sql::new(
        "select field, cast(0 as bigint), null, min(lowest), max(highest), sum(in_a), sum(in_b) from (\n",
    )
    .push("    select field, name, in_a, in_b, min(case when part = ")
    .bind(NUMBER)
    .push(" then number end) as lowest, max(case when part = ")
    .bind(NUMBER)
    .push(" then number end) as highest\n    from many group by field, name, in_a, in_b\n  ) owner group by field");
    let values = Sql::new("select field, part, text, number, null, sum(in_a), sum(in_b) from (\n")
        .push("    select distinct field, name, in_a, in_b, part, text, number from many\n  ) value")
        .push(" group by field, part, text, number");
    [set, values]
}

/// Counts the texts of an expression over `member` that is NULL when unset.
fn categories(field: i64, expression: Sql) -> [Sql; 2] {
    let read = Sql::new(" from (select in_a, in_b, ").append(expression).push(" as value from member) valued");
    let read = read.push(" where value is not null");
    let set = select(field, SET, "null, null, null, coalesce(sum(in_a), 0), coalesce(sum(in_b), 0)\n   ");
    let values = select(field, CATEGORY, "value, null, null, sum(in_a), sum(in_b)\n   ");
    [set.append(read.clone()), values.append(read).push(" group by value")]
}

/// Counts the years since the one in a column.
fn years_since(field: i64, column: &'static str, today: &str) -> [Sql; 2] {
    // A year has four digits until 9999, where this calendar ends.
    let year = today.get(..4).and_then(|year| year.parse::<i64>().ok()).unwrap_or_default();
    let read = Sql::new(" from (select in_a, in_b, cast(").bind(year).push(" - ").push(column);
    let read = read.push(" as double precision) as value from member where ").push(column).push(" is not null) valued");
    let set = "null, min(value), max(value), coalesce(sum(in_a), 0), coalesce(sum(in_b), 0)\n   ";
    let values = select(field, NUMBER, "null, value, null, sum(in_a), sum(in_b)\n   ");
    [select(field, SET, set).append(read.clone()), values.append(read).push(" group by value")]
}

/// Begins the rows of a field of texts in `many`; the expression of the text follows.
fn texts(field: i64) -> Sql {
    Sql::new("select cast(")
        .bind(field)
        .push(" as bigint) as field, member.name, in_a, in_b, cast(")
        .bind(CATEGORY)
        .push(" as bigint) as part, ")
}

const FROM_MEMBER: &str = " as text, cast(null as double precision) as number\n    from member, ";

fn regions(field: i64) -> Sql {
    let code = Json::at(object("one"), ["postal_address", "region_code"]).scalar(Scalar::Text);
    let addresses = Json::at(Sql::new("member.addresses"), [""; 0]).elements("one");
    texts(field).append(code.clone()).push(FROM_MEMBER).append(addresses).push(" where ").append(code).push(" <> ''")
}

fn channels(field: i64) -> Sql {
    let channel = element("one", Scalar::Text);
    let channels = Json::at(Sql::new("member.channels"), [""; 0]).elements("one");
    let rows = texts(field).append(channel.clone()).push(FROM_MEMBER).append(channels);
    rows.push(" where ").append(channel).push(" is not null")
}

fn deciding_roles(scope: &TenantScope, field: i64, today: &str) -> Sql {
    let rows = texts(field)
        .push("buying_roles.role")
        .push(FROM_MEMBER)
        .push("affiliations cross join buying_roles\n    where affiliations.tenant_id = ")
        .bind(scope.tenant())
        .push(" and affiliations.customer = member.name and ");
    let rows = in_force::running(rows, today)
        .push("\n      and buying_roles.tenant_id = ")
        .bind(scope.tenant())
        .push(" and buying_roles.affiliation = affiliations.name and ");
    in_force::deciding(rows, today)
}

/// The values of an attribute. A single number keeps to numbers; the elements of a list are categories.
fn attribute_values(field: i64, keys: &[String]) -> Sql {
    let attribute = Json::at(Sql::new("member.attributes"), keys);
    let flag = Sql::new("case ")
        .append(element("one", Scalar::Bool))
        .push(" when true then 'true' when false then 'false' end");
    let text =
        Sql::new("substr(coalesce(").append(element("one", Scalar::Text)).push(", ").append(flag).push("), 1, 256)");
    let number = Sql::new("cast(").append(element("one", Scalar::Number)).push(" as double precision)");
    Sql::new("select cast(")
        .bind(field)
        .push(" as bigint) as field, name, in_a, in_b, cast(case when number is null or listed = 1 then ")
        .bind(CATEGORY)
        .push(" else ")
        .bind(NUMBER)
        .push(" end as bigint) as part, text, number from (\n    select member.name, in_a, in_b, case when ")
        .append(attribute.is_list())
        .push(" then 1 else 0 end as listed,\n      ")
        .append(text)
        .push(" as text, ")
        .append(number)
        .push(" as number\n    from member, ")
        .append(attribute.values("one"))
        .push("\n  ) read where text is not null or number is not null")
}
