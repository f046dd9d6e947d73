//! What the commands that ask questions share: in whose name, about whom, and the call itself.
//!
//! A key is recognised by its form; a bare name is looked up.

use anyhow::{anyhow, bail};
use clap::Args;

use super::client::{Client, Server, explain};
use super::record::Call;
use crate::descriptors;
use crate::name::{Kind, Name};
use crate::pb;
use crate::pb::contact_key::Key as ContactBy;
use crate::pb::customer_key::Key as CustomerBy;

/// The most people or firms that are named when a text fits several.
const MAX_NAMED: usize = 10;

/// Where to ask, and in whose name.
#[derive(Args)]
pub struct Asker {
    /// Asks as this colleague: a name such as colleagues/mia, an e-mail address, or system:id
    #[arg(long = "as", value_name = "COLLEAGUE")]
    colleague: Option<String>,
    #[command(flatten)]
    server: Server,
}

/// A connection that asks in somebody's name.
pub struct Asking {
    client: Client,
    colleague: Option<String>,
}

impl Asker {
    /// Connects.
    ///
    /// # Errors
    /// When nothing answers at the address.
    pub async fn connect(self) -> anyhow::Result<Asking> {
        Ok(Asking { client: self.server.connect().await?, colleague: self.colleague })
    }
}

impl Asking {
    /// Makes a call of RelationshipService.
    ///
    /// # Errors
    /// What the server answered, in one line.
    pub async fn call<Q, A>(&self, method: &str, request: &Q) -> anyhow::Result<A>
    where
        Q: prost::Message + prost::Name,
        A: prost::Message + Default,
    {
        let mut call = Call::in_service("Relationship", method).with_all(descriptors::dynamic(request)?);
        if let Some(colleague) = &self.colleague {
            call = call.acting(colleague.clone());
        }
        let answer = call.send(&self.client).await.map_err(|status| anyhow!(explain(&status)))?;
        Ok(descriptors::typed(&answer)?)
    }

    /// Returns the customer that a text means.
    ///
    /// # Errors
    /// When nobody fits, or several do.
    pub async fn customer(&self, text: &str) -> anyhow::Result<pb::CustomerKey> {
        let key = match Form::of(text) {
            Form::Name(name) if name.kind() == Kind::Customer => CustomerBy::Name(name.to_string()),
            Form::Name(name) => bail!("{name} is no customer"),
            Form::ExternalId(id) => CustomerBy::ExternalId(id),
            Form::Email(address) => CustomerBy::Email(address),
            Form::Phone(number) => CustomerBy::Phone(number),
            Form::Domain(domain) => CustomerBy::Domain(domain),
            Form::Words(words) => CustomerBy::Name(self.found(&words, pb::look_up_request::Kind::Customer).await?),
        };
        Ok(pb::CustomerKey { key: Some(key) })
    }

    /// Returns the person that a text means.
    ///
    /// # Errors
    /// When nobody fits, or several do.
    pub async fn contact(&self, text: &str) -> anyhow::Result<pb::ContactKey> {
        let key = match Form::of(text) {
            Form::Name(name) if name.kind() == Kind::Contact => ContactBy::Name(name.to_string()),
            Form::Name(name) => bail!("{name} is no contact"),
            Form::ExternalId(id) => ContactBy::ExternalId(id),
            Form::Email(address) => ContactBy::Email(address),
            Form::Phone(number) => ContactBy::Phone(number),
            Form::Domain(words) | Form::Words(words) => {
                ContactBy::Name(self.found(&words, pb::look_up_request::Kind::Contact).await?)
            }
        };
        Ok(pb::ContactKey { key: Some(key) })
    }

    /// Looks up the only record of a kind that a text can mean: the only one that is found, or the only one that is
    /// called just so.
    async fn found(&self, text: &str, kind: pb::look_up_request::Kind) -> anyhow::Result<String> {
        let kinds = vec![kind.into()];
        let request = pb::LookUpRequest { text: text.to_owned(), kinds, ..Default::default() };
        let answer: pb::LookUpResponse = self.call("LookUp", &request).await?;
        let name = |result: &pb::LookUpResult| format!("{}{}", result.customer, result.contact);
        let exact = |result: &&pb::LookUpResult| result.display_name.to_lowercase() == text.to_lowercase();
        let mut exact = answer.results.iter().filter(exact);
        match (&answer.results[..], exact.next(), exact.next()) {
            ([], ..) => bail!("nobody is found by {text:?}"),
            ([one], ..) | (_, Some(one), None) => Ok(name(one)),
            (several, ..) => {
                let shown = several.iter().take(MAX_NAMED);
                let shown: Vec<String> = shown.map(|one| format!("{} ({})", name(one), one.display_name)).collect();
                bail!("{text:?} can be several, ask by the name of one: {}", shown.join(", "))
            }
        }
    }
}

/// What a text looks like.
#[derive(Debug, PartialEq)]
enum Form {
    Name(Name),
    ExternalId(pb::ExternalId),
    Email(String),
    Phone(String),
    Domain(String),
    Words(String),
}

impl Form {
    fn of(text: &str) -> Form {
        let text = text.trim();
        if let Some(name) = Name::parse_any(text) {
            return Form::Name(name);
        }
        if let Some((system, id)) = text.split_once(':').filter(|(system, id)| is_system(system) && !id.is_empty()) {
            return Form::ExternalId(pb::ExternalId { system: system.to_owned(), id: id.to_owned() });
        }
        let has_space = text.contains(char::is_whitespace);
        if text.contains('@') && !has_space {
            return Form::Email(text.to_owned());
        }
        if text.starts_with('+') && text.chars().any(|c| c.is_ascii_digit()) {
            return Form::Phone(text.to_owned());
        }
        let is_domain = !has_space && text.trim_matches('.') == text && text.contains('.');
        if is_domain { Form::Domain(text.to_owned()) } else { Form::Words(text.to_owned()) }
    }
}

fn is_system(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_lowercase());
    begins && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_recognised_by_its_form() {
        let id =
            |system: &str, id: &str| Form::ExternalId(pb::ExternalId { system: system.to_owned(), id: id.to_owned() });
        assert_eq!(
            Form::of("customers/acme"),
            Form::Name(Name::parse(Kind::Customer, "customers/acme").expect("a name"))
        );
        assert_eq!(Form::of("sap.eu:4711"), id("sap.eu", "4711"));
        assert_eq!(Form::of("okta:mia@ferrum.example"), id("okta", "mia@ferrum.example"));
        assert_eq!(Form::of("mia@ferrum.example"), Form::Email("mia@ferrum.example".to_owned()));
        assert_eq!(Form::of(" +43 1 2345678 "), Form::Phone("+43 1 2345678".to_owned()));
        assert_eq!(Form::of("ferrum.example"), Form::Domain("ferrum.example".to_owned()));
        for words in ["Ferrum AG", "Dr. Mara Lind", "ferrum", "Ferrum: the works", "Inc."] {
            assert_eq!(Form::of(words), Form::Words(words.to_owned()), "{words}");
        }
    }
}
