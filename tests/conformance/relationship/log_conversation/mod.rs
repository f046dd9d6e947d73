//! LogConversation: a conversation and all that came out of it, in one piece.

use clientele::clock;
use clientele::pb;
use clientele::pb::affiliation::{BuyingRole, Evidence};
use clientele::pb::conversation::State;
use clientele::pb::log_conversation_request::person::Person as Who;
use clientele::pb::log_conversation_request::{Person, Role};
use clientele::pb::promise::Side;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{Answer, done, refused, whole};
use crate::harness::builders::{
    affiliation, claim, contact, customer, date, email, external_id, texts, time,
};
use crate::harness::keys::{by, person_by};
use crate::harness::records::{Private, colleague};

mod refusals; // what is refused, and that nothing is made then
mod repeats; // the same call twice, and the call that only asks

conformance! {
    everything_is_made_as_it_was_said,
    all_of_it_has_one_revision,
    the_least_is_a_customer_and_a_talk,
    a_customer_is_found_by_any_key,
    a_known_person_gets_an_affiliation_only_if_none_runs,
    roles_of_a_known_person_go_to_the_running_affiliation,
    somebody_who_was_only_spoken_of_did_not_take_part,
    new_records_can_be_named_by_others_of_the_call,
    a_private_talk_is_nobodys_last,
}

/// A talk of the 14th of November 2023, and nothing else.
fn log(key: pb::customer_key::Key) -> pb::LogConversationRequest {
    let talk = pb::Conversation {
        start_time: time(1_700_000_000),
        ..Default::default()
    };
    let key = by(key);
    pb::LogConversationRequest {
        customer: key,
        conversation: Some(talk),
        ..Default::default()
    }
}

fn log_at(firm: &pb::Customer) -> pb::LogConversationRequest {
    log(pb::customer_key::Key::Name(firm.name.clone()))
}

async fn send(
    h: &Harness,
    request: pb::LogConversationRequest,
) -> Answer<pb::LogConversationResponse> {
    h.relationships.clone().log_conversation(request).await
}

fn newcomer(display_name: &str) -> Person {
    Person {
        person: Some(Who::NewContact(contact(display_name))),
        ..Default::default()
    }
}

fn known(key: pb::contact_key::Key) -> Person {
    Person {
        person: Some(Who::Contact(person_by(key))),
        ..Default::default()
    }
}

fn known_by_name(person: &pb::Contact) -> Person {
    known(pb::contact_key::Key::Name(person.name.clone()))
}

fn role(role: BuyingRole) -> Role {
    Role {
        role: role.into(),
        ..Default::default()
    }
}

fn owed(text: &str) -> pb::Promise {
    pb::Promise {
        text: text.to_owned(),
        side: Side::Company.into(),
        ..Default::default()
    }
}

/// A talk with a known person, two new ones of whom one decides, and two promises.
fn rich_log(firm: &pb::Customer, known_one: &pb::Contact) -> pb::LogConversationRequest {
    let buyer = Person {
        affiliation: Some(pb::Affiliation {
            job_title: "Head of Purchasing".to_owned(),
            ..Default::default()
        }),
        roles: vec![
            role(BuyingRole::DecisionMaker),
            Role {
                evidence: Evidence::Confirmed.into(),
                scope: "plant Linz".to_owned(),
                start_date: date(2020, 1, 1),
                ..role(BuyingRole::BudgetHolder)
            },
        ],
        ..newcomer("Mara Lind")
    };
    pb::LogConversationRequest {
        conversation: Some(pb::Conversation {
            subject: "Offer 7".to_owned(),
            contacts: vec![known_one.name.clone()],
            ..log_at(firm).conversation.unwrap()
        }),
        people: vec![buyer, newcomer("Svenja Petersen")],
        promises: vec![owed("send the samples"), owed("call on Monday")],
        ..log_at(firm)
    }
}

