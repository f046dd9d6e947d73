//! What goes on behind a comparison as if it were part of it: a second value, a sum, a currency, digits behind a blank.

use prost_reflect::MessageDescriptor;

use crate::filter::FilterError;
use crate::filter::grammar::{Comparable, Leaf, Node, OPERATORS, Operator};
use crate::filter::literal::{operand, value_of};
use crate::filter::resolve::{PathTarget, ResolvedField, SEGMENT, asks_membership, resolve};
use crate::filter::scan::PathPart;
use crate::filter::slips::keyword::is_null;
use crate::filter::slips::word::{example_value, greater_value, path_of, values_of};
use crate::filter::slips::{Leaves, Slip, SlipKind, searched};
use crate::filter::tree::FieldKind;

/// A comparison of a field.
pub(super) struct Compared<'a> {
    pub path: String,
    /// `None` of membership in a segment.
    pub field: Option<ResolvedField>,
    pub operator: Operator,
    pub argument: &'a Comparable,
}

impl<'a> Compared<'a> {
    pub fn of(node: &'a Node, message: &MessageDescriptor) -> Option<Compared<'a>> {
        let Node::Restriction {
            subject: Comparable::Member(path),
            operator,
            argument,
        } = node
        else {
            return None;
        };
        let (path, field) = if asks_membership(path, message) {
            (SEGMENT.to_owned(), None)
        } else {
            match resolve(path, message) {
                Ok(PathTarget::Field(found)) => (path_of(path, Some(&found)), Some(found)),
                _ => return None,
            }
        };
        Some(Compared {
            path,
            field,
            operator: *operator,
            argument,
        })
    }

    pub fn kind(&self) -> Option<&FieldKind> {
        self.field.as_ref().map(|found| &found.field.kind)
    }

    /// Returns how the field is compared with a value.
    pub fn with(&self, value: &str) -> String {
        let symbol = OPERATORS
            .iter()
            .find(|(_, known)| *known == self.operator)
            .map_or("=", |(symbol, _)| symbol);
        match symbol {
            ":" => format!("{}:{value}", self.path),
            _ => format!("{} {symbol} {value}", self.path),
        }
    }

    fn asks_presence(&self) -> bool {
        self.operator == Operator::Has
            && value_of(self.argument).is_some_and(|value| value.is_word("*"))
    }

    /// Says whether a value is one that the field may be compared with.
    fn takes(&self, value: &Comparable) -> bool {
        let Some(found) = &self.field else {
            return matches!(value_of(value), Some(value) if value.quoted);
        };
        operand(&found.field.kind, found.descriptor.as_ref(), value).is_ok()
    }
}

/// Returns the slip of a value that reads like another one of the field before it, as in `lifecycle = ACTIVE OR DORMANT`.
pub(super) fn second_value(leaves: &Leaves<'_>, of: usize, i: usize) -> Option<Slip> {
    let compared = Compared::of(&leaves.all[of].node, leaves.message)?;
    let (value, leaf) = (leaves.value(i)?, &leaves.all[i]);
    let written = value_of(value)?;
    let is_joined = leaves.joint(i) == "OR";
    let field = compared.field.as_ref();
    let names = values_of(field.and_then(|found| found.descriptor.as_ref()));
    let named = |text: &str| names.iter().find(|name| name.eq_ignore_ascii_case(text));
    if is_joined && !written.quoted && is_null(&written.text) && !compared.asks_presence() {
        let first = value_of(compared.argument).and_then(|first| named(&first.text).cloned());
        let example = compared.kind().map_or("\"segments/...\"", example_value);
        let advice = or_unset(&compared, first.as_deref().unwrap_or(example));
        return Some(searched(leaf, advice));
    }
    if !names.is_empty() {
        let second = named(&written.text)
            .filter(|name| !written.quoted && (is_joined || **name == written.text))?;
        let first = value_of(compared.argument).and_then(|first| named(&first.text).cloned());
        let first = first.unwrap_or_else(|| names[0].clone());
        return Some(searched(leaf, both(&compared, &first, second)));
    }
    if !is_joined || compared.asks_presence() || !compared.takes(value) {
        return None;
    }
    Some(again(&compared, leaf, written.quoted))
}

/// Returns the slip of a value behind OR that is not an enum's.
fn again(compared: &Compared<'_>, leaf: &Leaf, is_quoted: bool) -> Slip {
    let of_segment = "\"segments/...\"";
    let first = compared.kind().map_or(of_segment, example_value);
    let second = compared.kind().map_or(of_segment, greater_value);
    let advice = both(compared, first, second);
    if !is_quoted {
        return searched(leaf, advice);
    }
    let message = format!("{advice}; as a text to search for it stands in brackets, too");
    Slip {
        kind: SlipKind::SearchedAsText,
        part: leaf.node.to_string(),
        problem: FilterError::new(leaf.start, message),
    }
}

fn both(compared: &Compared<'_>, first: &str, second: &str) -> String {
    let (first, second) = (compared.with(first), compared.with(second));
    let both = match compared.operator {
        Operator::NotEqual => format!("{first} AND {second}"),
        _ => format!("({first} OR {second})"),
    };
    format!("each comparison names its field: write `{both}`")
}

fn or_unset(compared: &Compared<'_>, value: &str) -> String {
    let (one, path) = (compared.with(value), &compared.path);
    format!("an unset field has no value: write `({one} OR NOT {path}:*)`")
}

/// Says what to write instead of a word that goes on behind a comparison.
pub(super) fn advice(leaves: &Leaves<'_>, i: usize) -> Option<String> {
    let compared = Compared::of(&leaves.all[i.checked_sub(1)?].node, leaves.message)?;
    let word = value_of(leaves.value(i)?)?;
    let joint = leaves.joint(i);
    computed(&compared, &word, joint)
        .or_else(|| split_number(&compared, &word, joint))
        .or_else(|| currency(&compared, &word, joint))
        .or_else(|| unit(&compared, &word, joint))
}

/// Says that nothing is computed, as in `now() - 7d`.
fn computed(compared: &Compared<'_>, word: &PathPart, joint: &str) -> Option<String> {
    let kind = compared.kind()?;
    let is_number = word.text.starts_with(|c: char| c.is_ascii_digit());
    let is_call = matches!(compared.argument, Comparable::Call { .. });
    let (is_added, is_taken_off) = (
        joint.is_empty() && word.text.starts_with('+'),
        joint == "-" && (is_number || is_call),
    );
    let nothing = "nothing is computed in a filter";
    match kind {
        FieldKind::Time if is_added => Some(format!(
            "{nothing}, and no time to come is asked for by how far it is: write `{}`",
            compared.with("\"2026-01-31T09:00:00Z\"")
        )),
        FieldKind::Time if is_taken_off => Some(format!(
            "{nothing}: for so long before now write `{}`",
            compared.with("ago(\"90d\")")
        )),
        kind if is_added || is_taken_off => Some(format!(
            "{nothing}: write `{}`",
            compared.with(example_value(kind))
        )),
        _ => None,
    }
}

/// Says that a number has no blank in it.
fn split_number(compared: &Compared<'_>, word: &PathPart, joint: &str) -> Option<String> {
    let kind = compared.kind()?;
    let is_of_numbers = matches!(
        kind,
        FieldKind::Number | FieldKind::Count | FieldKind::PartOfAmount | FieldKind::Amount
    );
    let is_number = word.text.starts_with(|c: char| c.is_ascii_digit());
    (is_of_numbers && is_number && joint.is_empty()).then(|| {
        let right = compared.with(example_value(kind));
        format!("a number has no blank in it: write `{right}`")
    })
}

/// Says that a count has no unit, as in `conversation_count > 5 conversations`.
fn unit(compared: &Compared<'_>, word: &PathPart, joint: &str) -> Option<String> {
    let kind = compared
        .kind()
        .filter(|kind| matches!(kind, FieldKind::Number | FieldKind::Count))?;
    let one = word.text.trim_end_matches('s').to_ascii_lowercase();
    let is_unit = one.len() > 3 && compared.path.contains(&one);
    (is_unit && joint.is_empty()).then(|| {
        let right = compared.with(example_value(kind));
        format!("a count stands without its unit: write `{right}`")
    })
}

/// Names of currencies in the languages in which people write them behind an amount, folded.
const CURRENCIES: [&str; 33] = [
    "euro", "euros", "dollar", "dollars", "cent", "cents", "pound", "pounds", "sterling",
    "franken", "franc", "francs", "zloty", "zlotych", "krona", "kronor", "kroner", "kronen",
    "koruna", "korun", "forint", "yen", "yuan", "rupee", "rupees", "rupien", "lira", "real",
    "reais", "ruble", "rubles", "rubel", "pesos",
];

/// Says how to ask for a currency, if this is one and follows an amount at once.
fn currency(compared: &Compared<'_>, word: &PathPart, joint: &str) -> Option<String> {
    let is_amount =
        compared.operator != Operator::Has && compared.kind() == Some(&FieldKind::Amount);
    let text = word.text.as_str();
    let n_letters = text.chars().count();
    let is_code = n_letters <= 3 && text.chars().all(char::is_alphabetic);
    let has_sign = text.chars().any(is_currency_sign);
    let is_name = CURRENCIES.contains(&crate::fold::unaccented(text).as_str());
    let is_currency = is_code || has_sign || is_name;
    (is_amount && joint.is_empty() && is_currency).then(|| {
        format!(
            "a currency stands beside its amount: add AND `{}.currency_code = \"EUR\"`, or another code",
            compared.path
        )
    })
}

fn is_currency_sign(c: char) -> bool {
    matches!(c, '$' | '\u{a2}'..='\u{a5}' | '\u{58f}' | '\u{60b}' | '\u{e3f}' | '\u{20a0}'..='\u{20cf}' | '\u{fdfc}' | '\u{ff04}' | '\u{ffe0}' | '\u{ffe1}' | '\u{ffe5}' | '\u{ffe6}')
}

/// Returns the slip of an amount with three digits behind a point, as in `annual_spend > 1.000`: it is read as 1.
pub(super) fn thousands(leaf: &Leaf, message: &MessageDescriptor) -> Option<Slip> {
    let compared = Compared::of(&leaf.node, message)?;
    let written = value_of(compared.argument).filter(|written| !written.quoted)?;
    let (whole, rest) = written.text.trim_start_matches('-').split_once('.')?;
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_ambiguous = (1..=3).contains(&whole.len())
        && !whole.starts_with('0')
        && rest.len() == 3
        && are_digits(whole)
        && are_digits(rest);
    (is_ambiguous && compared.kind() == Some(&FieldKind::Amount)).then(|| Slip {
        kind: SlipKind::AmbiguousNumber,
        part: leaf.node.to_string(),
        problem: FilterError::new(
            written.offset,
            format!(
                "a point before three digits may be one of thousands: write `{}` without it, and decimals with another number of digits, as in `{}`",
                compared.with("1000"),
                compared.with("1.50")
            ),
        ),
    })
}
