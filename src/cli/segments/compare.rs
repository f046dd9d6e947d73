//! `clientele segments compare`: how two segments differ, as charts.

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::Args;

use crate::cli::segments::chart::{self, BarPair};
use crate::cli::session::CallerArgs;
use crate::cli::wrap::wrapped;
use crate::cli::{json, record, table};
use crate::descriptors;
use crate::name::Kind;
use crate::pb::segment_comparison::field::{Measure, State};
use crate::pb::segment_comparison::{Field, Group, Numbers, SharedTrait};
use crate::pb::{self, SegmentComparison};

const HELP: &str = "\
Examples:
  clientele segments compare machine-shops
      compares a segment with all customers
  clientele segments compare machine-shops enterprises --field labels.tier --field attributes.seats
  clientele segments compare machine-shops --json | jq '.fields[0]'

The largest difference comes first. V is Cramer's V: 0 if two segments are alike, 1 if they share no value. Delta is
Cliff's delta: 1 if every number of the first is greater than every number of the second, -1 the other way round.
A field is not measured if fewer than 10 customers of either side have a value, or all of them have the same one.
Percentages in a chart are of those who have a value, those under \"most of both\" are of all customers of that side.";

/// The most values of a field in a chart.
const MAX_VALUES: usize = 8;
/// The fewest customers of a group that must have a field for it to be measured, as the API says of NOT_ENOUGH.
const MIN_SET_COUNT: i32 = 10;
/// The smallest effect that is worth a chart.
const MIN_EFFECT: f64 = 0.1;

/// Shows how two segments differ, or a segment from all customers
#[derive(Args)]
#[command(after_long_help = HELP)]
pub(crate) struct CompareArgs {
    /// The first segment: segments/ID, or its ID alone
    a: String,
    /// The second segment; without it, all customers
    b: Option<String>,
    /// Compares this label or attribute, too, such as labels.tier or attributes.seats
    #[arg(long = "field", value_name = "FIELD")]
    fields: Vec<String>,
    /// Prints one line of JSON with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    caller: CallerArgs,
}

impl CompareArgs {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let session = self.caller.connect().await?;
        let a = record::full_name(Kind::Segment, &self.a);
        let comparison: SegmentComparison = if let Some(b) = &self.b {
            let request = pb::CompareSegmentsRequest {
                a,
                b: record::full_name(Kind::Segment, b),
                fields: self.fields,
            };
            session
                .call_of("Segment", "CompareSegments", &request)
                .await?
        } else {
            let request = pb::DescribeSegmentRequest {
                segment: a,
                fields: self.fields,
            };
            session
                .call_of("Segment", "DescribeSegment", &request)
                .await?
        };
        let shown = if self.json {
            json::line(&descriptors::dynamic(&comparison)?)?
        } else {
            page(&comparison, table::width())
        };
        writeln!(stdout(), "{shown}")?;
        Ok(ExitCode::SUCCESS)
    }
}

fn page(comparison: &SegmentComparison, width: usize) -> String {
    let (a, b) = (
        comparison.a.clone().unwrap_or_default(),
        comparison.b.clone().unwrap_or_default(),
    );
    let is_compared = |field: &&Field| field.state() == State::Compared;
    let compared: Vec<&Field> = comparison.fields.iter().filter(is_compared).collect();
    let (telling, alike): (Vec<&Field>, Vec<&Field>) = compared
        .into_iter()
        .partition(|field| field.effect.abs() >= MIN_EFFECT);
    let words = |line: &str| wrapped(&table::printable(line), width, ["", "     "]);
    let mut lines = words(&format!("A  {}", title(&a)));
    lines.extend(words(&format!("B  {}", title(&b))));
    lines.push(format!("   {} in both", comparison.overlap_count));
    for field in &telling {
        lines.push(String::new());
        lines.extend(words(&format!("{}  {}", field.field, measured(field))));
        lines.extend(summaries(field).iter().flat_map(|line| words(line)));
        lines.extend(chart(field, width));
    }
    if telling.is_empty() && !alike.is_empty() {
        lines.extend([String::new(), "no field tells them apart".to_owned()]);
    }
    let shared: Vec<String> = comparison
        .shared_traits
        .iter()
        .filter_map(|shared| {
            let field = comparison
                .fields
                .iter()
                .find(|field| field.field == shared.field);
            let is_number = field.is_some_and(|field| field.a_numbers.is_some());
            // Similar numbers that still differ: the chart says more.
            let is_told = is_number && telling.iter().any(|field| field.field == shared.field);
            (!is_told).then(|| shared_trait(shared, is_number, &a, &b))
        })
        .collect();
    if !shared.is_empty() {
        lines.extend([String::new(), "most of both".to_owned()]);
        lines.extend(shared.iter().flat_map(|line| words(line)));
    }
    lines.extend(
        other_fields(comparison, alike)
            .iter()
            .flat_map(|line| [vec![String::new()], words(line)].concat()),
    );
    lines.join("\n")
}

