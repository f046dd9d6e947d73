//! What people paste when they mean a phone number: the digits of it, without all that is around them.
//!
//! Owns spaces, brackets, invisible characters, digits of other scripts, `tel:` links and a spreadsheet's guards. Which
//! number the digits are is said in `mod.rs`.

use unicode_normalization::UnicodeNormalization;

use crate::clean::shows_nothing;

/// The digits nought of the scripts that have their own, but for those that NFKC turns into ASCII; nine more follow each.
const NOUGHTS: [char; 58] = [
    '\u{660}',
    '\u{6f0}',
    '\u{7c0}',
    '\u{966}',
    '\u{9e6}',
    '\u{a66}',
    '\u{ae6}',
    '\u{b66}',
    '\u{be6}',
    '\u{c66}',
    '\u{ce6}',
    '\u{d66}',
    '\u{de6}',
    '\u{e50}',
    '\u{ed0}',
    '\u{f20}',
    '\u{1040}',
    '\u{1090}',
    '\u{17e0}',
    '\u{1810}',
    '\u{1946}',
    '\u{19d0}',
    '\u{1a80}',
    '\u{1a90}',
    '\u{1b50}',
    '\u{1bb0}',
    '\u{1c40}',
    '\u{1c50}',
    '\u{a620}',
    '\u{a8d0}',
    '\u{a900}',
    '\u{a9d0}',
    '\u{a9f0}',
    '\u{aa50}',
    '\u{abf0}',
    '\u{104a0}',
    '\u{10d30}',
    '\u{11066}',
    '\u{110f0}',
    '\u{11136}',
    '\u{111d0}',
    '\u{112f0}',
    '\u{11450}',
    '\u{114d0}',
    '\u{11650}',
    '\u{116c0}',
    '\u{11730}',
    '\u{118e0}',
    '\u{11950}',
    '\u{11c50}',
    '\u{11d50}',
    '\u{11da0}',
    '\u{16a60}',
    '\u{16ac0}',
    '\u{16b50}',
    '\u{1e140}',
    '\u{1e2f0}',
    '\u{1e950}',
];

/// Words that only say that a number follows, as `plain` leaves them.
const LABELS: [&str; 46] = [
    "t",
    "p",
    "m",
    "f",
    "d",
    "o",
    "tel",
    "t\u{e9}l",
    "telephone",
    "t\u{e9}l\u{e9}phone",
    "telefon",
    "telefono",
    "tel\u{e9}fono",
    "telefone",
    "phone",
    "ph",
    "fon",
    "fax",
    "telefax",
    "mobile",
    "mobil",
    "mob",
    "m\u{f3}vil",
    "cell",
    "cellphone",
    "cellulare",
    "handy",
    "gsm",
    "direct",
    "direkt",
    "office",
    "work",
    "home",
    "call",
    "callto",
    "sms",
    "whatsapp",
    "wa",
    "viber",
    "signal",
    "\u{442}\u{435}\u{43b}",
    "\u{442}\u{435}\u{43b}\u{435}\u{444}\u{43e}\u{43d}",
    "\u{43c}\u{43e}\u{431}",
    "\u{7535}\u{8bdd}",
    "\u{96fb}\u{8a71}",
    "\u{624b}\u{673a}",
];

/// The most digits of an extension.
const MAX_EXTENSION: usize = 7;

/// What is dialled, as a text says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dialled {
    /// Whether a plus stands before the digits.
    pub is_international: bool,
    /// The ASCII digits.
    pub digits: String,
    /// Whether the whole text is these digits, and what people put between and around them.
    pub is_whole: bool,
}

/// Returns what a text may dial, the likeliest first: all of it, its letters as keys of a phone, or what stands before a
/// word or a second number.
pub(super) fn readings(text: &str) -> Vec<Dialled> {
    let text = plain(text);
    let text = in_page(&text).unwrap_or(text);
    let (text, context) = without_parameters(&text);
    let Some(start) = text.find(|c: char| c == '+' || c.is_ascii_digit()) else {
        return Vec::new();
    };
    let (before, rest) = text.split_at(start);
    let has_plus = rest.starts_with('+');
    let number = rest.trim_start_matches(['+', ' ']);
    let end = number.find(|c| !is_between(c)).unwrap_or(number.len());
    let (first, after) = number.split_at(end);
    // `Tel.: 040 ..` is a number, `Building 40` is none.
    let is_word = before.contains(char::is_alphabetic)
        && !before.trim_end().ends_with([':', '.'])
        && !is_label(before);
    let is_guarded = is_extension(after) || after.chars().all(|c| !c.is_alphanumeric());
    let dialled = |digits: String, is_whole: bool| Dialled {
        is_international: has_plus || !context.is_empty(),
        digits: if has_plus {
            digits
        } else {
            format!("{context}{digits}")
        },
        is_whole,
    };
    let mut readings = vec![dialled(digits(first), !is_word && is_guarded)];
    readings.extend(by_letters(number).map(|digits| dialled(digits, false)));
    if let Some((one, _)) = first.split_once('/') {
        readings.push(dialled(digits(one), false));
    }
    readings.retain(|reading| !reading.digits.is_empty());
    readings
}

