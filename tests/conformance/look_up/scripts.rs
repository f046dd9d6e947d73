//! Names of East Asia: legal forms that are written to them, the two kana, and ideographs of several forms.

use super::*;
use futures_util::future::join_all;

conformance! {
    a_legal_form_is_no_part_of_a_name,
    who_shares_only_the_form_is_not_found,
    kana_are_one,
    forms_of_an_ideograph_are_one,
    case_is_folded_in_full,
}

async fn a_legal_form_is_no_part_of_a_name(h: Harness) {
    for (id, name) in [
        ("jp", "㈱ヲヴ"),
        ("yg", "さくら有限会社"),
        ("kr", "(주)새별산업"),
        ("cn", "华星科技股份有限公司"),
        ("hk", "華明(香港)有限公司"),
        ("th", "บริษัท ไทยทอง จำกัด (มหาชน)"),
    ] {
        h.create_as(id, customer(name)).await;
    }
    assert_finds(
        &h,
        "customers/jp",
        &[
            "株式会社ヲヴ",
            "ヲヴ",
            "ヲヴ（株）",
            "㍿ヲヴ",
            "株式會社 ヲヴ",
            "ｦｳﾞ",
        ],
    )
    .await;
    assert_finds(
        &h,
        "customers/yg",
        &["㈲さくら", "(有)サクラ", "さくら", "有限会社さくら"],
    )
    .await;
    assert_finds(
        &h,
        "customers/kr",
        &[
            "주식회사새별산업",
            "㈜새별산업",
            "새별산업",
            "새별산업 주식회사",
            "유한회사 새별산업",
        ],
    )
    .await;
    assert_finds(
        &h,
        "customers/cn",
        &["华星科技", "華星科技有限公司", "华星科技股份有限公司"],
    )
    .await;
    assert_finds(&h, "customers/hk", &["華明有限公司", "华明(香港)"]).await;
    assert_finds(&h, "customers/th", &["ไทยทอง", "บริษัทไทยทองจำกัด"]).await;
    assert_finds_nobody(&h, &["株式会社", "(주)", "有限公司"]).await;
    // A person's name has none, and what is nothing else stays.
    h.create_as("form", customer("株式会社")).await;
    assert_finds(&h, "customers/form", &["株式会社"]).await;
}

async fn who_shares_only_the_form_is_not_found(h: Harness) {
    let kana: Vec<char> = "アイウエオカキクケコサシスセソタチツ".chars().collect();
    let names = kana
        .iter()
        .flat_map(|a| kana.iter().map(move |b| format!("株式会社{a}{b}ナ")));
    let names: Vec<String> = names.take(300).collect();
    for chunk in names.chunks(8) {
        join_all(chunk.iter().map(|name| h.create(customer(name)))).await;
    }
    h.create_as("w", customer("㈱ヲヴ")).await;
    for text in ["株式会社ヲヴ", "ヲヴ株式会社", "(株)ヲヴ"] {
        assert_eq!(found(&h, text).await, ["customers/w"], "{text}");
    }
}

async fn kana_are_one(h: Harness) {
    h.create_as("s", contact("さとう はなこ")).await;
    h.create_as("y", contact("ヤマダ タロウ")).await;
    assert_finds(
        &h,
        "contacts/s",
        &["サトウ", "サトウ ハナコ", "ｻﾄｳ", "さとう"],
    )
    .await;
    assert_finds(&h, "contacts/y", &["やまだ", "ﾔﾏﾀﾞ たろう", "ヤマダ"]).await;
}

async fn forms_of_an_ideograph_are_one(h: Harness) {
    for (id, name) in [
        ("t", "髙橋 一郎"),
        ("y", "山﨑 花子"),
        ("s", "澤田 実"),
        ("w", "渡邊 真"),
        ("k", "葛\u{e0100}城 誠"),
        ("q", "齋藤 學"),
    ] {
        h.create_as(id, contact(name)).await;
    }
    for (id, texts) in [
        ("t", ["高橋", "髙橋", "高橋一郎"]),
        ("y", ["山崎", "山﨑花子", "山嵜"]),
        ("s", ["沢田", "澤田實", "泽田"]),
        ("w", ["渡辺", "渡邉", "渡邊眞"]),
        ("k", ["葛城", "葛城誠", "葛\u{e0101}城"]),
        ("q", ["斎藤", "齋藤学", "斎藤學"]),
    ] {
        assert_finds(&h, &format!("contacts/{id}"), &texts).await;
    }
}

async fn case_is_folded_in_full(h: Harness) {
    h.create_as("i", contact("İnan Çelik")).await;
    h.create_as("s", customer("Straße AG")).await;
    h.create_as("o", contact("Οδυσσεύς Παππάς")).await;
    assert_finds(
        &h,
        "contacts/i",
        &["inan", "İNAN ÇELİK", "i\u{307}nan", "INAN CELIK", "ınan"],
    )
    .await;
    assert_finds(
        &h,
        "customers/s",
        &["STRAẞE", "strasse", "STRASSE AG", "stra\u{ad}ße"],
    )
    .await;
    assert_finds(&h, "contacts/o", &["ΟΔΥΣΣΕΎΣ", "οδυσσευσ", "παππας"]).await;
}
