//! A last conversation is derived: which change rows it writes, and what it leaves alone.

use super::*;

conformance! {
    it_leaves_etag_time_and_history_alone,
    derived_changes_name_the_customers_they_alter,
    a_move_derives_something_for_both_customers,
    an_edit_names_the_customers_of_the_people_who_see_it,
}

async fn it_leaves_etag_time_and_history_alone(h: Harness) {
    let w = World::new(h).await;
    let n_states = w.h.n_states().await;
    w.talk("a", 1).await;
    let firm = w.h.get::<pb::Customer>(&w.firm.name).await;
    let person = w.h.get::<pb::Contact>(&w.person.name).await;
    // `firm` and `person` were made before they had a job and a talk.
    assert_eq!(
        (&firm.etag, firm.update_time),
        (&w.firm.etag, w.firm.update_time)
    );
    assert_eq!(
        (&person.etag, person.update_time),
        (&w.person.etag, w.person.update_time)
    );
    assert_eq!(w.h.n_states().await, n_states + 1);
}

async fn derived_changes_name_the_customers_they_alter(h: Harness) {
    let w = World::new(h).await;
    w.h.create(affiliation(&w.person, &w.other)).await;
    let revision = w.h.revision().await;
    w.talk("a", 1).await;
    let told = |changes: Vec<crate::harness::changes::Change>| {
        let mut told: Vec<_> = changes
            .into_iter()
            .map(|change| (change.name, change.derived, change.paths, change.customers))
            .collect();
        told.sort();
        told
    };
    let mut both = vec![w.firm.name.clone(), w.other.name.clone()];
    both.sort();
    let path = || texts(&["last_conversation"]);
    let counted = texts(&[
        "last_conversation",
        "conversation_count",
        "first_conversation_time",
        "frequency",
    ]);
    let talk = "conversations/a".to_owned();
    let mut expected = vec![
        (talk, false, vec![], vec![w.firm.name.clone()]),
        (
            w.firm.name.clone(),
            true,
            counted,
            vec![w.firm.name.clone()],
        ),
        (w.person.name.clone(), true, path(), both),
    ];
    expected.sort();
    assert_eq!(told(w.h.changes_after(revision).await), expected);
    // An older one is no last one.
    let revision = w.h.revision().await;
    w.talk("b", 0).await;
    let is_last = |change: &crate::harness::changes::Change| {
        change.paths.contains(&"last_conversation".to_owned())
    };
    assert!(!w.h.changes_after(revision).await.iter().any(is_last));
}

async fn a_move_derives_something_for_both_customers(h: Harness) {
    let w = World::new(h).await;
    w.talk("a", 1).await;
    let revision = w.h.revision().await;
    let moved = pb::Conversation {
        customer: w.other.name.clone(),
        ..w.h.get("conversations/a").await
    };
    w.h.update(moved, &["customer"]).await;
    let changes = w.h.changes_after(revision).await;
    let mut derived: Vec<&str> = changes
        .iter()
        .filter(|change| change.derived)
        .map(|change| change.name.as_str())
        .collect();
    derived.sort_unstable();
    let mut customers = [w.firm.name.as_str(), &w.other.name];
    customers.sort_unstable();
    assert_eq!(derived, customers);
    assert_eq!(
        changes
            .iter()
            .find(|change| !change.derived)
            .unwrap()
            .customers,
        customers
    );
}

async fn an_edit_names_the_customers_of_the_people_who_see_it(h: Harness) {
    let w = World::new(h).await;
    w.h.create(affiliation(&w.person, &w.other)).await;
    let (old, last) = (w.talk("a", 1).await, w.talk("b", 2).await);
    let customers_of = async |talk: pb::Conversation| {
        let revision = w.h.revision().await;
        w.h.update(talk.titled("new"), &[pb::Conversation::TITLE])
            .await;
        w.h.changes_after(revision).await.remove(0).customers
    };
    let mut both = [w.firm.name.clone(), w.other.name.clone()];
    both.sort();
    assert_eq!(customers_of(last).await, both);
    assert_eq!(customers_of(old).await, [w.firm.name.as_str()]);
}
