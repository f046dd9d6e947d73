//! The command line: one file per command, and what they share.
//!
//! A command reads its settings, does its work and says what it did. Everything about records goes through the API,
//! also where the server is in the same process.

pub mod brief;
pub mod deciders;
pub mod get;
pub mod import;
pub mod list;
pub mod log;
pub mod lookup;
pub mod operator;
pub mod personas;
pub mod segments;

pub mod ask;
pub mod client;
mod explained;
pub mod json;
pub mod record;
pub mod table;
mod wrap;

use std::io;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

const ABOUT: &str = "Who your customers are, who decides there, and what was last said";

const HELP: &str = "\
Examples:
  clientele serve --demo
      serves a small made-up sample from ./clientele.db on 127.0.0.1:50051
  clientele list customers
  clientele get customers/nordlicht-optik
  clientele lookup 'nordlicht'
      finds people and firms by whatever is at hand
  clientele brief customers/nordlicht-optik
      says what to read before the call; `log` writes down what came out of it
  clientele segments explain customers/nordlicht-optik next-tour
      says why a customer is in a segment, or what would have to change
  clientele personas show careful-carla
      shows a typical person as a card
  clientele import customers.csv --mapping northwind.toml
      every command but serve and migrate talks to a running server; see --address

Exit codes:
  0  done
  1  something failed; what and why is on stderr
  2  the command line is wrong; nothing was done

Settings can also come from the environment: CLIENTELE_DATABASE_URL, CLIENTELE_LISTEN, CLIENTELE_ADDRESS, CLIENTELE_LOG.
A flag wins over its variable.";

/// The command line.
#[derive(Parser)]
#[command(name = "clientele", version, about = ABOUT, long_about = ABOUT, after_long_help = HELP)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(operator::serve::Serve),
    Migrate(operator::migrate::Migrate),
    Get(get::Get),
    List(list::List),
    Import(import::Import),
    Lookup(lookup::Lookup),
    Deciders(deciders::Deciders),
    Brief(brief::Brief),
    Segments(Box<segments::Segments>),
    Personas(Box<personas::Personas>),
    Log(log::Log),
}

/// Runs the command and says how the program ends.
pub async fn run(cli: Cli) -> ExitCode {
    let ended = match cli.command {
        Command::Serve(serve) => serve.run().await,
        Command::Migrate(migrate) => migrate.run().await,
        Command::Get(get) => get.run().await,
        Command::List(list) => list.run().await,
        Command::Import(import) => import.run().await,
        Command::Lookup(lookup) => lookup.run().await,
        Command::Deciders(deciders) => deciders.run().await,
        Command::Brief(brief) => brief.run().await,
        Command::Segments(segments) => segments.run().await,
        Command::Personas(personas) => personas.run().await,
        Command::Log(log) => log.run().await,
    };
    ended.unwrap_or_else(|error| {
        if is_closed_pipe(&error) {
            return ExitCode::SUCCESS;
        }
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

/// Says whether the reader of our output has had enough, as `head` has.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let causes = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes
        .map(io::Error::kind)
        .any(|kind| kind == io::ErrorKind::BrokenPipe)
}
