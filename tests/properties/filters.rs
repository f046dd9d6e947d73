//! The filter language: what is printed reads back, and another parser of AIP-160 reads the same.

use aip_160::{Arg, Comparable as OtherComparable, Expression, Value as OtherValue};
use clientele::filter;
use clientele::filter::grammar::{Comparable, Node, OPERATORS, Operator, parse};
use clientele::filter::scan::PathPart;

use super::*;

fn word() -> impl Strategy<Value = PathPart> {
    select(vec![
        "a", "kind", "b_c", "x-y", "7", "-2", "andy", "ä", "*", "90d",
    ])
    .prop_map(|word| part(word, false))
}

fn part(text: &str, quoted: bool) -> PathPart {
    let stars = text
        .char_indices()
        .filter(|(_, c)| quoted && *c == '*')
        .map(|(i, _)| i)
        .collect();
    PathPart {
        stars,
        ..PathPart::new(text, quoted)
    }
}

fn quoted() -> impl Strategy<Value = PathPart> {
    "[^\0]{0,8}|[a*\\\\\"'\n]{0,4}".prop_map(|text| part(&text, true))
}

fn member() -> impl Strategy<Value = Comparable> {
    let path = (
        word(),
        proptest::collection::vec(prop_oneof![3 => word(), 1 => quoted()], 0..3),
    );
    let path = path.prop_map(|(first, mut rest)| {
        rest.insert(0, first);
        Comparable::Member(rest)
    });
    prop_oneof![
        path,
        quoted().prop_map(|text| Comparable::Member(vec![text]))
    ]
}

fn argument() -> impl Strategy<Value = Comparable> {
    let call = (
        select(vec!["now", "ago"]),
        proptest::collection::vec(member(), 0..3),
    );
    let call = call.prop_map(|(name, arguments)| Comparable::Call {
        name: vec![part(name, false)],
        arguments,
    });
    prop_oneof![3 => member(), 1 => call]
}

/// A term may begin with a `-` only where it cannot be taken for NOT.
fn leaf() -> impl Strategy<Value = Node> {
    let operator = select(OPERATORS.to_vec()).prop_map(|(_, operator)| operator);
    let restriction = (member(), operator, argument()).prop_map(|(subject, operator, argument)| {
        Node::Restriction {
            subject,
            operator,
            argument,
        }
    });
    let leaf = prop_oneof![3 => restriction, 1 => member().prop_map(Node::Literal)];
    leaf.prop_filter("a `-` at the start is NOT", |node| {
        !node.to_string().starts_with('-')
    })
}

fn node() -> impl Strategy<Value = Node> {
    let inner = leaf().prop_recursive(4, 24, 3, |inner| {
        let several = || proptest::collection::vec(inner.clone(), 2..4);
        let negated = inner.clone().prop_map(|node| match node {
            Node::Not(inner) => *inner,
            node => Node::Not(Box::new(node)),
        });
        prop_oneof![
            several().prop_map(|nodes| Node::And {
                nodes,
                grouped: true
            }),
            several().prop_map(Node::Or),
            negated
        ]
    });
    let together = proptest::collection::vec(inner.clone(), 2..4);
    prop_oneof![
        inner,
        together.prop_map(|nodes| Node::And {
            nodes,
            grouped: false
        })
    ]
}

/// Takes the groups out of a tree: the other parser does not tell where parentheses were.
fn flat(node: Node) -> Node {
    match node {
        Node::And { nodes, .. } => {
            let nodes = nodes.into_iter().map(flat).flat_map(|node| match node {
                Node::And { nodes, .. } => nodes,
                node => vec![node],
            });
            Node::And {
                nodes: nodes.collect(),
                grouped: false,
            }
        }
        Node::Or(nodes) => Node::Or(nodes.into_iter().map(flat).collect()),
        Node::Not(node) => Node::Not(Box::new(flat(*node))),
        node => node,
    }
}

fn from_other(expression: &Expression) -> Node {
    let all = |list: &[Expression]| list.iter().map(from_other).collect();
    match expression {
        Expression::And(list) | Expression::Sequence(list) => flat(Node::And {
            nodes: all(list),
            grouped: false,
        }),
        Expression::Or(list) => Node::Or(all(list)),
        Expression::Not(inner) => Node::Not(Box::new(from_other(inner))),
        Expression::Global(comparable) => Node::Literal(comparable_of(comparable)),
        Expression::Restriction(restriction) => {
            let symbol = restriction.comparator.to_string();
            let operator: Operator = OPERATORS
                .into_iter()
                .find(|(known, _)| *known == symbol)
                .unwrap()
                .1;
            let subject = comparable_of(&restriction.comparable);
            Node::Restriction {
                subject,
                operator,
                argument: argument_of(&restriction.arg),
            }
        }
    }
}

