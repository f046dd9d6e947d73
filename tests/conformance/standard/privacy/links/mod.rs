//! Records for everybody that refer to a PRIVATE one: others never see the reference, and their writes do not alter
//! it.

mod history; // what history shows of them

use clientele::pb;
use clientele::pb::affiliation::BuyingRole;
use clientele::pb::get_briefing_request::Record;
use clientele::pb::note::Visibility;
use clientele::pb::revision::Resource;
use prost::Message;

use crate::harness::Harness;
use crate::harness::answer::{done, refused};
use crate::harness::builders::claim;
use crate::harness::keys::by_name;
use crate::harness::paging::all_pages;
use crate::harness::records::{Private, conversation, note, promise};
use crate::harness::standard::{Delete, List, Standard, Undelete, Update, mask};

conformance! {
    a_promise_names_a_private_conversation_to_its_author_alone,
    a_claim_names_a_private_source_to_its_author_alone,
    no_filter_finds_by_it,
    others_leave_it_as_it_is_when_they_write,
    others_leave_the_sources_of_claims_as_they_are,
    another_one_can_be_named_instead,
    a_guess_that_meets_it_is_refused_like_one_that_meets_nothing,
    what_is_published_is_named_and_what_is_hidden_again_is_not,
    the_principal_without_colleague_sees_its_own,
}

/// A firm with a promise and a claim that name what Mia keeps to herself.
struct Told {
    mia: Harness,
    others: [Harness; 2],
    firm: pb::Customer,
    job: pb::Affiliation,
    owed: pb::Promise,
    talk: pb::Conversation,
    written: pb::Note,
}

impl Told {
    async fn new(h: &Harness) -> Told {
        let (mia, jo) = (h.as_colleague("mia").await, h.as_colleague("jo").await);
        let (firm, person, job) = h.employed().await;
        let talk = pb::Conversation {
            contacts: vec![person.name.clone()],
            ..conversation(&firm, 0)
        };
        let talk = mia.create_as("kept-talk", talk.private()).await;
        let written = mia
            .create_as("kept-note", note(&firm.name, "x").private())
            .await;
        let owed = pb::Promise {
            conversation: talk.name.clone(),
            contacts: vec![person.name],
            ..promise(&firm, "x")
        };
        let owed = mia.create(owed).await;
        for (role, source) in [
            (BuyingRole::DecisionMaker, &talk.name),
            (BuyingRole::Champion, &written.name),
        ] {
            mia.add_role(pb::AddBuyingRoleRequest {
                source: source.clone(),
                ..claim(&job, role)
            })
            .await;
        }
        let job = mia.get(&job.name).await;
        Told {
            mia,
            others: [jo, h.clone()],
            firm,
            job,
            owed,
            talk,
            written,
        }
    }

    /// Whether the promise still names the talk, as its author sees it.
    async fn is_kept(&self) -> bool {
        self.mia
            .get::<pb::Promise>(&self.owed.name)
            .await
            .conversation
            == self.talk.name
    }
}

/// Everything that answers with promises or claims, as bytes.
async fn all_answers(h: &Harness, told: &Told) -> Vec<Vec<u8>> {
    let mut relationships = h.relationships.clone();
    let key = by_name(&told.firm.name);
    let contact = pb::ContactKey {
        key: Some(pb::contact_key::Key::Name(told.job.contact.clone())),
        ..Default::default()
    };
    let mut answers = vec![
        h.get::<pb::Promise>(&told.owed.name).await.encode_to_vec(),
        h.get::<pb::Affiliation>(&told.job.name)
            .await
            .encode_to_vec(),
        done(
            relationships
                .get_profile(pb::GetProfileRequest {
                    customer: key.clone(),
                    read_mask: None,
                })
                .await,
        )
        .encode_to_vec(),
    ];
    let deciders = pb::GetDecisionMakersRequest {
        customer: key.clone(),
        ..Default::default()
    };
    answers.push(done(relationships.get_decision_makers(deciders).await).encode_to_vec());
    let deciders = pb::ListDecisionMakersRequest::default();
    answers.push(done(relationships.list_decision_makers(deciders).await).encode_to_vec());
    for record in [Record::Customer(key.unwrap()), Record::Contact(contact)] {
        let request = pb::GetBriefingRequest {
            record: Some(record),
            limit: 200,
            ..Default::default()
        };
        answers.push(done(relationships.get_briefing(request).await).encode_to_vec());
    }
    for name in [&told.owed.name, &told.job.name] {
        let list = pb::ListRevisionsRequest {
            name: name.clone(),
            ..Default::default()
        };
        answers.push(done(h.history.clone().list_revisions(list).await).encode_to_vec());
    }
    for promise in done(pb::Promise::batch_get(h, vec![told.owed.name.clone()], None).await) {
        answers.push(promise.encode_to_vec());
    }
    for affiliation in done(pb::Affiliation::list(h, List::default()).await).0 {
        answers.push(affiliation.encode_to_vec());
    }
    answers
}

