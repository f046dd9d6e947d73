//! What one caller can do to others: attacks on the real program over a large store, and what they get who ask meanwhile.
//!
//! Each attack lasts as long as it is told to; a nightly run takes an hour. What is printed is read by people: the tests
//! of `tests/pressure` hold that the guards are there. PostgreSQL comes from CLIENTELE_POSTGRES_URL, an empty, migrated
//! database; without one that is said, and left out.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clientele::clock::Clock;
use clientele::pb;
use clientele::pb::customer_service_client::CustomerServiceClient;
use clientele::pb::relationship_service_client::RelationshipServiceClient;
use clientele::store::bench_floor;
use clientele::store::engine::open::DatabaseUrl;
use clientele::store::migrate;
use clientele::store::open;
use clientele::store::scope::TenantScope;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep, timeout};
use tonic::transport::Channel;
use tonic::{Request, Status};

use crate::calls::Server;
use crate::questions;

/// Others ask and write at this pace, each of a few.
const PACE: Duration = Duration::from_millis(20);
const READERS: usize = 4;
const WRITERS: usize = 2;
/// How many write one record.
const FEW: usize = 8;
const MANY: usize = 64;
/// The log may have so many bytes in the attack on it.
const MAX_WAL_BYTES: u64 = 256 << 20;

/// Runs on both engines, on so many customers, each attack for a time.
pub async fn run(n_customers: usize, time: Duration) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("pressure.db");
    let url = DatabaseUrl::Sqlite(file.clone());
    let names = fill("SQLite", &url, n_customers).await?;
    let place = Place::start(
        "SQLite",
        &format!("sqlite://{}", file.display()),
        names,
        time,
    )?;
    place.attacks().await?;
    place.foreign_reader(&file).await?;
    match std::env::var("CLIENTELE_POSTGRES_URL") {
        Ok(url) => {
            let parsed = url.parse().map_err(anyhow::Error::msg)?;
            let names = fill("PostgreSQL", &parsed, n_customers).await?;
            Place::start("PostgreSQL", &url, names, time)?
                .attacks()
                .await
        }
        Err(_) => {
            println!("pressure, PostgreSQL: not run, CLIENTELE_POSTGRES_URL is not set");
            Ok(())
        }
    }
}

/// Stores customers with one person each, and returns their names.
async fn fill(engine: &str, url: &DatabaseUrl, n: usize) -> anyhow::Result<Arc<Vec<String>>> {
    migrate(url, &mut |_| {}).await?;
    let opened = open(url, Clock::System).await?;
    let started = Instant::now();
    let (names, _) = questions::fill(&opened.db, &TenantScope::local(), n, 1).await?;
    bench_floor::analyze(&opened.db).await?;
    opened.db.close().await;
    let took = started.elapsed().as_secs();
    println!("pressure, {engine}: {n} customers stored in {took} s");
    Ok(Arc::new(names))
}

/// The program, on a store of one engine.
struct Place {
    engine: &'static str,
    url: String,
    server: Server,
    names: Arc<Vec<String>>,
    time: Duration,
}

type Answer = Pin<Box<dyn Future<Output = Result<(), Status>> + Send>>;
/// Makes the call with a number on a connection.
type Call = Arc<dyn Fn(Channel, usize) -> Answer + Send + Sync>;

