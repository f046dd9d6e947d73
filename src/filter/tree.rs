//! The typed tree: what a filter means on the fields of one message.
//!
//! A predicate is two-valued: on an unset field it does not hold, whatever it compares. Times relative to now are kept
//! as such, so that a filter stays right after the moment at which it was read.

use std::collections::BTreeSet;

use crate::clock::Micros;

/// A checked filter.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All of these hold.
    And(Vec<Filter>),
    /// One of these holds.
    Or(Vec<Filter>),
    /// This does not hold.
    Not(Box<Filter>),
    /// An element of a list of messages meets the inner filter, whose paths begin at the element.
    Exists {
        /// The path of the list.
        list: Vec<String>,
        /// What one element meets.
        inner: Box<Filter>,
    },
    /// A field meets a condition.
    Predicate(Predicate),
    /// The record, a customer, is a member of a segment.
    ///
    /// The checker leaves `filter` out. `store::read::definition` puts it in before the filter is used; a segment by list
    /// has none. A deleted or unknown segment has a filter that nobody meets.
    Member {
        /// The segment, by name.
        segment: String,
        /// What its members meet.
        filter: Option<Box<Filter>>,
    },
}

impl Filter {
    /// Returns the filter that nothing meets.
    pub fn nothing() -> Filter {
        Filter::Or(Vec::new())
    }

    pub(crate) fn add_segments(&self, names: &mut BTreeSet<String>) {
        match self {
            Filter::And(trees) | Filter::Or(trees) => {
                trees.iter().for_each(|tree| tree.add_segments(names))
            }
            Filter::Not(tree) | Filter::Exists { inner: tree, .. } => tree.add_segments(names),
            Filter::Member { segment, .. } => {
                names.insert(segment.clone());
            }
            Filter::Predicate(_) => {}
        }
    }

    /// Says whether it looks into folded texts.
    pub fn searches(&self) -> bool {
        match self {
            Filter::And(trees) | Filter::Or(trees) => trees.iter().any(Filter::searches),
            Filter::Not(tree) | Filter::Exists { inner: tree, .. } => tree.searches(),
            Filter::Predicate(predicate) => {
                matches!(predicate.condition, Condition::ContainsFolded(_))
            }
            Filter::Member { .. } => false,
        }
    }

    /// Returns the segments that it names itself, by name.
    pub fn segments(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        self.add_segments(&mut names);
        names
    }
}

/// A condition on a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicate {
    /// The field.
    pub field: Field,
    /// What it meets.
    pub condition: Condition,
}

/// A field as filters see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its names, starting at the message or the element.
    pub path: Vec<String>,
    /// What it holds.
    pub kind: FieldKind,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A text or a reference; unset when empty.
    Text,
    /// A whole number that may be unset.
    Number,
    /// A whole number that is 0 unless set.
    Count,
    /// A truth value, which is never unset.
    Bool,
    /// An enum value by its name. The first value means unset.
    Enum {
        /// The name of the first value.
        unset: String,
    },
    /// A time.
    Time,
    /// A span of time.
    Span,
    /// A civil date, as `YYYY-MM-DD`.
    Date,
    /// An amount of money; unset without a currency.
    Amount,
    /// A part of an amount that is a number: `units` or `nanos`.
    PartOfAmount,
    /// A list of texts, references or names of enum values.
    Texts,
    /// A list of groups of fields.
    Messages,
    /// All labels.
    Labels,
    /// The label of this key.
    Label(String),
    /// All attributes.
    Attributes,
    /// The attribute at these keys.
    Attribute(Vec<String>),
    /// The ids that this system has for the record.
    ExternalIds(String),
}

/// What a predicate asks of its field.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// It is set.
    Present,
    /// It compares like this with a value of its own kind.
    Is(Comparison, Operand),
    /// It is a text of this shape, or with `false` one of another shape.
    Like(TextPattern, bool),
    /// It is a text that contains this folded one, once folded itself.
    ContainsFolded(String),
    /// It is a list that has this element.
    Has(Operand),
    /// It is a map that has this key.
    HasKey(String),
}

/// What of a field a condition looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aspect {
    /// The value itself.
    Value,
    /// The folded text.
    Folded,
    /// One element or key.
    Element,
}

impl Condition {
    /// Returns what of the field it looks at.
    pub fn aspect(&self) -> Aspect {
        match self {
            Condition::Present | Condition::Is(..) | Condition::Like(..) => Aspect::Value,
            Condition::ContainsFolded(_) => Aspect::Folded,
            Condition::Has(_) | Condition::HasKey(_) => Aspect::Element,
        }
    }
}

/// The six comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A value of the field's own kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// A text, a reference, the name of an enum value, or a date.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A number in free attributes.
    Double(f64),
    /// An amount.
    Amount {
        /// Whole units.
        units: i64,
        /// Billionths of a unit, of the same sign.
        nanos: i32,
    },
    /// A truth value.
    Bool(bool),
    /// A time.
    Time(Moment),
    /// A span.
    Span(Micros),
}

/// A time, fixed or relative to now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// This time.
    At(Micros),
    /// This long before now.
    Ago(Micros),
}

impl Moment {
    /// Returns the time that it means now.
    pub fn resolve(self, now: Micros) -> Micros {
        match self {
            Moment::At(time) => time,
            Moment::Ago(span) => now.saturating_sub(span),
        }
    }
}

/// A text with a `*` at its start, its end, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextPattern {
    /// The text between.
    pub part: String,
    /// Whether anything may come before it.
    pub open_start: bool,
    /// Whether anything may come after it.
    pub open_end: bool,
}

impl TextPattern {
    /// Says whether a text matches.
    pub fn matches(&self, text: &str) -> bool {
        match (self.open_start, self.open_end) {
            (true, true) => text.contains(&self.part),
            (true, false) => text.ends_with(&self.part),
            (false, true) => text.starts_with(&self.part),
            (false, false) => text == self.part,
        }
    }
}

impl Comparison {
    /// Says whether it holds between two values in that order.
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
        }
    }

    /// Returns the one that holds exactly when this one does not.
    pub fn contrary(self) -> Comparison {
        match self {
            Comparison::Equal => Comparison::NotEqual,
            Comparison::NotEqual => Comparison::Equal,
            Comparison::Less => Comparison::GreaterOrEqual,
            Comparison::LessOrEqual => Comparison::Greater,
            Comparison::Greater => Comparison::LessOrEqual,
            Comparison::GreaterOrEqual => Comparison::Less,
        }
    }

    /// Returns its symbol in SQL.
    pub fn symbol(self) -> &'static str {
        match self {
            Comparison::Equal => "=",
            Comparison::NotEqual => "<>",
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
        }
    }
}
