//! A server that others can reach asks for a credential and uses TLS, or does not start.

use tempfile::TempDir;

use super::{alone, start};

#[test]
fn other_addresses_need_a_credential_and_tls() {
    for address in ["0.0.0.0:50051", "[::]:50051", "192.0.2.1:50051"] {
        let why = alone(&["serve", "--listen", address]).wrong_setting();
        for part in [
            &format!("error: --listen {address} "),
            "--auth keys",
            "--tls-client-ca",
            "--insecure-allow-unauthenticated",
        ] {
            assert!(why.contains(part), "{why}");
        }
        assert_eq!(why.lines().count(), 1, "{why}");
        let args = [
            "serve",
            "--listen",
            address,
            "--insecure-allow-unauthenticated",
        ];
        let why = alone(&args).wrong_setting();
        for part in ["--tls-cert", "--tls-key", "--tls-terminated-upstream"] {
            assert!(why.contains(part), "{why}");
        }
    }
}

#[test]
fn a_proxy_in_front_lets_others_reach_a_loopback_address() {
    let why = alone(&["serve", "--tls-terminated-upstream"]).wrong_setting();
    assert!(
        why.starts_with("error: --tls-terminated-upstream lets others reach the server"),
        "{why}"
    );
}

#[test]
fn a_name_is_no_address() {
    for address in ["example.com:50051", "nonsense", "127.0.0.1"] {
        let why = alone(&["serve", "--listen", address]).wrong_setting();
        assert!(
            why.contains("--listen") && why.contains("expected ADDRESS:PORT"),
            "{why}"
        );
    }
}

/// Nothing is opened before the settings are known to be right.
#[test]
fn a_wrong_setting_leaves_no_store() {
    let folder = TempDir::new().unwrap();
    let mut command = crate::cli::program(folder.path());
    command.args(["serve", "--listen", "0.0.0.0:50051"]);
    crate::cli::Ran::of(command).wrong_setting();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn who_lets_everybody_in_is_warned_and_so_are_the_callers() {
    let args = [
        "--tls-terminated-upstream",
        "--insecure-allow-unauthenticated",
        "--admin-listen",
        "127.0.0.1:0",
    ];
    let server = start(TempDir::new().unwrap(), &args);
    server.run(&["list", "customers", "--json"]).ok();
    let log = std::fs::read_to_string(server.folder.path().join("log")).unwrap();
    assert!(
        log.contains("WARN") && log.contains("--insecure-allow-unauthenticated"),
        "{log}"
    );
    for path in ["/healthz", "/readyz"] {
        let page = super::admin::get(&server, path);
        assert!(
            page.contains("warning: --insecure-allow-unauthenticated"),
            "{page}"
        );
    }
}
