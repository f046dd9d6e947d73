//! PRIVATE records do not exist for anybody but their author, whatever others ask.

mod derived; // counts and last conversations
mod history; // what history hides
mod links; // what names a PRIVATE record

use clientele::pb;
use clientele::pb::conversation::State;
use clientele::pb::note::Visibility;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{done, refused, whole};
use crate::harness::builders::{claim, contact, customer, external_id, map, texts};
use crate::harness::paging::all_pages;
use crate::harness::records::{Private, conversation, note, promise};
use crate::harness::standard::{Create, Delete, List, Standard, Undelete, Update, mask};

conformance! {
    a_private_record_is_not_there_for_others,
    a_private_record_cannot_be_written_by_others,
    a_list_steps_over_what_is_private,
    a_key_leads_nobody_to_a_private_record,
    only_the_author_hides_a_record,
    publishing_has_to_be_said_outright,
    a_name_and_external_ids_stay_taken,
    a_new_reference_to_it_is_unusable,
    a_note_given_away_is_gone,
    a_replay_tells_only_the_author,
    the_principal_without_colleague_has_private_records_too,
}

/// A record that can be PRIVATE.
trait Hidden: Standard + Private {
    fn set_visibility(&mut self, visibility: Visibility);
}

impl Hidden for pb::Conversation {
    fn set_visibility(&mut self, visibility: Visibility) {
        self.visibility = visibility.into();
    }
}

impl Hidden for pb::Note {
    fn set_visibility(&mut self, visibility: Visibility) {
        self.visibility = visibility.into();
    }
}

fn visible<R: Hidden>(record: &R, visibility: Visibility) -> R {
    let mut record = record.clone();
    record.set_visibility(visibility);
    record.header().etag.clear();
    record
}

/// Runs a rule for both kinds, as the author Mia, and Jo, and the caller without a name.
macro_rules! for_both {
    ($h:expr => $rule:ident) => {{
        let (mia, jo) = ($h.as_colleague("mia").await, $h.as_colleague("jo").await);
        $rule::<pb::Conversation>(&mia, &jo, &$h).await;
        $rule::<pb::Note>(&mia, &jo, &$h).await;
    }};
}
use for_both;

async fn hidden<R: Hidden>(author: &Harness) -> R {
    let input = R::input(author).await.private();
    author.create(input).await
}

async fn a_private_record_is_not_there_for_others(h: Harness) {
    for_both!(h => one_is_not_there_for_others);
}

async fn one_is_not_there_for_others<R: Hidden>(mia: &Harness, jo: &Harness, h: &Harness) {
    let record = hidden::<R>(mia).await;
    let (name, reason) = (record.name(), "RESOURCE_NOT_FOUND");
    assert_eq!(mia.get::<R>(&name).await, record);
    let public = jo.created::<R>().await;
    for other in [jo, h] {
        refused(R::get(other, &name, None).await)
            .is(Code::NotFound, reason)
            .about(&name);
        let batch = R::batch_get(other, vec![public.name(), name.clone()], None).await;
        refused(batch).is(Code::NotFound, reason).about(&name);
        let filters = [
            String::new(),
            format!("name = \"{name}\""),
            "visibility = PRIVATE".to_owned(),
        ];
        for filter in filters
            .iter()
            .chain([&"author = \"colleagues/mia\"".to_owned()])
        {
            for show_deleted in [false, true] {
                let list = List {
                    filter: filter.clone(),
                    show_deleted,
                    page_size: 1000,
                    ..Default::default()
                };
                let found = done(R::list(other, list).await).0;
                assert!(found.iter().all(|found| found.name() != name), "{filter}");
            }
        }
    }
    assert_eq!(
        mia.names::<R>("visibility = PRIVATE").await,
        [name.as_str()]
    );
    let batch = R::batch_get(mia, vec![public.name(), name], None).await;
    assert_eq!(done(batch), [public, record]);
}

async fn a_private_record_cannot_be_written_by_others(h: Harness) {
    for_both!(h => one_cannot_be_written_by_others);
}

async fn one_cannot_be_written_by_others<R: Hidden>(mia: &Harness, jo: &Harness, h: &Harness) {
    let record = hidden::<R>(mia).await;
    let reason = "RESOURCE_NOT_FOUND";
    for other in [jo, h] {
        let missing = |answer| {
            refused(answer)
                .is(Code::NotFound, reason)
                .about(&record.name())
        };
        missing(
            other
                .try_update(record.clone().titled("mine"), &[R::TITLE])
                .await,
        );
        missing(
            other
                .try_update(visible(&record, Visibility::Everyone), &["*"])
                .await,
        );
        let delete = Delete {
            name: record.name(),
            ..Default::default()
        };
        missing(R::delete(other, delete.clone()).await);
        let allowed = Delete {
            allow_missing: true,
            ..delete
        };
        assert_eq!(done(R::delete(other, allowed).await), R::default());
        let stale = Undelete {
            name: record.name(),
            etag: "W/\"x\"".to_owned(),
            ..Default::default()
        };
        missing(R::undelete(other, stale).await);
    }
    assert_eq!(mia.get::<R>(&record.name()).await, record);
    mia.delete::<R>(&record.name()).await;
    let undelete = Undelete {
        name: record.name(),
        ..Default::default()
    };
    refused(R::undelete(jo, undelete).await).is(Code::NotFound, reason);
    mia.undelete::<R>(&record.name()).await;
}

