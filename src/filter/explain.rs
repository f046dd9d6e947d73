//! Explaining a verdict: what each part of a filter says of a record, and the smallest set of predicates that would
//! have to change to change it.
//!
//! A predicate is a restriction, all that is asked of one element of a list, or membership in a segment by list: what
//! is true or false by itself. The other parts are nothing but AND, OR and NOT over predicates.

use prost_reflect::ReflectMessage;

use crate::clock::Micros;
use crate::filter::actual::actual;
use crate::filter::evaluate::evaluate;
use crate::filter::print_tree::{restriction, text};
use crate::filter::record::Record;
use crate::filter::tree::Filter;

/// The most values that are told of a predicate.
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
    /// How many parts it is inside of.
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
        /// What it asks for, as a filter.
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
    /// What it asks for, as a filter.
    pub text: String,
    /// The segment whose members it asks for, if any: one by list, or one that is deleted.
    pub segment: Option<String>,
    /// What the record has there, as filters write it: at most [`MAX_VALUES`].
    pub values: Vec<String>,
    /// Whether the record has more there.
    pub more_values: bool,
}

impl Explanation {
    /// Says whether the record meets the filter.
    pub fn holds(&self) -> bool {
        self.nodes.first().is_none_or(|node| node.holds)
    }
}

/// Explains what a filter says of a record at a time.
pub fn explain(tree: &Filter, record: Record<'_>, now: Micros) -> Explanation {
    let mut explainer = Explainer {
        record,
        now,
        nodes: Vec::new(),
        n_predicates: 0,
    };
    let verdict = explainer.visit(tree, 0);
    Explanation {
        nodes: explainer.nodes,
        minimal_change: verdict.minimal_change,
    }
}

/// What a part comes to.
struct Outcome {
    holds: bool,
    /// As in [`Explanation`].
    minimal_change: Option<Vec<usize>>,
}

struct Explainer<'a> {
    record: Record<'a>,
    now: Micros,
    nodes: Vec<ExplainedNode>,
    n_predicates: usize,
}

impl Explainer<'_> {
    fn visit(&mut self, tree: &Filter, depth: usize) -> Outcome {
        if let Some(text) = restriction(tree, &self.record.message.descriptor()) {
            return self.predicate(tree, text, depth);
        }
        match tree {
            Filter::And(trees) | Filter::Or(trees) if trees.len() == 1 => {
                self.visit(&trees[0], depth)
            }
            Filter::And(trees) => self.group(NodeKind::And, trees, depth),
            Filter::Or(trees) => self.group(NodeKind::Or, trees, depth),
            Filter::Not(tree) => {
                let at = self.open(NodeKind::Not, depth);
                let inner = self.visit(tree, depth + 1);
                self.nodes[at].holds = !inner.holds;
                Outcome {
                    holds: !inner.holds,
                    minimal_change: inner.minimal_change,
                }
            }
            Filter::Member {
                segment,
                filter: Some(filter),
            } if **filter != Filter::nothing() => {
                let kind = NodeKind::Segment {
                    segment: segment.clone(),
                    text: self.text(tree),
                };
                let at = self.open(kind, depth);
                let inner = self.visit(filter, depth + 1);
                self.nodes[at].holds = inner.holds;
                inner
            }
            Filter::Exists { .. } | Filter::Predicate(_) | Filter::Member { .. } => {
                self.predicate(tree, self.text(tree), depth)
            }
        }
    }

    fn text(&self, tree: &Filter) -> String {
        text(tree, &self.record.message.descriptor())
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
    fn group(&mut self, kind: NodeKind, trees: &[Filter], depth: usize) -> Outcome {
        let is_and = kind == NodeKind::And;
        let at = self.open(kind, depth);
        let inner: Vec<Outcome> = trees
            .iter()
            .map(|tree| self.visit(tree, depth + 1))
            .collect();
        let holds = if is_and {
            inner.iter().all(|one| one.holds)
        } else {
            inner.iter().any(|one| one.holds)
        };
        self.nodes[at].holds = holds;
        let minimal_change = if holds == is_and {
            inner
                .into_iter()
                .filter_map(|one| one.minimal_change)
                .min_by_key(Vec::len)
        } else {
            let against = inner.into_iter().filter(|one| one.holds != is_and);
            against
                .map(|one| one.minimal_change)
                .collect::<Option<Vec<_>>>()
                .map(|all| all.concat())
        };
        Outcome {
            holds,
            minimal_change,
        }
    }

    fn predicate(&mut self, tree: &Filter, text: String, depth: usize) -> Outcome {
        let holds = evaluate(tree, self.record, self.now);
        let mut values = actual(tree, self.record, self.now);
        let more_values = values.len() > MAX_VALUES;
        values.truncate(MAX_VALUES);
        let values = values.into_iter().map(cut).collect();
        self.n_predicates += 1;
        let occurrence = self.n_predicates;
        let segment = match tree {
            Filter::Member { segment, .. } => Some(segment.clone()),
            _ => None,
        };
        let predicate = ExplainedPredicate {
            occurrence,
            text,
            segment,
            values,
            more_values,
        };
        self.nodes.push(ExplainedNode {
            depth,
            kind: NodeKind::Predicate(predicate),
            holds,
        });
        Outcome {
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
