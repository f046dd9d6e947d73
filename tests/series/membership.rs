//! Who is in which segment: lists, counts and checks of the server and the evaluator here say the same of random
//! customers and segments, at several revisions and times; and until when, against a walk through all moments.

use std::collections::{BTreeMap, BTreeSet};

use clientele::clock::{self, DAY, Micros, SECOND};
use clientele::descriptors::{dynamic, message};
use clientele::filter::evaluate::evaluate;
use clientele::filter::record::Record;
use clientele::filter::tree::Filter;
use clientele::pb;
use clientele::pb::segment::Definition;
use prost_reflect::DynamicMessage;

use super::random::Random;
use crate::filter::filters::customer_filter;
use crate::filter::records::{NOW, fill, firm};
use crate::harness::Harness;
use crate::harness::answer::done;
use crate::harness::records::{listed, segment};
use crate::harness::standard::{Delete, List, Standard};

const N_BY_FILTER: usize = 44;
const N_LISTS: usize = 6;
const N_ROUNDS: usize = 9;
const N_CUSTOMERS: usize = 50;

conformance! {
    at NOW;
    lists_counts_and_checks_agree_with_evaluation,
    no_verdict_outlives_its_first_flip,
}

/// The names of segments in the order in which they were made.
async fn segments(h: &Harness, random: &mut Random, n_by_filter: usize) -> Vec<String> {
    let customers = all::<pb::Customer>(h).await;
    let mut names = Vec::new();
    for i in 0..N_LISTS {
        let some = random.some_of(&customers);
        let some: Vec<&pb::Customer> = some.iter().collect();
        names.push(
            h.create_as(&format!("list{i}"), listed("List", &some))
                .await
                .name,
        );
    }
    for i in 0..n_by_filter {
        let depth = random.below(3);
        let mut filter = customer_filter(random, depth);
        if random.once_in(3) {
            let (of, joined) = (
                random.one_of(&names),
                random.one_of(&[" AND ", " OR ", " AND NOT ", " OR -"]),
            );
            filter = format!("({filter}){joined}segment:\"{of}\"");
        }
        names.push(
            h.create_as(&format!("filter{i}"), segment("Filter", &filter))
                .await
                .name,
        );
    }
    names
}

async fn all<R: Standard>(h: &Harness) -> Vec<R> {
    done(
        R::list(
            h,
            List {
                page_size: 1000,
                ..Default::default()
            },
        )
        .await,
    )
    .0
}

/// Changes some records.
async fn write(h: &Harness, random: &mut Random, names: &[String]) {
    for _ in 0..12 {
        let i = random.below(50);
        let name = format!("customers/c{i}");
        let list = format!("segments/list{}", random.below(6));
        let exists = h.get::<pb::Customer>(&name).await.delete_time.is_none();
        match random.below(5) {
            0 if exists => {
                let request = Delete {
                    name,
                    force: true,
                    ..Default::default()
                };
                done(pb::Customer::delete(h, request).await);
            }
            0 => drop(h.undelete::<pb::Customer>(&name).await),
            1 | 2 if exists => {
                let other = firm(random, 1000);
                let other = pb::Customer {
                    name,
                    external_ids: Vec::new(),
                    ..other
                };
                h.update(
                    other,
                    &[
                        "engagement",
                        "labels",
                        "lifecycle",
                        "about",
                        "customer_since_time",
                    ],
                )
                .await;
            }
            3 if exists => drop(done(h.try_edit_members(&list, &[&name], true).await)),
            _ => drop(done(h.try_edit_members(&list, &[&name], false).await)),
        }
    }
    // A segment that nobody uses comes and goes.
    let last = names.last().unwrap();
    let filter = customer_filter(random, 1);
    h.update(
        pb::Segment {
            name: last.clone(),
            ..segment("Filter", &filter)
        },
        &["filter"],
    )
    .await;
}

/// The members of every segment, as evaluated by this test.
async fn evaluated(h: &Harness, now: Micros, names: &[String]) -> Vec<Vec<String>> {
    let customers = all::<pb::Customer>(h).await;
    let mut affiliations: BTreeMap<String, Vec<DynamicMessage>> = BTreeMap::new();
    for one in all::<pb::Affiliation>(h).await {
        affiliations
            .entry(one.customer.clone())
            .or_default()
            .push(dynamic(&one).unwrap());
    }
    let segments: BTreeMap<String, pb::Segment> = all::<pb::Segment>(h)
        .await
        .into_iter()
        .map(|segment| (segment.name.clone(), segment))
        .collect();
    let mut lists: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for segment in segments.values() {
        for member in segment.members() {
            lists
                .entry(member.clone())
                .or_default()
                .insert(segment.name.clone());
        }
    }
    let none = BTreeSet::new();
    let trees: Vec<Filter> = names.iter().map(|name| tree(&segments, name)).collect();
    let records: Vec<(&str, DynamicMessage)> = customers
        .iter()
        .map(|customer| (customer.name.as_str(), dynamic(customer).unwrap()))
        .collect();
    let members = |tree: &Filter| {
        let meets = |(name, message): &&(&str, DynamicMessage)| {
            let affiliations = affiliations.get(*name).map_or(&[][..], Vec::as_slice);
            evaluate(
                tree,
                Record {
                    message,
                    affiliations,
                    lists: lists.get(*name).unwrap_or(&none),
                },
                now,
            )
        };
        records
            .iter()
            .filter(meets)
            .map(|(name, _)| (*name).to_owned())
            .collect()
    };
    trees.iter().map(members).collect()
}

