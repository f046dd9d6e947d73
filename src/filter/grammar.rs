//! The grammar of filters (AIP-160): from text to a syntax tree with byte offsets.
//!
//! What the names mean is decided in `check`. Where the AIP leaves a choice: white space between restrictions means
//! AND; a `-` before a restriction means NOT, and before a value it belongs to the value; parentheses after an operator
//! hold a single value.

use crate::filter::scan::{PathPart, Scanner};
use crate::filter::{FilterError, MAX_DEPTH, MAX_LENGTH, MAX_RESTRICTIONS};

/// The syntax tree of a filter.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Operands joined by AND or by white space.
    And {
        /// At least two.
        nodes: Vec<Node>,
        /// Whether they have parentheses of their own, which make restrictions on a list be about one element.
        grouped: bool,
    },
    /// At least two operands joined by OR.
    Or(Vec<Node>),
    /// An operand after NOT or `-`.
    Not(Box<Node>),
    /// A comparison.
    Restriction {
        /// The left side.
        subject: Comparable,
        /// Between the two.
        operator: Operator,
        /// The right side.
        argument: Comparable,
    },
    /// A value by itself.
    Literal(Comparable),
}

/// What can stand on either side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Comparable {
    /// A value, or names joined by dots.
    Member(Vec<PathPart>),
    /// A function with its arguments.
    Call {
        /// The names, joined by dots.
        name: Vec<PathPart>,
        /// What the parentheses hold.
        arguments: Vec<Comparable>,
    },
}

/// How the two sides of a restriction are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the symbols are the reference")]
pub enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Has,
}

/// The symbols; one that starts with another comes before it.
pub const OPERATORS: [(&str, Operator); 7] = [
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("!=", Operator::NotEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("=", Operator::Equal),
    (":", Operator::Has),
];

/// A restriction or a value by itself, and where in the text it is.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    /// What it is.
    pub node: Node,
    /// The byte offset of its first character.
    pub start: usize,
    /// The byte offset after its last one.
    pub end: usize,
}

impl Comparable {
    /// Returns the byte offset of its first part.
    pub fn offset(&self) -> usize {
        let (Comparable::Member(parts) | Comparable::Call { name: parts, .. }) = self;
        parts.first().map_or(0, |part| part.offset)
    }
}

/// Parses a filter; a blank one is `None`.
pub fn parse(text: &str) -> Result<Option<Node>, FilterError> {
    parse_noting(text, &mut Vec::new())
}

/// Parses a filter, and notes its restrictions and values by themselves in the order of the text, up to an error.
pub(super) fn parse_noting(
    text: &str,
    leaves: &mut Vec<Leaf>,
) -> Result<Option<Node>, FilterError> {
    if text.len() > MAX_LENGTH {
        return Err(FilterError::new(
            MAX_LENGTH,
            format!("longer than {MAX_LENGTH} bytes"),
        ));
    }
    if let Some(offset) = text.find('\0') {
        return Err(FilterError::new(
            offset,
            "a NUL character, which no text can hold",
        ));
    }
    let mut parser = Parser {
        scanner: Scanner::new(text),
        leaves,
        depth: 0,
        n_restrictions: 0,
    };
    parser.scanner.skip_space();
    if parser.scanner.peek().is_none() {
        return Ok(None);
    }
    let node = parser.expression()?;
    match parser.scanner.peek() {
        None => Ok(Some(node)),
        Some(',') => Err(FilterError::new(
            parser.scanner.offset(),
            "expected AND, OR or the end: a comma joins nothing here, and stands in no number",
        )),
        Some(_) => Err(FilterError::new(
            parser.scanner.offset(),
            "expected AND, OR or the end",
        )),
    }
}

struct Parser<'a> {
    scanner: Scanner<'a>,
    leaves: &'a mut Vec<Leaf>,
    depth: usize,
    n_restrictions: usize,
}

