//! List: pages, orders and tokens. The expiry of a token after three days is in `inside/clock.rs`.

use std::collections::BTreeSet;

use clientele::pb;
use futures_util::future::join;
use futures_util::stream::{self, StreamExt};

use crate::harness::Harness;
use crate::harness::answer::{done, refused};
use crate::harness::builders::{contact, customer, map, texts};
use crate::harness::paging::all_pages;
use crate::harness::standard::{List, Standard, for_all, mask};

conformance! {
    page_sizes_are_bounded,
    every_row_comes_exactly_once,
    every_row_comes_exactly_once_while_others_are_inserted,
    every_order_of_the_protos_works,
    malformed_orders_are_refused,
    ties_are_settled_by_name,
    a_garbled_token_is_refused,
    a_token_of_another_database_is_refused,
    a_token_of_another_request_is_refused,
    page_size_and_read_mask_may_change,
    a_token_holds_any_name,
    a_page_is_cut_before_it_is_too_large_to_send,
    a_page_along_a_key_is_like_any_other,
}

/// Walks all pages and returns the rows, and how many pages there were.
async fn walk<R: Standard>(h: &Harness, list: List) -> (Vec<R>, usize) {
    let mut pages = 0;
    let rows = all_pages(async |page_token| {
        let page = done(
            R::list(
                h,
                List {
                    page_token,
                    ..list.clone()
                },
            )
            .await,
        );
        assert!(page.0.len() <= usize::try_from(list.page_size).unwrap());
        pages += 1;
        page
    });
    (rows.await, pages)
}

/// Creates customers, eight at a time: more than a few dozen at once is a matter of admission.
async fn insert(h: &Harness, count: usize, name: &str) -> Vec<String> {
    create_all(
        h,
        (0..count).map(|i| customer(&format!("{name} {}", i % 7))),
    )
    .await
}

async fn create_all<R: Standard>(h: &Harness, input: impl IntoIterator<Item = R>) -> Vec<String> {
    let created = stream::iter(input).map(|input| h.create(input)).buffered(8);
    created.map(|created| created.name()).collect().await
}

type R = pb::Customer;

async fn page_sizes_are_bounded(h: Harness) {
    insert(&h, 51, "Ferrum").await;
    let of_size = |page_size| List {
        page_size,
        ..Default::default()
    };
    for (size, count) in [(0, 50), (1, 1), (51, 51), (1000, 51), (i32::MAX, 51)] {
        let (page, token) = done(R::list(&h, of_size(size)).await);
        assert_eq!((page.len(), token.is_empty()), (count, count == 51));
    }
    refused(R::list(&h, of_size(-1)).await).names("FIELD_INVALID", &["page_size"]);
}

async fn every_row_comes_exactly_once(h: Harness) {
    let mut expected = insert(&h, 106, "Ferrum").await;
    expected.sort();
    for (page_size, pages) in [(1, 106), (5, 22), (16, 7), (53, 2), (106, 1)] {
        for order_by in [
            "",
            "name desc",
            "display_name, create_time",
            "update_time desc, display_name desc",
        ] {
            let list = List {
                page_size,
                order_by: order_by.to_owned(),
                ..Default::default()
            };
            let (rows, n_pages) = walk::<R>(&h, list).await;
            let mut names: Vec<String> = rows.iter().map(R::name).collect();
            if !order_by.is_empty() {
                names.sort();
            }
            assert_eq!((names, n_pages), (expected.clone(), pages), "{order_by}");
        }
    }
}

async fn every_row_comes_exactly_once_while_others_are_inserted(h: Harness) {
    let stable: BTreeSet<String> = insert(&h, 60, "stable").await.into_iter().collect();
    for page_size in [1, 5, 16, 53] {
        for order_by in ["", "display_name desc"] {
            let list = List {
                page_size,
                order_by: order_by.to_owned(),
                ..Default::default()
            };
            let ((rows, _), _) = join(walk::<R>(&h, list), insert(&h, 30, "new")).await;
            let names: Vec<String> = rows.iter().map(R::name).collect();
            let distinct: BTreeSet<String> = names.iter().cloned().collect();
            assert_eq!(distinct.len(), names.len(), "a row came twice");
            assert!(stable.is_subset(&distinct), "a row was left out");
        }
    }
}

