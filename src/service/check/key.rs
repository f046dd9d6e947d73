//! Keys: by what a caller asks for a customer or a contact.
//!
//! Owns what is well formed, and what can be read without the store. What the store has to say to a key, such as whom the
//! words of a name mean, is added in `service::keys`; who is found by it is said by `store::read::resolve_key`.

use crate::clean;
use crate::key_form::KeyForm;
use crate::name::{Kind, Name};
use crate::pb;
use crate::service::check::Checker;
use crate::service::check::common::problem_of_email;
use crate::service::check::text::{NAME, is_email};
use crate::store::read::resolve_key::LookupKey;
use crate::{host, mail, phone, public_mail, region};

/// The most keys of one call that may be the words of a name: each costs a look-up of its own.
const MAX_WORDS: usize = 50;

/// A key as far as it is understood without the store.
#[derive(Clone, Debug)]
pub(crate) enum GivenKey {
    /// All of it.
    Read(LookupKey),
    /// A phone number that does not say where it belongs.
    Phone(String),
    /// The words of a name.
    Words(String),
    /// A phone number that does not say where it belongs, or a name made of digits.
    Digits(String),
    /// A host of a firm with a port, unless it is a system that has ids.
    HostWithPort {
        /// The firm by its host.
        firm: LookupKey,
        /// What it is if there is such a system.
        system: String,
        /// The id in it.
        id: String,
    },
}

/// Reads a key of a customer.
pub(crate) fn customer(
    checker: &mut Checker,
    field: &str,
    key: Option<&pb::CustomerKey>,
) -> Option<GivenKey> {
    use pb::customer_key::Key as Given;
    checker.within(field, |checker| {
        let region = region(checker, key.map(|key| key.region_code.as_str()));
        match key.and_then(|key| key.key.as_ref()) {
            None => missing(checker),
            Some(Given::Name(given)) => name(checker, Kind::Customer, given),
            Some(Given::ExternalId(given)) => external_id(checker, given),
            Some(Given::Domain(given)) => domain(checker, "domain", given),
            Some(Given::Email(given)) => email(checker, "email", given),
            Some(Given::PhoneNumber(given)) => {
                phone_number(checker, "phone_number", given, region.as_deref())
            }
            Some(Given::Text(given)) => text(checker, Kind::Customer, given, region.as_deref()),
        }
    })
}

/// Reads a list of keys of customers, at most `most` of them.
pub(crate) fn customers(
    checker: &mut Checker,
    field: &str,
    keys: &[pb::CustomerKey],
    most: usize,
) -> Option<Vec<GivenKey>> {
    checker.require_count(field, keys, most);
    let mut n_words = 0;
    checker.parse_each(field, keys, most, |checker, field, key| {
        let given = customer(checker, field, Some(key));
        if let Some(GivenKey::Words(_) | GivenKey::Digits(_)) = given {
            n_words += 1;
            checker.ensure(
                n_words != MAX_WORDS + 1,
                field,
                &format!("ask for at most {MAX_WORDS} by the words of a name"),
            );
        }
        given
    })
}

/// Reads a key of a contact.
pub(crate) fn contact(
    checker: &mut Checker,
    field: &str,
    key: Option<&pb::ContactKey>,
) -> Option<GivenKey> {
    use pb::contact_key::Key as Given;
    let given = checker.within(field, |checker| {
        let region = region(checker, key.map(|key| key.region_code.as_str()));
        match key.and_then(|key| key.key.as_ref()) {
            None => missing(checker),
            Some(Given::Name(given)) => name(checker, Kind::Contact, given),
            Some(Given::ExternalId(given)) => external_id(checker, given),
            Some(Given::Email(given)) => email(checker, "email", given),
            Some(Given::PhoneNumber(given)) => {
                phone_number(checker, "phone_number", given, region.as_deref())
            }
            Some(Given::Text(given)) => text(checker, Kind::Contact, given, region.as_deref()),
        }
    });
    // A contact is nobody's domain.
    given.map(|given| match given {
        GivenKey::Read(LookupKey::Email { address, .. }) => GivenKey::Read(LookupKey::Email {
            address,
            domain: None,
        }),
        given => given,
    })
}

/// Reads the region of a key; `None` if there is none.
fn region(checker: &mut Checker, code: Option<&str>) -> Option<String> {
    let code = code.unwrap_or_default();
    checker.region_code("region_code", code);
    Some(region::normal(code)).filter(|code| !code.is_empty())
}

