//! Made-up people and firms: names of syllables, of which few are very common and many are rare, as in life.

use clientele::pb;

use crate::corpus::{Random, living_in, with_typo};

const ONSETS: [&str; 20] = [
    "b", "br", "d", "f", "g", "gr", "h", "j", "k", "kl", "l", "m", "n", "p", "r", "s", "st", "t",
    "v", "w",
];
const NUCLEI: [&str; 8] = ["a", "e", "i", "o", "u", "ai", "ei", "au"];
const CODAS: [&str; 12] = ["", "", "", "l", "n", "r", "s", "t", "nd", "rt", "ck", "m"];
const FORMS: [&str; 6] = ["", "AG", "GmbH", "Ltd", "Inc.", "S.A."];
const TRADES: [&str; 24] = [
    "Steel",
    "Foods",
    "Logistics",
    "Energy",
    "Systems",
    "Group",
    "Partners",
    "Media",
    "Pharma",
    "Textiles",
    "Paper",
    "Glass",
    "Motors",
    "Optics",
    "Software",
    "Trading",
    "Capital",
    "Timber",
    "Shipping",
    "Chemicals",
    "Mining",
    "Water",
    "Farms",
    "Tools",
];

/// Returns word `i` of a vocabulary; the same number gives the same word.
fn word(vocabulary: u64, i: usize) -> String {
    let mut random = Random(vocabulary << 32 | i as u64);
    let n_syllables = 2 + random.below(2);
    let syllable = |random: &mut Random| {
        let (onset, nucleus) = (ONSETS[random.below(20)], NUCLEI[random.below(8)]);
        [onset, nucleus, CODAS[random.below(12)]].concat()
    };
    let word: String = (0..n_syllables).map(|_| syllable(&mut random)).collect();
    word[..1].to_uppercase() + &word[1..]
}

/// Returns a number below `bound` of which small ones are common: the rank falls off as in Zipf's law.
fn common(random: &mut Random, bound: usize) -> usize {
    let share = random.below(1_000_000) as f64 / 1e6;
    (((bound as f64).powf(share) - 1.0) as usize).min(bound - 1)
}

/// Makes a firm.
pub fn customer(random: &mut Random) -> pb::Customer {
    let (name, trade) = (word(1, common(random, 60_000)), TRADES[random.below(24)]);
    let form = FORMS[random.below(6)];
    let second = if random.below(3) == 0 {
        word(1, random.below(60_000))
    } else {
        String::new()
    };
    let parts = [name.as_str(), &second, trade, form];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    pb::Customer {
        display_name: parts.join(" "),
        addresses: living_in(town(random)),
        ..Default::default()
    }
}

/// Makes a person.
pub fn contact(random: &mut Random) -> pb::Contact {
    let (given_name, family_name) = (
        word(2, common(random, 4_000)),
        word(3, common(random, 60_000)),
    );
    let display_name = format!("{given_name} {family_name}");
    let (at, number) = (random.below(1_000_000), random.below(10_000_000));
    let email = pb::EmailAddress {
        address: format!("{given_name}{at}@{family_name}.example"),
        ..Default::default()
    };
    let phone = pb::PhoneNumber {
        text: format!("+43 1 {number:07}"),
        ..Default::default()
    };
    pb::Contact {
        display_name,
        given_name,
        family_name,
        emails: vec![email],
        phone_numbers: vec![phone],
        external_ids: vec![pb::ExternalId {
            system: "crm".to_owned(),
            id: format!("{at}-{number}"),
        }],
        addresses: living_in(town(random)),
        ..Default::default()
    }
}

fn town(random: &mut Random) -> String {
    word(4, common(random, 3_000))
}

/// Returns what somebody types for a name: as it is, with a typo, one word of it, its beginning so far, or an initial and
/// the rest.
pub fn text(name: &str, random: &mut Random) -> String {
    let words: Vec<&str> = name.split(' ').collect();
    let begun = |random: &mut Random| 3 + random.below(name.len().saturating_sub(3).max(1));
    match random.below(6) {
        0 => name.to_owned(),
        1 => with_typo(name, random),
        2 => words.iter().rev().copied().collect::<Vec<_>>().join(" "),
        3 => name[..begun(random).min(name.len())].to_owned(),
        4 if words.len() > 1 => [&name[..1], &words[1..].join(" ")].join(". "),
        _ => words[random.below(words.len())].to_owned(),
    }
}
