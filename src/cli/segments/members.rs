//! `clientele segments members`: the customers in a segment, page by page.

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::{Args, value_parser};

use crate::cli::record::MAX_PAGE_SIZE;
use crate::cli::session::CallerArgs;
use crate::cli::{json, record, rows, table};
use crate::descriptors;
use crate::name::Kind;
use crate::pb;

const HELP: &str = "\
Examples:
  clientele segments members machine-shops
  clientele segments members machine-shops --order-by 'update_time desc' --limit 5
  clientele segments members segments/open-house --all --json | jq -r .name";

/// Lists the customers in a segment, as of now
#[derive(Args)]
#[command(after_long_help = HELP)]
pub(crate) struct MembersArgs {
    /// The segment: segments/ID, or its ID alone
    segment: String,
    /// Sorts by these fields, such as `create_time desc`; without it, a table is sorted by what records are called
    #[arg(long)]
    order_by: Option<String>,
    /// Shows at most this many customers
    #[arg(long, default_value_t = 50, value_parser = value_parser!(u64).range(1..))]
    limit: u64,
    /// Shows all customers
    #[arg(long, conflicts_with = "limit")]
    all: bool,
    /// Prints one line of JSON for each customer, with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    caller: CallerArgs,
}

impl MembersArgs {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let session = self.caller.connect().await?;
        let default = if self.json {
            ""
        } else {
            record::reading_order(Kind::Customer)
        };
        let mut request = pb::ListSegmentMembersRequest {
            segment: record::full_name(Kind::Segment, &self.segment),
            order_by: self.order_by.unwrap_or(default.to_owned()),
            ..Default::default()
        };
        let mut members = table::plain(rows::columns(Kind::Customer));
        let mut left = if self.all { u64::MAX } else { self.limit };
        loop {
            request.page_size =
                i32::try_from(left).map_or(MAX_PAGE_SIZE, |left| left.min(MAX_PAGE_SIZE));
            let page: pb::ListSegmentMembersResponse = session
                .call_of("Segment", "ListSegmentMembers", &request)
                .await?;
            left = left.saturating_sub(page.customers.len() as u64);
            for customer in &page.customers {
                let customer = descriptors::dynamic(customer)?;
                if self.json {
                    writeln!(stdout(), "{}", json::line(&customer)?)?;
                } else {
                    members.add_row(rows::row(
                        Kind::Customer,
                        &customer,
                        &rows::DisplayNames::new(),
                    )?);
                }
            }
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() || left == 0 {
                break;
            }
        }
        if !self.json {
            let text = if members.is_empty() {
                "it has no members".to_owned()
            } else {
                table::fitted(members)
            };
            writeln!(stdout(), "{text}")?;
        }
        if !request.page_token.is_empty() {
            eprintln!("there are more: use --all or --limit N");
        }
        Ok(ExitCode::SUCCESS)
    }
}