async fn every_order_of_the_protos_works(h: Harness) {
    let own = [
        "display_name",
        "last_conversation.start_time",
        "follow_up_due_time",
        "annual_spend",
    ];
    every_order_works::<pb::Customer>(&h, &own).await;
    let own = [
        "display_name",
        "family_name",
        "given_name",
        "last_conversation.start_time",
    ];
    every_order_works::<pb::Contact>(&h, &own).await;
    every_order_works::<pb::Affiliation>(&h, &["job_title", "department"]).await;
}

async fn every_order_works<R: Standard>(h: &Harness, own: &[&str]) {
    for _ in 0..3 {
        h.created::<R>().await;
    }
    let fields: Vec<&str> = ["name", "create_time", "update_time"]
        .iter()
        .chain(own)
        .copied()
        .collect();
    for field in &fields {
        for order_by in [
            (*field).to_owned(),
            format!(" {field}  asc "),
            format!("{field} desc"),
        ] {
            let list = List {
                page_size: 2,
                order_by: order_by.clone(),
                ..Default::default()
            };
            assert_eq!(walk::<R>(h, list).await.0.len(), 3, "{order_by}");
        }
    }
    let all = List {
        page_size: 1,
        order_by: fields[1..].join(","),
        ..Default::default()
    };
    assert_eq!(walk::<R>(h, all).await.0.len(), 3);
}

async fn malformed_orders_are_refused(h: Harness) {
    for_all!(h => malformed_orders_of_one_are_refused);
}

async fn malformed_orders_of_one_are_refused<R: Standard>(h: &Harness) {
    let long = format!("name{}", " ".repeat(4093));
    for order_by in [
        "nothing",
        "etag",
        "labels",
        "name,",
        ",",
        "name name",
        "name DESC",
        "name desc desc",
        "create_time,create_time",
        "create_time desc, name",
        "name; drop table customers",
        &long,
    ] {
        let list = List {
            order_by: order_by.to_owned(),
            ..Default::default()
        };
        refused(R::list(h, list).await).names("ORDER_BY_INVALID", &["order_by"]);
    }
    done(
        R::list(
            h,
            List {
                order_by: format!("name{}", " ".repeat(4092)),
                ..Default::default()
            },
        )
        .await,
    );
}

async fn ties_are_settled_by_name(h: Harness) {
    for id in ["c", "a", "b"] {
        h.create_as(id, customer("Ferrum")).await;
    }
    for (order_by, expected) in [("display_name", "a b c"), ("display_name desc", "c b a")] {
        let list = List {
            page_size: 1,
            order_by: order_by.to_owned(),
            ..Default::default()
        };
        let ids: Vec<String> = walk::<R>(&h, list)
            .await
            .0
            .iter()
            .map(|row| row.name.replace("customers/", ""))
            .collect();
        assert_eq!(ids.join(" "), expected);
    }
}

async fn first_token(h: &Harness, list: List) -> String {
    let token = done(R::list(h, list).await).1;
    assert!(!token.is_empty());
    token
}

async fn a_garbled_token_is_refused(h: Harness) {
    insert(&h, 3, "Ferrum").await;
    let page = |page_token: &str| List {
        page_size: 1,
        page_token: page_token.to_owned(),
        ..Default::default()
    };
    let token = first_token(&h, page("")).await;
    assert!(
        token
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'),
        "{token}"
    );
    let other = if token.ends_with('A') { 'B' } else { 'A' };
    let changed = format!("{}{other}", &token[..token.len() - 1]);
    let long = "A".repeat(10_000);
    for garbled in [
        "x",
        "\0",
        "ä",
        &token[1..],
        &token[..token.len() - 1],
        &format!("{token}A"),
        &changed,
        &long,
    ] {
        refused(R::list(&h, page(garbled)).await).names("PAGE_TOKEN_INVALID", &["page_token"]);
    }
    assert_eq!(done(R::list(&h, page(&token)).await).0.len(), 1);
}

async fn a_token_of_another_database_is_refused(h: Harness) {
    insert(&h, 2, "Ferrum").await;
    let page = |page_token: String| List {
        page_size: 1,
        page_token,
        ..Default::default()
    };
    let token = first_token(&h, page(String::new())).await;
    let other = Harness::start(h.engine).await;
    refused(R::list(&other, page(token)).await).names("PAGE_TOKEN_INVALID", &["page_token"]);
}

