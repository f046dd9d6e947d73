//! `clientele segments show`: a segment, how its filter is read, and some of its members.

use std::io::{Write, stdout};
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;
use tonic::Status;
use tonic_types::StatusExt;

use crate::cli::client::explain;
use crate::cli::segments::overview::count_members;
use crate::cli::session::{CallerArgs, Session};
use crate::cli::{filter_warnings, json, record, rows, table};
use crate::descriptors;
use crate::name::Kind;
use crate::pb;
use crate::pb::segment::Definition;

/// How many members are shown.
const SAMPLE_SIZE: i32 = 10;

const HELP: &str = "\
Examples:
  clientele segments show machine-shops
  clientele segments show segments/open-house --json | jq .members.customers";

/// Shows a segment: its filter as it is read, how often its fields are unset, and some members
#[derive(Args)]
#[command(after_long_help = HELP)]
pub(crate) struct ShowSegmentArgs {
    /// The segment: segments/ID, or its ID alone
    segment: String,
    /// Prints the segment as one line of JSON with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    caller: CallerArgs,
}

impl ShowSegmentArgs {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let session = self.caller.connect().await?;
        let name = record::full_name(Kind::Segment, &self.segment);
        let request = pb::GetSegmentRequest {
            name,
            read_mask: None,
        };
        let segment: pb::Segment = session.call_of("Segment", "GetSegment", &request).await?;
        let shown = if self.json {
            json::line(&descriptors::dynamic(&segment)?)?
        } else {
            page(&session, &segment).await?
        };
        writeln!(stdout(), "{shown}")?;
        Ok(ExitCode::SUCCESS)
    }
}

async fn page(session: &Session, segment: &pb::Segment) -> anyhow::Result<String> {
    let mut lines = vec![format!("{}  {}", segment.display_name, segment.name)];
    lines.extend(segment.description.lines().map(str::to_owned));
    if segment.delete_time.is_some() {
        lines.push("It is deleted and has no members.".to_owned());
        return Ok(table::printable_lines(&lines));
    }
    lines.push(String::new());
    lines.extend(match &segment.definition {
        Some(Definition::Filter(filter)) => filter_lines(session, filter).await?,
        _ => vec!["by list".to_owned()],
    });
    let count = count_members(session, &segment.name).await?;
    lines.extend([String::new(), format!("members: {count}")]);
    let mut text = table::printable_lines(&lines);
    if count > 0 {
        text.push('\n');
        text.push_str(&sample(session, &segment.name).await?);
    }
    if count > SAMPLE_SIZE {
        text.push_str(&format!(
            "\n… and {} more: clientele segments members {}",
            count - SAMPLE_SIZE,
            segment.name
        ));
    }
    Ok(text)
}

/// Describes a filter: how it is read, and how often its fields are unset.
async fn filter_lines(session: &Session, filter: &str) -> anyhow::Result<Vec<String>> {
    let request = pb::PreviewSegmentRequest {
        filter: filter.to_owned(),
        limit: 1,
        read_mask: None,
    };
    let answer = session
        .try_call_of("Segment", "PreviewSegment", &request)
        .await?;
    let preview: pb::PreviewSegmentResponse = match answer {
        Ok(preview) => preview,
        // The filter names a segment that has been deleted since.
        Err(status) if is_reason(&status, "REFERENCE_UNUSABLE") => {
            let gone = status
                .get_details_resource_info()
                .map_or_else(String::new, |info| info.resource_name);
            return Ok(vec![
                format!("filter: {filter}"),
                format!("{gone}, which it names, is deleted and has no members"),
            ]);
        }
        Err(status) => return Err(anyhow!(explain(&status))),
    };
    let mut lines = vec![format!("filter: {}", preview.filter)];
    for one in preview
        .unset_fields
        .iter()
        .filter(|one| one.unset_count > 0)
    {
        let line = format!(
            "{} of {} customers have no {}",
            one.unset_count, preview.customer_count, one.field
        );
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.extend(filter_warnings::lines(&preview.filter_warnings));
    Ok(lines)
}

fn is_reason(status: &Status, reason: &str) -> bool {
    status
        .get_details_error_info()
        .is_some_and(|info| info.reason == reason)
}

async fn sample(session: &Session, segment: &str) -> anyhow::Result<String> {
    let request = pb::ListSegmentMembersRequest {
        segment: segment.to_owned(),
        page_size: SAMPLE_SIZE,
        order_by: record::reading_order(Kind::Customer).to_owned(),
        ..Default::default()
    };
    let page: pb::ListSegmentMembersResponse = session
        .call_of("Segment", "ListSegmentMembers", &request)
        .await?;
    let mut members = table::plain(rows::columns(Kind::Customer));
    for customer in &page.customers {
        members.add_row(rows::row(
            Kind::Customer,
            &descriptors::dynamic(customer)?,
            &rows::DisplayNames::new(),
        )?);
    }
    Ok(table::fitted(members))
}
