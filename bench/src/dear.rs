//! Dear questions: filters of as many restrictions as fit, none of which anybody meets, so that each is asked of every
//! customer. What a page, a count, a description and a comparison of such a filter cost on either engine, and a count
//! for each place where the values may be.
//!
//! The PostgreSQL server comes from CLIENTELE_POSTGRES_URL; without one that is said, and left out.

use std::time::{Duration, Instant};

use clientele::clock::Clock;
use clientele::name::Name;
use clientele::pb;
use clientele::pb::affiliation::{BuyingRole, BuyingRoleClaim};
use clientele::pb::customer_service_server::CustomerService;
use clientele::pb::segment_service_server::SegmentService;
use clientele::service::resources::customer::Customers;
use clientele::service::resources::segment::Segments;
use clientele::store::bench_floor;
use clientele::store::engine::db::Db;
use clientele::store::engine::open::DatabaseUrl;
use clientele::store::migrate;
use clientele::store::open;
use clientele::store::record::resource::Resource;
use clientele::store::scope::TenantScope;
use tonic::Request;

use crate::bare::cpu;
use crate::corpus::Random;
use crate::people;

const SEED: u64 = 20_261_123;
/// Customers stored in one unit, each with its affiliations.
const AT_ONCE: usize = 500;
const AFFILIATIONS: usize = 3;
/// How often each is asked; the quickest is told.
const ROUNDS: usize = 3;
/// Restrictions in a filter.
const RESTRICTIONS: usize = 60;
const TENANT: &str = "local-dear";
const TITLES: [&str; 6] = [
    "Head of Purchasing",
    "Buyer",
    "Chief Financial Officer",
    "Vice President of Operations",
    "Facility Manager",
    "Assistant to the Board",
];
/// The filter of the four questions, and one that everybody meets.
const PAGE: &str = "affiliations.job_title = \"*z#*\"";
const EVERYBODY: &str = "NOT affiliations.department = \"*z#*\"";
/// Restrictions of which many are joined by OR; `#` is their number.
const PLACES: [&str; 10] = [
    "display_name = \"*z#*\"",
    "about:\"zq#\"",
    "zq#",
    "labels.tier = \"*z#*\"",
    "attributes.area = \"*z#*\"",
    "tags:\"z#\"",
    "emails.address = \"*z#*\"",
    "contact_count = 1#",
    "affiliations.buying_roles.scope = \"*z#*\"",
    "last_conversation.subject:\"zq#\"",
];

/// Runs on both engines with so many customers.
pub async fn run(n_customers: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = DatabaseUrl::Sqlite(folder.path().join("dear.db"));
    on_engine("SQLite", &file, n_customers).await?;
    match std::env::var("CLIENTELE_POSTGRES_URL") {
        Ok(url) => {
            let url = url.parse().map_err(anyhow::Error::msg)?;
            on_engine("PostgreSQL", &url, n_customers).await
        }
        Err(_) => {
            println!("dear, PostgreSQL: not run, CLIENTELE_POSTGRES_URL is not set");
            Ok(())
        }
    }
}

async fn on_engine(
    engine: &'static str,
    url: &DatabaseUrl,
    n_customers: usize,
) -> anyhow::Result<()> {
    migrate(url, &mut |_| {}).await?;
    let opened = open(url, Clock::System).await?;
    let scope = TenantScope::new(TENANT, "local");
    bench_floor::make_tenant(&opened.db, TENANT).await?;
    let started = Instant::now();
    fill(&opened.db, &scope, n_customers).await?;
    println!(
        "dear, {engine}: {n_customers} customers with {AFFILIATIONS} affiliations each stored in {:.0} s",
        started.elapsed().as_secs_f64()
    );
    bench_floor::analyze(&opened.db).await?;
    let asked = Asked {
        engine,
        customers: Customers {
            db: opened.db.clone(),
        },
        segments: Segments {
            db: opened.db.clone(),
        },
        scope,
    };
    asked.four().await?;
    for place in PLACES {
        let segment = asked.segment(&many(place, " OR ")).await?;
        let count = async || asked.count(segment.clone()).await;
        asked.told(&format!("a count of {place}"), count).await?;
    }
    opened.db.close().await;
    Ok(())
}

/// Returns a filter of many restrictions.
fn many(restriction: &str, between: &str) -> String {
    let all = (0..RESTRICTIONS).map(|i| restriction.replace('#', &i.to_string()));
    all.collect::<Vec<_>>().join(between)
}

/// Asks the services of one engine.
struct Asked {
    engine: &'static str,
    customers: Customers,
    segments: Segments,
    scope: TenantScope,
}

impl Asked {
    fn request<M>(&self, message: M) -> Request<M> {
        let mut request = Request::new(message);
        request.extensions_mut().insert(self.scope.clone());
        request
    }

    /// The four questions that take the longest.
    async fn four(&self) -> anyhow::Result<()> {
        let nobody = many(PAGE, " OR ");
        let all = self.segment(&format!("NOT ({nobody})")).await?;
        let others = self.segment(&many(EVERYBODY, " AND ")).await?;
        let list = async || self.list(nobody.clone()).await;
        self.told("ListCustomers", list).await?;
        let count = async || self.count(all.clone()).await;
        self.told("CountSegmentMembers", count).await?;
        let describe = async || self.describe(all.clone()).await;
        self.told("DescribeSegment", describe).await?;
        let compare = async || self.compare(all.clone(), others.clone()).await;
        self.told("CompareSegments", compare).await
    }