fn missing(checker: &mut Checker) -> Option<GivenKey> {
    checker.wrong("", "is required, with one of its fields");
    None
}

/// Reads a key by its form.
fn text(checker: &mut Checker, kind: Kind, given: &str, region: Option<&str>) -> Option<GivenKey> {
    const FIELD: &str = "text";
    // What is pasted may have line breaks and tabs: they are blanks here.
    let given = clean::passage(given);
    let given = clean::line(&given);
    checker.not_blank(FIELD, &given);
    checker.paragraph(FIELD, &given, NAME);
    match KeyForm::of(&given) {
        KeyForm::Name(name) => {
            let is_of_kind = name.kind() == kind;
            let wanted = format!("is not a {}", kind.singular());
            checker.ensure(is_of_kind, FIELD, &wanted);
            is_of_kind.then_some(GivenKey::Read(LookupKey::Name(name)))
        }
        KeyForm::ExternalId(system, id) => {
            let id = id.trim().to_owned();
            Some(GivenKey::Read(LookupKey::ExternalId { system, id }))
        }
        KeyForm::HostWithPort { host, id } if kind == Kind::Customer => {
            let system = host.clone();
            match domain(checker, FIELD, &host) {
                Some(GivenKey::Read(firm)) => Some(GivenKey::HostWithPort { firm, system, id }),
                other => other,
            }
        }
        KeyForm::HostWithPort { host, id } => {
            Some(GivenKey::Read(LookupKey::ExternalId { system: host, id }))
        }
        KeyForm::Email(address) => email(checker, FIELD, &address),
        KeyForm::Phone(number) => phone_number(checker, FIELD, &number, region),
        KeyForm::Digits(digits) if region.is_none() => Some(GivenKey::Digits(digits)),
        KeyForm::Digits(digits) => phone_number(checker, FIELD, &digits, region),
        KeyForm::Domain(host) if kind == Kind::Customer => domain(checker, FIELD, &host),
        // A contact has no domain, but its name may look like one.
        KeyForm::Domain(words) | KeyForm::Words(words) => Some(GivenKey::Words(words)),
    }
}

fn name(checker: &mut Checker, kind: Kind, given: &str) -> Option<GivenKey> {
    let name = Name::parse(kind, given);
    let description = format!("is not a name of the form {}/{{id}}", kind.collection());
    checker.ensure(name.is_some(), "name", &description);
    name.map(LookupKey::Name).map(GivenKey::Read)
}

fn external_id(checker: &mut Checker, given: &pb::ExternalId) -> Option<GivenKey> {
    let id = &clean::line(&given.id);
    checker.within("external_id", |checker| {
        checker.system("system", &given.system);
        checker.not_blank("id", id);
        checker.line_bytes("id", id, 256);
    });
    Some(GivenKey::Read(LookupKey::ExternalId {
        system: given.system.clone(),
        id: id.trim().to_owned(),
    }))
}

fn domain(checker: &mut Checker, field: &str, given: &str) -> Option<GivenKey> {
    let name = host::found_by(clean::line(given).trim());
    checker.ensure(name.is_some(), field, "is not a host name");
    // An empty value is nobody's: a public provider's domain finds no customer.
    let of_a_firm = |name: String| {
        if public_mail::is_public(&name) {
            String::new()
        } else {
            name
        }
    };
    name.map(|name| GivenKey::Read(LookupKey::Domain(of_a_firm(name))))
}

fn email(checker: &mut Checker, field: &str, given: &str) -> Option<GivenKey> {
    let given = clean::line(given);
    let given = mail::with_sign(given.trim());
    let given = given.as_ref();
    checker.line(field, given, 254);
    checker.ensure(is_email(given), field, problem_of_email(given));
    let domain = mail::host_of(given).filter(|host| !public_mail::is_public(host));
    Some(GivenKey::Read(LookupKey::Email {
        address: mail::compared(given),
        domain,
    }))
}

fn phone_number(
    checker: &mut Checker,
    field: &str,
    given: &str,
    region: Option<&str>,
) -> Option<GivenKey> {
    let given = &clean::line(given);
    checker.line(field, given, 64);
    if region.is_none() && phone::may_hold_number(given) {
        return Some(GivenKey::Phone(given.clone().into_owned()));
    }
    let wanted = phone::wanted(given, region, None);
    checker.ensure(wanted.is_some(), field, "is not a phone number");
    wanted.map(|wanted| match region {
        Some(_) => GivenKey::Read(LookupKey::Phone(wanted)),
        None => GivenKey::Phone(given.clone().into_owned()),
    })
}
