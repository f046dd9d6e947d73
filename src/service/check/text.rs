//! Text fields: their cleaning, lengths, and the syntax of e-mails, hosts, codes and the like.

use std::borrow::Cow;

use prost_reflect::{DynamicMessage, Value};

use crate::descriptors::{dynamic, typed};
use crate::name::is_key;
use crate::service::check::Checker;
use crate::store::record::resource::Resource;
use crate::{clean, host, region};

/// The longest name, title or short phrase, in characters.
pub(crate) const NAME: usize = 200;
/// The longest passage, in bytes.
pub(crate) const PASSAGE: usize = 64 * 1024;
/// The longest paragraph, in characters.
pub(crate) const PARAGRAPH: usize = 1000;

/// The fields that hold texts of several lines, by the end of their full names. Every other text is a line.
const PASSAGES: [&str; 23] = [
    ".about",
    ".body",
    ".description",
    ".story",
    ".summary",
    ".quote",
    ".target",
    ".Promise.text",
    ".Statement.text",
    ".PostalAddress.address_lines",
    ".needs",
    ".likes",
    ".dislikes",
    ".behaviors",
    ".motivations",
    ".emotions",
    ".goals",
    ".frustrations",
    ".expectations",
    ".key_attributes",
    ".filter",
    ".match_filter",
    // What is free is not ours to read.
    ".Value.string_value",
];

/// Brings every text of a record into the form in which it is kept.
pub(crate) fn clean<R: Resource>(resource: &mut R) {
    edit_texts(resource, |text, is_passage| {
        if is_passage {
            clean::passage(text)
        } else {
            clean::line(text)
        }
    });
}

/// Puts blanks in place of the control characters in the lines of a record that was stored while lines could have
/// them, so that another change of it is not refused because of them.
pub(crate) fn blank_controls<R: Resource>(stored: &mut R) {
    edit_texts(stored, |text, is_passage| {
        if !is_passage && text.contains(clean::is_control) {
            Cow::Owned(text.replace(clean::is_control, " "))
        } else {
            Cow::Borrowed(text)
        }
    });
}

/// Edits the texts of a record; what says how is also told whether a text may have several lines.
fn edit_texts<R: Resource>(resource: &mut R, edit: impl Fn(&str, bool) -> Cow<'_, str>) {
    let edited = dynamic(resource).and_then(|mut message| {
        let is_edited = edit_message(&mut message, &edit);
        is_edited.then(|| typed(&message)).transpose()
    });
    debug_assert!(
        edited.is_ok(),
        "a message has the shape of its own descriptor"
    );
    if let Ok(Some(edited)) = edited {
        *resource = edited;
    }
}

fn edit_message(message: &mut DynamicMessage, edit: &impl Fn(&str, bool) -> Cow<'_, str>) -> bool {
    let mut is_edited = false;
    for (field, value) in message.fields_mut() {
        let full_name = field.full_name();
        let is_passage = PASSAGES.iter().any(|end| full_name.ends_with(end));
        is_edited |= edit_value(value, is_passage, edit);
    }
    is_edited
}

fn edit_value(
    value: &mut Value,
    is_passage: bool,
    edit: &impl Fn(&str, bool) -> Cow<'_, str>,
) -> bool {
    let mut is_edited = false;
    match value {
        Value::String(text) => {
            let edited = edit(text, is_passage);
            if edited != *text {
                *text = edited.into_owned();
                is_edited = true;
            }
        }
        Value::Message(message) => is_edited = edit_message(message, edit),
        Value::List(list) => {
            for element in list {
                is_edited |= edit_value(element, is_passage, edit);
            }
        }
        Value::Map(map) => {
            for element in map.values_mut() {
                is_edited |= edit_value(element, is_passage, edit);
            }
        }
        _ => {}
    }
    is_edited
}

impl Checker {
    /// Checks a name, a title or a short phrase: a line of at most 200 characters.
    pub(crate) fn short(&mut self, field: &str, text: &str) {
        self.line(field, text, NAME);
    }

    /// Checks a text of one line, of at most `most` characters.
    pub(crate) fn line(&mut self, field: &str, text: &str, most: usize) {
        self.chars(field, text, most);
        self.no_control(field, text);
    }

    /// Checks a text of several lines, of at most `most` characters.
    pub(crate) fn paragraph(&mut self, field: &str, text: &str, most: usize) {
        self.chars(field, text, most);
        self.no_nul(field, text);
    }

