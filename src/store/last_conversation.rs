//! The last conversation of customers and contacts, kept in the transaction that could change it.
//!
//! The definition, once: the latest conversation that is HELD, not broadcast, visible to everyone and live; ties go to
//! the greatest name. A unit that touches a conversation locks whom it concerns, writes its rows, and then folds over
//! the rows as they now are. The fold is a statement of its own after the locks: on PostgreSQL a statement that waited
//! for a lock still sees the rows as they were when it began (measured: two back-dated inserts stored a wrong value).

use std::collections::BTreeSet;

use super::TenantScope;
use super::lock::lock;
use super::sql::Sql;
use crate::name::Kind;

/// Whose last conversation a unit may change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Affected {
    /// Customers, by name.
    pub customers: BTreeSet<String>,
    /// Contacts, by name.
    pub contacts: BTreeSet<String>,
}

impl Affected {
    /// Adds another one's.
    pub fn add(&mut self, other: Affected) {
        self.customers.extend(other.customers);
        self.contacts.extend(other.contacts);
    }

    /// Says whether nobody is affected.
    pub fn is_empty(&self) -> bool {
        self.customers.is_empty() && self.contacts.is_empty()
    }

    /// Returns the statements that lock them, customers first.
    pub fn locks(&self, scope: &TenantScope) -> Vec<Sql> {
        let of_kind = |kind, names: &BTreeSet<String>| {
            (!names.is_empty()).then(|| lock(scope, kind, names.iter().cloned().collect()))
        };
        of_kind(Kind::Customer, &self.customers).into_iter().chain(of_kind(Kind::Contact, &self.contacts)).collect()
    }

    /// Returns the statement that lists, for each contact, the customers whose profile it is part of.
    pub fn customers_of_contacts(&self, scope: &TenantScope) -> Sql {
        Sql::new("select contact, customer from affiliations\nwhere tenant_id = ")
            .bind(scope.tenant())
            .push(" and delete_time is null and contact")
            .any_of(self.contacts.iter().cloned().collect())
            .push("\norder by contact, customer")
    }

    /// Returns the statements that bring them up to date; each returns the names of those that changed.
    pub fn folds(&self, scope: &TenantScope) -> Vec<Sql> {
        let customers = (!self.customers.is_empty()).then(|| {
            fold(scope, Kind::Customer, &self.customers, || {
                Sql::new("from conversations\n    where conversations.tenant_id = concerned.tenant_id")
                    .push(" and conversations.customer = concerned.name")
            })
        });
        let contacts = (!self.contacts.is_empty()).then(|| {
            fold(scope, Kind::Contact, &self.contacts, || {
                Sql::new("from keys join conversations on conversations.tenant_id = keys.tenant_id")
                    .push(" and conversations.name = keys.name\n    where keys.tenant_id = concerned.tenant_id")
                    .push(" and keys.kind = 'conversations' and keys.field = 'contacts' and keys.key = ''")
                    .push(" and keys.value = concerned.name")
            })
        });
        customers.into_iter().chain(contacts).collect()
    }
}

/// What counts, as a condition on the table of conversations. The partial index of the table repeats it.
pub const COUNTS: &str = "conversations.state = 'HELD' and not conversations.broadcast \
                          and conversations.visibility <> 'PRIVATE' and conversations.delete_time is null";

fn fold(scope: &TenantScope, kind: Kind, names: &BTreeSet<String>, from: impl Fn() -> Sql) -> Sql {
    let latest = |column: &'static str| {
        Sql::new("(select ")
            .push(column)
            .push(" ")
            .append(from())
            .push("\n      and ")
            .push(COUNTS)
            .push("\n    order by conversations.start_time desc, conversations.name desc limit 1)")
    };
    let table = kind.collection();
    Sql::new("update ")
        .push(table)
        .push("\nset last_conversation = latest.name, last_conversation_start_time = latest.start_time\nfrom (\n  select concerned.name as concerned,\n    coalesce(")
        .append(latest("conversations.name"))
        .push(", '') as name,\n    ")
        .append(latest("conversations.start_time"))
        .push(" as start_time\n  from ")
        .push(table)
        .push(" concerned where concerned.tenant_id = ")
        .bind(scope.tenant())
        .push(" and concerned.name")
        .any_of(names.iter().cloned().collect())
        .push("\n) latest\nwhere tenant_id = ")
        .bind(scope.tenant())
        .push(" and ")
        .push(table)
        .push(".name = latest.concerned\n  and (last_conversation <> latest.name or last_conversation_start_time is distinct from latest.start_time)\nreturning ")
        .push(table)
        .push(".name")
}

/// Lists the derived fields of the last conversation of a customer or contact.
///
/// Who and when is stored; the rest is read from the conversation, so that editing it needs no second write.
macro_rules! last_conversation_fields {
    ($resource:ty, $table:literal; $($more:expr),* $(,)?) => {
        &[
            $crate::store::resource::Derived {
                path: "last_conversation.conversation",
                expression: |_| $crate::store::sql::Sql::new(concat!($table, ".last_conversation")),
                set: |message: &mut $resource, row, i| {
                    let name = row.text(i)?;
                    message.last_conversation =
                        (!name.is_empty()).then(|| $crate::pb::LastConversation { conversation: name, ..Default::default() });
                    Ok(())
                },
            },
            $crate::store::resource::Derived {
                path: "last_conversation.start_time",
                expression: |_| $crate::store::sql::Sql::new(concat!($table, ".last_conversation_start_time")),
                set: |message: &mut $resource, row, i| {
                    let time = row.opt_int(i)?.map($crate::clock::timestamp);
                    if let Some(last) = &mut message.last_conversation { last.start_time = time; }
                    Ok(())
                },
            },
            $crate::store::last_conversation::last_conversation_field!(
                $resource, $table, channel, |text| $crate::pb::conversation::Channel::from_str_name(&text).unwrap_or_default().into()
            ),
            $crate::store::last_conversation::last_conversation_field!(
                $resource, $table, direction, |text| $crate::pb::conversation::Direction::from_str_name(&text).unwrap_or_default().into()
            ),
            $crate::store::last_conversation::last_conversation_field!($resource, $table, subject, |text| text),
            $crate::store::last_conversation::last_conversation_field!($resource, $table, summary, |text| text),
            $crate::store::last_conversation::last_conversation_field!(
                $resource, $table, contacts, |text| $crate::store::json::read_texts(&text)?
            ),
            $crate::store::last_conversation::last_conversation_field!(
                $resource, $table, our_people, |text| $crate::store::json::read_texts(&text)?
            ),
            $($more),*
        ]
    };
}

/// One field that is read from the conversation itself; nothing is looked for where there was none.
macro_rules! last_conversation_field {
    ($resource:ty, $table:literal, $field:ident, |$text:ident| $read:expr) => {
        $crate::store::resource::Derived {
            path: concat!("last_conversation.", stringify!($field)),
            expression: |_| {
                $crate::store::sql::Sql::new(concat!(
                    "(case when ",
                    $table,
                    ".last_conversation <> '' then (select ",
                    stringify!($field),
                    " from conversations where conversations.tenant_id = ",
                    $table,
                    ".tenant_id and conversations.name = ",
                    $table,
                    ".last_conversation) end)"
                ))
            },
            set: |message: &mut $resource, row, i| {
                if let (Some(last), Some($text)) = (&mut message.last_conversation, row.opt_text(i)?) {
                    last.$field = $read;
                }
                Ok(())
            },
        }
    };
}

pub(crate) use {last_conversation_field, last_conversation_fields};
