//! `clientele segments` by itself: all segments, and how many are in each.

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::Args;

use crate::cli::ask::{Asker, Asking};
use crate::cli::record::MAX_PAGE_SIZE;
use crate::cli::{json, table};
use crate::descriptors;
use crate::name::Kind;
use crate::pb;

/// Shows all segments
#[derive(Args)]
pub struct Overview {
    /// Prints one line of JSON for each segment, with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    asker: Asker,
}

impl Overview {
    /// Runs the command.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let asking = self.asker.connect().await?;
        let mut request = pb::ListSegmentsRequest {
            page_size: MAX_PAGE_SIZE,
            ..Default::default()
        };
        let mut shown = table::plain(&["name", "segment", "members", "definition"]);
        loop {
            let page: pb::ListSegmentsResponse =
                asking.call_of("Segment", "ListSegments", &request).await?;
            for segment in page.segments {
                let record = descriptors::dynamic(&segment)?;
                if self.json {
                    writeln!(stdout(), "{}", json::line(&record)?)?;
                    continue;
                }
                let mut row = table::row(Kind::Segment, &record, &table::Titles::new())?;
                row.insert(2, count(&asking, &segment.name).await?.to_string());
                shown.add_row(row);
            }
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                break;
            }
        }
        if !self.json {
            writeln!(stdout(), "{}", table::fitted(shown))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Counts the members of a segment.
pub async fn count(asking: &Asking, segment: &str) -> anyhow::Result<i64> {
    let request = pb::CountSegmentMembersRequest {
        segment: segment.to_owned(),
    };
    let answer: pb::CountSegmentMembersResponse = asking
        .call_of("Segment", "CountSegmentMembers", &request)
        .await?;
    Ok(answer.count)
}
