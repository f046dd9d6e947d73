//! Customers: columns, keys, and the counts over their affiliations.

use crate::error::Error;
use crate::look_up::words::{Texts, full_name, names};
use crate::name::Kind;
use crate::page::SortValue;
use crate::pb;
use crate::pb::conversation::Channel;
use crate::pb::customer::{Audience, Frequency, Lifecycle, Size};
use crate::store::record::children::Children;
use crate::store::record::columns::{Column, Enumeration, Messages, columns, enum_names};
use crate::store::record::cycle::Chain;
use crate::store::record::in_force;
use crate::store::record::key::{HOST_NAME, IndexEntry};
use crate::store::record::last_conversation;
use crate::store::record::reference::Reference;
use crate::store::record::resource::{Derived, Filtering, Linked, Resource, header};
use crate::store::record::sort_key::{SortKey, WhenUnset, of_time, sort_keys};
use crate::store::sql::statement::{Part, Row};
use crate::{clock, host, mail, phone};

enum_names!(pb::customer::Kind, Audience, Lifecycle, Size);

impl Resource for pb::Customer {
    const KIND: Kind = Kind::Customer;
    const SORT_KEYS: &'static [SortKey<Self>] = sort_keys![pb::Customer;
        text(display_name),
        key(SortKey::of_nullable(
            "last_conversation.start_time",
            "last_conversation_start_time",
            |customer| last_conversation::sort_value(customer.last_conversation.as_ref()),
        )),
        key(SortKey::of_nullable(
            "follow_up_due_time",
            "follow_up_due_time",
            |customer| of_time(customer.follow_up_due_time.as_ref()),
        )),
        // An amount is unset without a currency.
        key(SortKey {
            path: "annual_spend",
            column: "annual_spend_currency_code",
            is_extra: false,
            unset: WhenUnset::Empty,
            value: |customer| match &customer.annual_spend {
                Some(spend) if !spend.currency_code.is_empty() => {
                    SortValue::Text(spend.currency_code.clone())
                }
                _ => SortValue::Unset,
            },
        }),
        key(SortKey {
            path: "annual_spend",
            column: "annual_spend_units",
            is_extra: false,
            unset: WhenUnset::Never,
            value: |customer| SortValue::Int(customer.annual_spend.as_ref().map_or(0, |spend| spend.units)),
        }),
        key(SortKey {
            path: "annual_spend",
            column: "annual_spend_nanos",
            is_extra: false,
            unset: WhenUnset::Never,
            value: |customer| {
                SortValue::Int(customer.annual_spend.as_ref().map_or(0, |spend| spend.nanos.into()))
            },
        }),
    ];
    const INDEXED_LISTS: &'static [&'static str] = &["business.domains", "upstream_customers"];
    const COLUMNS: &'static [Column<Self>] = columns![pb::Customer;
        "display_name" = display_name,
        "kind" = kind as Enumeration<pb::customer::Kind>,
        "audience" = audience as Enumeration<Audience>,
        "lifecycle" = lifecycle as Enumeration<Lifecycle>,
        "business_legal_name" = business.legal_name,
        "business_domains" = business.domains,
        "business_industry_code" = business.industry_code,
        "business_industry" = business.industry,
        "business_sub_industry" = business.sub_industry,
        "business_employee_count" = business.employee_count,
        "business_founded_year" = business.founded_year,
        "business_annual_revenue_currency_code" = business.annual_revenue.currency_code,
        "business_annual_revenue_units" = business.annual_revenue.units,
        "business_annual_revenue_nanos" = business.annual_revenue.nanos,
        "individual_given_name" = individual.given_name,
        "individual_family_name" = individual.family_name,
        "individual_birth_year" = individual.birth_year,
        "individual_gender" = individual.gender,
        "individual_occupation" = individual.occupation,
        "individual_education_level" = individual.education_level,
        "addresses" = addresses as Messages,
        "emails" = emails as Messages,
        "phone_numbers" = phone_numbers as Messages,
        "uris" = uris,
        "about" = about,
        "engagement_visit_count" = engagement.visit_count,
        "engagement_first_visit_time" = engagement.first_visit_time,
        "engagement_last_visit_time" = engagement.last_visit_time,
        "engagement_intent" = engagement.intent,
        "engagement_preferred_channels" = engagement.preferred_channels as Enumeration<Channel>,
        "needs" = needs,
        "customer_since_time" = customer_since_time,
        "annual_spend_currency_code" = annual_spend.currency_code,
        "annual_spend_units" = annual_spend.units,
        "annual_spend_nanos" = annual_spend.nanos,
        "owner" = owner,
        "parent" = parent,
        "upstream_customers" = upstream_customers,
        "contact_permissions" = contact_permissions as Messages,
        "follow_up_interval" = follow_up_interval,
        "locked_paths" = locked_paths,
        "size" = size as Enumeration<Size>,
    ];
    const DERIVED: &'static [Derived<Self>] = &[
        Derived {
            path: last_conversation::FIELD,
            expression: |scope, _| last_conversation::as_list(scope, "customers"),
            set: set_last_conversation,
        },
        Derived {
            path: "follow_up_due_time",
            // Computed by the engine: start of the last conversation, or creation, plus the interval.
            expression: |_, _| Part::text("follow_up_due_time"),
            set: set_follow_up_due_time,
        },
        Derived {
            path: "conversation_count",
            expression: |_, _| Part::text("customers.conversation_count"),
            set: set_conversation_count,
        },
        Derived {
            path: "first_conversation_time",
            expression: |_, _| Part::text("customers.first_conversation_time"),
            set: set_first_conversation_time,
        },
        Derived {
            path: "frequency",
            expression: |_, _| in_force::frequency_sql(),
            set: set_frequency,
        },
        Derived {
            path: "contact_count",
            expression: in_force::contact_count_sql,
            set: set_contact_count,
        },
        Derived {
            path: "decision_maker_count",
            expression: in_force::decision_maker_count_sql,
            set: set_decision_maker_count,
        },
    ];

    header!();

    fn derive_phone_numbers(&mut self) {
        derive_e164(&mut self.phone_numbers, &self.addresses);
    }

    fn clear_derived(&mut self) {
        self.last_conversation = None;
        self.follow_up_due_time = None;
        self.conversation_count = 0;
        self.first_conversation_time = None;
        self.contact_count = 0;
        self.decision_maker_count = 0;
        let engagement = self.engagement.as_ref();
        let visit_count = engagement.and_then(|engagement| engagement.visit_count);
        self.frequency = in_force::frequency(visit_count, 0).into();
    }

    fn keys(&self, keys: &mut Vec<IndexEntry>) {
        contact_details(keys, &self.emails, &self.phone_numbers);
        let domains = self.business.iter().flat_map(|business| &business.domains);
        keys.extend(domains.flat_map(|domain| host_entries(domain)));
        keys.extend(
            self.upstream_customers
                .iter()
                .map(|name| IndexEntry::plain("upstream_customers", name)),
        );
    }

    fn texts(&self) -> Option<Texts> {
        let individual = self.individual.iter();
        let full_name = individual
            .map(|of| full_name(&of.given_name, &of.family_name))
            .next()
            .unwrap_or_default();
        let business = self.business.as_ref();
        Some(Texts {
            is_person: self.kind == i32::from(pb::customer::Kind::Individual),
            names: names([
                ("display_name", self.display_name.clone()),
                (
                    "business.legal_name",
                    business
                        .map(|business| business.legal_name.clone())
                        .unwrap_or_default(),
                ),
                ("individual.family_name", full_name),
            ]),
            domains: business
                .map(|business| business.domains.clone())
                .unwrap_or_default(),
            places: towns(&self.addresses),
        })
    }
}