async fn a_list_steps_over_what_is_private(h: Harness) {
    for_both!(h => a_list_of_one_steps_over_what_is_private);
}

async fn a_list_of_one_steps_over_what_is_private<R: Hidden>(
    mia: &Harness,
    jo: &Harness,
    _: &Harness,
) {
    let mut expected = jo.names::<R>("").await;
    for i in 0..12 {
        let input = if i % 3 == 0 {
            R::input(jo).await
        } else {
            R::input(jo).await.private()
        };
        let record = if i % 3 == 2 {
            jo.create(input).await
        } else {
            mia.create(input).await
        };
        expected.extend((i % 3 != 1).then(|| record.name()));
    }
    expected.sort();
    let found = all_pages(async |page_token| {
        let list = List {
            page_size: 2,
            page_token,
            ..Default::default()
        };
        let (page, next) = done(R::list(jo, list).await);
        // A page is full as long as more follow, whatever lies between.
        assert!(next.is_empty() || page.len() == 2);
        (page, next)
    });
    assert_eq!(
        found.await.iter().map(R::name).collect::<Vec<_>>(),
        expected
    );
}

async fn a_key_leads_nobody_to_a_private_record(h: Harness) {
    for_both!(h => a_key_leads_nobody_to_one);
}

async fn a_key_leads_nobody_to_one<R: Hidden>(mia: &Harness, jo: &Harness, h: &Harness) {
    let mut input = R::input(mia).await.private();
    *input.header().tags = texts(&["secret"]);
    *input.header().labels = map(&[("tier", "gold")]);
    let name = mia.create(input).await.name();
    for filter in ["tags:\"secret\"", "labels.tier = \"gold\""] {
        assert_eq!(mia.names::<R>(filter).await, [name.as_str()], "{filter}");
        for other in [jo, h] {
            assert!(other.names::<R>(filter).await.is_empty(), "{filter}");
        }
    }
}

async fn only_the_author_hides_a_record(h: Harness) {
    for_both!(h => only_the_author_hides_one);
}

async fn only_the_author_hides_one<R: Hidden>(mia: &Harness, jo: &Harness, h: &Harness) {
    let record = mia.created::<R>().await;
    for other in [jo, h] {
        for paths in [&["visibility"][..], &["*"], &[]] {
            let refusal = refused(
                other
                    .try_update(visible(&record, Visibility::Private), paths)
                    .await,
            );
            refusal
                .is(Code::PermissionDenied, "NOT_AUTHOR")
                .about(&record.name());
        }
        // Everything else is open to them.
        let mut changed = record.clone().titled("new");
        changed.header().etag.clear();
        other.update(changed, &[R::TITLE]).await;
    }
    let resource = Some(visible(&record, Visibility::Private));
    let only_ask = Update {
        resource,
        mask: mask(&["visibility"]),
        validate_only: true,
        ..Default::default()
    };
    refused(R::update(jo, only_ask).await).is(Code::PermissionDenied, "NOT_AUTHOR");
    mia.update(visible(&record, Visibility::Private), &["visibility"])
        .await;
    refused(R::get(jo, &record.name(), None).await).is(Code::NotFound, "RESOURCE_NOT_FOUND");
}

async fn publishing_has_to_be_said_outright(h: Harness) {
    for_both!(h => publishing_one_has_to_be_said);
}

async fn publishing_one_has_to_be_said<R: Hidden>(mia: &Harness, jo: &Harness, _: &Harness) {
    let record = hidden::<R>(mia).await;
    for paths in [&["visibility"][..], &["*"]] {
        assert_eq!(
            mia.update(visible(&record, Visibility::Unspecified), paths)
                .await,
            record
        );
    }
    mia.update(visible(&record, Visibility::Everyone), &["visibility"])
        .await;
    assert_eq!(jo.get::<R>(&record.name()).await.header().labels.len(), 0);
}

async fn a_name_and_external_ids_stay_taken(h: Harness) {
    for_both!(h => those_of_one_stay_taken);
}

