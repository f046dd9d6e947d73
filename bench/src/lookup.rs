//! LookUp: how often it finds who is meant, and how long it takes beside one indexed select, on either engine.
//!
//! The names come from the folder that CLIENTELE_TEST_DATA names, the PostgreSQL server from CLIENTELE_POSTGRES_URL;
//! what is not there is said and left out.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clientele::clock::Clock;
use clientele::name::{Kind, Name};
use clientele::pb;
use clientele::pb::relationship_service_server::RelationshipService;
use clientele::service::relationship::Relationships;
use clientele::store::db::Db;
use clientele::store::open::{DatabaseUrl, migrate, open};
use clientele::store::resource::Resource;
use clientele::store::sql::Sql;
use clientele::store::{TenantScope, floor};
use tonic::Request;

use crate::corpus::{self, Random, Set};
use crate::people;

const SEED: u64 = 20_261_122;
/// Names asked for of each set.
const NAMES: usize = 1_000;
/// Look-ups that are timed, and as many selects.
const TIMED: usize = 3_000;
/// Records stored in one unit.
const AT_ONCE: usize = 500;

/// Runs on both engines. `n_customers` is the number of customers that the timing has; there are three times as many
/// contacts.
pub async fn run(n_customers: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let url = |name: &str| DatabaseUrl::Sqlite(folder.path().join(name));
    on_engine("SQLite", &url("names.db"), &url("people.db"), n_customers).await?;
    match std::env::var("CLIENTELE_POSTGRES_URL") {
        Ok(url) => {
            let url: DatabaseUrl = url.parse().map_err(anyhow::Error::msg)?;
            on_engine("PostgreSQL", &url, &url, n_customers).await
        }
        Err(_) => {
            println!("lookup, PostgreSQL: not run, CLIENTELE_POSTGRES_URL is not set");
            Ok(())
        }
    }
}

async fn on_engine(engine: &str, names: &DatabaseUrl, people: &DatabaseUrl, n_customers: usize) -> anyhow::Result<()> {
    match std::env::var_os("CLIENTELE_TEST_DATA").map(PathBuf::from) {
        Some(folder) => recall(engine, names, &folder).await?,
        None => println!("lookup, {engine}: recall not run, CLIENTELE_TEST_DATA is not set"),
    }
    speed(engine, people, n_customers).await
}

/// Asks for the names of all sets, each as it is and with a typo, among the records of all of them.
async fn recall(engine: &str, url: &DatabaseUrl, folder: &Path) -> anyhow::Result<()> {
    migrate(url).await?;
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
            "lookup, {engine}, {:<10}: first without a typo {:>5.1} % (bar 99), in the first three with one {:>5.1} % (bar 97)",
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

async fn recall_of(db: &Db, scope: &TenantScope, set: &Set, misses: &mut Vec<String>) -> anyhow::Result<(f64, f64)> {
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
        for (missed, text, results) in [(!is_first, name.text(None), results), (!is_in_three, text, typed)] {
            let found: Vec<String> = results.into_iter().take(4).map(|result| result.display_name).collect();
            misses.extend(missed.then(|| format!("{}: {text:?} for {:?}: {found:?}", set.title, name.name)));
        }
    }
    Ok((n_first as f64 / NAMES as f64, n_in_three as f64 / NAMES as f64))
}

async fn look_up(db: &Db, scope: &TenantScope, text: String) -> anyhow::Result<Vec<pb::LookUpResult>> {
    let mut request = Request::new(pb::LookUpRequest { text, ..Default::default() });
    request.extensions_mut().insert(scope.clone());
    Ok(Relationships { db: db.clone() }.look_up(request).await?.into_inner().results)
}

/// Returns the scope of a tenant of its own, which it makes.
async fn scope(db: &Db, tenant: &str) -> anyhow::Result<TenantScope> {
    floor::make_tenant(db, tenant).await?;
    Ok(TenantScope::new(tenant, "local"))
}