impl Place {
    fn start(
        engine: &'static str,
        url: &str,
        names: Arc<Vec<String>>,
        time: Duration,
    ) -> anyhow::Result<Place> {
        let program = std::env::current_exe()?.with_file_name("clientele");
        let bound = MAX_WAL_BYTES.to_string();
        let arguments = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--database-url",
            url,
            "--max-wal-bytes",
            &bound,
        ];
        let server = Server::start(&program, &arguments, &[])?;
        let url = url.to_owned();
        Ok(Place {
            engine,
            url,
            server,
            names,
            time,
        })
    }

    async fn attacks(&self) -> anyhow::Result<()> {
        let alone = self.others("alone").await?;
        let four = self.dear_questions(4, Some(Duration::from_millis(100)), Duration::from_secs(6));
        let (others, ()) = tokio::try_join!(
            self.others("beside 4 questions, left after 0.1 s, every 6 s"),
            four
        )?;
        others.beside(&alone);
        self.time_to_end().await?;
        let crowd = self.dear_questions(MANY, None, Duration::ZERO);
        let (others, ()) = tokio::try_join!(self.others("beside 64 questions at a time"), crowd)?;
        others.beside(&alone);
        self.time_to_end().await?;
        self.hot_record("beside 8 writers of one record", FEW, &alone)
            .await?;
        self.hot_record("beside 64 writers of one record", MANY, &alone)
            .await
    }

    fn say(&self, what: &str) {
        println!("pressure, {}: {what}", self.engine);
    }

    /// Reads and writes of those who do no harm.
    async fn others(&self, title: &str) -> anyhow::Result<Others> {
        let reads = self.calls(READERS, Some(PACE), read(&self.names));
        let writes = self.calls(WRITERS, Some(PACE), write(&self.names));
        let (reads, writes) = tokio::try_join!(reads, writes)?;
        self.say(&format!("others {title}: reads {}", reads.told()));
        self.say(&format!("others {title}: writes {}", writes.told()));
        Ok(Others { reads, writes })
    }

    /// Many write one record as fast as they can.
    async fn hot_record(&self, title: &str, n: usize, alone: &Others) -> anyhow::Result<()> {
        let hot = update(self.names[0].clone());
        let (hot, others) = tokio::try_join!(self.calls(n, None, hot), self.others(title))?;
        let rate = hot.took.len() as f64 / self.time.as_secs_f64();
        self.say(&format!(
            "{n} writers of one record: {rate:.0} a second, {}",
            hot.told()
        ));
        others.beside(alone);
        Ok(())
    }

    /// Asks dear questions, so many at a time, and leaves after `patience`; again and again, after a pause.
    async fn dear_questions(
        &self,
        n: usize,
        patience: Option<Duration>,
        pause: Duration,
    ) -> anyhow::Result<()> {
        let parts = (0..60).map(|i| format!("affiliations.job_title = \"*z{i}*\""));
        let filter = parts.collect::<Vec<_>>().join(" OR ");
        let mut channels = Vec::new();
        for _ in 0..n {
            channels.push(self.server.connect().await?);
        }
        let (mut figures, end) = (Figures::default(), Instant::now() + self.time);
        while Instant::now() < end {
            let mut asked = JoinSet::new();
            for channel in &channels {
                asked.spawn(dear(channel.clone(), filter.clone(), patience));
            }
            let left = end.saturating_duration_since(Instant::now());
            let all = async {
                while let Some(Ok((took, answer))) = asked.join_next().await {
                    figures.add(took, answer);
                }
                sleep(pause).await;
            };
            let _ = timeout(left, all).await;
        }
        self.say(&format!(
            "dear questions, {n} at a time: {}",
            figures.told()
        ));
        Ok(())
    }

    /// Says how long the engine goes on after every caller of dear questions has left.
    async fn time_to_end(&self) -> anyhow::Result<()> {
        let began = Instant::now();
        if self.engine == "PostgreSQL" {
            let (mut most, mut n_active) = (0, 1);
            while n_active > 0 {
                let (n, active) = bench_floor::sessions(&self.url).await?;
                (most, n_active) = (most.max(n), active);
            }
            let took = began.elapsed().as_millis();
            self.say(&format!(
                "all have left: nothing runs after {took} ms; {most} connections"
            ));
            return Ok(());
        }
        // A process that does nothing but wait uses less than a tenth of a core.
        let (step, mut before) = (Duration::from_millis(100), self.server.cpu()?);
        loop {
            sleep(step).await;
            let now = self.server.cpu()?;
            if now - before <= step / 10 {
                let took = began.elapsed().as_millis();
                self.say(&format!(
                    "all have left: nothing runs after at most {took} ms"
                ));
                return Ok(());
            }
            before = now;
        }
    }

    /// Calls again and again on connections of their own: at a pace, or as fast as they are answered.
    async fn calls(
        &self,
        n_callers: usize,
        pace: Option<Duration>,
        call: Call,
    ) -> anyhow::Result<Figures> {
        let (mut callers, time) = (JoinSet::new(), self.time);
        for caller in 0..n_callers {
            let (channel, call) = (self.server.connect().await?, Arc::clone(&call));
            callers.spawn(async move {
                let (mut figures, end) = (Figures::default(), Instant::now() + time);
                let mut ticks = pace.map(interval);
                for i in 0.. {
                    if let Some(ticks) = &mut ticks {
                        ticks.tick().await;
                    }
                    let began = Instant::now();
                    if began >= end {
                        break;
                    }
                    let answer = call(channel.clone(), caller + i * n_callers).await;
                    figures.add(began.elapsed(), answer);
                }
                figures
            });
        }
        let mut all = Figures::default();
        for figures in callers.join_all().await {
            all.took.extend(figures.took);
            for (code, n) in figures.refused {
                *all.refused.entry(code).or_default() += n;
            }
        }
        Ok(all)
    }

    /// Writes while another program reads an old state of the file, and after it has ended.
    async fn foreign_reader(&self, file: &Path) -> anyhow::Result<()> {
        let log = format!("{}-wal", file.display());
        let mebibytes = || std::fs::metadata(&log).map_or(0, |log| log.len() >> 20);
        let reader = bench_floor::foreign_reader(file).await?;
        let writes = self.calls(MANY, None, write(&self.names)).await?;
        let bound = MAX_WAL_BYTES >> 20;
        self.say(&format!(
            "beside a foreign reader: {}; the log has {} MiB, its bound is {bound} MiB",
            writes.told(),
            mebibytes()
        ));
        drop(reader);
        let began = Instant::now();
        let again = write(&self.names);
        while again(self.server.connect().await?, 0).await.is_err() {}
        let took = began.elapsed().as_millis();
        self.say(&format!(
            "the reader has ended: writes are answered after {took} ms, the log has {} MiB",
            mebibytes()
        ));
        Ok(())
    }
}

