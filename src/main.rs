//! The program: reads the command line and runs one command.

use std::process::ExitCode;

use clap::Parser;
use clientele::cli::{Cli, run};

#[tokio::main]
async fn main() -> ExitCode {
    run(Cli::parse()).await
}
