//! `clientele keys`: the API keys of a store, for its operator. Administrators of a tenant have KeyService.

use std::fs::{self, OpenOptions};
use std::io::{Write, stdout};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, value_parser};

use crate::access::AccessScopes;
use crate::access::key::{ApiKeyText, is_id};
use crate::cli::operator::DatabaseArgs;
use crate::cli::{json, table};
use crate::clock::{Clock, DAY, date_of};
use crate::descriptors;
use crate::name::is_chosen_id;
use crate::pb::AccessScope;
use crate::service::api_keys::{LONGEST_VALID, VALID_FOR, message_of};
use crate::store::access::{self, NewKey, StoredKey};
use crate::store::engine::beside::run_beside;
use crate::store::engine::open::DatabaseUrl;
use crate::store::record::actor;
use crate::store::scope::TenantScope;

/// Who makes the keys that are made here.
const OPERATOR: &str = "operator";
/// How many keys are read at a time.
const PAGE: i64 = 1000;

const HELP: &str = "\
Works on the database itself, also while servers run on it. A server that asks for keys (`clientele serve --auth keys`) \
takes a new key at once, and a revoked one no more within a second.

Examples:
  clientele keys create --for 'CRM import' --scopes read,write --out crm.key
  clientele keys create --for 'Mia' --scopes read,write --colleague mia@example.com
  clientele keys create --for 'ACME, first key' --tenant acme --scopes admin,act-as,read,write,import
  clientele keys list
  clientele keys revoke apiKeys/k7f3m2q5ztv4wxyz";

/// Makes, lists and revokes API keys
#[derive(Args)]
#[command(after_long_help = HELP)]
pub(crate) struct KeysArgs {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Subcommand)]
enum KeysCommand {
    Create(CreateKeyArgs),
    List(ListKeysArgs),
    Revoke(RevokeKeyArgs),
}

/// Makes a key and prints it, this once
#[derive(Args)]
struct CreateKeyArgs {
    /// What or whom the key is for
    #[arg(long = "for", value_name = "TEXT", value_parser = purpose)]
    purpose: String,
    /// What it allows
    #[arg(
        long,
        value_name = "SCOPE",
        required = true,
        value_delimiter = ',',
        value_parser = PossibleValuesParser::new(scopes().map(|scope| &*word_of(scope).leak())).map(|word| scope_of(&word))
    )]
    scopes: Vec<AccessScope>,
    /// The colleague who acts with it: a name such as colleagues/mia, an e-mail address, or system:id
    #[arg(long, value_name = "COLLEAGUE")]
    colleague: Option<String>,
    /// The tenant whose records it opens; made if there is none of this name
    #[arg(long, default_value = TenantScope::DEFAULT_TENANT, value_parser = tenant)]
    tenant: String,
    /// For how many days it is valid
    #[arg(
        long,
        value_name = "DAYS",
        default_value_t = VALID_FOR / DAY,
        value_parser = value_parser!(i64).range(1..=LONGEST_VALID / DAY)
    )]
    days: i64,
    /// Writes the key to this new file, which only you can read, instead of printing it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Lists the keys of a tenant, without their secrets, the newest first
