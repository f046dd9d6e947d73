//! How mistakes in a filter are reported, and that text in one stays a value.

use super::*;

conformance! {
    at NOW;
    what_looks_like_sql_is_a_value,
    a_slip_is_told_the_nearest_name,
    depth_is_bounded,
}

async fn what_looks_like_sql_is_a_value(h: Harness) {
    let odd = [
        "x' OR '1'='1",
        "'; drop table customers; --",
        "\") or 1=1 --",
        "$1",
        "%",
        "\\",
        "${jndi}",
        "a\u{e000}b",
    ];
    for (i, name) in odd.iter().enumerate() {
        h.create_as(
            &format!("c{i}"),
            pb::Customer {
                labels: map(&[("k", name)]),
                ..customer(name)
            },
        )
        .await;
    }
    for (i, name) in odd.iter().enumerate() {
        let quoted = format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""));
        let id = format!("c{i}");
        for filter in [
            format!("display_name = {quoted}"),
            format!("labels.k = {quoted}"),
            format!("display_name:{quoted}"),
        ] {
            finds(&h, &filter, &[&id]).await;
        }
        finds(
            &h,
            &format!("attributes.{quoted}.{quoted} = {quoted} OR attributes.{quoted}:{quoted}"),
            &[],
        )
        .await;
    }
    assert_eq!(h.names::<R>("").await.len(), odd.len());
}

/// A filter, where it goes wrong, and what is told.
const SLIPS: [(&str, usize, &str); 25] = [
    ("dispaly_name = \"x\"", 0, "did you mean `display_name`?"),
    ("business.industri = \"x\"", 9, "did you mean `industry`?"),
    (
        "founded_year = 1",
        0,
        "did you mean `business.founded_year`?",
    ),
    (
        "employee_cuont > 1",
        0,
        "did you mean `business.employee_count`?",
    ),
    (
        "job_title = \"x\"",
        0,
        "did you mean `affiliations.job_title`?",
    ),
    ("lifecycle = ACTIV", 12, "did you mean `ACTIVE`?"),
    (
        "affiliation.job_title = \"x\"",
        0,
        "did you mean `affiliations`?",
    ),
    (
        "(about = \"x\" AND affiliations.jobtitle = \"x\")",
        30,
        "did you mean `job_title`?",
    ),
    ("about = \"x\" or about = \"y\"", 12, "did you mean `OR`?"),
    ("about = \"x\" || about = \"y\"", 12, "did you mean `OR`?"),
    (
        "lifecycle = ACTIVE && size = LARGE",
        19,
        "did you mean `AND`?",
    ),
    ("lifecycle == ACTIVE", 11, "a single `=`"),
    ("external_ids.system = \"erp\"", 13, "`external_ids.sap:*`"),
    (
        "emails.address = \"x\" OR external_ids.id:\"1\"",
        37,
        "a system that is called `id` stands in quotes",
    ),
    ("external_ids:\"erp\"", 0, "found by its system"),
    ("emails:\"x\"", 0, "`emails` is a list of groups"),
    ("about = \"a*b\"", 8, "`\\*` is the character"),
    ("create_time > since(\"1d\")", 14, "no such function"),
    ("about = ago(\"1d\")", 8, "is no time"),
    ("create_time > ago(\"-1d\")", 18, "`ago` takes a span"),
    (
        "affiliations.title = \"x\"",
        13,
        "did you mean `job_title`?",
    ),
    ("lifecycle > ACTIVE", 12, "has no order"),
    (
        "display_name = (\"a\" OR \"b\")",
        20,
        "one value stands here",
    ),
    ("business:\"x\"", 0, "only asked for with `:*`"),
    ("emails = \"x\"", 0, "name one of their fields"),
];

async fn a_slip_is_told_the_nearest_name(h: Harness) {
    for (filter, offset, nearest) in SLIPS {
        let list = List {
            filter: filter.to_owned(),
            ..Default::default()
        };
        let refusal = refused(R::list(&h, list).await).names("FILTER_INVALID", &["filter"]);
        assert_eq!(
            refusal.metadata["offset"],
            offset.to_string(),
            "{filter}: {}",
            refusal.message
        );
        assert!(
            refusal.message.contains(nearest),
            "{filter}: {}",
            refusal.message
        );
    }
}

async fn depth_is_bounded(h: Harness) {
    let nested = |depth: usize| format!("{}about = \"x\"{}", "(".repeat(depth), ")".repeat(depth));
    assert!(h.names::<R>(&nested(16)).await.is_empty());
    let list = |filter: String| {
        R::list(
            &h,
            List {
                filter,
                ..Default::default()
            },
        )
    };
    refused(list(nested(17)).await)
        .is(Code::InvalidArgument, "FILTER_INVALID")
        .tells("offset", "16");
    refused(list("(".repeat(4096)).await).is(Code::InvalidArgument, "FILTER_INVALID");
    refused(list(["about = \"x\""; 65].join(" OR ")).await)
        .is(Code::InvalidArgument, "FILTER_INVALID");
}
