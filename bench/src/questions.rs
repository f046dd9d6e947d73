//! The questions on a small and on a large tenant of one database, in turns, on either engine: what grows with the
//! number of customers, and what each costs beside one indexed select.
//!
//! The PostgreSQL server comes from CLIENTELE_POSTGRES_URL; without one that is said, and left out.

use std::time::{Duration, Instant};

use clientele::clock::Clock;
use clientele::name::Name;
use clientele::pb;
use clientele::pb::affiliation::{BuyingRole, BuyingRoleClaim, Evidence};
use clientele::pb::customer::{Business, Lifecycle};
use clientele::pb::customer_service_server::CustomerService;
use clientele::pb::relationship_service_server::RelationshipService;
use clientele::service::relationship::Relationships;
use clientele::service::resources::customer::Customers;
use clientele::store::bench_floor;
use clientele::store::engine::db::Db;
use clientele::store::engine::open::DatabaseUrl;
use clientele::store::migrate;
use clientele::store::open;
use clientele::store::record::resource::Resource;
use clientele::store::scope::TenantScope;
use clientele::store::sql::statement::scoped;
use tonic::Request;

use crate::corpus::Random;
use crate::people;

const SEED: u64 = 20_261_123;
/// Customers stored in one unit, each with three contacts and their affiliations.
const AT_ONCE: usize = 200;
const CONTACTS: usize = 3;
/// How often each question is asked of each tenant.
const TIMED: usize = 300;
/// Pages that are listed have this many customers.
const PAGE: i32 = 50;
/// Texts that are looked up, one at a time.
const LOOK_UPS: usize = 3_000;
const FILTERS: [&str; 5] = [
    "owner = \"colleagues/c7\"",
    "lifecycle = DORMANT",
    "business.industry = \"industry 7\"",
    "labels.tier = \"gold\"",
    "external_ids.crm = \"17\"",
];

/// Runs on both engines, on tenants of `n_customers` and of a tenth of that.
pub async fn run(n_customers: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    on_engine(
        "SQLite",
        &DatabaseUrl::Sqlite(folder.path().join("questions.db")),
        n_customers,
    )
    .await?;
    match std::env::var("CLIENTELE_POSTGRES_URL") {
        Ok(url) => {
            on_engine(
                "PostgreSQL",
                &url.parse().map_err(anyhow::Error::msg)?,
                n_customers,
            )
            .await
        }
        Err(_) => {
            println!("questions, PostgreSQL: not run, CLIENTELE_POSTGRES_URL is not set");
            Ok(())
        }
    }
}

/// Looks texts up on SQLite, in a tenant of `n_customers`.
pub async fn look_up(n_customers: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let url = DatabaseUrl::Sqlite(folder.path().join("questions.db"));
    migrate(&url, &mut |_| {}).await?;
    let opened = open(&url, Clock::System).await?;
    let tenant = tenant("SQLite", &opened.db, "large", n_customers).await?;
    bench_floor::analyze(&opened.db).await?;
    look_ups("SQLite", &tenant).await?;
    opened.db.close().await;
    Ok(())
}

/// Makes a tenant with customers and their people.
async fn tenant(engine: &str, db: &Db, title: &str, n: usize) -> anyhow::Result<Tenant> {
    let scope = TenantScope::new(title, "local");
    bench_floor::make_tenant(db, title).await?;
    let started = Instant::now();
    let (names, asked) = fill(db, &scope, n, CONTACTS).await?;
    let took = started.elapsed().as_secs_f64();
    println!(
        "questions, {engine}: {n} customers and {} contacts stored in {took:.0} s",
        CONTACTS * n
    );
    Ok(Tenant {
        db: db.clone(),
        scope,
        names,
        asked,
    })
}

async fn on_engine(engine: &str, url: &DatabaseUrl, n_customers: usize) -> anyhow::Result<()> {
    migrate(url, &mut |_| {}).await?;
    let opened = open(url, Clock::System).await?;
    let tenants = [
        tenant(engine, &opened.db, "small", n_customers / 10).await?,
        tenant(engine, &opened.db, "large", n_customers).await?,
    ];
    bench_floor::analyze(&opened.db).await?;
    for filter in FILTERS {
        compare(
            engine,
            &format!("page of {filter}"),
            &tenants,
            async |tenant, _| tenant.list(filter).await,
        )
        .await?;
    }
    compare(
        engine,
        "GetDecisionMakers",
        &tenants,
        Tenant::decision_makers,
    )
    .await?;
    compare(engine, "GetProfile", &tenants, Tenant::profile).await?;
    look_ups(engine, &tenants[1]).await?;
    opened.db.close().await;
    Ok(())
}

