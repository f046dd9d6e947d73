//! Random records and random filters: what the store finds on each engine is what evaluation in memory says of the
//! records as they are read. Both engines get the same records and filters, so their rows are equal, too.

use std::collections::BTreeMap;

use clientele::descriptors::{dynamic, message};
use clientele::filter::evaluate::evaluate;
use clientele::filter::merge::merged;
use clientele::filter::record::Record;
use clientele::pb;
use prost_reflect::DynamicMessage;

use super::filters::{
    AFFILIATION, COLLEAGUE, CONTACT, CONTACT_TEXTS, CONVERSATION, CUSTOMER, CUSTOMER_TEXTS, Fields,
    NOTE, PERSONA, PROMISE, SEGMENT, filter, restriction,
};
use super::on_lists::on_list;
use super::records::{NOW, fill};
use crate::harness::Harness;
use crate::harness::standard::Standard;
use crate::series::random::Random;

const N_FILTERS: usize = 260;

conformance! {
    at NOW;
    customers_are_found_as_they_evaluate,
    what_is_asked_of_one_list_at_once_is_found_as_it_evaluates,
    contacts_are_found_as_they_evaluate,
    other_records_are_found_as_they_evaluate,
}

/// Asks the store for filters on such fields and compares with evaluation.
async fn compare<R: Standard>(
    h: &Harness,
    seed: u64,
    fields: &'static [Fields],
    texts: &[&'static str],
    affiliations: &BTreeMap<String, Vec<DynamicMessage>>,
) -> usize {
    let mut one = |random: &mut Random| restriction(random, fields, texts);
    compare_with::<R>(h, seed, &mut one, affiliations).await
}

/// Asks the store for filters of such restrictions and compares with evaluation, which in the form that stores are
/// asked in says the same.
async fn compare_with<R: Standard>(
    h: &Harness,
    seed: u64,
    one: &mut impl FnMut(&mut Random) -> String,
    affiliations: &BTreeMap<String, Vec<DynamicMessage>>,
) -> usize {
    let descriptor = message(&R::full_name());
    let records: Vec<(String, DynamicMessage)> = all::<R>(h)
        .await
        .iter()
        .map(|record| (record.name(), dynamic(record).unwrap()))
        .collect();
    let mut random = Random::new(seed);
    let (mut n_pairs, mut n_found) = (0, 0);
    for i in 0..N_FILTERS {
        let text = filter(&mut random, i64::try_from(i % 4).unwrap(), one);
        let tree = clientele::filter::read(&text, &descriptor);
        let tree = tree
            .unwrap_or_else(|problem| panic!("{text}: {problem:?}"))
            .unwrap();
        let asked = merged(&tree);
        let meets = |(name, record): &(String, DynamicMessage)| {
            let affiliations = affiliations.get(name).map_or(&[][..], Vec::as_slice);
            let record = Record {
                affiliations,
                ..Record::new(record)
            };
            let holds = evaluate(&tree, record, NOW);
            assert_eq!(evaluate(&asked, record, NOW), holds, "{text}\n{asked:?}");
            holds
        };
        let expected: Vec<&String> = records
            .iter()
            .filter(|record| meets(record))
            .map(|(name, _)| name)
            .collect();
        let found = h.names::<R>(&text).await;
        assert_eq!(
            found.iter().collect::<Vec<_>>(),
            expected,
            "{text}\n{tree:?}"
        );
        n_pairs += records.len();
        n_found += found.len();
    }
    assert!(
        n_found > n_pairs / 20 && n_found < n_pairs * 19 / 20,
        "{n_found} of {n_pairs} says too little"
    );
    println!(
        "{n_pairs} pairs of a filter and a {} on {:?}, {n_found} of them met",
        R::KIND.singular(),
        h.engine
    );
    n_pairs
}

async fn all<R: Standard>(h: &Harness) -> Vec<R> {
    let list = crate::harness::standard::List {
        page_size: 1000,
        ..Default::default()
    };
    crate::harness::answer::done(R::list(h, list).await).0
}

/// Returns the affiliations of every customer, or of every contact.
async fn affiliations(
    h: &Harness,
    of: fn(&pb::Affiliation) -> &String,
) -> BTreeMap<String, Vec<DynamicMessage>> {
    let mut map: BTreeMap<String, Vec<DynamicMessage>> = BTreeMap::new();
    for one in all::<pb::Affiliation>(h).await {
        map.entry(of(&one).clone())
            .or_default()
            .push(dynamic(&one).unwrap());
    }
    map
}

async fn customers_are_found_as_they_evaluate(h: Harness) {
    fill(&h).await;
    let affiliations = affiliations(&h, |affiliation| &affiliation.customer).await;
    let n_pairs = compare::<pb::Customer>(&h, 1, CUSTOMER, CUSTOMER_TEXTS, &affiliations).await;
    assert!(n_pairs >= 10_000);
}

async fn what_is_asked_of_one_list_at_once_is_found_as_it_evaluates(h: Harness) {
    fill(&h).await;
    let affiliations = affiliations(&h, |affiliation| &affiliation.customer).await;
    compare_with::<pb::Customer>(&h, 10, &mut on_list, &affiliations).await;
}

async fn contacts_are_found_as_they_evaluate(h: Harness) {
    fill(&h).await;
    let affiliations = affiliations(&h, |affiliation| &affiliation.contact).await;
    compare::<pb::Contact>(&h, 2, CONTACT, CONTACT_TEXTS, &affiliations).await;
}

async fn other_records_are_found_as_they_evaluate(h: Harness) {
    fill(&h).await;
    let none = BTreeMap::new();
    compare::<pb::Conversation>(
        &h,
        3,
        CONVERSATION,
        &["subject", "summary", "body", "intent"],
        &none,
    )
    .await;
    compare::<pb::Promise>(&h, 4, PROMISE, &["text"], &none).await;
    compare::<pb::Affiliation>(
        &h,
        5,
        AFFILIATION,
        &["job_title", "department", "buying_roles.scope"],
        &none,
    )
    .await;
    compare::<pb::Note>(&h, 6, NOTE, &["body", "attachments.uri"], &none).await;
    compare::<pb::Colleague>(
        &h,
        7,
        COLLEAGUE,
        &["display_name", "emails.address", "principal"],
        &none,
    )
    .await;
    compare::<pb::Persona>(
        &h,
        8,
        PERSONA,
        &["display_name", "headline", "story", "quote"],
        &none,
    )
    .await;
    compare::<pb::Segment>(&h, 9, SEGMENT, &["display_name", "description"], &none).await;
}
