//! Names in any spelling, and who comes first among those who fit.

use super::*;

conformance! {
    names_are_found_in_any_spelling,
    firms_are_found_without_their_legal_form,
    scripts_without_blanks_are_found_by_a_part,
    names_without_letters_are_found_as_they_are,
    a_town_tells_people_of_one_name_apart,
    whole_names_come_before_parts,
    the_order_of_words_and_legal_forms_decide_between_equals,
    an_apostrophe_is_a_blank_or_nothing,
    an_and_between_two_letters_is_a_sign,
    a_person_of_two_names_comes_before_firms_with_one_of_them,
    letters_with_and_without_their_marks_are_one,
}

async fn an_apostrophe_is_a_blank_or_nothing(h: Harness) {
    h.create_as("r", customer("Rock'n'Roll Caf\u{e9}")).await;
    h.create_as("q", customer("Drum \u{2019}n\u{2019} Bass"))
        .await;
    h.create_as("o", contact("Zed O'Brien")).await;
    h.create_as("d", contact("Gabriele D\u{2019}Annunzio"))
        .await;
    h.create_as("z", contact("Zed Brien")).await;
    for i in 0..30 {
        h.create(customer(&format!("Rock {i} Roll"))).await;
        h.create(contact(&format!("Zed Obrecht {i}"))).await;
    }
    let rock = [
        "rock'n'roll",
        "rock\u{2019}n\u{2019}roll caf\u{e9}",
        "rock n roll",
        "Rock 'n' Roll Cafe",
        "rocknroll cafe",
    ];
    assert_finds(&h, "customers/r", &rock).await;
    assert_finds(
        &h,
        "customers/q",
        &[
            "drum'n'bass",
            "drum n bass",
            "drumnbass",
            "Drum \u{2018}n\u{2019} Bass",
        ],
    )
    .await;
    assert_finds(
        &h,
        "contacts/o",
        &[
            "o brien zed",
            "zed o brien",
            "O'Brien, Zed",
            "zed obrien",
            "Zed O\u{2019}Brien",
        ],
    )
    .await;
    assert_finds(
        &h,
        "contacts/d",
        &["d annunzio", "gabriele dannunzio", "D'Annunzio"],
    )
    .await;
}

async fn an_and_between_two_letters_is_a_sign(h: Harness) {
    for (id, name) in [
        ("h", "H&M"),
        ("c", "C und A Mode"),
        ("r", "Roth and Mann"),
        ("m", "M and Roth"),
    ] {
        h.create_as(id, customer(name)).await;
    }
    assert_finds(&h, "customers/h", &["h & m", "H und M", "h and m"]).await;
    assert_finds(&h, "customers/c", &["C&A", "c & a mode", "c et a"]).await;
    assert_finds(&h, "customers/r", &["Roth and Mann"]).await;
    assert_finds(&h, "customers/m", &["M and Roth"]).await;
}

async fn a_person_of_two_names_comes_before_firms_with_one_of_them(h: Harness) {
    h.create_as("m", contact("Mara Nordlicht")).await;
    for i in 0..30 {
        h.create(customer(&format!("Nordlicht {i} AG"))).await;
        h.create(contact(&format!("Mara Lind {i}"))).await;
    }
    for name in [
        "Nordlicht",
        "Nordlicht GmbH",
        "Mara",
        "Mara Nord",
        "Nordlicht Mara Optik",
    ] {
        h.create(customer(name)).await;
    }
    let texts = [
        "mara nordlicht",
        "Mara Nordlicht",
        "nordlicht mara",
        "Nordlicht, Mara",
        "m. nordlicht",
    ];
    assert_finds(&h, "contacts/m", &texts).await;
}

