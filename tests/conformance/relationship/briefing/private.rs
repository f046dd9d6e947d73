//! PRIVATE records in a briefing: the actor's own are included; those of others do not even change a count.

use super::*;
use crate::harness::records::Private;

conformance! {
    at NOW;
    ones_own_private_records_join_in,
    of_others_private_records_not_even_a_count_tells,
    ones_own_private_talk_is_ones_last,
}

/// What Mia keeps to herself about a customer and a person.
async fn secrets(mia: &Harness, firm: &pb::Customer, mara: &pb::Contact) -> Vec<String> {
    let of_mara = vec![mara.name.clone()];
    let with_mara = |talk: pb::Conversation| {
        pb::Conversation {
            contacts: of_mara.clone(),
            ..talk
        }
        .private()
    };
    let note = note(&firm.name, "secret");
    let note = pb::Note {
        records: vec![firm.name.clone(), mara.name.clone()],
        highlighted: true,
        ..note
    };
    vec![
        mia.create(with_mara(talk(firm, -2, "secret"))).await.name,
        mia.create(with_mara(planned(firm, 1, "secret"))).await.name,
        mia.create(with_mara(planned(firm, -1, "secret")))
            .await
            .name,
        mia.create(note.private()).await.name,
    ]
}

fn cited(briefing: &pb::Briefing) -> Vec<&str> {
    briefing
        .sections
        .iter()
        .flat_map(|section| &section.items)
        .map(|item| item.record.as_str())
        .collect()
}

async fn ones_own_private_records_join_in(h: Harness) {
    let mia = h.as_colleague("mia").await;
    let (firm, mara, _) = h.employed().await;
    let secrets = secrets(&mia, &firm, &mara).await;
    for request in [at(&firm), with(&mara)] {
        let briefing = done(ask(&mia, request).await);
        let cited = cited(&briefing);
        for secret in &secrets {
            assert!(
                cited.contains(&secret.as_str()),
                "{secret} is not in {briefing:?}"
            );
        }
    }
}

async fn of_others_private_records_not_even_a_count_tells(h: Harness) {
    let (mia, jo) = (h.as_colleague("mia").await, h.as_colleague("jo").await);
    let (firm, mara, _) = h.employed().await;
    let ours = pb::Conversation {
        colleagues: texts(&["colleagues/jo"]),
        contacts: vec![mara.name.clone()],
        ..talk(&firm, -9, "x")
    };
    jo.create(ours).await;
    h.advance(DAY);
    let ask_all = async || {
        let mut all = Vec::new();
        for h in [&jo, &h] {
            for request in [at(&firm), with(&mara)] {
                let narrow = pb::GetBriefingRequest {
                    limit: 1,
                    ..request.clone()
                };
                for request in [request, narrow] {
                    // Revisions are counted for all.
                    all.push(pb::Briefing {
                        revision: 0,
                        ..done(ask(h, request).await)
                    });
                }
            }
        }
        all
    };
    let before = ask_all().await;
    let secrets = secrets(&mia, &firm, &mara).await;
    mia.update(
        pb::Note {
            body: "changed".to_owned(),
            ..mia.get(&secrets[3]).await
        },
        &["body"],
    )
    .await;
    assert_eq!(ask_all().await, before);
    mia.delete::<pb::Conversation>(&secrets[0]).await;
    assert_eq!(ask_all().await, before);
}

async fn ones_own_private_talk_is_ones_last(h: Harness) {
    let mia = h.as_colleague("mia").await;
    let firm = h.create(customer("Ferrum AG")).await;
    h.advance(DAY);
    let public = h.create(talk(&firm, -1, "x")).await;
    let secret = mia.create(talk(&firm, 0, "secret").private()).await;
    let last: Vec<String> = lines(&mia, at(&firm), Part::LastConversation)
        .await
        .into_iter()
        .map(|line| line.2)
        .collect();
    assert_eq!(last, [public.name, secret.name]);
    assert_eq!(
        done(ask(&mia, at(&firm)).await).changes_start_time,
        secret.start_time
    );
    assert_eq!(
        section(&mia, at(&firm), Part::Changes).await.absence(),
        Absence::Nothing
    );
}
