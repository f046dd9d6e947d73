//! The characters of a filter: words, quoted texts and what stands between them.
//!
//! Without tokens, because what a `-` or a `:` means depends on where it stands. What the words mean together is in
//! `grammar.rs`.

use crate::filter::FilterError;

/// A text as it was written, unquoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The text, escapes resolved.
    pub text: String,
    /// Whether it stood in quotes.
    pub quoted: bool,
    /// Where in the text each `*` stands that is not escaped.
    pub stars: Vec<usize>,
}

/// A place in a filter.
pub struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

/// Says whether a word can have the character in it.
pub fn is_word(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !".(),\"'=<>!:".contains(c)
}

impl<'a> Scanner<'a> {
    /// Starts at the beginning.
    pub fn new(text: &'a str) -> Scanner<'a> {
        Scanner { text, at: 0 }
    }

    /// Returns the byte offset.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Returns the next character.
    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Returns the word that stands here; empty when none does.
    pub fn peek_word(&self) -> &'a str {
        let rest = self.rest();
        &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())]
    }

    /// Goes past white space.
    pub fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Goes past a symbol, if it stands here.
    pub fn take(&mut self, symbol: &str) -> bool {
        let found = self.rest().starts_with(symbol);
        self.at += if found { symbol.len() } else { 0 };
        found
    }

    /// Goes past a word, if it stands here and is all of a word.
    pub fn take_word(&mut self, word: &str) -> bool {
        self.peek_word() == word && self.take(word)
    }

    /// Reads a word or a quoted text.
    pub fn text(&mut self, wanted: &str) -> Result<Text, FilterError> {
        match self.peek() {
            Some(quote @ ('"' | '\'')) => self.quoted(quote),
            Some(c) if is_word(c) => {
                let word = self.peek_word();
                self.at += word.len();
                Ok(Text {
                    text: word.to_owned(),
                    quoted: false,
                    stars: Vec::new(),
                })
            }
            _ => Err(FilterError::new(self.at, format!("expected {wanted}"))),
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
        self.at += end;
        &rest[..end]
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn quoted(&mut self, quote: char) -> Result<Text, FilterError> {
        let start = self.at;
        self.next();
        let mut text = Text {
            text: String::new(),
            quoted: true,
            stars: Vec::new(),
        };
        loop {
            let at = self.at;
            match self.next() {
                None => return Err(FilterError::new(start, "a quote that is not closed")),
                Some(c) if c == quote => return Ok(text),
                Some('\\') => text.text.push(self.escaped(at)?),
                Some('*') => {
                    text.stars.push(text.text.len());
                    text.text.push('*');
                }
                Some(c) => text.text.push(c),
            }
        }
    }

    /// Reads what stands after a backslash; a code in octal or hexadecimal is that of a character.
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
                self.at -= c.len_utf8();
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
        self.at += n_digits;
        char::from_u32(code.ok()?)
    }
}
