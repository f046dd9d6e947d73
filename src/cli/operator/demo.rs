//! `serve --demo`: fills an empty store with a small made-up sample.
//!
//! The sample is `demo/*.toml`, in the JSON form of the API; it goes through the same services as the records of any
//! caller. A store with any record in it, even a deleted one, is left alone; a part of the sample in it is reported.
//!
//! Names and texts never change, times are relative to today: `today-3 14:30` (UTC) is a time, `today-3` a date.

use anyhow::{Context, anyhow, bail};
use jiff::ToSpan;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use prost_reflect::{DeserializeOptions, DynamicMessage, Value};
use serde::Deserialize;
use toml::Table;
use tonic::Code;

use crate::cli::client::{Client, explain};
use crate::cli::record::{ApiCall, RecordPage, message_of};
use crate::clock::Micros;
use crate::descriptors;
use crate::name::Kind;
use crate::pb;

/// The records of each kind; those that others refer to come first.
const SAMPLE: [(Kind, &str); 9] = [
    (Kind::Colleague, include_str!("demo/colleagues.toml")),
    (Kind::Customer, include_str!("demo/customers.toml")),
    (Kind::Contact, include_str!("demo/contacts.toml")),
    (Kind::Affiliation, include_str!("demo/affiliations.toml")),
    (Kind::Conversation, include_str!("demo/conversations.toml")),
    (Kind::Promise, include_str!("demo/promises.toml")),
    (Kind::Note, include_str!("demo/notes.toml")),
    (Kind::Segment, include_str!("demo/segments.toml")),
    (Kind::Persona, include_str!("demo/personas.toml")),
];

const PARTLY_FILLED: &str = "the store has only a part of the sample, because filling it was interrupted, and was left as it is: \
    to see the whole sample, stop and start again with a new store, such as --database-url sqlite://demo.db";

#[derive(Deserialize)]
struct SampleRecord {
    id: String,
    /// The colleague who writes it; by default the first of `colleagues`.
    actor: Option<String>,
    /// The claims that are added to an affiliation once everything else is there.
    #[serde(default)]
    roles: Vec<Table>,
    #[serde(flatten)]
    fields: Table,
}

/// Fills the store behind the client, if it is empty, and describes what it did.
pub(crate) async fn fill(client: &Client, now: Micros) -> anyhow::Result<String> {
    let today = jiff::Timestamp::from_microsecond(now)?
        .to_zoned(TimeZone::UTC)
        .date();
    for kind in Kind::ALL {
        if !is_empty(client, kind).await? {
            let [first, .., last] = SAMPLE;
            let is_part = holds(client, first, <[SampleRecord]>::first, today).await?
                && !holds(client, last, <[SampleRecord]>::last, today).await?;
            return Ok(if is_part {
                PARTLY_FILLED
            } else {
                "the store is not empty and was left as it is"
            }
            .to_owned());
        }
    }
    let mut counts = Vec::new();
    let mut claims: Vec<(String, Table)> = Vec::new();
    for (i, (kind, text)) in SAMPLE.into_iter().enumerate() {
        // The last record proves that the whole sample is there.
        if i + 1 == SAMPLE.len() {
            for (name, claim) in std::mem::take(&mut claims) {
                add_role(client, &name, claim)
                    .await
                    .with_context(|| format!("a role of the sample record {name}"))?;
            }
        }
        let records = read(kind, text, today)
            .with_context(|| format!("the sample of {}", kind.collection()))?;
        counts.push((kind, format!("{} {}", records.len(), kind.collection())));
        for mut record in records {
            let name = format!("{}/{}", kind.collection(), record.id);
            claims.extend(
                std::mem::take(&mut record.roles)
                    .into_iter()
                    .map(|claim| (name.clone(), claim)),
            );
            create(client, kind, record)
                .await
                .with_context(|| format!("the sample record {name}"))?;
        }
    }
    counts.sort_by_key(|(kind, _)| *kind);
    let counts: Vec<String> = counts.into_iter().map(|(_, count)| count).collect();
    Ok(format!(
        "filled the empty store: {}; all made up. You are colleagues/hanna-weber",
        counts.join(", ")
    ))
}

