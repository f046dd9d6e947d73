//! Notes: what they are about, who wrote them, and when.

use clientele::pb;
use clientele::pb::note::Visibility;
use prost_types::Timestamp;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{Answer, done, refused};
use crate::harness::builders::{customer, texts, time};
use crate::harness::records::{Private, colleague, note};
use crate::harness::standard::{Create, List, Standard};

conformance! {
    a_note_is_about_1_to_20_records,
    subjects_are_looked_up,
    a_note_outlives_what_it_is_about,
    a_body_is_1_byte_to_64_kib,
    the_time_of_writing_is_now_unless_said_otherwise,
    the_author_is_the_actor_unless_said_otherwise,
    an_edit_by_another_leaves_the_author,
    who_hides_a_note_is_its_author_before_the_edit,
    only_a_live_colleague_can_be_set_as_author,
    a_principal_stays_the_author,
    notes_are_found_by_author_and_sorted_by_time,
    a_note_is_part_of_the_profiles_of_the_people_it_is_about,
}

async fn create(h: &Harness, note: pb::Note) -> Answer<pb::Note> {
    pb::Note::create(
        h,
        Create {
            resource: Some(note),
            ..Default::default()
        },
    )
    .await
}

async fn a_note_is_about_1_to_20_records(h: Harness) {
    let bare = refused(create(&h, pb::Note::default()).await);
    bare.names("FIELD_INVALID", &["note.records", "note.body"]);
    let mut records = Vec::new();
    for _ in 0..21 {
        records.push(h.create(customer("Ferrum AG")).await.name);
    }
    let about = |records: &[String]| pb::Note {
        records: records.to_vec(),
        ..note("", "x")
    };
    assert_eq!(h.create(about(&records[..20])).await.records, records[..20]);
    refused(create(&h, about(&records)).await).names("FIELD_INVALID", &["note.records"]);
    let twice = [records[0].clone(), records[0].clone()];
    refused(create(&h, about(&twice)).await).names("FIELD_INVALID", &["note.records"]);
    for other in ["", "customers/", "colleagues/mia", "notes/x", "people/x"] {
        let wrong = about(&[records[0].clone(), other.to_owned()]);
        refused(create(&h, wrong).await).names("FIELD_INVALID", &["note.records[1]"]);
    }
}

async fn subjects_are_looked_up(h: Harness) {
    let (firm, person, job) = h.employed().await;
    let all = [firm.name.as_str(), &person.name, &job.name];
    let written = h
        .create(pb::Note {
            records: texts(&all),
            ..note("", "x")
        })
        .await;
    h.delete::<pb::Affiliation>(&job.name).await;
    for record in [
        "customers/nobody",
        "contacts/nobody",
        "affiliations/nobody",
        &job.name,
    ] {
        let refusal = refused(create(&h, note(record, "x")).await);
        refusal.names_unusable("records[0]").about(record);
    }
    // What it is about already may stay, in any order.
    let turned = texts(&[&job.name, &person.name]);
    let changed = h
        .update(
            pb::Note {
                records: turned.clone(),
                ..written
            },
            &["records"],
        )
        .await;
    assert_eq!(changed.records, turned);
}

async fn a_note_outlives_what_it_is_about(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let written = h.create(note(&firm.name, "x")).await;
    h.delete::<pb::Customer>(&firm.name).await;
    assert_eq!(h.get::<pb::Note>(&written.name).await, written);
    h.delete::<pb::Note>(&written.name).await;
    assert!(!h.undelete::<pb::Note>(&written.name).await.is_deleted());
}

async fn a_body_is_1_byte_to_64_kib(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let longest = "ä".repeat(32 * 1024);
    assert_eq!(h.create(note(&firm.name, &longest)).await.body, longest);
    for body in ["", "\n", "a\0", &format!("{longest}a")] {
        refused(create(&h, note(&firm.name, body)).await).names("FIELD_INVALID", &["note.body"]);
    }
}

async fn the_time_of_writing_is_now_unless_said_otherwise(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let written = h.create(note(&firm.name, "x")).await;
    assert_eq!(written.write_time, written.create_time);
    assert_eq!(
        (written.visibility(), written.highlighted),
        (Visibility::Everyone, false)
    );
    let long_ago = Some(Timestamp {
        seconds: -1,
        nanos: 999_999_999,
    });
    let moved = h
        .update(
            pb::Note {
                write_time: long_ago,
                ..written
            },
            &["write_time"],
        )
        .await;
    assert_eq!(
        moved.write_time,
        Some(Timestamp {
            seconds: -1,
            nanos: 999_999_000
        })
    );
    for paths in [&["write_time"][..], &["visibility"], &["author"], &["*"]] {
        let unsaid = pb::Note {
            write_time: None,
            visibility: 0,
            author: String::new(),
            ..moved.clone()
        };
        assert_eq!(h.update(unsaid, paths).await, moved);
    }
}

async fn the_author_is_the_actor_unless_said_otherwise(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let (mia, jo) = (h.as_colleague("mia").await, h.create(colleague("Jo")).await);
    assert_eq!(h.create(note(&firm.name, "x")).await.author, "local");
    assert_eq!(
        mia.create(note(&firm.name, "x")).await.author,
        "colleagues/mia"
    );
    let of_jo = mia
        .create(pb::Note {
            author: jo.name.clone(),
            ..note(&firm.name, "x")
        })
        .await;
    assert_eq!(of_jo.author, jo.name);
    let mut of_mia = pb::Note {
        author: "colleagues/mia".to_owned(),
        ..of_jo
    };
    of_mia = h.update(of_mia, &["author"]).await;
    assert_eq!(of_mia.author, "colleagues/mia");
}

