//! The fields that several resources share: header, addresses, e-mails, phones, permissions, money, dates, times.

use std::collections::{BTreeMap, BTreeSet};

use prost_types::{Duration, Struct, Timestamp};

use crate::clock;
use crate::descriptors;
use crate::filter;
use crate::filter::slips::{read_new, slips};
use crate::google::r#type::{Date, Money, PostalAddress};
use crate::name::is_key;
use crate::pb;
use crate::service::check::Checker;
use crate::service::check::text::{NAME, is_email};
use crate::store::record::columns::EnumNames;
use crate::store::record::resource::{Filtering, Resource};
use crate::store::sql::json;
use crate::{host, mail};

/// The most elements of most lists.
pub(crate) const MANY: usize = 100;
const MAX_LABELS: usize = 64;
const MAX_ATTRIBUTES_BYTES: usize = 32 * 1024;
const MAX_ATTRIBUTES_DEPTH: usize = 16;

/// Checks the fields that every resource has.
pub(crate) fn header<R: Resource>(checker: &mut Checker, resource: &R) {
    let header = resource.header();
    labels(checker, header.labels);
    tags(checker, header.tags);
    external_ids(checker, header.external_ids);
    if let Some(fields) = header.attributes {
        attributes(checker, fields);
    }
}

fn labels(checker: &mut Checker, labels: &BTreeMap<String, String>) {
    checker.ensure(
        labels.len() <= MAX_LABELS,
        "labels",
        "holds more than 64 entries",
    );
    for (key, value) in labels.iter().take(MAX_LABELS) {
        // A key is not repeated in an error: it comes from outside and may be anything.
        checker.ensure(
            is_key(key, "_-"),
            "labels",
            "has a key that is not like [a-z][a-z0-9_-]{0,62}",
        );
        checker.line_bytes("labels", value, 256);
    }
}

fn tags(checker: &mut Checker, tags: &[String]) {
    let distinct: BTreeSet<&String> = tags.iter().collect();
    checker.ensure(distinct.len() == tags.len(), "tags", "holds a tag twice");
    checker.each("tags", tags, 64, |checker, tag| {
        checker.ensure(!tag.trim().is_empty(), "", "is blank");
        checker.line_bytes("", tag, 64);
    });
}

fn external_ids(checker: &mut Checker, external_ids: &[pb::ExternalId]) {
    checker.each("external_ids", external_ids, 64, |checker, external_id| {
        checker.system("system", &external_id.system);
        checker.line_bytes("id", &external_id.id, 256);
    });
}

fn attributes(checker: &mut Checker, attributes: &Struct) {
    let fields = &attributes.fields;
    checker.ensure(fields.len() <= 64, "attributes", "holds more than 64 keys");
    let problem = fields
        .iter()
        .find_map(|(key, value)| problem_of_value(key, value, 1));
    if let Some(problem) = problem {
        checker.wrong("attributes", problem);
    } else {
        let size = json::object(Some(attributes)).len();
        checker.ensure(
            size <= MAX_ATTRIBUTES_BYTES,
            "attributes",
            "has more than 32 KiB as JSON",
        );
    }
}

fn problem_of_value(key: &str, value: &prost_types::Value, depth: usize) -> Option<&'static str> {
    use prost_types::value::Kind;
    const NUL: &str = "holds a NUL character, which no text can";
    if key.contains('\0') {
        return Some(NUL);
    }
    if depth > MAX_ATTRIBUTES_DEPTH {
        return Some("is nested more than 16 deep");
    }
    match &value.kind {
        Some(Kind::NumberValue(number)) if !number.is_finite() => {
            Some("holds a number that JSON cannot")
        }
        Some(Kind::StringValue(text)) if text.contains('\0') => Some(NUL),
        Some(Kind::StructValue(fields)) => fields
            .fields
            .iter()
            .find_map(|(key, value)| problem_of_value(key, value, depth + 1)),
        Some(Kind::ListValue(list)) => list
            .values
            .iter()
            .find_map(|value| problem_of_value("", value, depth + 1)),
        _ => None,
    }
}

impl Checker {
    /// Checks that an enum number is one that the proto defines.
    pub(crate) fn enumeration<E: EnumNames>(&mut self, field: &str, number: i32) {
        self.ensure(
            E::name_of(number).is_some(),
            field,
            "is a number that the enum does not define",
        );
    }

    /// Checks a time.
    pub(crate) fn time(&mut self, field: &str, time: Option<&Timestamp>) {
        self.ensure(
            time.is_none_or(|time| clock::micros(time).is_some()),
            field,
            "is not a time of the years 1 to 9999",
        );
    }

    /// Checks a span that may be zero.
    pub(crate) fn span(&mut self, field: &str, span: Option<&Duration>, longest: clock::Micros) {
        self.positive_span(
            field,
            span.filter(|span| **span != Duration::default()),
            longest,
        );
    }

