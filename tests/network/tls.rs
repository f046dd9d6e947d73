//! TLS as operators set it up: files, who comes through, and what happens when the files change.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::certificates::{Authority, Signed};
use super::{alone, start, text, write};
use crate::cli::{Ran, Server, program};

/// Longer than the server takes to look at its files.
const SOON: Duration = Duration::from_secs(20);

struct Secure {
    server: Server,
    authority: Authority,
}

impl Secure {
    /// Starts a server with a certificate of a new CA.
    fn start(args: &[&str]) -> Secure {
        let (folder, authority) = (TempDir::new().unwrap(), Authority::new("servers"));
        let (certificate, key) = put(&folder, &authority.sign());
        write(&folder, "ca.pem", &authority.certificate);
        let tls = ["--tls-cert", text(&certificate), "--tls-key", text(&key)];
        let args = [&tls, args].concat();
        Secure {
            server: start(folder, &args),
            authority,
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.server.folder.path().join(name)
    }

    /// Lists customers by TLS, with more options.
    fn list(&self, options: &[&str]) -> Ran {
        let ca = self.file("ca.pem");
        let list = ["list", "customers", "--json", "--ca-file", text(&ca)];
        self.server.run(&[&list, options].concat())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.file("log")).unwrap()
    }
}

fn put(folder: &TempDir, signed: &Signed) -> (PathBuf, PathBuf) {
    (
        write(folder, "server.pem", &signed.certificate),
        write(folder, "server.key", &signed.key),
    )
}

/// Waits for something that has to happen.
fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let began = Instant::now();
    while !happened() {
        assert!(began.elapsed() < SOON, "{what}: it did not happen");
    }
}

#[test]
fn who_trusts_the_ca_comes_through_and_who_does_not_is_told_why() {
    let secure = Secure::start(&[]);
    assert!(secure.server.address.starts_with("https://127.0.0.1:"));
    assert_eq!(secure.list(&[]).ok(), "");
    let why = secure.server.run(&["list", "customers"]).fails();
    assert!(
        why.contains("no secure connection to https://127.0.0.1:") && why.contains("--ca-file"),
        "{why}"
    );
    let plain = secure.server.address.replace("https", "http");
    let why = secure
        .server
        .run(&["list", "customers", "--address", &plain]);
    assert_eq!(why.code, 1, "{}", why.out);
}

#[test]
fn only_http2_is_agreed_on() {
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
    use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, crypto};
    let secure = Secure::start(&[]);
    let address = secure.server.address.trim_start_matches("https://");
    let agreed = |offered: &[&[u8]]| {
        let mut roots = RootCertStore::empty();
        let pem = secure.authority.certificate.as_bytes();
        roots
            .add(CertificateDer::from_pem_slice(pem).unwrap())
            .unwrap();
        let provider = crypto::ring::default_provider().into();
        let config = ClientConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions().unwrap();
        let mut config = config.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = offered.iter().map(|name| name.to_vec()).collect();
        let name = ServerName::try_from("localhost").unwrap();
        let mut tls = ClientConnection::new(config.into(), name).unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        while tls.is_handshaking() {
            tls.complete_io(&mut stream).ok()?;
        }
        tls.alpn_protocol().map(<[u8]>::to_vec)
    };
    assert_eq!(agreed(&[b"http/1.1", b"h2"]), Some(b"h2".to_vec()));
    assert_eq!(agreed(&[b"http/1.1"]), None);
}

#[test]
fn a_client_ca_lets_in_only_those_who_show_its_certificate() {
    let clients = Authority::new("clients");
    let folder = TempDir::new().unwrap();
    let ca = write(&folder, "clients.pem", &clients.certificate);
    // Others may reach it then, for they have a credential.
    let secure = Secure::start(&["--tls-client-ca", text(&ca)]);
    let refused = secure.list(&[]);
    assert_eq!((refused.code, refused.out.as_str()), (1, ""));
    for (authority, comes_through) in [(&secure.authority, false), (&clients, true)] {
        let own = authority.sign();
        let certificate = write(&folder, "own.pem", &own.certificate);
        let key = write(&folder, "own.key", &own.key);
        let shown = [
            "--client-cert",
            text(&certificate),
            "--client-key",
            text(&key),
        ];
        let ran = secure.list(&shown);
        assert_eq!(ran.code == 0, comes_through, "{}", ran.err);
    }
}