/// The tree of a segment, with those that it names put in.
fn tree(segments: &BTreeMap<String, pb::Segment>, name: &str) -> Filter {
    let filter = match &segments[name].definition {
        Some(Definition::Filter(filter)) => {
            let tree = clientele::filter::read(filter, &message("clientele.v1.Customer"))
                .unwrap()
                .unwrap();
            Some(Box::new(complete(segments, tree)))
        }
        _ => None,
    };
    Filter::Member {
        segment: name.to_owned(),
        filter,
    }
}

fn complete(segments: &BTreeMap<String, pb::Segment>, of: Filter) -> Filter {
    let all = |trees: Vec<Filter>| {
        trees
            .into_iter()
            .map(|tree| complete(segments, tree))
            .collect()
    };
    match of {
        Filter::And(trees) => Filter::And(all(trees)),
        Filter::Or(trees) => Filter::Or(all(trees)),
        Filter::Not(inner) => Filter::Not(Box::new(complete(segments, *inner))),
        Filter::Member { segment, .. } => tree(segments, &segment),
        other @ (Filter::Exists { .. } | Filter::Predicate(_)) => other,
    }
}

/// The members of every segment as a check reports them, and how long each verdict is valid.
async fn checked(h: &Harness, names: &[String]) -> (Vec<Vec<String>>, Vec<Vec<Option<Micros>>>) {
    let customers: Vec<String> = (0..N_CUSTOMERS)
        .map(|i| format!("customers/c{i}"))
        .collect();
    let mut customers: Vec<&str> = customers.iter().map(String::as_str).collect();
    customers.sort_unstable();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let answer = h.check(&customers, &names).await;
    let mut members = vec![Vec::new(); names.len()];
    let mut until = vec![Vec::new(); names.len()];
    for (customer, result) in customers.iter().zip(&answer.results) {
        assert_eq!(
            (result.customer.as_str(), result.memberships.len()),
            (*customer, names.len())
        );
        for (i, membership) in result.memberships.iter().enumerate() {
            assert_eq!(membership.segment, names[i]);
            if membership.member {
                members[i].push((*customer).to_owned());
            }
            until[i].push(membership.expire_time.as_ref().and_then(clock::micros));
        }
    }
    (members, until)
}

async fn lists_counts_and_checks_agree_with_evaluation(h: Harness) {
    fill(&h).await;
    let mut random = Random::new(0x5e6_0001);
    let mut names = segments(&h, &mut random, N_BY_FILTER).await;
    led(&h, &mut names).await;
    let (mut now, mut n_pairs, mut n_members) = (NOW, 0, 0);
    for round in 0..N_ROUNDS {
        if round > 0 {
            write(&h, &mut random, &names).await;
            let jump = random.one_of(&[SECOND, DAY / 2, DAY, 31 * DAY]) + random.below(3) - 1;
            h.advance(jump);
            now += jump;
        }
        let expected = evaluated(&h, now, &names).await;
        let (members, _) = checked(&h, &names).await;
        for (name, (expected, members)) in names.iter().zip(expected.iter().zip(members)) {
            assert_eq!(members, *expected, "check of {name} in round {round}");
            assert_eq!(
                h.members(name, 7).await,
                *expected,
                "list of {name} in round {round}"
            );
            let count = h.count(name).await.member_count;
            assert_eq!(
                count,
                i32::try_from(expected.len()).unwrap(),
                "count of {name} in round {round}"
            );
            n_members += members.len();
        }
        n_pairs += N_CUSTOMERS * names.len();
        let customer = format!("customers/c{}", random.below(50));
        if h.get::<pb::Customer>(&customer).await.delete_time.is_none() {
            let holds = |(name, members): (&String, &Vec<String>)| {
                members.contains(&customer).then(|| name.clone())
            };
            let mut held: Vec<String> = names.iter().zip(&expected).filter_map(holds).collect();
            held.sort();
            let mut found = h.segments_of(&customer, 5).await;
            found.retain(|name| names.contains(name));
            assert_eq!(found, held, "segments of {customer} in round {round}");
        }
    }
    assert!(n_pairs >= 20_000, "{n_pairs} pairs");
    assert!(
        n_members > n_pairs / 20 && n_members < n_pairs * 19 / 20,
        "{n_members} of {n_pairs} says too little"
    );
    println!(
        "{n_pairs} pairs on {:?}, {n_members} of them members, no difference",
        h.engine
    );
}