    /// Checks a text of several lines, of at most 64 KiB.
    pub(crate) fn passage(&mut self, field: &str, text: &str) {
        self.bytes(field, text, PASSAGE);
        self.no_nul(field, text);
    }

    /// Checks a text of one line, of at most `most` bytes of UTF-8.
    pub(crate) fn line_bytes(&mut self, field: &str, text: &str, most: usize) {
        self.bytes(field, text, most);
        self.no_control(field, text);
    }

    fn chars(&mut self, field: &str, text: &str, most: usize) {
        let length = text.chars().count();
        if length > most {
            self.wrong(
                field,
                format!("has {length} characters, at most {most} fit"),
            );
        }
    }

    fn bytes(&mut self, field: &str, text: &str, most: usize) {
        if text.len() > most {
            self.wrong(
                field,
                format!("has {} bytes, at most {most} fit", text.len()),
            );
        }
    }

    fn no_control(&mut self, field: &str, text: &str) {
        self.ensure(
            !text.contains(clean::is_control),
            field,
            "holds a line break or another control character: it is a text of one line",
        );
    }

    /// Checks a list of lines of at most `most` characters each, none of them blank.
    pub(crate) fn lines(
        &mut self,
        field: &str,
        list: &[String],
        most_elements: usize,
        most: usize,
    ) {
        self.each(field, list, most_elements, |checker, text| {
            checker.ensure(!text.trim().is_empty(), "", "is blank");
            checker.line("", text, most);
        });
    }

    /// Checks a list of paragraphs, none of them blank.
    pub(crate) fn paragraphs(&mut self, field: &str, list: &[String], most_elements: usize) {
        self.each(field, list, most_elements, |checker, text| {
            checker.ensure(!text.trim().is_empty(), "", "is blank");
            checker.paragraph("", text, PARAGRAPH);
        });
    }

    /// Checks that a required text is not blank.
    pub(crate) fn not_blank(&mut self, field: &str, text: &str) {
        self.ensure(!text.trim().is_empty(), field, "is required and blank");
    }

    /// Checks the name of a system that has ids of its own, such as `erp`.
    pub(crate) fn system(&mut self, field: &str, system: &str) {
        let is_system = is_key(system, "_.-");
        self.ensure(is_system, field, "is not like [a-z][a-z0-9_.-]{0,62}");
    }

    /// Checks the name of the system that owns something; empty if it is owned by people.
    pub(crate) fn owner_system(&mut self, system: &str) {
        if !system.is_empty() {
            self.system("system", system);
        }
    }

    /// Checks a region, which may be empty.
    pub(crate) fn region_code(&mut self, field: &str, code: &str) {
        if let Some(problem) = region::problem(code) {
            self.wrong(field, problem);
        }
    }

    /// Checks that a text holds no NUL.
    pub(crate) fn no_nul(&mut self, field: &str, text: &str) {
        self.ensure(
            !text.contains('\0'),
            field,
            "holds a NUL character, which no text can",
        );
    }
}

/// Says whether a text is an e-mail address: one local part, `@`, and a domain or address literal (RFC 5321, with
/// the comments and folding of RFC 5322 left out, as nobody writes them into a CRM).
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    local.len() <= 64
        && is_local_part(local)
        && (host::name(domain).is_some() || is_address_literal(domain))
}

fn is_local_part(local: &str) -> bool {
    let quoted = local
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .filter(|_| local.len() > 1);
    quoted.map_or_else(|| local.split('.').all(is_atom), is_quoted_content)
}

fn is_atom(atom: &str) -> bool {
    let is_atom_char = |c: char| {
        !c.is_ascii() && !c.is_whitespace() && !c.is_control() && !clean::shows_nothing(c)
            || c.is_ascii_alphanumeric()
            || "!#$%&'*+-/=?^_`{|}~".contains(c)
    };
    !atom.is_empty() && atom.chars().all(is_atom_char)
}

fn is_quoted_content(content: &str) -> bool {
    let mut chars = content.chars();
    while let Some(c) = chars.next() {
        let fits = match c {
            '"' => false,
            '\\' => chars
                .next()
                .is_some_and(|escaped| escaped.is_ascii() && !escaped.is_control()),
            c => !c.is_control(),
        };
        if !fits {
            return false;
        }
    }
    true
}

fn is_address_literal(domain: &str) -> bool {
    let Some(literal) = domain
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    else {
        return false;
    };
    literal.strip_prefix("IPv6:").map_or_else(
        || literal.parse::<std::net::Ipv4Addr>().is_ok(),
        |address| address.parse::<std::net::Ipv6Addr>().is_ok(),
    )
}