/// Names the fields without a chart.
fn other_fields(comparison: &SegmentComparison, alike: Vec<&Field>) -> Vec<String> {
    let named = |state: State| {
        comparison
            .fields
            .iter()
            .filter(move |field| field.state() == state)
    };
    let is_enough = |field: &&Field| field.a_set_count.min(field.b_set_count) >= MIN_SET_COUNT;
    let (same, little): (Vec<&Field>, Vec<&Field>) = named(State::NotEnough).partition(is_enough);
    let rest = [
        ("alike", alike),
        ("the same value for all", same),
        ("not enough to compare", little),
        (
            "too many values to compare",
            named(State::TooManyValues).collect(),
        ),
    ];
    let line = |(what, fields): &(&str, Vec<&Field>)| {
        let names: Vec<&str> = fields.iter().map(|field| field.field.as_str()).collect();
        format!("{what}: {}", names.join(", "))
    };
    rest.iter()
        .filter(|(_, fields)| !fields.is_empty())
        .map(line)
        .collect()
}

fn title(group: &Group) -> String {
    match group.segment.as_str() {
        "" => format!("all customers: {}", group.customer_count),
        segment => format!(
            "{} ({segment}): {}",
            group.segment_display_name, group.customer_count
        ),
    }
}

fn measured(field: &Field) -> String {
    let measure = match field.measure() {
        Measure::CliffsDelta => "delta",
        Measure::CramersV | Measure::Unspecified => "V",
    };
    let (a, b) = (field.a_set_count, field.b_set_count);
    format!("{measure} {:.2}  (A: {a} set, B: {b} set)", field.effect)
}

/// Summarises the numbers of a field, a line for each side.
fn summaries(field: &Field) -> Vec<String> {
    let sides = [("A", &field.a_numbers), ("B", &field.b_numbers)];
    let line = |(side, numbers): (&str, &Option<Numbers>)| {
        Some(format!("  {side}: {}", summary(numbers.as_ref()?)))
    };
    sides.into_iter().filter_map(line).collect()
}

/// Renders the chart of a field, a line for each value or bucket.
fn chart(field: &Field, width: usize) -> Vec<String> {
    let bars = |label: String, a: i32, b: i32| BarPair {
        label,
        counts: [a, b],
        totals: [field.a_set_count, field.b_set_count],
    };
    let buckets = field.buckets.iter().map(|bucket| {
        let label = format!(
            "{} to {}",
            chart::number(bucket.start),
            chart::number(bucket.end)
        );
        bars(label, bucket.a_count, bucket.b_count)
    });
    let values = field.categories.iter().take(MAX_VALUES);
    let values =
        values.map(|value| bars(chart::quoted(&value.value), value.a_count, value.b_count));
    let mut lines: Vec<String> = chart::lines(&buckets.chain(values).collect::<Vec<_>>(), width)
        .iter()
        .map(|line| table::printable(line))
        .collect();
    let others = field.other_categories.map_or(0, |others| {
        usize::try_from(others.value_count).unwrap_or_default()
    });
    let more = field.categories.len().saturating_sub(MAX_VALUES) + others;
    if more > 0 {
        lines.push(format!("  … and {more} more values"));
    }
    lines
}

