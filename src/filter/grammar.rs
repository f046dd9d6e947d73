//! The grammar of filters (a part of AIP-160): from text to restrictions, with byte offsets.

use super::{MAX_RESTRICTIONS, Problem};

/// `path = value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restriction {
    /// The segments of the path, each with its offset.
    pub path: Vec<Segment>,
    /// What the field must equal.
    pub value: Literal,
}

/// One name of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The name, unquoted.
    pub text: String,
    /// Where it stands.
    pub offset: usize,
}

/// A value as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// The text, unquoted.
    pub text: String,
    /// Whether it stood in quotes.
    pub quoted: bool,
    /// Where it stands.
    pub offset: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Quoted(String),
    Dot,
    Equals,
}

/// Reads restrictions joined by AND; blank text has none.
pub fn parse(text: &str) -> Result<Vec<Restriction>, Problem> {
    let mut tokens = Tokens { tokens: tokenize(text)?, next: 0, end: text.len() };
    let mut restrictions = Vec::new();
    if tokens.peek().is_none() {
        return Ok(restrictions);
    }
    loop {
        restrictions.push(restriction(&mut tokens)?);
        if restrictions.len() > MAX_RESTRICTIONS {
            return Err(Problem::new(tokens.offset(), format!("more than {MAX_RESTRICTIONS} restrictions")));
        }
        match tokens.take() {
            None => return Ok(restrictions),
            Some((Token::Word(word), _)) if word == "AND" => {}
            Some((_, offset)) => return Err(Problem::new(offset, "expected AND or the end")),
        }
    }
}

fn restriction(tokens: &mut Tokens) -> Result<Restriction, Problem> {
    let mut path = vec![segment(tokens)?];
    while tokens.peek() == Some(&Token::Dot) {
        tokens.take();
        path.push(segment(tokens)?);
    }
    match tokens.take() {
        Some((Token::Equals, _)) => {}
        other => {
            return Err(Problem::new(other.map_or(tokens.end, |(_, offset)| offset), "expected `=` after a field"));
        }
    }
    let value = match tokens.take() {
        Some((Token::Word(text), offset)) => {
            Literal { text: number_with_fraction(text, tokens), quoted: false, offset }
        }
        Some((Token::Quoted(text), offset)) => Literal { text, quoted: true, offset },
        other => {
            return Err(Problem::new(other.map_or(tokens.end, |(_, offset)| offset), "expected a value after `=`"));
        }
    };
    Ok(Restriction { path, value })
}

/// Joins `1`, `.` and `5` again, which the lexer keeps apart because a dot also joins the names of a path.
fn number_with_fraction(mut text: String, tokens: &mut Tokens) -> String {
    while tokens.peek() == Some(&Token::Dot) {
        tokens.take();
        text.push('.');
        if let Some(Token::Word(word)) = tokens.peek() {
            text.push_str(word);
            tokens.take();
        }
    }
    text
}

fn segment(tokens: &mut Tokens) -> Result<Segment, Problem> {
    match tokens.take() {
        Some((Token::Word(word), offset)) if word == "AND" || word == "OR" || word == "NOT" => {
            Err(Problem::new(offset, "expected a field, which a keyword cannot be"))
        }
        Some((Token::Word(text) | Token::Quoted(text), offset)) => Ok(Segment { text, offset }),
        other => Err(Problem::new(other.map_or(tokens.end, |(_, offset)| offset), "expected a field")),
    }
}

struct Tokens {
    tokens: Vec<(Token, usize)>,
    next: usize,
    end: usize,
}

impl Tokens {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(token, _)| token)
    }

    fn take(&mut self) -> Option<(Token, usize)> {
        self.next += 1;
        self.tokens.get(self.next - 1).cloned()
    }

    fn offset(&self) -> usize {
        self.tokens.get(self.next).map_or(self.end, |(_, offset)| *offset)
    }
}

fn tokenize(text: &str) -> Result<Vec<(Token, usize)>, Problem> {
    let mut tokens = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((offset, c)) = rest.next() {
        let token = match c {
            c if c.is_whitespace() => continue,
            '.' => Token::Dot,
            '=' => Token::Equals,
            '"' | '\'' => Token::Quoted(quoted(c, offset, &mut rest)?),
            c if is_word(c) => {
                let mut word = String::from(c);
                while let Some((_, c)) = rest.next_if(|(_, c)| is_word(*c)) {
                    word.push(c);
                }
                Token::Word(word)
            }
            _ => return Err(Problem::new(offset, "only `field = value`, joined by AND, is understood")),
        };
        tokens.push((token, offset));
    }
    Ok(tokens)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '/' | '@')
}

fn quoted(
    quote: char,
    start: usize,
    rest: &mut std::iter::Peekable<std::str::CharIndices<'_>>,
) -> Result<String, Problem> {
    let mut text = String::new();
    while let Some((offset, c)) = rest.next() {
        match c {
            c if c == quote => return Ok(text),
            '\\' => match rest.next() {
                Some((_, escaped @ ('\\' | '"' | '\''))) => text.push(escaped),
                Some((_, 'n')) => text.push('\n'),
                Some((_, 't')) => text.push('\t'),
                _ => return Err(Problem::new(offset, "only \\\\, \\\", \\', \\n and \\t can follow a backslash")),
            },
            c => text.push(c),
        }
    }
    Err(Problem::new(start, "a quote that is not closed"))
}
