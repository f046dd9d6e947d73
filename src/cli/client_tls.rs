//! How a command connects by TLS: whom it trusts, and what it shows of itself.

use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use tokio_rustls::rustls;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Identity};

#[derive(Args, Clone)]
pub(crate) struct ClientTlsArgs {
    /// The CA that has signed the certificate of an https:// server: a PEM file. By default, the public CAs
    #[arg(long, value_name = "FILE", env = "CLIENTELE_CA_FILE")]
    ca_file: Option<PathBuf>,
    /// The certificate to show to a server that asks for one: a PEM file, with its key in --client-key
    #[arg(
        long,
        value_name = "FILE",
        env = "CLIENTELE_CLIENT_CERT",
        requires = "client_key"
    )]
    client_cert: Option<PathBuf>,
    /// The private key of --client-cert: a PEM file without a passphrase
    #[arg(
        long,
        value_name = "FILE",
        env = "CLIENTELE_CLIENT_KEY",
        requires = "client_cert"
    )]
    client_key: Option<PathBuf>,
}

impl ClientTlsArgs {
    /// Lets an endpoint use TLS if its address says so.
    pub(crate) fn apply(&self, endpoint: Endpoint) -> anyhow::Result<Endpoint> {
        if endpoint.uri().scheme_str() == Some("https") {
            return Ok(endpoint.tls_config(self.config()?)?);
        }
        if self.ca_file.is_some() || self.client_cert.is_some() {
            bail!(
                "--ca-file and --client-cert are for https://HOST:PORT, and --address is http://"
            );
        }
        Ok(endpoint)
    }

    fn config(&self) -> anyhow::Result<ClientTlsConfig> {
        let tls = ClientTlsConfig::new();
        let tls = match &self.ca_file {
            Some(file) => {
                let pem = read(file, "--ca-file")?;
                if CertificateDer::from_pem_slice(&pem).is_err() {
                    let file = file.display();
                    bail!("--ca-file {file}: there is no certificate in it: give it as PEM");
                }
                tls.ca_certificate(Certificate::from_pem(pem))
            }
            None => tls.with_webpki_roots(),
        };
        Ok(match (&self.client_cert, &self.client_key) {
            (Some(certificate), Some(key)) => tls.identity(Identity::from_pem(
                read(certificate, "--client-cert")?,
                read(key, "--client-key")?,
            )),
            _ => tls,
        })
    }
}

fn read(file: &Path, setting: &str) -> anyhow::Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("{setting} {}: the file cannot be read", file.display()))
}

/// Returns what a handshake failed at, and what may help; `None` if it was no handshake that failed.
pub(crate) fn fault(error: &(dyn Error + 'static)) -> Option<String> {
    let mut causes = std::iter::successors(Some(error), |&error| error.source());
    let fault = causes.find_map(|cause| {
        let inner = cause.downcast_ref::<io::Error>()?.get_ref()?;
        inner.downcast_ref::<rustls::Error>()
    })?;
    Some(format!(
        "{fault}; --ca-file names the CA of the server, and --client-cert the certificate that it may ask for"
    ))
}