fn summary(numbers: &Numbers) -> String {
    let number = chart::number;
    format!(
        "median {}, half of them from {} to {}, mean {}",
        number(numbers.median),
        number(numbers.lower_quartile),
        number(numbers.upper_quartile),
        number(numbers.mean)
    )
}

fn shared_trait(shared: &SharedTrait, is_number: bool, a: &Group, b: &Group) -> String {
    let what = if is_number {
        "similar numbers".to_owned()
    } else {
        chart::quoted(&shared.value)
    };
    let what = format!("{}: {what}", shared.field);
    let of_a = chart::percent(shared.a_count, a.customer_count);
    let of_b = chart::percent(shared.b_count, b.customer_count);
    format!("  {what}  (A {of_a}, B {of_b})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::wrap::columns;
    use crate::pb::segment_comparison::{Bucket, Category, OtherCategories};

    /// A field that is measured where 10 of the first and 20 of the second have a value.
    fn field(name: &str, state: State, effect: f64) -> Field {
        let (field, state) = (name.to_owned(), state.into());
        Field {
            field,
            state,
            effect,
            measure: Measure::CramersV.into(),
            a_set_count: 10,
            b_set_count: 20,
            ..Field::default()
        }
    }

    fn category(value: &str, a_count: i32, b_count: i32) -> Category {
        Category {
            value: value.to_owned(),
            a_count,
            b_count,
        }
    }

    fn shared(field: &str, value: &str, a_count: i32, b_count: i32) -> SharedTrait {
        SharedTrait {
            field: field.to_owned(),
            value: value.to_owned(),
            a_count,
            b_count,
        }
    }

    /// Ten values, eight of which are shown, and three more that the server has left out.
    fn lifecycle() -> Field {
        let values = [
            "ACTIVE", "PROSPECT", "DORMANT", "FORMER", "e", "f", "g", "h", "i", "j",
        ];
        let count = |i| if i == 0 { (1, 11) } else { (1, 1) };
        let categories = values
            .iter()
            .enumerate()
            .map(|(i, value)| category(value, count(i).0, count(i).1))
            .collect();
        let other_categories = Some(OtherCategories {
            value_count: 3,
            a_count: 0,
            b_count: 0,
        });
        Field {
            categories,
            other_categories,
            ..field("lifecycle", State::Compared, 0.62)
        }
    }

    /// Numbers of which the first has the lesser ones.
    fn employees() -> Field {
        let like = |by: f64| Numbers {
            min: by,
            lower_quartile: 2.0 * by,
            median: 3.0 * by,
            upper_quartile: 4.0 * by,
            max: 50.0 * by,
            mean: 12.5 * by,
        };
        let bucket = |start, end, a_count, b_count| Bucket {
            start,
            end,
            a_count,
            b_count,
        };
        Field {
            measure: Measure::CliffsDelta.into(),
            a_numbers: Some(like(1.0)),
            b_numbers: Some(like(100.0)),
            buckets: vec![bucket(1.0, 99.5, 10, 0), bucket(99.5, 5000.0, 0, 20)],
            ..field("business.employee_count", State::Compared, -0.45)
        }
    }

    /// Two segments with a field of each sort.
    fn comparison() -> SegmentComparison {
        let years = Field {
            a_numbers: Some(Numbers::default()),
            ..field("years_in_business", State::Compared, -0.09)
        };
        let tier = vec![category("", 5, 6), category("gold", 5, 14)];
        let group = |segment: &str, display_name: &str, size| {
            Some(Group {
                segment: segment.to_owned(),
                segment_display_name: display_name.to_owned(),
                customer_count: size,
            })
        };
        SegmentComparison {
            a: group("segments/workshops", "Workshops", 10),
            b: group("", "", 40),
            overlap_count: 7,
            fields: vec![
                lifecycle(),
                employees(),
                Field {
                    categories: tier,
                    ..field("labels.tier", State::Compared, 0.1)
                },
                years,
                field("audience", State::Compared, 0.05),
                field("kind", State::NotEnough, 0.0),
                Field {
                    a_set_count: 9,
                    ..field("industry", State::NotEnough, 0.0)
                },
                Field {
                    b_set_count: 9,
                    ..field("customer_since_time", State::NotEnough, 0.0)
                },
                field("labels.erp", State::TooManyValues, 0.0),
                field("attributes.seats", State::TooManyValues, 0.0),
            ],
            shared_traits: vec![
                shared("kind", "BUSINESS", 9, 30),
                shared("lifecycle", "ACTIVE", 6, 22),
                shared("labels.note", "", 8, 26),
                shared("years_in_business", "", 8, 28),
                shared("business.employee_count", "", 8, 28),
            ],
            ..SegmentComparison::default()
        }
    }

    #[test]
    fn what_tells_apart_is_charted_and_everything_else_is_named() {
        let expected = "\
A  Workshops (segments/workshops): 10
B  all customers: 40
   7 in both

lifecycle  V 0.62  (A: 10 set, B: 20 set)
            A                                  B
  ACTIVE    ██                  10.0%       1  ██████████          55.0%      11
  PROSPECT  ██                  10.0%       1  █                    5.0%       1
  DORMANT   ██                  10.0%       1  █                    5.0%       1
  FORMER    ██                  10.0%       1  █                    5.0%       1
  e         ██                  10.0%       1  █                    5.0%       1
  f         ██                  10.0%       1  █                    5.0%       1
  g         ██                  10.0%       1  █                    5.0%       1
  h         ██                  10.0%       1  █                    5.0%       1
  … and 5 more values

business.employee_count  delta -0.45  (A: 10 set, B: 20 set)
  A: median 3, half of them from 2 to 4, mean 12.5
  B: median 300, half of them from 200 to 400, mean 1250
                A                                B
  1 to 99.5     ████████████████ 100.0%      10                     0.0%       0
  99.5 to 5000                     0.0%       0  ████████████████ 100.0%      20

labels.tier  V 0.10  (A: 10 set, B: 20 set)
        A                                    B
  \"\"    ██████████            50.0%       5  ██████                30.0%       6
  gold  ██████████            50.0%       5  ██████████████        70.0%      14

most of both
  kind: BUSINESS  (A 90.0%, B 75.0%)
  lifecycle: ACTIVE  (A 60.0%, B 55.0%)
  labels.note: \"\"  (A 80.0%, B 65.0%)
  years_in_business: similar numbers  (A 80.0%, B 70.0%)

alike: years_in_business, audience

the same value for all: kind

not enough to compare: industry, customer_since_time

too many values to compare: labels.erp, attributes.seats";
        assert_eq!(page(&comparison(), 80), expected);
    }

    #[test]
    fn two_that_nothing_tells_apart_are_said_to_be_alike() {
        let alike = |fields| {
            page(
                &SegmentComparison {
                    fields,
                    ..SegmentComparison::default()
                },
                80,
            )
        };
        let heads = "A  all customers: 0\nB  all customers: 0\n   0 in both\n";
        let fields = vec![
            field("kind", State::Compared, 0.09),
            field("size", State::Compared, -0.09),
        ];
        assert_eq!(
            alike(fields),
            format!("{heads}\nno field tells them apart\n\nalike: kind, size")
        );
        let fields = vec![field("kind", State::NotEnough, 0.0)];
        assert_eq!(
            alike(fields),
            format!("{heads}\nthe same value for all: kind")
        );
    }

    #[test]
    fn only_charts_may_be_wider_than_a_narrow_terminal() {
        let mut comparison = comparison();
        let charts: Vec<String> = comparison
            .fields
            .iter()
            .flat_map(|field| chart(field, 40))
            .collect();
        for group in [&mut comparison.a, &mut comparison.b].into_iter().flatten() {
            group.segment = "segments/first-and-foremost".to_owned();
            group.segment_display_name = "Those who come first".to_owned();
        }
        for line in page(&comparison, 40).lines() {
            assert!(
                columns(line) <= 40 || charts.iter().any(|chart| chart == line),
                "{line:?}"
            );
        }
    }
}
