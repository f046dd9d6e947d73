//! Properties: what holds after any series of changes by several writers, on both engines.
//!
//! Every derived value is compared with a fold that this test makes itself over the rows that lists answer.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod fold; // what the derived values have to be
mod membership; // who is in which segment, asked in four ways
pub mod random; // the source of the series
mod writers; // what the writers do

use std::sync::Arc;
use std::time::Duration;

use clientele::clock::{DAY, SECOND};
use clientele::pb;
use clientele::pb::note::Visibility;
use clientele::store::engine::open::DatabaseUrl;
use sqlx::{Connection, PgConnection};

use self::random::Random;
use self::writers::{Changes, World};
use crate::harness::builders::{contact, customer};
use crate::harness::engine::Engine;
use crate::harness::records::conversation;
use crate::harness::{self, Harness};

/// 2026-01-01T09:30:00Z.
const START: i64 = 1_767_259_800 * SECOND;
/// From there to midnight.
const TO_MIDNIGHT: i64 = (14 * 60 + 30) * 60 * SECOND;

conformance! {
    at START;
    derived_values_equal_the_fold_after_series_1,
    derived_values_equal_the_fold_after_series_2,
    derived_values_equal_the_fold_after_series_3,
    derived_values_equal_the_fold_after_series_4,
    derived_values_equal_the_fold_after_a_series_on_one_customer,
    two_back_dated_inserts_at_once_leave_the_later_one,
    what_leaves_and_what_comes_at_once_meet_at_the_person,
}

async fn derived_values_equal_the_fold_after_series_1(h: Harness) {
    several_times(h, 0x5eed_0001, 4).await;
}

async fn derived_values_equal_the_fold_after_series_2(h: Harness) {
    several_times(h, 0x5eed_0002, 4).await;
}

async fn derived_values_equal_the_fold_after_series_3(h: Harness) {
    several_times(h, 0x5eed_0003, 6).await;
}

async fn derived_values_equal_the_fold_after_series_4(h: Harness) {
    several_times(h, 0x5eed_0004, 6).await;
}

async fn derived_values_equal_the_fold_after_a_series_on_one_customer(h: Harness) {
    let world = World::new(&h, 1, 2).await;
    in_rounds(&h, &world, 0x5eed_0005, 60, 8, 2).await;
}

/// Writes and checks in turns, and checks as time goes on: just before midnight, at midnight, and days later.
async fn several_times(h: Harness, seed: u64, n_writers: u64) {
    let world = World::new(&h, 3, 5).await;
    in_rounds(&h, &world, seed, 24, n_writers, 5).await;
    for by in [TO_MIDNIGHT - 24 * SECOND - 1, 1, DAY - 1, 1, 3 * DAY] {
        h.advance(by);
        fold::check(&h, seed).await;
    }
    fold::check_revisions(&h).await;
}

/// Writes and checks in turns. The rounds are short, because a wrong value is right again after the next change.
async fn in_rounds(
    h: &Harness,
    world: &Arc<World>,
    seed: u64,
    n_rounds: usize,
    n_writers: u64,
    n_changes: usize,
) {
    let (mut n_done, mut seeds) = (0, Random::new(seed));
    for _ in 0..n_rounds {
        n_done += writers::run(h, world, seeds.next(), n_writers, n_changes, Changes::All).await;
        fold::check(h, seed).await;
        h.advance(SECOND);
    }
    let n_all = n_rounds * usize::try_from(n_writers).unwrap() * n_changes;
    assert!(
        n_done * 2 > n_all,
        "seed {seed:#x}: only {n_done} of {n_all} changes were not refused"
    );
}

/// Parents go and come back with their children, while others make children and move them. PostgreSQL itself counts who
/// waited for each other in a circle.
#[test]
fn writers_do_not_wait_for_each_other_in_a_circle_on_postgres() {
    harness::run_at(Engine::Postgres, START, no_deadlock);
}

