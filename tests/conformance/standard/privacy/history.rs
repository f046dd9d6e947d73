//! What history hides.

use super::*;

conformance! {
    history_hides_what_was_private,
    a_private_record_has_no_history_for_others,
}

async fn history_hides_what_was_private(h: Harness) {
    for_both!(h => history_of_one_hides_what_was_private);
}

async fn history_of_one_hides_what_was_private<R: Hidden>(
    mia: &Harness,
    jo: &Harness,
    h: &Harness,
) {
    let made = mia.created::<R>().await;
    let first = h.revision().await;
    mia.update(visible(&made, Visibility::Private), &["visibility"])
        .await;
    mia.update(
        visible(&made, Visibility::Private).titled("secret"),
        &[R::TITLE],
    )
    .await;
    mia.update(
        visible(&made, Visibility::Everyone),
        &["visibility", R::TITLE],
    )
    .await;
    let numbers = async |actor: &Harness, page_size| {
        let revisions = all_pages(async |page_token| {
            let list = pb::ListRevisionsRequest {
                name: made.name(),
                page_size,
                page_token,
            };
            let page = done(actor.history.clone().list_revisions(list).await);
            (page.revisions, page.next_page_token)
        });
        revisions
            .await
            .into_iter()
            .map(|revision| revision.revision)
            .collect::<Vec<_>>()
    };
    for size in [0, 1, 2] {
        assert_eq!(
            numbers(mia, size).await,
            [first + 3, first + 2, first + 1, first]
        );
        for other in [jo, h] {
            assert_eq!(numbers(other, size).await, [first + 3, first]);
        }
    }
    let at = |actor: &Harness, revision| {
        let (mut history, name) = (actor.history.clone(), made.name());
        async move {
            history
                .get_revision(pb::GetRevisionRequest { name, revision })
                .await
        }
    };
    for revision in [first + 1, first + 2] {
        assert_eq!(done(at(mia, revision).await).revision, revision);
        let refusal = refused(at(jo, revision).await).is(Code::NotFound, "REVISION_NOT_FOUND");
        refusal.tells("revision", &revision.to_string());
    }
    assert_eq!(done(at(jo, first + 3).await).revision, first + 3);
}

async fn a_private_record_has_no_history_for_others(h: Harness) {
    for_both!(h => one_has_no_history_for_others);
}

async fn one_has_no_history_for_others<R: Hidden>(mia: &Harness, jo: &Harness, _: &Harness) {
    let made = mia.created::<R>().await;
    mia.update(visible(&made, Visibility::Private), &["visibility"])
        .await;
    let list = pb::ListRevisionsRequest {
        name: made.name(),
        ..Default::default()
    };
    refused(jo.history.clone().list_revisions(list.clone()).await)
        .is(Code::NotFound, "RESOURCE_NOT_FOUND");
    let get = pb::GetRevisionRequest {
        name: made.name(),
        revision: 1_000_000,
    };
    refused(jo.history.clone().get_revision(get).await).is(Code::NotFound, "RESOURCE_NOT_FOUND");
    assert_eq!(
        done(mia.history.clone().list_revisions(list).await)
            .revisions
            .len(),
        2
    );
}
