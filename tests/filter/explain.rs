//! Explanations of random filters over random records: they replay to the verdict, what they say would turn it does,
//! and nothing smaller does. And the text of each part means what the part does.

use std::collections::BTreeSet;

use clientele::descriptors::{dynamic, message};
use clientele::filter::evaluate::evaluate;
use clientele::filter::explain::{ExplainedNode, Explanation, Membership, NodeKind, explain};
use clientele::filter::outline::Outline;
use clientele::filter::record::Record;
use clientele::filter::tree::Filter;
use clientele::filter::{canonical, read};
use prost_reflect::{DynamicMessage, ReflectMessage};

use super::filters::{CUSTOMER, CUSTOMER_TEXTS, filter, restriction};
use super::records::{NOW, known_firm};
use crate::series::random::Random;

const N_FILTERS: usize = 3000;
const LISTS: [&str; 2] = ["segments/l1", "segments/l2"];
/// Trees with more predicates are too many subsets to try.
const MAX_TRIED: usize = 12;

struct Known {
    customer: DynamicMessage,
    affiliations: Vec<DynamicMessage>,
    lists: BTreeSet<String>,
}

impl Known {
    fn record(&self) -> Record<'_> {
        Record {
            message: &self.customer,
            affiliations: &self.affiliations,
            lists: &self.lists,
        }
    }
}

fn known(random: &mut Random, n: usize) -> Vec<Known> {
    let mut one = |i| {
        let (customer, affiliations) = known_firm(random, i);
        let affiliations = affiliations
            .iter()
            .map(|one| dynamic(one).unwrap())
            .collect();
        let lists = random
            .some_of(&LISTS)
            .into_iter()
            .map(str::to_owned)
            .collect();
        Known {
            customer: dynamic(&customer).unwrap(),
            affiliations,
            lists,
        }
    };
    (0..n).map(&mut one).collect()
}

/// A random filter, and one that is the filter of the segment `f`.
struct Case {
    text: String,
    of_f: String,
    filter: Filter,
}

impl Case {
    fn new(random: &mut Random, depth: i64) -> Case {
        let of_f = random_text(random, 1, &["l1", "l2", "gone"]);
        let text = random_text(random, depth, &["l1", "l2", "f", "gone"]);
        let filter = completed(&customers(&of_f), &Filter::nothing());
        let filter = completed(&customers(&text), &filter);
        Case { text, of_f, filter }
    }

    fn explain(&self, record: Record<'_>) -> Explanation {
        let segments = |name: &str| match name {
            "segments/f" => Membership::Filter(&self.of_f),
            "segments/gone" => Membership::Nobody,
            _ => Membership::List,
        };
        explain(&outline(&self.text, record), record, &segments, NOW).unwrap()
    }
}

fn random_text(random: &mut Random, depth: i64, segments: &[&str]) -> String {
    filter(random, depth, &mut |random| match random.below(5) {
        0 => format!("segment:\"segments/{}\"", random.one_of(segments)),
        _ => restriction(random, CUSTOMER, CUSTOMER_TEXTS),
    })
}

fn customers(text: &str) -> Filter {
    read(text, &message("clientele.v1.Customer"))
        .unwrap_or_else(|problem| panic!("{text}: {problem:?}"))
        .unwrap()
}

fn outline(text: &str, record: Record<'_>) -> Outline {
    Outline::read(text, &record.message.descriptor())
        .unwrap()
        .unwrap()
}

/// Puts a filter into the segments `f` of another, and none into `gone`; the others have lists.
fn completed(filter: &Filter, of_f: &Filter) -> Filter {
    let all = |filters: &[Filter]| {
        filters
            .iter()
            .map(|filter| completed(filter, of_f))
            .collect::<Vec<_>>()
    };
    match filter {
        Filter::And(filters) => Filter::And(all(filters)),
        Filter::Or(filters) => Filter::Or(all(filters)),
        Filter::Not(filter) => Filter::Not(Box::new(completed(filter, of_f))),
        Filter::Member { segment, .. } => {
            let filter = match segment.as_str() {
                "segments/f" => Some(Box::new(of_f.clone())),
                "segments/gone" => Some(Box::new(Filter::nothing())),
                _ => None,
            };
            Filter::Member {
                segment: segment.clone(),
                filter,
            }
        }
        filter => filter.clone(),
    }
}