    /// Asks several times and prints the quickest; beside it the CPU of this process, in which SQLite runs.
    async fn told(
        &self,
        title: &str,
        ask: impl AsyncFn() -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let (mut took, mut used) = (Duration::MAX, Duration::MAX);
        for _ in 0..ROUNDS {
            let (started, before) = (Instant::now(), cpu()?);
            ask().await?;
            took = took.min(started.elapsed());
            used = used.min(cpu()? - before);
        }
        let cpu = if self.engine == "SQLite" {
            format!(", {:.2} s of CPU", used.as_secs_f64())
        } else {
            String::new()
        };
        println!(
            "dear, {}, {title}, {RESTRICTIONS} restrictions: {:.2} s{cpu} (bar 3)",
            self.engine,
            took.as_secs_f64()
        );
        Ok(())
    }

    /// Makes a segment by filter and returns its name.
    async fn segment(&self, filter: &str) -> anyhow::Result<String> {
        let definition = Some(pb::segment::Definition::Filter(filter.to_owned()));
        let segment = pb::Segment {
            display_name: "dear".to_owned(),
            definition,
            ..Default::default()
        };
        let create = pb::CreateSegmentRequest {
            segment: Some(segment),
            ..Default::default()
        };
        let created = self.segments.create_segment(self.request(create)).await?;
        Ok(created.into_inner().name)
    }

    async fn list(&self, filter: String) -> anyhow::Result<()> {
        let list = pb::ListCustomersRequest {
            filter,
            page_size: 1,
            ..Default::default()
        };
        let found = self.customers.list_customers(self.request(list)).await?;
        anyhow::ensure!(
            found.into_inner().customers.is_empty(),
            "somebody was found"
        );
        Ok(())
    }

    async fn count(&self, segment: String) -> anyhow::Result<()> {
        let count = pb::CountSegmentMembersRequest { segment };
        self.segments
            .count_segment_members(self.request(count))
            .await?;
        Ok(())
    }

    async fn describe(&self, segment: String) -> anyhow::Result<()> {
        let describe = pb::DescribeSegmentRequest {
            segment,
            ..Default::default()
        };
        self.segments
            .describe_segment(self.request(describe))
            .await?;
        Ok(())
    }

    async fn compare(&self, a: String, b: String) -> anyhow::Result<()> {
        let compare = pb::CompareSegmentsRequest {
            a,
            b,
            ..Default::default()
        };
        self.segments
            .compare_segments(self.request(compare))
            .await?;
        Ok(())
    }
}

async fn fill(db: &Db, scope: &TenantScope, n_customers: usize) -> anyhow::Result<()> {
    let mut random = Random(SEED);
    let mut stored = 0;
    while stored < n_customers {
        let n = AT_ONCE.min(n_customers - stored);
        let customers: Vec<_> = (0..n).map(|_| customer(&mut random)).collect();
        let affiliations = customers
            .iter()
            .flat_map(|customer| [customer; AFFILIATIONS])
            .map(|customer| affiliation(customer, &mut random))
            .collect();
        bench_floor::store_directly(db, scope, customers).await?;
        bench_floor::store_directly::<pb::Affiliation>(db, scope, affiliations).await?;
        stored += n;
    }
    Ok(())
}

fn named<R: Resource>(mut record: R) -> R {
    *record.header_mut().name = Name::generate(R::KIND).to_string();
    record
}

fn customer(random: &mut Random) -> pb::Customer {
    let word = |random: &mut Random| TITLES[random.below(TITLES.len())].to_owned();
    let email = format!("office{}@example.com", random.below(1_000_000));
    let area = prost_types::Value {
        kind: Some(prost_types::value::Kind::StringValue(word(random))),
    };
    named(pb::Customer {
        kind: pb::customer::Kind::Business.into(),
        about: format!("{} and {}", word(random), word(random)),
        labels: [("tier".to_owned(), word(random))].into(),
        tags: vec![word(random)],
        attributes: Some(prost_types::Struct {
            fields: [("area".to_owned(), area)].into(),
        }),
        emails: vec![pb::EmailAddress {
            address: email,
            ..Default::default()
        }],
        ..people::customer(random)
    })
}

fn affiliation(customer: &pb::Customer, random: &mut Random) -> pb::Affiliation {
    let claim = BuyingRoleClaim {
        claim_id: "c1".to_owned(),
        role: BuyingRole::DecisionMaker.into(),
        scope: "machines".to_owned(),
        ..Default::default()
    };
    named(pb::Affiliation {
        customer: customer.name.clone(),
        contact: Name::generate(<pb::Contact as Resource>::KIND).to_string(),
        job_title: TITLES[random.below(TITLES.len())].to_owned(),
        department: "Purchasing".to_owned(),
        buying_roles: vec![claim],
        ..Default::default()
    })
}
