//! How large filters and chains of segments may grow, whoever changes one of them.

use clientele::pb;
use tonic::Code;

use super::references::{Named, finds};
use crate::harness::Harness;
use crate::harness::answer::{done, refused};
use crate::harness::builders::customer;
use crate::harness::records::{persona, segment};
use crate::harness::standard::{List, Standard, Undelete};

conformance! {
    a_filter_is_bounded_with_all_that_it_names,
    segments_nest_eight_deep,
    long_filters_inside_one_another_count_as_they_list,
    what_comes_back_is_held_to_the_bounds,
    what_is_deleted_stands_in_nobodys_way,
    a_refusal_to_grow_names_twelve_users_and_counts_all,
    two_who_make_a_filter_too_large_at_once_do_not,
    a_preview_is_held_to_the_bounds,
}

/// A filter of `n` restrictions.
fn long(n_restrictions: usize) -> String {
    vec!["about != \"x\""; n_restrictions].join(" AND ")
}

async fn a_filter_is_bounded_with_all_that_it_names(h: Harness) {
    h.create_as("part", segment("Part", &long(60))).await;
    let sixteen = vec!["segment:\"segments/part\""; 16].join(" OR ");
    h.create_as("whole", segment("Whole", &sixteen)).await;
    let fits = format!("segment:\"segments/whole\" AND {}", long(22));
    h.create_as("more", segment("More", &fits)).await;
    finds(&h, "segment:\"segments/more\"", &[]).await;
    let over = format!("segment:\"segments/whole\" AND {}", long(23));
    refused(h.try_create(segment("Over", &over)).await)
        .names("FILTER_INVALID", &["segment.filter"]);
    let more = segment("More", &over).named("segments/more");
    refused(h.try_update(more, &["filter"]).await).names("FILTER_INVALID", &["segment.filter"]);
    let typical = pb::Persona {
        match_filter: format!("{over} AND {}", long(1)),
        ..persona("Over")
    };
    refused(h.try_create(typical).await).names("FILTER_INVALID", &["persona.match_filter"]);
    let list = List {
        filter: format!("{over} AND {}", long(1)),
        ..Default::default()
    };
    refused(pb::Customer::list(&h, list).await).names("FILTER_INVALID", &["filter"]);
    // What others lean on does not grow over their heads.
    let typical = pb::Persona {
        match_filter: sixteen.clone(),
        ..persona("Typical")
    };
    h.create_as("typical", typical).await;
    let grown = segment("Part", &long(61)).named("segments/part");
    refused(h.try_update(grown, &["filter"]).await)
        .about("segments/part")
        .lists_users(&["segments/more"], 1);
    let grown = segment("Part", &long(64)).named("segments/part");
    let users = ["personas/typical", "segments/more", "segments/whole"];
    refused(h.try_update(grown, &["filter"]).await).lists_users(&users, 3);
    let shrunk = segment("Part", &long(59)).named("segments/part");
    h.update(shrunk, &["filter"]).await;
}

async fn segments_nest_eight_deep(h: Harness) {
    let x = h.create_as("x", customer("x")).await;
    h.create_as("n1", segment("x", "display_name = \"x\""))
        .await;
    for i in 2..=8 {
        h.create_as(
            &format!("n{i}"),
            segment("x", &format!("segment:\"segments/n{}\"", i - 1)),
        )
        .await;
    }
    finds(&h, "segment:\"segments/n8\"", &["x"]).await;
    assert!(h.is_member(&x.name, "segments/n8").await);
    let ninth = segment("x", "segment:\"segments/n8\"");
    refused(h.try_create(ninth).await).names("FILTER_INVALID", &["segment.filter"]);
    done(preview(&h, "segment:\"segments/n7\"".to_owned()).await);
    let refusal = refused(preview(&h, "segment:\"segments/n8\"".to_owned()).await)
        .names("FILTER_INVALID", &["filter"]);
    assert!(
        refusal
            .message
            .contains("more than 8 segments inside one another"),
        "{}",
        refusal.message
    );
    let below = h
        .create_as("n0", segment("x", "display_name = \"x\""))
        .await;
    let deeper = segment("x", &format!("segment:\"{}\"", below.name)).named("segments/n1");
    refused(h.try_update(deeper, &["filter"]).await).lists_users(&["segments/n8"], 1);
}

/// As one chain they are deeper than an expression of SQLite may be.
async fn long_filters_inside_one_another_count_as_they_list(h: Harness) {
    let x = h.create_as("x", customer("x")).await;
    let others: Vec<String> = (0..63)
        .map(|i| format!("display_name != \"n{i}\""))
        .collect();
    let others = others.join(" AND ");
    h.create_as("n1", segment("x", &others)).await;
    for i in 2..=8 {
        let filter = format!("segment:\"segments/n{}\" AND {others}", i - 1);
        h.create_as(&format!("n{i}"), segment("x", &filter)).await;
    }
    finds(&h, "NOT segment:\"segments/n8\"", &[]).await;
    finds(&h, "segment:\"segments/n8\"", &["x"]).await;
    assert_eq!(h.count("segments/n8").await.member_count, 1);
    assert!(h.is_member(&x.name, "segments/n8").await);
    let eighth = format!("segment:\"segments/n7\" AND {others}");
    for (filter, count) in [(format!("NOT ({eighth})"), 0), (eighth, 1)] {
        assert_eq!(
            done(preview(&h, filter.clone()).await).member_count,
            count,
            "{filter}"
        );
    }
}

