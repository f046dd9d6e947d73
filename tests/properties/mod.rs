//! What holds for all input: of names, masks, page tokens and filters. Random, and shrunk when it fails.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use clientele::mask::{self, Mask};
use clientele::name::{Kind, Name};
use clientele::page::{self, BadToken, Place, SortValue, TOKEN_LIFETIME, TokenKey};
use clientele::pb;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::harness::builders::{attributes, customer, email, map, money};

mod addresses; // phone numbers, hosts, mailboxes: what is around a text does not change what it is
mod filters; // the language: printed and read again, and held against another parser
mod statistics; // how two groups differ: held against the definitions, computed the long way

fn kind() -> impl Strategy<Value = Kind> {
    select(&Kind::ALL[..])
}

proptest! {
    #[test]
    fn a_chosen_id_makes_a_name_that_reads_back(kind in kind(), id in "[a-z]([a-z0-9-]{0,61}[a-z0-9])?") {
        let name = Name::chosen(kind, &id).unwrap();
        prop_assert_eq!(name.to_string(), format!("{}/{id}", kind.collection()));
        prop_assert!(name.is_chosen());
        prop_assert_eq!(Name::parse(kind, &name.to_string()), Some(name));
    }

    #[test]
    fn any_other_id_is_refused(kind in kind(), id in "[a-zA-Z0-9-]{0,66}|\\PC{0,8}|[a-z0-9-]{1,10}\\PC") {
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let is_id = (1..=63).contains(&id.len())
            && id.starts_with(|c: char| c.is_ascii_lowercase())
            && id.ends_with(inner)
            && id.chars().all(|c| inner(c) || c == '-');
        prop_assert_eq!(Name::chosen(kind, &id).is_some(), is_id);
        prop_assert_eq!(Name::parse(kind, &format!("{}/{id}", kind.collection())).is_some(), is_id);
    }

    #[test]
    fn a_generated_name_reads_back_as_its_kind_alone(kind in kind(), other in kind()) {
        let name = Name::generate(kind);
        prop_assert!(!name.is_chosen());
        prop_assert_eq!(Name::parse(other, &name.to_string()), (kind == other).then_some(name));
    }
}

/// Customers with a few of their fields set, of values that often coincide.
fn customers() -> impl Strategy<Value = pb::Customer> {
    let word = || select(vec!["", "a", "b"]);
    let number = || proptest::option::of(0..3_i32);
    let business =
        (word(), number()).prop_map(|(industry, employee_count)| pb::customer::Business {
            industry: industry.to_owned(),
            employee_count,
            ..Default::default()
        });
    let engagement = number().prop_map(|visit_count| pb::customer::Engagement {
        visit_count,
        ..Default::default()
    });
    let texts = (word(), word(), word(), word());
    let rest = (
        proptest::option::of(business),
        proptest::option::of(engagement),
        0..3_i32,
        number(),
    );
    (texts, rest).prop_map(
        |((name, about, label, mail), (business, engagement, kind, spend))| pb::Customer {
            about: about.to_owned(),
            labels: if label.is_empty() {
                map(&[])
            } else {
                map(&[("tier", label), (label, "x")])
            },
            attributes: spend.and_then(|_| {
                attributes(&[("k", prost_types::value::Kind::StringValue(about.to_owned()))])
            }),
            emails: if mail.is_empty() {
                vec![]
            } else {
                vec![email(&format!("{mail}@example.com"))]
            },
            kind,
            business,
            engagement,
            annual_spend: spend.and_then(|units| money("EUR", units.into(), 0)),
            ..customer(name)
        },
    )
}

const PATHS: &[&str] = &[
    "display_name",
    "about",
    "kind",
    "labels",
    "labels.tier",
    "labels.a",
    "attributes",
    "attributes.k",
    "emails",
    "business",
    "business.industry",
    "business.employee_count",
    "engagement",
    "engagement.visit_count",
    "annual_spend",
    "annual_spend.units",
    "annual_spend.currency_code",
];

fn apply(mask: &Mask, from: &pb::Customer, onto: &pb::Customer) -> pb::Customer {
    use clientele::descriptors::{dynamic, typed};
    let mut changed = dynamic(onto).unwrap();
    mask.update(&dynamic(from).unwrap(), &mut changed);
    typed(&changed).unwrap()
}

fn mask_of(paths: &[&str]) -> Mask {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    let message = clientele::descriptors::message("clientele.v1.Customer");
    mask::parse(Some(&prost_types::FieldMask { paths }), &message).unwrap()
}

