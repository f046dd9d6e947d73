//! TLS of connections: a certificate from files, which are read again when they change.
//!
//! It owns the files and the handshake. Whether there has to be TLS is decided where the settings are read.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::server::transport::Transport;

/// How often the files are looked at. Their content counts, not their times: a renewal may keep those, or swap a link.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The protocol that clients and server agree on (RFC 7301).
const HTTP2: &[u8] = b"h2";

/// Where the certificate and its key are, all in PEM.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The server's own certificate, and those that lead to its CA.
    pub certificate: PathBuf,
    /// The private key of the certificate.
    pub key: PathBuf,
    /// The CAs of which a client has to show a certificate. Without them, clients show none.
    pub client_ca: Option<PathBuf>,
}

/// What is wrong with one of the files. The text begins with the setting that names it.
#[derive(Debug, thiserror::Error)]
#[error("--{setting} {}: {what}", .file.display())]
pub struct TlsFault {
    setting: &'static str,
    file: PathBuf,
    what: String,
}

/// TLS as it is at present. Its clones change together.
#[derive(Clone)]
pub struct Tls(watch::Receiver<Arc<ServerConfig>>);

impl Tls {
    /// Reads the files, and follows them until nobody needs them. What replaces them has to be right as a whole; until
    /// it is, the last that was right is used.
    ///
    /// # Errors
    /// If the files are not right at the start.
    pub fn follow(files: TlsFiles) -> Result<Tls, TlsFault> {
        let contents = files.read();
        let (current, tls) = watch::channel(files.config(&contents)?);
        tokio::spawn(follow(files, contents, current));
        Ok(Tls(tls))
    }

    /// Makes the handshake. `None` if the peer does not come with it in time, or has no right to.
    pub(crate) async fn accept(&self, stream: TcpStream, within: Duration) -> Option<Transport> {
        let config = Arc::clone(&self.0.borrow());
        let accepted = TlsAcceptor::from(config).accept(stream);
        let stream = timeout(within, accepted).await.ok()?.ok()?;
        Some(Transport::Tls(Box::new(stream)))
    }
}

/// Looks at the files again and again.
async fn follow(files: TlsFiles, mut last: Contents, current: watch::Sender<Arc<ServerConfig>>) {
    loop {
        tokio::select! {
            () = current.closed() => return,
            () = sleep(LOOK_EVERY) => {}
        }
        let looking = files.clone();
        // It fails if the runtime ends.
        let Ok(contents) = spawn_blocking(move || looking.read()).await else {
            return;
        };
        if contents == last {
            continue;
        }
        // A renewal writes one file after the other: what does not fit together yet may do so at the next look.
        match files.config(&contents) {
            Ok(config) => {
                current.send_replace(config);
                tracing::info!("the TLS files have changed, and hold for new connections");
            }
            Err(fault) => {
                tracing::warn!("the TLS files have changed, but those before stay in use: {fault}");
            }
        }
        last = contents;
    }
}

type Content = Result<Vec<u8>, ErrorKind>;

/// What stands in the files.
#[derive(PartialEq)]
struct Contents {
    certificate: Content,
    key: Content,
    client_ca: Option<Content>,
}

impl TlsFiles {
    fn read(&self) -> Contents {
        let read = |file: &PathBuf| fs::read(file).map_err(|error| error.kind());
        Contents {
            certificate: read(&self.certificate),
            key: read(&self.key),
            client_ca: self.client_ca.as_ref().map(read),
        }
    }

    fn config(&self, contents: &Contents) -> Result<Arc<ServerConfig>, TlsFault> {
        let own = fault("tls-cert", &self.certificate);
        let chain = certificates(&contents.certificate).map_err(own)?;
        let key = key(&contents.key).map_err(fault("tls-key", &self.key))?;
        let provider = Arc::new(ring::default_provider());
        let versions = ServerConfig::builder_with_provider(Arc::clone(&provider));
        let versions = versions.with_safe_default_protocol_versions();
        let builder = versions.map_err(|error| own(error.to_string()))?;
        let builder = match (&self.client_ca, &contents.client_ca) {
            (Some(file), Some(content)) => {
                let clients = verifier(content, provider).map_err(fault("tls-client-ca", file))?;
                builder.with_client_cert_verifier(clients)
            }
            _ => builder.with_no_client_auth(),
        };
        let config = builder.with_single_cert(chain, key);
        let mut config = config.map_err(|error| {
            own(format!(
                "it does not go with --tls-key: give the certificate of that key first, then those that lead to its \
                 CA ({error})"
            ))
        })?;
        config.alpn_protocols = vec![HTTP2.to_vec()];
        Ok(Arc::new(config))
    }
}

/// Makes the fault of a file.
fn fault(setting: &'static str, file: &Path) -> impl Fn(String) -> TlsFault + Copy {
    move |what| TlsFault {
        setting,
        file: file.to_owned(),
        what,
    }
}

fn readable(content: &Content) -> Result<&[u8], String> {
    let why = |kind: &ErrorKind| format!("the file cannot be read: {kind}");
    content.as_deref().map_err(why)
}

fn certificates(content: &Content) -> Result<Vec<CertificateDer<'static>>, String> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(readable(content)?).collect();
    match read {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err("there is no certificate in it: give it as PEM".to_owned()),
    }
}

fn key(content: &Content) -> Result<PrivateKeyDer<'static>, String> {
    let key = PrivateKeyDer::from_pem_slice(readable(content)?);
    key.map_err(|_| {
        "there is no private key in it: give it as PEM, and without a passphrase".to_owned()
    })
}

/// Makes what checks the certificates of clients.
fn verifier(
    content: &Content,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(content)? {
        let added = roots.add(certificate);
        added.map_err(|error| format!("a certificate in it is no CA's: {error}"))?;
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
    verifier.map_err(|error| error.to_string())
}