impl Linked for pb::Customer {
    const CHILDREN: &'static [Children] = &[
        Children::of::<pb::Affiliation>("customer"),
        Children::of::<pb::Conversation>("customer"),
        Children::of::<pb::Promise>("customer"),
    ];

    fn references(&self) -> Vec<Reference> {
        let mut references = Vec::new();
        Reference::push(&mut references, "owner", Kind::Colleague, &self.owner);
        Reference::push(&mut references, "parent", Kind::Customer, &self.parent);
        for (i, upstream) in self.upstream_customers.iter().enumerate() {
            Reference::push(
                &mut references,
                format!("upstream_customers[{i}]"),
                Kind::Customer,
                upstream,
            );
        }
        references
    }

    fn acyclic_refs(&self) -> Vec<Chain> {
        let parent = Some(self.parent.clone()).filter(|parent| !parent.is_empty());
        vec![
            Chain {
                field: "parent",
                targets: parent.into_iter().collect(),
                is_list: false,
            },
            Chain {
                field: "upstream_customers",
                targets: self.upstream_customers.clone(),
                is_list: true,
            },
        ]
    }

    fn customers(&self) -> Vec<String> {
        vec![self.name.clone()]
    }
}

impl Filtering for pb::Customer {}

/// Files a host by its text, which filters ask for, and by the name that it is found by if that is another.
fn host_entries(domain: &str) -> impl Iterator<Item = IndexEntry> {
    const FIELD: &str = "business.domains";
    let other_name = host::found_by(domain).filter(|name| name != domain);
    let by_name = other_name.map(|value| IndexEntry {
        field: FIELD,
        key: HOST_NAME.to_owned(),
        value,
    });
    [IndexEntry::plain(FIELD, domain)]
        .into_iter()
        .chain(by_name)
}