async fn everything_is_made_as_it_was_said(h: Harness) {
    let mia = h.as_colleague("mia").await;
    let (firm, known_one) = (
        h.create(customer("Ferrum AG")).await,
        h.create(contact("Jonas Brandt")).await,
    );
    let made = done(send(&mia, rich_log(&firm, &known_one)).await);
    let talk = made.conversation.unwrap();
    assert_eq!(
        (talk.customer.as_str(), talk.state()),
        (firm.name.as_str(), State::Held)
    );
    assert_eq!(
        (talk.colleagues.as_slice(), talk.author.as_str()),
        (&texts(&["colleagues/mia"])[..], "colleagues/mia")
    );
    let [mara, svenja] = &made.contacts[..] else {
        panic!("two people are new: {:?}", made.contacts)
    };
    assert_eq!(
        talk.contacts,
        [&known_one.name, &mara.name, &svenja.name].map(String::clone)
    );
    assert_eq!(
        (mara.display_name.as_str(), svenja.display_name.as_str()),
        ("Mara Lind", "Svenja Petersen")
    );
    for person in [mara, svenja] {
        assert_eq!(
            person.last_conversation.as_ref().unwrap().conversation,
            talk.name
        );
        assert_eq!(h.get::<pb::Contact>(&person.name).await, *person);
    }
    affiliations_are_as_said(&made.affiliations, &firm, &talk, [mara, svenja]);
    for promise in &made.promises {
        assert_eq!(
            (&promise.customer, &promise.conversation),
            (&firm.name, &talk.name)
        );
        assert_eq!(h.get::<pb::Promise>(&promise.name).await, *promise);
    }
    assert_eq!(
        made.promises
            .iter()
            .map(|promise| promise.text.as_str())
            .collect::<Vec<_>>(),
        ["send the samples", "call on Monday"]
    );
}

fn affiliations_are_as_said(
    made: &[pb::Affiliation],
    firm: &pb::Customer,
    talk: &pb::Conversation,
    [mara, svenja]: [&pb::Contact; 2],
) {
    let [of_mara, of_svenja] = made else {
        panic!("two are affiliated: {made:?}")
    };
    assert_eq!(
        (&of_mara.contact, &of_mara.customer),
        (&mara.name, &firm.name)
    );
    assert_eq!(
        (&of_svenja.contact, of_svenja.buying_roles.len()),
        (&svenja.name, 0)
    );
    let [decides, pays] = &of_mara.buying_roles[..] else {
        panic!("two claims: {of_mara:?}")
    };
    assert_eq!(
        (decides.role(), decides.evidence()),
        (BuyingRole::DecisionMaker, Evidence::Stated)
    );
    assert_eq!(
        (decides.claimant.as_str(), &decides.source),
        ("colleagues/mia", &talk.name)
    );
    assert_eq!(
        (pays.evidence(), pays.scope.as_str(), pays.start_date),
        (Evidence::Confirmed, "plant Linz", date(2020, 1, 1))
    );
    assert!(pays.verify_time.is_some() && decides.verify_time.is_none());
}

async fn all_of_it_has_one_revision(h: Harness) {
    let mia = h.as_colleague("mia").await;
    let (firm, known_one) = (
        h.create(customer("Ferrum AG")).await,
        h.create(contact("Jonas Brandt")).await,
    );
    let before = h.revision().await;
    let answer = whole(send(&mia, rich_log(&firm, &known_one)).await);
    assert_eq!((answer.revision, answer.replayed), (before + 1, false));
    let talk = answer.message.conversation.unwrap();
    let firm: pb::Customer = h.get(&firm.name).await;
    assert_eq!((firm.contact_count, firm.decision_maker_count), (2, 1));
    assert_eq!(firm.last_conversation.unwrap().conversation, talk.name);
    assert_eq!(
        h.get::<pb::Contact>(&known_one.name)
            .await
            .last_conversation
            .unwrap()
            .conversation,
        talk.name
    );

    let changes = h.changes_after(before).await;
    let mut touched: Vec<&str> = changes.iter().map(|change| change.name.as_str()).collect();
    touched.sort_unstable();
    touched.dedup();
    assert_eq!(
        touched.len(),
        changes.len(),
        "one change row for each resource: {changes:?}"
    );
    assert!(
        changes
            .iter()
            .all(|change| change.revision == before + 1 && change.actor == "colleagues/mia")
    );
    let made = changes.iter().filter(|change| change.action == "CREATED");
    // The talk, two people with an affiliation each, two promises.
    assert_eq!(made.count(), 7);
    let derived: Vec<&str> = changes
        .iter()
        .filter(|change| change.derived)
        .map(|change| &*change.name)
        .collect();
    assert_eq!(derived, [&*firm.name, &*known_one.name]);
}

