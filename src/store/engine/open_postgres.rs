//! Opening a PostgreSQL database: the settings of its sessions, the check that it keeps what it acknowledges, and the
//! schema, which `migrate` must have created.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, PgPool};

use crate::clock::Clock;
use crate::page::TokenKey;
use crate::store::engine::canceller::Canceller;
use crate::store::engine::db::Engine;
use crate::store::engine::lane::{Readers, Width};
use crate::store::engine::open::{
    ADD_SECRET, OpenError, Opened, READ_EPOCH, READ_SECRET, READ_VERSION, STATEMENT_CACHE,
    assemble, check_version, new_secret, token_key,
};
use crate::store::engine::plan_expiry;
use crate::store::engine::postgres_units::{PostgresWriter, WRITERS};
use crate::store::engine::reader::{Connector, LONGEST};
use crate::store::engine::standing::Standings;

/// Who reads at one time. With those who write, and the one that cancels, 17 connections.
const CHEAP: Width = Width {
    connections: 6,
    queue: 256,
};
const DEAR: Width = Width {
    connections: 4,
    queue: 32,
};
/// How long a start waits for a PostgreSQL connection.
const START_TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) async fn open_postgres(url: &str, clock: Clock) -> Result<Opened, OpenError> {
    let pool = connect(url, 1).await?;
    check_settings(&pool).await?;
    warn_of_log(&pool).await?;
    let token_key = token_key_of(&pool).await?;
    let options = (*pool.connect_options()).clone();
    pool.close().await;
    let source = Connector::Postgres {
        options: Box::new(options.clone()),
        canceller: Arc::new(Canceller::connect(options.clone()).await?),
    };
    let pool = PgPoolOptions::new()
        .max_connections(WRITERS)
        .acquire_timeout(START_TIMEOUT);
    let pool = pool.before_acquire(|conn, lent| Box::pin(plan_expiry::forget_old(conn, lent)));
    let pool = pool.connect_with(options).await?;
    let db = assemble(
        Engine::Postgres(PostgresWriter::new(pool)),
        Readers::new(source, CHEAP, DEAR),
        clock,
        token_key,
        Arc::new(Standings::new()),
    );
    Ok(Opened { db, held: None })
}

pub(crate) async fn connect(url: &str, connections: u32) -> Result<PgPool, OpenError> {
    let options: PgConnectOptions = url
        .parse()
        .map_err(|error| OpenError(format!("not a PostgreSQL URL: {error}")))?;
    let longest = format!("{}s", LONGEST.as_secs());
    let options = options
        .application_name("clientele")
        .statement_cache_capacity(STATEMENT_CACHE)
        .options([
            ("synchronous_commit", "on"),
            ("statement_timeout", longest.as_str()),
            ("lock_timeout", "5s"),
            ("idle_in_transaction_session_timeout", "10s"),
            ("default_transaction_isolation", "read committed"),
            // The estimated cost of a query over very many records makes PostgreSQL compile it: measured, 60 s of
            // compiling for 3 s of work.
            ("jit", "off"),
        ])
        .disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(START_TIMEOUT);
    Ok(pool.connect_with(options).await?)
}

async fn check_settings(pool: &PgPool) -> Result<(), OpenError> {
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        let value: String = sqlx::query_scalar("select current_setting($1)")
            .bind(setting)
            .fetch_one(pool)
            .await?;
        if value != "on" {
            let why = "an acknowledged write could be lost";
            return Err(OpenError(format!(
                "PostgreSQL runs with {setting} = {value}: {why}; set it to on"
            )));
        }
    }
    let exists: bool = sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null")
        .fetch_one(pool)
        .await?;
    if !exists {
        return check_version(None, false);
    }
    let version = sqlx::query_scalar(READ_VERSION);
    check_version(version.fetch_optional(pool).await?, false)
}

/// Warns if the server's own log may get values, and says what to do. Only a superuser can set any of this.
async fn warn_of_log(pool: &PgPool) -> Result<(), OpenError> {
    let settings: Vec<(String, String)> =
        sqlx::query_as("select name, setting from pg_settings where starts_with(name, 'log')")
            .fetch_all(pool)
            .await?;
    let remedies = remedies(&settings.into_iter().collect());
    if !remedies.is_empty() {
        tracing::warn!(
            "PostgreSQL may write names and addresses of people to its own log: let a superuser run {}select pg_reload_conf();",
            remedies.concat()
        );
    }
    Ok(())
}

/// Returns what keeps values out of the log: of errors, whose details name keys, and of statements that are logged.
fn remedies(settings: &BTreeMap<String, String>) -> Vec<&'static str> {
    let is = |name: &str, value: &str| settings.get(name).is_none_or(|set| set == value);
    let logs_none = is("log_statement", "none")
        && is("log_min_duration_statement", "-1")
        && is("log_min_duration_sample", "-1")
        && is("log_transaction_sample_rate", "0");
    let remedies = [
        (
            is("log_error_verbosity", "terse"),
            "alter system set log_error_verbosity = 'terse'; ",
        ),
        (
            is("log_parameter_max_length_on_error", "0"),
            "alter system set log_parameter_max_length_on_error = 0; ",
        ),
        (
            logs_none || is("log_parameter_max_length", "0"),
            "alter system set log_parameter_max_length = 0; ",
        ),
    ];
    let needed = remedies.into_iter().filter(|(is_set, _)| !is_set);
    needed.map(|(_, remedy)| remedy).collect()
}

async fn token_key_of(pool: &PgPool) -> Result<TokenKey, OpenError> {
    sqlx::query(ADD_SECRET)
        .bind(new_secret()?)
        .execute(pool)
        .await?;
    let secret = sqlx::query_scalar(READ_SECRET).fetch_one(pool).await?;
    let epoch = sqlx::query_scalar(READ_EPOCH).fetch_optional(pool).await?;
    token_key(secret, epoch)
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> OpenError {
        match error {
            sqlx::Error::Database(error) => {
                OpenError(format!("the database refuses: {}", error.message()))
            }
            sqlx::Error::PoolTimedOut => {
                let seconds = START_TIMEOUT.as_secs();
                OpenError(format!(
                    "the database does not answer within {seconds} s: is it running, and the URL right?"
                ))
            }
            error => OpenError(format!("the database does not answer: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_kept_out_of_the_log_by_what_is_told() {
        let told = |settings: &[(&str, &str)]| {
            let set = [
                ("log_error_verbosity", "terse"),
                ("log_parameter_max_length", "-1"),
            ];
            let settings = set.iter().chain(settings);
            remedies(
                &settings
                    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                    .collect(),
            )
        };
        assert_eq!(told(&[]), [""; 0]);
        for (name, value, remedy) in [
            (
                "log_error_verbosity",
                "default",
                "log_error_verbosity = 'terse'",
            ),
            (
                "log_parameter_max_length_on_error",
                "-1",
                "log_parameter_max_length_on_error = 0",
            ),
            ("log_statement", "mod", "log_parameter_max_length = 0"),
            (
                "log_min_duration_statement",
                "0",
                "log_parameter_max_length = 0",
            ),
        ] {
            let remedies = told(&[(name, value)]);
            assert_eq!(remedies, [format!("alter system set {remedy}; ")], "{name}");
        }
    }
}