/// Asks both tenants in turns, and the select between them.
async fn compare(
    engine: &str,
    title: &str,
    tenants: &[Tenant],
    ask: impl AsyncFn(&Tenant, &str) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut random = Random(SEED);
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for i in 0..TIMED + 50 {
        let mut took = Vec::with_capacity(3);
        for tenant in tenants {
            let name = &tenant.names[random.below(tenant.names.len())];
            let started = Instant::now();
            ask(tenant, name).await?;
            took.push(started.elapsed());
        }
        let large = &tenants[1];
        let started = Instant::now();
        large
            .select(&large.names[random.below(large.names.len())])
            .await?;
        took.push(started.elapsed());
        // The first ones fill the caches of all.
        if i >= 50 {
            times
                .iter_mut()
                .zip(took)
                .for_each(|(list, took)| list.push(took));
        }
    }
    let [small, large, select] = times.map(median);
    println!(
        "questions, {engine}, {title}: {:.0} us small, {:.0} us large: {:.2} (bar 1.20); one indexed select {:.0} us: {:.1} selects",
        small * 1e6,
        large * 1e6,
        large / small,
        select * 1e6,
        large / select
    );
    Ok(())
}

/// Looks texts up and prints the slowest of a hundred beside the select.
async fn look_ups(engine: &str, tenant: &Tenant) -> anyhow::Result<()> {
    let rows = bench_floor::word_rows(&tenant.db, &tenant.scope).await?;
    let n_records = (tenant.names.len() * (1 + CONTACTS)) as f64;
    let mut random = Random(SEED);
    let (mut took, mut selects) = (Vec::new(), Vec::new());
    for i in 0..LOOK_UPS + 200 {
        let text = people::text(&tenant.asked[random.below(tenant.asked.len())], &mut random);
        let started = Instant::now();
        tenant.look_up(text).await?;
        let looked_up = started.elapsed();
        let started = Instant::now();
        tenant
            .select(&tenant.names[random.below(tenant.names.len())])
            .await?;
        if i >= 200 {
            took.push(looked_up);
            selects.push(started.elapsed());
        }
    }
    took.sort();
    let (p50, p99) = (
        took[LOOK_UPS / 2].as_secs_f64(),
        took[LOOK_UPS * 99 / 100].as_secs_f64(),
    );
    let select = median(selects);
    println!(
        "questions, {engine}, LookUp: p50 {:.0} us, p99 {:.0} us; one indexed select {:.0} us: p99 is {:.1} selects (bar 25); words {:.1} rows a record, word_keys {:.1}",
        p50 * 1e6,
        p99 * 1e6,
        select * 1e6,
        p99 / select,
        rows.0 as f64 / n_records,
        rows.1 as f64 / n_records
    );
    Ok(())
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

/// A tenant, the names of its customers, and whom to look up.
struct Tenant {
    db: Db,
    scope: TenantScope,
    names: Vec<String>,
    /// Some of the display names of its customers and contacts.
    asked: Vec<String>,
}

impl Tenant {
    fn request<M>(&self, message: M) -> Request<M> {
        let mut request = Request::new(message);
        request.extensions_mut().insert(self.scope.clone());
        request
    }

    async fn list(&self, filter: &str) -> anyhow::Result<()> {
        let list = pb::ListCustomersRequest {
            filter: filter.to_owned(),
            page_size: PAGE,
            ..Default::default()
        };
        let found = Customers {
            db: self.db.clone(),
        }
        .list_customers(self.request(list))
        .await?
        .into_inner()
        .customers;
        anyhow::ensure!(!found.is_empty(), "nobody fits {filter}");
        Ok(())
    }

    async fn decision_makers(&self, name: &str) -> anyhow::Result<()> {
        let asked = pb::GetDecisionMakersRequest {
            customer: by_name(name),
            ..Default::default()
        };
        let service = Relationships {
            db: self.db.clone(),
        };
        let found = service
            .get_decision_makers(self.request(asked))
            .await?
            .into_inner();
        anyhow::ensure!(
            found.people.len() + found.candidates.len() == CONTACTS,
            "not everyone at {name}"
        );
        Ok(())
    }

    async fn profile(&self, name: &str) -> anyhow::Result<()> {
        let asked = pb::GetProfileRequest {
            customer: by_name(name),
            ..Default::default()
        };
        let found = Relationships {
            db: self.db.clone(),
        }
        .get_profile(self.request(asked))
        .await?
        .into_inner();
        anyhow::ensure!(found.people.len() == CONTACTS, "not everyone at {name}");
        Ok(())
    }

    async fn look_up(&self, text: String) -> anyhow::Result<()> {
        let request = self.request(pb::LookUpRequest {
            text,
            ..Default::default()
        });
        Relationships {
            db: self.db.clone(),
        }
        .look_up(request)
        .await?;
        Ok(())
    }

    async fn select(&self, name: &str) -> anyhow::Result<()> {
        let statement = scoped!(
            self.scope,
            "select display_name from customers where tenant_id = :tenant and name = :name",
            name,
        );
        let found = self
            .db
            .fetch(&self.scope, statement.texts("display_name"))
            .await?;
        anyhow::ensure!(found.len() == 1, "{name} is gone");
        Ok(())
    }
}

fn by_name(name: &str) -> Option<pb::CustomerKey> {
    Some(pb::CustomerKey {
        key: Some(pb::customer_key::Key::Name(name.to_owned())),
        ..Default::default()
    })
}

/// Stores customers with so many people each. Returns the names of all customers, and the display names of some of all.
pub async fn fill(
    db: &Db,
    scope: &TenantScope,
    n_customers: usize,
    n_contacts: usize,
) -> anyhow::Result<(Vec<String>, Vec<String>)> {
    let mut random = Random(SEED);
    let (mut names, mut asked) = (Vec::with_capacity(n_customers), Vec::new());
    while names.len() < n_customers {
        let (mut customers, mut contacts, mut affiliations) = (Vec::new(), Vec::new(), Vec::new());
        for i in names.len()..(names.len() + AT_ONCE).min(n_customers) {
            let customer = customer(i, &mut random);
            for seat in 0..n_contacts {
                let contact = named(people::contact(&mut random));
                affiliations.push(affiliation(&customer, &contact, seat));
                contacts.push(contact);
            }
            names.push(customer.name.clone());
            customers.push(customer);
        }
        asked.extend(
            customers
                .iter()
                .take(2)
                .map(|customer: &pb::Customer| customer.display_name.clone()),
        );
        asked.extend(
            contacts
                .iter()
                .take(6)
                .map(|contact: &pb::Contact| contact.display_name.clone()),
        );
        bench_floor::store_directly(db, scope, customers).await?;
        bench_floor::store_directly(db, scope, contacts).await?;
        bench_floor::store_directly(db, scope, affiliations).await?;
    }
    Ok((names, asked))
}

fn named<R: Resource>(mut record: R) -> R {
    *record.header_mut().name = Name::generate(R::KIND).to_string();
    record
}

/// One in fifty has a given owner and industry, one in ten is dormant, one in four is gold.
fn customer(i: usize, random: &mut Random) -> pb::Customer {
    let lifecycle = if random.below(10) == 0 {
        Lifecycle::Dormant
    } else {
        Lifecycle::Active
    };
    let tier = if random.below(4) == 0 {
        "gold"
    } else {
        "silver"
    };
    let industry = format!("industry {}", random.below(50));
    named(pb::Customer {
        kind: pb::customer::Kind::Business.into(),
        lifecycle: lifecycle.into(),
        owner: format!("colleagues/c{}", random.below(50)),
        business: Some(Business {
            industry,
            employee_count: Some(40),
            ..Default::default()
        }),
        labels: [("tier".to_owned(), tier.to_owned())].into(),
        external_ids: vec![pb::ExternalId {
            system: "crm".into(),
            id: i.to_string(),
        }],
        ..people::customer(random)
    })
}

fn affiliation(customer: &pb::Customer, contact: &pb::Contact, seat: usize) -> pb::Affiliation {
    let claim = BuyingRoleClaim {
        claim_id: "c1".into(),
        role: BuyingRole::DecisionMaker.into(),
        evidence: Evidence::Stated.into(),
        ..Default::default()
    };
    named(pb::Affiliation {
        customer: customer.name.clone(),
        contact: contact.name.clone(),
        job_title: "Head of Purchasing".into(),
        buying_roles: (seat == 0).then_some(claim).into_iter().collect(),
        ..Default::default()
    })
}
