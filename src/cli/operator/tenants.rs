//! `clientele tenants`: how the tenants of a store are set up.

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::cli::operator::DatabaseArgs;
use crate::region;
use crate::store::engine::tenant_settings;
use crate::store::scope::TenantScope;

const HELP: &str = "\
Works on the database itself, also while servers run on it; what is set counts from their next call on.

Examples:
  clientele tenants set --region AT
      a phone number without + is looked for in Austria first
  clientele tenants set --region ''
      takes that back";

/// Sets up tenants
#[derive(Args)]
pub(crate) struct TenantsArgs {
    #[command(subcommand)]
    command: TenantsCommand,
}

#[derive(Subcommand)]
enum TenantsCommand {
    Set(SetArgs),
}

/// Changes the settings of a tenant
#[derive(Args)]
#[command(after_long_help = HELP)]
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

fn region_code(text: &str) -> Result<String, String> {
    match region::problem(text) {
        None => Ok(region::normal(text)),
        Some(problem) => Err(problem),
    }
}

impl TenantsArgs {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let TenantsCommand::Set(SetArgs {
            region,
            tenant,
            database,
        }) = self.command;
        tenant_settings::set_region(&database.database_url, &tenant, &region).await?;
        let shown = if region.is_empty() { "none" } else { &region };
        writeln!(stdout(), "tenant {tenant}: region {shown}")?;
        Ok(ExitCode::SUCCESS)
    }
}