/// What others got.
struct Others {
    reads: Figures,
    writes: Figures,
}

impl Others {
    /// Says how that compares with what they got alone.
    fn beside(&self, alone: &Others) {
        let pace = |own: &Figures, alone: &Figures| {
            100.0 * own.took.len() as f64 / alone.took.len().max(1) as f64
        };
        let p99 =
            self.reads.percentile(99).as_secs_f64() / alone.reads.percentile(99).as_secs_f64();
        println!(
            "  reads at {:.0} % of their pace (bar 99 beside questions, 80 beside writers), p99 {p99:.1} x (bar 5); \
             writes at {:.0} % (bar 80)",
            pace(&self.reads, &alone.reads),
            pace(&self.writes, &alone.writes)
        );
    }
}

/// How calls ended.
#[derive(Default)]
struct Figures {
    /// How long each took that was answered.
    took: Vec<Duration>,
    /// How many were not, by code.
    refused: BTreeMap<String, usize>,
}

impl Figures {
    fn add(&mut self, took: Duration, answer: Result<(), Status>) {
        match answer {
            Ok(()) => self.took.push(took),
            Err(refusal) => {
                *self
                    .refused
                    .entry(format!("{:?}", refusal.code()))
                    .or_default() += 1
            }
        }
    }

    fn percentile(&self, percent: usize) -> Duration {
        let mut took = self.took.clone();
        took.sort();
        let at = (took.len() * percent / 100).min(took.len().saturating_sub(1));
        took.get(at).copied().unwrap_or_default()
    }

    fn told(&self) -> String {
        let n_all = self.took.len() + self.refused.values().sum::<usize>();
        let [p50, p99] = [50, 99].map(|percent| self.percentile(percent).as_secs_f64() * 1e3);
        let refused = self.refused.iter().map(|(code, n)| format!("; {n} {code}"));
        let refused: String = refused.collect();
        format!(
            "{} of {n_all} answered, p50 {p50:.1} ms, p99 {p99:.1} ms{refused}",
            self.took.len()
        )
    }
}

async fn dear(
    channel: Channel,
    filter: String,
    patience: Option<Duration>,
) -> (Duration, Result<(), Status>) {
    let mut request = Request::new(pb::ListCustomersRequest {
        filter,
        page_size: 1,
        ..Default::default()
    });
    if let Some(patience) = patience {
        request.set_timeout(patience);
    }
    let began = Instant::now();
    let answer = CustomerServiceClient::new(channel)
        .list_customers(request)
        .await;
    (began.elapsed(), answer.map(drop))
}

/// In turns by name, a page of an index, and a profile.
fn read(names: &Arc<Vec<String>>) -> Call {
    let names = Arc::clone(names);
    Arc::new(move |channel, i| {
        // Steps that meet all of them, in no order.
        let name = names[i * 7_919 % names.len()].clone();
        Box::pin(async move {
            let mut customers = CustomerServiceClient::new(channel.clone());
            match i % 3 {
                0 => {
                    let get = pb::GetCustomerRequest {
                        name,
                        read_mask: None,
                    };
                    customers.get_customer(get).await.map(drop)
                }
                1 => {
                    let list = pb::ListCustomersRequest {
                        page_size: 20,
                        order_by: "display_name".to_owned(),
                        ..Default::default()
                    };
                    customers.list_customers(list).await.map(drop)
                }
                _ => {
                    let get = pb::GetProfileRequest {
                        customer: Some(pb::CustomerKey {
                            key: Some(pb::customer_key::Key::Name(name)),
                            ..Default::default()
                        }),
                        read_mask: None,
                    };
                    let mut relationships = RelationshipServiceClient::new(channel);
                    relationships.get_profile(get).await.map(drop)
                }
            }
        })
    })
}

/// Changes a customer other than the first, to something else each time.
fn write(names: &Arc<Vec<String>>) -> Call {
    let names = Arc::clone(names);
    Arc::new(move |channel, i| {
        let name = names[1 + i * 7_919 % (names.len() - 1)].clone();
        update(name)(channel, i)
    })
}

/// Changes one customer.
fn update(name: String) -> Call {
    Arc::new(move |channel, i| {
        let customer = Some(pb::Customer {
            name: name.clone(),
            about: format!("{i} {:?}", Instant::now()),
            ..Default::default()
        });
        let request = pb::UpdateCustomerRequest {
            customer,
            update_mask: Some(prost_types::FieldMask {
                paths: vec!["about".to_owned()],
            }),
            ..Default::default()
        };
        let mut customers = CustomerServiceClient::new(channel);
        Box::pin(async move { customers.update_customer(request).await.map(drop) })
    })
}
