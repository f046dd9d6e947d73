//! Conversations: columns, references, and whose last conversation they may be.

use crate::clock::{self, Micros};
use crate::name::{Kind, Name};
use crate::pb;
use crate::pb::conversation::{Channel, Direction, State};
use crate::pb::note::Visibility;
use crate::store::record::columns::{Column, Enumeration, columns, enum_names};
use crate::store::record::counted::Counted;
use crate::store::record::key::IndexEntry;
use crate::store::record::reference::{Parent, Reference};
use crate::store::record::resource::{Authorship, Filtering, Linked, Resource, header};
use crate::store::record::sort_key::{SortKey, sort_keys};
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::scoped;

enum_names!(Direction, State, Visibility);

impl Resource for pb::Conversation {
    const KIND: Kind = Kind::Conversation;
    const SORT_KEYS: &'static [SortKey<Self>] = sort_keys![pb::Conversation; column(start_time)];
    const INDEXED_LISTS: &'static [&'static str] = &["contacts", "colleagues", "topics"];
    const COLUMNS: &'static [Column<Self>] = columns![pb::Conversation;
        "customer" = customer,
        "contacts" = contacts,
        "colleagues" = colleagues,
        "channel" = channel as Enumeration<Channel>,
        "direction" = direction as Enumeration<Direction>,
        "state" = state as Enumeration<State>,
        "broadcast" = broadcast,
        "start_time" = start_time,
        "duration" = duration,
        "subject" = subject,
        "summary" = summary,
        "body" = body,
        "topics" = topics,
        "intent" = intent,
        "visibility" = visibility as Enumeration<Visibility>,
        "author" = author,
    ];

    header!();

    fn keys(&self, keys: &mut Vec<IndexEntry>) {
        keys.extend(
            self.contacts
                .iter()
                .map(|name| IndexEntry::plain("contacts", name)),
        );
        keys.extend(
            self.colleagues
                .iter()
                .map(|name| IndexEntry::plain("colleagues", name)),
        );
        keys.extend(
            self.topics
                .iter()
                .map(|topic| IndexEntry::plain("topics", topic)),
        );
    }

    fn stamp(&mut self, author: &str, _now: Micros) {
        if self.author.is_empty() {
            author.clone_into(&mut self.author);
        }
        if self.state == 0 {
            self.state = State::Held.into();
        }
        if self.visibility == 0 {
            self.visibility = Visibility::Everyone.into();
        }
    }

    fn counted(&self) -> Option<Counted> {
        let counts = self.state() == State::Held
            && !self.broadcast
            && self.visibility() != Visibility::Private
            && self.delete_time.is_none();
        counts.then(|| Counted {
            customer: self.customer.clone(),
            contacts: self.contacts.clone(),
            channel: self.channel().as_str_name(),
            start_time: self.start_time.as_ref().and_then(clock::micros),
        })
    }

    fn authorship(&self) -> Option<Authorship<'_>> {
        Some(Authorship {
            author: &self.author,
            visibility: self.visibility,
        })
    }
}

impl Linked for pb::Conversation {
    const PARENTS: &'static [Parent] = &[Parent {
        field: "customer",
        kind: Kind::Customer,
    }];
    const LOCKED_LISTS: &'static [Parent] = &[Parent {
        field: "contacts",
        kind: Kind::Contact,
    }];

    fn references(&self) -> Vec<Reference> {
        let mut references = Vec::new();
        Reference::push(&mut references, "customer", Kind::Customer, &self.customer);
        Reference::push_list(&mut references, "contacts", Kind::Contact, &self.contacts);
        Reference::push_list(
            &mut references,
            "colleagues",
            Kind::Colleague,
            &self.colleagues,
        );
        references
    }

    fn customers(&self) -> Vec<String> {
        vec![self.customer.clone()]
    }

    /// An edit shows in the profiles of the people whose last conversation it is. If it becomes or stops being the
    /// last one, that is a change to those people.
    fn other_customers(
        scope: &TenantScope,
        stored: Option<&Name>,
        _added: &[Reference],
    ) -> Option<Query<Vec<String>>> {
        let customers = scoped!(
            scope,
            "select distinct customer from affiliations
             where tenant_id = :tenant and delete_time is null and contact = any(array(
               select contacts.name from keys, contacts
               where keys.tenant_id = :tenant and keys.name = :conversation
                 and keys.field = 'contacts'
                 and contacts.tenant_id = :tenant and contacts.name = keys.value
                 and contacts.last_conversation = :conversation))
             order by customer",
            conversation = stored?,
        );
        Some(customers.texts("customer"))
    }
}

impl Filtering for pb::Conversation {}