    /// Checks a span of at least a microsecond.
    pub(crate) fn positive_span(
        &mut self,
        field: &str,
        span: Option<&Duration>,
        longest: clock::Micros,
    ) {
        let fits = |span| clock::span(span).is_some_and(|micros| (1..=longest).contains(&micros));
        if !span.is_none_or(fits) {
            let days = longest / clock::DAY;
            self.wrong(field, format!("is not between 0 and {days} days"));
        }
    }

    /// Checks a civil date.
    pub(crate) fn date(&mut self, field: &str, date: Option<&Date>) {
        self.ensure(
            date.is_none_or(|date| clock::date_text(date).is_some()),
            field,
            "is not a whole date: year, month and day must be given and exist",
        );
    }

    /// Checks that a span of dates does not end before it starts.
    pub(crate) fn date_order(&mut self, field: &str, start: Option<&Date>, end: Option<&Date>) {
        if let (Some(start), Some(end)) = (
            start.and_then(clock::date_text),
            end.and_then(clock::date_text),
        ) {
            self.ensure(start <= end, field, "lies before the start");
        }
    }

    /// Checks a number that counts things.
    pub(crate) fn count(&mut self, field: &str, count: Option<i32>) {
        self.ensure(count.is_none_or(|count| count >= 0), field, "is negative");
    }

    /// Checks a year.
    pub(crate) fn year(&mut self, field: &str, year: Option<i32>) {
        self.ensure(
            year.is_none_or(|year| (1..=9999).contains(&year)),
            field,
            "is not a year from 1 to 9999",
        );
    }

    /// Checks an amount of money.
    pub(crate) fn money(&mut self, field: &str, money: Option<&Money>) {
        let Some(money) = money else { return };
        let is_code = money.currency_code.len() == 3
            && money.currency_code.bytes().all(|b| b.is_ascii_uppercase());
        let same_sign =
            money.units == 0 || money.nanos == 0 || (money.units < 0) == (money.nanos < 0);
        let nanos_fit = money.nanos.unsigned_abs() < 1_000_000_000;
        self.within(field, |checker| {
            checker.ensure(
                is_code,
                "currency_code",
                "is not three capital letters (ISO 4217)",
            );
            checker.ensure(
                same_sign && nanos_fit,
                "nanos",
                "is not below one unit and of the sign of the units",
            );
        });
    }
}

/// Checks e-mail addresses.
pub(crate) fn emails(checker: &mut Checker, emails: &[pb::EmailAddress]) {
    checker.each("emails", emails, MANY, |checker, email| {
        checker.line("address", &email.address, 254);
        checker.ensure(
            is_email(&email.address),
            "address",
            problem_of_email(&email.address),
        );
        checker.enumeration::<pb::email_address::Type>("type", email.r#type);
        checker.owner_system(&email.system);
    });
}

/// Says what is wrong with a text that is no e-mail address.
pub(crate) fn problem_of_email(text: &str) -> &'static str {
    // People copy the name beside it, brackets, links and signs behind it.
    if mail::in_text(text).is_some_and(|address| is_email(&address)) {
        "holds more than an e-mail address: leave out all that stands around it, such as a name, brackets, `mailto:` or a full stop"
    } else {
        "is not an e-mail address"
    }
}

