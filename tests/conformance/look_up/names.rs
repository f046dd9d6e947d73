//! LookUp over public collections of names: how often it finds the right record, hostile texts, equal results on both
//! engines, and the indexing of records older than the name index.
//!
//! The collections lie in the folder that CLIENTELE_TEST_DATA names; without it these cases say that they did not run.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clientele::fold;
use clientele::look_up::words;
use clientele::pb;
use futures_util::future::join_all;
use serde::Deserialize;

use super::look_up;
use crate::harness::builders::{contact, customer};
use crate::harness::engine::Engine;
use crate::harness::standard::{Create, Standard};
use crate::harness::{Harness, in_runtime};

#[path = "../../../bench/src/corpus.rs"]
mod corpus;

use corpus::{Random, Set};

conformance! {
    names_are_found_with_and_without_a_typo,
    names_are_found_while_they_are_typed,
    naughty_strings_are_found_by_themselves,
    injected_text_is_only_text,
}

/// The most records of each set that a case stores, and the names it asks for.
const RECORDS: usize = 250;
const NAMES: usize = 60;

fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("CLIENTELE_TEST_DATA").map(PathBuf::from);
    if folder.is_none() {
        println!("not run: CLIENTELE_TEST_DATA does not name a folder");
    }
    folder
}

async fn create_all<R: Standard>(h: &Harness, records: &[R]) {
    for chunk in records.chunks(8) {
        join_all(chunk.iter().map(|record| h.create(record.clone()))).await;
    }
}

async fn names_are_found_with_and_without_a_typo(h: Harness) {
    let Some(folder) = data() else { return };
    let sets: Vec<Set> = corpus::read(&folder);
    let (mut n_asked, mut n_first, mut n_in_three) = (0, 0, 0);
    let mut misses = Vec::new();
    for set in &sets {
        create_all(&h, &set.customers[..set.customers.len().min(RECORDS)]).await;
        create_all(&h, &set.contacts[..set.contacts.len().min(RECORDS)]).await;
    }
    let mut random = Random(7);
    for set in &sets {
        let stored: BTreeSet<&str> = set
            .customers
            .iter()
            .take(RECORDS)
            .map(|of| of.display_name.as_str())
            .chain(
                set.contacts
                    .iter()
                    .take(RECORDS)
                    .map(|of| of.display_name.as_str()),
            )
            .collect();
        let names: Vec<_> = set
            .names
            .iter()
            .filter(|name| stored.contains(name.name.as_str()))
            .collect();
        for _ in 0..NAMES {
            let name = names[random.below(names.len())];
            let typed = name.text(Some(&mut random));
            let is_right = |result: &pb::LookUpResult| name.is(&result.display_name);
            let first = look_up(&h, &name.text(None))
                .await
                .first()
                .is_some_and(is_right);
            let in_three = look_up(&h, &typed).await.iter().take(3).any(is_right);
            misses.extend((!first).then(|| format!("{}: {}", set.title, name.text(None))));
            misses.extend((!in_three).then(|| format!("{}: {typed} for {}", set.title, name.name)));
            (n_asked, n_first, n_in_three) = (
                n_asked + 1,
                n_first + usize::from(first),
                n_in_three + usize::from(in_three),
            );
        }
    }
    println!(
        "{n_asked} names: {n_first} first as they are, {n_in_three} in the first three with a typo; missed: {misses:?}"
    );
    assert!(
        n_first * 100 >= n_asked * 99 && n_in_three * 100 >= n_asked * 97,
        "{n_first}, {n_in_three} of {n_asked}: {misses:?}"
    );
}

async fn names_are_found_while_they_are_typed(h: Harness) {
    let Some(folder) = data() else { return };
    for set in corpus::read_typed(&folder) {
        // The others take long, and the engines answer alike.
        if h.engine == Engine::Postgres && !["S&P 500", "fake_1000"].contains(&set.title) {
            continue;
        }
        create_all(&h, &set.customers).await;
        create_all(&h, &set.contacts).await;
        let (mut n_asked, mut misses) = (0, Vec::new());
        for name in &set.names {
            let (text, within) = match name.initial() {
                _ if set.contacts.is_empty() => (name.beginning(4).to_owned(), 10),
                Some(text) => (text, 3),
                None => continue,
            };
            let found = look_up(&h, &text).await;
            let is_right = |result: &pb::LookUpResult| name.is(&result.display_name);
            n_asked += 1;
            if !found.iter().take(within).any(is_right) {
                misses.push(text);
            }
        }
        println!(
            "{}: {n_asked} asked, {} missed: {misses:?}",
            set.title,
            misses.len()
        );
        let most = if set.title == "SEC foreign" { 5 } else { 3 };
        assert!(
            n_asked > 400 && misses.len() * 100 <= n_asked * most,
            "{}: {misses:?}",
            set.title
        );
    }
}

