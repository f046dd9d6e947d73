//! Readers and writers at the same time.

use std::cell::Cell;

use clientele::error::Error;
use clientele::pb;
use clientele::pb::customer::Business;
use clientele::store::engine::lane::Cost;
use clientele::store::scope::TenantScope;
use clientele::store::sql::statement::global;
use futures_util::future::{join, join_all, select};
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{Answer, done, refusal, whole};
use crate::harness::builders::{affiliation, contact, customer, external_id, map, texts};
use crate::harness::keys::by_name;
use crate::harness::records::{listed, segment};
use crate::harness::standard::{Create, Delete, List, Standard, Undelete, Update, mask};

conformance! {
    a_reader_sees_old_or_new_and_never_half,
    a_reader_sees_parent_and_children_deleted_together,
    a_reader_never_goes_back_in_time,
    a_record_and_its_parent_cannot_miss_each_other,
    a_child_never_comes_back_to_a_parent_that_goes,
    a_child_comes_back_with_parents_that_come_at_once,
    writers_of_different_fields_lose_nothing,
    members_are_read_with_what_their_segment_means,
    an_empty_page_is_of_the_revision_it_tells,
    a_reader_who_gives_up_harms_nobody,
}

/// Sets all fields that one update writes, so that a partial write would show.
fn version(name: &str, i: usize) -> pb::Customer {
    let text = i.to_string();
    pb::Customer {
        name: name.to_owned(),
        about: text.clone(),
        labels: map(&[("v", &text)]),
        tags: texts(&[&text]),
        external_ids: vec![external_id("v", &text)],
        business: Some(Business {
            industry: text.clone(),
            employee_count: i32::try_from(i).ok(),
            ..Default::default()
        }),
        ..customer(&text)
    }
}

fn assert_whole(found: &pb::Customer) {
    let i = found.about.parse().unwrap();
    let expected = version(&found.name, i);
    assert_eq!(
        (&found.labels, &found.tags, &found.external_ids),
        (&expected.labels, &expected.tags, &expected.external_ids)
    );
    assert_eq!(
        (&found.display_name, &found.business),
        (&expected.display_name, &expected.business)
    );
}

async fn a_reader_sees_old_or_new_and_never_half(h: Harness) {
    let name = h.create(version("", 0)).await.name;
    let is_writing = Cell::new(true);
    let write = async {
        for i in 1..=60 {
            h.update(version(&name, i), &["*"]).await;
        }
        is_writing.set(false);
    };
    let read = async {
        while is_writing.get() {
            assert_whole(&h.get::<pb::Customer>(&name).await);
            let (listed, _) = done(pb::Customer::list(&h, List::default()).await);
            assert_whole(&listed[0]);
        }
    };
    join(write, read).await;
}

async fn a_reader_sees_parent_and_children_deleted_together(h: Harness) {
    let firm = h.created::<pb::Customer>().await;
    let person = h.create(contact("Mara Lind")).await;
    for _ in 0..5 {
        h.create(affiliation(&person, &firm)).await;
    }
    let is_writing = Cell::new(true);
    let write = async {
        for _ in 0..15 {
            h.delete::<pb::Customer>(&firm.name).await;
            h.undelete::<pb::Customer>(&firm.name).await;
        }
        is_writing.set(false);
    };
    let read = async {
        while is_writing.get() {
            let live = h.names::<pb::Affiliation>("").await.len();
            assert!(live == 0 || live == 5, "{live} of 5");
            let firm = h.get::<pb::Customer>(&firm.name).await;
            assert_eq!(firm.contact_count, i32::from(firm.delete_time.is_none()));
        }
    };
    join(write, read).await;
}

async fn a_reader_never_goes_back_in_time(h: Harness) {
    let name = h.create(version("", 0)).await.name;
    let is_writing = Cell::new(true);
    let write = async {
        for i in 1..=40 {
            let update = Update {
                resource: Some(version(&name, i)),
                mask: mask(&["*"]),
                ..Default::default()
            };
            let written = whole(pb::Customer::update(&h, update).await);
            // What is acknowledged is seen by whoever asks next.
            let read = whole(pb::Customer::get(&h, &name, None).await);
            assert!(read.revision >= written.revision && read.message == written.message);
        }
        is_writing.set(false);
    };
    let read = async {
        let mut last = 0;
        while is_writing.get() {
            let read = whole(pb::Customer::get(&h, &name, None).await);
            assert!(read.revision >= last, "{} after {last}", read.revision);
            // The revision counts the writes: it is of the same moment as the record.
            assert_eq!(read.message.about, (read.revision - 1).to_string());
            last = read.revision;
        }
    };
    join(write, read).await;
}

