//! Promises: what one side owes the other.

use crate::name::Kind;
use crate::pb;
use crate::pb::promise::Side;
use crate::store::record::columns::{Column, Enumeration, TimeOrLast, columns, enum_names};
use crate::store::record::key::IndexEntry;
use crate::store::record::private_links::{self, PrivateLinks};
use crate::store::record::reference::{Parent, Reference};
use crate::store::record::resource::{Filtering, Linked, Resource, header};
use crate::store::record::sort_key::{SortKey, WhenUnset, of_time, sort_keys};
use crate::store::sql::statement::part;

enum_names!(Side);

impl Resource for pb::Promise {
    const KIND: Kind = Kind::Promise;
    const SORT_KEYS: &'static [SortKey<Self>] = sort_keys![pb::Promise;
        key(SortKey {
            path: "due_time",
            column: "due_time",
            is_extra: false,
            unset: WhenUnset::Greatest,
            value: |promise| of_time(promise.due_time.as_ref()),
        }),
    ];
    const INDEXED_LISTS: &'static [&'static str] = &["contacts"];
    const COLUMNS: &'static [Column<Self>] = columns![pb::Promise;
        "customer" = customer,
        "contacts" = contacts,
        "conversation" = conversation,
        "text" = text,
        "side" = side as Enumeration<Side>,
        "owner" = owner,
        "due_time" = due_time as TimeOrLast,
        "complete_time" = complete_time,
    ];

    header!();

    fn keys(&self, keys: &mut Vec<IndexEntry>) {
        keys.extend(
            self.contacts
                .iter()
                .map(|name| IndexEntry::plain("contacts", name)),
        );
    }
}

impl Linked for pb::Promise {
    const PARENTS: &'static [Parent] = &[Parent {
        field: "customer",
        kind: Kind::Customer,
    }];
    const PRIVATE_LINKS: Option<&'static PrivateLinks<Self>> = Some(&PrivateLinks {
        field: "conversation",
        kinds: &[Kind::Conversation],
        hidden: |scope| {
            let is_hidden =
                private_links::is_hidden(scope, &[Kind::Conversation], "promises.conversation");
            part!(
                "case when :{is_hidden} then promises.conversation else '' end",
                is_hidden,
            )
        },
        of: |promise| vec![&promise.conversation],
        take_off: |promise, hidden| private_links::clear(&mut promise.conversation, hidden),
        put_back: |after, before, hidden| {
            if after.conversation.is_empty() && hidden.contains(&before.conversation) {
                after.conversation.clone_from(&before.conversation);
            }
        },
    });

    fn references(&self) -> Vec<Reference> {
        let mut references = Vec::new();
        Reference::push(&mut references, "customer", Kind::Customer, &self.customer);
        Reference::push_list(&mut references, "contacts", Kind::Contact, &self.contacts);
        Reference::push(
            &mut references,
            "conversation",
            Kind::Conversation,
            &self.conversation,
        );
        Reference::push(&mut references, "owner", Kind::Colleague, &self.owner);
        references
    }

    fn customers(&self) -> Vec<String> {
        vec![self.customer.clone()]
    }
}

impl Filtering for pb::Promise {}