/// Adds segments that are found along the table of keys; random filters hardly ever are.
async fn led(h: &Harness, names: &mut Vec<String>) {
    let led = [
        "tags:\"a\"",
        "lifecycle = ACTIVE AND tags:\"b\"",
        "labels.k = \"a\" AND NOT tags:\"a\"",
    ];
    for (i, filter) in led.into_iter().enumerate() {
        names.insert(
            0,
            h.create_as(&format!("led{i}"), segment("Led", filter))
                .await
                .name,
        );
    }
}

/// Returns every moment at which some verdict may flip: around every time of a record, and every midnight, each as long
/// after as the filters look back.
async fn moments(h: &Harness) -> BTreeSet<Micros> {
    const SPANS: [Micros; 3] = [0, DAY, DAY * 3 / 2];
    let mut times = BTreeSet::new();
    let mut add =
        |time: &Option<prost_types::Timestamp>| times.extend(time.as_ref().and_then(clock::micros));
    for customer in all::<pb::Customer>(h).await {
        [&customer.customer_since_time, &customer.follow_up_due_time]
            .into_iter()
            .for_each(&mut add);
        customer
            .engagement
            .iter()
            .for_each(|engagement| add(&engagement.first_visit_time));
        customer
            .last_conversation
            .iter()
            .for_each(|last| add(&last.start_time));
        customer
            .contact_permissions
            .iter()
            .for_each(|permission| add(&permission.record_time));
    }
    for affiliation in all::<pb::Affiliation>(h).await {
        affiliation
            .buying_roles
            .iter()
            .for_each(|claim| add(&claim.verify_time));
    }
    let midnights = (0..40).map(|day| NOW + day * DAY);
    let around = |time: Micros| {
        SPANS
            .into_iter()
            .flat_map(move |span| [time + span, time + span + 1])
    };
    times
        .into_iter()
        .flat_map(around)
        .chain(midnights)
        .filter(|moment| *moment > NOW)
        .collect()
}

async fn no_verdict_outlives_its_first_flip(h: Harness) {
    fill(&h).await;
    let mut random = Random::new(0x5e6_0002);
    let mut names = segments(&h, &mut random, 12).await;
    for (i, filter) in [
        "engagement.first_visit_time >= ago(\"36h\")",
        "NOT last_conversation.start_time > ago(\"1d\")",
        "follow_up_due_time <= now()",
        "follow_up_due_time < now() AND NOT segment:\"segments/timed0\"",
        "customer_since_time = ago(\"1d\") OR customer_since_time != ago(\"36h\")",
        "contact_count = 1",
        "decision_maker_count >= 1 AND contact_count < 2",
        "(affiliations.buying_roles.verify_time >= ago(\"1d\") AND affiliations.primary = true)",
        "contact_permissions.record_time < ago(\"36h\") AND segment:\"segments/list0\"",
    ]
    .iter()
    .enumerate()
    {
        names.push(
            h.create_as(&format!("timed{i}"), segment("Timed", filter))
                .await
                .name,
        );
    }
    let (at_first, until) = checked(&h, &names).await;
    let mut first_flips: Vec<BTreeMap<String, Micros>> = vec![BTreeMap::new(); names.len()];
    let (mut now, moments) = (NOW, moments(&h).await);
    for moment in &moments {
        h.advance(moment - now);
        now = *moment;
        let (members, _) = checked(&h, &names).await;
        for (i, (before, after)) in at_first.iter().zip(&members).enumerate() {
            let (before, after): (BTreeSet<&String>, BTreeSet<&String>) =
                (before.iter().collect(), after.iter().collect());
            for customer in before.symmetric_difference(&after) {
                first_flips[i].entry((*customer).clone()).or_insert(*moment);
            }
        }
    }
    let mut customers: Vec<String> = (0..N_CUSTOMERS)
        .map(|i| format!("customers/c{i}"))
        .collect();
    customers.sort();
    let mut n_flips = 0;
    for (i, name) in names.iter().enumerate() {
        for (customer, told) in customers.iter().zip(&until[i]) {
            let found = first_flips[i].get(customer).copied();
            assert_eq!(*told, found, "{customer} in {name}");
            n_flips += usize::from(found.is_some());
        }
    }
    assert!(n_flips > 100, "{n_flips} flips say too little");
    let n_pairs = names.len() * customers.len();
    println!(
        "{n_flips} flips of {n_pairs} pairs in {} moments on {:?}, each told",
        moments.len(),
        h.engine
    );
}
