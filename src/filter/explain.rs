//! Explaining a verdict: what each part of a filter says of a record, and the smallest set of predicates that would
//! have to change to change it.
//!
//! A predicate is a restriction, all that is asked of one element of a list, or membership in a segment by list: what
//! is true or false by itself. The other parts are nothing but AND, OR and NOT over predicates.

use prost_reflect::ReflectMessage;

use crate::clock::Micros;
use crate::filter::FilterError;
use crate::filter::actual::actual;
use crate::filter::evaluate::evaluate;
use crate::filter::outline::Outline;
use crate::filter::record::Record;
use crate::filter::tree::Filter;

/// The most values shown for a predicate.
pub const MAX_VALUES: usize = 10;
/// The most characters of one value.
pub const MAX_VALUE_CHARS: usize = 200;

/// What a filter says of a record, part by part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explanation {
    /// The parts, each before those in it.
    pub nodes: Vec<ExplainedNode>,
    /// The smallest set of predicates, by occurrence, whose opposite would change the verdict; of several such sets
    /// the first. `None` if no set does.
    pub minimal_change: Option<Vec<usize>>,
}

/// One part of a filter.
#[derive(Clone, Debug, PartialEq)]
pub struct ExplainedNode {
    /// How many parts it is nested in.
    pub depth: usize,
    /// What it is.
    pub kind: NodeKind,
    /// Its verdict.
    pub holds: bool,
}

/// What a part of a filter is.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// It holds when all parts directly in it do.
    And,
    /// It holds when a part directly in it does.
    Or,
    /// It holds when the one part directly in it does not.
    Not,
    /// Membership in a segment by filter: it holds when the one part directly in it does, which is that filter.
    Segment {
        /// The segment, by name.
        segment: String,
        /// How it is written.
        text: String,
    },
    /// It holds by itself.
    Predicate(ExplainedPredicate),
}

/// Something that is true or false of a record by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct ExplainedPredicate {
    /// Its position among the predicates, from 1.
    pub occurrence: usize,
    /// How it is written, in the canonical form.
    pub text: String,
    /// The segment whose members it asks for, if any: one by list, or one that is deleted.
    pub segment: Option<String>,
    /// What the record holds there, written as in filters: at most [`MAX_VALUES`].
    pub values: Vec<String>,
    /// Whether the record holds more there.
    pub more_values: bool,
}

impl Explanation {
    /// Says whether the record meets the filter.
    pub fn holds(&self) -> bool {
        self.nodes.first().is_none_or(|node| node.holds)
    }
}

/// What decides who is in a segment.
#[derive(Clone, Copy, Debug)]
pub enum Membership<'a> {
    /// This filter.
    Filter(&'a str),
    /// Its list.
    List,
    /// It is deleted, or never was: it has no members.
    Nobody,
}

/// Explains what a filter says of a record at a time; `segments` says what decides who is in a segment. Fails if the
/// filter of a segment cannot be read.
pub fn explain<'a>(
    outline: &Outline,
    record: Record<'a>,
    segments: &'a dyn Fn(&str) -> Membership<'a>,
    now: Micros,
) -> Result<Explanation, FilterError> {
    let mut explainer = Explainer {
        record,
        segments,
        now,
        nodes: Vec::new(),
        n_predicates: 0,
    };
    let outcome = explainer.visit(outline, 0)?;
    Ok(Explanation {
        nodes: explainer.nodes,
        minimal_change: outcome.minimal_change,
    })
}

/// The verdict of a part.
struct Explained {
    holds: bool,
    /// As in [`Explanation`].
    minimal_change: Option<Vec<usize>>,
}

struct Explainer<'a> {
    record: Record<'a>,
    segments: &'a dyn Fn(&str) -> Membership<'a>,
    now: Micros,
    nodes: Vec<ExplainedNode>,
    n_predicates: usize,
}