async fn those_of_one_stay_taken<R: Hidden>(mia: &Harness, jo: &Harness, _: &Harness) {
    let with_id = |mut record: R| {
        *record.header().external_ids = vec![external_id("erp", "7")];
        record
    };
    let record = mia
        .create_as("taken", with_id(R::input(mia).await).private())
        .await;
    let create = |resource, id: &str| Create {
        resource: Some(resource),
        id: id.to_owned(),
        ..Default::default()
    };
    let input = R::input(jo).await;
    let mut named = input.clone();
    *named.header().name = record.name();
    for validate_only in [true, false] {
        let taken = Create {
            validate_only,
            ..create(input.clone(), "taken")
        };
        let refusal = refused(R::create(jo, taken).await);
        refusal
            .is(Code::AlreadyExists, "RESOURCE_EXISTS")
            .about(&record.name());
        let update = Update {
            resource: Some(named.clone()),
            allow_missing: true,
            validate_only,
            ..Default::default()
        };
        refused(R::update(jo, update).await).is(Code::AlreadyExists, "RESOURCE_EXISTS");
    }
    let mine = jo.create(input.clone()).await;
    let clashes = [
        R::create(jo, create(with_id(input), "")).await,
        jo.try_update(with_id(mine), &["external_ids"]).await,
    ];
    for clash in clashes {
        let refusal = refused(clash)
            .is(Code::AlreadyExists, "EXTERNAL_ID_EXISTS")
            .tells("system", "erp");
        assert!(
            refusal.resource.is_none() && !refusal.metadata.contains_key("resource"),
            "{refusal:?}"
        );
    }
    assert!(jo.names::<R>("external_ids.erp = \"7\"").await.is_empty());
    let refusal = refused(R::create(mia, create(with_id(R::input(mia).await), "")).await);
    refusal
        .is(Code::AlreadyExists, "EXTERNAL_ID_EXISTS")
        .about(&record.name());
}

async fn a_new_reference_to_it_is_unusable(h: Harness) {
    let (mia, jo) = (h.as_colleague("mia").await, h.as_colleague("jo").await);
    let (firm, _, job) = h.employed().await;
    let talk = mia.create(conversation(&firm, 0).private()).await;
    let written = mia.create(note(&firm.name, "x").private()).await;
    let owed = pb::Promise {
        conversation: talk.name.clone(),
        ..promise(&firm, "x")
    };
    let create = Create {
        resource: Some(owed.clone()),
        ..Default::default()
    };
    let refusal = refused(pb::Promise::create(&jo, create).await);
    refusal.names_unusable("conversation").about(&talk.name);
    for (i, source) in [&talk.name, &written.name].into_iter().enumerate() {
        let mut request = claim(&job, pb::affiliation::BuyingRole::Champion);
        request.source.clone_from(source);
        let refusal = refused(jo.try_add_role(request.clone()).await);
        let field = format!("buying_roles[{i}].source");
        refusal.names_unusable(&field);
        mia.add_role(request).await;
    }
    mia.create(owed).await;
}

async fn a_note_given_away_is_gone(h: Harness) {
    let (mia, jo) = (h.as_colleague("mia").await, h.as_colleague("jo").await);
    let written = hidden::<pb::Note>(&mia).await;
    let given = pb::Note {
        author: "colleagues/jo".to_owned(),
        ..written.clone()
    };
    mia.update(given, &["author"]).await;
    refused(pb::Note::get(&mia, &written.name, None).await)
        .is(Code::NotFound, "RESOURCE_NOT_FOUND");
    assert_eq!(
        jo.get::<pb::Note>(&written.name).await.author,
        "colleagues/jo"
    );
    // What it was before is still the other's alone.
    let list = pb::ListRevisionsRequest {
        name: written.name,
        ..Default::default()
    };
    assert_eq!(
        done(jo.history.clone().list_revisions(list).await)
            .revisions
            .len(),
        1
    );
}

async fn a_replay_tells_only_the_author(h: Harness) {
    let (mia, jo) = (h.as_colleague("mia").await, h.as_colleague("jo").await);
    let firm = h.create(customer("Ferrum AG")).await;
    let create = || Create {
        resource: Some(note(&firm.name, "x").private()),
        request_id: "r1".to_owned(),
        ..Default::default()
    };
    let first = whole(pb::Note::create(&mia, create()).await);
    let other = whole(pb::Note::create(&jo, create()).await);
    assert!(!other.replayed && other.message.name != first.message.name);
    // The author gave it away since.
    mia.update(
        pb::Note {
            author: "colleagues/jo".to_owned(),
            ..first.message.clone()
        },
        &["author"],
    )
    .await;
    let again = refused(pb::Note::create(&mia, create()).await);
    again
        .is(Code::NotFound, "RESOURCE_NOT_FOUND")
        .about(&first.message.name);
}

async fn the_principal_without_colleague_has_private_records_too(h: Harness) {
    let jo = h.as_colleague("jo").await;
    let (talk, written) = (
        hidden::<pb::Conversation>(&h).await,
        hidden::<pb::Note>(&h).await,
    );
    assert_eq!((talk.author.as_str(), talk.state()), ("local", State::Held));
    refused(pb::Conversation::get(&jo, &talk.name, None).await)
        .is(Code::NotFound, "RESOURCE_NOT_FOUND");
    refused(pb::Note::get(&jo, &written.name, None).await).is(Code::NotFound, "RESOURCE_NOT_FOUND");
    assert_eq!(h.names::<pb::Note>("").await, texts(&[&written.name]));
}
