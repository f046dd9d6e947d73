//! Legal forms of East Asia: written to a firm's name without a blank, before or after it, in full or in brackets.
//!
//! Facts, written down from the Entity Legal Forms code list (ISO 20275, kept by GLEIF), for Japan, Korea, China, Taiwan,
//! Hong Kong, Macau and Thailand. What NFKC takes apart (`㈱`, `㍿`) and other forms of the same ideographs (`株式會社`)
//! need no entry of their own.

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::fold::unaccented;

const FORMS: &[&str] = &[
    // Japan.
    "株式会社",
    "有限会社",
    "合同会社",
    "合資会社",
    "合名会社",
    "相互会社",
    "特定目的会社",
    "一般社団法人",
    "一般財団法人",
    "公益社団法人",
    "公益財団法人",
    "社団法人",
    "財団法人",
    "医療法人社団",
    "医療法人財団",
    "医療法人",
    "学校法人",
    "宗教法人",
    "社会福祉法人",
    "特定非営利活動法人",
    "NPO法人",
    "独立行政法人",
    "国立大学法人",
    "税理士法人",
    "弁護士法人",
    "有限責任監査法人",
    "監査法人",
    "有限責任事業組合",
    "(株)",
    "(有)",
    "(同)",
    "(資)",
    "(名)",
    "(社)",
    "(財)",
    "(医)",
    "(学)",
    "(宗)",
    "(福)",
    "(特非)",
    "(独)",
    // Korea.
    "주식회사",
    "유한회사",
    "유한책임회사",
    "합자회사",
    "합명회사",
    "농업회사법인",
    "사단법인",
    "재단법인",
    "의료법인",
    "학교법인",
    "사회복지법인",
    "협동조합",
    "사회적협동조합",
    "(주)",
    "(유)",
    "(합)",
    "(자)",
    "(사)",
    "(재)",
    "(의)",
    "(학)",
    "(복)",
    // China, Taiwan, Hong Kong, Macau.
    "股份有限公司",
    "有限责任公司",
    "有限責任公司",
    "有限公司",
    "股份公司",
    "无限公司",
    "無限公司",
    "两合公司",
    "兩合公司",
    "有限合伙企业",
    "有限合伙",
    "普通合伙",
    "特殊普通合伙",
    "(有限合伙)",
    "(普通合伙)",
    "(特殊普通合伙)",
    "有限合夥",
    "一人有限公司",
    // Thailand.
    "บริษัท",
    "จำกัด",
    "(มหาชน)",
    "ห้างหุ้นส่วน",
];

/// The forms as they are in a folded name, the longest first.
static FOLDED: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut forms: Vec<String> = FORMS.iter().map(|form| unaccented(form)).collect();
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    forms
});

/// Returns a name, folded, without the forms at the ends of it and of its parts; the name as it is if it has none, or is
/// nothing else.
pub fn cut(name: &str) -> Cow<'_, str> {
    if name.is_ascii() {
        return Cow::Borrowed(name);
    }
    let plain = unaccented(name);
    let parts: Vec<&str> = plain.split_whitespace().map(cut_part).collect();
    let cut = parts.join(" ");
    if cut.contains(char::is_alphanumeric) {
        Cow::Owned(cut)
    } else {
        Cow::Borrowed(name)
    }
}

fn cut_part(part: &str) -> &str {
    let mut rest = part;
    while let Some(less) = FOLDED.iter().find_map(|form| {
        let form = form.as_str();
        rest.strip_prefix(form).or_else(|| rest.strip_suffix(form))
    }) {
        rest = less;
    }
    rest
}

#[test]
fn forms_are_cut_at_both_ends_and_nothing_else_is() {
    for (name, rest) in [
        ("株式会社ヲヴ", "ヲヴ"),
        ("㈱ヲヴ", "ヲヴ"),
        ("ヲヴ（株）", "ヲヴ"),
        ("㍿ ヲヴ", "ヲヴ"),
        ("株式會社ヲヴ", "ヲヴ"),
        ("㈲さとう商店", "サトウ商店"),
        ("ヲヴ株式会社 東京支店", "ヲヴ 東京支店"),
        ("주식회사새별산업", "새별산업"),
        ("㈜새별산업", "새별산업"),
        ("새별산업 유한회사", "새별산업"),
        ("华星科技股份有限公司", "華星科技"),
        ("華星(香港)有限公司", "華星(香港)"),
        ("บริษัท ไทย จำกัด (มหาชน)", "ไทย"),
        ("株式会社", "株式会社"),
        ("株田建設", "株田建設"),
        ("Ferrum AG", "Ferrum AG"),
    ] {
        assert_eq!(cut(name).trim(), rest, "{name}");
    }
}
