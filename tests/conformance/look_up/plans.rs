//! What a look-up costs: a bounded number of statements, each of which finds its rows by an index that begins with the
//! tenant.

use clientele::clock;
use clientele::look_up::query::TextQuery;
use clientele::name::Kind;
use clientele::pb;
use clientele::store::read::look_up::{details_sql, find_sql, hits_sql, texts_sql};
use clientele::store::scope::TenantScope;
use clientele::store::sql::statement::{global, scoped};

use super::look_up;
use crate::harness::Harness;
use crate::harness::builders::{contact, customer, email, texts};
use crate::harness::engine::Engine;
use crate::harness::plan::{is_within_tenant, plan, seeks};
use crate::harness::records::conversation;

conformance! {
    no_statement_reads_more_than_it_asks_for,
    what_begins_so_is_a_range,
    a_look_up_takes_at_most_four_statements,
}

const KINDS: [Kind; 2] = [Kind::Customer, Kind::Contact];

/// A word alone, an address with its domain, phone numbers, a host in another spelling, and an external id with its system.
const TEXTS: [&str; 6] = [
    "ferrum stahl",
    "mara@ferrum.example",
    "+43 732 7070",
    "0732 7070",
    "eisenwerk-süd.example",
    "sap:4711",
];

async fn no_statement_reads_more_than_it_asks_for(h: Harness) {
    let scope = TenantScope::local();
    let today = clock::date_of(h.db().clock().now());
    let names = texts(&["customers/a", "contacts/b"]);
    let entries = || texts(&["ferrum", "ferrum stahl"]);
    fill(&h).await;
    for text in TEXTS {
        for kinds in [&KINDS[..], &KINDS[..1], &KINDS[1..]] {
            let query = TextQuery::new(text, Some("AT"), None);
            let plan = plan(&h, find_sql(&scope, &query, kinds, 20)).await;
            seeks(h.engine, text, &plan);
            // Digits must be right, so nothing is near them.
            let spellings = (!query.keys().is_empty()).then_some("word_keys");
            for index in spellings.into_iter().chain(["keys_by_external_id"]) {
                assert!(
                    plan.iter().any(|step| step.contains(index)),
                    "{text}: {index}\n{}",
                    plan.join("\n")
                );
            }
        }
    }
    let (contacts, talks) = (texts(&["contacts/b"]), texts(&["conversations/c"]));
    let details = details_sql(&scope, contacts, talks, &today).unwrap();
    let hits = |kinds| hits_sql(&scope, entries(), texts(&["ferrum st"]), kinds, 20);
    let others = [
        ("hits", "words", hits(&KINDS)),
        ("hits of a kind", "words", hits(&KINDS[..1])),
        ("texts", "customers", texts_sql(&scope, &names)),
        ("details", "affiliations_by_contact", details),
    ];
    for (title, index, statement) in others {
        let plan = plan(&h, statement).await;
        // Of empty tables PostgreSQL takes any index of the tenant.
        if h.engine == Engine::Postgres {
            is_within_tenant(h.engine, title, &plan);
            continue;
        }
        seeks(h.engine, title, &plan);
        assert!(
            plan.iter().any(|step| step.contains(index)),
            "{title}: {index}\n{}",
            plan.join("\n")
        );
    }
}

/// What begins with a text is a range of an index that is in the order of bytes.
async fn what_begins_so_is_a_range(h: Harness) {
    let scope = TenantScope::local();
    fill(&h).await;
    let completed = find_sql(&scope, &TextQuery::new("ferr", None, None), &KINDS, 20);
    let begun = hits_sql(&scope, Vec::new(), texts(&["ferrum st"]), &KINDS, 20);
    for (title, statement) in [("completions", completed), ("beginnings", begun)] {
        let plan = plan(&h, statement).await;
        is_within_tenant(h.engine, title, &plan);
        let is_range = |step: &String| {
            let step = step.replace(' ', "");
            step.contains("word>") && step.contains("word<")
        };
        assert!(plan.iter().any(is_range), "{title}:\n{}", plan.join("\n"));
        assert!(
            !plan
                .iter()
                .any(|step| step.contains("SCAN words") || step.contains("Seq Scan on words")),
            "{title}:\n{}",
            plan.join("\n")
        );
    }
}

/// Gives the planner of PostgreSQL a tenant with many external ids: of few it reads all. SQLite plans without counts.
async fn fill(h: &Harness) {
    if h.engine == Engine::Postgres {
        let many = scoped!(
            TenantScope::local(),
            "insert into keys (tenant_id, kind, field, key, value, name)
             select :tenant, kind, 'external_ids', 'sap', cast(i as text), kind || '/' || cast(i as text)
             from generate_series(1, 5000) i, (values ('customers'), ('contacts')) kinds (kind)",
        );
        let words = scoped!(
            TenantScope::local(),
            "insert into words (tenant_id, word, size, name)
             select :tenant, 'word' || cast(i as text), 2, 'customers/' || cast(i as text)
             from generate_series(1, 5000) i",
        );
        for statement in [many.done(), words.done(), global!("analyze").done()] {
            h.db()
                .fetch(&TenantScope::local(), statement)
                .await
                .unwrap();
        }
    }
}

async fn a_look_up_takes_at_most_four_statements(h: Harness) {
    let reads = async || h.db().statistics().await.unwrap().reads;
    for i in 0..30 {
        let firm = h
            .create(customer(&format!("Ferrum Stahl Handel {i}")))
            .await;
        h.create(conversation(&firm, i)).await;
        let emails = vec![email(&format!("mara{i}@ferrum.example"))];
        h.create(pb::Contact {
            emails,
            ..contact(&format!("Mara Ferrum {i}"))
        })
        .await;
        for (text, n_expected) in [
            ("ferrum", 4),
            ("frrum sthal hndel", 4),
            ("a ferum stahll hande mra frerum lind linz", 4),
            ("mara0@ferrum.example", 4),
            // Nobody has the word, and nobody has the two that it may be with its blank missing.
            ("xyzzy", 2),
        ] {
            let before = reads().await;
            look_up(&h, text).await;
            assert_eq!(reads().await - before, n_expected, "{text} among {i}");
        }
    }
    // A customer without a talk has no details.
    h.create(customer("Cuprum")).await;
    let before = reads().await;
    look_up(&h, "cuprum").await;
    assert_eq!(reads().await - before, 3);
}
