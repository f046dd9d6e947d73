//! Segments of a large tenant, on either engine: counts and lists of members beside the hand-written SQL, and the
//! server's CPU for one customer in 200 segments beside a bare tonic server that sends the same bytes.
//!
//! The PostgreSQL server comes from CLIENTELE_POSTGRES_URL; without one that is said, and left out.

use std::time::{Duration, Instant};

use clientele::clock::Clock;
use clientele::name::Name;
use clientele::pb;
use clientele::pb::customer::{Business, Lifecycle, Size};
use clientele::pb::segment_service_server::SegmentService;
use clientele::service::resources::segment::Segments;
use clientele::store::bench_floor;
use clientele::store::engine::db::Db;
use clientele::store::engine::open::DatabaseUrl;
use clientele::store::migrate;
use clientele::store::open;
use clientele::store::record::resource::Resource;
use clientele::store::scope::TenantScope;
use clientele::store::sql::statement::scoped;
use tonic::Request;

use crate::bare;
use crate::corpus::Random;

const SEED: u64 = 20_261_123;
/// Customers stored in one unit.
const AT_ONCE: usize = 2_000;
/// How often each side counts and lists; who begins changes from round to round.
const ROUNDS: usize = 9;
const PAGE: i32 = 1_000;
/// Segments that one customer is checked against.
const CHECKED: usize = 200;

/// A segment, and the condition that the hand-written SQL has for it.
const SEGMENTS: [(&str, &str); 4] = [
    ("lifecycle = DORMANT", "lifecycle = 'DORMANT'"),
    (
        "business.employee_count >= 250 AND NOT last_conversation.start_time >= ago(\"90d\")",
        "business_employee_count >= 250 and (last_conversation_start_time < 1790000000000000 \
         or last_conversation_start_time is null)",
    ),
    (
        "labels.tier = \"gold\"",
        "name in (select name from keys where tenant_id = 'local-bench' and kind = 'customers' and field = 'labels' \
         and key = 'tier' and value = 'gold')",
    ),
    (
        "(business.industry = \"industry 7\" OR business.industry = \"industry 8\") AND size = LARGE",
        "business_industry in ('industry 7', 'industry 8') and size = 'LARGE'",
    ),
];
const TENANT: &str = "local-bench";

/// What a program would select for the same answer: the customer, the talk that was the last, who works there and who
/// decides today. Their tables are empty here, on both sides.
const BY_HAND: &str = "name, customers.*, \
    (select summary from conversations where conversations.tenant_id = customers.tenant_id \
     and conversations.name = customers.last_conversation), \
    (select count(*) from affiliations where affiliations.tenant_id = customers.tenant_id \
     and affiliations.customer = customers.name and affiliations.delete_time is null \
     and affiliations.start_date <= '2026-12-31' and (affiliations.end_date = '' or affiliations.end_date > '2026-12-31')), \
    (select count(distinct affiliations.contact) from affiliations cross join buying_roles \
     where affiliations.tenant_id = customers.tenant_id and affiliations.customer = customers.name \
     and affiliations.delete_time is null and buying_roles.tenant_id = affiliations.tenant_id \
     and buying_roles.affiliation = affiliations.name and buying_roles.role = 'DECISION_MAKER')";

/// Runs on both engines with so many customers.
pub async fn run(n_customers: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    on_engine(
        "SQLite",
        &DatabaseUrl::Sqlite(folder.path().join("segments.db")),
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
            println!("segments, PostgreSQL: not run, CLIENTELE_POSTGRES_URL is not set");
            Ok(())
        }
    }
}

async fn on_engine(engine: &str, url: &DatabaseUrl, n_customers: usize) -> anyhow::Result<()> {
    migrate(url, &mut |_| {}).await?;
    let opened = open(url, Clock::System).await?;
    let scope = TenantScope::new(TENANT, "local");
    bench_floor::make_tenant(&opened.db, TENANT).await?;
    let started = Instant::now();
    let customer = fill(&opened.db, &scope, n_customers).await?;
    println!(
        "segments, {engine}: {n_customers} customers stored in {:.0} s",
        started.elapsed().as_secs_f64()
    );
    bench_floor::analyze(&opened.db).await?;
    let bench = Bench {
        segments: Segments {
            db: opened.db.clone(),
        },
        db: opened.db.clone(),
        scope,
    };
    for (filter, condition) in SEGMENTS {
        bench.compare(engine, filter, condition).await?;
    }
    bench.check(engine, customer).await?;
    opened.db.close().await;
    Ok(())
}