impl Explainer<'_> {
    fn visit(&mut self, outline: &Outline, depth: usize) -> Result<Explained, FilterError> {
        match outline {
            Outline::And(parts) => self.group(NodeKind::And, parts, depth),
            Outline::Or(parts) => self.group(NodeKind::Or, parts, depth),
            Outline::Not(part) => {
                let node = self.open(NodeKind::Not, depth);
                let inner = self.visit(part, depth + 1)?;
                self.nodes[node].holds = !inner.holds;
                Ok(Explained {
                    holds: !inner.holds,
                    minimal_change: inner.minimal_change,
                })
            }
            Outline::Predicate { text, filter } => Ok(self.predicate(filter, text, depth)),
            Outline::Member { text, segment } => self.member(text, segment, depth),
        }
    }

    fn member(
        &mut self,
        text: &str,
        segment: &str,
        depth: usize,
    ) -> Result<Explained, FilterError> {
        let membership = (self.segments)(segment);
        if let Membership::Filter(filter) = membership
            && let Some(filter) = Outline::read(filter, &self.record.message.descriptor())?
        {
            let kind = NodeKind::Segment {
                segment: segment.to_owned(),
                text: text.to_owned(),
            };
            let node = self.open(kind, depth);
            let inner = self.visit(&filter, depth + 1)?;
            self.nodes[node].holds = inner.holds;
            return Ok(inner);
        }
        let is_list = matches!(membership, Membership::List);
        let member = Filter::Member {
            segment: segment.to_owned(),
            filter: (!is_list).then(|| Box::new(Filter::nothing())),
        };
        Ok(self.predicate(&member, text, depth))
    }

    fn open(&mut self, kind: NodeKind, depth: usize) -> usize {
        self.nodes.push(ExplainedNode {
            depth,
            kind,
            holds: false,
        });
        self.nodes.len() - 1
    }

    /// One part is enough to change an AND that holds or an OR that does not. To change the other two, every part
    /// that decides against it has to change.
    fn group(
        &mut self,
        kind: NodeKind,
        parts: &[Outline],
        depth: usize,
    ) -> Result<Explained, FilterError> {
        let is_and = kind == NodeKind::And;
        let node = self.open(kind, depth);
        let mut outcomes = Vec::with_capacity(parts.len());
        for part in parts {
            outcomes.push(self.visit(part, depth + 1)?);
        }
        let holds = if is_and {
            outcomes.iter().all(|part| part.holds)
        } else {
            outcomes.iter().any(|part| part.holds)
        };
        self.nodes[node].holds = holds;
        let changes = outcomes
            .into_iter()
            .filter(|part| holds == is_and || part.holds != is_and)
            .map(|part| part.minimal_change);
        let minimal_change = if holds == is_and {
            changes.flatten().min_by_key(Vec::len)
        } else {
            let all: Option<Vec<_>> = changes.collect();
            all.map(|all| all.concat())
        };
        Ok(Explained {
            holds,
            minimal_change,
        })
    }

    fn predicate(&mut self, filter: &Filter, text: &str, depth: usize) -> Explained {
        let holds = evaluate(filter, self.record, self.now);
        let mut values = actual(filter, self.record, self.now);
        let more_values = values.len() > MAX_VALUES;
        values.truncate(MAX_VALUES);
        self.n_predicates += 1;
        let occurrence = self.n_predicates;
        let segment = match filter {
            Filter::Member { segment, .. } => Some(segment.clone()),
            _ => None,
        };
        let predicate = ExplainedPredicate {
            occurrence,
            text: text.to_owned(),
            segment,
            values: values.into_iter().map(cut).collect(),
            more_values,
        };
        self.nodes.push(ExplainedNode {
            depth,
            kind: NodeKind::Predicate(predicate),
            holds,
        });
        Explained {
            holds,
            minimal_change: Some(vec![occurrence]),
        }
    }
}

fn cut(value: String) -> String {
    match value.char_indices().nth(MAX_VALUE_CHARS) {
        Some(_) => value
            .chars()
            .take(MAX_VALUE_CHARS - 1)
            .chain(['…'])
            .collect(),
        None => value,
    }
}