/// Addresses of pages behind which the digits of an international number stand without a plus.
const PAGES: [&str; 3] = [
    "wa.me/",
    "api.whatsapp.com/send?phone=",
    "web.whatsapp.com/send?phone=",
];

/// Returns the digits in the address of a page that calls a number, such as `https://wa.me/4315550177`, with a plus.
fn in_page(text: &str) -> Option<String> {
    let address = text.split_once("://").map_or(text, |(_, rest)| rest).trim();
    let number = PAGES.iter().find_map(|page| address.strip_prefix(page))?;
    let number = number.trim_start_matches(['+', ' ']);
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    (!digits.is_empty()).then(|| format!("+{digits}"))
}

/// Says whether a text is the address of a page that calls a number.
pub(super) fn is_page(text: &str) -> bool {
    in_page(&plain(text)).is_some()
}

/// Says whether a text in plain letters only says that a number follows.
pub(super) fn is_label(text: &str) -> bool {
    let mut words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .peekable();
    words.peek().is_some() && words.all(|word| LABELS.contains(&word))
}

/// Says whether what stands behind a number is the number of a desk or a room, to be dialled later.
fn is_extension(after: &str) -> bool {
    const SIGNS: [&str; 9] = [
        "extension",
        "ext",
        "x",
        "#",
        ",",
        ";",
        "durchwahl",
        "dw",
        "poste",
    ];
    let after = after.trim();
    let rest = SIGNS.iter().find_map(|sign| after.strip_prefix(sign));
    let digits = rest.map(|rest| rest.trim_start_matches(['.', ':', ',', '=', ' ']));
    digits.is_some_and(|digits| {
        (1..=MAX_EXTENSION).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Returns the ASCII digits of a text, those of other scripts included.
pub(super) fn all_digits(text: &str) -> String {
    digits(&plain(text))
}

/// Returns a text in lower case with ASCII digits, signs and spaces, and without what cannot be seen.
pub(super) fn plain(text: &str) -> String {
    let seen = text.nfkc().filter(|c| !shows_nothing(*c));
    seen.map(as_ascii).flat_map(char::to_lowercase).collect()
}

fn as_ascii(c: char) -> char {
    match c {
        '\u{207a}' | '\u{fe62}' | '\u{ff0b}' => '+',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}' | '\u{2043}' => '-',
        '\u{2044}' | '\u{2215}' => '/',
        '\u{2800}' => ' ',
        c if c.is_whitespace() => ' ',
        c if c.is_ascii() => c,
        c => digit_of(c).unwrap_or(c),
    }
}

fn digit_of(c: char) -> Option<char> {
    let after = NOUGHTS
        .iter()
        .map(|nought| (c as u32).wrapping_sub(*nought as u32));
    after
        .filter(|after| *after < 10)
        .find_map(|after| char::from_digit(after, 10))
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Says whether a character may stand in a number, as a digit or between digits.
fn is_between(c: char) -> bool {
    c.is_ascii_digit() || " -./()[]~'\u{2019}_:\u{b7}\u{2022}".contains(c)
}

/// Cuts the parameters off a `tel:` link (RFC 3966), and returns what its context says goes before a local number.
fn without_parameters(text: &str) -> (&str, String) {
    let (number, parameters) = text.split_once(';').unwrap_or((text, ""));
    let context = parameters
        .split(';')
        .find_map(|one| one.trim().strip_prefix("phone-context=+"));
    (number, context.map(digits).unwrap_or_default())
}

/// Reads letters as the keys of a phone: `1-800-flowers`. A number has three of them or more, in one word behind a digit.
fn by_letters(number: &str) -> Option<String> {
    let end = number
        .find(|c: char| !is_between(c) && !c.is_ascii_lowercase())
        .unwrap_or(number.len());
    let number = &number[..end];
    let word = number
        .find(|c: char| c.is_ascii_lowercase())
        .map(|at| number[at..].trim_end());
    if word.is_none_or(|word| word.contains(' ')) {
        return None;
    }
    let n_letters = number.chars().filter(char::is_ascii_lowercase).count();
    (n_letters >= 3).then(|| number.chars().filter_map(key_of).collect())
}

fn key_of(c: char) -> Option<char> {
    Some(match c {
        '0'..='9' => c,
        'a'..='c' => '2',
        'd'..='f' => '3',
        'g'..='i' => '4',
        'j'..='l' => '5',
        'm'..='o' => '6',
        'p'..='s' => '7',
        't'..='v' => '8',
        'w'..='z' => '9',
        _ => return None,
    })
}
