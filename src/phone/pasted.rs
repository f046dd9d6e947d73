//! What people paste when they mean a phone number: the digits of it, without all that is around them.
//!
//! Owns spaces, brackets, invisible characters, digits of other scripts, links and extensions. What a spreadsheet makes of
//! digits is mended in `spreadsheet.rs`, letters are read in `letters.rs`, and which number the digits are is said in
//! `mod.rs`.

use unicode_normalization::UnicodeNormalization;

use crate::clean::shows_nothing;
use crate::percent;
use crate::phone::letters::by_letters;
use crate::phone::spreadsheet::{is_cut_short, mended};

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
/// The fewest digits of a number before a `~` that sets off an extension, and the most digits of such an extension: the
/// sign also stands between other digits.
const MIN_BEFORE_TILDE: usize = 7;
const MAX_BEHIND_TILDE: usize = 5;
/// The most digits of the code of a country, with what is dialled in the plus's place.
const MAX_CODE_DIALLED: usize = 5;
/// The fewest digits of a number that other words follow.
pub(super) const MIN_LEADING: usize = 7;

/// What is dialled, as a text says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dialled {
    /// Whether a plus stands before the digits.
    pub is_international: bool,
    /// The ASCII digits.
    pub digits: String,
    /// Whether the whole text is these digits, and what people put between and around them.
    pub is_whole: bool,
    /// How many of the digits are written as letters.
    pub letters: Letters,
}

/// Whether letters are read as the keys of a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Letters {
    /// There are none, or they are left out.
    None,
    /// All of them are.
    All,
    /// The last ones are left out: the word is longer than the number.
    Cut,
}

/// Returns what a text may dial, the likeliest first: all of it, its letters as keys of a phone, or what stands before a
/// word or a second number.
pub(super) fn readings(text: &str) -> Vec<Dialled> {
    let text = plain(text);
    if is_cut_short(&text) {
        return Vec::new();
    }
    let text = in_link(&text).unwrap_or(text);
    let (text, context) = without_parameters(&text);
    let Some(start) = text.find(|c: char| c == '+' || c.is_ascii_digit()) else {
        return Vec::new();
    };
    let (before, rest) = text.split_at(start);
    let has_plus = rest.starts_with('+');
    let number = rest.trim_start_matches(['+', ' ']);
    let (first, after) = number.split_at(end_of_digits(number));
    let is_guarded = is_extension(after) || after.chars().all(|c| !c.is_alphanumeric());
    let is_whole = !is_word(before) && is_guarded;
    let dialled = |digits: String, is_whole: bool, letters: Letters| Dialled {
        is_international: has_plus || !context.is_empty(),
        digits: if has_plus {
            digits
        } else {
            format!("{context}{digits}")
        },
        is_whole,
        letters,
    };
    let by_digits = |digits: String, is_whole: bool| dialled(digits, is_whole, Letters::None);
    let mut readings = vec![by_digits(digits(first), is_whole)];
    readings.extend(without_nought(first).map(|digits| by_digits(digits, is_whole)));
    let spelled = by_letters(number, is_between).into_iter();
    readings.extend(spelled.map(|(digits, letters)| dialled(digits, false, letters)));
    if let Some((one, _)) = first.split_once('/') {
        readings.push(by_digits(digits(one), false));
    }
    readings.retain(|reading| !reading.digits.is_empty());
    readings
}

/// Says whether a text begins with a number, whatever follows it, as in `040 555 0142 (Ann)`.
pub fn begins_with_number(text: &str) -> bool {
    let plain = plain(text);
    let before = plain.split(|c: char| c == '+' || c.is_ascii_digit()).next();
    let is_long = |one: &Dialled| match one.letters {
        Letters::None => one.digits.len() >= MIN_LEADING,
        // So many are written with letters, and an address or a firm may begin with fewer: `12345 GmbH`.
        _ => (10..=11).contains(&one.digits.len()),
    };
    !before.is_some_and(is_word) && readings(text).iter().any(is_long)
}

/// Says whether what stands before digits makes them a part of something else: `Tel.: 040 ..` is a number, `Building 40`
/// is none.
fn is_word(before: &str) -> bool {
    before.contains(char::is_alphabetic)
        && !before.trim_end().ends_with([':', '.'])
        && !is_label(before)
}

