//! What the tests stand on: the product in this process, on an empty store of either engine, and clients of it.
//!
//! `conformance!` runs cases, `standard` calls the same method of any resource, `call` makes those calls by their
//! descriptors, `builders` and `records` make input, `answer` takes answers apart.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

pub mod answer;
pub mod builders;
pub mod call;
pub mod changes;
mod copies;
pub mod credentials;
pub mod engine;
pub mod firm;
pub mod keys;
pub mod members;
pub mod paging;
pub mod plan;
pub mod postgres;
pub mod questions;
pub mod records;
pub mod standard;
pub mod tenancy;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use clientele::clock::{Clock, Micros, SECOND};
use clientele::pb::affiliation_service_client::AffiliationServiceClient;
use clientele::pb::colleague_service_client::ColleagueServiceClient;
use clientele::pb::conversation_service_client::ConversationServiceClient;
use clientele::pb::customer_service_client::CustomerServiceClient;
use clientele::pb::history_service_client::HistoryServiceClient;
use clientele::pb::key_service_client::KeyServiceClient;
use clientele::pb::persona_service_client::PersonaServiceClient;
use clientele::pb::relationship_service_client::RelationshipServiceClient;
use clientele::pb::segment_service_client::SegmentServiceClient;
use clientele::pb::tenant_service_client::TenantServiceClient;
use clientele::server;
use clientele::server::auth::issuer::IssuerSettings;
use clientele::server::auth::{Authentication, Authenticator};
use clientele::server::health::Answers;
use clientele::server::limits::Limits;
use clientele::store::engine::db::Db;
use clientele::store::engine::open::Opened;
use clientele::store::engine::tenants;
use clientele::store::{migrate, open};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

use self::engine::{Engine, Store};

/// Longer than any case takes, so that one that hangs is named.
const LONGEST_CASE: Duration = Duration::from_secs(900);

/// 2026-11-30T13:00:00Z.
const AFTER_GOLDEN: Micros = 1_796_043_600 * SECOND;

/// A server in this process and clients of it. Clones share the server.
#[derive(Clone)]
pub struct Harness {
    pub engine: Engine,
    /// For calls by descriptor; the clients below have methods beyond the standard ones.
    caller: Caller,
    acting: Acting,
    address: SocketAddr,
    pub customers: CustomerServiceClient<Caller>,
    pub affiliations: AffiliationServiceClient<Caller>,
    pub colleagues: ColleagueServiceClient<Caller>,
    pub conversations: ConversationServiceClient<Caller>,
    pub personas: PersonaServiceClient<Caller>,
    pub segments: SegmentServiceClient<Caller>,
    pub relationships: RelationshipServiceClient<Caller>,
    pub history: HistoryServiceClient<Caller>,
    pub tenants: TenantServiceClient<Caller>,
    pub api_keys: KeyServiceClient<Caller>,
    pub channel: Channel,
    /// The time, for the cases that move it (`conformance/inside/clock.rs` lists them); nobody reads it elsewhere.
    time: Arc<AtomicI64>,
    /// None when the server is another process.
    inside: Option<Arc<Inside>>,
}

/// A connection, and in whose name it is used.
pub type Caller = InterceptedService<Channel, Acting>;

/// Names the actor in every call and shows a credential, if there are any.
#[derive(Clone, Default)]
pub struct Acting {
    actor: Option<MetadataValue<Ascii>>,
    credential: Option<MetadataValue<Ascii>>,
}

impl Interceptor for Acting {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let headers = [
            ("clientele-actor", &self.actor),
            ("authorization", &self.credential),
        ];
        for (name, value) in headers {
            if let Some(value) = value {
                request.metadata_mut().insert(name, value.clone());
            }
        }
        Ok(request)
    }
}

/// What the product has inside, for the few cases that look there (`conformance/inside/`).
struct Inside {
    opened: Opened,
    store: Store,
}

impl Harness {
    /// Starts a server on an empty store, with the clock of the machine.
    pub async fn start(engine: Engine) -> Harness {
        Harness::start_with(engine, Clock::System, Arc::default()).await
    }

    /// Starts a server whose clock stands still until the test moves it.
    pub async fn start_at(engine: Engine, now: Micros) -> Harness {
        let time = Arc::new(AtomicI64::new(now));
        Harness::start_with(engine, Clock::Manual(Arc::clone(&time)), time).await
    }

    async fn start_with(engine: Engine, clock: Clock, time: Arc<AtomicI64>) -> Harness {
        Harness::start_on(engine, Store::new(engine).await, clock, time).await
    }

    /// Starts on a store of an earlier release (`tests/golden`), migrated, soon after its last write.
    pub async fn start_on_earlier(engine: Engine, store: Store) -> Harness {
        migrate(&store.url(), &mut |_| {}).await.unwrap();
        let time = Arc::new(AtomicI64::new(AFTER_GOLDEN));
        Harness::start_on(engine, store, Clock::Manual(Arc::clone(&time)), time).await
    }

