//! The last conversation of customers and contacts, kept up to date in the transaction that could change it.
//!
//! The definition, once: the latest conversation that is HELD, not broadcast, visible to everyone and live; ties go
//! to the greatest name. A unit that touches a conversation locks everyone concerned, writes its rows, and then folds
//! over the rows as they now are. The fold is a statement of its own after the locks: on PostgreSQL a statement that
//! waited for a lock still sees the rows as they were when it began (measured: two back-dated inserts stored a wrong
//! value).

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::name::Kind;
use crate::page::SortValue;
use crate::pb;
use crate::pb::conversation::{Channel, Direction};
use crate::store::record::lock::{Lock, lock};
use crate::store::record::reference::Reference;
use crate::store::record::resource::Resource;
use crate::store::record::sort_key::of_time;
use crate::store::scope::TenantScope;
use crate::store::sql::json;
use crate::store::sql::json_functions::list;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Part, Row, part, scoped};

/// Whose last conversation a unit may change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Affected {
    /// Customers, by name.
    pub customers: BTreeSet<String>,
    /// Contacts, by name.
    pub contacts: BTreeSet<String>,
}

impl Affected {
    /// Returns those of a record: if it is a conversation, whom it is with.
    pub fn of<R: Resource>(record: &R) -> Affected {
        let mut affected = Affected::default();
        if R::KIND != Kind::Conversation {
            return affected;
        }
        for Reference { target, .. } in record.references() {
            match target.kind() {
                Kind::Customer => affected.customers.insert(target.to_string()),
                Kind::Contact => affected.contacts.insert(target.to_string()),
                _ => false,
            };
        }
        affected
    }

    /// Adds those of another set.
    pub fn add(&mut self, other: Affected) {
        self.customers.extend(other.customers);
        self.contacts.extend(other.contacts);
    }

    /// Says whether nobody is affected.
    pub fn is_empty(&self) -> bool {
        self.customers.is_empty() && self.contacts.is_empty()
    }

    /// Returns the queries that lock them, customers first.
    pub(crate) fn locks(&self, scope: &TenantScope) -> Vec<Lock> {
        let of_kind = |kind, names: &BTreeSet<String>| {
            (!names.is_empty()).then(|| lock(scope, kind, names.iter().cloned().collect()))
        };
        of_kind(Kind::Customer, &self.customers)
            .into_iter()
            .chain(of_kind(Kind::Contact, &self.contacts))
            .collect()
    }

    /// Returns the query that lists, for each contact, the customers whose profile includes it.
    pub(crate) fn customers_of_contacts(
        &self,
        scope: &TenantScope,
    ) -> Query<Vec<(String, String)>> {
        let customers = scoped!(
            scope,
            "select contact, customer from affiliations
             where tenant_id = :tenant and delete_time is null and contact = any(:contacts)
             order by contact, customer",
            contacts = self.contacts.iter().cloned().collect::<Vec<_>>(),
        );
        customers.rows(["contact", "customer"], |row, [contact, customer]| {
            Ok((row.text(contact)?, row.text(customer)?))
        })
    }

    /// Returns the statements that update them; each answers the names of those that changed.
    pub fn folds(&self, scope: &TenantScope) -> Vec<Query<Vec<String>>> {
        let of_customer = scoped!(
            scope,
            "from conversations
               where conversations.tenant_id = :tenant
                 and conversations.customer = concerned.name",
        );
        let of_contact = scoped!(
            scope,
            "from keys join conversations
                 on conversations.tenant_id = :tenant and conversations.name = keys.name
               where keys.tenant_id = :tenant and keys.kind = 'conversations'
                 and keys.field = 'contacts' and keys.key = '' and keys.value = concerned.name",
        );
        let folds = [
            (Kind::Customer, &self.customers, of_customer),
            (Kind::Contact, &self.contacts, of_contact),
        ];
        folds
            .into_iter()
            .filter(|(_, names, _)| !names.is_empty())
            .map(|(kind, names, theirs)| fold(scope, kind, names, &theirs.into()))
            .collect()
    }
}

/// Which conversations count, as a condition on their table. The table's partial index repeats it.
pub const COUNTS: &str = "conversations.state = 'HELD' and not conversations.broadcast \
                          and conversations.visibility <> 'PRIVATE' and conversations.delete_time is null";