impl Parser<'_> {
    /// Reads factors joined by AND or by white space, and the white space after them.
    fn expression(&mut self) -> Result<Node, FilterError> {
        let mut nodes = vec![self.factor()?];
        loop {
            self.scanner.skip_space();
            let joined = self.scanner.take_word("AND");
            self.scanner.skip_space();
            if !joined
                && matches!(
                    self.scanner.peek(),
                    None | Some(')' | ',' | '.' | '=' | '<' | '>' | '!' | ':')
                )
            {
                return Ok(one_or(nodes, |nodes| Node::And {
                    nodes,
                    grouped: false,
                }));
            }
            nodes.push(self.factor()?);
        }
    }

    fn factor(&mut self) -> Result<Node, FilterError> {
        let mut nodes = vec![self.term()?];
        loop {
            self.scanner.skip_space();
            if !self.scanner.take_word("OR") {
                return Ok(one_or(nodes, Node::Or));
            }
            self.scanner.skip_space();
            nodes.push(self.term()?);
        }
    }

    fn term(&mut self) -> Result<Node, FilterError> {
        let negated = self.scanner.take_word("NOT") || self.scanner.take("-");
        if negated {
            self.scanner.skip_space();
        }
        let simple = if self.scanner.peek() == Some('(') {
            self.composite()?
        } else {
            self.restriction()?
        };
        Ok(if negated {
            Node::Not(Box::new(simple))
        } else {
            simple
        })
    }

    fn composite(&mut self) -> Result<Node, FilterError> {
        self.open()?;
        let node = match self.expression()? {
            Node::And { nodes, .. } => Node::And {
                nodes,
                grouped: true,
            },
            node => node,
        };
        self.close()?;
        Ok(node)
    }

    fn restriction(&mut self) -> Result<Node, FilterError> {
        let start = self.scanner.offset();
        self.n_restrictions += 1;
        if self.n_restrictions > MAX_RESTRICTIONS {
            return Err(FilterError::new(
                start,
                format!("more than {MAX_RESTRICTIONS} restrictions"),
            ));
        }
        let node = self.leaf()?;
        self.leaves.push(Leaf {
            node: node.clone(),
            start,
            end: self.scanner.end_of_read(),
        });
        Ok(node)
    }

    fn leaf(&mut self) -> Result<Node, FilterError> {
        let subject = self.comparable("a field")?;
        self.scanner.skip_space();
        let operator = OPERATORS
            .into_iter()
            .find(|(symbol, _)| self.scanner.take(symbol));
        let Some((_, operator)) = operator else {
            return Ok(Node::Literal(subject));
        };
        if let Some(problem) = self.other_symbol(operator) {
            return Err(FilterError::new(self.scanner.offset(), problem));
        }
        self.scanner.skip_space();
        let argument = self.argument()?;
        Ok(Node::Restriction {
            subject,
            operator,
            argument,
        })
    }

    /// Says what to write instead of an operator of another language that begins like one of these.
    fn other_symbol(&self, operator: Operator) -> Option<&'static str> {
        match (operator, self.scanner.peek()?) {
            (Operator::Equal, '=') => Some("a single `=` compares"),
            (Operator::Less, '>') => Some("`!=` asks for what is unequal, as in `a != x`"),
            (Operator::Equal, '>') => Some("the sign is written `>=`"),
            (Operator::Equal, '<') => Some("the sign is written `<=`"),
            (Operator::Equal, '~') => {
                Some("for a text that contains a word write `display_name:\"word\"`")
            }
            _ => None,
        }
    }

    fn argument(&mut self) -> Result<Comparable, FilterError> {
        if self.scanner.peek() != Some('(') {
            return self.comparable("a value");
        }
        self.open()?;
        let argument = self.argument()?;
        self.scanner.skip_space();
        if self.scanner.peek().is_some_and(|c| c != ')') {
            let offset = self.scanner.offset();
            return Err(FilterError::new(
                offset,
                "one value stands here: write `field = a OR field = b` for several",
            ));
        }
        self.close()?;
        Ok(argument)
    }

    fn comparable(&mut self, wanted: &str) -> Result<Comparable, FilterError> {
        let mut parts = vec![self.first_part(wanted)?];
        if wanted == "a value" && !parts[0].quoted {
            let tail = self.scanner.time_tail(&parts[0].text);
            parts[0].text.push_str(tail);
        }
        while self.scanner.take(".") {
            parts.push(self.scanner.part("a name after the dot")?);
        }
        if self.scanner.peek() != Some('(') {
            return Ok(Comparable::Member(parts));
        }
        if let Some(quoted) = parts.iter().find(|part| part.quoted) {
            return Err(FilterError::new(
                quoted.offset,
                "a function has a name without quotes",
            ));
        }
        self.open()?;
        let mut arguments = Vec::new();
        let mut more = self.scanner.peek() != Some(')');
        while more {
            arguments.push(self.argument()?);
            self.scanner.skip_space();
            more = self.scanner.take(",");
            self.scanner.skip_space();
        }
        self.close()?;
        Ok(Comparable::Call {
            name: parts,
            arguments,
        })
    }

    /// Reads the first part of a path or a value, which cannot be a keyword.
    fn first_part(&mut self, wanted: &str) -> Result<PathPart, FilterError> {
        if wanted == "a field" && matches!(self.scanner.peek(), Some('<' | '>' | '=' | ':' | '!')) {
            let offset = self.scanner.offset();
            let each = "expected a field: each comparison names its own, as in `a > x AND a < y`, and NOT negates";
            return Err(FilterError::new(offset, each));
        }
        let part = self.scanner.part(wanted)?;
        if ["AND", "OR", "NOT"].iter().any(|word| part.is_word(word)) {
            return Err(FilterError::new(
                part.offset,
                format!("expected {wanted}, which a keyword cannot be"),
            ));
        }
        Ok(part)
    }

    fn open(&mut self) -> Result<(), FilterError> {
        if self.depth == MAX_DEPTH {
            return Err(FilterError::new(
                self.scanner.offset(),
                format!("more than {MAX_DEPTH} parentheses inside one another"),
            ));
        }
        self.depth += 1;
        self.scanner.take("(");
        self.scanner.skip_space();
        Ok(())
    }

    fn close(&mut self) -> Result<(), FilterError> {
        self.scanner.skip_space();
        if !self.scanner.take(")") {
            return Err(FilterError::new(self.scanner.offset(), "expected `)`"));
        }
        self.depth -= 1;
        Ok(())
    }
}

fn one_or(mut nodes: Vec<Node>, several: impl FnOnce(Vec<Node>) -> Node) -> Node {
    if nodes.len() == 1 {
        nodes.remove(0)
    } else {
        several(nodes)
    }
}