async fn an_edit_by_another_leaves_the_author(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let (mia, jo) = (h.as_colleague("mia").await, h.as_colleague("jo").await);
    let written = mia.create(note(&firm.name, "x")).await;
    for other in [&jo, &h] {
        for (paths, body) in [
            (&["author"][..], "x"),
            (&["*"], "y"),
            (&["body"], "z"),
            (&[], "x"),
        ] {
            let unsaid = pb::Note {
                author: String::new(),
                etag: String::new(),
                body: body.to_owned(),
                ..written.clone()
            };
            assert_eq!(
                other.update(unsaid, paths).await.author,
                "colleagues/mia",
                "{paths:?}"
            );
        }
    }
}

async fn who_hides_a_note_is_its_author_before_the_edit(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let (mia, jo) = (h.as_colleague("mia").await, h.as_colleague("jo").await);
    let written = mia.create(note(&firm.name, "x")).await;
    let of_jo = pb::Note {
        author: "colleagues/jo".to_owned(),
        ..written.private()
    };
    for paths in [&["author", "visibility"][..], &["*"], &[]] {
        let refusal = refused(jo.try_update(of_jo.clone(), paths).await);
        refusal
            .is(Code::PermissionDenied, "NOT_AUTHOR")
            .about(&of_jo.name);
    }
    mia.update(of_jo.clone(), &["author", "visibility"]).await;
    refused(pb::Note::get(&mia, &of_jo.name, None).await).is(Code::NotFound, "RESOURCE_NOT_FOUND");
    assert_eq!(
        jo.get::<pb::Note>(&of_jo.name).await.visibility(),
        Visibility::Private
    );
}

async fn only_a_live_colleague_can_be_set_as_author(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let written = h.create(note(&firm.name, "x")).await;
    let left = h.create(colleague("Left")).await;
    h.delete::<pb::Colleague>(&left.name).await;
    for author in ["colleagues/nobody", &left.name] {
        let wrong = pb::Note {
            author: author.to_owned(),
            ..written.clone()
        };
        for answer in [
            create(&h, wrong.clone()).await,
            h.try_update(wrong, &["author"]).await,
        ] {
            refused(answer).names_unusable("author");
        }
    }
    for author in ["mallory", "colleagues/", "contacts/mara", "system"] {
        let wrong = pb::Note {
            author: author.to_owned(),
            ..written.clone()
        };
        for answer in [
            create(&h, wrong.clone()).await,
            h.try_update(wrong, &["author"]).await,
        ] {
            refused(answer).names("FIELD_INVALID", &["note.author"]);
        }
    }
}

async fn a_principal_stays_the_author(h: Harness) {
    let written = h.created::<pb::Note>().await;
    assert_eq!(written.author, "local");
    let changed = h
        .update(
            pb::Note {
                body: "new".to_owned(),
                ..written.clone()
            },
            &["*"],
        )
        .await;
    assert_eq!(
        (changed.author, changed.body.as_str()),
        ("local".to_owned(), "new")
    );
    refused(
        create(
            &h,
            pb::Note {
                author: "local".to_owned(),
                ..written
            },
        )
        .await,
    )
    .names("FIELD_INVALID", &["note.author"]);
}

async fn notes_are_found_by_author_and_sorted_by_time(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let mia = h.as_colleague("mia").await;
    for (id, seconds, highlighted) in [("c", 1, true), ("a", 2, false), ("b", 1, true)] {
        mia.create_as(
            id,
            pb::Note {
                write_time: time(seconds),
                highlighted,
                ..note(&firm.name, "x")
            },
        )
        .await;
    }
    h.create(note(&firm.name, "x")).await;
    let filter = "author = \"colleagues/mia\"";
    let list = List {
        filter: filter.to_owned(),
        order_by: "write_time desc".to_owned(),
        ..Default::default()
    };
    let found = done(pb::Note::list(&h, list).await).0;
    let names: Vec<&str> = found.iter().map(|note| note.name.as_str()).collect();
    assert_eq!(names, ["notes/a", "notes/c", "notes/b"]);
    let narrow = format!("{filter} AND highlighted = true AND visibility = EVERYONE");
    assert_eq!(h.names::<pb::Note>(&narrow).await, ["notes/b", "notes/c"]);
    let at = "write_time = \"1970-01-01T00:00:02Z\" AND body = \"x\"";
    assert_eq!(h.names::<pb::Note>(at).await, ["notes/a"]);
}

async fn a_note_is_part_of_the_profiles_of_the_people_it_is_about(h: Harness) {
    let (firm, person, job) = h.employed().await;
    let (other, _, other_job) = h.employed().await;
    let third = h.create(customer("Cuprum")).await;
    let customers_of_last = async || {
        h.changes_after(h.revision().await - 1)
            .await
            .remove(0)
            .customers
    };
    let sorted = |names: &[&pb::Customer]| {
        let mut names: Vec<String> = names.iter().map(|customer| customer.name.clone()).collect();
        names.sort();
        names
    };
    let written = h.create(note(&person.name, "x")).await;
    assert_eq!(customers_of_last().await, sorted(&[&firm]));
    let records = texts(&[&other_job.name, &third.name]);
    let written = h
        .update(pb::Note { records, ..written }, &["records"])
        .await;
    assert_eq!(customers_of_last().await, sorted(&[&firm, &other, &third]));
    h.delete::<pb::Note>(&written.name).await;
    assert_eq!(customers_of_last().await, sorted(&[&other, &third]));
    h.delete::<pb::Affiliation>(&job.name).await;
    h.create(note(&person.name, "x")).await;
    assert_eq!(customers_of_last().await, sorted(&[]));
}
