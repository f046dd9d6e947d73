//! LookUp: how often it finds who is meant, on either engine. How long it takes is in `questions`.
//!
//! The names come from the folder that CLIENTELE_TEST_DATA names, the PostgreSQL server from CLIENTELE_POSTGRES_URL;
//! what is not there is said and left out.

use std::path::{Path, PathBuf};

use clientele::clock::Clock;
use clientele::name::Name;
use clientele::pb;
use clientele::pb::relationship_service_server::RelationshipService;
use clientele::service::relationship::Relationships;
use clientele::store::bench_floor;
use clientele::store::engine::db::Db;
use clientele::store::engine::open::DatabaseUrl;
use clientele::store::migrate;
use clientele::store::open;
use clientele::store::record::resource::Resource;
use clientele::store::scope::TenantScope;
use tonic::Request;

use crate::corpus::{self, Random, Set};

const SEED: u64 = 20_261_122;
/// Names asked for of each set.
const NAMES: usize = 1_000;
/// Records stored in one unit.
const AT_ONCE: usize = 500;

/// Runs on both engines.
pub async fn run() -> anyhow::Result<()> {
    let Some(data) = std::env::var_os("CLIENTELE_TEST_DATA").map(PathBuf::from) else {
        println!("recall: not run, CLIENTELE_TEST_DATA is not set");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    recall(
        "SQLite",
        &DatabaseUrl::Sqlite(folder.path().join("names.db")),
        &data,
    )
    .await?;
    match std::env::var("CLIENTELE_POSTGRES_URL") {
        Ok(url) => {
            recall(
                "PostgreSQL",
                &url.parse().map_err(anyhow::Error::msg)?,
                &data,
            )
            .await
        }
        Err(_) => {
            println!("recall, PostgreSQL: not run, CLIENTELE_POSTGRES_URL is not set");
            Ok(())
        }
    }
}

/// Asks for the names of all sets, each as it is and with a typo, among the records of all of them.
async fn recall(engine: &str, url: &DatabaseUrl, folder: &Path) -> anyhow::Result<()> {
    migrate(url, &mut |_| {}).await?;
    let opened = open(url, Clock::System).await?;
    let scope = scope(&opened.db, "names").await?;
    let mut sets = corpus::read(folder);
    for set in &mut sets {
        store(&opened.db, &scope, std::mem::take(&mut set.customers)).await?;
        store(&opened.db, &scope, std::mem::take(&mut set.contacts)).await?;
    }
    let mut misses = Vec::new();
    for set in &sets {
        let (first, in_three) = recall_of(&opened.db, &scope, set, &mut misses).await?;
        println!(
            "recall, {engine}, {:<10}: first without a typo {:>5.1} % (bar 99), in the first three with one {:>5.1} % (bar 97)",
            set.title,
            first * 100.0,
            in_three * 100.0
        );
    }
    if std::env::var_os("CLIENTELE_BENCH_MISSES").is_some() {
        misses.iter().for_each(|miss| println!("  {miss}"));
    }
    opened.db.close().await;
    Ok(())
}

async fn recall_of(
    db: &Db,
    scope: &TenantScope,
    set: &Set,
    misses: &mut Vec<String>,
) -> anyhow::Result<(f64, f64)> {
    let mut random = Random(SEED);
    let (mut n_first, mut n_in_three) = (0, 0);
    for _ in 0..NAMES {
        let name = &set.names[random.below(set.names.len())];
        let results = look_up(db, scope, name.text(None)).await?;
        let is_right = |result: &pb::LookUpResult| name.is(&result.display_name);
        let is_first = results.first().is_some_and(is_right);
        let text = name.text(Some(&mut random));
        let typed = look_up(db, scope, text.clone()).await?;
        let is_in_three = typed.iter().take(3).any(is_right);
        n_first += usize::from(is_first);
        n_in_three += usize::from(is_in_three);
        for (missed, text, results) in [
            (!is_first, name.text(None), results),
            (!is_in_three, text, typed),
        ] {
            let found: Vec<String> = results
                .into_iter()
                .take(4)
                .map(|result| result.display_name)
                .collect();
            misses.extend(
                missed.then(|| format!("{}: {text:?} for {:?}: {found:?}", set.title, name.name)),
            );
        }
    }
    Ok((
        n_first as f64 / NAMES as f64,
        n_in_three as f64 / NAMES as f64,
    ))
}

async fn look_up(
    db: &Db,
    scope: &TenantScope,
    text: String,
) -> anyhow::Result<Vec<pb::LookUpResult>> {
    let mut request = Request::new(pb::LookUpRequest {
        text,
        ..Default::default()
    });
    request.extensions_mut().insert(scope.clone());
    Ok(Relationships { db: db.clone() }
        .look_up(request)
        .await?
        .into_inner()
        .results)
}

/// Returns the scope of a tenant of its own, which it makes.
async fn scope(db: &Db, tenant: &str) -> anyhow::Result<TenantScope> {
    bench_floor::make_tenant(db, tenant).await?;
    Ok(TenantScope::new(tenant, "local"))
}

/// Stores records under new names.
async fn store<R: Resource>(
    db: &Db,
    scope: &TenantScope,
    mut records: Vec<R>,
) -> anyhow::Result<()> {
    for page in records.chunks_mut(AT_ONCE) {
        for record in page.iter_mut() {
            *record.header_mut().name = Name::generate(R::KIND).to_string();
        }
        bench_floor::store_directly(db, scope, page.to_vec()).await?;
    }
    Ok(())
}