/// Returns where the digits of a number end, and what people put between them.
fn end_of_digits(number: &str) -> usize {
    let end = number.find(|c| !is_between(c)).unwrap_or(number.len());
    let n_digits = |text: &str| digits(text).len();
    let tilde = number[..end].rfind('~').filter(|at| {
        n_digits(&number[..*at]) >= MIN_BEFORE_TILDE
            && (1..=MAX_BEHIND_TILDE).contains(&n_digits(&number[*at..end]))
    });
    tilde.unwrap_or(end)
}

/// Returns the digits of a number without a nought in brackets behind the code of its country, as in `+48 (0) 22 ..`.
/// Where a nought is dialled within the country, or is part of the number, it makes no difference or stays.
fn without_nought(number: &str) -> Option<String> {
    let number: String = number.chars().filter(|c| *c != ' ').collect();
    let at = ["(0)", "[0]"]
        .iter()
        .find_map(|nought| number.find(nought))?;
    let code = digits(&number[..at]);
    (1..=MAX_CODE_DIALLED)
        .contains(&code.len())
        .then(|| code + &digits(&number[at + 3..]))
}

/// Addresses of pages behind which the digits of an international number stand without a plus.
const PAGES: [&str; 3] = [
    "wa.me/",
    "api.whatsapp.com/send?phone=",
    "web.whatsapp.com/send?phone=",
];
/// Links that call an address, which is a number if a plus stands before it.
const CALLS: [&str; 5] = ["sip:", "sips:", "skype:", "facetime:", "facetime-audio:"];

/// Returns the digits in a link that calls a number, such as `https://wa.me/4315550177` and `sip:+4315550177@pbx.example`,
/// with a plus.
fn in_link(text: &str) -> Option<String> {
    let address = text.split_once("://").map_or(text, |(_, rest)| rest).trim();
    let on_page = PAGES.iter().find_map(|page| address.strip_prefix(page));
    let called = || {
        let address = CALLS
            .iter()
            .find_map(|call| text.trim().strip_prefix(call))?;
        let address = address.trim_start_matches('/');
        address.starts_with('+').then_some(address)
    };
    let number = on_page.or_else(called)?.trim_start_matches(['+', ' ']);
    let end = number.find(|c: char| !c.is_ascii_digit() && !"-.()".contains(c));
    let digits = digits(&number[..end.unwrap_or(number.len())]);
    (!digits.is_empty()).then(|| format!("+{digits}"))
}

/// Says whether a text is a link that calls a number.
pub(super) fn is_link(text: &str) -> bool {
    in_link(&plain(text)).is_some()
}

/// Says whether a text in plain letters only says that a number follows.
pub(super) fn is_label(text: &str) -> bool {
    let mut words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .peekable();
    words.peek().is_some() && words.all(|word| LABELS.contains(&word))
}

/// Signs and words that set off an extension; one that begins with another stands before it.
const EXTENSIONS: [&str; 18] = [
    "extension",
    "extn",
    "ext",
    "xtn",
    "x",
    "#",
    "~",
    "durchwahl",
    "dw",
    "poste",
    "\u{434}\u{43e}\u{431}",
    "anexo",
    "ramal",
    "interno",
    "int",
    "toestel",
    "wew",
    "vnr",
];

/// Says whether what stands behind a number is the number of a desk or a room, to be dialled later.
fn is_extension(after: &str) -> bool {
    let after = after.trim();
    let bare = after.trim_start_matches([',', ';', ' ']);
    let named = EXTENSIONS.iter().find_map(|sign| bare.strip_prefix(sign));
    let rest = named.or((bare.len() < after.len()).then_some(bare));
    let digits = rest.map(|rest| rest.trim_start_matches(['.', ':', ',', '=', ' ']));
    digits.is_some_and(|digits| {
        digits.len() <= MAX_EXTENSION
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && (named.is_some() || !digits.is_empty())
    })
}

/// Returns the ASCII digits of a text, those of other scripts included.
pub(super) fn all_digits(text: &str) -> String {
    digits(&plain(text))
}

/// Returns a text in lower case with ASCII digits, signs and spaces, without what cannot be seen, the codes of a link
/// resolved.
pub(super) fn plain(text: &str) -> String {
    let text = percent::decoded(text);
    let seen = text.nfkc().filter(|c| !shows_nothing(*c));
    let plain: String = seen.map(as_ascii).flat_map(char::to_lowercase).collect();
    mended(&plain).unwrap_or(plain)
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