async fn a_token_of_another_request_is_refused(h: Harness) {
    insert(&h, 3, "Ferrum").await;
    let first = List {
        page_size: 1,
        filter: "kind = KIND_UNSPECIFIED".to_owned(),
        ..Default::default()
    };
    let page_token = first_token(&h, first.clone()).await;
    let next = List {
        page_token,
        ..first
    };
    let others = [
        List {
            filter: String::new(),
            ..next.clone()
        },
        List {
            order_by: "display_name".to_owned(),
            ..next.clone()
        },
        List {
            show_deleted: true,
            ..next.clone()
        },
    ];
    for other in others {
        refused(R::list(&h, other).await).names("PAGE_TOKEN_MISMATCH", &["page_token"]);
    }
    // Even if nothing but the kind of record is another one.
    let plain = List {
        page_size: 1,
        ..Default::default()
    };
    let of_customers = List {
        page_token: first_token(&h, plain.clone()).await,
        ..plain
    };
    done(R::list(&h, of_customers.clone()).await);
    refused(pb::Contact::list(&h, of_customers).await)
        .names("PAGE_TOKEN_MISMATCH", &["page_token"]);
    done(R::list(&h, next).await);
}

async fn page_size_and_read_mask_may_change(h: Harness) {
    let mut expected = insert(&h, 5, "Ferrum").await;
    expected.sort();
    let page_token = first_token(
        &h,
        List {
            page_size: 2,
            ..Default::default()
        },
    )
    .await;
    let next = List {
        page_size: 100,
        page_token,
        read_mask: mask(&["name"]),
        ..Default::default()
    };
    let (rows, token) = done(R::list(&h, next).await);
    assert_eq!(rows.iter().map(R::name).collect::<Vec<_>>(), expected[2..]);
    assert_eq!((rows[0].display_name.as_str(), token.as_str()), ("", ""));
}

async fn a_token_holds_any_name(h: Harness) {
    for longest in ["\u{10ffff}", "\u{1f600}", "\"", "\\"].map(|c| c.repeat(200)) {
        for _ in 0..2 {
            let names = pb::Contact {
                given_name: longest.clone(),
                family_name: longest.clone(),
                ..contact(&longest)
            };
            h.create(names).await;
        }
    }
    let order_by = "display_name, family_name, given_name".to_owned();
    assert_eq!(
        walk::<pb::Contact>(
            &h,
            List {
                page_size: 1,
                order_by,
                ..Default::default()
            }
        )
        .await
        .0
        .len(),
        8
    );
}

async fn a_page_is_cut_before_it_is_too_large_to_send(h: Harness) {
    let large = pb::Customer {
        about: "x".repeat(64 * 1024),
        ..customer("Ferrum AG")
    };
    create_all(&h, vec![large; 60]).await;
    let list = List {
        page_size: 1000,
        ..Default::default()
    };
    let (rows, pages) = walk::<R>(&h, list).await;
    assert_eq!((rows.len(), pages), (60, 2));
}

/// A tag or a label leads to its records along the table of keys; the page is one as of any other filter.
async fn a_page_along_a_key_is_like_any_other(h: Harness) {
    five_with_keys_and_one_without(&h).await;
    for filter in [
        "tags:\"x\" AND about = \"in\"",
        "about = \"in\" AND labels.tier = \"gold\"",
    ] {
        for (order_by, show_deleted, expected) in [
            ("", false, "a b d"),
            ("name desc", false, "d b a"),
            ("display_name", false, "d a b"),
            ("", true, "a b d e"),
        ] {
            let (filter, order_by) = (filter.to_owned(), order_by.to_owned());
            let list = List {
                page_size: 1,
                filter,
                order_by,
                show_deleted,
                ..Default::default()
            };
            let (rows, pages) = walk::<pb::Customer>(&h, list.clone()).await;
            let ids: Vec<String> = rows
                .iter()
                .map(|row| row.name.replace("customers/", ""))
                .collect();
            assert_eq!(
                (ids.join(" "), pages),
                (expected.to_owned(), ids.len()),
                "{} {}",
                list.filter,
                list.order_by
            );
        }
    }
}

async fn five_with_keys_and_one_without(h: &Harness) {
    let rows = [
        ("a", "B", "in"),
        ("b", "C", "in"),
        ("c", "D", "out"),
        ("d", "A", "in"),
        ("e", "E", "in"),
    ];
    for (id, name, about) in rows {
        let (tags, labels) = (texts(&["x"]), map(&[("tier", "gold")]));
        h.create_as(
            id,
            pb::Customer {
                tags,
                labels,
                about: about.to_owned(),
                ..customer(name)
            },
        )
        .await;
    }
    h.create_as(
        "f",
        pb::Customer {
            about: "in".to_owned(),
            ..customer("F")
        },
    )
    .await;
    h.delete::<pb::Customer>("customers/e").await;
}
