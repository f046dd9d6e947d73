//! Names of East Asia: legal forms that are written to them, the two kana, and ideographs of several forms.

use super::*;
use futures_util::future::join_all;

conformance! {
    a_legal_form_is_no_part_of_a_name,
    who_shares_only_the_form_is_not_found,
    kana_are_one,
    forms_of_an_ideograph_are_one,
    simplified_and_traditional_names_are_one,
    case_is_folded_in_full,
    a_blank_inside_a_name_makes_no_difference,
    a_name_with_its_legal_form_stands_before_one_that_is_equal_without,
}

async fn a_blank_inside_a_name_makes_no_difference(h: Harness) {
    for (id, name) in [
        ("w", "张伟"),
        ("l", "李 小 龙"),
        ("y", "山田 太郎"),
        ("m", "陳 曉明"),
    ] {
        h.create_as(id, contact(name)).await;
    }
    assert_finds(&h, "contacts/w", &["张 伟", "张伟", "張　偉"]).await;
    assert_finds(&h, "contacts/l", &["李小龙", "李 小龙", "李小 龍"]).await;
    assert_finds(&h, "contacts/y", &["山田太郎", "山田 太郎", "太郎 山田"]).await;
    assert_finds(&h, "contacts/m", &["陈晓明", "陈 晓明"]).await;
}

async fn a_name_with_its_legal_form_stands_before_one_that_is_equal_without(h: Harness) {
    let names = [
        "アクメ",
        "一般社団法人アクメ",
        "株式会社アクメ",
        "合同会社アクメ",
        "アクメ有限会社",
    ];
    for (i, name) in names.iter().enumerate() {
        h.create_as(&format!("c{i}"), customer(name)).await;
    }
    for (i, name) in names.iter().enumerate() {
        assert_finds(&h, &format!("customers/c{i}"), &[name]).await;
    }
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
    // A mark that stands by itself belongs to the letter before it.
    h.create_as("p", customer("パリ")).await;
    h.create_as("g", customer("カ\u{309b}ス")).await;
    h.create_as("h", customer("ハリ")).await;
    assert_finds(&h, "customers/p", &["ハ\u{309c}リ", "ﾊﾟﾘ", "パリ"]).await;
    assert_finds(&h, "customers/g", &["ガス", "ｶﾞｽ", "カ\u{309b}ス"]).await;
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

async fn simplified_and_traditional_names_are_one(h: Harness) {
    for (i, (stored, asked)) in [
        ("台积电", "台積電"),
        ("華碩電腦", "华硕电脑"),
        ("鸿海精密", "鴻海精密"),
        ("聯發科技", "联发科技"),
        ("顺丰速运", "順豐速運"),
        ("臺灣積體電路製造", "台湾积体电路制造"),
        ("腾讯控股", "騰訊控股"),
        ("寶鋼鋼鐵", "宝钢钢铁"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = h.create_as(&format!("c{i}"), customer(stored)).await.name;
        assert_finds(&h, &name, &[stored, asked]).await;
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
