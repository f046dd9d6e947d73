//! LookUp while somebody types: the last word may be a beginning, and a letter an initial.

use super::*;

conformance! {
    the_last_word_is_also_a_beginning,
    a_beginning_comes_after_whole_words_and_before_misspellings,
    names_that_begin_so_come_first,
    what_is_short_needs_another_word,
    an_initial_is_the_beginning_of_a_name,
    very_many_that_begin_alike_are_bounded,
    a_beginning_keeps_to_the_kinds_wanted,
}

async fn the_last_word_is_also_a_beginning(h: Harness) {
    h.create_as("n", customer("Nordlicht Optik GmbH")).await;
    h.create_as("w", customer("Westwind Optik")).await;
    h.create_as("p", contact("Mara Lindqvist")).await;
    assert_finds(
        &h,
        "customers/n",
        &[
            "nordl",
            "NOR",
            "Nordlicht",
            "nordlicht opt",
            "optik nordl",
            "nordlict opt",
            "nordlicht optik g",
        ],
    )
    .await;
    assert_finds(
        &h,
        "contacts/p",
        &["lindq", "mara lin", "mara l", "Mar", "mra lindq"],
    )
    .await;
    let first = look_up(&h, "nordl").await.remove(0);
    assert_eq!(first.matches[0].typo_count, 0);
    assert_eq!(first.matches[0].text_kind(), TextKind::Name);
    // A legal form beside it is no other word.
    h.create_as("o", customer("P.T. Indosat")).await;
    assert_finds(&h, "customers/o", &["P.T. In", "PT Indo", "indo"]).await;
    // Only the last word is unfinished.
    assert_finds_nobody(&h, &["nordl ag", "lindq zzzzzzzz"]).await;
    // What is gone completes nothing.
    h.delete::<pb::Customer>("customers/n").await;
    assert_finds_nobody(&h, &["nordl", "nor"]).await;
    h.update(
        pb::Contact {
            name: "contacts/p".to_owned(),
            ..contact("Mara Berg")
        },
        &["display_name"],
    )
    .await;
    assert_finds_nobody(&h, &["lindq"]).await;
}

async fn a_beginning_comes_after_whole_words_and_before_misspellings(h: Harness) {
    for (id, name) in [
        ("e", "Lund"),
        ("d", "Lindqvist Holding"),
        ("c", "Linde"),
        ("b", "Lind Group Holding International"),
        ("a", "Lind"),
    ] {
        h.create_as(id, customer(name)).await;
    }
    let of = |ids: &[&str]| {
        ids.iter()
            .map(|id| format!("customers/{id}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(found(&h, "lind").await, of(&["a", "b", "c", "d", "e"]));
    assert_eq!(found(&h, "linde").await[0], "customers/c");
    assert_eq!(found(&h, "lindq").await[0], "customers/d");
}

async fn names_that_begin_so_come_first(h: Harness) {
    for i in 0..25 {
        h.create(customer(&format!("Alfa{i} Telekom"))).await;
        h.create(contact(&format!("Ida{i} Telemann"))).await;
    }
    h.create_as("t", customer("Telecom Argentina Stet France Holding"))
        .await;
    assert_finds(&h, "customers/t", &["tele", "telec", "tel"]).await;
}

async fn what_is_short_needs_another_word(h: Harness) {
    h.create_as("p", contact("Mara Lindqvist")).await;
    h.create_as("k", customer("(주)새별산업")).await;
    h.create_as("s", customer("Studio 4711")).await;
    h.create_as("o", customer("北京机械公司")).await;
    assert_finds_nobody(&h, &["li", "l", "m", "새", "471"]).await;
    assert_finds(&h, "contacts/p", &["mara li", "lindqvist ma"]).await;
    // A letter of Hangul is a syllable; Han is found by any two.
    assert_finds(&h, "customers/k", &["새별", "새별산"]).await;
    assert_finds(&h, "customers/o", &["北京", "北京机"]).await;
    // Digits must be right.
    assert_finds(&h, "customers/s", &["studio 4711", "stud"]).await;
}

async fn an_initial_is_the_beginning_of_a_name(h: Harness) {
    for i in 0..40 {
        let given = ["Bob", "Cid", "Dora", "Eve"][i % 4];
        h.create(contact(&format!("{given}{i} Roe"))).await;
    }
    h.create_as("ann", contact("Ann Roe")).await;
    h.create_as("zoe", contact("Zoe Maria Roe")).await;
    h.create_as(
        "own",
        pb::Contact {
            given_name: "Olaf".to_owned(),
            family_name: "Roe".to_owned(),
            ..contact("Director Roe")
        },
    )
    .await;
    assert_finds(
        &h,
        "contacts/ann",
        &["A. Roe", "a roe", "Roe A", "Roe, A.", "A. Roee"],
    )
    .await;
    assert_finds(&h, "contacts/zoe", &["Z. Roe", "Z. M. Roe", "Zoe M. Roe"]).await;
    assert_finds(&h, "contacts/own", &["O. Roe"]).await;
    // Alone it tells nothing.
    assert_finds_nobody(&h, &["A.", "Z"]).await;
    // Whoever is called just so comes first.
    h.create_as("a", contact("A. Roe")).await;
    assert_eq!(
        found(&h, "A. Roe").await[..2],
        ["contacts/a", "contacts/ann"]
    );
}

async fn very_many_that_begin_alike_are_bounded(h: Harness) {
    for i in 0..70_u8 {
        let (a, b) = (char::from(b'a' + i % 26), char::from(b'a' + i / 26));
        h.create(customer(&format!("Nord{a}{b} Werke"))).await;
    }
    h.create_as("n", customer("Nord")).await;
    h.create_as("z", customer("Nordzz Werke")).await;
    assert_eq!(found(&h, "nor").await.len(), 10);
    assert_eq!(found(&h, "nord").await[0], "customers/n");
    assert_eq!(
        done(try_look_up(&h, "nord", &[], 50).await).results.len(),
        33
    );
    // One more letter, or another word, tells them apart.
    assert_finds(
        &h,
        "customers/z",
        &["nordzz", "werke nordzz", "werk nordzz"],
    )
    .await;
}

async fn a_beginning_keeps_to_the_kinds_wanted(h: Harness) {
    for i in 0..30 {
        h.create(customer(&format!("Ferrum {i}"))).await;
    }
    h.create_as("p", contact("Lena Ferrumson")).await;
    let people = done(try_look_up(&h, "ferr", &[Kind::Contact], 0).await).results;
    assert_eq!(
        (people.len(), people[0].contact.as_str()),
        (1, "contacts/p")
    );
    let people = done(try_look_up(&h, "lena fer", &[Kind::Contact], 0).await).results;
    assert_eq!(people[0].contact, "contacts/p");
    let firms = done(try_look_up(&h, "ferr", &[Kind::Customer], 0).await).results;
    assert!(firms.len() == 10 && firms.iter().all(|found| found.contact.is_empty()));
}