    async fn start_on(engine: Engine, store: Store, clock: Clock, time: Arc<AtomicI64>) -> Harness {
        let opened = open(&store.url(), clock).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(
            listener,
            opened.db.clone(),
            Authentication::Off,
            Vec::new(),
        ));
        Harness::of(
            engine,
            address,
            connect(address).await,
            Acting::default(),
            time,
            Some(Arc::new(Inside { opened, store })),
        )
    }

    /// Returns clients of a server in another process.
    pub async fn at(engine: Engine, address: SocketAddr) -> Harness {
        Harness::of(
            engine,
            address,
            connect(address).await,
            Acting::default(),
            Arc::default(),
            None,
        )
    }

    fn of(
        engine: Engine,
        address: SocketAddr,
        channel: Channel,
        acting: Acting,
        time: Arc<AtomicI64>,
        inside: Option<Arc<Inside>>,
    ) -> Harness {
        macro_rules! client {
            ($client:ident) => {
                $client::with_interceptor(channel.clone(), acting.clone())
            };
        }
        Harness {
            engine,
            caller: InterceptedService::new(channel.clone(), acting.clone()),
            acting: acting.clone(),
            address,
            customers: client!(CustomerServiceClient),
            affiliations: client!(AffiliationServiceClient),
            colleagues: client!(ColleagueServiceClient),
            conversations: client!(ConversationServiceClient),
            personas: client!(PersonaServiceClient),
            segments: client!(SegmentServiceClient),
            relationships: client!(RelationshipServiceClient),
            history: client!(HistoryServiceClient),
            tenants: client!(TenantServiceClient),
            api_keys: client!(KeyServiceClient),
            channel,
            time,
            inside,
        }
    }

    /// Returns the same server called in the name of an actor, as `clientele-actor` has it.
    pub fn acting(&self, actor: &str) -> Harness {
        self.called_by(Acting {
            actor: Some(actor.parse().unwrap()),
            ..self.acting.clone()
        })
    }

    fn called_by(&self, acting: Acting) -> Harness {
        Harness::of(
            self.engine,
            self.address,
            self.channel.clone(),
            acting,
            Arc::clone(&self.time),
            self.inside.clone(),
        )
    }

    /// Moves the clock of a server that `start_at` started.
    pub fn advance(&self, by: Micros) {
        self.time.fetch_add(by, Ordering::SeqCst);
    }

    /// Returns the UTC date of a server that `start_at` started.
    pub fn today(&self) -> String {
        clientele::clock::date_of(self.time.load(Ordering::SeqCst))
    }

    /// Returns the store behind the server.
    pub fn db(&self) -> &Db {
        &self.inside().opened.db
    }

    /// Returns where the store is.
    pub fn url(&self) -> clientele::store::engine::open::DatabaseUrl {
        self.inside().store.url()
    }

    fn inside(&self) -> &Inside {
        self.inside
            .as_deref()
            .expect("the server runs in this process")
    }

    /// Sets the region of the tenant, as its operator does.
    pub async fn set_region(&self, region: &str) {
        tenants::set_region(&self.url(), "default", region)
            .await
            .unwrap();
    }

    pub async fn stop(self) {
        self.db().close().await;
        self.inside().store.remove().await;
    }
}

/// The one place that says how the product is served.
async fn serve(
    listener: TcpListener,
    db: Db,
    authentication: Authentication,
    issuers: Vec<IssuerSettings>,
) {
    // A case waits for answers, however busy the machine is; `server/deadlines.rs` tests the caps.
    let (read_cap, analysis_cap, write_cap) = (LONGEST_CASE, LONGEST_CASE, LONGEST_CASE);
    let limits = Limits {
        not_ready_for: Duration::ZERO,
        read_cap,
        analysis_cap,
        write_cap,
        ..Limits::DEFAULT
    };
    let api = server::api::api(&db, &limits);
    let (_sender, answers) = watch::channel(Answers {
        reads: true,
        writes: true,
    });
    let for_ever = std::future::pending();
    let authenticator = Authenticator::new(authentication, &db, issuers).unwrap();
    server::serve(
        listener,
        api.routes,
        authenticator,
        &api.names,
        limits,
        answers,
        for_ever,
    )
    .await;
}

async fn connect(address: SocketAddr) -> Channel {
    Endpoint::from_shared(format!("http://{address}"))
        .unwrap()
        .connect()
        .await
        .unwrap()
}

/// Runs one case on one engine; `conformance!` calls it.
pub fn run<F: Future<Output = ()>>(engine: Engine, case: fn(Harness) -> F) {
    in_runtime(async {
        let harness = Harness::start(engine).await;
        finish(harness, case).await;
    });
}

/// Runs one case that moves the clock, which begins at the given time.
pub fn run_at<F: Future<Output = ()>>(engine: Engine, now: Micros, case: fn(Harness) -> F) {
    in_runtime(async {
        let harness = Harness::start_at(engine, now).await;
        finish(harness, case).await;
    });
}

async fn finish<F: Future<Output = ()>>(harness: Harness, case: fn(Harness) -> F) {
    tokio::time::timeout(LONGEST_CASE, case(harness.clone()))
        .await
        .expect("the case ends");
    harness.stop().await;
}

/// Runs a future on a runtime of its own.
pub fn in_runtime<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// Makes every `async fn case(h: Harness)` a test on every engine: `sqlite::case`, `postgres::case`.
///
/// `conformance! { at START; case }` gives the cases a clock that begins at START and that they move.
macro_rules! conformance {
    (at $now:ident; $($case:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] fn $case() {
                $crate::harness::run_at($crate::harness::engine::Engine::Sqlite, super::$now, super::$case);
            })+
        }
        mod postgres {
            $(#[test] fn $case() {
                $crate::harness::run_at($crate::harness::engine::Engine::Postgres, super::$now, super::$case);
            })+
        }
    };
    ($($case:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] fn $case() {
                $crate::harness::run($crate::harness::engine::Engine::Sqlite, super::$case);
            })+
        }
        mod postgres {
            $(#[test] fn $case() {
                $crate::harness::run($crate::harness::engine::Engine::Postgres, super::$case);
            })+
        }
    };
}
