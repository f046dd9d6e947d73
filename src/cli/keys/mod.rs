//! Who is meant by a key on the command line: a customer or a person.
//!
//! The form of a key tells what it is (`form.rs`); a bare name is looked up (`candidates.rs`).

mod candidates;
mod form;

use anyhow::bail;

use crate::cli::keys::candidates::Candidates;
use crate::cli::keys::form::KeyForm;
use crate::cli::session::Session;
use crate::name::{Kind, Name};
use crate::pb;
use crate::pb::contact_key::Key as ContactBy;
use crate::pb::customer_key::Key as CustomerBy;
use crate::pb::look_up_request::Kind as LookUpKind;

/// Returns the customer that a text means; an error if it means none, or several.
pub(crate) async fn customer(session: &Session, text: &str) -> anyhow::Result<pb::CustomerKey> {
    if text.trim().is_empty() {
        bail!("the key of the customer is empty");
    }
    let key = match KeyForm::of(text) {
        KeyForm::Name(name) if name.kind() == Kind::Customer => CustomerBy::Name(name.to_string()),
        KeyForm::Name(name) => bail!("{name} is not a customer"),
        KeyForm::ExternalId(id) => CustomerBy::ExternalId(id),
        KeyForm::Email(address) => CustomerBy::Email(address),
        KeyForm::Phone(number) => CustomerBy::Phone(number),
        KeyForm::Domain(domain) => CustomerBy::Domain(domain),
        KeyForm::Words(words) => CustomerBy::Name(customer_called(session, &words).await?),
    };
    Ok(pb::CustomerKey { key: Some(key) })
}

/// Returns the record of the customer that a text means; an error also if it is deleted.
pub(crate) async fn live_customer(session: &Session, text: &str) -> anyhow::Result<pb::Customer> {
    let request = pb::GetProfileRequest {
        customer: Some(customer(session, text).await?),
        ..Default::default()
    };
    let profile: pb::Profile = session.call("GetProfile", &request).await?;
    let customer = profile.customer.unwrap_or_default();
    if customer.delete_time.is_some() {
        bail!("{} is deleted", customer.name);
    }
    Ok(customer)
}

/// Returns the person that a text means; of several with that name, the one who works at a customer today.
pub(crate) async fn contact(
    session: &Session,
    text: &str,
    customer: Option<&str>,
) -> anyhow::Result<pb::ContactKey> {
    let key = match KeyForm::of(text) {
        KeyForm::Name(name) if name.kind() == Kind::Contact => ContactBy::Name(name.to_string()),
        KeyForm::Name(name) => bail!("{name} is not a contact"),
        KeyForm::ExternalId(id) => ContactBy::ExternalId(id),
        KeyForm::Email(address) => ContactBy::Email(address),
        KeyForm::Phone(number) => ContactBy::Phone(number),
        KeyForm::Domain(words) | KeyForm::Words(words) => {
            let found = Candidates::find(session, &words, LookUpKind::Contact).await?;
            ContactBy::Name(found.only_one_at(customer)?)
        }
    };
    Ok(pb::ContactKey { key: Some(key) })
}

/// Tells whether a key means a person rather than a customer.
pub(crate) fn is_contact(key: &str) -> bool {
    Name::parse(Kind::Contact, key).is_some()
}

async fn customer_called(session: &Session, text: &str) -> anyhow::Result<String> {
    let found = Candidates::find(session, text, LookUpKind::Customer).await?;
    if let Some(name) = found.only_one()? {
        return Ok(name);
    }
    let people = Candidates::find(session, text, LookUpKind::Contact).await?;
    if people.has_name() {
        bail!(
            "no customer is called {text:?}, a person is: {}{}",
            people.names(),
            found.suggestion("; or did you mean ")
        );
    }
    Err(found.no_match())
}
