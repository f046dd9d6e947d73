//! The text of a statement with its named places, parsed once for each place in the program that uses it.
//!
//! Texts are PostgreSQL's: paste one into psql, give its names values, and it runs. What SQLite writes differently is
//! translated here: lists (`= any(:names)`, `unnest(:names)`), collected subqueries (`= any(array(select ..))`) and
//! row locks. Owns no values, and knows no table.

/// A parsed text.
#[derive(Debug)]
pub struct Template {
    pub(crate) tokens: Vec<Token>,
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// Text for both engines.
    Text(String),
    /// `:tenant`.
    Tenant,
    /// `:name` or `:{name}`, by the position of its argument.
    Place(usize),
    /// `= any(:name)`: whether the preceding expression is in a list.
    AnyOf(usize),
    /// `unnest(:name) as alias (value)`: a table with a row for each text of a list.
    Unnest(usize, String),
    /// Text that differs between the engines.
    ByEngine {
        sqlite: &'static str,
        postgres: &'static str,
    },
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Says whether the bytes of `word` are in `text` at `at`.
const fn stands_at(text: &[u8], at: usize, word: &[u8]) -> bool {
    if at + word.len() > text.len() {
        return false;
    }
    let mut i = 0;
    while i < word.len() {
        if text[at + i] != word[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// What follows a colon: a number, and not an enum, because the macros ask for it in types. An optimizing rustc deduces
/// attributes of functions that return more than a primitive; for that it needs the types of all async closures, those
/// with the macros in them included, and reports a cycle (E0391).
type PlaceKind = u8;
const NOTHING: PlaceKind = 0;
const VALUE: PlaceKind = 1;
const FRAGMENT: PlaceKind = 2;

/// Says whether a place of this name begins at `at`, and which kind.
const fn place_at(text: &[u8], at: usize, name: &[u8]) -> PlaceKind {
    if text[at] != b':' {
        return NOTHING;
    }
    if stands_at(text, at + 1, b"{") {
        let end = at + 2 + name.len();
        let is_it = stands_at(text, at + 2, name) && stands_at(text, end, b"}");
        return if is_it { FRAGMENT } else { NOTHING };
    }
    let end = at + 1 + name.len();
    let is_it = stands_at(text, at + 1, name) && (end >= text.len() || !is_word(text[end]));
    if is_it { VALUE } else { NOTHING }
}

const fn find(text: &str, name: &str) -> PlaceKind {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let found = place_at(bytes, at, name.as_bytes());
        if found != NOTHING {
            return found;
        }
        at += 1;
    }
    NOTHING
}

/// Says whether a text has a place of this name, for a value or for a fragment.
pub const fn has_place(text: &str, name: &str) -> bool {
    find(text, name) != NOTHING
}

/// Says whether the place of this name takes a fragment (`:{name}`) instead of a value (`:name`).
pub const fn takes_fragment(text: &str, name: &str) -> bool {
    find(text, name) == FRAGMENT
}

/// Says whether every place of a text is `:tenant` or one of these names; quoted texts hold no places.
pub const fn every_place_is_named(text: &str, names: &[&str]) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut is_quoted = false;
    while at < bytes.len() {
        if bytes[at] == b'\'' {
            is_quoted = !is_quoted;
        }
        if !is_quoted && bytes[at] == b':' {
            let mut is_named = place_at(bytes, at, b"tenant") == VALUE;
            let mut i = 0;
            while i < names.len() {
                if place_at(bytes, at, names[i].as_bytes()) != NOTHING {
                    is_named = true;
                }
                i += 1;
            }
            if !is_named {
                return false;
            }
        }
        at += 1;
    }
    true
}

impl Template {
    /// Parses a text. Its places were checked against the names at compile time.
    pub fn parse(text: &'static str, names: &[&str]) -> Template {
        let mut parser = TextParser {
            names,
            tokens: Vec::new(),
            arrays: Vec::new(),
            depth: 0,
        };
        parser.run(text);
        Template {
            tokens: parser.tokens,
        }
    }
}

struct TextParser<'a> {
    names: &'a [&'a str],
    tokens: Vec<Token>,
    /// The depths of parentheses at which `= any(array(` was opened.
    arrays: Vec<usize>,
    depth: usize,
}

