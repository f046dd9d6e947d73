//! Who is meant by a text on the command line: a customer or a person.
//!
//! The server reads the text. What a person is told if that finds nobody, or several, is put together here.

mod candidates;

use anyhow::{anyhow, bail};
use tonic::Code;
use tonic_types::StatusExt;

use crate::cli::keys::candidates::Candidates;
use crate::cli::session::{Refusal, Session};
use crate::key_form::KeyForm;
use crate::name::{Kind, Name};
use crate::pb;
use crate::pb::contact_key::Key as ContactBy;
use crate::pb::customer_key::Key as CustomerBy;
use crate::pb::look_up_request::Kind as LookUpKind;

/// Returns the key of the customer that a text means.
pub(crate) fn customer(text: &str) -> pb::CustomerKey {
    pb::CustomerKey {
        key: Some(CustomerBy::Text(text.to_owned())),
        ..Default::default()
    }
}

/// Returns the key of the person that a text means.
pub(crate) fn contact(text: &str) -> pb::ContactKey {
    pb::ContactKey {
        key: Some(ContactBy::Text(text.to_owned())),
        ..Default::default()
    }
}

/// Returns the record of the customer that a text means; an error also if it is deleted.
pub(crate) async fn live_customer(session: &Session, text: &str) -> anyhow::Result<pb::Customer> {
    let request = pb::GetProfileRequest {
        customer: Some(customer(text)),
        ..Default::default()
    };
    let profile = session.call("GetProfile", &request).await;
    let profile: pb::Profile = explained(session, Kind::Customer, text, profile).await?;
    let customer = profile.customer.unwrap_or_default();
    if customer.delete_time.is_some() {
        bail!("{} is deleted", customer.name);
    }
    Ok(customer)
}

/// Returns of which kind the record is that a text means: a person if that is said or the text is the name of one, or
/// else a customer.
pub(crate) fn kind_of(text: &str, is_person: bool) -> Kind {
    if is_person || Name::parse(Kind::Contact, text).is_some() {
        Kind::Contact
    } else {
        Kind::Customer
    }
}

/// Says more of a refusal to a call about whom a text means, if the text is a name: who may be meant.
pub(crate) async fn explained<T>(
    session: &Session,
    kind: Kind,
    text: &str,
    answer: anyhow::Result<T>,
) -> anyhow::Result<T> {
    let error = match answer {
        Ok(answer) => return Ok(answer),
        Err(error) => error,
    };
    if let KeyForm::Name(name) = KeyForm::of(text)
        && name.kind() != kind
    {
        bail!("{name} is not a {}", kind.singular());
    }
    match error.downcast_ref::<Refusal>().and_then(unclear_key) {
        Some(unclear) => Err(told_of(session, kind, text, unclear, error).await?),
        None => Err(error),
    }
}

/// How a key can fail to tell whom it means.
#[derive(Clone, Copy)]
pub(crate) enum UnclearKey {
    Unknown,
    Ambiguous,
}

/// Returns what to tell of a text that means nobody, or several: `otherwise`, unless it is a name.
pub(crate) async fn told_of(
    session: &Session,
    kind: Kind,
    text: &str,
    unclear: UnclearKey,
    otherwise: anyhow::Error,
) -> anyhow::Result<anyhow::Error> {
    let is_name = match KeyForm::of(text) {
        KeyForm::Words(_) | KeyForm::Digits(_) => true,
        KeyForm::Domain(_) => kind == Kind::Contact,
        _ => false,
    };
    match unclear {
        _ if !is_name => Ok(otherwise),
        UnclearKey::Unknown => nobody_called(session, kind, text).await,
        UnclearKey::Ambiguous => {
            let found = Candidates::find(session, text, look_up_kind(kind)).await?;
            Ok(found.ambiguous())
        }
    }
}

fn unclear_key(refusal: &Refusal) -> Option<UnclearKey> {
    let info = refusal.0.get_details_error_info()?;
    // A record that is asked for by its name is told by it.
    if refusal.0.code() == Code::NotFound && !info.metadata.contains_key("resource") {
        Some(UnclearKey::Unknown)
    } else {
        (info.reason == "KEY_AMBIGUOUS").then_some(UnclearKey::Ambiguous)
    }
}

async fn nobody_called(session: &Session, kind: Kind, text: &str) -> anyhow::Result<anyhow::Error> {
    let found = Candidates::find(session, text, look_up_kind(kind)).await?;
    if kind == Kind::Customer {
        let people = Candidates::find(session, text, LookUpKind::Contact).await?;
        if people.has_name() {
            return Ok(anyhow!(
                "no customer is called {text:?}, a person is: {}{}",
                people.names(),
                found.suggestion("; or did you mean ")
            ));
        }
    }
    Ok(found.no_match())
}

fn look_up_kind(kind: Kind) -> LookUpKind {
    match kind {
        Kind::Contact => LookUpKind::Contact,
        _ => LookUpKind::Customer,
    }
}
