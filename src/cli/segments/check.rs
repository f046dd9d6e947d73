//! `clientele segments check`: in which segments a customer is, and how long that stays so by itself.

use std::io::{Write, stdout};
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;

use crate::cli::error_lists::several;
use crate::cli::keys::UnclearKey;
use crate::cli::record::MAX_PAGE_SIZE;
use crate::cli::session::{CallerArgs, Session};
use crate::cli::{json, keys, record, table};
use crate::descriptors;
use crate::name::Kind;
use crate::pb;
use crate::pb::customer_key::Outcome;

const HELP: &str = "\
Examples:
  clientele segments check customers/nordlicht-optik
  clientele segments check nordlicht-optik.example machine-shops enterprises
  clientele segments check erp:100214 machine-shops --json | jq '.member // false'

A key is customers/ID, an ID alone, system:id, a domain, an e-mail address, a phone number, or a name.
The last column says until when that is valid if nothing is written; if it is empty, time does not change it.
Times are UTC.";

/// Shows all segments that a customer is in, or whether it is in these
#[derive(Args)]
#[command(after_long_help = HELP)]
pub(crate) struct CheckArgs {
    /// The customer
    key: String,
    /// The segments: segments/ID, or their IDs alone
    segments: Vec<String>,
    /// Prints one line of JSON for each segment, with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    caller: CallerArgs,
}

impl CheckArgs {
    /// Not being in a segment is not a failure.
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let session = self.caller.connect().await?;
        if self.segments.is_empty() {
            let held = all(&session, keys::customer(&self.key)).await;
            let held = keys::explained(&session, Kind::Customer, &self.key, held).await?;
            print(
                &held,
                self.json,
                &["segment", "display name", "valid until"],
                |one| {
                    vec![
                        one.segment.clone(),
                        one.segment_display_name.clone(),
                        second(one.expire_time.as_ref()),
                    ]
                },
            )?;
        } else {
            let segments = self
                .segments
                .iter()
                .map(|name| record::full_name(Kind::Segment, name))
                .collect();
            let memberships = these(&session, &self.key, segments).await?;
            print(
                &memberships,
                self.json,
                &["segment", "member", "valid until"],
                |one| {
                    let member = if one.member { "yes" } else { "no" };
                    vec![
                        one.segment.clone(),
                        member.to_owned(),
                        second(one.expire_time.as_ref()),
                    ]
                },
            )?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn all(session: &Session, customer: pb::CustomerKey) -> anyhow::Result<Vec<pb::Membership>> {
    let mut request = pb::ListCustomerSegmentsRequest {
        customer: Some(customer),
        page_size: MAX_PAGE_SIZE,
        page_token: String::new(),
    };
    let mut held = Vec::new();
    loop {
        let page: pb::ListCustomerSegmentsResponse = session
            .call_of("Segment", "ListCustomerSegments", &request)
            .await?;
        held.extend(page.memberships);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return Ok(held);
        }
    }
}

async fn these(
    session: &Session,
    key: &str,
    segments: Vec<String>,
) -> anyhow::Result<Vec<pb::Membership>> {
    let request = pb::CheckMembershipRequest {
        customers: vec![keys::customer(key)],
        segments,
    };
    let answer: pb::CheckMembershipResponse = session
        .call_of("Segment", "CheckMembership", &request)
        .await?;
    let result = answer.results.into_iter().next().unwrap_or_default();
    let (unclear, otherwise) = match result.outcome() {
        Outcome::NotFound => (UnclearKey::Unknown, anyhow!("no customer has this key")),
        Outcome::Ambiguous => {
            let kind = Some(Kind::Customer);
            let why = several(kind, &result.candidates, result.candidate_count);
            (UnclearKey::Ambiguous, anyhow!(why))
        }
        _ => return Ok(result.memberships),
    };
    Err(keys::told_of(session, Kind::Customer, key, unclear, otherwise).await?)
}

fn print<M: prost::Message + prost::Name>(
    list: &[M],
    as_json: bool,
    columns: &[&str],
    row: impl Fn(&M) -> Vec<String>,
) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    let mut shown = table::plain(columns);
    for one in list {
        if as_json {
            writeln!(out, "{}", json::line(&descriptors::dynamic(one)?)?)?;
        } else {
            shown.add_row(row(one).iter().map(|text| table::printable(text)));
        }
    }
    if !as_json {
        let text = if list.is_empty() {
            "not in any segment".to_owned()
        } else {
            table::fitted(shown)
        };
        writeln!(out, "{text}")?;
    }
    Ok(())
}

fn second(time: Option<&prost_types::Timestamp>) -> String {
    table::time(time, "%Y-%m-%d %H:%M:%S")
}