async fn a_record_and_its_parent_cannot_miss_each_other(h: Harness) {
    for _ in 0..10 {
        let (firm, person) = (
            h.created::<pb::Customer>().await,
            h.created::<pb::Contact>().await,
        );
        let create = Create {
            resource: Some(affiliation(&person, &firm)),
            ..Default::default()
        };
        let delete = Delete {
            name: firm.name.clone(),
            ..Default::default()
        };
        let (created, deleted) = join(
            pb::Affiliation::create(&h, create),
            pb::Customer::delete(&h, delete),
        )
        .await;
        match (created, deleted) {
            (Ok(_), Err(status)) => {
                drop(refusal(&status).is(Code::FailedPrecondition, "HAS_CHILDREN"))
            }
            (Err(status), Ok(_)) => {
                drop(refusal(&status).is(Code::FailedPrecondition, "REFERENCE_UNUSABLE"))
            }
            (created, deleted) => {
                panic!("created {}, deleted {}", created.is_ok(), deleted.is_ok())
            }
        }
    }
}

/// Deletes a record with its children, which others may make impossible.
async fn try_delete<R: Standard>(h: &Harness, name: &str) -> Answer<R> {
    R::delete(
        h,
        Delete {
            name: name.to_owned(),
            force: true,
            ..Default::default()
        },
    )
    .await
}

async fn try_undelete<R: Standard>(h: &Harness, name: &str) -> Answer<R> {
    R::undelete(
        h,
        Undelete {
            name: name.to_owned(),
            ..Default::default()
        },
    )
    .await
}

async fn a_child_never_comes_back_to_a_parent_that_goes(h: Harness) {
    for round in 0..12 {
        let (firm, person, job) = h.employed().await;
        // The child by itself, or with one parent while the other one goes.
        if round % 2 == 0 {
            h.delete::<pb::Affiliation>(&job.name).await;
            let back = try_undelete::<pb::Affiliation>(&h, &job.name);
            let (_, gone) = join(back, try_delete::<pb::Customer>(&h, &firm.name)).await;
            done(gone);
        } else {
            h.delete::<pb::Customer>(&firm.name).await;
            let back = try_undelete::<pb::Customer>(&h, &firm.name);
            let (_, gone) = join(back, try_delete::<pb::Contact>(&h, &person.name)).await;
            done(gone);
        }
        assert!(
            h.get::<pb::Affiliation>(&job.name).await.is_deleted(),
            "round {round}: the parent is gone"
        );
    }
}

async fn a_child_comes_back_with_parents_that_come_at_once(h: Harness) {
    /// Does what an answer of CONCURRENT_WRITE asks for.
    async fn until_back<R: Standard>(h: &Harness, name: &str) {
        while let Err(status) = try_undelete::<R>(h, name).await {
            refusal(&status).is(Code::Aborted, "CONCURRENT_WRITE");
        }
    }
    for round in 0..12 {
        let (firm, person, job) = h.employed().await;
        if round % 2 == 0 {
            h.delete::<pb::Customer>(&firm.name).await;
            h.delete::<pb::Contact>(&person.name).await;
        } else {
            h.delete::<pb::Contact>(&person.name).await;
            h.delete::<pb::Customer>(&firm.name).await;
        }
        join(
            until_back::<pb::Customer>(&h, &firm.name),
            until_back::<pb::Contact>(&h, &person.name),
        )
        .await;
        assert!(
            !h.get::<pb::Affiliation>(&job.name).await.is_deleted(),
            "round {round}: both parents live"
        );
    }
}

async fn writers_of_different_fields_lose_nothing(h: Harness) {
    let name = h.created::<pb::Customer>().await.name;
    let write = async |writer: usize| {
        let key = format!("w{writer}");
        for i in 0..10 {
            let labels = map(&[(&key, &i.to_string())]);
            let input = pb::Customer {
                name: name.clone(),
                labels,
                ..Default::default()
            };
            h.update(input, &[&format!("labels.{key}")]).await;
        }
    };
    join_all((0..8).map(write)).await;
    let labels = h.get::<pb::Customer>(&name).await.labels;
    assert_eq!(labels.len(), 8);
    assert!(labels.values().all(|value| value == "9"), "{labels:?}");
}

