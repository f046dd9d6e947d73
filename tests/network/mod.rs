//! What a server on a network has beyond one on this machine: TLS, settings, what operators watch, shares, restarts.
//!
//! All servers under test listen on loopback, also where others are meant.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod admin; // what operators read
mod certificates; // a CA of our own
mod exposure; // what a server that others can reach has to have
mod files; // the dashboard, the alerts and the sample of settings
mod restarts; // stopped and started under load
mod settings; // where settings come from, and what is wrong with them
mod shares; // what one caller leaves to others
mod spans; // what a collector gets
mod tls; // who comes through, and with which certificate

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::cli::{Ran, Server, program};

/// Runs the program in an empty folder.
fn alone(args: &[&str]) -> Ran {
    let folder = TempDir::new().unwrap();
    let mut command = program(folder.path());
    command.args(args);
    Ran::of(command)
}

fn write(folder: &TempDir, name: &str, content: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    path
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Starts a server in a folder that files of the test are in.
fn start(folder: TempDir, args: &[&str]) -> Server {
    Server::start_in(folder, args)
}