async fn letters_with_and_without_their_marks_are_one(h: Harness) {
    h.create_as("e", contact("Иван Ёлкин")).await;
    h.create_as("i", contact("Сергей Йотов")).await;
    for i in 0..30 {
        h.create(contact(&format!("Игорь Елкинов {i}"))).await;
    }
    assert_finds(
        &h,
        "contacts/e",
        &["И. Елкин", "Иван Елкин", "Елкин И.", "ЁЛКИН", "елкин иван"],
    )
    .await;
    assert_finds(&h, "contacts/i", &["С. Йотов", "Сергеи Иотов"]).await;
}

async fn names_are_found_in_any_spelling(h: Harness) {
    three_people(&h).await;
    let spellings = [
        "Peter Brandt",
        "peter brandt",
        "BRANDT, Peter",
        "brandt peter",
        "Ｐｅｔｅｒ　Ｂｒａｎｄｔ",
        "brandt",
    ];
    assert_finds(&h, "contacts/p1", &spellings).await;
    // One letter too many, missing, wrong, changed over; in both words; the blank missing, too many, out of place.
    let typos = [
        "Peterr Brandt",
        "Peter Brndt",
        "Petar Brandt",
        "Peter Barndt",
        "Pter Brand",
        "Brndt",
        "Eter Brandt",
    ];
    assert_finds(&h, "contacts/p1", &typos).await;
    // A word that is all there is: two letters changed over, one that moved; and a part of what was asked.
    assert_finds(
        &h,
        "contacts/p1",
        &["Barndt", "Randtb", "brandt zzzzzz yyyyy"],
    )
    .await;
    assert_finds_nobody(&h, &["brandt zzzzzz yyyyy xxxxx"]).await;
    for (text, typos) in [("brandt", 0), ("barndt", 1), ("randtb", 2)] {
        assert_eq!(
            look_up(&h, text).await[0].matches[0].typo_count,
            typos,
            "{text}"
        );
    }
    blanks_and_accents_do_not_matter(&h).await;
}

async fn three_people(h: &Harness) {
    h.create_as("p1", contact("Peter Brandt")).await;
    h.create_as("p2", contact("José Müller-Østergård")).await;
    h.create_as(
        "p3",
        pb::Contact {
            given_name: "Siobhán".to_owned(),
            family_name: "O'Hara".to_owned(),
            ..contact("S. O.")
        },
    )
    .await;
}

async fn blanks_and_accents_do_not_matter(h: &Harness) {
    let blanks = [
        "peterbrandt",
        "peter bran dt",
        "pete rbrandt",
        "peterb randt",
        "peter-brandt",
        "peterxbrandt",
    ];
    assert_finds(h, "contacts/p1", &blanks).await;
    let accents = [
        "jose muller ostergard",
        "José Müller-Østergård",
        "JOSE\u{301} MU\u{308}LLER ØSTERGA\u{30a}RD",
    ];
    assert_finds(h, "contacts/p2", &accents).await;
    assert_finds(h, "contacts/p2", &["mueller ostergard", "Østergaard"]).await;
    assert_finds(
        h,
        "contacts/p3",
        &["siobhan ohara", "O’Hara", "siobhan o'hara"],
    )
    .await;
    assert_finds_nobody(
        h,
        &[
            "Xaver Unknown",
            "q",
            "17",
            "--",
            "%",
            "brand new offices everywhere today",
        ],
    )
    .await;
}

async fn firms_are_found_without_their_legal_form(h: Harness) {
    let business = pb::customer::Business {
        legal_name: "Vereinigte Stahlwerke Gesellschaft mbH & Co. KGaA".to_owned(),
        domains: texts(&["stahlwerk-linz.co.at"]),
        ..Default::default()
    };
    h.create_as("s", customer("Siemens AG")).await;
    h.create_as("t", customer("Siemens Energy S.p.A.")).await;
    h.create_as(
        "f",
        pb::Customer {
            business: Some(business),
            ..customer("VSW")
        },
    )
    .await;
    assert_finds(
        &h,
        "customers/s",
        &[
            "siemens",
            "Siemens AG",
            "SIEMENS A.G.",
            "Siemens Inc.",
            "simens ag",
            "siemens ltd",
        ],
    )
    .await;
    assert_finds(
        &h,
        "customers/t",
        &["siemens energy", "Siemens Energy SpA", "energy siemens"],
    )
    .await;
    assert_finds(
        &h,
        "customers/f",
        &[
            "vsw",
            "vereinigte stahlwerke",
            "Stahlwerke KGaA",
            "stahlwerk",
            "stahlwerk linz",
        ],
    )
    .await;
    domains_count_and_whole_names_stay(&h).await;
}