/// Segments may have grown while one that they name was gone.
async fn what_comes_back_is_held_to_the_bounds(h: Harness) {
    let naming = |below: usize| segment("x", &format!("segment:\"segments/c{below}\""));
    h.create_as("c1", segment("x", "kind = BUSINESS")).await;
    for i in 2..=8 {
        h.create_as(&format!("c{i}"), naming(i - 1)).await;
    }
    for i in (2..=8).rev() {
        h.delete::<pb::Segment>(&format!("segments/c{i}")).await;
    }
    for i in 3..=8 {
        h.undelete::<pb::Segment>(&format!("segments/c{i}")).await;
    }
    h.create_as("c9", naming(8)).await;
    let undelete = Undelete {
        name: "segments/c2".to_owned(),
        ..Undelete::default()
    };
    refused(pb::Segment::undelete(&h, undelete).await).lists_users(&["segments/c9"], 1);
    assert_eq!(h.count("segments/c9").await.member_count, 0);
}

async fn what_is_deleted_stands_in_nobodys_way(h: Harness) {
    let tests = |n: usize| {
        (0..n)
            .map(|i| format!("about = \"{i}\""))
            .collect::<Vec<_>>()
            .join(" OR ")
    };
    let used = h.create_as("used", segment("x", &tests(50))).await;
    let wide = vec!["segment:\"segments/used\""; 19].join(" OR ");
    h.create_as("wide", segment("x", &wide)).await;
    let statement = pb::persona::Statement {
        text: "x".to_owned(),
        filter: wide.clone(),
    };
    h.create_as(
        "says",
        pb::Persona {
            statements: vec![statement],
            ..persona("x")
        },
    )
    .await;
    h.create_as(
        "fits",
        pb::Persona {
            match_filter: wide,
            ..persona("x")
        },
    )
    .await;
    let larger = pb::Segment {
        definition: segment("x", &tests(60)).definition,
        ..used
    };
    let refusal = refused(h.try_update(larger.clone(), &["filter"]).await);
    refusal.lists_users(&["personas/fits", "personas/says", "segments/wide"], 3);
    h.delete::<pb::Segment>("segments/wide").await;
    for persona in ["personas/fits", "personas/says"] {
        refused(h.try_update(larger.clone(), &["filter"]).await)
            .is(Code::FailedPrecondition, "RESOURCE_IN_USE");
        h.delete::<pb::Persona>(persona).await;
    }
    h.update(larger, &["filter"]).await;
    let undelete = Undelete {
        name: "segments/wide".to_owned(),
        ..Undelete::default()
    };
    refused(pb::Segment::undelete(&h, undelete).await).is(Code::InvalidArgument, "FILTER_INVALID");
}

async fn a_refusal_to_grow_names_twelve_users_and_counts_all(h: Harness) {
    h.create_as("used", segment("x", &long(50))).await;
    let wide = vec!["segment:\"segments/used\""; 19].join(" OR ");
    for i in 10..23 {
        h.create_as(&format!("u{i}"), segment("x", &wide)).await;
    }
    let grown = segment("x", &long(60)).named("segments/used");
    let first: Vec<String> = (10..22).map(|i| format!("segments/u{i}")).collect();
    refused(h.try_update(grown, &["filter"]).await).lists_users(&first, 13);
}

/// Each of the two changes fits by itself, 992 or 936 restrictions, and both together do not. The one in between is not
/// written.
async fn two_who_make_a_filter_too_large_at_once_do_not(h: Harness) {
    for i in 0..20 {
        let part = h
            .create_as(&format!("part{i}"), segment("x", &long(50)))
            .await
            .name;
        let between = h
            .create_as(
                &format!("mid{i}"),
                segment("x", &format!("segment:\"{part}\"")),
            )
            .await
            .name;
        let whole =
            |n: usize| segment("x", &vec![format!("segment:\"{between}\""); n].join(" OR "));
        let user = h.create_as(&format!("whole{i}"), whole(16)).await.name;
        let (one, two) = (segment("x", &long(60)).named(&part), whole(18).named(&user));
        let (one, two) = tokio::join!(
            h.try_update(one, &["filter"]),
            h.try_update(two, &["filter"])
        );
        assert!(one.is_err() || two.is_err(), "1,116 restrictions");
        for refusal in [one, two].into_iter().filter(Result::is_err).map(refused) {
            assert!(
                ["RESOURCE_IN_USE", "FILTER_INVALID", "CONCURRENT_WRITE"]
                    .contains(&refusal.reason.as_str()),
                "{refusal:?}"
            );
        }
    }
}

async fn a_preview_is_held_to_the_bounds(h: Harness) {
    h.create_as("part", segment("Part", &long(60))).await;
    let sixteen = vec!["segment:\"segments/part\""; 16].join(" OR ");
    let filter = |more: usize| format!("({sixteen}) AND {}", long(more));
    done(preview(&h, filter(23)).await);
    h.create_as("fits", segment("Fits", &filter(23))).await;
    let refusal = refused(preview(&h, filter(24)).await).names("FILTER_INVALID", &["filter"]);
    assert!(
        refusal.message.contains("more than 1000 restrictions"),
        "{}",
        refusal.message
    );
    refused(h.try_create(segment("Over", &filter(24))).await)
        .names("FILTER_INVALID", &["segment.filter"]);
}

async fn preview(
    h: &Harness,
    filter: String,
) -> Result<tonic::Response<pb::PreviewSegmentResponse>, tonic::Status> {
    let request = pb::PreviewSegmentRequest {
        filter,
        ..Default::default()
    };
    h.segments.clone().preview_segment(request).await
}