struct Bench {
    segments: Segments,
    db: Db,
    scope: TenantScope,
}

impl Bench {
    fn request<M>(&self, message: M) -> Request<M> {
        let mut request = Request::new(message);
        request.extensions_mut().insert(self.scope.clone());
        request
    }

    /// Makes a segment by filter and returns its name.
    async fn segment(&self, filter: &str) -> anyhow::Result<String> {
        let definition = Some(pb::segment::Definition::Filter(filter.to_owned()));
        let segment = pb::Segment {
            display_name: filter.to_owned(),
            definition,
            ..Default::default()
        };
        let create = pb::CreateSegmentRequest {
            segment: Some(segment),
            ..Default::default()
        };
        Ok(self
            .segments
            .create_segment(self.request(create))
            .await?
            .into_inner()
            .name)
    }

    async fn compare(
        &self,
        engine: &str,
        filter: &str,
        condition: &'static str,
    ) -> anyhow::Result<()> {
        let segment = self.segment(filter).await?;
        let mut times = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
        let (mut n_members, mut most) = (0, 0);
        for round in 0..ROUNDS {
            let mut counted = [0; 4];
            for turn in 0..4 {
                // Both count, then both list; first the one, then the other.
                let side = turn / 2 * 2 + (turn + round) % 2;
                let before = resident()?;
                let (took, n) = match side {
                    0 => timed(self.count_by_hand(condition)).await?,
                    1 => timed(self.count(&segment)).await?,
                    2 => timed(self.list_by_hand(condition)).await?,
                    _ => timed(self.list(&segment)).await?,
                };
                if side == 3 {
                    most = most.max(resident()?.saturating_sub(before));
                }
                times[side].push(took.as_secs_f64());
                counted[side] = n;
            }
            anyhow::ensure!(
                counted.iter().all(|n| *n == counted[0]),
                "{filter}: {counted:?} members"
            );
            n_members = counted[0];
        }
        anyhow::ensure!(n_members > 0, "nobody meets {filter}");
        let [count_by_hand, count, list_by_hand, list] = times.map(median);
        println!(
            "segments, {engine}, {filter}: {n_members} members; count {:.2} of the hand-written SQL, list {:.2} (bar 0.9); \
             memory grew by at most {most} KiB in a list",
            count_by_hand / count,
            list_by_hand / list
        );
        Ok(())
    }

    async fn count(&self, segment: &str) -> anyhow::Result<i64> {
        let count = pb::CountSegmentMembersRequest {
            segment: segment.to_owned(),
        };
        let counted = self
            .segments
            .count_segment_members(self.request(count))
            .await?;
        Ok(counted.into_inner().member_count.into())
    }

