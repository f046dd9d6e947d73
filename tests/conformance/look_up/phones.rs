//! Phone numbers as they come: pasted with what was around them, in any script, national and international.

use clientele::pb;
use clientele::pb::contact_key::Key as ContactBy;
use clientele::pb::get_briefing_request::Record;
use tonic::Code;

use super::found;
use crate::harness::Harness;
use crate::harness::answer::{done, refused};
use crate::harness::builders::{address, contact, phone};
use crate::harness::keys::person_by;

conformance! {
    a_pasted_number_is_the_number_it_shows,
    a_national_number_is_found_as_it_was_given_and_by_its_digits,
    a_number_said_to_be_of_a_region_is_of_no_other,
    junk_is_kept_and_found_by_its_digits,
    a_word_before_a_number_is_none_of_it,
    a_number_is_found_by_its_own_text_without_its_region,
    a_name_comes_before_the_number_in_it,
    a_line_with_two_numbers_is_looked_up_by_both,
    digits_of_no_plan_are_kept_without_a_number,
}

/// What stands before a number of which the digits follow, and whether the country is left out.
const LABELLED: &[(&str, bool)] = &[
    ("Tel.: ", false),
    ("Tel. ", false),
    ("T ", false),
    ("t: ", false),
    ("M: ", false),
    ("Mobile ", false),
    ("Fax: ", false),
    ("fax:", false),
    ("\u{260e} ", false),
    ("Telefon: ", true),
    ("Tel/Fax ", true),
    ("callto:", false),
    ("https://wa.me/", false),
    ("whatsapp:", false),
    ("sms:", false),
    ("phone:", true),
    ("T\u{e9}l. : ", false),
    ("\u{7535}\u{8bdd}\u{ff1a}", false),
];

async fn a_word_before_a_number_is_none_of_it(h: Harness) {
    let person = with_phone(&h, "p", "+43 732 5550177", "").await;
    for (label, is_national) in LABELLED {
        let digits = if *is_national {
            "0732 5550177"
        } else {
            "+437325550177"
        };
        let text = format!("{label}{digits}");
        assert_eq!(found(&h, &text).await, [person.name.as_str()], "{text}");
        let key = person_by(ContactBy::Text(text.clone()));
        let request = pb::GetBriefingRequest {
            record: Some(Record::Contact(key)),
            ..Default::default()
        };
        let briefing = done(h.relationships.clone().get_briefing(request).await);
        assert_eq!(briefing.record, person.name, "{text}");
    }
    let labelled = with_phone(&h, "q", "T +43 732 5550178", "").await;
    assert_eq!(labelled.phone_numbers[0].e164, "+437325550178");
}

async fn with_phone(h: &Harness, id: &str, text: &str, region: &str) -> pb::Contact {
    let addresses = if region.is_empty() {
        Vec::new()
    } else {
        vec![address(region)]
    };
    let person = pb::Contact {
        phone_numbers: vec![phone(text)],
        addresses,
        ..contact(&format!("Person {id}"))
    };
    h.create_as(id, person).await
}

async fn by_phone(h: &Harness, number: &str, region: &str) -> Result<String, String> {
    let key = pb::ContactKey {
        region_code: region.to_owned(),
        ..person_by(ContactBy::PhoneNumber(number.to_owned()))
    };
    let request = pb::GetBriefingRequest {
        record: Some(Record::Contact(key)),
        ..Default::default()
    };
    match h.relationships.clone().get_briefing(request).await {
        Ok(briefing) => Ok(briefing.into_inner().record),
        refusal => Err(refused(refusal).reason),
    }
}

/// What people paste, the region of the record, and the number.
const PASTED: &[(&str, &str, &str)] = &[
    // Marks of direction, as a messenger copies them.
    ("\u{202d}+43 732 5550101\u{202c}", "", "+437325550101"),
    ("\u{2066}+43 732 5550102\u{2069}", "", "+437325550102"),
    // Blanks of all kinds.
    (
        "+33\u{202f}1\u{202f}55\u{202f}55\u{202f}02\u{202f}03",
        "",
        "+33155550203",
    ),
    ("+1\u{a0}212-555-0144", "", "+12125550144"),
    ("+43\u{2007}732\u{2009}5550105", "", "+437325550105"),
    // Links.
    ("tel:+43-732-5550106", "", "+437325550106"),
    ("tel:+43-732-5550107;ext=12", "", "+437325550107"),
    // Digits and signs of other scripts.
    (
        "\u{ff0b}\u{ff11} \u{ff12}\u{ff11}\u{ff12} \u{ff15}\u{ff15}\u{ff15} \u{ff10}\u{ff11}\u{ff14}\u{ff18}",
        "",
        "+12125550148",
    ),
    (
        "+\u{669}\u{666}\u{666} \u{665}\u{660} \u{665}\u{665}\u{665} \u{660}\u{661}\u{662}\u{664}",
        "",
        "+966505550124",
    ),
    (
        "+\u{6f9}\u{6f8} \u{6f2}\u{6f1} \u{6f5}\u{6f5}\u{6f5}\u{6f5} \u{6f0}\u{6f1}\u{6f1}\u{6f1}",
        "",
        "+982155550111",
    ),
    (
        "+\u{967}-\u{968}\u{967}\u{968}-\u{96b}\u{96b}\u{96b}-\u{966}\u{967}\u{96a}\u{96f}",
        "",
        "+12125550149",
    ),
    // Brackets, guards of spreadsheets.
    ("(+43) 732 5550112", "", "+437325550112"),
    ("+43 (0)732 5550113", "", "+437325550113"),
    ("'+43 732 5550114", "", "+437325550114"),
    ("=\"+43 732 5550115\"", "", "+437325550115"),
    ("'0732 5550116", "AT", "+437325550116"),
    // What is dialled in the plus's place.
    ("0039 06 555 02345", "AT", "+390655502345"),
    ("0039 06 555 02346", "", "+390655502346"),
    ("011 39 06 555 02347", "US", "+390655502347"),
];