/// Returns what the operators make of verdicts of the predicates, by occurrence.
fn replay(nodes: &[ExplainedNode], verdict: &dyn Fn(usize, bool) -> bool) -> bool {
    let (node, inside) = nodes.split_first().unwrap();
    let starts: Vec<usize> = inside
        .iter()
        .enumerate()
        .filter(|(_, inner)| inner.depth == node.depth + 1)
        .map(|(i, _)| i)
        .collect();
    let end = |i: usize| starts.get(i + 1).copied().unwrap_or(inside.len());
    let mut parts = starts
        .iter()
        .enumerate()
        .map(|(i, start)| replay(&inside[*start..end(i)], verdict));
    match &node.kind {
        NodeKind::And => parts.all(|holds| holds),
        NodeKind::Or => parts.any(|holds| holds),
        NodeKind::Not => !parts.next().unwrap(),
        NodeKind::Segment { .. } => parts.next().unwrap(),
        NodeKind::Predicate(predicate) => verdict(predicate.occurrence, node.holds),
    }
}

fn turned_by(explanation: &Explanation, turned: &[usize]) -> bool {
    let verdict = replay(&explanation.nodes, &|occurrence, holds| {
        holds != turned.contains(&occurrence)
    });
    verdict != explanation.holds()
}

fn n_predicates(explanation: &Explanation) -> usize {
    explanation
        .nodes
        .iter()
        .filter(|node| matches!(node.kind, NodeKind::Predicate(_)))
        .count()
}

/// Returns the smallest sets that turn the verdict, the first of them in order, by trying all.
fn by_force(explanation: &Explanation) -> Option<Vec<usize>> {
    let n = n_predicates(explanation);
    let sets = (1_u32..1 << n).map(|bits| {
        (1..=n)
            .filter(|i| bits & (1 << (i - 1)) != 0)
            .collect::<Vec<usize>>()
    });
    sets.filter(|set| turned_by(explanation, set))
        .min_by_key(|set| (set.len(), set.clone()))
}

#[test]
fn an_explanation_replays_and_names_the_fewest_that_turn_it() {
    let mut random = Random::new(11);
    let firms = known(&mut random, 24);
    let (mut n_turned, mut n_tried, mut most) = (0, 0, 0);
    for i in 0..N_FILTERS {
        let case = Case::new(&mut random, 1 + i64::try_from(i % 3).unwrap());
        let text = &case.text;
        let firm = &firms[i % firms.len()];
        let explanation = case.explain(firm.record());
        let verdict = evaluate(&case.filter, firm.record(), NOW);
        assert_eq!(explanation.holds(), verdict, "{text}");
        assert_eq!(
            replay(&explanation.nodes, &|_, holds| holds),
            verdict,
            "{text}: {explanation:?}"
        );
        let occurrences = explanation
            .nodes
            .iter()
            .filter_map(|node| match &node.kind {
                NodeKind::Predicate(predicate) => Some(predicate.occurrence),
                _ => None,
            });
        assert_eq!(
            occurrences.collect::<Vec<_>>(),
            (1..=n_predicates(&explanation)).collect::<Vec<_>>()
        );
        let minimal_change = explanation
            .minimal_change
            .clone()
            .unwrap_or_else(|| panic!("{text}: nothing turns it"));
        assert!(
            turned_by(&explanation, &minimal_change),
            "{text}: {minimal_change:?} of {explanation:?}"
        );
        n_turned += 1;
        most = most.max(minimal_change.len());
        if n_predicates(&explanation) <= MAX_TRIED {
            assert_eq!(
                Some(minimal_change),
                by_force(&explanation),
                "{text}: {explanation:?}"
            );
            n_tried += 1;
        }
    }
    println!(
        "{n_turned} explanations turned, {n_tried} of them against all subsets; at most {most} had to turn"
    );
    assert!(
        n_tried > N_FILTERS * 3 / 4 && most >= 4,
        "{n_tried} tried, at most {most}"
    );
}

