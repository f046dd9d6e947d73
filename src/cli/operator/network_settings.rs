//! The settings of `serve` that say where it listens, with which TLS, and whom it lets in.
//!
//! Owns the rule that a server which others can reach asks for credentials and uses TLS, unless its operator says
//! otherwise.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::Args;
use clap::builder::BoolishValueParser;

use crate::cli::operator::settings::WrongSetting;
use crate::server::host::HostRule;
use crate::server::tls::{Tls, TlsFiles};

#[derive(Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct NetworkArgs {
    /// The address and port to listen on. Port 0 takes a free one
    ///
    /// On any address but a loopback one, others can reach the server. Then it has to ask for a credential, and to use
    /// TLS.
    #[arg(
        long,
        value_name = "ADDR",
        env = "CLIENTELE_LISTEN",
        default_value = "127.0.0.1:50051",
        value_parser = address
    )]
    pub(crate) listen: SocketAddr,
    /// The certificate for TLS: a PEM file with the server's own certificate first
    ///
    /// It and the other TLS files are read again when they change. If what is new is not right, the server logs a warning
    /// and goes on with what it has.
    #[arg(long, value_name = "FILE", env = "CLIENTELE_TLS_CERT")]
    tls_cert: Option<PathBuf>,
    /// The private key of --tls-cert: a PEM file without a passphrase
    #[arg(long, value_name = "FILE", env = "CLIENTELE_TLS_KEY")]
    tls_key: Option<PathBuf>,
    /// Lets in only clients who show a certificate of one of the CAs in this PEM file
    #[arg(long, value_name = "FILE", env = "CLIENTELE_TLS_CLIENT_CA")]
    tls_client_ca: Option<PathBuf>,
    /// Says that a proxy in front of the server ends TLS, and that nobody else can reach the port
    #[arg(long, env = "CLIENTELE_TLS_TERMINATED_UPSTREAM", value_parser = BoolishValueParser::new())]
    tls_terminated_upstream: bool,
    /// Lets in whoever reaches the port, to read and change everything. A warning repeats this every minute
    #[arg(long, env = "CLIENTELE_INSECURE_ALLOW_UNAUTHENTICATED", value_parser = BoolishValueParser::new())]
    insecure_allow_unauthenticated: bool,
}

/// What the settings come to.
pub(crate) struct Network {
    pub(crate) tls: Option<Tls>,
    pub(crate) host_rule: HostRule,
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    let numeric = text
        .strip_prefix("localhost:")
        .map(|port| format!("{}:{port}", Ipv4Addr::LOCALHOST));
    let address = numeric.as_deref().unwrap_or(text).parse();
    address.map_err(|_| "expected ADDRESS:PORT, such as 127.0.0.1:50051 or [::]:50051")
}

impl NetworkArgs {
    /// Checks that the settings fit together, and reads the TLS files. `asks_for_keys` says whether calls need a key.
    pub(crate) fn check(&self, asks_for_keys: bool) -> Result<Network, WrongSetting> {
        let files = self.tls_files()?;
        let asks_for_credential = asks_for_keys || self.tls_client_ca.is_some();
        // A proxy that ends TLS carries calls of others to a loopback address, too.
        let is_exposed = !self.listen.ip().is_loopback() || self.tls_terminated_upstream;
        if is_exposed && !asks_for_credential && !self.insecure_allow_unauthenticated {
            return Err(self.unauthenticated());
        }
        if is_exposed && files.is_none() && !self.tls_terminated_upstream {
            return Err(self.unencrypted());
        }
        let host_rule = match (asks_for_credential, is_exposed) {
            (true, _) => HostRule::Anything,
            (false, true) => HostRule::AnyHost,
            (false, false) => HostRule::Loopback,
        };
        let tls = files.map(Tls::follow).transpose();
        let tls = tls.map_err(|fault| WrongSetting::new(fault.to_string()))?;
        Ok(Network { tls, host_rule })
    }

    fn tls_files(&self) -> Result<Option<TlsFiles>, WrongSetting> {
        let wrong = |what: &str| Err(WrongSetting::new(what));
        match (&self.tls_cert, &self.tls_key, &self.tls_client_ca) {
            (Some(_), None, _) => {
                wrong("--tls-cert needs --tls-key, the file with its private key")
            }
            (None, Some(_), _) => {
                wrong("--tls-key needs --tls-cert, the file with its certificate")
            }
            (None, None, Some(_)) => wrong(
                "--tls-client-ca needs --tls-cert and --tls-key: clients show certificates only within TLS",
            ),
            (Some(_), Some(_), _) if self.tls_terminated_upstream => wrong(
                "--tls-terminated-upstream and --tls-cert exclude each other: either a proxy ends TLS, or this server \
                 does",
            ),
            (Some(certificate), Some(key), client_ca) => Ok(Some(TlsFiles {
                certificate: certificate.clone(),
                key: key.clone(),
                client_ca: client_ca.clone(),
            })),
            (None, None, None) => Ok(None),
        }
    }

    fn unauthenticated(&self) -> WrongSetting {
        let how = match self.listen.ip().is_loopback() {
            true => "--tls-terminated-upstream".to_owned(),
            false => format!("--listen {}", self.listen),
        };
        WrongSetting::new(format!(
            "{how} lets others reach the server, and nothing says who they are: set --auth keys or \
             --tls-client-ca, or listen on 127.0.0.1; --insecure-allow-unauthenticated lets everybody read and change everything"
        ))
    }

    fn unencrypted(&self) -> WrongSetting {
        WrongSetting::new(format!(
            "--listen {} lets others reach the server, and what they send could be read on the way: set --tls-cert and \
             --tls-key, or --tls-terminated-upstream if a proxy in front of it ends TLS",
            self.listen
        ))
    }
}