    /// Walks through all pages.
    async fn list(&self, segment: &str) -> anyhow::Result<i64> {
        let (mut n, mut page_token) = (0, String::new());
        loop {
            let list = pb::ListSegmentMembersRequest {
                segment: segment.to_owned(),
                page_size: PAGE,
                page_token,
                ..Default::default()
            };
            let page = self
                .segments
                .list_segment_members(self.request(list))
                .await?
                .into_inner();
            n += page.customers.len() as i64;
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok(n);
            }
        }
    }

    async fn count_by_hand(&self, condition: &'static str) -> anyhow::Result<i64> {
        let count = scoped!(
            self.scope,
            "select count(*) as n from customers
             where tenant_id = :tenant and delete_time is null and :{condition}",
            condition,
        );
        let count = count.one(["n"], |row, [n]| row.int(n));
        Ok(self.db.fetch(&self.scope, count).await?)
    }

    /// Walks through the rows in pages of the same size, by the same key, and reads of each what the answer tells.
    async fn list_by_hand(&self, condition: &'static str) -> anyhow::Result<i64> {
        let (mut n, mut last) = (0, String::new());
        loop {
            let page = scoped!(
                self.scope,
                "select :{columns} from customers
                 where tenant_id = :tenant and delete_time is null and :{condition}
                   and name > :last order by name limit :most",
                columns = BY_HAND,
                condition,
                last = &last,
                most = i64::from(PAGE),
            );
            let rows = self.db.fetch(&self.scope, page.read(Ok)).await?;
            n += rows.len() as i64;
            match rows.last() {
                Some(row) if rows.len() == PAGE as usize => last = row.text(0)?,
                _ => return Ok(n),
            }
        }
    }

    /// Checks one customer against many segments over gRPC, and prints the server's CPU beside that of a bare one.
    async fn check(&self, engine: &str, customer: String) -> anyhow::Result<()> {
        let mut segments = Vec::with_capacity(CHECKED);
        for i in 0..CHECKED {
            let filter = match i % 4 {
                0 => format!("business.employee_count >= {i} AND lifecycle = ACTIVE"),
                1 => format!("labels.tier = \"gold\" OR business.industry = \"industry {i}\""),
                2 => format!("NOT last_conversation.start_time >= ago(\"{}d\")", i + 1),
                _ => format!(
                    "size = LARGE AND (kind = BUSINESS OR business.founded_year > {})",
                    1800 + i
                ),
            };
            segments.push(self.segment(&filter).await?);
        }
        let customers = vec![pb::CustomerKey {
            key: Some(pb::customer_key::Key::Name(customer)),
            ..Default::default()
        }];
        let check = pb::CheckMembershipRequest {
            customers,
            segments,
        };
        let answer = self
            .segments
            .check_membership(self.request(check.clone()))
            .await?
            .into_inner();
        let ours = bare::cpu_of_ours(self.segments.clone(), self.scope.clone(), &check)?;
        let bare = bare::cpu_of_bare(answer, &check)?;
        println!(
            "segments, {engine}, CheckMembership of one customer in {CHECKED} segments: {:.0} us of CPU a call, a bare tonic \
             server {:.0} us: {:.1} x (bar 3 with the profile in memory; it is read from the store)",
            ours.as_secs_f64() * 1e6,
            bare.as_secs_f64() * 1e6,
            ours.as_secs_f64() / bare.as_secs_f64()
        );
        Ok(())
    }
}

async fn timed<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<(Duration, T)> {
    let started = Instant::now();
    let answer = work.await?;
    Ok((started.elapsed(), answer))
}

/// Returns the resident memory of this process, in KiB.
fn resident() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number
        .ok_or_else(|| anyhow::anyhow!("no VmRSS in the status of this process"))?
        .parse()?)
}

fn median(mut ratios: Vec<f64>) -> f64 {
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

/// Stores customers; returns the name of one.
async fn fill(db: &Db, scope: &TenantScope, n_customers: usize) -> anyhow::Result<String> {
    let mut random = Random(SEED);
    let (mut stored, mut last) = (0, String::new());
    while stored < n_customers {
        let n = AT_ONCE.min(n_customers - stored);
        let customers: Vec<_> = (stored..stored + n)
            .map(|i| customer(i, &mut random))
            .collect();
        last = customers
            .last()
            .map(|customer| customer.name.clone())
            .unwrap_or(last);
        bench_floor::store_directly(db, scope, customers).await?;
        stored += n;
    }
    Ok(last)
}

fn customer(i: usize, random: &mut Random) -> pb::Customer {
    let lifecycle = if random.below(10) == 0 {
        Lifecycle::Dormant
    } else {
        Lifecycle::Active
    };
    let tier = if random.below(20) == 0 {
        "gold"
    } else {
        "silver"
    };
    let (employees, size) = [
        (1, Size::Solo),
        (20, Size::Small),
        (120, Size::Medium),
        (900, Size::Large),
        (7_000, Size::Enterprise),
    ][random.below(5)];
    pb::Customer {
        name: Name::generate(<pb::Customer as Resource>::KIND).to_string(),
        display_name: format!("Customer {i}"),
        kind: pb::customer::Kind::Business.into(),
        lifecycle: lifecycle.into(),
        size: size.into(),
        business: Some(Business {
            industry: format!("industry {}", random.below(50)),
            employee_count: Some(employees),
            ..Default::default()
        }),
        labels: [("tier".to_owned(), tier.to_owned())].into(),
        ..Default::default()
    }
}
