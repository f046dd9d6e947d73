//! In which order lists come: texts as people read them, what is unset last, all keys in one direction.

use std::cmp::Ordering;

use clientele::clock;
use clientele::pb;
use prost_types::{Duration, FieldMask};

use crate::harness::Harness;
use crate::harness::answer::{done, refused};
use crate::harness::builders::{affiliation, contact, customer, money, time};
use crate::harness::engine::execute;
use crate::harness::paging::all_pages;
use crate::harness::records::{colleague, conversation, listed, persona, promise, segment};
use crate::harness::standard::{List, Standard, Update, mask};

conformance! {
    names_sort_as_people_read_them,
    a_name_that_changes_changes_its_place,
    what_is_unset_comes_last_in_both_directions,
    any_order_of_customers_is_that_of_their_fields,
    the_order_by_last_conversations_follows_a_new_one,
    members_and_decision_makers_take_the_same_orders,
    a_name_is_found_exactly,
    a_field_that_does_not_sort_is_told_the_nearest,
    a_path_of_a_mask_is_told_the_nearest,
}

/// Lists the ids of all records in an order, walking pages of a size; no record may come twice or be left out.
async fn ids<R: Standard>(h: &Harness, order_by: &str, page_size: i32) -> Vec<String> {
    let rows = all_pages(async |page_token| {
        let list = List {
            order_by: order_by.to_owned(),
            page_size,
            page_token,
            ..Default::default()
        };
        done(R::list(h, list).await)
    });
    let id = |row: &R| row.name().rsplit('/').next().unwrap().to_owned();
    rows.await.iter().map(id).collect()
}

/// Asserts an order, and the other direction of it, on pages of every size up to all.
async fn comes<R: Standard>(h: &Harness, field: &str, up: &str, down: &str) {
    for (order_by, expected) in [(field.to_owned(), up), (format!("{field} desc"), down)] {
        for page_size in [1, 2, 3, 100] {
            let found = ids::<R>(h, &order_by, page_size).await.join(" ");
            assert_eq!(found, expected, "{order_by}, pages of {page_size}");
        }
    }
}

/// Names as they are given, in the order in which they are read; `a`, `b` and `c` are read alike.
const NAMES: [(&str, &str); 14] = [
    ("digits", "10 Euro"),
    ("beta", "1A Beta"),
    ("a", "\u{c4}pfel"),
    ("b", "Apfel"),
    ("c", "A\u{308}PFEL"),
    ("apple", "apple"),
    ("doctors", "\u{c4}rzte"),
    ("ecole", "\u{c9}cole"),
    ("eczema", "eczema"),
    ("sharp", "STRASSE 1"),
    ("sharp2", "Stra\u{df}e 2"),
    ("z", "zebra"),
    ("zz", "Zebra crossing"),
    ("greek", "\u{391}\u{3b8}\u{3ae}\u{3bd}\u{3b1}"),
];

async fn names_sort_as_people_read_them(h: Harness) {
    let up = NAMES.map(|(id, _)| id).join(" ");
    let down = up.split(' ').rev().collect::<Vec<_>>().join(" ");
    for (id, name) in NAMES.iter().rev() {
        h.create_as(id, customer(name)).await;
        h.create_as(id, contact(name)).await;
        h.create_as(id, colleague(name)).await;
        h.create_as(id, persona(name)).await;
        h.create_as(id, segment(name, "display_name:*")).await;
    }
    comes::<pb::Customer>(&h, "display_name", &up, &down).await;
    comes::<pb::Contact>(&h, "display_name", &up, &down).await;
    comes::<pb::Colleague>(&h, "display_name", &up, &down).await;
    comes::<pb::Persona>(&h, "display_name", &up, &down).await;
    comes::<pb::Segment>(&h, "display_name", &up, &down).await;
}

async fn a_name_that_changes_changes_its_place(h: Harness) {
    for (id, name) in [("a", "Birne"), ("b", "Quitte")] {
        h.create_as(id, customer(name)).await;
    }
    comes::<pb::Customer>(&h, "display_name", "a b", "b a").await;
    let renamed = pb::Customer {
        name: "customers/b".to_owned(),
        ..customer("\u{c4}pfel")
    };
    let update = Update {
        resource: Some(renamed),
        mask: mask(&["display_name"]),
        ..Default::default()
    };
    done(pb::Customer::update(&h, update).await);
    comes::<pb::Customer>(&h, "display_name", "b a", "a b").await;
}