fn argument_of(argument: &Arg) -> Comparable {
    match argument {
        Arg::Comparable(comparable) => comparable_of(comparable),
        Arg::Composite(inner) => panic!("a group as an argument: {inner:?}"),
    }
}

fn comparable_of(comparable: &OtherComparable) -> Comparable {
    let names = |value: &OtherValue| match value {
        OtherValue::String(text) => vec![part(text, true)],
        // It joins `2.5` again, which is two names here.
        OtherValue::Text(text) => text.split('.').map(|text| part(text, false)).collect(),
    };
    match comparable {
        OtherComparable::Member(member) => Comparable::Member(
            std::iter::once(&member.value)
                .chain(&member.fields)
                .flat_map(names)
                .collect(),
        ),
        OtherComparable::Function(function) => Comparable::Call {
            name: function.name.iter().map(|name| part(name, false)).collect(),
            arguments: function.args.iter().map(argument_of).collect(),
        },
    }
}

/// Reads a filter and forgets where its parts stand.
fn read(text: &str) -> Node {
    let mut node = parse(text).unwrap().unwrap();
    forget_offsets(&mut node);
    node
}

fn forget_offsets(node: &mut Node) {
    match node {
        Node::And { nodes, .. } | Node::Or(nodes) => nodes.iter_mut().for_each(forget_offsets),
        Node::Not(node) => forget_offsets(node),
        Node::Literal(value) => forget_offsets_in(value),
        Node::Restriction {
            subject, argument, ..
        } => {
            forget_offsets_in(subject);
            forget_offsets_in(argument);
        }
    }
}

fn forget_offsets_in(value: &mut Comparable) {
    let (Comparable::Member(parts) | Comparable::Call { name: parts, .. }) = value;
    parts.iter_mut().for_each(|part| part.offset = 0);
    if let Comparable::Call { arguments, .. } = value {
        arguments.iter_mut().for_each(forget_offsets_in);
    }
}

/// Forgets which `*` were escaped: the other parser takes no notice.
fn starless(node: &Node) -> String {
    node.to_string().replace("\\*", "*")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_printed_filter_reads_back(node in node()) {
        let printed = node.to_string();
        prop_assume!(printed.len() <= filter::MAX_LENGTH);
        prop_assert_eq!(read(&printed), node, "{}", printed);
    }

    #[test]
    fn another_parser_reads_the_same(node in node()) {
        let printed = node.to_string();
        prop_assume!(printed.len() <= filter::MAX_LENGTH);
        let other = aip_160::parse_filter(&printed).unwrap().expression.unwrap();
        prop_assert_eq!(starless(&from_other(&other)), starless(&flat(node)), "{}", printed);
    }

    #[test]
    fn what_both_parsers_accept_means_the_same(text in "([ab.\"7:*-]|=|<|>=|!=| | AND | OR | NOT |\\(|\\)){0,14}") {
        let (Ok(Some(own)), Ok(other)) = (parse(&text), aip_160::parse_filter(&text)) else { return Ok(()) };
        let other = other.expression.unwrap();
        // A group as a value is one value here; a function can have any name there.
        prop_assume!(!format!("{other:?}").contains("Composite") && !format!("{other:?}").contains("Function"));
        prop_assert_eq!(starless(&from_other(&other)), starless(&flat(own)), "{}", text);
    }

    #[test]
    fn any_text_is_a_filter_or_says_where_not(text in "\\PC{0,30}|[a-z_.=\"'\\\\ AND]{0,30}|about = \"\\PC{0,10}\"?\\PC{0,3}") {
        let message = clientele::descriptors::message("clientele.v1.Customer");
        if let Err(problem) = filter::read(&text, &message) {
            prop_assert!(text.is_char_boundary(problem.offset), "{} of {text:?}", problem.offset);
        }
    }
}

#[test]
fn one_not_after_another_stands_in_parentheses() {
    for filter in [
        "NOT (NOT kind = BUSINESS)",
        "-(-kind = BUSINESS)",
        "NOT (NOT (NOT (a = 1 OR b = 2)))",
    ] {
        let node = read(filter);
        assert_eq!(read(&node.to_string()), node, "{node}");
    }
}
