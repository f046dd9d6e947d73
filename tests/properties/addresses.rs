//! Phone numbers, hosts and mailboxes: what is around a text does not change what it is.

use clientele::{host, key_form, mail, phone, region};
use proptest::prelude::*;
use proptest::sample::select;

fn invisible() -> impl Strategy<Value = String> {
    "[\u{200b}\u{200e}\u{2060}\u{feff}\u{202a}\u{202c}]{0,2}"
}

/// Numbers of some countries, as they are dialled within each.
fn national() -> impl Strategy<Value = (&'static str, String)> {
    let of = |region, pattern: &str| pattern_of(pattern).prop_map(move |text| (region, text));
    prop_oneof![
        of("DE", "0(30|40|89) 55[0-9]{5}"),
        of("US", "\\((202|212)\\) 555-01[0-9]{2}"),
        of("IT", "06 555 0[0-9]{4}"),
        of("RU", "8 \\(495\\) 123-4[0-9]-[0-9]{2}"),
        of("JP", "03-55[0-9]{2}-01[0-9]{2}"),
    ]
}

fn pattern_of(pattern: &str) -> impl Strategy<Value = String> + use<> {
    proptest::string::string_regex(pattern).unwrap()
}

proptest! {
    #[test]
    fn a_number_is_the_same_in_every_spelling((region, text) in national(), before in invisible(), after in invisible(), blank in select(vec![" ", "\u{a0}", "\u{202f}", "", ".", "-", "/"])) {
        let number = phone::e164(&text, Some(region)).unwrap();
        for spelled in [
            format!("{before}{text}{after}"),
            text.replace(' ', blank),
            number.clone(),
            format!("{before}{number}"),
            number.replacen('+', "tel:+", 1),
            format!("'{text}"),
        ] {
            prop_assert_eq!(phone::e164(&spelled, Some(region)), Some(number.clone()), "{}", spelled);
        }
        prop_assert_eq!(phone::e164(&number, None), Some(number.clone()));
        prop_assert_eq!(phone::e164(&number.replacen('+', "00", 1), None), Some(number.clone()));
        // What is filed is found by all of them, with no region.
        let filed = phone::filed(&text, &number);
        for asked in [text.as_str(), &number, &number[1..]] {
            let wanted = phone::wanted(asked, None, None).unwrap();
            prop_assert!(wanted.exact.iter().chain(&wanted.loose).any(|value| filed.contains(value)), "{}", asked);
        }
    }

    #[test]
    fn any_text_is_read_without_harm(text in "\\PC{0,40}|[0-9+() /.;=tel:-]{0,30}", region in select(vec!["AT", "US", "IT", "XX", ""])) {
        let number = phone::e164(&text, Some(region));
        let filed = phone::filed(&text, number.as_deref().unwrap_or_default());
        if let Some(number) = &number {
            prop_assert!(number.starts_with('+') && number[1..].bytes().all(|b| b.is_ascii_digit()) && number.len() <= 16);
            prop_assert_eq!(phone::e164(number, None), Some(number.clone()));
            prop_assert!(filed.contains(number));
        }
        phone::wanted(&text, None, Some(region));
        key_form::KeyForm::of(&text);
        mail::in_text(&text);
        prop_assert!(region::is_code(&region::normal(&text)) || region::normal(&text) == text);
    }

    #[test]
    fn the_name_of_a_host_is_its_own_name(text in "[a-zA-Z0-9äöüß日本λ-]{1,12}(\\.[a-zA-Zéø-]{2,6}){0,2}") {
        if let Some(name) = host::name(&text) {
            prop_assert!(name.is_ascii() && name == name.to_ascii_lowercase());
            prop_assert_eq!(host::name(&name), Some(name.clone()));
            prop_assert_eq!(host::name(&text.to_uppercase().replace("SS", "ss")).is_some(), true);
            let mail = format!("Ann@{text}");
            prop_assert_eq!(mail::compared(&mail), format!("ann@{name}"));
            prop_assert_eq!(mail::in_text(&format!("Ann Smith <{mail}>")), Some(mail));
        }
    }
}