proptest! {
    #[test]
    fn a_mask_applied_twice_is_applied_once(
        from in customers(), onto in customers(), paths in subsequence(PATHS, 0..PATHS.len()),
    ) {
        let mask = mask_of(&paths);
        let once = apply(&mask, &from, &onto);
        prop_assert_eq!(apply(&mask, &from, &once), once);
    }

    #[test]
    fn a_mask_of_all_fields_replaces(from in customers(), onto in customers()) {
        let message = clientele::descriptors::message("clientele.v1.Customer");
        let fields: Vec<String> = message.fields().map(|field| field.name().to_owned()).collect();
        let all: Vec<&str> = fields.iter().map(String::as_str).collect();
        prop_assert_eq!(apply(&mask_of(&all), &from, &onto), from.clone());
        prop_assert_eq!(apply(&mask_of(&["*"]), &from, &onto), from);
    }

    #[test]
    fn a_mask_leaves_the_other_fields_alone(
        from in customers(), onto in customers(), paths in subsequence(PATHS, 1..4),
    ) {
        let changed = apply(&mask_of(&paths), &from, &onto);
        let rest: Vec<&str> = PATHS.iter().copied().filter(|path| {
            let field = |path: &str| path.split('.').next().map(str::to_owned);
            !paths.iter().any(|masked| field(masked) == field(path))
        }).collect();
        prop_assert_eq!(apply(&mask_of(&rest), &changed, &onto), onto);
    }

    #[test]
    fn without_a_mask_nothing_is_lost(from in customers(), onto in customers()) {
        let changed = apply(&Mask::Populated, &from, &onto);
        prop_assert_eq!(apply(&Mask::Populated, &from, &changed), changed.clone());
        prop_assert!(from.about.is_empty() && changed.about == onto.about || changed.about == from.about);
        prop_assert!(from.business.is_some() || changed.business == onto.business);
    }

    #[test]
    fn any_text_is_a_path_or_not(path in "\\PC{0,20}|[a-z_.`*]{0,12}|(labels|attributes|business)\\.\\PC{0,8}") {
        let message = clientele::descriptors::message("clientele.v1.Customer");
        let _ = mask::parse_path(&path, &message);
    }
}

fn sort_values() -> impl Strategy<Value = Vec<SortValue>> {
    let value = prop_oneof![
        any::<String>().prop_map(SortValue::Text),
        any::<i64>().prop_map(SortValue::Int),
        Just(SortValue::Unset)
    ];
    proptest::collection::vec(value, 1..4)
}

#[test]
fn a_page_has_fifty_records_unless_it_is_said_and_a_thousand_at_most() {
    let sizes = [0, 1, 1000, 1001, i32::MAX, -1].map(page::size);
    assert_eq!(
        sizes,
        [Some(50), Some(1), Some(1000), Some(1000), Some(1000), None]
    );
}

proptest! {
    #[test]
    fn a_token_opens_to_what_was_sealed(secret: [u8; 32], request: String, issued in 0..1_i64 << 52, values in sort_values()) {
        let key = TokenKey::new(secret, b"epoch");
        let place = Place { at: issued - 1, after: values };
        let token = key.seal(&request, issued, place.clone());
        for now in [issued, issued + TOKEN_LIFETIME] {
            prop_assert_eq!(key.open(&token, &request, now), Ok(place.clone()));
        }
        prop_assert_eq!(key.open(&token, &request, issued + TOKEN_LIFETIME + 1), Err(BadToken::Expired));
        prop_assert_eq!(key.open(&token, &format!("{request}x"), issued), Err(BadToken::Mismatch));
        let mut other = secret;
        other[0] ^= 1;
        let others = [TokenKey::new(other, b"epoch"), TokenKey::new(secret, b"another"), TokenKey::new(secret, b"")];
        for other in others {
            prop_assert_eq!(other.open(&token, &request, issued), Err(BadToken::Invalid));
        }
        // A call that is repeated in another epoch is still known.
        prop_assert_eq!(TokenKey::new(secret, b"another").hash(b"call"), key.hash(b"call"));
    }

    #[test]
    fn a_token_with_any_byte_flipped_is_invalid(values in sort_values(), at: proptest::sample::Index, bit in 0..7_u32) {
        let key = TokenKey::new([7; 32], b"");
        let mut token = key.seal("request", 0, Place { at: 0, after: values }).into_bytes();
        let at = at.index(token.len());
        token[at] ^= 1 << bit;
        let token = String::from_utf8(token).unwrap();
        prop_assert_eq!(key.open(&token, "request", 0), Err(BadToken::Invalid));
        prop_assert_eq!(key.open(&token[..at], "request", 0), Err(BadToken::Invalid));
    }
}
