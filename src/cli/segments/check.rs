//! `clientele segments check`: in which segments a customer is, and until when that stays so by itself.

use std::io::{Write, stdout};
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;

use crate::cli::ask::{Asker, Asking};
use crate::cli::record::MAX_PAGE_SIZE;
use crate::cli::{json, record, table};
use crate::clock;
use crate::descriptors;
use crate::name::Kind;
use crate::pb;
use crate::pb::list_customer_segments_response::CustomerSegment;
use crate::pb::membership::Verdict;

const HELP: &str = "\
Examples:
  clientele segments check customers/nordlicht-optik
  clientele segments check nordlicht-optik.example machine-shops enterprises
  clientele segments check erp:100214 machine-shops --json | jq .verdict

A key is customers/ID, system:id, a domain, an e-mail address, a phone number that starts with +, or what somebody is
called. The last column says until when the verdict holds if nothing is written; where it is empty, no time turns it
round. Times are UTC.";

/// Says in which segments a customer is: in all there are, or whether in these
#[derive(Args)]
#[command(after_long_help = HELP)]
pub struct Check {
    /// The customer
    key: String,
    /// The segments: segments/ID, or their IDs alone
    segments: Vec<String>,
    /// Prints one line of JSON for each segment, with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    asker: Asker,
}

impl Check {
    /// Runs the command. Not being in a segment is no failure.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let asking = self.asker.connect().await?;
        let customer = asking.customer(&self.key).await?;
        if self.segments.is_empty() {
            let held = all(&asking, customer).await?;
            print(
                &held,
                self.json,
                &["segment", "called", "holds until"],
                |one| {
                    vec![
                        one.segment.clone(),
                        one.display_name.clone(),
                        until(one.valid_until.as_ref()),
                    ]
                },
            )?;
        } else {
            let segments = self
                .segments
                .iter()
                .map(|name| record::named(Kind::Segment, name))
                .collect();
            let memberships = these(&asking, customer, segments).await?;
            print(
                &memberships,
                self.json,
                &["segment", "verdict", "holds until"],
                |one| {
                    let verdict = table::word(one.verdict().as_str_name());
                    vec![
                        one.segment.clone(),
                        verdict,
                        until(one.valid_until.as_ref()),
                    ]
                },
            )?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn all(asking: &Asking, customer: pb::CustomerKey) -> anyhow::Result<Vec<CustomerSegment>> {
    let mut request = pb::ListCustomerSegmentsRequest {
        customer: Some(customer),
        page_size: MAX_PAGE_SIZE,
        page_token: String::new(),
    };
    let mut held = Vec::new();
    loop {
        let page: pb::ListCustomerSegmentsResponse = asking
            .call_of("Segment", "ListCustomerSegments", &request)
            .await?;
        held.extend(page.customer_segments);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return Ok(held);
        }
    }
}

async fn these(
    asking: &Asking,
    customer: pb::CustomerKey,
    segments: Vec<String>,
) -> anyhow::Result<Vec<pb::Membership>> {
    let request = pb::CheckMembershipRequest {
        customers: vec![customer],
        segments,
    };
    let answer: pb::CheckMembershipResponse = asking
        .call_of("Segment", "CheckMembership", &request)
        .await?;
    let result = answer.results.into_iter().next().unwrap_or_default();
    match result.memberships.first().map(pb::Membership::verdict) {
        Some(Verdict::UnknownCustomer) => bail!("no customer has this key"),
        Some(Verdict::Ambiguous) => {
            let (count, names) = (result.candidate_count, result.candidates.join(", "));
            bail!("the key fits {count} customers: ask by the name of one, such as {names}")
        }
        _ => Ok(result.memberships),
    }
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
            shown.add_row(row(one).iter().map(|text| table::shown(text)));
        }
    }
    if !as_json {
        let text = if list.is_empty() {
            "in no segment".to_owned()
        } else {
            table::fitted(shown)
        };
        writeln!(out, "{text}")?;
    }
    Ok(())
}

/// Writes a time to the second, in UTC.
fn until(time: Option<&prost_types::Timestamp>) -> String {
    let text = time
        .and_then(clock::micros)
        .and_then(|micros| jiff::Timestamp::from_microsecond(micros).ok());
    text.map_or_else(String::new, |time| {
        time.strftime("%Y-%m-%d %H:%M:%S").to_string()
    })
}
