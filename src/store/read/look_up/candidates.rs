//! The texts of candidates, which a look-up ranks them by.

use serde::Deserialize;

use crate::error::Error;
use crate::look_up::words::{self, Texts};
use crate::name::Kind;
use crate::pb;
use crate::store::engine::snapshot::Snapshot;
use crate::store::read::look_up::{lines, of_kind, text};
use crate::store::scope::TenantScope;
use crate::store::sql::json;
use crate::store::sql::json_functions::list;
use crate::store::sql::statement::{Part, Sql, scoped};

/// A record that may be the one meant.
#[derive(Debug)]
pub struct Candidate {
    /// Its name.
    pub name: String,
    /// The name to show.
    pub display_name: String,
    /// What it is ranked by.
    pub texts: Texts,
    /// The name of its last conversation; empty when there was none.
    pub last_conversation: String,
}

/// Returns the statement of [`texts`].
pub fn texts_sql(scope: &TenantScope, names: &[String]) -> Sql {
    let customers = scoped!(
        scope,
        "select :{texts} as texts from customers
         where tenant_id = :tenant and delete_time is null and name = any(:names)",
        texts = list(
            "name, display_name, last_conversation, business_legal_name, individual_given_name, \
             individual_family_name, business_domains, addresses, kind"
        ),
        names = of_kind(Kind::Customer, names),
    );
    let contacts = scoped!(
        scope,
        "select :{texts} from contacts
         where tenant_id = :tenant and delete_time is null and name = any(:names)",
        texts = list(
            "name, display_name, last_conversation, '', given_name, family_name, '[]', addresses, \
             'CONTACT'"
        ),
        names = of_kind(Kind::Contact, names),
    );
    let both = Sql::union_all([customers, contacts]);
    lines(Part::text("texts"), both)
}

/// Reads the texts of live records.
pub async fn texts(
    snapshot: &mut Snapshot,
    scope: &TenantScope,
    names: &[String],
) -> Result<Vec<Candidate>, Error> {
    let found = snapshot.run(text(texts_sql(scope, names))).await?;
    found.lines().map(candidate).collect()
}

fn candidate(line: &str) -> Result<Candidate, Error> {
    let texts: [String; 9] = serde_json::from_str(line).map_err(json::unreadable)?;
    let [
        name,
        display_name,
        last_conversation,
        legal_name,
        given_name,
        family_name,
        domains,
        addresses,
        kind,
    ] = texts;
    let of_contact = kind == "CONTACT";
    let full_name_field = if of_contact {
        "family_name"
    } else {
        "individual.family_name"
    };
    let texts = Texts {
        is_person: of_contact || kind == pb::customer::Kind::Individual.as_str_name(),
        names: words::names([
            ("display_name", display_name.clone()),
            ("business.legal_name", legal_name),
            (full_name_field, words::full_name(&given_name, &family_name)),
        ]),
        domains: json::read_texts(&domains)?,
        places: towns(&addresses)?,
    };
    Ok(Candidate {
        name,
        display_name,
        texts,
        last_conversation,
    })
}

/// The part of an address that is used; candidates are many, so the rest is not read.
#[derive(Deserialize)]
struct Address {
    postal_address: Option<Town>,
}

#[derive(Deserialize)]
struct Town {
    #[serde(default)]
    locality: String,
}

fn towns(addresses: &str) -> Result<Vec<String>, Error> {
    let addresses: Vec<Address> = serde_json::from_str(addresses).map_err(json::unreadable)?;
    let towns = addresses
        .into_iter()
        .filter_map(|address| address.postal_address);
    Ok(towns
        .map(|town| town.locality)
        .filter(|town| !town.is_empty())
        .collect())
}
