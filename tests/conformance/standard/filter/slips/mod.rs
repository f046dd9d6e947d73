//! Slips: what reads like a comparison and is searched for as a text. A new filter is refused for it, a stored one warned
//! of.

mod tables; // filters, and what is told of them

use clientele::pb;
use clientele::pb::FilterWarning;
use clientele::pb::filter_warning::Type;
use clientele::pb::persona::{RecordKind, Statement};

use self::tables::{GOOD_VALUES, HINTS, POINTS, QUERIES, SLIPS, VALUES};
use crate::harness::Harness;
use crate::harness::answer::{Answer, done, refused};
use crate::harness::builders::{affiliation, contact, customer, money};
use crate::harness::engine::execute;
use crate::harness::records::{persona, segment};
use crate::harness::standard::{Create, List, Standard};

conformance! {
    a_slip_is_refused_and_told_what_to_write,
    a_value_that_asks_for_less_is_refused_and_told_what_to_write,
    what_a_slip_is_told_to_write_is_taken,
    other_words_are_searched_for,
    a_new_filter_of_a_segment_or_persona_has_no_slip,
    a_stored_slip_keeps_its_meaning_and_is_warned_of,
    what_was_stored_before_it_was_a_slip_is_evaluated_as_before,
    a_preview_warns_of_slips,
    a_preview_warns_of_what_tells_nobody_apart,
    a_preview_tells_what_stands_for_any_text,
}

async fn asked(h: &Harness, filter: &str) -> Answer<(Vec<pb::Customer>, String)> {
    let list = List {
        filter: filter.to_owned(),
        ..Default::default()
    };
    pb::Customer::list(h, list).await
}

async fn a_slip_is_refused_and_told_what_to_write(h: Harness) {
    for (filter, offset, instead) in SLIPS {
        let refusal = refused(asked(&h, filter).await).names("FILTER_INVALID", &["filter"]);
        let at = &refusal.metadata["offset"];
        assert_eq!(*at, offset.to_string(), "{filter}: {}", refusal.message);
        let told = refusal.message.contains(&format!("`{instead}`"));
        assert!(told, "{filter}: {}", refusal.message);
        let as_text = ["stands in quotes", "stands in brackets"];
        let tells = |how: &&str| refusal.message.contains(how);
        assert!(as_text.iter().any(tells), "{filter}");
    }
    for (filter, offset, told) in QUERIES.iter().chain(HINTS) {
        let refusal = refused(asked(&h, filter).await).names("FILTER_INVALID", &["filter"]);
        let at = &refusal.metadata["offset"];
        assert_eq!(*at, offset.to_string(), "{filter}: {}", refusal.message);
        assert!(
            refusal.message.contains(told),
            "{filter}: {}",
            refusal.message
        );
    }
    for (filter, is_refused) in POINTS {
        let answer = asked(&h, filter).await;
        assert_eq!(answer.is_err(), is_refused, "{filter}");
        if is_refused {
            let refusal = refused(answer).names("FILTER_INVALID", &["filter"]);
            assert!(refusal.message.contains("thousands"), "{filter}");
        }
    }
    let list = List {
        filter: "seniority".to_owned(),
        ..Default::default()
    };
    refused(pb::Affiliation::list(&h, list).await).names("FILTER_INVALID", &["filter"]);
    // What is wrong before a slip is told first.
    let refusal = refused(asked(&h, "lifecycle = ACTIV lifecycle").await);
    refusal.tells("offset", "12");
}

async fn a_value_that_asks_for_less_is_refused_and_told_what_to_write(h: Harness) {
    for (filter, offset, instead) in VALUES {
        let refusal = refused(asked(&h, filter).await).names("FILTER_INVALID", &["filter"]);
        let at = &refusal.metadata["offset"];
        assert_eq!(*at, offset.to_string(), "{filter}: {}", refusal.message);
        let told = refusal.message.contains(&format!("`{instead}`"));
        assert!(told, "{filter}: {}", refusal.message);
        for written in ["Germany", "Atlantis", "Franken", "acme", "ferrum"] {
            assert!(!refusal.message.contains(written), "{}", refusal.message);
        }
    }
    for filter in GOOD_VALUES {
        done(asked(&h, filter).await);
    }
}