async fn what_is_unset_comes_last_in_both_directions(h: Harness) {
    let firm = h.create_as("firm", customer("Ferrum AG")).await;
    for (id, title, seconds) in [
        ("d", "", None),
        ("b", "\u{d6}ler", Some(2)),
        ("a", "Zugf\u{fc}hrer", Some(3)),
        ("e", "", None),
        ("c", "oler", Some(1)),
    ] {
        let person = pb::Contact {
            family_name: title.to_owned(),
            given_name: title.to_owned(),
            ..contact("x")
        };
        let person = h.create_as(id, person).await;
        let job = pb::Affiliation {
            job_title: title.to_owned(),
            department: title.to_owned(),
            ..affiliation(&person, &firm)
        };
        h.create_as(id, job).await;
        let owed = pb::Promise {
            due_time: seconds.and_then(time),
            ..promise(&firm, "x")
        };
        h.create_as(id, owed).await;
    }
    for field in ["family_name", "given_name"] {
        comes::<pb::Contact>(&h, field, "b c a d e", "a c b e d").await;
    }
    for field in ["job_title", "department"] {
        comes::<pb::Affiliation>(&h, field, "b c a d e", "a c b e d").await;
    }
    comes::<pb::Promise>(&h, "due_time", "c b a d e", "a b c e d").await;
    // Further fields decide among those that have the first unset, too.
    let order = "family_name, display_name, given_name";
    assert_eq!(ids::<pb::Contact>(&h, order, 2).await.join(""), "bcade");
    // What is unset behind another field comes last of those that have the same there.
    execute(&h.url(), "update promises set create_time = 1000000").await;
    for (order, expected) in [
        ("create_time, due_time", "cbade"),
        ("create_time desc, due_time desc", "abced"),
    ] {
        for page_size in [1, 2, 100] {
            let found = ids::<pb::Promise>(&h, order, page_size).await;
            assert_eq!(found.join(""), expected, "{order}, pages of {page_size}");
        }
    }
}

/// What a customer is sorted by, as the test gave it.
#[derive(Clone)]
struct Sorted {
    id: String,
    /// The place of its name among those of the test.
    name: i64,
    spend: Option<(&'static str, i64, i32)>,
    last: Option<i64>,
    follow_up: Option<i64>,
}

impl Sorted {
    /// Compares by a field, without regard to what is unset.
    fn by(&self, other: &Sorted, field: &str) -> (bool, bool, Ordering) {
        fn both<T: Ord>(a: &Option<T>, b: &Option<T>) -> (bool, bool, Ordering) {
            (a.is_none(), b.is_none(), a.cmp(b))
        }
        match field {
            "display_name" => (false, false, self.name.cmp(&other.name)),
            "annual_spend" => both(&self.spend, &other.spend),
            "follow_up_due_time" => both(&self.follow_up, &other.follow_up),
            _ => both(&self.last, &other.last),
        }
    }