/// Asserts that every question finds the customer in the segment, and in the two that it names.
async fn customer_is_in(h: &Harness, segment: &str) {
    assert_eq!(h.count(segment).await.member_count, 1);
    assert_eq!(h.members(segment, 0).await, ["customers/x"]);
    assert!(h.is_member("customers/x", segment).await);
    assert_eq!(h.segments_of("customers/x", 0).await.len(), 3);
    assert!(
        done(
            crate::conformance::segments::explanation::ask(h, by_name("customers/x"), segment)
                .await
        )
        .member
    );
    assert_eq!(
        crate::conformance::relationship::profile::profile(h, "customers/x")
            .await
            .memberships
            .len(),
        3
    );
    let request = pb::PreviewSegmentRequest {
        filter: format!("segment:\"{segment}\""),
        ..Default::default()
    };
    let told = done(h.segments.clone().preview_segment(request).await);
    assert_eq!((told.member_count, told.customers.len()), (1, 1));
    let request = pb::DescribeSegmentRequest {
        segment: segment.to_owned(),
        ..Default::default()
    };
    let told = done(h.segments.clone().describe_segment(request).await);
    assert_eq!((told.a.unwrap().customer_count, told.overlap_count), (1, 1));
}

/// The segment and the customer change in turn, and at every revision the customer is in it: what an old definition
/// makes of a new customer shows.
async fn members_are_read_with_what_their_segment_means(h: Harness) {
    let tagged = |tags: &[&str]| pb::Customer {
        tags: texts(tags),
        ..customer("x")
    };
    let x = h.create_as("x", tagged(&["a"])).await;
    h.create_as("inner", segment("x", "tags:\"a\"")).await;
    let all = h.create_as("all", listed("x", &[&x])).await;
    h.create_as(
        "outer",
        segment(
            "x",
            &format!("segment:\"{}\" AND segment:\"segments/inner\"", all.name),
        ),
    )
    .await;
    let is_writing = Cell::new(true);
    let write = async {
        for (from, to) in [("a", "b"), ("b", "a")].repeat(12) {
            h.update(
                pb::Customer {
                    name: x.name.clone(),
                    ..tagged(&[from, to])
                },
                &["tags"],
            )
            .await;
            let inner = segment("x", &format!("tags:\"{to}\""));
            h.update(
                pb::Segment {
                    name: "segments/inner".to_owned(),
                    ..inner
                },
                &["filter"],
            )
            .await;
            h.update(
                pb::Customer {
                    name: x.name.clone(),
                    ..tagged(&[to])
                },
                &["tags"],
            )
            .await;
        }
        is_writing.set(false);
    };
    let read = async {
        let outer = "segments/outer".to_owned();
        while is_writing.get() {
            customer_is_in(&h, &outer).await;
        }
    };
    join(write, read).await;
}

/// The customer has the tag at every odd revision: a page without anybody tells a revision at which nobody had it.
async fn an_empty_page_is_of_the_revision_it_tells(h: Harness) {
    let tagged = |tags: &[&str]| pb::Customer {
        tags: texts(tags),
        ..customer("x")
    };
    let x = h.create_as("x", tagged(&["a"])).await;
    let is_writing = Cell::new(true);
    let write = async {
        for tags in [&[][..], &["a"]].repeat(60) {
            h.update(
                pb::Customer {
                    name: x.name.clone(),
                    ..tagged(tags)
                },
                &["tags"],
            )
            .await;
        }
        is_writing.set(false);
    };
    let read = async {
        while is_writing.get() {
            let list = List {
                filter: "tags:\"a\"".to_owned(),
                ..Default::default()
            };
            let found = whole(pb::Customer::list(&h, list).await);
            assert_eq!(
                found.message.0.len() == 1,
                found.revision % 2 == 1,
                "at {}",
                found.revision
            );
        }
    };
    join(write, read).await;
}

async fn a_reader_who_gives_up_harms_nobody(h: Harness) {
    let scope = TenantScope::local();
    // More than the driver reads ahead.
    let numbers = || {
        global!(
            "with recursive n (i) as (
               select cast(1 as bigint) union all select i + 1 from n where i < 50000
             )
             select i from n"
        )
    };
    for _ in 0..8 {
        let given_up = h
            .db()
            .each(&scope, Cost::Cheap, numbers(), |_| {
                Err(Error::ConcurrentWrite)
            })
            .await;
        assert!(matches!(given_up, Err(Error::ConcurrentWrite)));
        let mut snapshot = h.db().snapshot(&scope, Cost::Cheap).await.unwrap();
        let given_up = snapshot
            .each(numbers(), |_| Err(Error::ConcurrentWrite))
            .await;
        assert!(matches!(given_up, Err(Error::ConcurrentWrite)));
        drop(snapshot);
        // One who hangs up after the first row.
        let (seen, first) = tokio::sync::oneshot::channel();
        let mut seen = Some(seen);
        let read = h.db().each(&scope, Cost::Cheap, numbers(), |_| {
            seen.take().map_or(Ok(()), |seen| seen.send(())).unwrap();
            Ok(())
        });
        drop(select(Box::pin(read), first).await);
        let made = h.create(customer("Ferrum AG")).await;
        assert_eq!(h.get::<pb::Customer>(&made.name).await, made);
    }
}