#[test]
fn a_renewed_certificate_is_used_and_a_broken_one_is_not() {
    let secure = Secure::start(&[]);
    assert_eq!(secure.list(&[]).ok(), "");
    write(&secure.server.folder, "server.pem", "no certificate");
    until("the warning", || {
        secure.log().contains("those before stay in use")
    });
    let log = secure.log();
    assert!(
        log.contains("--tls-cert") && log.contains("there is no certificate in it"),
        "{log}"
    );
    assert_eq!(secure.list(&[]).ok(), "", "the old one is still there");
    let renewed = Authority::new("servers of the next year");
    put(&secure.server.folder, &renewed.sign());
    write(&secure.server.folder, "ca.pem", &renewed.certificate);
    until("the renewal", || secure.list(&[]).code == 0);
    write(
        &secure.server.folder,
        "ca.pem",
        &secure.authority.certificate,
    );
    assert_eq!(secure.list(&[]).code, 1, "the old CA is out of use");
}

/// Expects the start to be stopped by what is wrong with these TLS settings.
fn is_refused(args: &[&str], expected: &str) {
    let why = alone(&[&["serve"], args].concat()).wrong_setting();
    assert!(
        why.starts_with("error: --tls-") && why.contains(expected),
        "{why}"
    );
    assert_eq!(why.lines().count(), 1, "{why}");
}

#[test]
fn settings_of_tls_go_together() {
    let (folder, authority) = (TempDir::new().unwrap(), Authority::new("servers"));
    let (certificate, key) = put(&folder, &authority.sign());
    let (certificate, key) = (text(&certificate), text(&key));
    is_refused(&["--tls-cert", certificate], "--tls-cert needs --tls-key");
    is_refused(&["--tls-key", key], "--tls-key needs --tls-cert");
    is_refused(
        &["--tls-client-ca", certificate],
        "--tls-client-ca needs --tls-cert",
    );
    let both = [
        "--tls-cert",
        certificate,
        "--tls-key",
        key,
        "--tls-terminated-upstream",
    ];
    is_refused(
        &[&both[..], &["--insecure-allow-unauthenticated"]].concat(),
        "exclude each other",
    );
}

#[test]
fn wrong_files_stop_the_start_by_name() {
    let (folder, authority) = (TempDir::new().unwrap(), Authority::new("servers"));
    let (certificate, key) = put(&folder, &authority.sign());
    let other = write(&folder, "other.key", &authority.sign().key);
    let nonsense = write(&folder, "nonsense.pem", "nonsense");
    let missing = folder.path().join("missing.pem");
    let with = |certificate: &PathBuf, key: &PathBuf, more: &[&str], expected: &str| {
        let files = ["--tls-cert", text(certificate), "--tls-key", text(key)];
        is_refused(&[&files, more].concat(), expected);
    };
    with(
        &missing,
        &key,
        &[],
        "missing.pem: the file cannot be read: entity not found",
    );
    with(
        &nonsense,
        &key,
        &[],
        "nonsense.pem: there is no certificate in it",
    );
    with(
        &certificate,
        &nonsense,
        &[],
        "nonsense.pem: there is no private key in it",
    );
    with(
        &certificate,
        &other,
        &[],
        "server.pem: it does not go with --tls-key",
    );
    let clients = ["--tls-client-ca", text(&nonsense)];
    with(&certificate, &key, &clients, "--tls-client-ca");
}

#[test]
fn who_is_silent_in_the_handshake_is_dropped() {
    let secure = Secure::start(&[]);
    let address = secure.server.address.trim_start_matches("https://");
    let began = Instant::now();
    let mut silent = TcpStream::connect(address).unwrap();
    silent.set_read_timeout(Some(SOON)).unwrap();
    assert_eq!(silent.read(&mut [0; 1]).unwrap(), 0, "it is closed");
    let took = began.elapsed();
    assert!(took >= Duration::from_secs(5), "{took:?}");
    let mut plain = TcpStream::connect(address).unwrap();
    plain.set_read_timeout(Some(SOON)).unwrap();
    plain
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .unwrap();
    let mut answer = Vec::new();
    // It may end with a reset.
    let _ = plain.read_to_end(&mut answer);
    // An alert of TLS, and no SETTINGS.
    assert!(answer.first().is_none_or(|kind| *kind == 21), "{answer:?}");
}

#[test]
fn certificates_are_for_https() {
    let (folder, authority) = (TempDir::new().unwrap(), Authority::new("servers"));
    let ca = write(&folder, "ca.pem", &authority.certificate);
    let mut command = program(folder.path());
    let address = ["--address", "http://127.0.0.1:1"];
    command
        .args(["list", "customers", "--ca-file", text(&ca)])
        .args(address);
    let why = Ran::of(command).fails();
    assert!(why.contains("are for https://HOST:PORT"), "{why}");
}
