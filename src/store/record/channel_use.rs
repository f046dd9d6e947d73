//! How often a customer was talked with, and by which channel: rows that the units keep which touch conversations.
//!
//! Counts the conversations that count (`counted.rs`). A unit adds to a count and takes away from it under the lock of
//! the customer; the first and the last time by a channel are one step along an index each. Nothing here takes longer
//! the more conversations there are.

use std::collections::BTreeSet;

use crate::clock;
use crate::error::Error;
use crate::pb;
use crate::pb::conversation::Channel;
use crate::store::record::counted::{Affected, COUNTS};
use crate::store::record::in_force;
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Part, Row, Value, part, scoped};

/// The fields of a customer that follow from it.
pub const FIELDS: [&str; 2] = ["conversation_count", "first_conversation_time"];

/// The field that follows from the count where visits are unknown; it is stored nowhere.
pub const FREQUENCY: &str = "frequency";

/// Returns the query for how often customers come, each by its name and the name of the value. None if there are no
/// customers.
pub(crate) fn frequencies(
    scope: &TenantScope,
    customers: &BTreeSet<String>,
) -> Option<Query<BTreeSet<(String, String)>>> {
    if customers.is_empty() {
        return None;
    }
    let frequencies = scoped!(
        scope,
        "select name, :{frequency} as frequency from customers
         where tenant_id = :tenant and name = any(:names)",
        frequency = in_force::frequency_sql(),
        names = customers.iter().cloned().collect::<Vec<_>>(),
    );
    let rows = frequencies.rows(["name", "frequency"], |row, [name, frequency]| {
        Ok((row.text(name)?, row.text(frequency)?))
    });
    Some(rows.map(|rows| Ok(rows.into_iter().collect())))
}

/// The statements of [`folds`]: the last two answer the names of the customers whose field of [`FIELDS`] changed.
pub type Folds = (Query<()>, Query<Vec<String>>, Query<Vec<String>>);

/// Returns the statements that bring the counts of the customers affected up to date. None if there are no customers.
pub fn folds(scope: &TenantScope, affected: &Affected) -> Option<Folds> {
    let names: Vec<String> = affected.customers.iter().cloned().collect();
    let is_any = !names.is_empty();
    is_any.then(|| {
        let count = count(scope, affected);
        let total = "cast(coalesce(sum(used.conversation_count), 0) as bigint)";
        let first = "min(used.first_conversation_time)";
        let counted = total_of(scope, FIELDS[0], total, names.clone());
        (count, counted, total_of(scope, FIELDS[1], first, names))
    })
}

/// Adds to the counts by channel. A channel that is not used any more has a count of 0.
fn count(scope: &TenantScope, affected: &Affected) -> Query<()> {
    let row = |((customer, channel), by): (&(String, &'static str), &i64)| -> Vec<Value> {
        vec![customer.into(), (*channel).into(), (*by).into()]
    };
    let count = scoped!(
        scope,
        "insert into customer_channels (tenant_id, customer, channel, conversation_count,
           first_conversation_time, last_conversation_time)
         select :tenant, used.column2, used.column3, used.column4,
           (:{start} order by conversations.start_time limit 1),
           (:{start} order by conversations.start_time desc limit 1)
         from (values :{rows}) as used
         where 1 = 1
         on conflict (tenant_id, customer, channel) do update
         set conversation_count = customer_channels.conversation_count + excluded.conversation_count,
           first_conversation_time = excluded.first_conversation_time,
           last_conversation_time = excluded.last_conversation_time",
        start = start(scope),
        rows = Part::rows(scope, affected.by_channel.iter().map(row)),
    );
    count.done()
}

/// Returns a select of the times of the conversations that count for a row of `used`.
fn start(scope: &TenantScope) -> Part {
    scoped!(
        scope,
        "select conversations.start_time from conversations
             where conversations.tenant_id = :tenant and conversations.customer = used.column2
               and conversations.channel = used.column3 and :{counts}",
        counts = COUNTS,
    )
    .into()
}

/// Puts what the channels of a customer amount to into a field, where it is another value.
fn total_of(
    scope: &TenantScope,
    field: &'static str,
    total: &'static str,
    customers: Vec<String>,
) -> Query<Vec<String>> {
    let update = scoped!(
        scope,
        "update customers set :{field} = counted.total
         from (
           select concerned.name as concerned,
             (select :{total} from customer_channels used
                where used.tenant_id = :tenant and used.customer = concerned.name) as total
           from customers concerned
           where concerned.tenant_id = :tenant and concerned.name = any(:customers)
         ) counted
         where tenant_id = :tenant and customers.name = counted.concerned
           and customers.:{field} is distinct from counted.total
         returning customers.name as changed",
        field,
        total,
        customers,
    );
    update.texts("changed")
}

/// Returns a select of part, customer, channel and place, to go with those of `read/facts`: the channels used most
/// come first, then those used last, then by name.
pub(crate) fn hits(scope: &TenantScope, customers: &[String]) -> Part {
    scoped!(
        scope,
        "select 'channel' as part, customer, channel as name,
           row_number() over (
             partition by customer
             order by conversation_count desc, last_conversation_time desc, channel
           ) as place
         from customer_channels
         where tenant_id = :tenant and customer = any(:customers) and conversation_count > 0",
        customers = customers.to_vec(),
    )
    .into()
}

/// Returns the join of the rows that [`hits`] are about.
pub(crate) fn join(scope: &TenantScope) -> Part {
    scoped!(
        scope,
        "left join customer_channels used on used.tenant_id = :tenant
           and used.customer = hit.customer and used.channel = hit.name",
    )
    .into()
}

/// The columns that [`read`] takes, as [`columns`] calls them.
pub(crate) const COLUMNS: [&str; 4] = [
    "used_channel",
    "used_count",
    "first_used_time",
    "last_used_time",
];

/// Returns the columns of a row that [`join`] adds.
pub(crate) fn columns() -> Part {
    part!(
        "used.channel as used_channel, used.conversation_count as used_count,
           used.first_conversation_time as first_used_time,
           used.last_conversation_time as last_used_time"
    )
}

/// Reads a joined row.
pub(crate) fn read(
    row: &Row,
    [channel, count, first, last]: [usize; 4],
) -> Result<pb::ChannelUse, Error> {
    Ok(pb::ChannelUse {
        channel: Channel::from_str_name(row.str(channel)?)
            .unwrap_or_default()
            .into(),
        conversation_count: i32::try_from(row.int(count)?).map_err(Error::internal)?,
        first_conversation_time: row.opt_int(first)?.map(clock::timestamp),
        last_conversation_time: row.opt_int(last)?.map(clock::timestamp),
    })
}