async fn domains_count_and_whole_names_stay(h: &Harness) {
    let business = pb::customer::Business {
        domains: texts(&["kupferhof.co.at"]),
        ..Default::default()
    };
    h.create_as(
        "k",
        pb::Customer {
            business: Some(business),
            ..customer("KH Holding")
        },
    )
    .await;
    assert_finds(h, "customers/k", &["kupferhof"]).await;
    let matches = look_up(h, "vsw stahlwerke").await.remove(0).matches;
    let fields: Vec<&str> = matches
        .iter()
        .map(|matched| matched.field.as_str())
        .collect();
    assert_eq!(fields, ["business.legal_name", "display_name"]);
    // A person's name is no legal form.
    h.create_as("ek", contact("Bo Ek")).await;
    assert_finds(h, "contacts/ek", &["bo ek", "ek bo", "Ek"]).await;
    // A name that is nothing else stays.
    h.create_as("inc", customer("Inc.")).await;
    assert_finds(h, "customers/inc", &["inc"]).await;
}

async fn scripts_without_blanks_are_found_by_a_part(h: Harness) {
    h.create_as("bj", customer("北京机械公司 Ltd")).await;
    h.create_as("th", customer("บริษัทไทย")).await;
    h.create_as("ru", customer("ООО Новороссийский порт")).await;
    h.create_as("he", customer("החברה העברית")).await;
    assert_finds(
        &h,
        "customers/bj",
        &["北京机械公司", "北京", "机械", "机械公司"],
    )
    .await;
    assert_finds(&h, "customers/th", &["บริษัทไทย", "ไทย"]).await;
    assert_finds(
        &h,
        "customers/ru",
        &["новороссийский порт", "НОВОРОССИСКИЙ ПОРТ", "порт"],
    )
    .await;
    assert_finds(&h, "customers/he", &["החברה העברית", "העברית"]).await;
    assert_finds_nobody(&h, &["上海"]).await;
}

async fn names_without_letters_are_found_as_they_are(h: Harness) {
    h.create_as("m", customer("3M")).await;
    h.create_as("n", customer("(*_*)")).await;
    h.create_as("x", customer("😀 😀")).await;
    h.create_as("o", customer("1-800 42")).await;
    assert_finds(&h, "customers/m", &["3m", "3M Co", "3 m"]).await;
    assert_finds(&h, "customers/n", &["(*_*)"]).await;
    assert_finds(&h, "customers/x", &["😀 😀", "😀😀"]).await;
    assert_finds(&h, "customers/o", &["1 800 42", "800"]).await;
    // Letters with dots are one word, and a letter has its plain spelling: neither is a typo.
    h.create_as("ao", customer("A. O. Smith")).await;
    h.create_as("g", contact("Ida Groß")).await;
    for (name, text) in [
        ("customers/ao", "AO Smith"),
        ("contacts/g", "GROSS"),
        ("contacts/g", "ida groß"),
    ] {
        let first = look_up(&h, text).await.remove(0);
        assert_eq!(
            (first.customer + &first.contact, first.matches[0].typo_count),
            (name.to_owned(), 0),
            "{text}"
        );
    }
    assert_finds_nobody(&h, &["1 801 43"]).await;
}