#[derive(Args)]
struct ListKeysArgs {
    /// The tenant
    #[arg(long, default_value = TenantScope::DEFAULT_TENANT, value_parser = tenant)]
    tenant: String,
    /// Prints one line of JSON for each key, with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Revokes a key for good, whatever tenant it is of
#[derive(Args)]
struct RevokeKeyArgs {
    /// The name of the key, apiKeys/{id}, or its id alone; never the whole key
    #[arg(value_name = "KEY", value_parser = key_id)]
    id: String,
    #[command(flatten)]
    database: DatabaseArgs,
}

fn scopes() -> impl Iterator<Item = AccessScope> {
    AccessScopes::ALL.iter()
}

fn word_of(scope: AccessScope) -> String {
    scope.as_str_name().to_lowercase().replace('_', "-")
}

fn scope_of(word: &str) -> AccessScope {
    let scope = scopes().find(|scope| word_of(*scope) == word);
    scope.expect("only words of scopes are possible values")
}

fn purpose(text: &str) -> Result<String, String> {
    let text = text.trim();
    let fits = (1..=200).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
        .ok_or_else(|| "expected a line of 1 to 200 characters".to_owned())
}

fn tenant(text: &str) -> Result<String, String> {
    is_chosen_id(text).then(|| text.to_owned()).ok_or_else(|| {
        "expected 1 to 63 of a-z, 0-9 and hyphens that start with a letter and end with none"
            .to_owned()
    })
}

fn key_id(text: &str) -> Result<String, String> {
    let id = text.strip_prefix("apiKeys/").unwrap_or(text);
    is_id(id)
        .then(|| id.to_owned())
        .ok_or_else(|| "expected apiKeys/{id}, as `clientele keys list` shows it".to_owned())
}

impl KeysArgs {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            KeysCommand::Create(create) => create.run().await?,
            KeysCommand::List(list) => list.run().await?,
            KeysCommand::Revoke(revoke) => revoke.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl CreateKeyArgs {
    async fn run(self) -> anyhow::Result<()> {
        let url = &self.database.database_url;
        let scope = TenantScope::new(&self.tenant, OPERATOR);
        let colleague = match &self.colleague {
            Some(text) => colleague(url, &scope, text).await?,
            None => String::new(),
        };
        let now = Clock::System.now();
        let text = ApiKeyText::generate();
        let sent = text.parts().context("a key that was made is none")?;
        let new = NewKey {
            id: sent.id.to_owned(),
            hash: sent.hash(),
            display_name: self.purpose,
            access: self.scopes.into_iter().collect(),
            colleague,
            creator: OPERATOR.to_owned(),
            expire_time: now + self.days * DAY,
        };
        let name = access::name_of_key(&new.id);
        // The file first: a key that nobody can be given must not exist.
        let out = self.out.as_deref();
        out.map_or(Ok(()), |path| write_new(path, &text))?;
        let stored = run_beside(url, access::create(&scope, new, now)).await;
        if !matches!(stored, Ok(((), (), true))) {
            // It stays only if it cannot be removed either.
            let _ = out.map(fs::remove_file);
            stored?;
            match self.colleague {
                Some(_) => bail!("--colleague: the colleague is deleted by now, or the tenant is"),
                None => bail!("--tenant: the tenant is deleted, and its name is not used again"),
            }
        }
        if out.is_some() {
            writeln!(stdout(), "{name}")?;
        } else {
            eprintln!("{name}: keep the key, it is not shown again");
            writeln!(stdout(), "{}", text.reveal())?;
        }
        Ok(())
    }
}

async fn colleague(url: &DatabaseUrl, scope: &TenantScope, text: &str) -> anyhow::Result<String> {
    let found = run_beside(url, actor::meant(scope, text)).await?;
    found.ok_or_else(|| {
        anyhow!("--colleague: no colleague of the tenant has this name, e-mail address or id")
    })
}

/// Writes a key to a new file that nobody else can read.
fn write_new(path: &Path, key: &ApiKeyText) -> anyhow::Result<()> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    let written = file.and_then(|mut file| {
        writeln!(file, "{}", key.reveal())?;
        file.sync_all()
    });
    written.with_context(|| format!("--out: {} cannot be made", path.display()))
}

impl ListKeysArgs {
    async fn run(self) -> anyhow::Result<()> {
        let url = &self.database.database_url;
        let scope = TenantScope::new(&self.tenant, OPERATOR);
        let mut keys: Vec<StoredKey> = Vec::new();
        loop {
            let after = keys.last().map(|last| (last.create_time, last.id.clone()));
            let page = run_beside(url, access::list(&scope, PAGE, after)).await?;
            let is_last = page.is_empty();
            keys.extend(page);
            if is_last {
                break;
            }
        }
        let now = Clock::System.now();
        if self.json {
            for key in keys {
                let line = json::line(&descriptors::dynamic(&message_of(key))?)?;
                writeln!(stdout(), "{line}")?;
            }
            return Ok(());
        }
        let mut shown = table::plain(&["key", "for", "scopes", "colleague", "last use", "valid"]);
        for key in keys {
            let state = state(&key, now);
            let key = message_of(key);
            shown.add_row(vec![
                key.name.clone(),
                table::printable(&key.display_name),
                key.scopes().map(word_of).collect::<Vec<_>>().join(", "),
                key.colleague.clone(),
                table::time(key.last_use_time.as_ref(), "%Y-%m-%d %H:00"),
                state,
            ]);
        }
        writeln!(stdout(), "{}", table::fitted(shown))?;
        Ok(())
    }
}

/// Says whether a key is valid, and until when.
fn state(key: &StoredKey, now: i64) -> String {
    match key.revoke_time {
        Some(time) => format!("revoked {}", date_of(time)),
        None if key.expire_time <= now => format!("expired {}", date_of(key.expire_time)),
        None => format!("until {}", date_of(key.expire_time)),
    }
}

impl RevokeKeyArgs {
    async fn run(self) -> anyhow::Result<()> {
        let url = &self.database.database_url;
        let tenant = run_beside(url, access::tenant_of(&self.id)).await?;
        let tenant = tenant.ok_or_else(|| anyhow!("there is no such key"))?;
        let scope = TenantScope::new(&tenant, OPERATOR);
        let revoke = access::revoke(&scope, &self.id, Clock::System.now());
        run_beside(url, revoke).await?;
        let name = access::name_of_key(&self.id);
        writeln!(stdout(), "{name} of tenant {tenant} is revoked")?;
        Ok(())
    }
}
