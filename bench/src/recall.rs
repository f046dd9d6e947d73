//! LookUp: how often it finds who is meant, on either engine. How long it takes is in `questions`.
//!
//! The names come from a folder that is given or that CLIENTELE_TEST_DATA names, and are read in place; the PostgreSQL
//! server comes from CLIENTELE_POSTGRES_URL. What is not there is said and left out.

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
/// The letters typed of a firm.
const BEGINNING: usize = 4;
/// Records stored in one unit.
const AT_ONCE: usize = 500;

/// Runs on both engines, with the data of a folder, or else of CLIENTELE_TEST_DATA.
pub async fn run(data: Option<PathBuf>) -> anyhow::Result<()> {
    let data = data.or_else(|| std::env::var_os("CLIENTELE_TEST_DATA").map(PathBuf::from));
    let Some(data) = data else {
        println!("recall: not run, CLIENTELE_TEST_DATA is not set and no folder is given");
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
    typed(engine, &opened.db, folder, &mut misses).await?;
    if std::env::var_os("CLIENTELE_BENCH_MISSES").is_some() {
        misses.iter().for_each(|miss| println!("  {miss}"));
    }
    opened.db.close().await;
    Ok(())
}

/// Asks for every name of each set among those of the set alone: for a firm by its first letters, for a person by the
/// initial and the family name.
async fn typed(
    engine: &str,
    db: &Db,
    folder: &Path,
    misses: &mut Vec<String>,
) -> anyhow::Result<()> {
    for (i, mut set) in corpus::read_typed(folder).into_iter().enumerate() {
        let scope = scope(db, &format!("typed-{i}")).await?;
        let is_firms = set.contacts.is_empty();
        store(db, &scope, std::mem::take(&mut set.customers)).await?;
        store(db, &scope, std::mem::take(&mut set.contacts)).await?;
        let (mut n_asked, mut n_found) = (0, 0);
        for name in &set.names {
            let (text, within) = if is_firms {
                (name.beginning(BEGINNING).to_owned(), 10)
            } else {
                let Some(text) = name.initial() else { continue };
                (text, 3)
            };
            let results = look_up(db, &scope, text.clone()).await?;
            let mut shown = results.iter().take(within);
            n_asked += 1;
            if shown.any(|result| name.is(&result.display_name)) {
                n_found += 1;
            } else {
                misses.push(format!("{}: {text:?} for {:?}", set.title, name.name));
            }
        }
        let share = f64::from(n_found) / f64::from(n_asked.max(1)) * 100.0;
        let (what, bar) = match (is_firms, set.title) {
            (true, "S&P 500") => ("among ten by its first four letters", 97),
            (true, _) => ("among ten by its first four letters", 95),
            _ => ("in the first three by initial and family name", 97),
        };
        println!(
            "recall, {engine}, {:<11}: {what} {share:>5.1} % of {n_asked} (bar {bar})",
            set.title
        );
    }
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
