//! Keys by which customers and contacts are asked for.

use clientele::pb;
use clientele::pb::contact_key::Key as ContactBy;
use clientele::pb::customer_key::Key as CustomerBy;

use super::builders::external_id;

/// A key of a customer.
pub fn by(key: CustomerBy) -> Option<pb::CustomerKey> {
    Some(pb::CustomerKey {
        key: Some(key),
        ..Default::default()
    })
}

/// A customer by whatever is at hand.
pub fn by_text(text: &str) -> Option<pb::CustomerKey> {
    by(CustomerBy::Text(text.to_owned()))
}

/// A contact by any key.
pub fn person_by(key: ContactBy) -> pb::ContactKey {
    pb::ContactKey {
        key: Some(key),
        ..Default::default()
    }
}

/// A customer by name.
pub fn by_name(name: &str) -> Option<pb::CustomerKey> {
    by(CustomerBy::Name(name.to_owned()))
}

/// A customer by one of its domains.
pub fn by_domain(domain: &str) -> Option<pb::CustomerKey> {
    by(CustomerBy::Domain(domain.to_owned()))
}

/// A customer by an e-mail address.
pub fn by_email(address: &str) -> Option<pb::CustomerKey> {
    by(CustomerBy::Email(address.to_owned()))
}

/// A customer by a phone number.
pub fn by_phone(number: &str) -> Option<pb::CustomerKey> {
    by(CustomerBy::PhoneNumber(number.to_owned()))
}

/// A customer by the id of another system.
pub fn by_external_id(system: &str, id: &str) -> Option<pb::CustomerKey> {
    by(CustomerBy::ExternalId(external_id(system, id)))
}
