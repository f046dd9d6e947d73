//! The form in which fields are kept: texts trimmed, times cut to microseconds, empty messages left out.
//!
//! What has no such form stays as it is, and the checks refuse it.

use std::collections::BTreeSet;

use prost_types::{Duration, Timestamp};

use crate::clock;
use crate::google::r#type::{Date, Money};
use crate::pb;
use crate::store::record::resource::Resource;
use crate::{mail, region};

/// Normalizes the fields that every resource has.
pub(crate) fn header<R: Resource>(resource: &mut R) {
    let header = resource.header_mut();
    external_ids(header.external_ids);
    header
        .attributes
        .take_if(|attributes| attributes.fields.is_empty());
}

/// Trims ids of Unicode space, and drops blank ones and repetitions.
fn external_ids(external_ids: &mut Vec<pb::ExternalId>) {
    for external_id in external_ids.iter_mut() {
        let trimmed = external_id.id.trim();
        if trimmed.len() != external_id.id.len() {
            external_id.id = trimmed.to_owned();
        }
    }
    external_ids.retain(|external_id| !external_id.id.is_empty());
    let mut seen = BTreeSet::new();
    external_ids
        .retain(|external_id| seen.insert((external_id.system.clone(), external_id.id.clone())));
}

/// Leaves out a message in which nothing is set.
pub(crate) fn unset_if_empty<M: Default + PartialEq>(message: &mut Option<M>) {
    message.take_if(|message| *message == M::default());
}

/// Cuts a time to microseconds.
pub(crate) fn time(time: &mut Option<Timestamp>) {
    if let Some(micros) = time.as_ref().and_then(clock::micros) {
        *time = Some(clock::timestamp(micros));
    }
}

/// Cuts a span to microseconds, unless it would become none.
pub(crate) fn span(span: &mut Option<Duration>) {
    let micros = span.as_ref().and_then(clock::span);
    if let Some(micros) = micros.filter(|micros| *micros > 0) {
        *span = Some(clock::duration(micros));
    }
}

/// Leaves out an empty date.
pub(crate) fn date(date: &mut Option<Date>) {
    unset_if_empty(date);
}

/// Leaves out an empty amount.
pub(crate) fn money(money: &mut Option<Money>) {
    unset_if_empty(money);
}

/// Takes the blanks around e-mail addresses away, and writes their sign as it is. Line breaks and tabs stay, and are
/// refused as in any line.
pub(crate) fn emails(emails: &mut [pb::EmailAddress]) {
    let is_blank = |c: char| c.is_whitespace() && !c.is_control();
    for email in emails {
        let address = mail::with_sign(email.address.trim_matches(is_blank));
        if address != email.address {
            email.address = address.into_owned();
        }
    }
}

/// Writes the region codes of addresses in capitals.
pub(crate) fn addresses(addresses: &mut [pb::Address]) {
    let postal = addresses
        .iter_mut()
        .filter_map(|address| address.postal_address.as_mut());
    for address in postal {
        address.region_code = region::normal(&address.region_code);
    }
}

/// Cuts the times of contact permissions.
pub(crate) fn contact_permissions(permissions: &mut [pb::ContactPermission]) {
    for permission in permissions {
        time(&mut permission.record_time);
        time(&mut permission.expire_time);
    }
}

/// Lower-cases host names.
pub(crate) fn domains(domains: &mut [String]) {
    for domain in domains {
        *domain = domain.to_lowercase();
    }
}