async fn what_a_slip_is_told_to_write_is_taken(h: Harness) {
    for (filter, _, instead) in SLIPS.iter().chain(VALUES) {
        let instead = instead.replace("KEY", "tier").replace("...", "x");
        let instead = instead.replace("owner = \"x\"", "owner = \"colleagues/x\"");
        if !instead.contains("a = x") {
            done(asked(&h, &instead).await);
            let both = format!("display_name = \"x\" AND {instead}");
            assert!(done(asked(&h, &both).await).0.is_empty(), "{filter}");
        }
    }
}

async fn other_words_are_searched_for(h: Harness) {
    for (id, name) in [
        ("a", "Lifecycle IN EUR"),
        ("b", "is Tagsen"),
        ("c", "Ferrum like IBM"),
    ] {
        let spend = money("EUR", 200, 0);
        h.create_as(
            id,
            pb::Customer {
                annual_spend: spend,
                ..customer(name)
            },
        )
        .await;
    }
    for (filter, expected) in [
        ("\"lifecycle\"", "a"),
        ("\"IN\" \"EUR\"", "a"),
        ("tagsen", "b"),
        ("'is'", "b"),
        ("like", "c"),
        ("annual_spend > 100 AND IBM", "c"),
        ("annual_spend > 100 ferrum", "c"),
        ("annual_spend > 100 -like", "a b"),
        ("(tagsen OR like) NOT eur", "b c"),
        ("annual_spend > 900 OR (\"like\")", "c"),
        ("order like", ""),
        ("where", ""),
        ("IBM annual_spend > 100", "c"),
        ("EUR", "a"),
        ("annual_spend > 100 \"EUR\"", "a"),
        ("life", "a"),
        ("lifecycles", ""),
    ] {
        let found = h.names::<pb::Customer>(filter).await.join(" ");
        assert_eq!(found.replace("customers/", ""), expected, "{filter}");
    }
}

async fn create<R: Standard>(h: &Harness, record: R) -> Answer<R> {
    let create = Create {
        resource: Some(record),
        ..Default::default()
    };
    R::create(h, create).await
}

/// A persona with a filter in each place that can have one.
fn with_filters(match_filter: &str, of_statement: &str) -> pb::Persona {
    let statement = Statement {
        text: "x".to_owned(),
        filter: of_statement.to_owned(),
    };
    pb::Persona {
        match_filter: match_filter.to_owned(),
        statements: vec![statement],
        ..persona("Careful Carl")
    }
}

async fn a_new_filter_of_a_segment_or_persona_has_no_slip(h: Harness) {
    let (good, slip) = ("lifecycle = ACTIVE", "lifecycle ACTIVE");
    let refusal = refused(create(&h, segment("x", slip)).await);
    let refusal = refusal.names("FILTER_INVALID", &["segment.filter"]);
    assert!(
        refusal.message.contains("`lifecycle = ACTIVE`"),
        "{}",
        refusal.message
    );
    let unreadable = "lifecycle IN (ACTIVE, DORMANT)";
    let refusal = refused(create(&h, segment("x", unreadable)).await);
    refusal
        .names("FILTER_INVALID", &["segment.filter"])
        .tells("offset", "10");
    let refusal = refused(create(&h, with_filters(slip, slip)).await);
    let fields = ["persona.match_filter", "persona.statements[0].filter"];
    refusal.names("FILTER_INVALID", &fields);
    let of_contacts = pb::Persona {
        record_kind: RecordKind::Contact.into(),
        ..with_filters("family_name", "")
    };
    refused(create(&h, of_contacts).await).names("FILTER_INVALID", &["persona.match_filter"]);

    let made = h.create(segment("x", good)).await;
    assert_eq!(made.filter_warnings, []);
    let changed = pb::Segment {
        name: made.name,
        ..segment("x", slip)
    };
    let refusal = refused(h.try_update(changed, &["filter"]).await);
    refusal.names("FILTER_INVALID", &["segment.filter"]);
    let made = h.create(with_filters(good, good)).await;
    let changed = pb::Persona {
        name: made.name,
        ..with_filters(slip, good)
    };
    let refusal = refused(h.try_update(changed, &["match_filter"]).await);
    refusal.names("FILTER_INVALID", &["persona.match_filter"]);
}

