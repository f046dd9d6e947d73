//! `clientele tenants`: which tenants a store has, and how they are set up.

use std::io::{Write, stdout};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use crate::cli::operator::{DatabaseArgs, time_of};
use crate::cli::table;
use crate::clock::Clock;
use crate::name::is_chosen_id;
use crate::region;
use crate::store::engine::tenants::{self, TenantSummary};
use crate::store::scope::TenantScope;

const HELP: &str = "\
These commands work on the database itself, also while servers run on it.

Examples:
  clientele tenants create acme --region AT
  clientele tenants list
  clientele tenants set --tenant acme --region DE
      a phone number without + is looked for in Germany first
  clientele tenants delete acme --yes";

const SET_HELP: &str = "\
What is set counts from the next call on.

Examples:
  clientele tenants set --region AT
      a phone number without + is looked for in Austria first
  clientele tenants set --region ''
      takes that back";

const DELETE_HELP: &str = "\
The tenant is hidden at once. Its rows go little by little, so that others hardly wait; if this is interrupted, run it \
again, and it goes on. Nothing of it can be brought back, except from a backup. Its name is never used again.

Example:
  clientele tenants delete acme --yes";

/// Creates, lists, sets up and deletes tenants
#[derive(Args)]
#[command(after_long_help = HELP)]
pub(crate) struct TenantsArgs {
    #[command(subcommand)]
    command: TenantsCommand,
}

#[derive(Subcommand)]
enum TenantsCommand {
    Create(CreateArgs),
    List(ListTenantsArgs),
    Set(SetArgs),
    Delete(DeleteArgs),
}

/// Creates a tenant
#[derive(Args)]
struct CreateArgs {
    /// What it is called: a letter, then letters, digits and hyphens, in lower case
    #[arg(value_parser = tenant_name)]
    tenant: String,
    /// The region in which phone numbers without + are looked for, such as AT
    #[arg(long, value_name = "CODE", value_parser = region_code, default_value = "", hide_default_value = true)]
    region: String,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Lists the tenants
#[derive(Args)]
struct ListTenantsArgs {
    /// Shows deleted tenants, too
    #[arg(long)]
    show_deleted: bool,
    /// Prints JSON, one tenant per line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Changes the settings of a tenant
#[derive(Args)]
#[command(after_long_help = SET_HELP)]
struct SetArgs {
    /// The region in which phone numbers without + are looked for, such as AT; empty: none
    #[arg(long, value_name = "CODE", value_parser = region_code)]
    region: String,
    /// The tenant
    #[arg(long, default_value = TenantScope::DEFAULT_TENANT)]
    tenant: String,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Deletes a tenant and everything it has
#[derive(Args)]
#[command(after_long_help = DELETE_HELP)]
struct DeleteArgs {
    /// The tenant
    tenant: String,
    /// Says that you mean it
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    database: DatabaseArgs,
}

fn region_code(text: &str) -> Result<String, String> {
    match region::problem(text) {
        None => Ok(region::normal(text)),
        Some(problem) => Err(problem),
    }
}

fn tenant_name(text: &str) -> Result<String, String> {
    match is_chosen_id(text) {
        true => Ok(text.to_owned()),
        false => Err(
            "expected a lower-case letter, then up to 62 letters, digits and hyphens, not ending with a hyphen"
                .to_owned(),
        ),
    }
}

impl TenantsArgs {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            TenantsCommand::Create(create) => create.run().await?,
            TenantsCommand::List(list) => list.run().await?,
            TenantsCommand::Set(set) => set.run().await?,
            TenantsCommand::Delete(delete) => delete.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl CreateArgs {
    async fn run(self) -> anyhow::Result<()> {
        let url = &self.database.database_url;
        let now = Clock::System.now();
        tenants::create(url, &self.tenant, &self.region, now).await?;
        writeln!(stdout(), "tenant {}: created", self.tenant)?;
        Ok(())
    }
}

impl SetArgs {
    async fn run(self) -> anyhow::Result<()> {
        let (tenant, region) = (&self.tenant, &self.region);
        tenants::set_region(&self.database.database_url, tenant, region).await?;
        let shown = if region.is_empty() { "none" } else { region };
        writeln!(stdout(), "tenant {tenant}: region {shown}")?;
        Ok(())
    }
}

impl DeleteArgs {
    async fn run(self) -> anyhow::Result<()> {
        let (url, tenant) = (&self.database.database_url, &self.tenant);
        if !self.yes {
            bail!("this deletes everything that tenant {tenant} has, for ever: say --yes");
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{spinner} {pos} rows deleted  {elapsed}");
        bar.set_style(style.context("the style of the progress bar")?);
        bar.enable_steady_tick(Duration::from_millis(200));
        let mut report = |n_rows: i64| bar.set_position(n_rows.unsigned_abs());
        let n_rows = tenants::delete(url, tenant, Clock::System.now(), &mut report).await?;
        bar.finish_and_clear();
        writeln!(stdout(), "tenant {tenant}: deleted, {n_rows} rows")?;
        Ok(())
    }
}

impl ListTenantsArgs {
    async fn run(self) -> anyhow::Result<()> {
        let mut found = tenants::list(&self.database.database_url).await?;
        found.retain(|tenant| self.show_deleted || tenant.delete_time.is_none());
        if self.json {
            for tenant in &found {
                writeln!(stdout(), "{}", json_of(tenant))?;
            }
            return Ok(());
        }
        let mut header = vec!["tenant", "customers", "revision", "region", "created"];
        header.extend(self.show_deleted.then_some("deleted"));
        let mut rows = table::plain(&header);
        for tenant in &found {
            let mut cells = vec![
                tenant.name.clone(),
                tenant.customer_count.to_string(),
                tenant.revision.to_string(),
                tenant.region_code.clone(),
                time_of(tenant.create_time).unwrap_or_default(),
            ];
            let deleted = time_of(tenant.delete_time).unwrap_or_default();
            cells.extend(self.show_deleted.then_some(deleted));
            rows.add_row(cells);
        }
        writeln!(stdout(), "{}", table::fitted(rows))?;
        Ok(())
    }
}

fn json_of(tenant: &TenantSummary) -> serde_json::Value {
    json!({
        "tenant": tenant.name,
        "customer_count": tenant.customer_count,
        "revision": tenant.revision,
        "region_code": tenant.region_code,
        "create_time": time_of(tenant.create_time),
        "delete_time": time_of(tenant.delete_time),
    })
}
