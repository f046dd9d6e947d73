//! `clientele segments show`: what a segment is, how it is understood, and some of its members.

use std::io::{Write, stdout};
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;
use tonic::Status;
use tonic_types::StatusExt;

use crate::cli::ask::{Asker, Asking};
use crate::cli::client::explain;
use crate::cli::segments::overview::count;
use crate::cli::{json, record, table};
use crate::descriptors;
use crate::name::Kind;
use crate::pb;
use crate::pb::segment::Definition;

/// How many members are shown.
const SAMPLE: i32 = 10;

const HELP: &str = "\
Examples:
  clientele segments show machine-shops
  clientele segments show segments/open-house --json | jq .members.customers";

/// Shows a segment: its filter as it is understood, how often the fields in it are unset, and some members
#[derive(Args)]
#[command(after_long_help = HELP)]
pub struct Show {
    /// The segment: segments/ID, or its ID alone
    segment: String,
    /// Prints the segment as one line of JSON with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    asker: Asker,
}

impl Show {
    /// Runs the command.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let asking = self.asker.connect().await?;
        let name = record::named(Kind::Segment, &self.segment);
        let request = pb::GetSegmentRequest {
            name,
            read_mask: None,
        };
        let segment: pb::Segment = asking.call_of("Segment", "GetSegment", &request).await?;
        let shown = if self.json {
            json::line(&descriptors::dynamic(&segment)?)?
        } else {
            page(&asking, &segment).await?
        };
        writeln!(stdout(), "{shown}")?;
        Ok(ExitCode::SUCCESS)
    }
}

async fn page(asking: &Asking, segment: &pb::Segment) -> anyhow::Result<String> {
    let mut lines = vec![format!("{}  {}", segment.display_name, segment.name)];
    lines.extend(segment.description.lines().map(str::to_owned));
    if segment.delete_time.is_some() {
        lines.push("It is deleted, and nobody is in it.".to_owned());
        return Ok(shown(&lines));
    }
    lines.push(String::new());
    lines.extend(match &segment.definition {
        Some(Definition::Filter(filter)) => understood(asking, filter).await?,
        _ => vec!["by list".to_owned()],
    });
    let count = count(asking, &segment.name).await?;
    lines.extend([String::new(), format!("members: {count}")]);
    let mut text = shown(&lines);
    if count > 0 {
        text.push('\n');
        text.push_str(&sample(asking, &segment.name).await?);
    }
    if count > i64::from(SAMPLE) {
        text.push_str(&format!(
            "\n… and {} more: clientele segments members {}",
            count - i64::from(SAMPLE),
            segment.name
        ));
    }
    Ok(text)
}

/// Returns the filter as it is understood, and how often the fields in it are unset.
async fn understood(asking: &Asking, filter: &str) -> anyhow::Result<Vec<String>> {
    let request = pb::PreviewSegmentRequest {
        filter: filter.to_owned(),
        sample_size: 1,
        read_mask: None,
    };
    let answer = asking
        .try_call_of("Segment", "PreviewSegment", &request)
        .await?;
    let preview: pb::PreviewSegmentResponse = match answer {
        Ok(preview) => preview,
        // No filter could be written so today: what it names was deleted afterwards.
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
    Ok(lines)
}

fn is_reason(status: &Status, reason: &str) -> bool {
    status
        .get_details_error_info()
        .is_some_and(|info| info.reason == reason)
}

fn shown(lines: &[String]) -> String {
    lines
        .iter()
        .map(|line| table::shown(line))
        .collect::<Vec<_>>()
        .join("\n")
}

async fn sample(asking: &Asking, segment: &str) -> anyhow::Result<String> {
    let (segment, page_size) = (segment.to_owned(), SAMPLE);
    let request = pb::ListSegmentMembersRequest {
        segment,
        page_size,
        ..Default::default()
    };
    let page: pb::ListSegmentMembersResponse = asking
        .call_of("Segment", "ListSegmentMembers", &request)
        .await?;
    let mut members = table::plain(table::columns(Kind::Customer));
    for customer in &page.customers {
        members.add_row(table::row(
            Kind::Customer,
            &descriptors::dynamic(customer)?,
            &table::Titles::new(),
        )?);
    }
    Ok(table::fitted(members))
}
