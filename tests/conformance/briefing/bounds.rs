//! What a briefing is made of where there is more than is read.

use super::*;

conformance! {
    at NOW;
    jobs_that_run_are_read_before_those_that_have_ended,
}

async fn jobs_that_run_are_read_before_those_that_have_ended(h: Harness) {
    let (firm, mara) = (h.create(customer("Ferrum AG")).await, h.create(contact("Mara Lind")).await);
    for i in 0..100 {
        let job = pb::Affiliation { primary: true, end_date: date(2020, 1, 1), ..affiliation(&mara, &firm) };
        h.create_as(&format!("a{i}"), job).await;
    }
    let cuprum = pb::Customer { contact_permissions: vec![refusal(Channel::Phone, "")], ..customer("Cuprum") };
    let cuprum = h.create(cuprum).await;
    let running = h.create_as("z", affiliation(&mara, &cuprum)).await;
    let request = pb::GetBriefingRequest { max_items: 200, ..with(&mara) };
    let jobs = section(&h, request, Part::DecisionMakers).await;
    assert_eq!((jobs.items.len(), jobs.left_out, &jobs.items[0].record), (100, 0, &running.name));
    let refusals = lines(&h, with(&mara), Part::DoNotContact).await;
    assert_eq!(refusals, [(Kind::Refusal, "Cuprum as a whole refuses contact by phone".to_owned(), cuprum.name)]);
}
