//! Keys: by what a caller asks for a customer or a contact.
//!
//! Owns what is well formed and the form in which it is compared. Who is found by a key is said by `store::find`.

use crate::clean;
use crate::fold::folded;
use crate::name::{Kind, Name};
use crate::pb;
use crate::phone;
use crate::public_mail;
use crate::service::check::Checker;
use crate::service::check::text::{is_email, is_host};
use crate::store::read::resolve_key::LookupKey;

/// Reads a key of a customer.
pub(crate) fn customer(
    checker: &mut Checker,
    field: &str,
    key: Option<&pb::CustomerKey>,
) -> Option<LookupKey> {
    use pb::customer_key::Key as Given;
    checker.within(field, |checker| {
        match key.and_then(|key| key.key.as_ref()) {
            None => missing(checker),
            Some(Given::Name(given)) => name(checker, Kind::Customer, given),
            Some(Given::ExternalId(given)) => external_id(checker, given),
            Some(Given::Domain(given)) => domain(checker, given),
            Some(Given::Email(given)) => email(checker, given),
            Some(Given::Phone(given)) => phone_number(checker, given),
        }
    })
}

/// Reads a list of keys of customers, at most `most` of them.
pub(crate) fn customers(
    checker: &mut Checker,
    field: &str,
    keys: &[pb::CustomerKey],
    most: usize,
) -> Option<Vec<LookupKey>> {
    checker.require_count(field, keys, most);
    checker.parse_each(field, keys, most, |checker, field, key| {
        customer(checker, field, Some(key))
    })
}

/// Reads a key of a contact.
pub(crate) fn contact(
    checker: &mut Checker,
    field: &str,
    key: Option<&pb::ContactKey>,
) -> Option<LookupKey> {
    use pb::contact_key::Key as Given;
    checker.within(field, |checker| {
        match key.and_then(|key| key.key.as_ref()) {
            None => missing(checker),
            Some(Given::Name(given)) => name(checker, Kind::Contact, given),
            Some(Given::ExternalId(given)) => external_id(checker, given),
            // A contact is nobody's domain.
            Some(Given::Email(given)) => email(checker, given).map(|key| match key {
                LookupKey::Email { address, .. } => LookupKey::Email {
                    address,
                    domain: None,
                },
                key => key,
            }),
            Some(Given::Phone(given)) => phone_number(checker, given),
        }
    })
}

fn missing(checker: &mut Checker) -> Option<LookupKey> {
    checker.wrong("", "is required, with one of its fields");
    None
}

fn name(checker: &mut Checker, kind: Kind, given: &str) -> Option<LookupKey> {
    let name = Name::parse(kind, given);
    let description = format!("is not a name of the form {}/{{id}}", kind.collection());
    checker.ensure(name.is_some(), "name", &description);
    name.map(LookupKey::Name)
}

fn external_id(checker: &mut Checker, given: &pb::ExternalId) -> Option<LookupKey> {
    let id = &clean::line(&given.id);
    checker.within("external_id", |checker| {
        checker.system("system", &given.system);
        checker.not_blank("id", id);
        checker.line_bytes("id", id, 256);
    });
    Some(LookupKey::ExternalId {
        system: given.system.clone(),
        id: id.trim().to_owned(),
    })
}

fn domain(checker: &mut Checker, given: &str) -> Option<LookupKey> {
    let domain = clean::line(given).trim().to_lowercase();
    checker.ensure(is_host(&domain), "domain", "is not a host name");
    // An empty value is nobody's: a public provider's domain finds no customer.
    Some(LookupKey::Domain(if public_mail::is_public(&domain) {
        String::new()
    } else {
        domain
    }))
}

fn email(checker: &mut Checker, given: &str) -> Option<LookupKey> {
    let given = clean::line(given);
    let given = given.trim();
    checker.line("email", given, 254);
    checker.ensure(is_email(given), "email", "is not an e-mail address");
    let domain = given
        .rsplit('@')
        .next()
        .map(str::to_lowercase)
        .filter(|domain| !public_mail::is_public(domain));
    Some(LookupKey::Email {
        address: folded(given),
        domain,
    })
}

fn phone_number(checker: &mut Checker, given: &str) -> Option<LookupKey> {
    let given = &clean::line(given);
    checker.line("phone", given, 64);
    let number = phone::e164(given, None);
    checker.ensure(
        number.is_some(),
        "phone",
        "is not a phone number in international spelling",
    );
    number.map(LookupKey::Phone)
}
