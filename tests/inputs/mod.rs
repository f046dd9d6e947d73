//! Texts that others collected because they break things, through every text field and on both engines: each comes
//! back cleaned, and otherwise as it was given, or is refused with INVALID_ARGUMENT.
//!
//! The collections lie in the folder that CLIENTELE_TEST_DATA names; without it these cases say that they did not run.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clientele::clean;
use clientele::google::r#type::PostalAddress;
use clientele::pb;
use clientele::phone as phone_number;
use prost_types::value::Kind;
use serde::Deserialize;
use tonic::Code;

use crate::conformance::standard::limits::{AFFILIATION, CONTACT, CUSTOMER, SetText};
use crate::harness::Harness;
use crate::harness::answer::{done, refused};
use crate::harness::builders::{customer, email, external_id, phone};
use crate::harness::standard::{Create, Standard};

mod cleaned; // what comes back of a record

use cleaned::{cleaned, takes_controls, without_empty};

conformance! {
    naughty_strings_come_back_or_are_refused,
    naughty_strings_are_found_by_external_id,
    valid_utf8_comes_back_and_other_bytes_are_refused,
    email_addresses_are_told_from_other_texts,
    phone_numbers_are_understood_or_kept,
    pasted_phone_numbers_are_those_they_show,
}

/// Reads a file of the collections; says so when there are none.
fn read(path: &str) -> Option<Vec<u8>> {
    let Some(folder) = std::env::var_os("CLIENTELE_TEST_DATA").map(PathBuf::from) else {
        println!("not run: CLIENTELE_TEST_DATA does not name a folder with {path}");
        return None;
    };
    Some(std::fs::read(folder.join(path)).unwrap_or_else(|error| panic!("{path}: {error}")))
}

fn read_text(path: &str) -> Option<String> {
    read(path).map(|bytes| String::from_utf8(bytes).unwrap())
}

/// The text fields that have a form of their own beside those that only have a length.
const FORMED: &[(&str, SetText<pb::Customer>)] = &[
    ("emails[0].address", |c, t| c.emails = vec![email(&t)]),
    ("locked_paths[0]", |c, t| c.locked_paths = vec![t]),
    ("business.domains[0]", |c, t| {
        c.business.get_or_insert_default().domains = vec![t.to_lowercase()]
    }),
    ("business.annual_revenue.currency_code", |c, t| {
        c.business
            .get_or_insert_default()
            .annual_revenue
            .get_or_insert_default()
            .currency_code = t;
    }),
    ("parent", |c, t| c.parent = t),
    ("labels", |c, t| c.labels = [("k".to_owned(), t)].into()),
    ("tags[0]", |c, t| c.tags = vec![t]),
    // Keys are no texts of ours: they stay as they are.
    ("attributes", |c, t| {
        add_attribute(c, t, Kind::BoolValue(true))
    }),
    ("attributes", |c, t| {
        add_attribute(c, "a key".to_owned(), Kind::StringValue(t))
    }),
    ("external_ids[0].system", |c, t| {
        // Several texts are one system when they are cleaned, and it has each id once.
        c.external_ids = vec![external_id(&t, &format!("{t:?}"))]
    }),
];

fn add_attribute(customer: &mut pb::Customer, key: String, kind: Kind) {
    let value = prost_types::Value { kind: Some(kind) };
    let attributes = customer.attributes.get_or_insert_default();
    attributes.fields.insert(key, value);
}

