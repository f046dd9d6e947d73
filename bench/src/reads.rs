//! Reads on SQLite: how many statements a list takes, and how many of them are prepared once and used again.

use std::time::{Duration, Instant};

use clientele::page::Order;
use clientele::pb;
use clientele::store::read::records::{self, Page};
use clientele::store::scope::TenantScope;
use clientele::store::write::create::create;

use crate::{customer, store};

const CUSTOMERS: usize = 2_000;
const PAGE: usize = 1_000;
const LISTS: u64 = 50;

/// Lists pages of 1,000 customers and prints what that took.
pub async fn run() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let opened = store(folder.path()).await?;
    let (db, scope) = (&opened.db, TenantScope::local());
    for i in 0..CUSTOMERS {
        let deadline = Instant::now() + Duration::from_secs(60);
        db.write(&scope, deadline, Vec::new(), move |tx| {
            create(tx, customer(i))
        })
        .await?;
    }
    let order = Order {
        keys: vec!["display_name", "name"],
        descending: false,
    };
    let before = db.statistics().await?;
    let started = Instant::now();
    for _ in 0..LISTS {
        let now = clientele::clock::Clock::System.now();
        let page = Page {
            size: PAGE,
            order: &order,
            after: Vec::new(),
            filter: None,
            show_deleted: false,
            now,
        };
        let listed = records::list::<pb::Customer>(db, &scope, page).await?;
        anyhow::ensure!(
            listed.answer.len() == PAGE + 1,
            "a page of {} customers",
            listed.answer.len()
        );
    }
    let took = started.elapsed();
    let after = db.statistics().await?;
    println!(
        "lists: {LISTS} pages of {PAGE} customers in {} statements, {:.1} ms a page; {} statements prepared on a connection",
        after.statements - before.statements,
        took.as_secs_f64() * 1000.0 / LISTS as f64,
        after.prepared
    );
    opened.db.close().await;
    Ok(())
}