fn warning(field: &str, part: &str, offset: i32) -> (Type, String, String, i32) {
    (
        Type::SearchedAsText,
        field.to_owned(),
        part.to_owned(),
        offset,
    )
}

fn told(warnings: &[FilterWarning]) -> Vec<(Type, String, String, i32)> {
    let told = |one: &FilterWarning| {
        assert!(!one.description.is_empty());
        (
            one.r#type(),
            one.field.clone(),
            one.restriction.clone(),
            one.offset,
        )
    };
    warnings.iter().map(told).collect()
}

async fn a_stored_slip_keeps_its_meaning_and_is_warned_of(h: Harness) {
    h.create_as("a", customer("The lifecycle of active firms"))
        .await;
    h.create_as("b", customer("Ferrum")).await;
    h.create_as("old", segment("Old", "display_name = \"x\""))
        .await;
    h.create_as(
        "old",
        with_filters("display_name = \"x\"", "display_name = \"x\""),
    )
    .await;
    execute(
        &h.url(),
        "update segments set filter = 'lifecycle ACTIVE';
         update personas set match_filter = 'lifecycle',
           statements = replace(statements, 'display_name = \\\"x\\\"', 'x IN tags');",
    )
    .await;
    let name = "segments/old";
    assert_eq!(h.members(name, 10).await, ["customers/a"]);
    assert_eq!(h.count(name).await.member_count, 1);
    assert!(h.is_member("customers/a", name).await && !h.is_member("customers/b", name).await);
    let of_segment = [warning("filter", "lifecycle", 0)];
    let found = h.get::<pb::Segment>(name).await;
    assert_eq!(told(&found.filter_warnings), of_segment);
    let list = done(pb::Segment::list(&h, List::default()).await).0;
    assert_eq!(told(&list[0].filter_warnings), of_segment);
    let persona = h.get::<pb::Persona>("personas/old").await;
    let of_persona = [
        warning("match_filter", "lifecycle", 0),
        warning("statements[0].filter", "IN", 2),
    ];
    assert_eq!(told(&persona.filter_warnings), of_persona);

    // Another field may change, and the filter be mended.
    let described = pb::Segment {
        description: "y".to_owned(),
        ..found
    };
    let described = h.update(described, &["description"]).await;
    assert_eq!(told(&described.filter_warnings), of_segment);
    let renamed = pb::Persona {
        headline: "y".to_owned(),
        ..persona
    };
    let renamed = h.update(renamed, &["headline"]).await;
    assert_eq!(told(&renamed.filter_warnings), of_persona);
    let mended = pb::Segment {
        name: name.to_owned(),
        ..segment("Old", "lifecycle = ACTIVE")
    };
    let mended = h.update(mended, &["filter"]).await;
    assert_eq!(mended.filter_warnings, []);
    assert_eq!(h.get::<pb::Segment>(name).await, mended);
}

/// A stored filter, which customer meets it, and where and of what it is warned.
const STORED: [(&str, &str, &[usize], Type); 10] = [
    (
        "lifecycle = ACTIVE OR DORMANT",
        "dormant",
        &[22],
        Type::SearchedAsText,
    ),
    (
        "kind = BUSINESS OR INDIVIDUAL OR BUSINESS",
        "",
        &[19, 33],
        Type::SearchedAsText,
    ),
    ("create_time > now()-7d", "", &[20], Type::SearchedAsText),
    (
        "annual_spend > 100 Euro",
        "euro",
        &[19],
        Type::SearchedAsText,
    ),
    ("annual_spend > 1.000", "euro", &[15], Type::AmbiguousNumber),
    ("display_name:\"Euro*\"", "", &[13], Type::LiteralStar),
    ("about = \"\"", "", &[8], Type::ImpossibleValue),
    ("about:\"\"", "euro", &[6], Type::ImpossibleValue),
    (
        "annual_spend.currency_code = \"eur\"",
        "",
        &[29],
        Type::ImpossibleValue,
    ),
    (
        "lifecycle = ACTIVE OR null",
        "",
        &[22],
        Type::SearchedAsText,
    ),
];