async fn the_least_is_a_customer_and_a_talk(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let request = pb::LogConversationRequest {
        conversation: Some(pb::Conversation::default()),
        ..log_at(&firm)
    };
    let made = done(send(&h, request).await);
    let talk = made.conversation.unwrap();
    let start = talk.start_time.as_ref().and_then(clock::micros).unwrap();
    let written = talk.create_time.as_ref().and_then(clock::micros).unwrap();
    assert!(talk.state() == State::Held && (written - clock::SECOND..=written).contains(&start));
    // Nobody who acts is a colleague.
    assert!(talk.colleagues.is_empty() && made.contacts.is_empty() && made.affiliations.is_empty());
    assert_eq!(h.get::<pb::Conversation>(&talk.name).await, talk);
}

async fn a_customer_is_found_by_any_key(h: Harness) {
    use pb::customer_key::Key;
    let business = pb::customer::Business {
        domains: texts(&["ferrum.example"]),
        ..Default::default()
    };
    let firm = pb::Customer {
        business: Some(business),
        external_ids: vec![external_id("sap", "7")],
        emails: vec![email("office@linz.example")],
        ..customer("Ferrum AG")
    };
    let firm = h.create(firm).await;
    let keys = [
        Key::ExternalId(external_id("sap", "7")),
        Key::Domain("ferrum.example".to_owned()),
        Key::Email("OFFICE@linz.example".to_owned()),
        Key::Email("anybody@ferrum.example".to_owned()),
    ];
    for key in keys {
        let made = done(send(&h, log(key.clone())).await);
        assert_eq!(made.conversation.unwrap().customer, firm.name, "{key:?}");
    }
    let nobody = Key::Domain("cuprum.example".to_owned());
    refused(send(&h, log(nobody)).await).is(Code::NotFound, "RESOURCE_NOT_FOUND");
    h.create(pb::Customer {
        emails: vec![email("office@linz.example")],
        ..customer("Cuprum")
    })
    .await;
    let refusal = refused(send(&h, log(Key::Email("office@linz.example".to_owned()))).await);
    let refusal = refusal.is(Code::FailedPrecondition, "KEY_AMBIGUOUS");
    assert_eq!(refusal.candidates.unwrap().candidate_count, 2);
}

async fn a_known_person_gets_an_affiliation_only_if_none_runs(h: Harness) {
    let (firm, mara, running) = h.employed().await;
    let other = h.create(customer("Cuprum")).await;
    let titled = Person {
        affiliation: Some(pb::Affiliation {
            job_title: "Adviser".to_owned(),
            ..Default::default()
        }),
        ..known_by_name(&mara)
    };
    let request = |firm| pb::LogConversationRequest {
        people: vec![titled.clone()],
        ..log_at(firm)
    };
    let made = done(send(&h, request(&firm)).await);
    assert!(made.affiliations.is_empty() && made.contacts.is_empty());
    assert_eq!(made.conversation.unwrap().contacts, texts(&[&mara.name]));
    assert_eq!(h.get::<pb::Affiliation>(&running.name).await, running);
    // At another customer none runs, and at this one none runs any more.
    let made = done(send(&h, request(&other)).await);
    let [new] = &made.affiliations[..] else {
        panic!("one is new: {made:?}")
    };
    assert_eq!(
        (&new.contact, &new.customer, new.job_title.as_str()),
        (&mara.name, &other.name, "Adviser")
    );
    h.update(
        pb::Affiliation {
            end_date: date(2020, 1, 1),
            ..running
        },
        &["end_date"],
    )
    .await;
    let made = done(send(&h, request(&firm)).await);
    assert_eq!(made.affiliations.len(), 1);
    assert_eq!(h.get::<pb::Customer>(&firm.name).await.contact_count, 1);
}

