//! Many records at once, past the service: copies of one that it has written.

use clientele::pb;
use clientele::store::record::resource::Resource;

use super::Harness;
use super::engine::execute;

impl Harness {
    /// Stores so many conversations like this one, each a second after the one before, as if the service had written
    /// them.
    pub async fn copy_talk(&self, talk: &pb::Conversation, n: usize) {
        let columns = pb::Conversation::COLUMNS.iter().map(|column| column.name);
        let columns = columns.filter(|column| !["name", "start_time"].contains(column));
        let columns = columns.collect::<Vec<_>>().join(", ");
        let (name, customer) = (&talk.name, &talk.customer);
        let numbers = format!(
            "with recursive n (i) as (select cast(1 as bigint) union all select i + 1 from n where i < {n})"
        );
        let last = n * 1_000_000;
        execute(
            &self.url(),
            &format!(
                "insert into conversations (tenant_id, deleted_with, folded, name, start_time, {columns})
                 {numbers} select tenant_id, deleted_with, folded, name || '-' || i, start_time + i * 1000000, {columns}
                 from n, conversations where name = '{name}';
                 insert into keys (tenant_id, kind, field, key, value, name)
                 {numbers} select tenant_id, kind, field, key, value, name || '-' || i from n, keys where name = '{name}';
                 insert into contact_conversations (tenant_id, contact, start_time, conversation)
                 {numbers} select tenant_id, contact, start_time + i * 1000000, conversation || '-' || i
                 from n, contact_conversations where conversation = '{name}';
                 update customer_channels set conversation_count = conversation_count + {n},
                   last_conversation_time = first_conversation_time + {last} where customer = '{customer}';
                 update customers set conversation_count = conversation_count + {n} where name = '{customer}'"
            ),
        )
        .await;
    }
}
