//! The characters of a filter: words, quoted texts and the symbols between them.
//!
//! There are no tokens, because what a `-` or a `:` means depends on its place. How words combine is decided in
//! `grammar`.

use crate::filter::FilterError;

/// One name of a path, or a value: a word or a quoted text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPart {
    /// The text without quotes, escapes resolved.
    pub text: String,
    /// Whether it was in quotes.
    pub quoted: bool,
    /// The byte offset in `text` of each `*` that is not escaped.
    pub stars: Vec<usize>,
    /// The byte offset in the filter.
    pub offset: usize,
}

impl PathPart {
    /// Makes a part that comes from no filter; its offset is 0.
    pub fn new(text: &str, quoted: bool) -> PathPart {
        PathPart {
            text: text.to_owned(),
            quoted,
            stars: Vec::new(),
            offset: 0,
        }
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        !self.quoted && self.text == word
    }
}

/// Reads a filter from its beginning to its end.
pub(super) struct Scanner<'a> {
    text: &'a str,
    offset: usize,
}

fn is_word(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !".(),\"'=<>!:".contains(c)
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Scanner<'a> {
        Scanner { text, offset: 0 }
    }

    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Returns the offset after what was read, without the white space behind it.
    pub fn end_of_read(&self) -> usize {
        self.text[..self.offset].trim_end().len()
    }

    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Returns the word that starts here; empty if none does.
    fn peek_word(&self) -> &'a str {
        let rest = self.rest();
        &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())]
    }

    pub fn skip_space(&mut self) {
        self.offset += self.rest().len() - self.rest().trim_start().len();
    }

    /// Skips a symbol if it comes next, and says whether it did.
    pub fn take(&mut self, symbol: &str) -> bool {
        let found = self.rest().starts_with(symbol);
        self.offset += if found { symbol.len() } else { 0 };
        found
    }

    /// Skips a word if it comes next and does not go on, and says whether it did.
    pub fn take_word(&mut self, word: &str) -> bool {
        self.peek_word() == word && self.take(word)
    }

    /// Reads a word or a quoted text.
    pub fn part(&mut self, wanted: &str) -> Result<PathPart, FilterError> {
        match self.peek() {
            Some(quote @ ('"' | '\'')) => self.quoted(quote),
            Some(c) if is_word(c) => {
                let (word, offset) = (self.peek_word(), self.offset);
                self.offset += word.len();
                Ok(PathPart {
                    offset,
                    ..PathPart::new(word, false)
                })
            }
            _ => Err(FilterError::new(self.offset, format!("expected {wanted}"))),
        }
    }

    /// Reads the rest of a time without quotes, such as `:00:00+01:00` after `2026-01-31T09`.
    pub fn time_tail(&mut self, word: &str) -> &'a str {
        let is_time = word.len() == 13
            && word.bytes().enumerate().all(|(i, byte)| match i {
                4 | 7 => byte == b'-',
                10 => byte.eq_ignore_ascii_case(&b'T'),
                _ => byte.is_ascii_digit(),
            });
        let rest = self.rest();
        let is_part = |c: char| c.is_ascii_digit() || ":.+-Zz".contains(c);
        let end = if is_time {
            rest.find(|c| !is_part(c)).unwrap_or(rest.len())
        } else {
            0
        };
        self.offset += end;
        &rest[..end]
    }

    fn rest(&self) -> &'a str {
        &self.text[self.offset..]
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.offset += c.len_utf8();
        Some(c)
    }

    fn quoted(&mut self, quote: char) -> Result<PathPart, FilterError> {
        let start = self.offset;
        self.next();
        let mut part = PathPart {
            offset: start,
            ..PathPart::new("", true)
        };
        loop {
            let at = self.offset;
            match self.next() {
                None => return Err(FilterError::new(start, "a quote that is not closed")),
                Some(c) if c == quote => return Ok(part),
                Some('\\') => part.text.push(self.escaped(at)?),
                Some('*') => {
                    part.stars.push(part.text.len());
                    part.text.push('*');
                }
                Some(c) => part.text.push(c),
            }
        }
    }

    /// Reads what follows a backslash; an octal or hexadecimal code is that of a Unicode character.
    fn escaped(&mut self, start: usize) -> Result<char, FilterError> {
        let wrong = || {
            FilterError::new(
                start,
                "after a backslash stands one of \\ \" ' ` * ? n t r a b f v, or a code such as \\u00e4",
            )
        };
        match self.next().ok_or_else(wrong)? {
            c @ ('\\' | '"' | '\'' | '`' | '*' | '?') => Some(c),
            'n' => Some('\n'),
            't' => Some('\t'),
            'r' => Some('\r'),
            'a' => Some('\u{7}'),
            'b' => Some('\u{8}'),
            'f' => Some('\u{c}'),
            'v' => Some('\u{b}'),
            'x' => self.code(2, 16),
            'u' => self.code(4, 16),
            'U' => self.code(8, 16),
            c @ '0'..='3' => {
                self.offset -= c.len_utf8();
                self.code(3, 8)
            }
            _ => None,
        }
        .filter(|c| *c != '\0')
        .ok_or_else(wrong)
    }

    fn code(&mut self, n_digits: usize, radix: u32) -> Option<char> {
        let digits = self.rest().get(..n_digits)?;
        let code = digits
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit())
            .then(|| u32::from_str_radix(digits, radix))?;
        self.offset += n_digits;
        char::from_u32(code.ok()?)
    }
}