    fn cmp(&self, other: &Sorted, fields: &[&str], descending: bool) -> Ordering {
        let turned = |ordering: Ordering| {
            if descending {
                ordering.reverse()
            } else {
                ordering
            }
        };
        for field in fields {
            let (unset, other_unset, ordering) = self.by(other, field);
            let ordering = unset.cmp(&other_unset).then(turned(ordering));
            if ordering != Ordering::Equal {
                return ordering;
            }
        }
        turned(self.id.cmp(&other.id))
    }
}

/// Makes customers of all kinds that orders tell apart.
async fn customers_of_all_kinds(h: &Harness) -> Vec<Sorted> {
    const DAY: i64 = 86_400;
    let spends = [
        None,
        Some(("EUR", 5, 500_000_000)),
        Some(("EUR", 5, 0)),
        Some(("USD", -1, 0)),
        Some(("EUR", 0, 0)),
    ];
    let mut all = Vec::new();
    for i in 0..24_i64 {
        let at = usize::try_from(i).unwrap();
        let last = [None, Some(0), Some(3 * DAY)][at / 2 % 3];
        let interval = [None, Some(DAY), Some(30 * DAY)][at / 3 % 3];
        let (name, text) = [(0, "\u{c4}pfel"), (0, "apfel"), (1, "Birne")][at % 3];
        let spend = spends[at % 5];
        let input = pb::Customer {
            annual_spend: spend.and_then(|(code, units, nanos)| money(code, units, nanos)),
            follow_up_interval: interval.map(|seconds| Duration { seconds, nanos: 0 }),
            ..customer(text)
        };
        let id = format!("c{i:02}");
        let created = h.create_as(&id, input).await;
        if let Some(seconds) = last {
            h.create(conversation(&created, seconds)).await;
        }
        let found = h.get::<pb::Customer>(&created.name).await;
        all.push(Sorted {
            id,
            name,
            spend,
            last,
            follow_up: found.follow_up_due_time.as_ref().and_then(clock::micros),
        });
    }
    all
}

async fn any_order_of_customers_is_that_of_their_fields(h: Harness) {
    const FIELDS: [&str; 4] = [
        "annual_spend",
        "last_conversation.start_time",
        "follow_up_due_time",
        "display_name",
    ];
    let all = customers_of_all_kinds(&h).await;
    let mut orders: Vec<Vec<&str>> = FIELDS.iter().map(|field| vec![*field]).collect();
    for (i, field) in FIELDS.iter().enumerate() {
        let next = FIELDS[(i + 1) % 4];
        orders.push(vec![field, next]);
        orders.push(vec![next, field]);
        orders.push(vec![field, FIELDS[(i + 2) % 4], next]);
    }
    for fields in orders {
        for descending in [false, true] {
            let direction = if descending { " desc" } else { "" };
            let order_by = fields.join(&format!("{direction}, ")) + direction;
            let mut expected = all.clone();
            expected.sort_by(|a, b| a.cmp(b, &fields, descending));
            let expected: Vec<String> = expected.into_iter().map(|one| one.id).collect();
            for page_size in [1, 5, 100] {
                let found = ids::<pb::Customer>(&h, &order_by, page_size).await;
                assert_eq!(found, expected, "{order_by}, pages of {page_size}");
            }
        }
    }
}

async fn the_order_by_last_conversations_follows_a_new_one(h: Harness) {
    let field = "last_conversation.start_time";
    let mut firms = Vec::new();
    for id in ["a", "b", "c"] {
        firms.push(h.create_as(id, customer("Ferrum AG")).await);
    }
    let person = h.create_as("p", contact("Mara Lindqvist")).await;
    h.create_as("q", contact("Bo Ek")).await;
    comes::<pb::Customer>(&h, field, "a b c", "c b a").await;
    h.create(conversation(&firms[2], 10)).await;
    h.create(conversation(&firms[1], 20)).await;
    comes::<pb::Customer>(&h, field, "c b a", "b c a").await;
    let talk = pb::Conversation {
        contacts: vec![person.name],
        ..conversation(&firms[2], 30)
    };
    let talk = h.create(talk).await;
    comes::<pb::Customer>(&h, field, "b c a", "c b a").await;
    comes::<pb::Contact>(&h, field, "p q", "p q").await;
    h.delete::<pb::Conversation>(&talk.name).await;
    comes::<pb::Customer>(&h, field, "c b a", "b c a").await;
    comes::<pb::Contact>(&h, field, "p q", "q p").await;
}

async fn members_and_decision_makers_take_the_same_orders(h: Harness) {
    let mut firms = Vec::new();
    for (id, spend) in [
        ("a", None),
        ("b", money("EUR", 1, 0)),
        ("c", money("EUR", 2, 0)),
    ] {
        let firm = pb::Customer {
            annual_spend: spend,
            ..customer("Ferrum AG")
        };
        firms.push(h.create_as(id, firm).await);
    }
    let all: Vec<&pb::Customer> = firms.iter().collect();
    let picked = h.create(listed("Picked", &all)).await;
    for (order_by, expected) in [("annual_spend", "b c a"), ("annual_spend desc", "c b a")] {
        let members = all_pages(async |page_token| {
            let request = pb::ListSegmentMembersRequest {
                segment: picked.name.clone(),
                page_size: 1,
                order_by: order_by.to_owned(),
                page_token,
                ..Default::default()
            };
            let page = done(h.segments.clone().list_segment_members(request).await);
            (page.customers, page.next_page_token)
        });
        let deciders = all_pages(async |page_token| {
            let request = pb::ListDecisionMakersRequest {
                segment: picked.name.clone(),
                page_size: 2,
                order_by: order_by.to_owned(),
                page_token,
                ..Default::default()
            };
            let page = done(h.relationships.clone().list_decision_makers(request).await);
            (page.decision_makers, page.next_page_token)
        });
        let members: Vec<String> = members.await.into_iter().map(|one| one.name).collect();
        let deciders: Vec<String> = deciders.await.into_iter().map(|one| one.customer).collect();
        let expected: Vec<String> = expected
            .split(' ')
            .map(|id| format!("customers/{id}"))
            .collect();
        assert_eq!((&members, &deciders), (&expected, &expected), "{order_by}");
    }
}

/// Names that are read alike are found through one entry of an index, and still told apart.
async fn a_name_is_found_exactly(h: Harness) {
    for (id, name) in NAMES {
        h.create_as(id, customer(name)).await;
    }
    for (filter, expected) in [
        ("display_name = \"\u{c4}pfel\"", "a"),
        ("display_name = \"Apfel\"", "b"),
        ("display_name = \"apfel\"", ""),
        (
            "display_name = \"Apfel\" OR display_name = \"\u{c4}pfel\"",
            "a b",
        ),
        ("display_name = \"Ap*\"", "b"),
        ("display_name = \"A*\"", "b c"),
        ("display_name = \"A\u{308}P*\"", "c"),
        ("display_name = \"\u{c4}*\"", "a doctors"),
        ("display_name = \"z*\"", "z"),
        ("display_name = \"Zebra *\"", "zz"),
        ("display_name = \"STRASSE*\"", "sharp"),
        ("display_name = \"Stra\u{df}*\"", "sharp2"),
        (
            "display_name = \"10*\" AND NOT display_name = \"Apfel\"",
            "digits",
        ),
    ] {
        let found = h.names::<pb::Customer>(filter).await;
        let expected: Vec<String> = expected
            .split_whitespace()
            .map(|id| format!("customers/{id}"))
            .collect();
        assert_eq!(found, expected, "{filter}");
    }
}

async fn a_field_that_does_not_sort_is_told_the_nearest(h: Harness) {
    for (order_by, nearest) in [
        ("displayname", "did you mean `display_name`?"),
        (
            "start_time desc",
            "did you mean `last_conversation.start_time`?",
        ),
        ("name, create_tiem", "did you mean `create_time`?"),
        ("about", "update_time"),
    ] {
        let list = List {
            order_by: order_by.to_owned(),
            ..Default::default()
        };
        let refusal = refused(pb::Customer::list(&h, list).await);
        assert!(refusal.message.contains(nearest), "{}", refusal.message);
        refusal.names("ORDER_BY_INVALID", &["order_by"]);
    }
}

async fn a_path_of_a_mask_is_told_the_nearest(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    for (path, nearest) in [
        ("displayname", "did you mean `display_name`?"),
        ("industry", "did you mean `business.industry`?"),
        ("business.industri", "did you mean `business.industry`?"),
        ("lifecylce", "did you mean `lifecycle`?"),
        ("xyzzy", "Customer has no such field"),
    ] {
        let paths = Some(FieldMask {
            paths: vec!["name".to_owned(), path.to_owned()],
        });
        let read = refused(pb::Customer::get(&h, &firm.name, paths.clone()).await);
        assert!(read.message.contains(nearest), "{}", read.message);
        read.names("MASK_INVALID", &["read_mask.paths[1]"]);
        let update = Update {
            resource: Some(firm.clone()),
            mask: paths,
            ..Default::default()
        };
        let update = refused(pb::Customer::update(&h, update).await);
        assert!(update.message.contains(nearest), "{}", update.message);
        update.names("MASK_INVALID", &["update_mask.paths[1]"]);
    }
}
