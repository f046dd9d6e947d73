//! What an API key costs: the same calls to a server that asks for keys and to one that does not, on the sample of
//! `serve --demo` in a SQLite file. The servers are other processes and take turns.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

use crate::calls::{Cost, Server, questions};

/// Rounds of each server: far more than it takes for calls, because microseconds are to be seen.
const ROUNDS: usize = 15;

/// Prints the CPU of a call with a key beside that of one without.
pub async fn run() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let program = std::env::current_exe()?.with_file_name("clientele");
    let with_url = format!("sqlite://{}", folder.path().join("with.db").display());
    let without_url = format!("sqlite://{}", folder.path().join("without.db").display());
    let start = |url: &str, auth: &str| {
        let arguments = [
            "serve",
            "--demo",
            "--listen",
            "127.0.0.1:0",
            "--database-url",
            url,
            "--auth",
            auth,
        ];
        Server::start(&program, &arguments, &[])
    };
    let (mut with, without) = (start(&with_url, "keys")?, start(&without_url, "none")?);
    let key = create_key(&program, &with_url)?;
    with.credential = Some(format!("Bearer {key}").parse()?);
    for (path, request) in questions().into_iter().take(1) {
        let [with, without] = Cost::in_turns([&with, &without], path, &request, ROUNDS).await?;
        println!(
            "auth, {}: {:.1} us of CPU a call with a key, {:.1} us without: {:+.1} us (bar 3 us)",
            path.rsplit('/').next().unwrap_or_default(),
            with.cpu,
            without.cpu,
            with.cpu - without.cpu
        );
    }
    Ok(())
}

/// Makes a key beside the server.
fn create_key(program: &Path, url: &str) -> anyhow::Result<String> {
    let mut command = Command::new(program);
    command.args(["keys", "create", "--for", "bench", "--scopes", "read"]);
    let made = command.args(["--database-url", url]).output()?;
    ensure!(made.status.success(), "no key could be made");
    let key = String::from_utf8(made.stdout)?;
    Ok(key.lines().next().context("no key was printed")?.to_owned())
}
