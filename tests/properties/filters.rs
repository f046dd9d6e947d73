//! The filter language: what is printed reads back, and what the store finds is what the records say.

use clientele::clock;
use futures_util::stream::{self, StreamExt};

use super::*;

/// A random condition on a customer, with values that often occur.
fn conditions() -> impl Strategy<Value = Condition> {
    let field = |path: &'static str, value: BoxedStrategy<Operand>| {
        value.prop_map(move |value| Condition::Field { path: path.to_owned(), value }).boxed()
    };
    let text = || {
        prop_oneof![select(vec!["a", "b", "c"]).prop_map(str::to_owned), "[^\0]{0,6}"].prop_map(Operand::Text).boxed()
    };
    let name = |names: &'static [&'static str]| select(names).prop_map(|name| Operand::Text(name.to_owned())).boxed();
    let int = || prop_oneof![0..3_i64, any::<i64>()].prop_map(Operand::Int).boxed();
    let time = prop_oneof![Just(0), Just(1), -62_135_596_800_000_000..=253_402_300_799_999_999_i64];
    let span = prop_oneof![Just(1), Just(60_000_000), any::<i64>()];
    let id = "[a-c]|[!-~]([ -~]{0,5}[!-~])?";
    prop_oneof![
        field("display_name", text()),
        field("about", text()),
        field("kind", name(&["BUSINESS", "INDIVIDUAL", "KIND_UNSPECIFIED"])),
        field("size", name(&["SOLO", "SMALL"])),
        field("frequency", name(&["FIRST_TIME", "OCCASIONAL", "FREQUENT"])),
        field("business.industry", text()),
        field("business.employee_count", int()),
        field("engagement.visit_count", int()),
        field("spend.units", int()),
        field("decision_maker_count", int()),
        field("customer_since_time", time.prop_map(Operand::Micros).boxed()),
        field("follow_up_interval", span.prop_map(Operand::Micros).boxed()),
        ("sap|[a-z][a-z0-9_.-]{0,8}", id).prop_map(|(system, id)| Condition::ExternalId { system, id }),
    ]
}

/// Writes a condition as a person might; `space` is put where space may be.
fn print(condition: &Condition, space: &str) -> String {
    let quote = |text: &str| {
        let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        format!("\"{}\"", text.replace('\t', "\\t"))
    };
    match condition {
        Condition::ExternalId { system, id } => {
            format!("external_ids.{}{space}={space}{}", quote(system), quote(id))
        }
        Condition::Field { path, value } => {
            let value = match value {
                Operand::Text(name) if matches!(path.as_str(), "kind" | "size" | "frequency") => name.clone(),
                Operand::Text(text) => quote(text),
                Operand::Int(number) => number.to_string(),
                Operand::Bool(flag) => flag.to_string(),
                Operand::Micros(time) if path.ends_with("_time") => {
                    quote(&jiff::Timestamp::from_microsecond(*time).unwrap().to_string())
                }
                Operand::Micros(span) => {
                    quote(&format!("{}{}us", if *span < 0 { "-" } else { "" }, span.unsigned_abs()))
                }
            };
            format!("{path}{space}={space}{value}")
        }
    }
}

fn read(text: &str) -> Result<Vec<Condition>, filter::Problem> {
    filter::read(text, &clientele::descriptors::message("clientele.v1.Customer"))
}

proptest! {
    #[test]
    fn a_printed_filter_reads_back(
        conditions in proptest::collection::vec(conditions(), 0..5), space in select(vec!["", " ", "\n\t", "\u{3000}"]),
    ) {
        let printed: Vec<String> = conditions.iter().map(|condition| print(condition, space)).collect();
        prop_assert_eq!(read(&printed.join(" AND ")), Ok(conditions));
    }

    #[test]
    fn any_text_is_a_filter_or_says_where_not(text in "\\PC{0,30}|[a-z_.=\"'\\\\ AND]{0,30}|about = \"\\PC{0,10}\"?\\PC{0,3}") {
        if let Err(problem) = read(&text) {
            prop_assert!(text.is_char_boundary(problem.offset), "{} of {text:?}", problem.offset);
        }
    }
}

conformance! { what_is_found_is_what_the_records_say }

/// Says whether a record meets a condition, by the record alone.
fn meets(record: &pb::Customer, condition: &Condition) -> bool {
    let (path, value) = match condition {
        Condition::ExternalId { system, id } => return record.external_ids.contains(&external_id(system, id)),
        Condition::Field { path, value } => (path.as_str(), value),
    };
    let text = |text: &str| *value == Operand::Text(text.to_owned()) && !text.is_empty();
    let number = |number: Option<i32>| number.is_some_and(|number| *value == Operand::Int(number.into()));
    let micros = |micros: Option<i64>| micros.is_some_and(|micros| *value == Operand::Micros(micros));
    match path {
        "display_name" => text(&record.display_name),
        "about" => text(&record.about),
        "kind" => text(record.kind().as_str_name()),
        "size" => text(record.size().as_str_name()),
        "frequency" => text(record.frequency().as_str_name()),
        "business.industry" => record.business.as_ref().is_some_and(|business| text(&business.industry)),
        "business.employee_count" => number(record.business.as_ref().and_then(|business| business.employee_count)),
        "engagement.visit_count" => number(record.engagement.as_ref().and_then(|engagement| engagement.visit_count)),
        "spend.units" => record.spend.as_ref().is_some_and(|spend| *value == Operand::Int(spend.units)),
        "decision_maker_count" => number(Some(record.decision_maker_count)),
        "customer_since_time" => micros(record.customer_since_time.as_ref().and_then(clock::micros)),
        "follow_up_interval" => micros(record.follow_up_interval.as_ref().and_then(clock::span)),
        other => panic!("{other} is not evaluated"),
    }
}

/// Random records that the conditions often meet.
fn records(runner: &mut TestRunner, count: usize) -> Vec<pb::Customer> {
    let name = select(vec!["a", "b", "c"]);
    let more = (proptest::option::of(0..2_i64), proptest::option::of(select(vec![1, 60_000_000_i64])));
    let record = (customers(), name, more).prop_map(|(record, name, (since, interval))| pb::Customer {
        display_name: name.to_owned(),
        customer_since_time: since.map(clock::timestamp),
        follow_up_interval: interval.map(clock::duration),
        ..record
    });
    (0..count).map(|_| record.new_tree(runner).unwrap().current()).collect()
}

async fn what_is_found_is_what_the_records_say(h: Harness) {
    let mut runner = TestRunner::deterministic();
    let mut records = records(&mut runner, 60);
    // A pair belongs to one record, so only three of them have one.
    for (record, id) in records.iter_mut().zip(["a", "b", "c"]) {
        record.external_ids = vec![external_id("sap", id)];
    }
    let records: Vec<pb::Customer> = stream::iter(records).map(|record| h.create(record)).buffered(8).collect().await;
    let filters = proptest::collection::vec(conditions(), 1..3);
    let mut n_found = 0;
    for _ in 0..400 {
        let conditions = filters.new_tree(&mut runner).unwrap().current();
        let printed: Vec<String> = conditions.iter().map(|condition| print(condition, " ")).collect();
        let matching = records.iter().filter(|record| conditions.iter().all(|condition| meets(record, condition)));
        let mut expected: Vec<String> = matching.map(|record| record.name.clone()).collect();
        expected.sort();
        assert_eq!(h.names::<pb::Customer>(&printed.join(" AND ")).await, expected, "{printed:?}");
        n_found += expected.len();
    }
    assert!(n_found > 1000, "the filters found only {n_found} records: too few to mean much");
}
