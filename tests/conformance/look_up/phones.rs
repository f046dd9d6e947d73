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
