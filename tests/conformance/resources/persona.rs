//! Personas: their texts, their filters, and what is fixed.

use clientele::pb;
use clientele::pb::persona::{Demographics, RecordKind, Statement};
use prost_types::Duration;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{Answer, refused};
use crate::harness::builders::texts;
use crate::harness::records::persona;
use crate::harness::standard::{Create, Standard};

conformance! {
    a_persona_says_what_it_is_typical_of,
    texts_keep_their_limits,
    ages_spans_and_lists_keep_their_limits,
    statements_say_something_and_are_at_most_a_hundred,
    a_fault_in_a_filter_is_located,
    the_subject_decides_which_fields_filters_name,
    a_filter_is_checked_also_when_it_alone_changes,
    the_subject_cannot_change,
    personas_are_found_by_every_scalar_field,
}

async fn create(h: &Harness, persona: pb::Persona) -> Answer<pb::Persona> {
    pb::Persona::create(
        h,
        Create {
            resource: Some(persona),
            ..Default::default()
        },
    )
    .await
}

async fn a_persona_says_what_it_is_typical_of(h: Harness) {
    let bare = refused(create(&h, pb::Persona::default()).await);
    bare.names(
        "FIELD_INVALID",
        &["persona.record_kind", "persona.display_name"],
    );
    let empty = pb::Persona {
        demographics: Some(Demographics::default()),
        ..persona("Carla")
    };
    assert_eq!(h.create(empty).await.demographics, None);
}