/// Sends a text through all fields at once, leaves out those that refuse it until the rest is accepted, and asserts
/// that the rest comes back cleaned. Returns the fields that took it.
async fn send<R: Standard>(
    h: &Harness,
    input: &R,
    fields: &[(&str, SetText<R>)],
    text: &str,
) -> BTreeSet<String> {
    let mut refusing = BTreeSet::new();
    loop {
        let kept = || {
            fields
                .iter()
                .filter(|(path, _)| !refusing.contains(&R::path(path)))
        };
        let mut given = input.clone();
        kept().for_each(|(_, set)| set(&mut given, text.to_owned()));
        let answer = R::create(
            h,
            Create {
                resource: Some(given),
                ..Default::default()
            },
        )
        .await;
        if let Ok(answer) = answer {
            let stored = h.get::<R>(&answer.into_inner().name()).await;
            let mut again = stored.clone();
            kept().for_each(|(_, set)| set(&mut again, text.to_owned()));
            assert_eq!(without_empty(&stored), cleaned(&again), "{text:?}");
            let took: BTreeSet<String> = kept().map(|(path, _)| (*path).to_owned()).collect();
            let has_controls = clean::line(text).contains(clean::is_control);
            let only_lines = took
                .iter()
                .find(|path| has_controls && !takes_controls(path));
            assert_eq!(only_lines, None, "{text:?} is not of one line");
            return took;
        }
        let refusal = refused(answer).is(Code::InvalidArgument, "FIELD_INVALID");
        let before = refusing.len();
        refusing.extend(
            refusal
                .violations
                .into_iter()
                .map(|(field, _)| field)
                .filter(|field| !field.is_empty()),
        );
        assert!(
            refusing.len() > before,
            "{text:?} is refused although it is left out"
        );
    }
}

async fn send_everywhere(h: &Harness, job: &pb::Affiliation, text: &str) {
    let of = |table: &[(&'static str, _, SetText<pb::Customer>)]| {
        table
            .iter()
            .map(|(path, _, set)| (*path, *set))
            .collect::<Vec<_>>()
    };
    let customers: Vec<_> = of(CUSTOMER)
        .into_iter()
        .chain(FORMED.iter().copied())
        .collect();
    let took = send(h, &customer("x"), &customers, text).await;
    let name = clean::line(text);
    let fits = !name.is_empty() && name.chars().count() <= 200 && !name.contains(clean::is_control);
    assert_eq!(took.contains("display_name"), fits, "{text:?}");
    let contacts: Vec<_> = CONTACT.iter().map(|(path, _, set)| (*path, *set)).collect();
    send(h, &crate::harness::builders::contact("x"), &contacts, text).await;
    let affiliations: Vec<_> = AFFILIATION
        .iter()
        .map(|(path, _, set)| (*path, *set))
        .collect();
    send(h, job, &affiliations, text).await;
}

async fn naughty_strings_come_back_or_are_refused(h: Harness) {
    let Some(strings) = read_text("naughty_strings/blns.json") else {
        return;
    };
    let strings: Vec<String> = serde_json::from_str(&strings).unwrap();
    let job = pb::Affiliation::input(&h).await;
    for text in &strings {
        send_everywhere(&h, &job, text).await;
    }
}

async fn naughty_strings_are_found_by_external_id(h: Harness) {
    let Some(strings) = read_text("naughty_strings/blns.json") else {
        return;
    };
    let strings: Vec<String> = serde_json::from_str(&strings).unwrap();
    // What is the same when it is cleaned is one id.
    let ids = strings.iter().map(|text| text.trim());
    let ids: BTreeMap<_, _> = ids.map(|id| (clean::line(id).into_owned(), id)).collect();
    for (id, given) in ids
        .into_iter()
        .filter(|(id, _)| !id.is_empty() && id.len() <= 256)
    {
        let answer = h.try_create(pb::Customer {
            external_ids: vec![external_id("blns", given)],
            ..customer("x")
        });
        let answer = answer.await;
        if id.contains(clean::is_control) {
            refused(answer).names("FIELD_INVALID", &["customer.external_ids[0].id"]);
            continue;
        }
        let created = done(answer);
        let escaped = id
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('*', "\\*");
        assert_eq!(
            h.names::<pb::Customer>(&format!("external_ids.blns = \"{escaped}\""))
                .await,
            [created.name],
            "{id:?}"
        );
    }
}

/// The bytes of each line `num:valid:text`, `num:valid hex:…` and `num:invalid hex:…`, and whether they are valid.
fn utf8_cases(file: &str) -> Vec<(bool, Vec<u8>)> {
    let hex = |text: &str| -> Vec<u8> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        (0..text.len() / 2)
            .map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
            .collect()
    };
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    let mut cases = Vec::new();
    for parts in lines.map(|line| line.splitn(3, ':').collect::<Vec<_>>()) {
        let [_, kind, rest] = parts[..] else { continue };
        match kind.trim() {
            "valid" => cases.push((true, rest.as_bytes().to_vec())),
            "valid hex" => cases.push((true, hex(rest))),
            "invalid hex" => cases.push((false, hex(rest.split(':').next().unwrap()))),
            other => panic!("a line of the kind {other}"),
        }
    }
    cases
}