fn names(answer: &[u8], name: &str) -> bool {
    answer
        .windows(name.len())
        .any(|window| window == name.as_bytes())
}

async fn a_promise_names_a_private_conversation_to_its_author_alone(h: Harness) {
    let told = Told::new(&h).await;
    assert_eq!(
        told.mia.get::<pb::Promise>(&told.owed.name).await,
        told.owed
    );
    for other in &told.others {
        let seen = pb::Promise {
            conversation: String::new(),
            ..told.owed.clone()
        };
        assert_eq!(other.get::<pb::Promise>(&told.owed.name).await, seen);
        assert_eq!(
            done(pb::Promise::list(other, List::default()).await).0,
            [seen]
        );
        for answer in all_answers(other, &told).await {
            assert!(!names(&answer, "kept-talk") && !names(&answer, "kept-note"));
        }
    }
    assert!(
        all_answers(&told.mia, &told)
            .await
            .iter()
            .any(|answer| names(answer, "kept-talk"))
    );
}

async fn a_claim_names_a_private_source_to_its_author_alone(h: Harness) {
    let told = Told::new(&h).await;
    let sources: Vec<&str> = told
        .job
        .buying_roles
        .iter()
        .map(|claim| claim.source.as_str())
        .collect();
    assert_eq!(sources, [&told.talk.name, &told.written.name]);
    let mut seen = told.job.clone();
    seen.buying_roles
        .iter_mut()
        .for_each(|claim| claim.source.clear());
    for other in &told.others {
        assert_eq!(other.get::<pb::Affiliation>(&told.job.name).await, seen);
        assert_eq!(
            done(pb::Affiliation::list(other, List::default()).await).0,
            std::slice::from_ref(&seen)
        );
    }
}

async fn no_filter_finds_by_it(h: Harness) {
    let told = Told::new(&h).await;
    let of_promises = [
        ("conversation = \"conversations/kept-talk\"", true),
        ("conversation = \"conversations/*\"", true),
        ("conversation:\"kept\"", true),
        ("conversation:*", true),
        ("conversation != \"conversations/other\"", true),
        (
            "conversation = \"conversations/other\" OR conversation = \"conversations/kept-talk\"",
            true,
        ),
        ("NOT conversation:*", false),
        ("NOT conversation = \"conversations/kept-talk\"", false),
        ("NOT conversation = \"conversations/other\"", true),
    ];
    for (filter, is_found) in of_promises {
        let own = told.mia.names::<pb::Promise>(filter).await.len();
        assert_eq!(own, usize::from(is_found), "{filter}");
        // To others the field is unset, so that only what is told of unset fields holds.
        let unset = usize::from(filter.starts_with("NOT"));
        for other in &told.others {
            assert_eq!(
                other.names::<pb::Promise>(filter).await.len(),
                unset,
                "{filter}"
            );
        }
    }
    for value in [
        "= \"conversations/kept-talk\"",
        ":\"kept-note\"",
        ":*",
        "!= \"conversations/other\"",
    ] {
        let filter = format!("buying_roles.source {value}");
        let by_job = format!("affiliations.buying_roles.source {value}");
        let both = async |h: &Harness| {
            (
                h.names::<pb::Affiliation>(&filter).await.len(),
                h.names::<pb::Customer>(&by_job).await.len(),
            )
        };
        assert_eq!(both(&told.mia).await, (1, 1), "{filter}");
        for other in &told.others {
            assert_eq!(both(other).await, (0, 0), "{filter}");
        }
    }
}

