//! The fields in which groups of customers are compared, and what each is in SQL.
//!
//! A field is counted by a select of its own, over `member`, which has a row for each customer. In a list every value
//! of a customer counts once: a repetition is recognized by looking at the elements before it, so nothing is sorted
//! by customer; and only the first 64 elements of a list count. Beside the counts is how many customers have their
//! first value there; these add up to the number that have the field set.

use crate::store::record::in_force;
use crate::store::scope::TenantScope;
use crate::store::sql::json_functions::{
    Json, Scalar, element, exists, is_early, is_first, object, parsed,
};
use crate::store::sql::statement::{Part, part, scoped};

/// The part of a field that holds its categories.
pub const CATEGORY: i64 = 1;
/// The part of a field that holds its numbers.
pub const NUMBER: i64 = 2;

/// A field in which groups are compared.
#[derive(Clone, Debug)]
pub struct ComparedField {
    /// What it is called.
    pub name: String,
    source: FieldSource,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum FieldSource {
    /// A column of `cube`, which has few distinct values.
    Class(&'static str),
    /// A column of `member`.
    Column(&'static str),
    /// A column of `member` that holds a number.
    Number(&'static str),
    /// The years since the year in a column of `member`.
    YearsSince(&'static str),
    Label(String),
    Regions,
    Channels,
    ChannelsUsed,
    DecidingRoles,
    Attribute(Vec<String>),
}

impl ComparedField {
    /// Says whether another field holds the same data, whatever it is called.
    pub fn is_same(&self, other: &ComparedField) -> bool {
        self.source == other.source
    }
}

/// The fields that are always compared.
const STANDARD: [(&str, FieldSource); 13] = [
    ("kind", FieldSource::Class("kind")),
    ("audience", FieldSource::Class("audience")),
    ("size", FieldSource::Class("size")),
    ("business.industry", FieldSource::Column("industry")),
    ("addresses.postal_address.region_code", FieldSource::Regions),
    ("years_in_business", FieldSource::YearsSince("founded_year")),
    ("lifecycle", FieldSource::Class("lifecycle")),
    ("frequency", FieldSource::Class("frequency")),
    (
        "conversation_count",
        FieldSource::Number("conversation_count"),
    ),
    ("engagement.intent", FieldSource::Column("intent")),
    ("engagement.preferred_channels", FieldSource::Channels),
    ("used_channels", FieldSource::ChannelsUsed),
    ("deciding_roles", FieldSource::DecidingRoles),
];

/// Returns the fields that are always compared.
pub fn standard() -> Vec<ComparedField> {
    STANDARD
        .iter()
        .map(|(name, source)| ComparedField {
            name: (*name).to_owned(),
            source: source.clone(),
        })
        .collect()
}

/// Returns the field of a label.
pub fn label(name: String, key: String) -> ComparedField {
    ComparedField {
        name,
        source: FieldSource::Label(key),
    }
}

/// Returns the field of an attribute.
pub fn attribute(name: String, keys: Vec<String>) -> ComparedField {
    ComparedField {
        name,
        source: FieldSource::Attribute(keys),
    }
}

/// Returns what is copied from a row of `customers` into one of `member`; an unset text is NULL there.
pub fn columns(fields: &[ComparedField]) -> Part {
    let is_asked =
        |source: fn(&FieldSource) -> bool| fields.iter().any(|field| source(&field.source));
    let labels = is_asked(|source| matches!(source, FieldSource::Label(_)));
    let attributes = is_asked(|source| matches!(source, FieldSource::Attribute(_)));
    part!(
        "customers.name,
           nullif(customers.kind, 'KIND_UNSPECIFIED') as kind,
           nullif(customers.audience, 'AUDIENCE_UNSPECIFIED') as audience,
           nullif(customers.size, 'SIZE_UNSPECIFIED') as size,
           nullif(customers.lifecycle, 'LIFECYCLE_UNSPECIFIED') as lifecycle,
           nullif(:{frequency}, 'FREQUENCY_UNSPECIFIED') as frequency,
           nullif(customers.business_industry, '') as industry,
           nullif(customers.engagement_intent, '') as intent,
           customers.business_founded_year as founded_year,
           nullif(customers.conversation_count, 0) as conversation_count,
           customers.addresses, customers.engagement_preferred_channels as channels
           :{labels} :{attributes}",
        frequency = in_force::frequency_sql(),
        labels = if labels {
            part!(", :{parsed} as labels", parsed = parsed("customers.labels"))
        } else {
            Part::default()
        },
        attributes = if attributes {
            part!(
                ", :{parsed} as attributes",
                parsed = parsed("customers.attributes")
            )
        } else {
            Part::default()
        },
    )
}

/// Returns the customers of `member` counted by all classes at once, as a table for a `with`: one sort for five
/// fields.
pub fn cube() -> Part {
    part!(
        "cube as materialized (
           select kind, audience, size, lifecycle, frequency,
             sum(in_a) as in_a, sum(in_b) as in_b, sum(in_a * in_b) as in_both
           from member
           group by kind, audience, size, lifecycle, frequency
         )"
    )
}

/// Returns the selects that count fields, numbered in order. Their columns are those of `counted`.
pub fn counted(scope: &TenantScope, fields: &[ComparedField], today: &str) -> Vec<Part> {
    let counted = |(i, field): (i64, &ComparedField)| match &field.source {
        FieldSource::Class(column) => of_classes(i, column),
        FieldSource::Column(column) => of_texts(i, Part::text(column)),
        FieldSource::Label(key) => {
            of_texts(i, Json::at("labels", [key.as_str()]).scalar(Scalar::Text))
        }
        FieldSource::YearsSince(column) => of_years(i, column, today),
        FieldSource::Regions => regions().counted(i),
        FieldSource::Channels => channels().counted(i),
        FieldSource::ChannelsUsed => used_channels(scope, i),
        FieldSource::Number(column) => of_numbers(i, Part::text(column)),
        FieldSource::DecidingRoles => deciding_roles(scope, i, today),
        FieldSource::Attribute(keys) => attribute_values(keys).counted(i),
    };
    (0..).zip(fields).map(counted).collect()
}

fn of_classes(field: i64, column: &'static str) -> Part {
    part!(
        "select cast(:field as bigint), cast(:category as bigint), :{column}, null,
           cast(sum(in_a) as bigint), cast(sum(in_b) as bigint),
           cast(sum(in_a) as bigint), cast(sum(in_b) as bigint)
         from cube where :{column} is not null group by :{column}",
        field,
        category = CATEGORY,
        column,
    )
}

/// Counts the texts of an expression over `member` that is NULL when unset.
fn of_texts(field: i64, expression: Part) -> Part {
    part!(
        "select cast(:field as bigint), cast(:category as bigint), value, null,
           sum(in_a), sum(in_b), sum(in_a), sum(in_b)
         from (select in_a, in_b, :{expression} as value from member) valued
         where value is not null group by value",
        field,
        category = CATEGORY,
        expression,
    )
}

/// Counts the years since the year in a column.
fn of_years(field: i64, column: &'static str, today: &str) -> Part {
    // A year has four digits until 9999, where this calendar ends.
    let year = today
        .get(..4)
        .and_then(|year| year.parse::<i64>().ok())
        .unwrap_or_default();
    of_numbers(field, part!(":year - :{column}", year, column))
}

/// Counts the numbers of an expression over `member` that is NULL when unset.
fn of_numbers(field: i64, expression: Part) -> Part {
    part!(
        "select cast(:field as bigint), cast(:number as bigint), null, value,
           sum(in_a), sum(in_b), sum(in_a), sum(in_b)
         from (select in_a, in_b, cast(:{expression} as double precision) as value
               from member) valued
         where value is not null group by value",
        field,
        number = NUMBER,
        expression,
    )
}

/// The values of a list that each customer has.
struct Listed {
    /// The elements as a row source with an alias.
    elements: fn(&Json, &'static str) -> Part,
    list: Json,
    /// An element as a text; NULL or empty if it is not one.
    text: fn(&'static str) -> Part,
    /// An element as a number; NULL if it is not one.
    number: Option<fn(&'static str) -> Part>,
    /// Which part a value belongs to.
    part: Part,
    /// The condition that a customer has any value.
    any: Part,
}

impl Listed {
    /// Counts the values of a field, each once per customer.
    ///
    /// Each value is compared with all before it, and the list of an attribute can have thousands: so only early ones
    /// are looked at.
    fn counted(&self, field: i64) -> Part {
        let number = self.number.map_or_else(
            || Part::text("cast(null as double precision)"),
            |number| number("one"),
        );
        part!(
            "select cast(:field as bigint), part, text, number,
               sum(in_a), sum(in_b), sum(in_a * first), sum(in_b * first)
             from
               (select in_a, in_b, cast(:{part} as bigint) as part,
                  :{text} as text, :{number} as number,
                  case when :{is_first} or not :{has_earlier_value} then 1 else 0 end as first
                from member, :{elements}
                where :{any} and :{is_early} and :{is_value}
                  and (:{is_first} or not :{has_earlier_same})) listed
             group by part, text, number",
            field,
            part = &self.part,
            text = (self.text)("one"),
            number,
            is_first = is_first("one"),
            has_earlier_value = self.before(self.is_value("earlier")),
            elements = (self.elements)(&self.list, "one"),
            any = &self.any,
            is_early = is_early("one"),
            is_value = self.is_value("one"),
            has_earlier_same = self.before(self.same()),
        )
    }

    /// Returns the condition that an element is a value.
    fn is_value(&self, alias: &'static str) -> Part {
        let text = (self.text)(alias);
        match self.number {
            None => part!("(:{text} <> '')", text),
            Some(number) => part!(
                "(:{text} is not null or :{number} is not null)",
                text,
                number = number(alias),
            ),
        }
    }

    /// Returns the condition that an earlier element has the value of this one.
    fn same(&self) -> Part {
        let same = |of: fn(&'static str) -> Part| {
            part!(
                ":{earlier} = :{one}",
                earlier = of("earlier"),
                one = of("one")
            )
        };
        let either = [Some(self.text), self.number].into_iter().flatten();
        part!("(:{same})", same = Part::join(" or ", either.map(same)))
    }

    /// Returns the condition that an element before this one meets a condition.
    fn before(&self, condition: Part) -> Part {
        let earlier = part!("earlier.key < one.key and :{condition}", condition);
        exists((self.elements)(&self.list, "earlier"), earlier)
    }
}

fn regions() -> Listed {
    Listed {
        elements: Json::elements,
        list: Json::at("member.addresses", [""; 0]),
        text: |alias| {
            Json::at(object(alias), ["postal_address", "region_code"]).scalar(Scalar::Text)
        },
        number: None,
        part: Part::value(CATEGORY),
        any: Part::text("member.addresses <> '[]'"),
    }
}

fn channels() -> Listed {
    Listed {
        elements: Json::elements,
        list: Json::at("member.channels", [""; 0]),
        text: |alias| element(alias, Scalar::Text),
        number: None,
        part: Part::value(CATEGORY),
        any: Part::text("member.channels <> '[]'"),
    }
}

/// The values of an attribute. A single number counts as a number; the elements of a list are categories.
fn attribute_values(keys: &[String]) -> Listed {
    let list = Json::at("member.attributes", keys);
    let part = part!(
        "case when :{value} is null or :{is_list} then :category else :number end",
        value = element("one", Scalar::Number),
        is_list = list.is_list(),
        category = CATEGORY,
        number = NUMBER,
    );
    Listed {
        elements: Json::values,
        list,
        text: |alias| {
            part!(
                "substr(coalesce(:{text},
                   case :{flag} when true then 'true' when false then 'false' end), 1, 256)",
                text = element(alias, Scalar::Text),
                flag = element(alias, Scalar::Bool),
            )
        },
        number: Some(|alias| {
            part!(
                "cast(:{number} as double precision)",
                number = element(alias, Scalar::Number)
            )
        }),
        part,
        any: Part::text("member.attributes is not null"),
    }
}

/// The channels of the conversations with a customer, each once.
fn used_channels(scope: &TenantScope, field: i64) -> Part {
    scoped!(
        scope,
        "select cast(:field as bigint), cast(:category as bigint), channel, null,
           sum(in_a), sum(in_b), sum(in_a * first), sum(in_b * first)
         from
           (select in_a, in_b, used.channel,
              case when row_number() over (partition by used.customer order by used.channel) = 1
                then 1 else 0 end as first
            from member cross join customer_channels used
            where used.tenant_id = :tenant and used.customer = member.name
              and used.conversation_count > 0
              and used.channel <> 'CHANNEL_UNSPECIFIED') known
         group by channel",
        field,
        category = CATEGORY,
    )
    .into()
}

/// The roles of everyone at a customer, each once.
fn deciding_roles(scope: &TenantScope, field: i64, today: &str) -> Part {
    scoped!(
        scope,
        "select cast(:field as bigint), cast(:category as bigint), role, null,
           sum(in_a), sum(in_b), sum(in_a * first), sum(in_b * first)
         from
           (select in_a, in_b, role,
              case when row_number() over (partition by name order by role) = 1
                then 1 else 0 end as first
            from
              (select distinct member.name, in_a, in_b, buying_roles.role
               from member cross join affiliations cross join buying_roles
               where affiliations.tenant_id = :tenant and affiliations.customer = member.name
                 and :{running}
                 and buying_roles.tenant_id = :tenant
                 and buying_roles.affiliation = affiliations.name and :{deciding}) held) numbered
         group by role",
        field,
        category = CATEGORY,
        running = in_force::running(today),
        deciding = in_force::deciding(today),
    )
    .into()
}
