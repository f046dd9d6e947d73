//! `clientele check`: lists the external ids of a database that do not find their records.

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::Args;

use crate::cli::operator::DatabaseArgs;
use crate::cli::table;
use crate::clock::Clock;
use crate::store;
use crate::store::read::unfiled::unfiled;

const HELP: &str = "\
An external id belongs to one record. If an upgrade reads two ids as one, the older record keeps it; \
the newer one shows it and is not found by it. Take the id off the record that should not have it. If that is the older \
one, write the external ids of the newer one again: it is found by them from then on.

Exits with 1 if there are any. On SQLite, stop the server first.

Example:
  clientele check --database-url sqlite://clientele.db";

/// Lists external ids that do not find the record they are in
#[derive(Args)]
#[command(after_long_help = HELP)]
pub(crate) struct CheckStoreArgs {
    #[command(flatten)]
    database: DatabaseArgs,
}

impl CheckStoreArgs {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let url = &self.database.database_url;
        let opened = store::open_current(url, Clock::System).await?;
        let found = unfiled(&opened.db).await?;
        opened.db.close().await;
        if found.is_empty() {
            writeln!(stdout(), "every external id finds its record")?;
            return Ok(ExitCode::SUCCESS);
        }
        let mut rows = table::plain(&["record", "system", "finds instead", "tenant"]);
        for unfiled in &found {
            let owner = unfiled.owner.as_deref().unwrap_or("nothing");
            rows.add_row([&unfiled.name, &unfiled.system, owner, &unfiled.tenant]);
        }
        writeln!(stdout(), "{}", table::fitted(rows))?;
        Ok(ExitCode::FAILURE)
    }
}
