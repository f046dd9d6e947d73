//! PreviewSegment: what a filter would pick.

use super::*;

conformance! {
    a_preview_says_what_a_filter_picks,
    a_preview_counts_what_is_unset,
    a_preview_shows_and_names_what_lives_alone,
    a_count_along_a_key_is_of_who_meets_the_rest_and_lives,
}

async fn preview(h: &Harness, filter: &str) -> pb::PreviewSegmentResponse {
    let request = pb::PreviewSegmentRequest {
        filter: filter.to_owned(),
        ..Default::default()
    };
    let answer = whole(h.segments.clone().preview_segment(request).await);
    assert_eq!(answer.message.revision, answer.revision);
    answer.message
}

async fn a_preview_says_what_a_filter_picks(h: Harness) {
    three(&h).await;
    for i in 10..70 {
        h.create_as(&format!("n{i}"), customer("Many")).await;
    }
    let many = preview(
        &h,
        "display_name = \"Many\" OR name = \"customers/al\" -labels.x:*",
    )
    .await;
    assert_eq!(
        (many.member_count, many.customer_count, many.customers.len()),
        (61, 63, 10)
    );
    assert_eq!(
        many.filter,
        "(display_name = \"Many\" OR name = \"customers/al\") AND NOT labels.x:*"
    );
    assert_eq!(many.customers[0].name, "customers/al");
    for (limit, shown) in [(3, 3), (50, 50), (1000, 50)] {
        let request = pb::PreviewSegmentRequest {
            filter: many.filter.clone(),
            limit,
            read_mask: mask(&["display_name"]),
        };
        let answer = done(h.segments.clone().preview_segment(request).await);
        assert_eq!((answer.member_count, answer.customers.len()), (61, shown));
        assert_eq!(answer.customers[1], customer("Many"));
    }
    let used = preview(&h, "segment:\"segments/picked\"").await;
    assert_eq!((used.member_count, used.unset_fields.len()), (2, 0));
}

async fn a_preview_counts_what_is_unset(h: Harness) {
    three(&h).await;
    let visited = pb::customer::Engagement {
        visit_count: Some(3),
        ..Default::default()
    };
    let tagged = pb::Customer {
        tags: texts(&["x"]),
        engagement: Some(visited),
        ..customer("D")
    };
    h.create_as("di", tagged).await;
    h.delete::<pb::Customer>("customers/cy").await;
    let filter = "lifecycle = ACTIVE OR engagement.visit_count > 2 AND NOT tags:\"x\" AND contact_count = 0 AND D";
    let answer = preview(&h, filter).await;
    let unset: Vec<(&str, &str, i32)> = answer
        .unset_fields
        .iter()
        .map(|one| {
            (
                one.restriction.as_str(),
                one.field.as_str(),
                one.unset_count,
            )
        })
        .collect();
    let expected = [
        ("lifecycle = ACTIVE", "lifecycle", 1),
        ("engagement.visit_count > 2", "engagement.visit_count", 2),
        ("tags:\"x\"", "tags", 2),
        ("contact_count = 0", "contact_count", 0),
    ];
    assert_eq!(unset, expected);
    assert_eq!((answer.member_count, answer.customer_count), (0, 3));
}

async fn a_preview_shows_and_names_what_lives_alone(h: Harness) {
    three(&h).await;
    h.delete::<pb::Customer>("customers/al").await;
    let shown = preview(&h, "lifecycle = ACTIVE OR segment:\"segments/picked\"").await;
    let names: Vec<&str> = shown
        .customers
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(
        (names, shown.member_count),
        (vec!["customers/bo", "customers/cy"], 2)
    );
    h.delete::<pb::Segment>("segments/both").await;
    let filter = "segment:\"segments/picked\" OR segment:\"segments/both\"".to_owned();
    let request = pb::PreviewSegmentRequest {
        filter,
        ..Default::default()
    };
    let refusal = refused(h.segments.clone().preview_segment(request).await);
    let refusal = refusal.names_unusable("filter");
    refusal.about("segments/both");
}

async fn a_count_along_a_key_is_of_who_meets_the_rest_and_lives(h: Harness) {
    let tagged = |about: &str| pb::Customer {
        tags: texts(&["x"]),
        about: about.to_owned(),
        ..customer("C")
    };
    for (id, about) in [("a", "in"), ("b", "in"), ("c", "out"), ("d", "in")] {
        h.create_as(id, tagged(about)).await;
    }
    h.create_as(
        "e",
        pb::Customer {
            about: "in".to_owned(),
            ..customer("E")
        },
    )
    .await;
    h.delete::<pb::Customer>("customers/d").await;
    let filter = "tags:\"x\" AND about = \"in\"";
    h.create_as("led", segment("Led", filter)).await;
    assert_eq!(
        h.members("segments/led", 1).await,
        ["customers/a", "customers/b"]
    );
    assert_eq!(h.count("segments/led").await.member_count, 2);
    let shown = preview(&h, filter).await;
    assert_eq!(
        (shown.member_count, shown.customers.len(), shown.revision),
        (2, 2, h.revision().await)
    );
}
