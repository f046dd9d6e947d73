//! What operators read by HTTP/1.1 on a port of its own: `/metrics`, `/healthz` and `/readyz`.
//!
//! The port is for this machine: whoever calls it by another name than a loopback one is refused. It holds nothing about
//! people. What is counted is in `metrics`; the store's figures come from whoever starts this.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::header::CONTENT_TYPE;
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::server::exposition::{MetricFamily, page};
use crate::server::metrics::Metrics;
use crate::server::{host, process};

/// The most connections at one time; the next waits.
const MAX_CONNECTIONS: usize = 16;
/// How long a connection may last, and how long it may take to ask.
const WITHIN: Duration = Duration::from_secs(10);
/// How long to wait after a connection could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
const TEXT: &str = "text/plain; charset=utf-8";
/// The text format of Prometheus.
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Returns the store's figures.
pub type StoreFamilies = Arc<dyn Fn() -> BoxFuture<'static, Vec<MetricFamily>> + Send + Sync>;

/// What is shown.
#[derive(Clone)]
pub struct Admin {
    /// What the server counts.
    pub metrics: Arc<Metrics>,
    /// What the store counts.
    pub store: StoreFamilies,
    /// A line that health shows, too: what is dangerous about the settings.
    pub warning: Option<&'static str>,
}

/// Answers operators for as long as the process lives.
pub async fn serve(listener: TcpListener, admin: Admin) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let admin = admin.clone();
                tokio::spawn(async move {
                    // However it ends, it has ended.
                    let _ = timeout(WITHIN, admin.connection(stream)).await;
                    drop(place);
                });
            }
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

impl Admin {
    async fn connection(self, stream: TcpStream) -> Result<(), hyper::Error> {
        let answer = service_fn(|request| {
            let admin = self.clone();
            async move { Ok::<_, Infallible>(admin.answer(&request).await) }
        });
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(WITHIN)
            .keep_alive(false)
            .serve_connection(TokioIo::new(stream), answer)
            .await
    }

    async fn answer(&self, request: &Request<Incoming>) -> Response<String> {
        if host::names_loopback(request.uri(), request.headers()).is_err() {
            return text(
                StatusCode::FORBIDDEN,
                "ask by a loopback name: this port is for this machine\n",
            );
        }
        if request.method() != Method::GET {
            return text(StatusCode::METHOD_NOT_ALLOWED, "send GET\n");
        }
        match request.uri().path() {
            "/metrics" => self.metrics().await,
            "/healthz" => text(StatusCode::OK, &self.warned("the process runs\n")),
            "/readyz" => self.ready(),
            _ => text(
                StatusCode::NOT_FOUND,
                "there are /metrics, /healthz and /readyz\n",
            ),
        }
    }

    async fn metrics(&self) -> Response<String> {
        let families = self.metrics.families().into_iter();
        let all = families
            .chain(process::families())
            .chain((self.store)().await);
        let mut response = text(StatusCode::OK, &page(all));
        let content = http::HeaderValue::from_static(METRICS);
        response.headers_mut().insert(CONTENT_TYPE, content);
        response
    }

    /// Ready is who answers reads; a store with a full disk still does.
    fn ready(&self) -> Response<String> {
        let answers = self.metrics.answers();
        let says = |answered| if answered { "answered" } else { "not answered" };
        let body = format!(
            "reads: {}\nwrites: {}\n",
            says(answers.reads),
            says(answers.writes)
        );
        let status = match answers.reads {
            true => StatusCode::OK,
            false => StatusCode::SERVICE_UNAVAILABLE,
        };
        text(status, &self.warned(&body))
    }

    fn warned(&self, body: &str) -> String {
        match self.warning {
            Some(warning) => format!("{body}warning: {warning}\n"),
            None => body.to_owned(),
        }
    }
}

fn text(status: StatusCode, body: &str) -> Response<String> {
    let mut response = Response::new(body.to_owned());
    *response.status_mut() = status;
    let content = http::HeaderValue::from_static(TEXT);
    response.headers_mut().insert(CONTENT_TYPE, content);
    response
}
