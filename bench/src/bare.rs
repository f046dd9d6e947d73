//! The server's CPU for a call over loopback: of SegmentService, and of a bare tonic server that sends the same bytes.
//!
//! Each server runs on threads of its own, named so that their CPU can be told from that of the client.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use clientele::pb;
use clientele::pb::segment_service_client::SegmentServiceClient;
use clientele::pb::segment_service_server::SegmentServiceServer;
use clientele::service::resources::segment::Segments;
use clientele::store::scope::TenantScope;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::service::Routes;
use tonic::{Request, Response, Status};

const CALLS: u32 = 3_000;
/// What the threads of the server are called, and those of SQLite's driver.
const THREADS: [&str; 2] = ["bench-server", "sqlx-sqlite"];
/// Microseconds of one tick of the kernel's count; Linux has 100 a second.
const TICK: Duration = Duration::from_millis(10);

/// Returns the CPU of one call of our server.
pub fn cpu_of_ours(
    segments: Segments,
    scope: TenantScope,
    request: &pb::CheckMembershipRequest,
) -> anyhow::Result<Duration> {
    let service =
        SegmentServiceServer::with_interceptor(segments, move |mut request: Request<()>| {
            request.extensions_mut().insert(scope.clone());
            Ok(request)
        });
    cpu_of(Routes::new(service), request)
}

/// Returns the CPU of one call of a server that sends what is given.
pub fn cpu_of_bare(
    answer: pb::CheckMembershipResponse,
    request: &pb::CheckMembershipRequest,
) -> anyhow::Result<Duration> {
    cpu_of(Routes::new(Bare(Arc::new(answer))), request)
}

fn cpu_of(routes: Routes, request: &pb::CheckMembershipRequest) -> anyhow::Result<Duration> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name(THREADS[0])
        .build()?;
    runtime.spawn(async move {
        let incoming = tonic::transport::server::TcpIncoming::from(
            tokio::net::TcpListener::from_std(listener)?,
        );
        tonic::transport::Server::builder()
            .add_routes(routes)
            .serve_with_incoming(incoming)
            .await?;
        anyhow::Ok(())
    });
    let used = std::thread::scope(|threads| {
        let client = threads.spawn(|| call(&format!("http://{address}"), request));
        client
            .join()
            .unwrap_or_else(|_| Err(anyhow::anyhow!("the client panicked")))
    });
    runtime.shutdown_background();
    used
}

fn call(address: &str, request: &pb::CheckMembershipRequest) -> anyhow::Result<Duration> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut client = SegmentServiceClient::connect(address.to_owned()).await?;
        for _ in 0..CALLS / 10 {
            client.check_membership(request.clone()).await?;
        }
        let before = cpu()?;
        for _ in 0..CALLS {
            client.check_membership(request.clone()).await?;
        }
        Ok((cpu()? - before) / CALLS)
    })
}

/// Returns the CPU that the threads of servers have used so far: fields 14 and 15 of proc_pid_stat(5).
pub fn cpu() -> anyhow::Result<Duration> {
    let mut ticks = 0;
    for task in std::fs::read_dir("/proc/self/task")? {
        let stat = std::fs::read_to_string(task?.path().join("stat"))?;
        let Some((name, rest)) = stat
            .split_once('(')
            .and_then(|(_, rest)| rest.rsplit_once(')'))
        else {
            continue;
        };
        if THREADS.iter().any(|thread| name.starts_with(thread)) {
            let fields: Vec<&str> = rest.split_whitespace().collect();
            ticks += fields[11].parse::<u32>()? + fields[12].parse::<u32>()?;
        }
    }
    Ok(TICK * ticks)
}

/// The bare server: one answer for whatever is asked.
#[derive(Clone)]
struct Bare(Arc<pb::CheckMembershipResponse>);

impl UnaryService<pb::CheckMembershipRequest> for Bare {
    type Response = pb::CheckMembershipResponse;
    type Future = Ready<Result<Response<Self::Response>, Status>>;

    fn call(&mut self, _request: Request<pb::CheckMembershipRequest>) -> Self::Future {
        ready(Ok(Response::new((*self.0).clone())))
    }
}

impl Service<http::Request<Body>> for Bare {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Self::Error>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move {
            Ok(Grpc::new(tonic_prost::ProstCodec::default())
                .unary(service, request)
                .await)
        })
    }
}

impl NamedService for Bare {
    const NAME: &'static str = "clientele.v1.SegmentService";
}
