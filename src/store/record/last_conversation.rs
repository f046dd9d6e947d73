//! The last conversation of customers and contacts, kept up to date in the transaction that could change it.
//!
//! The latest conversation that counts (`counted.rs`); ties go to the greatest name. A unit that touches a conversation
//! locks everyone concerned, writes its rows, and then folds over the rows as they now are: one step along an index,
//! however many there are. The fold is a statement of its own after the locks: on PostgreSQL a statement that waited for
//! a lock still sees the rows as they were when it began (measured: two back-dated inserts stored a wrong value).

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::name::Kind;
use crate::page::SortValue;
use crate::pb;
use crate::pb::conversation::{Channel, Direction};
use crate::store::record::counted::{Affected, COUNTS};
use crate::store::record::sort_key::of_time;
use crate::store::scope::TenantScope;
use crate::store::sql::json;
use crate::store::sql::json_functions::list;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Part, Row, part, scoped};

/// Where the latest conversation of a record called `concerned` is found.
struct Latest {
    /// The columns of its name and of its time.
    columns: [&'static str; 2],
    /// The rest of the select.
    from: Part,
}

/// Returns the statements that update everyone affected; each answers the names of those that changed.
pub fn folds(scope: &TenantScope, affected: &Affected) -> Vec<Query<Vec<String>>> {
    let of_customer = scoped!(
        scope,
        "from conversations
           where conversations.tenant_id = :tenant
             and conversations.customer = concerned.name and :{counts}
           order by conversations.start_time desc, conversations.name desc limit 1",
        counts = COUNTS,
    );
    let of_contact = scoped!(
        scope,
        "from contact_conversations
           where contact_conversations.tenant_id = :tenant
             and contact_conversations.contact = concerned.name
           order by contact_conversations.start_time desc,
             contact_conversations.conversation desc limit 1",
    );
    let of_customer = Latest {
        columns: ["conversations.name", "conversations.start_time"],
        from: of_customer.into(),
    };
    let of_contact = Latest {
        columns: [
            "contact_conversations.conversation",
            "contact_conversations.start_time",
        ],
        from: of_contact.into(),
    };
    [
        (Kind::Customer, &affected.customers, of_customer),
        (Kind::Contact, &affected.contacts, of_contact),
    ]
    .into_iter()
    .filter(|(_, names, _)| !names.is_empty())
    .map(|(kind, names, latest)| fold(scope, kind, names, &latest))
    .collect()
}

/// Sets the last conversation of the named records to the latest one that counts, if it is a different one.
fn fold(
    scope: &TenantScope,
    kind: Kind,
    names: &BTreeSet<String>,
    latest: &Latest,
) -> Query<Vec<String>> {
    let Latest {
        columns: [name, start_time],
        from,
    } = latest;
    let fold = scoped!(
        scope,
        "update :{table}
         set last_conversation = latest.name, last_conversation_start_time = latest.start_time
         from (
           select concerned.name as concerned, coalesce((select :{name} :{from}), '') as name,
             (select :{start_time} :{from}) as start_time
           from :{table} concerned
           where concerned.tenant_id = :tenant and concerned.name = any(:names)
         ) latest
         where tenant_id = :tenant and :{table}.name = latest.concerned
           and (last_conversation <> latest.name
             or last_conversation_start_time is distinct from latest.start_time)
         returning :{table}.name as changed",
        table = kind.collection(),
        name = *name,
        start_time = *start_time,
        from,
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
