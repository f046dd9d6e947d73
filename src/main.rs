//! The program: reads the command line and runs one command.

use std::process::ExitCode;

use clientele::cli::{Cli, run};

/// The system's own allocator keeps, for good, much of what a flood of large messages made it take. This one gives it
/// back within seconds, from a thread of its own.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::read(std::env::args_os()) {
        Ok(cli) => run(cli).await,
        Err(code) => code,
    }
}
