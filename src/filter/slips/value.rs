//! Values that ask for less than they seem to: a `*` that is only a character, and what no record can have.

use prost_reflect::{FieldDescriptor, MessageDescriptor};

use crate::filter::FilterError;
use crate::filter::grammar::{Leaf, Operator};
use crate::filter::literal::value_of;
use crate::filter::scan::PathPart;
use crate::filter::slips::continued::Compared;
use crate::filter::slips::{Slip, SlipKind};
use crate::filter::tree::FieldKind;
use crate::region;

const REGION_CODE: &str = "google.type.PostalAddress.region_code";
const CURRENCY_CODE: &str = "google.type.Money.currency_code";

/// Returns the slip of the value that a field is compared with.
pub(super) fn in_value(leaf: &Leaf, message: &MessageDescriptor) -> Option<Slip> {
    let compared = Compared::of(&leaf.node, message)?;
    let written = value_of(compared.argument).filter(|written| written.quoted)?;
    let star = || Some((SlipKind::LiteralStar, star(&compared, &written)?));
    let nothing = || empty(&compared, &written).or_else(|| code(&compared, &written));
    let (kind, message) = star().or_else(|| Some((SlipKind::ImpossibleValue, nothing()?)))?;
    Some(Slip {
        kind,
        part: leaf.node.to_string(),
        problem: FilterError::new(written.offset, message),
    })
}

/// Says what to write instead of a star behind `:`, where it stands for nothing but itself.
fn star(compared: &Compared<'_>, written: &PathPart) -> Option<String> {
    if compared.operator != Operator::Has || written.stars.is_empty() {
        return None;
    }
    let path = &compared.path;
    let instead = match compared.kind()? {
        _ if written.text == "*" => format!("to ask whether it is set write `{path}:*`"),
        FieldKind::Text | FieldKind::Label(_) | FieldKind::Attribute(_) => format!(
            "`:` finds a text anywhere, so leave out the `*`; how a text begins is asked for as `{path} = \"...*\"`"
        ),
        FieldKind::Texts => {
            format!("an element is asked for as a whole: write `{path}:\"...\"` without the `*`")
        }
        FieldKind::Labels | FieldKind::Attributes => {
            format!("a key is asked for as a whole: write `{path}:\"...\"` without the `*`")
        }
        _ => return None,
    };
    Some(format!("{instead}; the character itself is written `\\*`"))
}

/// Says how an unset field is asked for, instead of by a text without characters, which no field holds.
fn empty(compared: &Compared<'_>, written: &PathPart) -> Option<String> {
    let is_text = matches!(
        compared.kind()?,
        FieldKind::Text | FieldKind::Texts | FieldKind::ExternalIds(_)
    );
    let is_asked = [Operator::Equal, Operator::Has].contains(&compared.operator);
    (is_text && is_asked && written.text.is_empty()).then(|| {
        let path = &compared.path;
        format!("no text is empty: to ask whether it is unset write `NOT {path}:*`")
    })
}

/// Says which code to write instead of another name of a region or of a currency.
fn code(compared: &Compared<'_>, written: &PathPart) -> Option<String> {
    let is_asked = [Operator::Equal, Operator::NotEqual].contains(&compared.operator);
    let field = compared.field.as_ref()?.descriptor.as_ref();
    let full_name = field.map(FieldDescriptor::full_name)?;
    if !is_asked || !written.stars.is_empty() || written.text.is_empty() {
        return None;
    }
    let text = written.text.as_str();
    let known = match full_name {
        REGION_CODE if !region::is_code(text) => region::code_of_any(text).map(str::to_owned),
        CURRENCY_CODE if !is_currency(text) => {
            Some(text.to_ascii_uppercase()).filter(|code| is_currency(code))
        }
        _ => return None,
    };
    let (what, example) = match full_name {
        REGION_CODE => ("a region code of two capital letters", "AT"),
        _ => ("a currency code of three capital letters", "EUR"),
    };
    Some(match known {
        Some(code) => format!(
            "it is compared with {what}: write `{}`",
            compared.with(&format!("\"{code}\""))
        ),
        None => format!(
            "it is compared with {what}, as in `{}`",
            compared.with(&format!("\"{example}\""))
        ),
    })
}

fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}