#[test]
fn every_part_says_what_its_text_says() {
    let mut random = Random::new(12);
    let firms = known(&mut random, 6);
    let customer = message("clientele.v1.Customer");
    for i in 0..N_FILTERS / 3 {
        let case = Case::new(&mut random, 2);
        let text = &case.text;
        let firm = &firms[i % firms.len()];
        for node in case.explain(firm.record()).nodes {
            let NodeKind::Predicate(predicate) = node.kind else {
                continue;
            };
            let alone = read(&predicate.text, &customer);
            let alone = alone
                .unwrap_or_else(|problem| panic!("{} of {text}: {problem:?}", predicate.text))
                .unwrap();
            assert_eq!(
                predicate.segment.is_some(),
                matches!(alone, Filter::Member { .. })
            );
            if predicate.segment.as_deref() == Some("segments/gone") {
                assert!(!node.holds);
                continue;
            }
            assert_eq!(
                evaluate(&alone, firm.record(), NOW),
                node.holds,
                "{} of {text}",
                predicate.text
            );
        }
    }
}

#[test]
fn the_canonical_form_has_the_same_meaning() {
    let mut random = Random::new(13);
    let firms = known(&mut random, 40);
    let mut n_met = 0;
    for i in 0..N_FILTERS {
        let text = filter(&mut random, i64::try_from(i % 4).unwrap(), &mut |random| {
            restriction(random, CUSTOMER, CUSTOMER_TEXTS)
        });
        let printed = canonical(&text).unwrap();
        assert_eq!(canonical(&printed), Ok(printed.clone()), "{text}");
        let (written, again) = (customers(&text), customers(&printed));
        for firm in &firms {
            let meets = evaluate(&written, firm.record(), NOW);
            assert_eq!(
                evaluate(&again, firm.record(), NOW),
                meets,
                "{text}\nas {printed}"
            );
            n_met += usize::from(meets);
        }
    }
    let n_pairs = N_FILTERS * firms.len();
    println!("{n_pairs} pairs of a filter and a customer, {n_met} of them met");
    assert!(
        n_met > n_pairs / 20 && n_met < n_pairs * 19 / 20,
        "{n_met} of {n_pairs} says too little"
    );
}

/// Explains one filter of a firm and shows each part on a line.
fn shown(text: &str, record: Record<'_>) -> Vec<String> {
    let line = |node: ExplainedNode| {
        let indent = "  ".repeat(node.depth);
        match node.kind {
            NodeKind::And => format!("{indent}AND {}", node.holds),
            NodeKind::Or => format!("{indent}OR {}", node.holds),
            NodeKind::Not => format!("{indent}NOT {}", node.holds),
            NodeKind::Segment { text, .. } => format!("{indent}IN {} {text}", node.holds),
            NodeKind::Predicate(one) => {
                let more = if one.more_values { " …" } else { "" };
                format!(
                    "{indent}{} {} {} [{}{more}]",
                    one.occurrence,
                    node.holds,
                    one.text,
                    one.values.join(", ")
                )
            }
        }
    };
    explain(&outline(text, record), record, &|_| Membership::Nobody, NOW)
        .unwrap()
        .nodes
        .into_iter()
        .map(line)
        .collect()
}

