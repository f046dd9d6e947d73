//! The command line: one file or folder per command, and what they share.
//!
//! Commands are clients of the API, except for those of the operator (`operator/`), which work on a database. Tidy tests
//! hold that only they know the server's modules.

mod brief;
mod deciders;
mod get;
mod import;
mod list;
mod log;
mod lookup;
mod operator;
mod personas;
mod segments;

mod client;
mod client_tls;
mod credential;
mod error_lists;
mod explained;
mod fields;
mod filter_warnings;
mod json;
mod keys;
mod record;
mod rows;
mod session;
mod table;
mod wrap;

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use self::operator::settings;

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
      shows what to read before a call; `log` records it afterwards
  clientele segments explain customers/nordlicht-optik next-tour
      explains why a customer is in a segment, or what would have to change
  clientele personas show careful-carla
      shows a typical person as a card
  clientele import customers.csv --mapping northwind.toml
      this and all commands above but serve talk to a running server (--address); serve, migrate, check, tenants,
      keys, backup, restore, verify and epoch are its operator's, and work on the database (--database-url)

Exit codes:
  0  done
  1  something failed; stderr says what and why
  2  the command line is wrong; nothing was done
  64  serve: a setting is wrong; nothing was started

Environment variables: CLIENTELE_DATABASE_URL, CLIENTELE_LISTEN, CLIENTELE_ADDRESS, CLIENTELE_LOG, and those that the
help of a command shows. A flag overrides its variable, and a variable the settings file (--config).";

/// The parsed command line.
#[derive(Parser)]
#[command(name = "clientele", version, about = ABOUT, long_about = ABOUT, after_long_help = HELP)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(operator::serve::ServeArgs),
    Migrate(operator::migrate::MigrateArgs),
    Check(operator::check::CheckStoreArgs),
    Tenants(operator::tenants::TenantsArgs),
    Keys(operator::keys::KeysArgs),
    Backup(operator::backup::BackupArgs),
    Restore(operator::backup::RestoreArgs),
    Verify(operator::backup::VerifyArgs),
    Epoch(operator::epoch::EpochArgs),
    Get(get::GetArgs),
    List(list::ListArgs),
    Import(import::ImportArgs),
    Lookup(lookup::LookUpArgs),
    Deciders(deciders::DecidersArgs),
    Brief(brief::BriefArgs),
    Segments(Box<segments::SegmentsArgs>),
    Personas(Box<personas::PersonasArgs>),
    Log(log::LogArgs),
}

impl Cli {
    /// Reads the command line, the environment and the settings file. If that is all there is to do, as for `--help`, or
    /// if something is wrong, it says so and returns the exit code.
    ///
    /// # Errors
    /// The exit code.
    pub fn read(args: impl Iterator<Item = OsString>) -> Result<Cli, ExitCode> {
        let args: Vec<OsString> = args.collect();
        let parsed = settings::with_file(Cli::command(), &args)
            .and_then(|command| command.try_get_matches_from(&args))
            .and_then(|matches| Cli::from_arg_matches(&matches));
        parsed.map_err(|error| {
            // Nobody is there to read it.
            let _ = error.print();
            match error.exit_code() {
                0 => ExitCode::SUCCESS,
                _ if settings::is_serve(&args) => ExitCode::from(settings::EXIT_CODE),
                _ => ExitCode::from(2),
            }
        })
    }
}

/// Runs the command and returns the exit code.
pub async fn run(cli: Cli) -> ExitCode {
    let result = match cli.command {
        Command::Serve(serve) => serve.run().await,
        Command::Migrate(migrate) => migrate.run().await,
        Command::Check(check) => check.run().await,
        Command::Tenants(tenants) => tenants.run().await,
        Command::Keys(keys) => keys.run().await,
        Command::Backup(backup) => backup.run().await,
        Command::Restore(restore) => restore.run().await,
        Command::Verify(verify) => verify.run().await,
        Command::Epoch(epoch) => epoch.run().await,
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
    result.unwrap_or_else(|error| {
        if is_closed_pipe(&error) {
            return ExitCode::SUCCESS;
        }
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

/// Says whether the reader of the output has closed it, as `head` does.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let causes = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes
        .map(io::Error::kind)
        .any(|kind| kind == io::ErrorKind::BrokenPipe)
}