/// Stores records under new names, which it returns.
async fn store<R: Resource>(db: &Db, scope: &TenantScope, records: Vec<R>) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::with_capacity(records.len());
    let mut records = records.into_iter().peekable();
    while records.peek().is_some() {
        let mut page: Vec<R> = records.by_ref().take(AT_ONCE).collect();
        for record in &mut page {
            let name = Name::generate(R::KIND).to_string();
            record.header_mut().name.clone_from(&name);
            names.push(name);
        }
        floor::store_directly(db, scope, page).await?;
    }
    Ok(names)
}

/// Times look-ups and selects in turn.
async fn speed(engine: &str, url: &DatabaseUrl, n_customers: usize) -> anyhow::Result<()> {
    migrate(url).await?;
    let opened = open(url, Clock::System).await?;
    let (db, scope) = (&opened.db, scope(&opened.db, "people").await?);
    let mut random = Random(SEED);
    let mut asked = Vec::new();
    let started = Instant::now();
    for _ in 0..n_customers.div_ceil(AT_ONCE) {
        let customers: Vec<_> = (0..AT_ONCE).map(|_| people::customer(&mut random)).collect();
        let contacts: Vec<_> = (0..3 * AT_ONCE).map(|_| people::contact(&mut random)).collect();
        asked.extend(customers.iter().take(4).map(|customer| customer.display_name.clone()));
        asked.extend(contacts.iter().take(12).map(|contact| contact.display_name.clone()));
        let customers = store(db, &scope, customers).await?;
        let contacts = store(db, &scope, contacts).await?;
        let jobs = contacts.iter().zip(customers.iter().cycle()).map(|(contact, firm)| people::job(contact, firm));
        store(db, &scope, jobs.collect()).await?;
    }
    floor::analyze(db).await?;
    let rows = floor::word_rows(db, &scope).await?;
    let n_records = (4 * n_customers) as f64;
    println!(
        "lookup, {engine}: {n_customers} customers and {} contacts stored in {:.0} s; words {:.1} rows a record, word_keys {:.2}",
        3 * n_customers,
        started.elapsed().as_secs_f64(),
        rows.0 as f64 / n_records,
        rows.1 as f64 / n_records
    );
    let name = first_customer(db, &scope).await?;
    let (mut look_ups, mut selects) = (Vec::new(), Vec::new());
    for i in 0..TIMED + 200 {
        let text = people::text(&asked[random.below(asked.len())], &mut random);
        let started = Instant::now();
        look_up(db, &scope, text).await?;
        let took = started.elapsed();
        let started = Instant::now();
        select(db, &scope, &name).await?;
        // The first ones fill the caches of both.
        if i >= 200 {
            look_ups.push(took);
            selects.push(started.elapsed());
        }
    }
    report(engine, look_ups, selects);
    opened.db.close().await;
    Ok(())
}

fn report(engine: &str, mut look_ups: Vec<Duration>, mut selects: Vec<Duration>) {
    look_ups.sort();
    selects.sort();
    let micros = |list: &[Duration], of_100: usize| list[list.len() * of_100 / 100].as_secs_f64() * 1e6;
    println!(
        "lookup, {engine}: p50 {:.0} us, p99 {:.0} us; one indexed select p50 {:.0} us; p99 of look-ups is {:.1} selects (bar 25)",
        micros(&look_ups, 50),
        micros(&look_ups, 99),
        micros(&selects, 50),
        micros(&look_ups, 99) / micros(&selects, 50)
    );
}

async fn first_customer(db: &Db, scope: &TenantScope) -> anyhow::Result<String> {
    let sql = Sql::new("select name from customers where tenant_id = ").bind(scope.tenant());
    let rows = db.fetch(scope, sql.push(" order by name limit 1")).await?;
    Ok(rows.first().map_or_else(|| Ok(Kind::Customer.collection().to_owned()), |row| row.text(0))?)
}

async fn select(db: &Db, scope: &TenantScope, name: &str) -> anyhow::Result<String> {
    let sql = Sql::new("select display_name from customers where tenant_id = ").bind(scope.tenant());
    let rows = db.fetch(scope, sql.push(" and name = ").bind(name)).await?;
    Ok(rows.first().ok_or_else(|| anyhow::anyhow!("the customer is gone"))?.text(0)?)
}