/// Works out the E.164 form of phone numbers; a national one is of the region of the first address.
pub(crate) fn derive_e164(phones: &mut [pb::PhoneNumber], addresses: &[pb::Address]) {
    let region = addresses
        .first()
        .and_then(|address| address.postal_address.as_ref())
        .map(|address| address.region_code.as_str())
        .filter(|region| !region.is_empty());
    for phone in phones {
        phone.e164 = phone::e164(&phone.text, region).unwrap_or_default();
    }
}

/// Files e-mails by the form in which they are compared, and phone numbers by all that they are asked for.
pub(crate) fn contact_details(
    keys: &mut Vec<IndexEntry>,
    emails: &[pb::EmailAddress],
    phones: &[pb::PhoneNumber],
) {
    keys.extend(
        emails
            .iter()
            .map(|email| IndexEntry::plain("emails", mail::compared(&email.address))),
    );
    let values = phones
        .iter()
        .flat_map(|phone| phone::filed(&phone.text, &phone.e164));
    keys.extend(values.map(|value| IndexEntry::plain("phone_numbers", value)));
}

/// Returns the towns of addresses.
pub(crate) fn towns(addresses: &[pb::Address]) -> Vec<String> {
    let towns = addresses
        .iter()
        .filter_map(|address| address.postal_address.as_ref());
    towns
        .map(|address| address.locality.clone())
        .filter(|town| !town.is_empty())
        .collect()
}

fn set_last_conversation(customer: &mut pb::Customer, row: &Row, i: usize) -> Result<(), Error> {
    customer.last_conversation = last_conversation::read_column(row, i)?;
    Ok(())
}

fn set_follow_up_due_time(customer: &mut pb::Customer, row: &Row, i: usize) -> Result<(), Error> {
    customer.follow_up_due_time = row.opt_int(i)?.map(clock::timestamp);
    Ok(())
}

fn set_conversation_count(customer: &mut pb::Customer, row: &Row, i: usize) -> Result<(), Error> {
    customer.conversation_count = i32::try_from(row.int(i)?).map_err(Error::internal)?;
    Ok(())
}

fn set_first_conversation_time(
    customer: &mut pb::Customer,
    row: &Row,
    i: usize,
) -> Result<(), Error> {
    customer.first_conversation_time = row.opt_int(i)?.map(clock::timestamp);
    Ok(())
}

fn set_frequency(customer: &mut pb::Customer, row: &Row, i: usize) -> Result<(), Error> {
    customer.frequency = Frequency::from_str_name(row.str(i)?)
        .unwrap_or_default()
        .into();
    Ok(())
}

fn set_contact_count(customer: &mut pb::Customer, row: &Row, i: usize) -> Result<(), Error> {
    customer.contact_count = i32::try_from(row.int(i)?).map_err(Error::internal)?;
    Ok(())
}

fn set_decision_maker_count(customer: &mut pb::Customer, row: &Row, i: usize) -> Result<(), Error> {
    customer.decision_maker_count = i32::try_from(row.int(i)?).map_err(Error::internal)?;
    Ok(())
}