async fn a_pasted_number_is_the_number_it_shows(h: Harness) {
    for (i, (text, region, number)) in PASTED.iter().copied().enumerate() {
        let person = with_phone(&h, &format!("p{i}"), text, region).await;
        assert_eq!(person.phone_numbers[0].e164, number, "{text:?}");
        for spelling in [text, number, &number[1..]] {
            assert_eq!(
                by_phone(&h, spelling, "").await,
                Ok(person.name.clone()),
                "{spelling:?}"
            );
            assert_eq!(
                found(&h, spelling).await,
                [person.name.as_str()],
                "{spelling:?}"
            );
        }
    }
}

async fn a_national_number_is_found_as_it_was_given_and_by_its_digits(h: Harness) {
    let german = with_phone(&h, "german", "040 555 0242", "DE").await;
    let indian = with_phone(&h, "indian", "+91 98765 43211", "").await;
    let russian = with_phone(&h, "russian", "8 (495) 123-45-68", "RU").await;
    for (person, texts) in [
        (
            &german,
            &[
                "040 555 0242",
                "040/5550242",
                "0405550242",
                "40 5550242",
                "49405550242",
                "+49 40 5550242",
            ][..],
        ),
        (&indian, &["919876543211", "98765 43211", "098765 43211"]),
        (
            &russian,
            &["8 495 1234568", "(495) 123-45-68", "7 495 123 45 68"],
        ),
    ] {
        for text in texts {
            assert_eq!(
                by_phone(&h, text, "").await,
                Ok(person.name.clone()),
                "{text}"
            );
            assert_eq!(found(&h, text).await, [person.name.as_str()], "{text}");
        }
    }
}

async fn a_number_said_to_be_of_a_region_is_of_no_other(h: Harness) {
    let german = with_phone(&h, "german", "040 555 0342", "DE").await;
    assert_eq!(
        by_phone(&h, "040 555 0342", "DE").await,
        Ok(german.name.clone())
    );
    assert_eq!(by_phone(&h, "040 555 0342", "de").await, Ok(german.name));
    assert_eq!(
        by_phone(&h, "040 555 0342", "AT").await,
        Err("RESOURCE_NOT_FOUND".to_owned())
    );
    assert_eq!(
        by_phone(&h, "+43 40 5550342", "").await,
        Err("RESOURCE_NOT_FOUND".to_owned())
    );
}

async fn junk_is_kept_and_found_by_its_digits(h: Harness) {
    for (id, text) in [("a", "00 12/34 99"), ("b", "ask at the desk")] {
        let person = with_phone(&h, id, text, "").await;
        assert_eq!(
            (
                person.phone_numbers[0].text.as_str(),
                person.phone_numbers[0].e164.as_str()
            ),
            (text, "")
        );
    }
    assert_eq!(found(&h, "00123499").await, ["contacts/a"]);
    assert_eq!(
        by_phone(&h, "0012 3499", "").await,
        Ok("contacts/a".to_owned())
    );
    let desk = person_by(ContactBy::PhoneNumber("ask at the desk".to_owned()));
    let request = pb::GetBriefingRequest {
        record: Some(Record::Contact(desk)),
        ..Default::default()
    };
    let refusal = refused(h.relationships.clone().get_briefing(request).await);
    refusal
        .is(Code::InvalidArgument, "FIELD_INVALID")
        .names("FIELD_INVALID", &["contact.phone_number"]);
    let colleague = pb::LookUpRequest {
        text: "ask at the desk".to_owned(),
        ..Default::default()
    };
    assert!(
        done(h.relationships.clone().look_up(colleague).await)
            .results
            .is_empty()
    );
}

