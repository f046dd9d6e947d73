//! The keys of an issuer of tokens: fetched from where the operator says, and kept for a while.
//!
//! An id that is not among them makes the server ask again, but not more often than every 30 seconds, whatever is sent;
//! so a flood of made-up ids costs one request in that time. What the keys are used for is up to `tokens`.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use http::header::{ACCEPT, HOST};
use http::{Request, StatusCode, Uri};
use http_body::Body as _;
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, MutexGuard};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;
use tonic::body::Body;

use crate::access::token::{IssuerKey, MAX_KEYS_BYTES, read_keys};
use crate::error::Error;

/// How long the request for keys may take.
const WITHIN: Duration = Duration::from_secs(2);
/// How often keys are asked for at most.
const EVERY: Duration = Duration::from_secs(30);
/// The age at which keys are asked for again, so that one that is withdrawn is no longer accepted.
const OLD: Duration = Duration::from_secs(600);
/// The age from which on keys are not used, if the issuer cannot be asked.
const TOO_OLD: Duration = Duration::from_secs(3600);

/// Where keys come from.
pub(crate) struct KeySource {
    /// The address.
    pub url: Uri,
    /// How the server is recognised; `None` for one on this machine.
    pub tls: Option<Arc<ClientConfig>>,
}

/// The keys of one issuer.
pub(crate) struct IssuerKeys {
    /// What the log calls the issuer.
    name: String,
    source: KeySource,
    set: RwLock<Arc<FetchedKeys>>,
    /// When they were last asked for. Whoever holds it asks.
    asked: Mutex<Option<Instant>>,
}

#[derive(Default)]
struct FetchedKeys {
    keys: Vec<IssuerKey>,
    /// When they were asked for; `None` before the first time.
    as_of: Option<Instant>,
    /// How many different sets came before.
    generation: u64,
}

impl FetchedKeys {
    fn is_older_than(&self, age: Duration) -> bool {
        self.as_of.is_none_or(|as_of| as_of.elapsed() > age)
    }

    fn find(&self, id: &str) -> Option<(IssuerKey, u64)> {
        let key = self.keys.iter().find(|key| key.id == id)?;
        Some((key.clone(), self.generation))
    }
}

impl IssuerKeys {
    pub(crate) fn new(name: &str, source: KeySource) -> IssuerKeys {
        IssuerKeys {
            name: name.to_owned(),
            source,
            set: RwLock::default(),
            asked: Mutex::new(None),
        }
    }

    /// Returns a key, and the generation of the set that it is in; `None` if there is none of this id.
    ///
    /// # Errors
    /// `IssuerUnavailable` if the issuer cannot be asked.
    pub(crate) async fn find(
        self: &Arc<IssuerKeys>,
        id: &str,
    ) -> Result<Option<(IssuerKey, u64)>, Error> {
        let set = self.current();
        let found = set.find(id);
        match &found {
            Some(_) if !set.is_older_than(OLD) => return Ok(found),
            // One call has it asked, and all go on with what there is.
            Some(_) if !set.is_older_than(TOO_OLD) => {
                if self.asked.try_lock().is_ok() {
                    drop(self.asking());
                }
            }
            // An error means that the server ends.
            _ => drop(self.asking().await),
        }
        let set = self.current();
        match set.is_older_than(TOO_OLD) {
            true => Err(Error::IssuerUnavailable),
            false => Ok(set.find(id)),
        }
    }

    /// Says whether keys of this generation are still in use, and need not be asked for again.
    pub(crate) fn is_current(&self, generation: u64) -> bool {
        let set = self.current();
        set.generation == generation && !set.is_older_than(OLD)
    }

    fn current(&self) -> Arc<FetchedKeys> {
        Arc::clone(&self.set.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Asks the issuer in a task of its own: a caller who hangs up must not use up the turn of all.
    fn asking(self: &Arc<IssuerKeys>) -> JoinHandle<()> {
        let keys = Arc::clone(self);
        tokio::spawn(async move { keys.ask(keys.asked.lock().await).await })
    }

    /// Asks the issuer, unless it was asked a moment ago. After a failure what is known stays.
    async fn ask(&self, mut asked: MutexGuard<'_, Option<Instant>>) {
        if asked.is_some_and(|last| last.elapsed() < EVERY) {
            return;
        }
        let now = Instant::now();
        *asked = Some(now);
        let answer = timeout(WITHIN, get(&self.source)).await;
        let answer = answer.unwrap_or(Err("it did not answer within 2 s"));
        match answer.and_then(|json| read_keys(&json)) {
            Ok(keys) => {
                let before = self.current();
                let is_new = before.keys != keys;
                let set = FetchedKeys {
                    keys,
                    as_of: Some(now),
                    generation: before.generation + u64::from(is_new),
                };
                *self.set.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(set);
            }
            Err(why) => tracing::warn!(
                issuer = %self.name,
                error.cause = why,
                "the keys of an issuer of tokens could not be fetched"
            ),
        }
    }
}

/// Gets what is at an address. It must be there: a redirect is not followed.
async fn get(source: &KeySource) -> Result<Vec<u8>, &'static str> {
    let host = source.url.host().unwrap_or_default();
    let port = source.url.port_u16();
    let port = port.unwrap_or(if source.tls.is_some() { 443 } else { 80 });
    let address = (host.trim_matches(['[', ']']), port);
    let stream = TcpStream::connect(address).await;
    let stream = stream.map_err(|_| "it cannot be reached")?;
    match &source.tls {
        None => exchange(stream, &source.url).await,
        Some(tls) => {
            let name = ServerName::try_from(address.0.to_owned());
            let name = name.map_err(|_| "its name can be in no certificate")?;
            let stream = TlsConnector::from(Arc::clone(tls)).connect(name, stream);
            let stream = stream
                .await
                .map_err(|_| "its certificate is not accepted")?;
            exchange(stream, &source.url).await
        }
    }
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    url: &Uri,
) -> Result<Vec<u8>, &'static str> {
    const BROKEN: &str = "it broke the connection, or speaks no HTTP/1.1";
    let connected = handshake(TokioIo::new(stream)).await;
    let (mut requests, connection) = connected.map_err(|_| BROKEN)?;
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let host = url.authority().map_or("", |authority| authority.as_str());
    let request = Request::get(path)
        .header(HOST, host)
        .header(ACCEPT, "application/json")
        .body(Body::empty())
        .map_err(|_| "its address is no address")?;
    let answer = async {
        let answer = requests.send_request(request).await.map_err(|_| BROKEN)?;
        if answer.status() != StatusCode::OK {
            return Err("it answered with another status than 200");
        }
        let (mut body, mut whole) = (answer.into_body(), Vec::new());
        while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            let frame = frame.map_err(|_| BROKEN)?;
            whole.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
            if whole.len() > MAX_KEYS_BYTES {
                return Err("it is larger than 64 KiB");
            }
        }
        Ok(whole)
    };
    // The connection may end before all that it brought is read.
    let driven = async {
        let _ = connection.await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        answer = answer => answer,
        () = driven => Err(BROKEN),
    }
}
