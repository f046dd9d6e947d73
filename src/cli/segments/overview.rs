//! `clientele segments` by itself: all segments with their number of members.

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::Args;

use crate::cli::record::{MAX_PAGE_SIZE, reading_order};
use crate::cli::session::{CallerArgs, Session};
use crate::cli::{filter_warnings, json, rows, table};
use crate::descriptors;
use crate::name::Kind;
use crate::pb;

/// Shows all segments
#[derive(Args)]
pub(crate) struct OverviewArgs {
    /// Prints one line of JSON for each segment, with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    caller: CallerArgs,
}

impl OverviewArgs {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let session = self.caller.connect().await?;
        let mut request = pb::ListSegmentsRequest {
            page_size: MAX_PAGE_SIZE,
            order_by: if self.json {
                String::new()
            } else {
                reading_order(Kind::Segment).to_owned()
            },
            ..Default::default()
        };
        let mut shown = table::plain(&["name", "segment", "members", "definition"]);
        let mut warned = Vec::new();
        loop {
            let page: pb::ListSegmentsResponse =
                session.call_of("Segment", "ListSegments", &request).await?;
            for segment in page.segments {
                let record = descriptors::dynamic(&segment)?;
                if self.json {
                    writeln!(stdout(), "{}", json::line(&record)?)?;
                    continue;
                }
                let mut row = rows::row(Kind::Segment, &record, &rows::DisplayNames::new())?;
                row.insert(2, count_members(&session, &segment.name).await?.to_string());
                shown.add_row(row);
                let warnings = filter_warnings::lines(&segment.filter_warnings);
                warned.extend(
                    warnings
                        .iter()
                        .map(|line| format!("{}: {line}", segment.name)),
                );
            }
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                break;
            }
        }
        if !self.json {
            writeln!(stdout(), "{}", table::fitted(shown))?;
            for line in warned {
                writeln!(stdout(), "{line}")?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

pub(crate) async fn count_members(session: &Session, segment: &str) -> anyhow::Result<i32> {
    let request = pb::CountSegmentMembersRequest {
        segment: segment.to_owned(),
    };
    let answer: pb::CountSegmentMembersResponse = session
        .call_of("Segment", "CountSegmentMembers", &request)
        .await?;
    Ok(answer.member_count)
}
