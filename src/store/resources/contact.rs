//! Contacts: columns, keys, and the customers whose profile they are part of.

use crate::error::Error;
use crate::look_up::words::{Texts, full_name, names};
use crate::name::{Kind, Name};
use crate::pb;
use crate::pb::conversation::Channel;
use crate::store::record::children::Children;
use crate::store::record::columns::{Column, Enumeration, Messages, columns};
use crate::store::record::key::IndexEntry;
use crate::store::record::last_conversation;
use crate::store::record::reference::Reference;
use crate::store::record::resource::{Derived, Filtering, Linked, Resource, header};
use crate::store::record::sort_key::{SortKey, sort_keys};
use crate::store::resources::customer::{contact_details, derive_e164, towns};
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Row, scoped};

impl Resource for pb::Contact {
    const KIND: Kind = Kind::Contact;
    const SORT_KEYS: &'static [SortKey<Self>] = sort_keys![pb::Contact;
        text(display_name),
        optional_text(family_name),
        optional_text(given_name),
        key(SortKey::of_nullable(
            "last_conversation.start_time",
            "last_conversation_start_time",
            |contact| last_conversation::sort_value(contact.last_conversation.as_ref()),
        )),
    ];
    const DERIVED: &'static [Derived<Self>] = &[Derived {
        path: last_conversation::FIELD,
        expression: |scope, _| last_conversation::as_list(scope, "contacts"),
        set: set_last_conversation,
    }];
    const COLUMNS: &'static [Column<Self>] = columns![pb::Contact;
        "display_name" = display_name,
        "given_name" = given_name,
        "family_name" = family_name,
        "gender" = gender,
        "birth_year" = birth_year,
        "occupation" = occupation,
        "education_level" = education_level,
        "emails" = emails as Messages,
        "phone_numbers" = phone_numbers as Messages,
        "addresses" = addresses as Messages,
        "uris" = uris,
        "preferred_channels" = preferred_channels as Enumeration<Channel>,
        "language_code" = language_code,
        "time_zone" = time_zone,
        "about" = about,
        "likes" = likes,
        "dislikes" = dislikes,
        "contact_permissions" = contact_permissions as Messages,
        "locked_paths" = locked_paths,
        "owner" = owner,
    ];

    header!();

    fn derive_phone_numbers(&mut self) {
        derive_e164(&mut self.phone_numbers, &self.addresses);
    }

    fn clear_derived(&mut self) {
        self.last_conversation = None;
    }

    fn keys(&self, keys: &mut Vec<IndexEntry>) {
        contact_details(keys, &self.emails, &self.phone_numbers);
    }

    fn texts(&self) -> Option<Texts> {
        Some(Texts {
            is_person: true,
            names: names([
                ("display_name", self.display_name.clone()),
                (
                    "family_name",
                    full_name(&self.given_name, &self.family_name),
                ),
            ]),
            domains: Vec::new(),
            places: towns(&self.addresses),
        })
    }
}

impl Linked for pb::Contact {
    const CHILDREN: &'static [Children] = &[Children::of::<pb::Affiliation>("contact")];

    fn references(&self) -> Vec<Reference> {
        let mut references = Vec::new();
        Reference::push(&mut references, "owner", Kind::Colleague, &self.owner);
        references
    }

    fn customers(&self) -> Vec<String> {
        Vec::new()
    }

    fn other_customers(
        scope: &TenantScope,
        stored: Option<&Name>,
        _added: &[Reference],
    ) -> Option<Query<Vec<String>>> {
        // Affiliations deleted with the contact are undeleted with it.
        let customers = scoped!(
            scope,
            "select distinct customer from affiliations
             where tenant_id = :tenant and contact = :contact
               and (delete_time is null or deleted_with = :contact)
             order by customer",
            contact = stored?,
        );
        Some(customers.texts("customer"))
    }
}

impl Filtering for pb::Contact {}

fn set_last_conversation(contact: &mut pb::Contact, row: &Row, i: usize) -> Result<(), Error> {
    contact.last_conversation = last_conversation::read_column(row, i)?;
    Ok(())
}