impl TextParser<'_> {
    fn run(&mut self, text: &'static str) {
        let mut rest = text.trim();
        while !rest.is_empty() {
            let taken = self.place(rest).or_else(|| self.dialect(rest));
            rest = &rest[taken.unwrap_or_else(|| self.plain(rest))..];
        }
    }

    /// Parses a place at the start of the rest; returns its length in bytes.
    fn place(&mut self, rest: &str) -> Option<usize> {
        let (name, length) = place_name(rest)?;
        let token = match self.names.iter().position(|known| *known == name) {
            Some(i) => Token::Place(i),
            None => Token::Tenant,
        };
        self.tokens.push(token);
        Some(length)
    }

    /// Parses what differs between the engines.
    fn dialect(&mut self, rest: &str) -> Option<usize> {
        if let Some((i, length)) = self.list(rest, "= any(") {
            self.tokens.push(Token::AnyOf(i));
            return Some(length);
        }
        if let Some((i, length)) = self.list(rest, "unnest(") {
            // SQLite's json_each already has a column of this name, and accepts no names for its columns.
            let alias = rest[length..].strip_prefix(" as ")?;
            let alias = &alias[..alias.find(" (value)")?];
            self.tokens.push(Token::Unnest(i, alias.to_owned()));
            return Some(length + " as ".len() + alias.len() + " (value)".len());
        }
        let (sqlite, postgres) = if rest.starts_with(COLLECTED) {
            self.depth += 2;
            self.arrays.push(self.depth);
            ("in (", COLLECTED)
        } else if rest.starts_with("))") && self.arrays.last() == Some(&self.depth) {
            self.arrays.pop();
            self.depth -= 2;
            (")", "))")
        } else if rest.starts_with("for update") {
            ("", "for update")
        } else {
            return None;
        };
        self.tokens.push(Token::ByEngine { sqlite, postgres });
        Some(postgres.len())
    }

    /// Parses a list that is the only argument of a function.
    fn list(&self, rest: &str, function: &str) -> Option<(usize, usize)> {
        let (name, length) = place_name(rest.strip_prefix(function)?)?;
        let end = function.len() + length;
        let i = self.names.iter().position(|known| *known == name)?;
        rest[end..].starts_with(')').then_some((i, end + 1))
    }

    /// Takes plain text: a quoted text as a whole, the space between lines as one line break, otherwise one
    /// character.
    fn plain(&mut self, rest: &str) -> usize {
        let first = rest.chars().next().unwrap_or(' ');
        match first {
            '(' => self.depth += 1,
            ')' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        let space = rest.len() - rest.trim_start().len();
        let length = match first {
            '\'' => rest[1..].find('\'').map_or(rest.len(), |end| end + 2),
            _ if space > 0 => space,
            first => first.len_utf8(),
        };
        let is_break = space > 0 && rest[..space].contains('\n');
        self.text(if is_break { "\n" } else { &rest[..length] });
        length
    }

    fn text(&mut self, text: &str) {
        match self.tokens.last_mut() {
            Some(Token::Text(before)) => before.push_str(text),
            _ => self.tokens.push(Token::Text(text.to_owned())),
        }
    }
}

/// How PostgreSQL is told to collect the rows of a subquery before it uses them. As a join they were read again for
/// each row of a table whose plan was made while it was empty (measured: 24 s for one row lock beside 7,500
/// customers).
const COLLECTED: &str = "= any(array(";

/// Returns the name of the place at the start of a text, and the length of the place in bytes.
fn place_name(text: &str) -> Option<(&str, usize)> {
    let rest = text.strip_prefix(':')?;
    match rest.strip_prefix('{') {
        Some(rest) => rest.find('}').map(|end| (&rest[..end], end + 3)),
        None => {
            let end = rest.bytes().position(|byte| !is_word(byte));
            let name = &rest[..end.unwrap_or(rest.len())];
            (!name.is_empty()).then_some((name, name.len() + 1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Template, Token, every_place_is_named, has_place, takes_fragment};

    #[test]
    fn a_text_is_taken_apart_at_its_places() {
        let text = "select ':name' from :{table}\n     where tenant_id = :tenant and name = :name";
        let template = Template::parse(text, &["table", "name"]);
        let plain = |text: &str| Token::Text(text.to_owned());
        assert_eq!(
            template.tokens,
            [
                plain("select ':name' from "),
                Token::Place(0),
                plain("\nwhere tenant_id = "),
                Token::Tenant,
                plain(" and name = "),
                Token::Place(1),
            ]
        );
    }

    #[test]
    fn a_list_is_a_table_with_one_column() {
        let text = "from unnest(:names) as asked (value) cross join keys";
        let template = Template::parse(text, &["names"]);
        assert_eq!(template.tokens[1], Token::Unnest(0, "asked".to_owned()));
        assert_eq!(
            template.tokens[2],
            Token::Text(" cross join keys".to_owned())
        );
    }

    #[test]
    fn collected_subqueries_end_where_their_own_parenthesis_does() {
        let template = Template::parse(
            "a = any(array(select f(x) from (select 1)))) for update",
            &[],
        );
        let by_engine = |sqlite, postgres| Token::ByEngine { sqlite, postgres };
        assert_eq!(template.tokens[1], by_engine("in (", "= any(array("));
        assert_eq!(
            template.tokens[2],
            Token::Text("select f(x) from (select 1)".to_owned())
        );
        assert_eq!(template.tokens[3], by_engine(")", "))"));
    }

    #[test]
    fn places_are_told_from_longer_words_and_from_texts_in_quotes() {
        assert!(has_place("tenant_id = :tenant", "tenant"));
        assert!(!has_place("tenant_id = :tenants", "tenant"));
        assert!(takes_fragment("where :{filter}", "filter"));
        assert!(!takes_fragment("where a = :filter", "filter"));
        assert!(every_place_is_named(
            "a = :a and b = ':x' and c = :tenant",
            &["a"]
        ));
        assert!(!every_place_is_named("a = :a and b = :b", &["a"]));
    }
}