async fn roles_of_a_known_person_go_to_the_running_affiliation(h: Harness) {
    let (firm, mara, first) = h.employed().await;
    let primary = h
        .create(pb::Affiliation {
            primary: true,
            ..affiliation(&mara, &firm)
        })
        .await;
    h.add_role(claim(&primary, BuyingRole::Champion)).await;
    let request = pb::LogConversationRequest {
        people: vec![Person {
            roles: vec![role(BuyingRole::DecisionMaker)],
            ..known_by_name(&mara)
        }],
        ..log_at(&firm)
    };
    let before = h.revision().await;
    let answer = whole(send(&h, request).await);
    let [changed] = &answer.message.affiliations[..] else {
        panic!("one got a claim")
    };
    assert_eq!(
        (&changed.name, answer.revision),
        (&primary.name, before + 1)
    );
    assert!(
        changed.name != first.name
            && changed.etag != primary.etag
            && changed.update_time != primary.update_time
    );
    let roles: Vec<BuyingRole> = changed
        .buying_roles
        .iter()
        .map(pb::affiliation::BuyingRoleClaim::role)
        .collect();
    assert_eq!(roles, [BuyingRole::Champion, BuyingRole::DecisionMaker]);
    assert_eq!(
        changed.buying_roles[1].source,
        answer.message.conversation.unwrap().name
    );
    assert_eq!(h.get::<pb::Affiliation>(&primary.name).await, *changed);
    assert_eq!(
        h.get::<pb::Customer>(&firm.name).await.decision_maker_count,
        1
    );
    let change = h
        .changes_after(before)
        .await
        .into_iter()
        .find(|change| change.name == primary.name)
        .unwrap();
    assert_eq!(
        (change.action.as_str(), change.paths),
        ("UPDATED", texts(&["buying_roles"]))
    );
}

async fn somebody_who_was_only_spoken_of_did_not_take_part(h: Harness) {
    let (firm, mara, _) = h.employed().await;
    let people = vec![
        Person {
            absent: true,
            ..newcomer("Jonas Brandt")
        },
        Person {
            absent: true,
            ..known_by_name(&mara)
        },
    ];
    let made = done(
        send(
            &h,
            pb::LogConversationRequest {
                people,
                ..log_at(&firm)
            },
        )
        .await,
    );
    assert_eq!((made.contacts.len(), made.affiliations.len()), (1, 1));
    assert!(
        made.conversation.unwrap().contacts.is_empty()
            && made.contacts[0].last_conversation.is_none()
    );
}

async fn new_records_can_be_named_by_others_of_the_call(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let mia = h.create_as("mia", colleague("Mia")).await;
    let talk = pb::Conversation {
        colleagues: vec![mia.name.clone()],
        ..log_at(&firm).conversation.unwrap()
    };
    let request = pb::LogConversationRequest {
        conversation: Some(talk),
        conversation_id: "talk".to_owned(),
        people: vec![Person {
            contact_id: "mara".to_owned(),
            ..newcomer("Mara Lind")
        }],
        promises: vec![pb::Promise {
            contacts: texts(&["contacts/mara"]),
            conversation: "conversations/talk".to_owned(),
            owner: mia.name,
            ..owed("send her the catalogue")
        }],
        ..log_at(&firm)
    };
    let made = done(send(&h, request).await);
    assert_eq!(made.conversation.unwrap().name, "conversations/talk");
    assert_eq!(
        (
            made.contacts[0].name.as_str(),
            made.promises[0].contacts.as_slice()
        ),
        ("contacts/mara", &texts(&["contacts/mara"])[..])
    );
    let found = h
        .names::<pb::Promise>("conversation = \"conversations/talk\"")
        .await;
    assert_eq!(found, [made.promises[0].name.clone()]);
}

async fn a_private_talk_is_nobodys_last(h: Harness) {
    let (mia, jo) = (h.as_colleague("mia").await, h.as_colleague("jo").await);
    let firm = h.create(customer("Ferrum AG")).await;
    let request = pb::LogConversationRequest {
        conversation: Some(log_at(&firm).conversation.unwrap().private()),
        people: vec![newcomer("Mara Lind")],
        request_id: "r1".to_owned(),
        ..log_at(&firm)
    };
    let made = done(send(&mia, request.clone()).await);
    let talk = made.conversation.clone().unwrap();
    refused(
        jo.conversations
            .clone()
            .get_conversation(pb::GetConversationRequest {
                name: talk.name,
                ..Default::default()
            })
            .await,
    )
    .is(Code::NotFound, "RESOURCE_NOT_FOUND");
    assert!(made.contacts[0].last_conversation.is_none());
    assert!(
        h.get::<pb::Customer>(&firm.name)
            .await
            .last_conversation
            .is_none()
    );
    assert_eq!(whole(send(&mia, request).await).message, made);
}
