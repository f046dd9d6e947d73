//! The store's figures as metrics, and those of the spans.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::timeout;

use crate::server::admin::StoreFamilies;
use crate::server::exposition::MetricFamily;
use crate::store::engine::db::Db;
use crate::store::engine::usage::Usage;
use crate::store::read::tenant;
use crate::store::scope::TenantScope;

/// Returns what asks the store for its figures, and shows how many spans were dropped.
pub(crate) fn families_of(db: Db, spans_dropped: Arc<AtomicU64>) -> StoreFamilies {
    Arc::new(move || {
        let (db, spans_dropped) = (db.clone(), Arc::clone(&spans_dropped));
        async move {
            let usage = db.usage();
            let mut families = of_work(&usage);
            families.extend(of_queues(&usage));
            families.extend(of_tenants(&db).await);
            let dropped = spans_dropped.load(Ordering::Relaxed);
            families.push(
                MetricFamily::counter(
                    "clientele_spans_dropped_total",
                    "Spans that the collector did not take.",
                )
                .with(&[], dropped),
            );
            families
        }
        .boxed()
    })
}

fn of_work(usage: &Usage) -> Vec<MetricFamily> {
    let counters = [
        (
            "clientele_store_hand_overs_total",
            "Trips to the database driver.",
            usage.hand_overs,
        ),
        (
            "clientele_store_statements_total",
            "Statements that were run.",
            usage.statements,
        ),
        (
            "clientele_store_reads_total",
            "Statements outside units of work.",
            usage.reads,
        ),
        (
            "clientele_store_reads_stopped_total",
            "Reads that were stopped because nobody waited for them any more.",
            usage.stopped_reads,
        ),
        (
            "clientele_store_units_total",
            "Units of work that wrote, and are on disk.",
            usage.units,
        ),
        (
            "clientele_store_commits_total",
            "Transactions that wrote. On SQLite, units share them, and each has one sync.",
            usage.commits,
        ),
    ];
    counters
        .into_iter()
        .map(|(name, help, value)| MetricFamily::counter(name, help).with(&[], value))
        .collect()
}

fn of_queues(usage: &Usage) -> Vec<MetricFamily> {
    let connections = MetricFamily::gauge(
        "clientele_store_readers",
        "Connections that read, by the cost of what they are for.",
    );
    let busy = MetricFamily::gauge("clientele_store_readers_busy", "Those that read now.");
    let waiting = MetricFamily::gauge(
        "clientele_store_reads_waiting",
        "Reads that wait for a connection.",
    );
    let lanes = [("cheap", usage.cheap), ("dear", usage.dear)];
    let each = |family: MetricFamily, of: fn(&_) -> usize| {
        lanes.iter().fold(family, |family, (cost, lane)| {
            family.with(&[("cost", cost)], of(lane))
        })
    };
    vec![
        each(connections, |lane| lane.connections),
        each(busy, |lane| lane.busy),
        each(waiting, |lane| lane.waiting),
        MetricFamily::gauge("clientele_store_writes", "Units of work that run or wait.")
            .with(&[], usage.writes),
        MetricFamily::gauge(
            "clientele_store_writes_limit",
            "The most of them; writes beyond it are refused with OVERLOADED.",
        )
        .with(&[], usage.max_writes),
    ]
}

/// How long the store may take: whoever reads the page waits for it.
const WITHIN: Duration = Duration::from_secs(1);

/// Asks the store; without samples if it does not answer.
async fn of_tenants(db: &Db) -> Vec<MetricFamily> {
    let scope = TenantScope::local();
    let heads = timeout(WITHIN, db.fetch(&scope, tenant::heads())).await;
    let tenants = MetricFamily::gauge("clientele_tenants", "Tenants that have a row.");
    let revisions = MetricFamily::counter(
        "clientele_store_revisions_total",
        "The revisions of all tenants together: how many changes there have been.",
    );
    match heads {
        Ok(Ok(heads)) => vec![
            tenants.with(&[], heads.n_tenants),
            revisions.with(&[], heads.sum_of_revisions),
        ],
        _ => vec![tenants, revisions],
    }
}