async fn naughty_strings_are_found_by_themselves(h: Harness) {
    let Some(folder) = data() else { return };
    let strings = std::fs::read_to_string(folder.join("naughty_strings/blns.json")).unwrap();
    let strings: BTreeSet<String> = serde_json::from_str(&strings).unwrap();
    for text in strings
        .iter()
        .filter(|text| text.chars().count() <= 200 && !text.trim().is_empty())
    {
        let create = Create {
            resource: Some(customer(text)),
            ..Default::default()
        };
        if pb::Customer::create(&h, create).await.is_ok() {
            let found = look_up(&h, text).await;
            let is_it =
                |result: &pb::LookUpResult| fold::words(&result.display_name) == fold::words(text);
            assert!(found.iter().any(is_it), "{text:?}");
        }
    }
}

async fn injected_text_is_only_text(h: Harness) {
    h.create(customer("Ferrum")).await;
    let texts = [
        "' or 1=1 --",
        "'; drop table words; --",
        "\") union select 1 --",
        "$1",
        "{iron}",
        "%' or '%'='",
        "a,b c",
        "null",
    ];
    for text in texts {
        assert_eq!(look_up(&h, text).await, [], "{text}");
    }
    assert_eq!(look_up(&h, "ferrum'; drop --").await.len(), 1);
    assert_eq!(look_up(&h, "ferrum").await.len(), 1);
}

/// Makes a name of few letters and words, so that many are near each other.
fn random_name(random: &mut Random) -> String {
    let syllables = ["ma", "ra", "li", "nd", "en", "ö", "北京", "'", "-", "2"];
    let word = |random: &mut Random| {
        (0..2 + random.below(3))
            .map(|_| syllables[random.below(10)])
            .collect::<String>()
    };
    (0..1 + random.below(3))
        .map(|_| word(random))
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn both_engines_answer_alike() {
    in_runtime(async {
        let (sqlite, postgres) = (
            Harness::start(Engine::Sqlite).await,
            Harness::start(Engine::Postgres).await,
        );
        let mut random = Random(11);
        let names: Vec<String> = (0..150).map(|_| random_name(&mut random)).collect();
        for (i, name) in names.iter().enumerate() {
            for h in [&sqlite, &postgres] {
                h.create_as(&format!("c{i}"), customer(name)).await;
                h.create_as(&format!("p{i}"), contact(name)).await;
            }
        }
        let mut n_results = 0;
        for i in 0..300 {
            let name = random_name(&mut random);
            let text = if i % 2 == 0 {
                name
            } else {
                corpus::with_typo(&names[i % names.len()], &mut random)
            };
            let (one, other) = (
                look_up(&sqlite, &text).await,
                look_up(&postgres, &text).await,
            );
            assert_eq!(one, other, "{text}");
            n_results += one.len();
        }
        assert!(
            n_results > 300,
            "{n_results} results are too few to compare"
        );
    });
}

/// A case of the collection of company names.
#[derive(Deserialize)]
struct Case {
    input: String,
    expected_basename: String,
}

/// Deliberate differences from the collection.
const DEVIATIONS: [(&str, &str); 8] = [
    (
        "AMBA",
        "a name that is a legal form alone stays, or nobody could find it",
    ),
    ("Inc", "as above"),
    ("Ltd", "as above"),
    ("Corporation", "as above"),
    ("Limited", "as above"),
    ("inc & co", "as above: the first word stays"),
    ("Ltd. & Co.", "as above: the first word stays"),
    (
        "Example Example Pty Limited",
        "the collection calls it a known issue: Pty is a legal form as well",
    ),
];

#[test]
fn legal_forms_are_told_from_names() {
    let Some(folder) = data() else { return };
    let cases = std::fs::read_to_string(folder.join("company_names/cleanco_cases.jsonl")).unwrap();
    let cases: Vec<Case> = cases
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(cases.len(), 48);
    for Case {
        input,
        expected_basename,
    } in cases
    {
        let (own, expected) = (
            words::words_of_name(&input, false),
            fold::words(&expected_basename),
        );
        let deviates = DEVIATIONS.iter().any(|(text, _)| *text == input);
        assert_eq!(own != expected, deviates, "{input}: {own:?}");
    }
}