async fn no_deadlock(h: Harness) {
    let world = World::new(&h, 3, 4).await;
    writers::run(&h, &world, 0x5eed_0006, 4, 20, Changes::All).await;
    let (mut n_done, mut seeds) = (0, Random::new(0x5eed_0007));
    while n_done < 2_000 {
        n_done += writers::run(&h, &world, seeds.next(), 24, 25, Changes::OfFamilies).await;
    }
    fold::check(&h, 0x5eed_0007).await;
    // What a connection counted is there at the latest when it has ended.
    h.db().close().await;
    let DatabaseUrl::Postgres(url) = h.url() else {
        unreachable!("it is a database of PostgreSQL")
    };
    let mut conn = PgConnection::connect(&url).await.unwrap();
    let sessions = "select count(*) from pg_stat_activity
                    where datname = current_database() and application_name = 'clientele'";
    let all_ended = async {
        while sqlx::query_scalar::<_, i64>(sessions)
            .fetch_one(&mut conn)
            .await
            .unwrap()
            > 0
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), all_ended)
        .await
        .expect("a database that is closed has no sessions left");
    let deadlocks = "select deadlocks from pg_stat_database where datname = current_database()";
    let deadlocks: i64 = sqlx::query_scalar(deadlocks)
        .fetch_one(&mut conn)
        .await
        .unwrap();
    println!("{n_done} units, {deadlocks} deadlocks");
    assert_eq!(deadlocks, 0, "of {n_done} units");
    conn.close().await.unwrap();
}

/// On PostgreSQL a statement that waited for a lock still sees the rows as they were when the statement began.
async fn two_back_dated_inserts_at_once_leave_the_later_one(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let person = h.create(contact("Mara Lind")).await;
    for round in 0..150 {
        let talk = |second: i64| {
            let start_time = Some(clientele::clock::timestamp(
                START - DAY + (2 * round + second) * SECOND,
            ));
            let contacts = vec![person.name.clone()];
            let talk = pb::Conversation {
                start_time,
                contacts,
                ..conversation(&firm, 0)
            };
            let h = h.clone();
            tokio::spawn(async move { h.create(talk).await })
        };
        let (later, earlier) = (talk(1), talk(0));
        let (later, _) = (later.await.unwrap(), earlier.await.unwrap());
        let of_customer = h
            .get::<pb::Customer>(&firm.name)
            .await
            .last_conversation
            .unwrap();
        let of_contact = h
            .get::<pb::Contact>(&person.name)
            .await
            .last_conversation
            .unwrap();
        assert_eq!(
            (&of_customer.conversation, &of_contact.conversation),
            (&later.name, &later.name),
            "{round}"
        );
    }
}

/// The same, where the two calls share only a person: neither names a record that makes the other wait.
async fn what_leaves_and_what_comes_at_once_meet_at_the_person(h: Harness) {
    let (firm, other) = (
        h.create(customer("Ferrum AG")).await,
        h.create(customer("Cuprum")).await,
    );
    let person = h.create(contact("Mara Lind")).await;
    for round in 0..100 {
        let talk = |at: &pb::Customer, second: i64| pb::Conversation {
            start_time: Some(clientele::clock::timestamp(
                START - DAY + (2 * round + second) * SECOND,
            )),
            contacts: vec![person.name.clone()],
            ..conversation(at, 0)
        };
        let leaves = h.create(talk(&firm, 1)).await;
        let comes = h.create(talk(&other, 0));
        let leave = async {
            match round % 3 {
                0 => drop(h.delete::<pb::Conversation>(&leaves.name).await),
                1 => drop(
                    h.update(
                        pb::Conversation {
                            contacts: vec![],
                            ..leaves.clone()
                        },
                        &["contacts"],
                    )
                    .await,
                ),
                _ => {
                    let visibility = Visibility::Private.into();
                    drop(
                        h.update(
                            pb::Conversation {
                                visibility,
                                ..leaves.clone()
                            },
                            &["visibility"],
                        )
                        .await,
                    );
                }
            }
        };
        let (came, ()) = tokio::join!(comes, leave);
        let last = h
            .get::<pb::Contact>(&person.name)
            .await
            .last_conversation
            .unwrap();
        assert_eq!(last.conversation, came.name, "{round}");
    }
}