/// Checks phone numbers.
pub(crate) fn phone_numbers(checker: &mut Checker, phones: &[pb::PhoneNumber]) {
    checker.each("phone_numbers", phones, MANY, |checker, phone| {
        checker.not_blank("text", &phone.text);
        checker.line("text", &phone.text, 64);
        checker.line("extension", &phone.extension, 16);
        checker.enumeration::<pb::phone_number::Type>("type", phone.r#type);
        checker.owner_system(&phone.system);
    });
}

/// Checks addresses.
pub(crate) fn addresses(checker: &mut Checker, addresses: &[pb::Address]) {
    checker.each("addresses", addresses, MANY, |checker, address| {
        checker.enumeration::<pb::address::Type>("type", address.r#type);
        checker.owner_system(&address.system);
        match &address.postal_address {
            None => checker.wrong("postal_address", "is required"),
            Some(postal) => {
                checker.within("postal_address", |checker| postal_address(checker, postal))
            }
        }
    });
}

fn postal_address(checker: &mut Checker, address: &PostalAddress) {
    checker.ensure(
        address.revision == 0,
        "revision",
        "is not 0, the only one there is",
    );
    checker.region_code("region_code", &address.region_code);
    for (field, text) in [
        ("language_code", &address.language_code),
        ("postal_code", &address.postal_code),
        ("sorting_code", &address.sorting_code),
        ("administrative_area", &address.administrative_area),
        ("locality", &address.locality),
        ("sublocality", &address.sublocality),
        ("organization", &address.organization),
    ] {
        checker.short(field, text);
    }
    // A street with its building often stands in one cell of a table.
    checker.each(
        "address_lines",
        &address.address_lines,
        MANY,
        |checker, line| {
            checker.paragraph("", line, NAME);
        },
    );
    checker.each("recipients", &address.recipients, MANY, |checker, line| {
        checker.short("", line)
    });
}

/// Checks contact permissions.
pub(crate) fn contact_permissions(checker: &mut Checker, permissions: &[pb::ContactPermission]) {
    checker.each(
        "contact_permissions",
        permissions,
        MANY,
        |checker, permission| {
            checker.enumeration::<pb::conversation::Channel>("channel", permission.channel);
            checker.enumeration::<pb::contact_permission::Status>("status", permission.status);
            checker.ensure(permission.status != 0, "status", "is required");
            checker.short("purpose", &permission.purpose);
            checker.short("source", &permission.source);
            checker.time("record_time", permission.record_time.as_ref());
            checker.time("expire_time", permission.expire_time.as_ref());
        },
    );
}

/// Checks web addresses: any text, because people also file handles and internal links.
pub(crate) fn uris(checker: &mut Checker, uris: &[String]) {
    checker.lines("uris", uris, MANY, 2048);
}

/// Checks host names.
pub(crate) fn domains(checker: &mut Checker, domains: &[String]) {
    checker.each("domains", domains, MANY, |checker, domain| {
        let is_host = host::name(domain).is_some();
        // People copy the address of a page, and that of a mailbox.
        let description = if host::name(host::in_text(domain)).is_some() {
            "is not a host name such as shop.example: leave out all that stands around it, such as https://"
        } else {
            "is not a host name"
        };
        checker.ensure(is_host, "", description);
    });
}

/// Checks that paths name fields of the resource.
pub(crate) fn locked_paths<R: Resource>(checker: &mut Checker, paths: &[String]) {
    let message = crate::descriptors::message(&R::full_name());
    checker.each("locked_paths", paths, 64, |checker, path| {
        checker.no_nul("", path);
        if let Err(problem) = crate::mask::parse_path(path, &message) {
            checker.wrong("", problem);
        }
    });
}

/// Checks a reference: empty, or a well-formed name of the kind.
pub(crate) fn reference(checker: &mut Checker, field: &str, kind: crate::name::Kind, name: &str) {
    let fits = name.is_empty() || crate::name::Name::parse(kind, name).is_some();
    let wanted = format!("is not a name of the form {}/{{id}}", kind.collection());
    checker.ensure(fits, field, &wanted);
}

/// Checks a list of references: well-formed names of the kind, none twice.
pub(crate) fn references(
    checker: &mut Checker,
    field: &str,
    kind: crate::name::Kind,
    names: &[String],
    most: usize,
) {
    distinct(checker, field, names);
    checker.each(field, names, most, |checker, name| {
        checker.ensure(!name.is_empty(), "", "is empty");
        reference(checker, "", kind, name);
    });
}

/// Checks that no text stands twice in a list.
pub(crate) fn distinct(checker: &mut Checker, field: &str, list: &[String]) {
    let distinct: BTreeSet<&String> = list.iter().collect();
    checker.ensure(
        distinct.len() == list.len(),
        field,
        "holds an element twice",
    );
}

/// Checks a list of channels.
pub(crate) fn channels(checker: &mut Checker, field: &str, channels: &[i32]) {
    checker.each(field, channels, MANY, |checker, channel| {
        checker.enumeration::<pb::conversation::Channel>("", *channel);
        checker.ensure(*channel != 0, "", "is not specified");
    });
}

/// Checks that a filter on a message can be read; one on an unknown message only by its grammar. What else is wrong with
/// a new one is found by [`new_filters`].
pub(crate) fn filter(checker: &mut Checker, field: &str, message: Option<&str>, text: &str) {
    let problem = match message.map(descriptors::message) {
        // It may be unreadable because of a slip before, which is told instead.
        Some(message) if filter::read(text, &message).is_err() => read_new(text, &message).err(),
        Some(_) => None,
        None => filter::grammar::parse(text).err(),
    };
    if let Some(problem) = problem {
        checker.wrong_filter(field, &problem);
    }
}

/// Refuses the first slip in each filter that the stored record does not have.
pub(crate) fn new_filters<R: Filtering>(
    checker: &mut Checker,
    message: &str,
    record: &R,
    stored: Option<&R>,
) {
    let kept = stored.map_or_else(Vec::new, Filtering::filters);
    for (field, text) in record.filters() {
        if kept.iter().all(|(_, kept)| *kept != text)
            && let Some(slip) = slips(text, &descriptors::message(message)).first()
        {
            checker.wrong_filter(&field, &slip.problem);
        }
    }
}