/// A field, how it is set, and how many characters it holds.
type Text = (&'static str, fn(&mut pb::Persona, String), usize);

const TEXTS: [Text; 17] = [
    ("headline", |p, text| p.headline = text, 200),
    // The one that is bounded in bytes, of which the letter has two.
    ("story", |p, text| p.story = text, 32 * 1024),
    ("quote", |p, text| p.quote = text, 1000),
    ("picture_uri", |p, text| p.picture_uri = text, 2048),
    ("target", |p, text| p.target = text, 1000),
    ("behaviors[0]", |p, text| p.behaviors = vec![text], 1000),
    ("motivations[0]", |p, text| p.motivations = vec![text], 1000),
    ("emotions[0]", |p, text| p.emotions = vec![text], 1000),
    ("goals[0]", |p, text| p.goals = vec![text], 1000),
    (
        "frustrations[0]",
        |p, text| p.frustrations = vec![text],
        1000,
    ),
    (
        "expectations[0]",
        |p, text| p.expectations = vec![text],
        1000,
    ),
    (
        "key_attributes[0]",
        |p, text| p.key_attributes = vec![text],
        1000,
    ),
    (
        "statements[0].text",
        |p, text| {
            p.statements = vec![Statement {
                text,
                ..Default::default()
            }]
        },
        1000,
    ),
    (
        "demographics.genders[0]",
        |p, text| p.demographics.get_or_insert_default().genders = vec![text],
        200,
    ),
    (
        "demographics.locations[0]",
        |p, text| p.demographics.get_or_insert_default().locations = vec![text],
        200,
    ),
    (
        "demographics.occupations[0]",
        |p, text| p.demographics.get_or_insert_default().occupations = vec![text],
        200,
    ),
    (
        "demographics.education_levels[0]",
        |p, text| p.demographics.get_or_insert_default().education_levels = vec![text],
        200,
    ),
];

async fn texts_keep_their_limits(h: Harness) {
    for (field, set, most) in TEXTS {
        let mut input = persona("Carla");
        set(&mut input, "ä".repeat(most));
        h.create(input.clone()).await;
        set(&mut input, "ä".repeat(most + 1));
        refused(create(&h, input).await).names("FIELD_INVALID", &[&format!("persona.{field}")]);
    }
}

async fn ages_spans_and_lists_keep_their_limits(h: Harness) {
    let aged = |min_age, max_age| pb::Persona {
        demographics: Some(Demographics {
            min_age,
            max_age,
            ..Default::default()
        }),
        ..persona("Carla")
    };
    for (min, max) in [
        (Some(0), Some(0)),
        (Some(150), None),
        (None, Some(150)),
        (Some(30), Some(30)),
    ] {
        let created = h.create(aged(min, max)).await;
        assert_eq!(
            h.get::<pb::Persona>(&created.name).await.demographics,
            aged(min, max).demographics
        );
    }
    let [min_age, max_age] = [
        "persona.demographics.min_age",
        "persona.demographics.max_age",
    ];
    refused(create(&h, aged(Some(-1), Some(151))).await)
        .names("FIELD_INVALID", &[min_age, max_age]);
    refused(create(&h, aged(Some(31), Some(30))).await).names("FIELD_INVALID", &[max_age]);
    let due = |seconds| pb::Persona {
        review_interval: Some(Duration { seconds, nanos: 0 }),
        ..persona("Carla")
    };
    h.create(due(315_576_000)).await;
    for seconds in [0, -1, 315_576_001] {
        refused(create(&h, due(seconds)).await)
            .names("FIELD_INVALID", &["persona.review_interval"]);
    }
    let unknown = pb::Persona {
        preferred_channels: vec![1, 99],
        ..persona("Carla")
    };
    refused(create(&h, unknown).await).names("FIELD_INVALID", &["persona.preferred_channels[1]"]);
    let many = pb::Persona {
        goals: texts(&["x"; 101]),
        ..persona("Carla")
    };
    refused(create(&h, many).await).names("FIELD_INVALID", &["persona.goals"]);
}

async fn statements_say_something_and_are_at_most_a_hundred(h: Harness) {
    let stating = |text: &str, n: usize| {
        let statement = Statement {
            text: text.to_owned(),
            filter: "kind = BUSINESS".to_owned(),
        };
        pb::Persona {
            statements: vec![statement; n],
            ..persona("Carla")
        }
    };
    assert_eq!(h.create(stating("x", 100)).await.statements.len(), 100);
    refused(create(&h, stating("x", 101)).await).names("FIELD_INVALID", &["persona.statements"]);
    for blank in ["", " \n"] {
        refused(create(&h, stating(blank, 1)).await)
            .names("FIELD_INVALID", &["persona.statements[0].text"]);
    }
}

async fn a_fault_in_a_filter_is_located(h: Harness) {
    let matching = |filter: &str| pb::Persona {
        match_filter: filter.to_owned(),
        ..persona("Carla")
    };
    let stating = |filter: &str| {
        let statement = |filter: &str| Statement {
            text: "x".to_owned(),
            filter: filter.to_owned(),
        };
        pb::Persona {
            statements: vec![statement("kind = BUSINESS"), statement(filter)],
            ..persona("Carla")
        }
    };
    for (filter, offset) in [
        ("kind = BUSINESS AND nothing = 1", "20"),
        ("kind = STEEL", "7"),
        ("kind = BUSINESS OR kind = INDIVIDUA", "26"),
        ("customer_since_time = \"yesterday\"", "22"),
        ("buying_roles = \"x\"", "0"),
    ] {
        let refusal = refused(create(&h, matching(filter)).await).tells("offset", offset);
        refusal.names("FILTER_INVALID", &["persona.match_filter"]);
        let refusal = refused(create(&h, stating(filter)).await).tells("offset", offset);
        refusal.names("FILTER_INVALID", &["persona.statements[1].filter"]);
    }
    let long = format!("{}kind = BUSINESS", " ".repeat(4096));
    refused(create(&h, matching(&long)).await).names("FILTER_INVALID", &["persona.match_filter"]);
    // Beside another fault it is one of several.
    let both = pb::Persona {
        display_name: String::new(),
        ..matching("nothing = 1")
    };
    let refusal = refused(create(&h, both).await).is(Code::InvalidArgument, "FIELD_INVALID");
    assert_eq!(refusal.violations.len(), 2, "{refusal:?}");
}

async fn the_subject_decides_which_fields_filters_name(h: Harness) {
    let of = |record_kind: RecordKind, filter: &str| pb::Persona {
        record_kind: record_kind.into(),
        match_filter: filter.to_owned(),
        ..persona("Carla")
    };
    let (of_customer, of_contact) = ("business.industry = \"steel\"", "family_name = \"Lind\"");
    h.create(of(RecordKind::Customer, of_customer)).await;
    h.create(of(RecordKind::Contact, of_contact)).await;
    for (record_kind, filter) in [
        (RecordKind::Customer, of_contact),
        (RecordKind::Contact, of_customer),
    ] {
        let refusal = refused(create(&h, of(record_kind, filter)).await).tells("offset", "0");
        refusal.names("FILTER_INVALID", &["persona.match_filter"]);
    }
}

async fn a_filter_is_checked_also_when_it_alone_changes(h: Harness) {
    let carla = h.create(persona("Carla")).await;
    let changed = |filter: &str| pb::Persona {
        match_filter: filter.to_owned(),
        ..carla.clone()
    };
    for filter in ["family_name = \"Lind\"", "kind ="] {
        for paths in [&["match_filter"][..], &["*"], &[]] {
            let refusal = refused(h.try_update(changed(filter), paths).await);
            refusal.names("FILTER_INVALID", &["persona.match_filter"]);
        }
    }
    h.update(changed("kind = BUSINESS"), &["match_filter"])
        .await;
    let unknown = pb::Persona {
        name: pb::Persona::unknown(),
        ..changed("kind = BUSINESS")
    };
    refused(h.try_update(unknown, &["match_filter"]).await)
        .is(Code::NotFound, "RESOURCE_NOT_FOUND");
}

async fn the_subject_cannot_change(h: Harness) {
    let carla = h.create(persona("Carla")).await;
    let turned = pb::Persona {
        record_kind: RecordKind::Contact.into(),
        ..carla
    };
    for paths in [&["record_kind"][..], &["*"]] {
        refused(h.try_update(turned.clone(), paths).await)
            .names("FIELD_INVALID", &["persona.record_kind"]);
    }
}

async fn personas_are_found_by_every_scalar_field(h: Harness) {
    h.create(persona("Somebody else")).await;
    let full = pb::Persona::full_input(&h).await;
    let full = h.create(full).await;
    for filter in [
        "record_kind = CUSTOMER AND headline = \"Decides late, and with numbers\"",
        "quote = \"Show me the second source.\" AND target = \"plants of 200 to 500 people\"",
        "picture_uri = \"https://example.com/carla.png\"",
        "demographics.min_age = 0 AND demographics.max_age = 150",
        "match_filter = \"kind = BUSINESS AND business.industry = \\\"steel\\\"\"",
        "last_review_time = \"2023-11-14T22:13:20Z\"",
        "external_ids.wiki = \"carla\"",
    ] {
        assert_eq!(
            h.names::<pb::Persona>(filter).await,
            [full.name.as_str()],
            "{filter}"
        );
    }
    for filter in [
        "goals = \"x\"",
        "demographics = 1",
        "demographics.genders = \"woman\"",
    ] {
        let list = crate::harness::standard::List {
            filter: filter.to_owned(),
            ..Default::default()
        };
        refused(pb::Persona::list(&h, list).await).names("FILTER_INVALID", &["filter"]);
    }
}
