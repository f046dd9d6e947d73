//! `serve --demo`: fills an empty store with a small made-up sample.
//!
//! The sample is `demo.toml`, in the JSON form of the API; it goes through the same services as the records of any
//! caller. A store that holds anything, be it deleted, is left alone.

use anyhow::{Context, anyhow};
use prost_reflect::{DeserializeOptions, DynamicMessage, Value};
use serde::Deserialize;
use toml::Table;

use super::client::{Client, explain};
use super::record::{Call, Page, message_of};
use crate::descriptors;
use crate::name::Kind;
use crate::pb;

const SAMPLE: &str = include_str!("demo.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    customers: Vec<Record>,
    contacts: Vec<Record>,
    affiliations: Vec<Record>,
}

/// A record with the id it gets; for an affiliation, with the claims that are added to it.
#[derive(Deserialize)]
struct Record {
    id: String,
    #[serde(default)]
    roles: Vec<Table>,
    #[serde(flatten)]
    fields: Table,
}

/// Fills the store behind the client, if it is empty, and says what it did.
pub async fn fill(client: &Client) -> anyhow::Result<String> {
    for kind in Kind::ALL {
        if !is_empty(client, kind).await? {
            return Ok("the store is not empty and was left as it is".to_owned());
        }
    }
    let Sample { customers, contacts, affiliations } = toml::from_str(SAMPLE)?;
    let counts =
        format!("{} customers, {} contacts, {} affiliations", customers.len(), contacts.len(), affiliations.len());
    for (kind, records) in [(Kind::Customer, customers), (Kind::Contact, contacts), (Kind::Affiliation, affiliations)] {
        for record in records {
            let at = format!("{}/{}", kind.collection(), record.id);
            create(client, kind, record).await.with_context(|| format!("the sample record {at}"))?;
        }
    }
    Ok(format!("filled the empty store: {counts}, all made up"))
}

async fn is_empty(client: &Client, kind: Kind) -> anyhow::Result<bool> {
    let call = Call::on_many(kind, "List").with("page_size", Value::I32(1)).with("show_deleted", Value::Bool(true));
    Ok(Page::of(kind, &send(client, &call).await?).records.is_empty())
}

async fn create(client: &Client, kind: Kind, record: Record) -> anyhow::Result<()> {
    let message = message_of(kind);
    let message = DynamicMessage::deserialize_with_options(message, record.fields, &DeserializeOptions::new())?;
    let call = Call::on_one(kind, "Create")
        .with(kind.singular(), Value::Message(message))
        .with_text(&format!("{}_id", kind.singular()), &record.id);
    send(client, &call).await?;
    for mut role in record.roles {
        role.insert("name".to_owned(), format!("{}/{}", kind.collection(), record.id).into());
        let request = descriptors::message(&<pb::AddBuyingRoleRequest as prost::Name>::full_name());
        let request = DynamicMessage::deserialize_with_options(request, role, &DeserializeOptions::new())?;
        send(client, &Call::of(kind, "AddBuyingRole").with_all(request)).await?;
    }
    Ok(())
}

async fn send(client: &Client, call: &Call) -> anyhow::Result<DynamicMessage> {
    call.send(client).await.map_err(|status| anyhow!(explain(&status)))
}
