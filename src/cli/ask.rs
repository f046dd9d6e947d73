//! What the commands that ask questions share: in whose name, about whom, and the call itself.
//!
//! A key is recognised by its form; a bare name is looked up.

use anyhow::{anyhow, bail};
use clap::Args;
use tonic::Status;

use crate::cli::client::{Client, Server, explain};
use crate::cli::record::{self, ApiCall};
use crate::cli::table;
use crate::descriptors;
use crate::look_up::words::words;
use crate::name::{Kind, Name};
use crate::pb;
use crate::pb::contact_key::Key as ContactBy;
use crate::pb::customer_key::Key as CustomerBy;

/// The most people or firms that are named when a text fits several.
const MAX_NAMED: usize = 10;
/// The most people or firms that a text is compared with.
const MAX_FOUND: i32 = 50;

/// Where to ask, and in whose name.
#[derive(Args, Clone)]
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
        Ok(Asking {
            client: self.server.connect().await?,
            colleague: self.colleague,
        })
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
        self.call_of("Relationship", method, request).await
    }

    /// Makes a call of a service, which is named without `Service`.
    ///
    /// # Errors
    /// What the server answered, in one line.
    pub async fn call_of<Q, A>(&self, service: &str, method: &str, request: &Q) -> anyhow::Result<A>
    where
        Q: prost::Message + prost::Name,
        A: prost::Message + Default,
    {
        self.try_call_of(service, method, request)
            .await?
            .map_err(|status| anyhow!(explain(&status)))
    }

    /// Makes a call whose refusal the caller looks at.
    ///
    /// # Errors
    /// When the messages are not those of the method.
    pub async fn try_call_of<Q, A>(
        &self,
        service: &str,
        method: &str,
        request: &Q,
    ) -> anyhow::Result<Result<A, Status>>
    where
        Q: prost::Message + prost::Name,
        A: prost::Message + Default,
    {
        let mut call =
            ApiCall::in_service(service, method).with_all(descriptors::dynamic(request)?);
        if let Some(colleague) = &self.colleague {
            call = call.acting(colleague.clone());
        }
        Ok(match call.send(&self.client).await {
            Ok(answer) => Ok(descriptors::typed(&answer)?),
            Err(status) => Err(status),
        })
    }

    /// Returns the customer that a text means.
    ///
    /// # Errors
    /// When nobody fits, or several do.
    pub async fn customer(&self, text: &str) -> anyhow::Result<pb::CustomerKey> {
        if text.trim().is_empty() {
            bail!("the key of the customer is empty");
        }
        let key = match Form::of(text) {
            Form::Name(name) if name.kind() == Kind::Customer => CustomerBy::Name(name.to_string()),
            Form::Name(name) => bail!("{name} is no customer"),
            Form::ExternalId(id) => CustomerBy::ExternalId(id),
            Form::Email(address) => CustomerBy::Email(address),
            Form::Phone(number) => CustomerBy::Phone(number),
            Form::Domain(domain) => CustomerBy::Domain(domain),
            Form::Words(words) => CustomerBy::Name(self.called_customer(&words).await?),
        };
        Ok(pb::CustomerKey { key: Some(key) })
    }

    /// Returns the live customer that a text means, as it is.
    ///
    /// # Errors
    /// When nobody fits, or several do, or it is deleted.
    pub async fn whole_customer(&self, text: &str) -> anyhow::Result<pb::Customer> {
        let request = pb::GetProfileRequest {
            key: Some(self.customer(text).await?),
            ..Default::default()
        };
        let profile: pb::Profile = self.call("GetProfile", &request).await?;
        let customer = profile.customer.unwrap_or_default();
        if customer.delete_time.is_some() {
            bail!("{} is deleted", customer.name);
        }
        Ok(customer)
    }

    /// Returns what a record is called.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn display_name(&self, kind: Kind, name: &str) -> anyhow::Result<String> {
        let call = ApiCall::on_one(kind, "Get").with_text("name", name);
        let record = call
            .send(&self.client)
            .await
            .map_err(|status| anyhow!(explain(&status)))?;
        Ok(record::text(&record, "display_name"))
    }

    /// Returns the person that a text means.
    ///
    /// # Errors
    /// When nobody fits, or several do.
    pub async fn contact(&self, text: &str) -> anyhow::Result<pb::ContactKey> {
        self.contact_at(text, "").await
    }

    /// Returns the person that a text means; of several who are called so, the one who works at a customer today.
    ///
    /// # Errors
    /// When nobody fits, or several do.
    pub async fn contact_at(&self, text: &str, customer: &str) -> anyhow::Result<pb::ContactKey> {
        let key = match Form::of(text) {
            Form::Name(name) if name.kind() == Kind::Contact => ContactBy::Name(name.to_string()),
            Form::Name(name) => bail!("{name} is no contact"),
            Form::ExternalId(id) => ContactBy::ExternalId(id),
            Form::Email(address) => ContactBy::Email(address),
            Form::Phone(number) => ContactBy::Phone(number),
            Form::Domain(words) | Form::Words(words) => {
                ContactBy::Name(self.called_contact(&words, customer).await?)
            }
        };
        Ok(pb::ContactKey { key: Some(key) })
    }

    /// Looks up the only customer that is called so.
    async fn called_customer(&self, text: &str) -> anyhow::Result<String> {
        let found = Found::by(self, text, pb::look_up_request::Kind::Customer).await?;
        if let Some(one) = found.only()? {
            return Ok(name(one));
        }
        let people = Found::by(self, text, pb::look_up_request::Kind::Contact).await?;
        if people.called().next().is_some() {
            bail!(
                "no customer is called {text:?}, a person is: {}{}",
                people.named(),
                found.meant("; or did you mean ")
            );
        }
        Err(found.nobody())
    }

    /// Looks up the only person who is called so, at a customer or else anywhere.
    async fn called_contact(&self, text: &str, customer: &str) -> anyhow::Result<String> {
        let found = Found::by(self, text, pb::look_up_request::Kind::Contact).await?;
        found
            .only_at(customer)?
            .map(name)
            .ok_or_else(|| found.nobody())
    }
}