/// Filters over the plain firm, and the lines of their explanations.
const TOLD: &[(&str, &[&str])] = &[
    (
        "lifecycle = ACTIVE about:\"x\"",
        &[
            "AND false",
            "  1 true lifecycle = ACTIVE [ACTIVE]",
            "  2 false about:\"x\" []",
        ],
    ),
    (
        "annual_spend >= 49.90",
        &["1 true annual_spend >= 49.90 [49.9]"],
    ),
    (
        "follow_up_interval < 2d",
        &["1 true follow_up_interval < 2d [\"1d12h\"]"],
    ),
    (
        "customer_since_time < ago(\"1d\")",
        &["1 false customer_since_time < ago(\"1d\") [\"2026-01-01T00:00:00Z\"]"],
    ),
    (
        "engagement.preferred_channels:PHONE",
        &["1 true engagement.preferred_channels:PHONE [PHONE, EMAIL]"],
    ),
    (
        "business:*",
        &["1 true business:* [\"Ä \\\"b\\\"\", \"a.example\", 12]"],
    ),
    (
        "A.EXAMPLE",
        &["1 true A.EXAMPLE [\"Firm\", \"Ä \\\"b\\\"\", \"a.example\"]"],
    ),
    ("attributes.v:1", &["1 true attributes.v:1 [1]"]),
    (
        "attributes:nothing labels.k = \"*\"",
        &[
            "AND false",
            "  1 false attributes:nothing [\"list\", \"v\"]",
            "  2 false labels.k = \"*\" []",
        ],
    ),
    ("attributes.list:2", &["1 true attributes.list:2 [1, 2]"]),
    (
        "NOT external_ids.\"odd key\" = \"7\"",
        &[
            "NOT true",
            "  1 false external_ids.\"odd key\" = \"7\" [\"4711\"]",
        ],
    ),
    (
        "external_ids.\"id\":*",
        &["1 false external_ids.\"id\":* []"],
    ),
    (
        "affiliations.job_title = \"CFO\" affiliations:*",
        &[
            "AND true",
            "  1 true affiliations.job_title = \"CFO\" [\"CFO\", \"Clerk\"]",
            "  2 true affiliations:* [*]",
        ],
    ),
    (
        "(affiliations.primary = true AND affiliations.buying_roles.role = CHAMPION)",
        &[
            "1 true (affiliations.primary = true AND affiliations.buying_roles.role = CHAMPION) \
       [primary: true; buying_roles.role: DECISION_MAKER, CHAMPION, primary: false; buying_roles.role: unset]",
        ],
    ),
];

#[test]
fn values_are_told_as_filters_write_them() {
    let (customer, affiliations) = super::records::plain_firm();
    let customer = dynamic(&customer).unwrap();
    let affiliations: Vec<_> = affiliations
        .iter()
        .map(|one| dynamic(one).unwrap())
        .collect();
    let record = Record {
        affiliations: &affiliations,
        ..Record::new(&customer)
    };
    for (text, expected) in TOLD {
        assert_eq!(shown(text, record), *expected, "{text}");
    }
}

#[test]
fn many_and_long_values_are_cut() {
    let customer = clientele::pb::Customer {
        about: "ä".repeat(300),
        tags: (0..11).map(|i| format!("t{i:02}")).collect(),
        ..crate::harness::builders::customer("Firm")
    };
    let customer = dynamic(&customer).unwrap();
    let lines = shown("about:\"x\" OR tags:\"x\"", Record::new(&customer));
    assert!(
        lines[1].ends_with(&format!("[\"{}…]", "ä".repeat(198))),
        "{}",
        lines[1]
    );
    assert!(
        lines[2].ends_with("\"t09\" …]") && lines[2].contains("\"t00\""),
        "{}",
        lines[2]
    );
    let customer = clientele::pb::Customer {
        about: "ä".repeat(198),
        tags: (0..10).map(|i| format!("t{i:02}")).collect(),
        ..crate::harness::builders::customer("Firm")
    };
    let customer = dynamic(&customer).unwrap();
    let lines = shown("about:\"x\" OR tags:\"x\"", Record::new(&customer));
    assert!(
        lines[1].ends_with(&format!("[\"{}\"]", "ä".repeat(198))),
        "{}",
        lines[1]
    );
    assert!(lines[2].ends_with("\"t09\"]"), "{}", lines[2]);
}
