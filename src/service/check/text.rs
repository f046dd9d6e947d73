//! Text fields: lengths, and the syntax of e-mails, hosts, codes and the like.

use crate::name::is_key;
use crate::service::check::Checker;

/// The longest name, title or short phrase, in characters.
pub(crate) const NAME: usize = 200;
/// The longest passage, in bytes.
pub(crate) const PASSAGE: usize = 64 * 1024;

impl Checker {
    /// Checks a short text: at most 200 characters, no NUL (which not every store can hold).
    pub(crate) fn short(&mut self, field: &str, text: &str) {
        self.chars(field, text, NAME);
    }

    /// Checks a text of at most `most` characters.
    pub(crate) fn chars(&mut self, field: &str, text: &str, most: usize) {
        let length = text.chars().count();
        if length > most {
            self.wrong(
                field,
                format!("has {length} characters, at most {most} fit"),
            );
        }
        self.no_nul(field, text);
    }

    /// Checks a text of at most `most` bytes of UTF-8.
    pub(crate) fn bytes(&mut self, field: &str, text: &str, most: usize) {
        if text.len() > most {
            self.wrong(
                field,
                format!("has {} bytes, at most {most} fit", text.len()),
            );
        }
        self.no_nul(field, text);
    }

    /// Checks a passage: at most 64 KiB.
    pub(crate) fn passage(&mut self, field: &str, text: &str) {
        self.bytes(field, text, PASSAGE);
    }

    /// Checks a list of texts of at most `most` characters each, none of them blank.
    pub(crate) fn texts(
        &mut self,
        field: &str,
        list: &[String],
        most_elements: usize,
        most: usize,
    ) {
        self.each(field, list, most_elements, |checker, text| {
            checker.ensure(!text.trim().is_empty(), "", "is blank");
            checker.chars("", text, most);
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
    local.len() <= 64 && is_local_part(local) && (is_host(domain) || is_address_literal(domain))
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
        !c.is_ascii() && !c.is_whitespace() && !c.is_control()
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

/// Says whether a text is a host name: labels of 1 to 63 letters, digits and hyphens, 253 bytes in all. Letters of
/// any script are taken, as an internationalised name is written.
pub(crate) fn is_host(text: &str) -> bool {
    let is_label_char = |c: char| {
        if c.is_ascii() {
            c.is_ascii_alphanumeric() || c == '-'
        } else {
            c.is_alphanumeric()
        }
    };
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(is_label_char)
    };
    text.len() <= 253 && text.split('.').all(is_label)
}