/// Who is found by a text. LookUp forgives typos and finds people by a part of their data; to write to somebody, or to
/// tell of them, a text has to be theirs.
struct Found<'a> {
    text: &'a str,
    results: Vec<pb::LookUpResult>,
}

impl<'a> Found<'a> {
    async fn by(
        asking: &Asking,
        text: &'a str,
        kind: pb::look_up_request::Kind,
    ) -> anyhow::Result<Found<'a>> {
        let kinds = vec![kind.into()];
        let request = pb::LookUpRequest {
            text: text.to_owned(),
            kinds,
            max_results: MAX_FOUND,
            ..Default::default()
        };
        let answer: pb::LookUpResponse = asking.call("LookUp", &request).await?;
        Ok(Found {
            text,
            results: answer.results,
        })
    }

    /// Returns those who are called so: every word of the text, without a typo, is in what they are called.
    fn called(&self) -> impl Iterator<Item = &pb::LookUpResult> {
        let asked = words(self.text);
        self.results.iter().filter(move |result| {
            let own = words(&result.display_name);
            result.matches.iter().all(|found| found.typo_count == 0)
                && asked.iter().all(|word| own.contains(word))
        })
    }

    fn is_exact(&self, result: &pb::LookUpResult) -> bool {
        result.display_name.to_lowercase() == self.text.to_lowercase()
    }

    /// Returns the only one that the text can mean: the only one that is found and is called so, or the only one that
    /// is called just so; none when nobody is called so.
    fn only(&self) -> anyhow::Result<Option<&pb::LookUpResult>> {
        if let Some(one) = sole(self.results.iter().filter(|result| self.is_exact(result))) {
            return Ok(Some(one));
        }
        match (self.called().next(), self.results.len()) {
            (one, 0 | 1) => Ok(one),
            (None, _) => Ok(None),
            _ => Err(self.several()),
        }
    }

    /// Returns the only one who works at a customer and is called so; where nobody of that name works there, the only
    /// one that the text can mean.
    fn only_at(&self, customer: &str) -> anyhow::Result<Option<&pb::LookUpResult>> {
        let works_there = |result: &&pb::LookUpResult| {
            result.affiliations.iter().any(|at| at.customer == customer)
        };
        let there: Vec<&pb::LookUpResult> = self.called().filter(works_there).collect();
        match &there[..] {
            [] => self.only(),
            [one] => Ok(Some(one)),
            all => {
                let exact = sole(all.iter().copied().filter(|result| self.is_exact(result)));
                exact.map(Some).ok_or_else(|| self.several())
            }
        }
    }

    fn several(&self) -> anyhow::Error {
        anyhow!(
            "{:?} can be several, ask by the name of one: {}",
            self.text,
            self.named()
        )
    }

    fn nobody(&self) -> anyhow::Error {
        match self.meant("; did you mean ") {
            meant if meant.is_empty() => anyhow!("nobody is found by {:?}", self.text),
            meant => anyhow!("{:?} is nobody's name{meant}", self.text),
        }
    }

    fn meant(&self, question: &str) -> String {
        if self.results.is_empty() {
            String::new()
        } else {
            format!("{question}{}?", self.named())
        }
    }

    fn named(&self) -> String {
        let shown = self.results.iter().take(MAX_NAMED);
        let shown = shown.map(|one| format!("{} ({})", name(one), table::shown(&one.display_name)));
        shown.collect::<Vec<_>>().join(", ")
    }
}