/// A create request whose name may be any bytes.
#[derive(Clone, PartialEq, prost::Message)]
struct RawCreate {
    #[prost(message, optional, tag = "1")]
    customer: Option<RawCustomer>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct RawCustomer {
    #[prost(bytes = "vec", tag = "20")]
    display_name: Vec<u8>,
}

async fn create_raw(
    h: &Harness,
    display_name: Vec<u8>,
) -> crate::harness::answer::Answer<pb::Customer> {
    let request = tonic::Request::new(RawCreate {
        customer: Some(RawCustomer { display_name }),
    });
    let path = http::uri::PathAndQuery::from_static("/clientele.v1.CustomerService/CreateCustomer");
    let mut client = tonic::client::Grpc::new(h.channel.clone());
    client.ready().await.unwrap();
    client
        .unary(request, path, tonic_prost::ProstCodec::default())
        .await
}

async fn valid_utf8_comes_back_and_other_bytes_are_refused(h: Harness) {
    let Some(file) = read_text("utf8_tests/utf8tests.txt") else {
        return;
    };
    let cases = utf8_cases(&file);
    assert!(
        cases.iter().any(|(is_valid, _)| *is_valid) && cases.iter().any(|(is_valid, _)| !is_valid)
    );
    let job = pb::Affiliation::input(&h).await;
    for (is_valid, bytes) in cases {
        if is_valid {
            send_everywhere(&h, &job, std::str::from_utf8(&bytes).unwrap()).await;
        } else {
            refused(create_raw(&h, bytes).await).is(Code::InvalidArgument, "MESSAGE_UNDECODABLE");
        }
    }
}

#[derive(Deserialize)]
struct EmailCase {
    address: String,
    category: String,
}

async fn email_addresses_are_told_from_other_texts(h: Harness) {
    let Some(file) = read_text("emails/isemail_tests.jsonl") else {
        return;
    };
    let mut wrong = Vec::new();
    for line in file.lines() {
        let case: EmailCase = serde_json::from_str(line).unwrap();
        let input = pb::Customer {
            emails: vec![email(&case.address)],
            ..customer("x")
        };
        let answer = pb::Customer::create(
            &h,
            Create {
                resource: Some(input),
                ..Default::default()
            },
        )
        .await;
        let is_taken = answer.is_ok();
        match answer {
            Ok(answer) => {
                let stored = h.get::<pb::Customer>(&answer.into_inner().name).await;
                assert_eq!(stored.emails, [email(case.address.trim_matches(' '))]);
            }
            not_taken => {
                let refusal = refused(not_taken).is(Code::InvalidArgument, "FIELD_INVALID");
                assert!(
                    refusal
                        .violations
                        .iter()
                        .all(|(field, _)| field == "customer.emails[0].address")
                );
            }
        }
        // The other categories are addresses by the letter of a standard that nobody writes: either way will do.
        let must = match case.category.as_str() {
            "ISEMAIL_ERR" => Some(false),
            "ISEMAIL_VALID_CATEGORY" | "ISEMAIL_DNSWARN" => Some(true),
            _ => None,
        };
        if must.is_some_and(|must| must != is_taken) {
            wrong.push((case.category, case.address));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// A phone number as it was found, the region it was written in, and what it means, if that is known.
struct PhoneCase {
    text: String,
    region: String,
    e164: Option<String>,
}

fn phone_cases(found: &[u8], examples: &[u8]) -> Vec<PhoneCase> {
    let mut cases = Vec::new();
    for row in csv::Reader::from_reader(found).deserialize::<BTreeMap<String, String>>() {
        let row = row.unwrap();
        // The collection writes the extension behind the number.
        let e164 = row["e164"]
            .split(';')
            .next()
            .filter(|_| row["valid"] == "yes")
            .map(str::to_owned);
        cases.push(PhoneCase {
            text: row["raw"].clone(),
            region: row["default_region"].clone(),
            e164,
        });
    }
    for row in csv::Reader::from_reader(examples).deserialize::<BTreeMap<String, String>>() {
        let row = row.unwrap();
        for (text, region) in [
            ("national", row["region"].as_str()),
            ("international", ""),
            ("international", "AT"),
        ] {
            let e164 = Some(row["e164"].clone());
            cases.push(PhoneCase {
                text: row[text].clone(),
                region: region.to_owned(),
                e164,
            });
        }
    }
    cases
}

async fn phone_numbers_are_understood_or_kept(h: Harness) {
    let Some(found) = read("phones/phones_e164.csv") else {
        return;
    };
    let Some(examples) = read("phones/example_numbers.csv") else {
        return;
    };
    are_understood(&h, phone_cases(&found, &examples)).await;
}

/// Returns a text as it arrives when it is copied from elsewhere.
fn pasted(text: &str) -> Vec<String> {
    let wide = |c: char| match c {
        '0'..='9' | '+' => char::from_u32(c as u32 - 0x20 + 0xff00).unwrap(),
        c => c,
    };
    let eastern = |c: char| match c {
        '0'..='9' => char::from_u32(c as u32 - 0x30 + 0x6f0).unwrap(),
        c => c,
    };
    vec![
        format!("\u{202d}{text}\u{202c}"),
        text.replace(' ', "\u{202f}"),
        text.chars().map(wide).collect(),
        text.chars().map(eastern).collect(),
        format!("'{text}"),
        format!("=\"{text}\""),
    ]
}

async fn pasted_phone_numbers_are_those_they_show(h: Harness) {
    let Some(examples) = read("phones/example_numbers.csv") else {
        return;
    };
    let (mut cases, mut n_lost) = (Vec::new(), 0);
    for case in phone_cases(b"raw,default_region,e164,valid\n", &examples) {
        let mut texts = pasted(&case.text);
        if let Some(number) = case.text.strip_prefix('+') {
            let (code, rest) = number.split_once([' ', '-']).unwrap_or((number, ""));
            texts.push(format!("00{number}"));
            texts.push(format!("(+{code}) {rest}"));
            texts.push(format!("tel:+{};ext=12", number.replace(' ', "-")));
        }
        // Without being told its region, too, a number is found by its text, and by its digits.
        let e164 = case.e164.unwrap();
        let filed = phone_number::filed(&case.text, &e164);
        for text in [case.text.as_str(), &e164, &e164[1..]] {
            let wanted = phone_number::wanted(text, None, None).unwrap();
            let is_found = wanted
                .exact
                .iter()
                .chain(&wanted.loose)
                .any(|value| filed.contains(value));
            n_lost += usize::from(!is_found);
        }
        let region = case.region;
        cases.extend(texts.into_iter().map(|text| PhoneCase {
            text,
            region: region.clone(),
            e164: Some(e164.clone()),
        }));
    }
    assert!(
        cases.len() > 4_000 && n_lost == 0,
        "{n_lost} of {}",
        cases.len()
    );
    are_understood(&h, cases).await;
}

async fn are_understood(h: &Harness, cases: Vec<PhoneCase>) {
    let mut by_region: BTreeMap<String, Vec<PhoneCase>> = BTreeMap::new();
    for case in cases
        .into_iter()
        .filter(|case| !case.text.trim().is_empty())
    {
        by_region.entry(case.region.clone()).or_default().push(case);
    }
    let mut wrong = Vec::new();
    for (region_code, cases) in by_region {
        for cases in cases.chunks(100) {
            let postal = PostalAddress {
                region_code: region_code.clone(),
                ..Default::default()
            };
            let address = pb::Address {
                postal_address: Some(postal),
                ..Default::default()
            };
            let phone_numbers = cases.iter().map(|case| phone(&case.text)).collect();
            let input = pb::Contact {
                display_name: "x".to_owned(),
                addresses: vec![address],
                phone_numbers,
                ..Default::default()
            };
            let create = Create {
                resource: Some(input),
                ..Default::default()
            };
            let stored = done(pb::Contact::create(h, create).await).phone_numbers;
            for (case, stored) in cases.iter().zip(stored) {
                let shown = case.text.replace(['\u{202d}', '\u{202c}'], "");
                assert_eq!(stored.text, shown);
                if case.e164.as_ref().is_some_and(|e164| *e164 != stored.e164) {
                    wrong.push(format!(
                        "{} {}: {:?}, not {}",
                        region_code, case.text, case.e164, stored.e164
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} numbers: {wrong:#?}", wrong.len());
}
