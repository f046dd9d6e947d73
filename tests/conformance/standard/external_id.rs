//! External ids: a pair belongs to one record of a kind, even after that record is deleted.

use clientele::pb;
use futures_util::future::join_all;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{refusal, refused};
use crate::harness::builders::{customer, external_id};
use crate::harness::standard::{Create, Standard, for_all};

conformance! {
    a_pair_belongs_to_one_record,
    a_deleted_record_keeps_its_pairs,
    a_pair_can_move_once_it_is_free,
    ids_are_trimmed_and_blank_ones_dropped,
    ids_are_compared_byte_by_byte,
    of_many_creators_of_one_pair_one_wins,
}

fn with<R: Standard>(mut resource: R, pairs: &[(&str, &str)]) -> R {
    *resource.header().external_ids = pairs
        .iter()
        .map(|(system, id)| external_id(system, id))
        .collect();
    resource
}

async fn try_create<R: Standard>(h: &Harness, resource: R) -> crate::harness::answer::Answer<R> {
    R::create(
        h,
        Create {
            resource: Some(resource),
            ..Default::default()
        },
    )
    .await
}

async fn a_pair_belongs_to_one_record(h: Harness) {
    for_all!(h => a_pair_belongs_to_one_record_of_one);
}

async fn a_pair_belongs_to_one_record_of_one<R: Standard>(h: &Harness) {
    let input = R::input(h).await;
    let holder = h
        .create(with(input.clone(), &[("sap", "1"), ("sap", "2")]))
        .await;
    let clash = |answer| {
        let refusal = refused(answer).is(Code::AlreadyExists, "EXTERNAL_ID_EXISTS");
        refusal.about(&holder.name()).tells("system", "sap");
    };
    clash(try_create(h, with(input.clone(), &[("other", "1"), ("sap", "2")])).await);
    let free = h.create(with(input, &[("sap", "3"), ("other", "1")])).await;
    clash(
        h.try_update(with(free, &[("sap", "1")]), &["external_ids"])
            .await,
    );
    // The holder itself may write them again.
    h.update(with(holder.clone(), &[("sap", "2")]), &["external_ids"])
        .await;
}

async fn a_deleted_record_keeps_its_pairs(h: Harness) {
    for_all!(h => a_deleted_record_of_one_keeps_its_pairs);
}

async fn a_deleted_record_of_one_keeps_its_pairs<R: Standard>(h: &Harness) {
    let input = with(R::input(h).await, &[("sap", "1")]);
    let holder = h.create(input.clone()).await;
    h.delete::<R>(&holder.name()).await;
    let refusal = refused(try_create(h, input).await);
    refusal
        .is(Code::AlreadyExists, "EXTERNAL_ID_EXISTS")
        .about(&holder.name());
}

async fn a_pair_can_move_once_it_is_free(h: Harness) {
    let mut holder = h.create(with(customer("Ferrum AG"), &[("sap", "1")])).await;
    holder = h.update(with(holder, &[]), &["external_ids"]).await;
    let next = h.create(with(customer("Cuprum"), &[("sap", "1")])).await;
    assert_eq!(
        h.names::<pb::Customer>("external_ids.sap = \"1\"").await,
        [next.name]
    );
    assert_eq!(holder.external_ids, []);
    // Another kind of record may have the same pair.
    let contact = with(pb::Contact::input(&h).await, &[("sap", "1")]);
    h.create(contact).await;
}

async fn ids_are_trimmed_and_blank_ones_dropped(h: Harness) {
    let pairs = [
        ("sap", " 1\u{3000}"),
        ("sap", "1"),
        ("sap", "\u{a0}\t"),
        ("sap", ""),
        ("sap", "a b"),
        ("x", "1"),
    ];
    let created = h.create(with(customer("Ferrum AG"), &pairs)).await;
    let kept = [
        external_id("sap", "1"),
        external_id("sap", "a b"),
        external_id("x", "1"),
    ];
    assert_eq!(created.external_ids, kept);
    let refusal = refused(try_create(&h, with(customer("Cuprum"), &[("sap", "\u{2003}1")])).await);
    refusal
        .is(Code::AlreadyExists, "EXTERNAL_ID_EXISTS")
        .about(&created.name);
    assert_eq!(
        h.names::<pb::Customer>("external_ids.sap = \"\u{3000}1 \"")
            .await,
        [created.name]
    );
}

async fn ids_are_compared_byte_by_byte(h: Harness) {
    // One letter in two normal forms, and in two cases.
    let pairs = [
        ("sap", "\u{e9}"),
        ("sap", "e\u{301}"),
        ("sap", "\u{c9}"),
        ("sap", "1"),
        ("sap", "01"),
    ];
    for pair in &pairs {
        h.create(with(customer("Ferrum AG"), &[*pair])).await;
    }
    for (system, id) in pairs {
        assert_eq!(
            h.names::<pb::Customer>(&format!("external_ids.{system} = \"{id}\""))
                .await
                .len(),
            1
        );
    }
}

async fn of_many_creators_of_one_pair_one_wins(h: Harness) {
    for round in 0..5 {
        let id = round.to_string();
        let create = |_| try_create(&h, with(customer("Ferrum AG"), &[("sap", &id)]));
        let (won, lost): (Vec<_>, Vec<_>) = join_all((0..8).map(create))
            .await
            .into_iter()
            .partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 7));
        for status in lost.into_iter().filter_map(Result::err) {
            refusal(&status)
                .is(Code::AlreadyExists, "EXTERNAL_ID_EXISTS")
                .tells("system", "sap");
        }
    }
}
