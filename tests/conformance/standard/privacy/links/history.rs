//! What history shows of references to PRIVATE records.

use super::*;

conformance! {
    history_neither_shows_it_nor_says_that_it_changed,
    history_says_that_a_claim_came_though_its_source_is_hidden,
}

fn state(conversation: &str, paths: &[&str]) -> (String, Vec<String>) {
    (
        conversation.to_owned(),
        paths
            .iter()
            .map(|path| (*path).to_owned())
            .collect::<Vec<_>>(),
    )
}

async fn history_neither_shows_it_nor_says_that_it_changed(h: Harness) {
    let told = Told::new(&h).await;
    let [jo, _] = &told.others;
    let own: pb::Promise = told.mia.get(&told.owed.name).await;
    let off = told
        .mia
        .update(
            pb::Promise {
                conversation: String::new(),
                ..own.clone()
            },
            &["conversation"],
        )
        .await;
    let both = pb::Promise {
        text: "y".to_owned(),
        conversation: told.talk.name.clone(),
        ..off
    };
    told.mia.update(both, &["conversation", "text"]).await;
    let states = async |h: &Harness, page_size| {
        let listed = all_pages(async |page_token| {
            let list = pb::ListRevisionsRequest {
                name: told.owed.name.clone(),
                page_size,
                page_token,
            };
            let page = done(h.history.clone().list_revisions(list).await);
            (page.revisions, page.next_page_token)
        });
        let mut states = Vec::new();
        for state in listed.await {
            let get = pb::GetRevisionRequest {
                name: told.owed.name.clone(),
                revision: state.revision,
            };
            assert_eq!(done(h.history.clone().get_revision(get).await), state);
            let Some(Resource::Promise(promise)) = state.resource else {
                panic!("it is a promise")
            };
            states.push((promise.conversation, state.changed_paths));
        }
        states
    };
    let talk = told.talk.name.as_str();
    let all = [
        state(talk, &["conversation", "text"]),
        state("", &["conversation"]),
        state(talk, &[]),
    ];
    let seen = [state("", &["text"]), state("", &[]), state("", &[])];
    for page_size in [0, 1, 2] {
        assert_eq!(states(&told.mia, page_size).await, all);
        assert_eq!(states(jo, page_size).await, seen);
    }
}

async fn history_says_that_a_claim_came_though_its_source_is_hidden(h: Harness) {
    let told = Told::new(&h).await;
    let [jo, _] = &told.others;
    let paths = async |h: &Harness| {
        let list = pb::ListRevisionsRequest {
            name: told.job.name.clone(),
            ..Default::default()
        };
        let states = done(h.history.clone().list_revisions(list).await).revisions;
        states
            .into_iter()
            .map(|state| state.changed_paths)
            .collect::<Vec<_>>()
    };
    let before = paths(jo).await;
    assert_eq!(before, paths(&told.mia).await);
    let role = claim(&told.job, BuyingRole::DecisionMaker);
    told.mia
        .add_role(pb::AddBuyingRoleRequest {
            source: told.written.name.clone(),
            ..role
        })
        .await;
    let own = paths(&told.mia).await;
    assert_eq!(
        (&own[0][..], &own[1..]),
        (&["buying_roles".to_owned()][..], &before[..])
    );
    // The claim is for everybody, and its source alone is not.
    assert_eq!(paths(jo).await, own);
}