fn living_in(town: &str, display_name: &str) -> pb::Contact {
    let postal_address = Some(PostalAddress {
        locality: town.to_owned(),
        region_code: "AT".to_owned(),
        ..Default::default()
    });
    pb::Contact {
        addresses: vec![pb::Address {
            postal_address,
            ..Default::default()
        }],
        ..contact(display_name)
    }
}

async fn a_town_tells_people_of_one_name_apart(h: Harness) {
    h.create_as("a", living_in("Graz", "Anna Huber")).await;
    h.create_as("b", living_in("Sankt Pölten", "Anna Huber"))
        .await;
    assert_finds(
        &h,
        "contacts/a",
        &["anna huber graz", "huber graz", "hubr garz"],
    )
    .await;
    assert_finds(
        &h,
        "contacts/b",
        &["anna huber sankt polten", "huber pölten", "huber st polten"],
    )
    .await;
    assert_finds_nobody(&h, &["graz", "sankt pölten"]).await;
    // The order of the name counts beside a town as it does without one.
    h.create_as("c", living_in("Graz", "Huber Anna")).await;
    assert_finds(&h, "contacts/a", &["anna huber graz", "graz anna huber"]).await;
    assert_finds(&h, "contacts/c", &["huber anna graz", "huber anna"]).await;
    let matches = look_up(&h, "huber graz").await[0].matches.clone();
    let kinds: Vec<TextKind> = matches.iter().map(pb::LookUpMatch::text_kind).collect();
    assert_eq!(kinds, [TextKind::Name, TextKind::Place]);
    // Who moves is found at the new place.
    h.update(
        pb::Contact {
            name: "contacts/a".to_owned(),
            ..living_in("Wels", "Anna Huber")
        },
        &["addresses"],
    )
    .await;
    assert_finds(&h, "contacts/a", &["huber wels"]).await;
}

async fn whole_names_come_before_parts(h: Harness) {
    for (id, name) in [
        ("c", "Lind Group Holding"),
        ("b", "Lind Group"),
        ("a", "Lind"),
        ("e", "Linde"),
        ("d", "Lind"),
    ] {
        h.create_as(id, customer(name)).await;
    }
    let of = |ids: &[&str]| {
        ids.iter()
            .map(|id| format!("customers/{id}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(found(&h, "lind").await, of(&["a", "d", "b", "c", "e"]));
    assert_eq!(found(&h, "lind group").await[..2], of(&["b", "c"]));
    assert_eq!(found(&h, "linde").await[0], "customers/e");
    // Among very many of one name, the one whose whole name it is comes first all the same.
    for i in 0..60 {
        h.create(contact(&format!("Aaron Lind Person{i}"))).await;
    }
    assert_eq!(found(&h, "lind").await[..3], of(&["a", "d", "b"]));
}

async fn the_order_of_words_and_legal_forms_decide_between_equals(h: Harness) {
    for (id, name) in [
        ("a", "Berg Lind"),
        ("b", "Lind Berg"),
        ("c", "AB Moos Tal"),
        ("d", "Moos Tal"),
    ] {
        h.create_as(id, customer(name)).await;
    }
    assert_finds(&h, "customers/a", &["berg lind"]).await;
    assert_finds(&h, "customers/b", &["lind berg"]).await;
    // The very words, in another order, come before a name that has more.
    assert_finds(&h, "customers/d", &["tal moos"]).await;
    // A legal form is no part of a name, before it or within it.
    for (id, name) in [
        ("e", "Karhu Q"),
        ("f", "Oy Karhu"),
        ("g", "Hello World Q"),
        ("h", "Hello Oy World Ab"),
    ] {
        h.create_as(id, customer(name)).await;
    }
    assert_finds(&h, "customers/f", &["karhu"]).await;
    assert_finds(&h, "customers/h", &["hello world"]).await;
    // What fits alike comes by what it is called.
    h.create_as("i", customer("Quell Yb")).await;
    h.create_as("j", customer("Quell Xb")).await;
    assert_eq!(found(&h, "quell").await, ["customers/j", "customers/i"]);
}