async fn what_was_stored_before_it_was_a_slip_is_evaluated_as_before(h: Harness) {
    h.create_as("dormant", customer("Dormant Arts")).await;
    let euro = pb::Customer {
        annual_spend: money("EUR", 200, 0),
        about: "x".to_owned(),
        ..customer("Euro Shop")
    };
    h.create_as("euro", euro).await;
    h.create_as("old", segment("Old", "display_name = \"x\""))
        .await;
    for (filter, member, offsets, kind) in STORED {
        let set = format!("update segments set filter = '{filter}'");
        execute(&h.url(), &set).await;
        let expected: Vec<String> = Some(member)
            .filter(|member| !member.is_empty())
            .map(|member| format!("customers/{member}"))
            .into_iter()
            .collect();
        assert_eq!(h.members("segments/old", 10).await, expected, "{filter}");
        for id in ["dormant", "euro"] {
            let is_member = h
                .is_member(&format!("customers/{id}"), "segments/old")
                .await;
            assert_eq!(is_member, id == member, "{filter} {id}");
        }
        let warned = h.get::<pb::Segment>("segments/old").await.filter_warnings;
        let at: Vec<usize> = warned
            .iter()
            .filter_map(|warning| usize::try_from(warning.offset).ok())
            .collect();
        assert_eq!(at, offsets, "{filter}");
        assert!(
            warned.iter().all(|warning| warning.r#type() == kind),
            "{filter}"
        );
    }
}

async fn preview(h: &Harness, filter: &str) -> pb::PreviewSegmentResponse {
    let request = pb::PreviewSegmentRequest {
        filter: filter.to_owned(),
        ..Default::default()
    };
    done(h.segments.clone().preview_segment(request).await)
}

async fn a_preview_warns_of_slips(h: Harness) {
    h.create(customer("Ferrum")).await;
    let shown = preview(&h, "NOT affiliations.primary AND \"x\" IN tags").await;
    assert_eq!(shown.member_count, 0);
    let expected = [
        warning("filter", "affiliations.primary", 4),
        warning("filter", "IN", 33),
    ];
    assert_eq!(told(&shown.filter_warnings), expected);
}

async fn a_preview_warns_of_what_tells_nobody_apart(h: Harness) {
    let filter = "display_name:* AND (about = \"x\" OR NOT needs:\"y\") AND annual_spend > 100 AND affiliations.job_title = \"CEO\"";
    assert_eq!(preview(&h, filter).await.filter_warnings, []);
    for (name, units) in [("a", 50), ("b", 200)] {
        let spend = money("EUR", units, 0);
        let firm = pb::Customer {
            about: "y".to_owned(),
            annual_spend: spend,
            ..customer(name)
        };
        let firm = h.create(firm).await;
        let person = h.create(contact(name)).await;
        h.create(affiliation(&person, &firm)).await;
    }
    let warned = preview(&h, filter).await.filter_warnings;
    let found: Vec<(Type, &str, i32, &str)> = warned
        .iter()
        .map(|one| {
            (
                one.r#type(),
                one.restriction.as_str(),
                one.offset,
                one.description.as_str(),
            )
        })
        .collect();
    let (nobody, everybody) = (Type::HoldsForNobody, Type::HoldsForEverybody);
    assert_eq!(
        found,
        [
            (everybody, "display_name:*", 0, "every customer meets this"),
            (nobody, "about = \"x\"", 20, "no customer meets this"),
            (nobody, "needs:\"y\"", 39, "no customer has the field set"),
            (
                nobody,
                "affiliations.job_title = \"CEO\"",
                77,
                "no customer has the field set"
            ),
        ]
    );
}

async fn a_preview_tells_what_stands_for_any_text(h: Harness) {
    h.create(customer("Ferrum")).await;
    let told = async |filter: &str| {
        let warnings = preview(&h, filter).await.filter_warnings;
        warnings.first().map(|one| one.description.clone())
    };
    for filter in ["display_name = \"Ferr%\"", "display_name = \"Ferr?m\""] {
        let told = told(filter).await.unwrap_or_default();
        assert!(told.contains("`*` at the start or the end"), "{told}");
    }
    let plain = told("display_name = \"Cuprum\"").await;
    assert_eq!(plain.as_deref(), Some("no customer meets this"));
    h.create(customer("100 % Bio")).await;
    assert_eq!(told("display_name = \"100 % Bio\"").await, None);
}