/// Returns the one of a list of one.
fn sole<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let one = all.next()?;
    all.next().is_none().then_some(one)
}

fn name(result: &pb::LookUpResult) -> String {
    format!("{}{}", result.customer, result.contact)
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
        if let Some((_, rest)) = text.split_once("://") {
            return Form::Domain(host(rest).to_owned());
        }
        if let Some((system, id)) = text
            .split_once(':')
            .filter(|(system, id)| is_system(system) && !id.is_empty())
        {
            return Form::ExternalId(pb::ExternalId {
                system: system.to_owned(),
                id: id.to_owned(),
            });
        }
        let has_space = text.contains(char::is_whitespace);
        if text.contains('@') && !has_space {
            return Form::Email(text.to_owned());
        }
        if text.starts_with('+') && text.chars().any(|c| c.is_ascii_digit()) {
            return Form::Phone(text.to_owned());
        }
        let host = host(text);
        // Not `Inc.` or `S.p.A.`: a top level has two letters at least.
        let is_domain = !has_space
            && host
                .rsplit_once('.')
                .is_some_and(|(rest, top)| !rest.is_empty() && top.len() > 1);
        if is_domain {
            Form::Domain(host.to_owned())
        } else {
            Form::Words(text.to_owned())
        }
    }
}

/// Returns the host name of a web address without its scheme, as customers have it: without `www.` and a final dot.
fn host(text: &str) -> &str {
    let host = text.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host.split(':').next().unwrap_or_default();
    let is_www = host
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("www."));
    let host = if is_www { &host[4..] } else { host };
    host.strip_suffix('.').unwrap_or(host)
}

fn is_system(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_lowercase());
    begins
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_recognised_by_its_form() {
        let id = |system: &str, id: &str| {
            Form::ExternalId(pb::ExternalId {
                system: system.to_owned(),
                id: id.to_owned(),
            })
        };
        assert_eq!(
            Form::of("customers/acme"),
            Form::Name(Name::parse(Kind::Customer, "customers/acme").expect("a name"))
        );
        assert_eq!(Form::of("sap.eu:4711"), id("sap.eu", "4711"));
        assert_eq!(
            Form::of("okta:mia@ferrum.example"),
            id("okta", "mia@ferrum.example")
        );
        assert_eq!(
            Form::of("mia@ferrum.example"),
            Form::Email("mia@ferrum.example".to_owned())
        );
        assert_eq!(
            Form::of(" +43 1 2345678 "),
            Form::Phone("+43 1 2345678".to_owned())
        );
        assert_eq!(
            Form::of("ferrum.example"),
            Form::Domain("ferrum.example".to_owned())
        );
        for url in [
            "https://www.ferrum.example/about?x=1",
            "http://mia@ferrum.example:8080",
            "www.ferrum.example",
            "ferrum.example.",
        ] {
            assert_eq!(
                Form::of(url),
                Form::Domain("ferrum.example".to_owned()),
                "{url}"
            );
        }
        for words in [
            "S.p.A.",
            "Ferrum AG",
            "Dr. Mara Lind",
            "ferrum",
            "Ferrum: the works",
            "Inc.",
        ] {
            assert_eq!(Form::of(words), Form::Words(words.to_owned()), "{words}");
        }
    }
}