async fn others_leave_it_as_it_is_when_they_write(h: Harness) {
    let told = Told::new(&h).await;
    let [jo, _] = &told.others;
    let seen: pb::Promise = jo.get(&told.owed.name).await;
    for (i, paths) in [&["*"][..], &["text"], &["text", "conversation"]]
        .into_iter()
        .enumerate()
    {
        let changed = pb::Promise {
            text: format!("{i}"),
            etag: String::new(),
            ..seen.clone()
        };
        let update = Update {
            resource: Some(changed.clone()),
            mask: mask(paths),
            validate_only: true,
            ..Default::default()
        };
        assert_eq!(done(pb::Promise::update(jo, update).await).conversation, "");
        assert_eq!(jo.update(changed, paths).await.conversation, "");
        assert!(told.is_kept().await, "{paths:?}");
    }
    // What they see, written back, changes nothing.
    let as_it_is: pb::Promise = jo.get(&told.owed.name).await;
    assert_eq!(jo.update(as_it_is.clone(), &["*"]).await, as_it_is);
    let cleared = pb::Promise {
        conversation: String::new(),
        ..as_it_is.clone()
    };
    assert_eq!(jo.update(cleared, &["conversation"]).await, as_it_is);
    deletions_leave_it_as_it_is(&told, jo).await;
    // The author does take it off.
    let own: pb::Promise = told.mia.get(&told.owed.name).await;
    told.mia
        .update(
            pb::Promise {
                conversation: String::new(),
                ..own
            },
            &["conversation"],
        )
        .await;
    assert!(!told.is_kept().await);
}

async fn deletions_leave_it_as_it_is(told: &Told, jo: &Harness) {
    let delete = Delete {
        name: told.owed.name.clone(),
        request_id: "d".to_owned(),
        ..Default::default()
    };
    for _ in 0..2 {
        assert_eq!(
            done(pb::Promise::delete(jo, delete.clone()).await).conversation,
            ""
        );
    }
    assert!(told.is_kept().await);
    let undelete = Undelete {
        name: told.owed.name.clone(),
        ..Default::default()
    };
    assert_eq!(
        done(pb::Promise::undelete(jo, undelete).await).conversation,
        ""
    );
    assert!(told.is_kept().await);
    // Along with its customer, too.
    let force = Delete {
        name: told.firm.name.clone(),
        force: true,
        ..Default::default()
    };
    done(pb::Customer::delete(jo, force).await);
    jo.undelete::<pb::Customer>(&told.firm.name).await;
    assert!(told.is_kept().await);
}

async fn others_leave_the_sources_of_claims_as_they_are(h: Harness) {
    let told = Told::new(&h).await;
    let [jo, _] = &told.others;
    let are_kept = async |n_claims| {
        let job: pb::Affiliation = told.mia.get(&told.job.name).await;
        let sources: Vec<&str> = job
            .buying_roles
            .iter()
            .map(|claim| claim.source.as_str())
            .collect();
        assert_eq!(sources[..2], [&told.talk.name, &told.written.name]);
        assert_eq!(sources.len(), n_claims);
    };
    let no_sources =
        |job: &pb::Affiliation| job.buying_roles.iter().all(|claim| claim.source.is_empty());
    let changed = pb::Affiliation {
        job_title: "CFO".to_owned(),
        etag: String::new(),
        ..jo.get(&told.job.name).await
    };
    assert!(no_sources(&jo.update(changed, &["*"]).await));
    are_kept(2).await;
    assert!(no_sources(
        &jo.add_role(claim(&told.job, BuyingRole::Blocker)).await
    ));
    are_kept(3).await;
    let claim_id = told.job.buying_roles[0].claim_id.clone();
    let confirm = pb::ConfirmBuyingRoleRequest {
        affiliation: told.job.name.clone(),
        claim_id,
        ..Default::default()
    };
    assert!(no_sources(&done(
        jo.affiliations.clone().confirm_buying_role(confirm).await
    )));
    are_kept(3).await;
}

