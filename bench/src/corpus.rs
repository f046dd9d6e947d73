//! Names to look up: those of the data folder, and the typos that are made in them. Shared with the tests, which ask
//! for fewer of them.

use std::collections::BTreeSet;
use std::path::Path;

use clientele::fold;
use clientele::google::r#type::PostalAddress;
use clientele::pb;

/// Numbers that are the same in every run (SplitMix64).
pub struct Random(pub u64);

impl Random {
    /// Returns a number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound.max(1) as u64) as usize
    }

    fn letter(&mut self) -> char {
        char::from(b'a' + self.below(26) as u8)
    }
}

/// A name that is asked for, and what is added to it.
#[derive(Clone, Default)]
pub struct Name {
    /// The name.
    pub name: String,
    /// The town; empty where the set is asked by name alone.
    pub town: String,
    /// The family name of a person whose given name is known, too; otherwise empty.
    pub family: String,
}

/// One set of records.
pub struct Set {
    /// What it is called.
    pub title: &'static str,
    /// Firms.
    pub customers: Vec<pb::Customer>,
    /// People.
    pub contacts: Vec<pb::Contact>,
    /// The names to ask for.
    pub names: Vec<Name>,
}

impl Name {
    /// Returns the text that is asked, with one typo in the name if wanted.
    pub fn text(&self, random: Option<&mut Random>) -> String {
        let name = random.map_or_else(|| self.name.clone(), |random| with_typo(&self.name, random));
        format!("{name} {}", self.town).trim().to_owned()
    }

    /// Returns what is typed of the name so far: its first letters and digits, with what is between them.
    pub fn beginning(&self, n_letters: usize) -> &str {
        let letters = self
            .name
            .char_indices()
            .filter(|(_, c)| c.is_alphanumeric());
        let last = letters.map(|(at, c)| at + c.len_utf8()).nth(n_letters - 1);
        &self.name[..last.unwrap_or(self.name.len())]
    }

    /// Returns the initial of the given name and the family name.
    pub fn initial(&self) -> Option<String> {
        let first = self.name.chars().next()?.to_uppercase();
        (!self.family.is_empty()).then(|| format!("{first}. {}", self.family))
    }

    /// Says whether a record of this display name is right: the same normalised full name.
    pub fn is(&self, display_name: &str) -> bool {
        fold::words(&self.name) == fold::words(display_name)
    }
}

/// Puts one letter in, leaves one out, replaces one, or changes two over: anywhere, blanks and marks included.
pub fn with_typo(name: &str, random: &mut Random) -> String {
    loop {
        let mut chars: Vec<char> = name.chars().collect();
        let at = random.below(chars.len());
        match random.below(4) {
            0 => chars.insert(at, random.letter()),
            1 => drop(chars.remove(at)),
            2 => chars[at] = random.letter(),
            _ if at + 1 < chars.len() => chars.swap(at, at + 1),
            _ => continue,
        }
        let text: String = chars.into_iter().collect();
        if text.to_lowercase() != name.to_lowercase() && !text.trim().is_empty() {
            return text;
        }
    }
}

/// Reads all sets.
pub fn read(folder: &Path) -> Vec<Set> {
    vec![
        set(
            folder,
            "Northwind",
            &["northwind/customers.csv", "northwind/suppliers.csv"],
            &["company_name"],
            &["contact_name"],
            None,
        ),
        set(
            folder,
            "S&P 500",
            &["sp500/constituents.csv"],
            &["Security"],
            &[],
            None,
        ),
        set(
            folder,
            "Chinook",
            &["chinook/customers.csv"],
            &["Company"],
            &["FirstName", "LastName"],
            None,
        ),
        set(
            folder,
            "atomic_crm",
            &["atomic_crm/contacts.csv"],
            &["company_name"],
            &["first_name", "last_name"],
            None,
        ),
        set(
            folder,
            "FEBRL 1",
            &["febrl/febrl1.csv"],
            &[],
            &["given_name", "surname"],
            Some("suburb"),
        ),
        set(
            folder,
            "FEBRL 2",
            &["febrl/febrl2.csv"],
            &[],
            &["given_name", "surname"],
            Some("suburb"),
        ),
    ]
}

/// Reads the sets whose firms are asked for by their first letters, and whose people by an initial.
pub fn read_typed(folder: &Path) -> Vec<Set> {
    let firms = |title, file, column| set(folder, title, &[file], &[column], &[], None);
    let people = |title, file, columns: &[&str]| set(folder, title, &[file], &[], columns, None);
    vec![
        firms("S&P 500", "sp500/constituents.csv", "Security"),
        firms(
            "SEC foreign",
            "sec_foreign_companies/companies.csv",
            "company_name",
        ),
        people(
            "fake_1000",
            "fake_1000/fake_1000.csv",
            &["first_name", "surname"],
        ),
        people("FEBRL 1", "febrl/febrl1.csv", &["given_name", "surname"]),
    ]
}

fn set(
    folder: &Path,
    title: &'static str,
    files: &[&str],
    firm: &[&str],
    person: &[&str],
    town: Option<&str>,
) -> Set {
    let mut set = Set {
        title,
        customers: Vec::new(),
        contacts: Vec::new(),
        names: Vec::new(),
    };
    let mut firms = BTreeSet::new();
    for file in files {
        let (headers, rows) = table(&folder.join(file));
        for row in rows {
            let value = |column: &str| {
                headers
                    .iter()
                    .position(|header| header == column)
                    .and_then(|i| row.get(i))
            };
            let joined = |columns: &[&str]| {
                let parts = columns.iter().filter_map(|column| value(column));
                let parts = parts.map(str::trim).filter(|part| !part.is_empty());
                parts.collect::<Vec<_>>().join(" ")
            };
            let family = family_name(person, joined);
            let (firm, person) = (joined(firm), joined(person));
            let town = town.and_then(value).unwrap_or_default().trim().to_owned();
            if !firm.is_empty() && firms.insert(firm.clone()) {
                set.names.push(Name {
                    name: firm.clone(),
                    ..Name::default()
                });
                set.customers.push(pb::Customer {
                    display_name: firm,
                    ..Default::default()
                });
            }
            if !person.is_empty() {
                set.names.push(Name {
                    name: person.clone(),
                    town: town.clone(),
                    family,
                });
                set.contacts.push(pb::Contact {
                    display_name: person,
                    addresses: living_in(town),
                    ..Default::default()
                });
            }
        }
    }
    set
}

/// Returns the family name of a person whose given name is known.
fn family_name(columns: &[&str], joined: impl Fn(&[&str]) -> String) -> String {
    match columns {
        [given, family] if !joined(&[given]).is_empty() => joined(&[family]),
        _ => String::new(),
    }
}

/// Reads a file of comma-separated values: its headers and its rows.
fn table(path: &Path) -> (csv::StringRecord, Vec<csv::StringRecord>) {
    let read = || {
        let mut reader = csv::Reader::from_path(path)?;
        let headers = reader.headers()?.clone();
        let rows = reader.records().collect::<Result<_, _>>()?;
        Ok::<_, csv::Error>((headers, rows))
    };
    read().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Makes the address of somebody who lives in a town.
pub fn living_in(town: String) -> Vec<pb::Address> {
    if town.is_empty() {
        return Vec::new();
    }
    let postal_address = PostalAddress {
        locality: town,
        ..Default::default()
    };
    vec![pb::Address {
        postal_address: Some(postal_address),
        ..Default::default()
    }]
}
