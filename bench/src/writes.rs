//! Writes on SQLite: 64 callers through the door, against the same units run by one task in one transaction.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clientele::store::bench_floor;
use clientele::store::scope::TenantScope;
use clientele::store::write::create::create;

use crate::{customer, store};

const CALLERS: usize = 64;
const UNITS: usize = 20_000;
const SYNCED_UNITS: usize = 500;
const ROUNDS: usize = 5;

/// Runs both sides in turn and prints the median of the ratios.
pub async fn run() -> anyhow::Result<()> {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let floor = one_transaction().await?;
        let (door, units_a_sync) = callers(CALLERS, UNITS).await?;
        let (synced, _) = callers(1, SYNCED_UNITS).await?;
        println!(
            "writes: {door:>6.0}/s by {CALLERS} callers, {floor:>6.0}/s in one transaction, ratio {:.2}; \
             {units_a_sync:.1} units a sync; {synced:.0}/s by one caller with a sync each, ratio {:.1}",
            door / floor,
            door / synced
        );
        rounds.push(door / floor);
    }
    rounds.sort_by(f64::total_cmp);
    println!("writes: median ratio {:.2} (bar 0.9)", rounds[ROUNDS / 2]);
    Ok(())
}

async fn one_transaction() -> anyhow::Result<f64> {
    let folder = tempfile::tempdir()?;
    let opened = store(folder.path()).await?;
    let path = folder.path().join("bench.db");
    let started = Instant::now();
    bench_floor::run_in_one_transaction(
        &path,
        (0..UNITS).map(|i| move |tx| create(tx, customer(i))),
    )
    .await?;
    let rate = rate(UNITS, started);
    opened.db.close().await;
    Ok(rate)
}

/// Returns units a second, and units a sync.
async fn callers(n_callers: usize, n_units: usize) -> anyhow::Result<(f64, f64)> {
    let folder = tempfile::tempdir()?;
    let opened = store(folder.path()).await?;
    let before = opened.db.statistics().await?.shared_commits;
    let next = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let tasks: Vec<_> = (0..n_callers)
        .map(|_| {
            let (db, next) = (opened.db.clone(), Arc::clone(&next));
            tokio::spawn(async move {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    if i >= n_units {
                        return Ok::<(), clientele::error::Error>(());
                    }
                    let deadline = Instant::now() + Duration::from_secs(60);
                    db.write(&TenantScope::local(), deadline, Vec::new(), move |tx| {
                        create(tx, customer(i))
                    })
                    .await?;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    let rate = rate(n_units, started);
    let commits = opened.db.statistics().await?.shared_commits - before;
    opened.db.close().await;
    Ok((rate, n_units as f64 / commits as f64))
}

fn rate(n_units: usize, started: Instant) -> f64 {
    n_units as f64 / started.elapsed().as_secs_f64()
}