async fn another_one_can_be_named_instead(h: Harness) {
    let told = Told::new(&h).await;
    let [jo, _] = &told.others;
    let other = jo.create(conversation(&told.firm, 1)).await;
    let seen: pb::Promise = jo.get(&told.owed.name).await;
    let changed = jo
        .update(
            pb::Promise {
                conversation: other.name.clone(),
                ..seen
            },
            &["conversation"],
        )
        .await;
    assert_eq!(changed.conversation, other.name);
    assert_eq!(
        told.mia
            .get::<pb::Promise>(&told.owed.name)
            .await
            .conversation,
        other.name
    );
}

async fn a_guess_that_meets_it_is_refused_like_one_that_meets_nothing(h: Harness) {
    let told = Told::new(&h).await;
    let [jo, _] = &told.others;
    let seen: pb::Promise = jo.get(&told.owed.name).await;
    let role = claim(&told.job, BuyingRole::DecisionMaker);
    for validate_only in [true, false] {
        for guess in [&told.talk.name, "conversations/nothing"] {
            let resource = Some(pb::Promise {
                conversation: guess.to_owned(),
                ..seen.clone()
            });
            let update = Update {
                resource,
                mask: mask(&["conversation"]),
                validate_only,
                ..Default::default()
            };
            let refusal = refused(pb::Promise::update(jo, update).await);
            refusal.names_unusable("conversation");
        }
        for guess in [
            &told.talk.name,
            &told.written.name,
            "conversations/nothing",
            "notes/nothing",
        ] {
            let request = pb::AddBuyingRoleRequest {
                source: guess.to_owned(),
                validate_only,
                ..role.clone()
            };
            let refusal = refused(jo.try_add_role(request).await);
            refusal.names_unusable("buying_roles[2].source");
        }
    }
}

async fn what_is_published_is_named_and_what_is_hidden_again_is_not(h: Harness) {
    let told = Told::new(&h).await;
    let [jo, _] = &told.others;
    let set = async |visibility: Visibility| {
        let talk = pb::Conversation {
            visibility: visibility.into(),
            etag: String::new(),
            ..told.talk.clone()
        };
        told.mia.update(talk, &["visibility"]).await;
    };
    let named = async || {
        let list = pb::ListRevisionsRequest {
            name: told.owed.name.clone(),
            ..Default::default()
        };
        let states = done(jo.history.clone().list_revisions(list).await).encode_to_vec();
        let by_filter = jo
            .names::<pb::Promise>(&format!("conversation = \"{}\"", told.talk.name))
            .await
            .len();
        let promise = jo.get::<pb::Promise>(&told.owed.name).await;
        let job = jo.get::<pb::Affiliation>(&told.job.name).await;
        let is_named = promise.conversation == told.talk.name;
        assert_eq!(is_named, names(&states, "kept-talk"));
        assert_eq!(is_named, job.buying_roles[0].source == told.talk.name);
        assert_eq!(usize::from(is_named), by_filter);
        is_named
    };
    assert!(!named().await);
    set(Visibility::Everyone).await;
    assert!(named().await);
    set(Visibility::Private).await;
    assert!(!named().await);
    // A deleted one is still its author's.
    told.mia.delete::<pb::Conversation>(&told.talk.name).await;
    assert!(!named().await);
}

async fn the_principal_without_colleague_sees_its_own(h: Harness) {
    let jo = h.as_colleague("jo").await;
    let (firm, ..) = h.employed().await;
    let talk = h.create(conversation(&firm, 0).private()).await;
    let owed = h
        .create(pb::Promise {
            conversation: talk.name.clone(),
            ..promise(&firm, "x")
        })
        .await;
    assert_eq!(
        h.get::<pb::Promise>(&owed.name).await.conversation,
        talk.name
    );
    assert_eq!(jo.get::<pb::Promise>(&owed.name).await.conversation, "");
}