fn read(kind: Kind, text: &str, today: Date) -> anyhow::Result<Vec<SampleRecord>> {
    let mut sample: toml::Value = toml::from_str(text)?;
    resolve_times(&mut sample, today)?;
    let records = sample
        .as_table_mut()
        .and_then(|sample| sample.remove(kind.collection()));
    Ok(records.context("has no records")?.try_into()?)
}

/// Replaces relative times by absolute ones.
fn resolve_times(value: &mut toml::Value, today: Date) -> anyhow::Result<()> {
    match value {
        toml::Value::Table(table) => table
            .iter_mut()
            .try_for_each(|(_, value)| resolve_times(value, today)),
        toml::Value::Array(values) => values
            .iter_mut()
            .try_for_each(|value| resolve_times(value, today)),
        toml::Value::String(text) => {
            if let Some(rest) = text.strip_prefix("today") {
                *value = time(rest, today).with_context(|| format!("`today{rest}`"))?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn time(rest: &str, today: Date) -> anyhow::Result<toml::Value> {
    let (days, time) = rest.split_once(' ').unwrap_or((rest, ""));
    let date = today.checked_add(days.parse::<i64>()?.days())?;
    if !time.is_empty() {
        let time = date
            .to_datetime(Time::strptime("%H:%M", time)?)
            .to_zoned(TimeZone::UTC)?;
        return Ok(time.timestamp().to_string().into());
    }
    let part = |key: &str, number: i64| (key.to_owned(), number.into());
    let parts = [
        part("year", date.year().into()),
        part("month", date.month().into()),
        part("day", date.day().into()),
    ];
    Ok(toml::Value::Table(parts.into_iter().collect()))
}

async fn is_empty(client: &Client, kind: Kind) -> anyhow::Result<bool> {
    let call = ApiCall::on_many(kind, "List")
        .with("page_size", Value::I32(1))
        .with("show_deleted", Value::Bool(true));
    Ok(RecordPage::read(kind, &send(client, &call).await?)
        .records
        .is_empty())
}

/// Says whether the store has one of the sample records of a kind, even a deleted one.
async fn holds(
    client: &Client,
    (kind, text): (Kind, &str),
    which: fn(&[SampleRecord]) -> Option<&SampleRecord>,
    today: Date,
) -> anyhow::Result<bool> {
    let records = read(kind, text, today)?;
    let record = which(&records);
    let name = format!(
        "{}/{}",
        kind.collection(),
        record.context("has no records")?.id
    );
    match ApiCall::on_one(kind, "Get")
        .with_text("name", name)
        .send(client)
        .await
    {
        Ok(_) => Ok(true),
        Err(status) if status.code() == Code::NotFound => Ok(false),
        Err(status) => Err(anyhow!(explain(&status))),
    }
}

async fn create(client: &Client, kind: Kind, record: SampleRecord) -> anyhow::Result<()> {
    let colleagues = record
        .fields
        .get("colleagues")
        .and_then(toml::Value::as_array);
    let first = colleagues
        .and_then(|people| people.first())
        .and_then(toml::Value::as_str)
        .map(str::to_owned);
    let message = message_of(kind);
    let message = DynamicMessage::deserialize_with_options(
        message,
        record.fields,
        &DeserializeOptions::new(),
    )?;
    let mut call = ApiCall::on_one(kind, "Create")
        .with(kind.singular(), Value::Message(message))
        .with_text(&format!("{}_id", kind.singular()), &record.id);
    if let Some(actor) = record.actor.or(first) {
        call = call.acting(actor);
    }
    send(client, &call).await?;
    Ok(())
}

async fn add_role(client: &Client, affiliation: &str, mut claim: Table) -> anyhow::Result<()> {
    if claim
        .insert("affiliation".to_owned(), affiliation.into())
        .is_some()
    {
        bail!("has an affiliation");
    }
    let request = descriptors::message(&<pb::AddBuyingRoleRequest as prost::Name>::full_name());
    let request =
        DynamicMessage::deserialize_with_options(request, claim, &DeserializeOptions::new())?;
    send(
        client,
        &ApiCall::of(Kind::Affiliation, "AddBuyingRole").with_all(request),
    )
    .await?;
    Ok(())
}

async fn send(client: &Client, call: &ApiCall) -> anyhow::Result<DynamicMessage> {
    call.send(client)
        .await
        .map_err(|status| anyhow!(explain(&status)))
}
