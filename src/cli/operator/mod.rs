//! The operator's commands: those that work on a database itself. All others are clients of a running server.

pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod epoch;
pub(crate) mod keys;
pub(crate) mod migrate;
pub(crate) mod serve;
pub(crate) mod settings;
pub(crate) mod tenants;

mod demo;
mod limit_settings;
mod network_settings;
mod store_metrics;
mod watch_settings;

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Args};

use crate::cli::operator::settings::FILE_VARIABLE;
use crate::cli::table;
use crate::clock::{self, Micros};
use crate::store::engine::open::DatabaseUrl;

/// Where the data is.
#[derive(Args)]
pub(crate) struct DatabaseArgs {
    /// The database: sqlite://FILE, or postgres://USER:PASSWORD@HOST/DATABASE
    ///
    /// A SQLite file is created and migrated automatically. Migrate a PostgreSQL database with `clientele migrate`
    /// first.
    #[arg(
        long,
        value_name = "URL",
        env = "CLIENTELE_DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite://clientele.db",
        value_parser = UrlParser
    )]
    pub(crate) database_url: DatabaseUrl,
    /// A settings file: TOML, with the options of `serve` as keys
    ///
    /// A flag wins over an environment variable, and that over the file. It is read before anything else.
    #[arg(long = "config", value_name = "FILE", env = FILE_VARIABLE)]
    _config: Option<PathBuf>,
}

/// Parses a database URL. Errors never repeat it, since it may hold a password.
#[derive(Clone)]
struct UrlParser;

impl TypedValueParser for UrlParser {
    type Value = DatabaseUrl;

    fn parse_ref(
        &self,
        command: &clap::Command,
        _: Option<&Arg>,
        text: &OsStr,
    ) -> Result<DatabaseUrl, clap::Error> {
        let url = text.to_str().unwrap_or_default().parse::<DatabaseUrl>();
        url.map_err(|why| {
            clap::Error::raw(
                ErrorKind::ValueValidation,
                format!("--database-url: {why}\n"),
            )
            .with_cmd(command)
        })
    }
}

/// Writes a time in UTC.
fn time_of(time: Option<Micros>) -> Option<String> {
    let time = time.map(clock::timestamp);
    time.map(|time| table::time(Some(&time), "%Y-%m-%dT%H:%M:%SZ"))
}