/// Sets the last conversation of the named records to the latest one that counts, if it is a different one.
fn fold(
    scope: &TenantScope,
    kind: Kind,
    names: &BTreeSet<String>,
    theirs: &Part,
) -> Query<Vec<String>> {
    let fold = scoped!(
        scope,
        "update :{table}
         set last_conversation = latest.name, last_conversation_start_time = latest.start_time
         from (
           select concerned.name as concerned,
             coalesce((select conversations.name :{theirs} and :{counts}
               order by conversations.start_time desc, conversations.name desc limit 1), '')
               as name,
             (select conversations.start_time :{theirs} and :{counts}
               order by conversations.start_time desc, conversations.name desc limit 1)
               as start_time
           from :{table} concerned
           where concerned.tenant_id = :tenant and concerned.name = any(:names)
         ) latest
         where tenant_id = :tenant and :{table}.name = latest.concerned
           and (last_conversation <> latest.name
             or last_conversation_start_time is distinct from latest.start_time)
         returning :{table}.name as changed",
        table = kind.collection(),
        theirs,
        counts = COUNTS,
        names = names.iter().cloned().collect::<Vec<_>>(),
    );
    fold.texts("changed")
}

/// The field of a customer or contact that holds it.
pub const FIELD: &str = "last_conversation";

/// Returns the expression of the last conversation as a list of its parts, NULL if there was none. Which one and when
/// is stored; the rest is read from the conversation, so that editing that needs no second write.
pub fn as_list(scope: &TenantScope, table: &'static str) -> Part {
    of_conversation(scope, table, parts())
}

/// Returns the parts of a conversation as a list, in a select from the table of conversations.
pub fn parts() -> Part {
    list("name, start_time, channel, direction, subject, summary, contacts, colleagues")
}

/// Returns the expression of one of its fields, for filters; `None` if it has no such field.
pub fn field(scope: &TenantScope, table: &'static str, field: &str) -> Option<Part> {
    let column = match field {
        "conversation" => return Some(part!(":{table}.last_conversation", table)),
        "start_time" => return Some(part!(":{table}.last_conversation_start_time", table)),
        "channel" => "channel",
        "direction" => "direction",
        "subject" => "subject",
        "summary" => "summary",
        "contacts" => "contacts",
        "colleagues" => "colleagues",
        _ => return None,
    };
    Some(of_conversation(scope, table, Part::text(column)))
}

/// Selects from the conversation itself; looks up nothing if there was none.
fn of_conversation(scope: &TenantScope, table: &'static str, parts: Part) -> Part {
    scoped!(
        scope,
        "(case when :{table}.last_conversation <> '' then
            (select :{parts} from conversations
               where conversations.tenant_id = :tenant
                 and conversations.name = :{table}.last_conversation) end)",
        table,
        parts,
    )
    .into()
}

/// What [`parts`] lists, in its order.
#[derive(Deserialize)]
struct Parts(
    String,
    Micros,
    String,
    String,
    String,
    String,
    String,
    String,
);

/// Reads what [`parts`] lists.
pub fn read(text: &str) -> Result<pb::LastConversation, Error> {
    let parts: Parts = serde_json::from_str(text).map_err(json::unreadable)?;
    let Parts(conversation, start_time, channel, direction, subject, summary, contacts, colleagues) =
        parts;
    Ok(pb::LastConversation {
        conversation,
        start_time: Some(clock::timestamp(start_time)),
        channel: Channel::from_str_name(&channel).unwrap_or_default().into(),
        direction: Direction::from_str_name(&direction)
            .unwrap_or_default()
            .into(),
        subject,
        summary,
        contacts: json::read_texts(&contacts)?,
        colleagues: json::read_texts(&colleagues)?,
    })
}

/// Returns the value by which records are sorted along their last conversation.
pub fn sort_value(last: Option<&pb::LastConversation>) -> SortValue {
    of_time(last.and_then(|last| last.start_time.as_ref()))
}

/// Reads column `i` of a row, which holds what [`as_list`] yields.
pub fn read_column(row: &Row, i: usize) -> Result<Option<pb::LastConversation>, Error> {
    row.opt_str(i)?.map(read).transpose()
}