/// What people store beside a number, the region of the record, and the number.
const OWN_TEXTS: &[(&str, &str, &str)] = &[
    ("070 123 45 69 (Axel)", "SE", "+46701234569"),
    (
        "8 (423) 202-25-13, \u{434}\u{43e}\u{431}. 100",
        "RU",
        "+74232022513",
    ),
    ("800-44-STERN", "US", "+18004478376"),
    ("1-800-GO-U-HAUL", "US", "+18004684285"),
    ("877-222-VETS (8387)", "US", "+18772228387"),
    ("1-800-THE-CRAVE", "US", "+18008432728"),
    ("0916111224 Carrier Name", "TW", "+886916111224"),
    ("+1 650 253 0002~22", "", "+16502530002"),
    ("491715550178", "DE", "+491715550178"),
    ("447900900125.0", "GB", "+447900900125"),
    ("+48 (0) 22 512 3458", "", "+48225123458"),
    ("00720710773", "DE", "+720710773"),
];

async fn a_number_is_found_by_its_own_text_without_its_region(h: Harness) {
    for (i, (text, region, number)) in OWN_TEXTS.iter().copied().enumerate() {
        let person = with_phone(&h, &format!("p{i}"), text, region).await;
        assert_eq!(person.phone_numbers[0].e164, number, "{text}");
        for spelling in [text, number] {
            let by_key = by_phone(&h, spelling, "").await;
            assert_eq!(by_key, Ok(person.name.clone()), "{spelling}");
            assert_eq!(
                by_any(&h, spelling).await,
                Ok(person.name.clone()),
                "{spelling}"
            );
            assert_eq!(
                found(&h, spelling).await,
                [person.name.as_str()],
                "{spelling}"
            );
        }
    }
    let israeli = with_phone(&h, "israeli", "052-1234569", "IL").await;
    for text in [
        "972-52-1234569",
        "972521234569",
        "00972521234569",
        "052-1234569",
    ] {
        assert_eq!(
            by_phone(&h, text, "").await,
            Ok(israeli.name.clone()),
            "{text}"
        );
        assert_eq!(found(&h, text).await, [israeli.name.as_str()], "{text}");
    }
}

/// Returns the contact whom a text means, or why there is none.
async fn by_any(h: &Harness, text: &str) -> Result<String, String> {
    let request = pb::GetBriefingRequest {
        record: Some(Record::Contact(person_by(ContactBy::Text(text.to_owned())))),
        ..Default::default()
    };
    match h.relationships.clone().get_briefing(request).await {
        Ok(briefing) => Ok(briefing.into_inner().record),
        refusal => Err(refused(refusal).reason),
    }
}

async fn a_name_comes_before_the_number_in_it(h: Harness) {
    let named = h.create_as("named", contact("1234567 Kanada")).await.name;
    with_phone(&h, "number", "123 45 67", "").await;
    assert_eq!(by_any(&h, "1234567 Kanada").await, Ok(named));
    assert_eq!(
        by_any(&h, "123 45 67 (desk)").await,
        Ok("contacts/number".to_owned())
    );
}

async fn a_line_with_two_numbers_is_looked_up_by_both(h: Harness) {
    for (i, (stored, other)) in [
        ("+52 55 1234 0003", "+52 1 55 1234 0003"),
        ("+54 9 11 2345 0003", "+54 11 2345 0003"),
        ("+54 11 2345 0004", "+54 9 11 2345 0004"),
        ("+54 9 11 2345 0005", "+54 11 15 2345 0005"),
        ("+55 11 98765 0003", "+55 11 8765 0003"),
        ("+55 11 8765 0004", "+55 11 98765 0004"),
    ]
    .into_iter()
    .enumerate()
    {
        let person = with_phone(&h, &format!("p{i}"), stored, "").await.name;
        for text in [stored, other] {
            assert_eq!(found(&h, text).await, [person.as_str()], "{text}");
        }
    }
    // A key is written to: it is the number that was given.
    let other = by_phone(&h, "+55 11 98765 0004", "").await;
    assert_eq!(other, Err("RESOURCE_NOT_FOUND".to_owned()));
}

async fn digits_of_no_plan_are_kept_without_a_number(h: Harness) {
    for (i, (text, region)) in [
        ("441843297702", "US"),
        ("4.91711E+11", "DE"),
        ("+917878787xyz", ""),
        ("49175312999", "DE"),
    ]
    .into_iter()
    .enumerate()
    {
        let person = with_phone(&h, &format!("p{i}"), text, region).await;
        assert_eq!(person.phone_numbers[0].e164, "", "{text}");
    }
    for text in ["441843297702", "+44 1843 297702"] {
        assert_eq!(found(&h, text).await, ["contacts/p0"], "{text}");
    }
}
