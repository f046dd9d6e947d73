-- The conversations of a contact that count for its last one (src/store/record/counted.rs keeps them), so that the last
-- of any number is one step along an index. The first and the last conversation of a customer by a channel
-- are one step along an index, too. Nothing is counted along conversations_that_count any more, so it no longer holds the
-- channel.

create table contact_conversations (
  tenant_id text not null,
  contact text not null,
  start_time integer not null,
  conversation text not null,
  primary key (tenant_id, contact, start_time, conversation)
) strict, without rowid;

create index contact_conversations_by_conversation on contact_conversations (tenant_id, conversation);

insert into contact_conversations (tenant_id, contact, start_time, conversation)
select distinct conversations.tenant_id, people.value, conversations.start_time, conversations.name
from conversations cross join json_each(conversations.contacts) people
where state = 'HELD' and not broadcast and visibility <> 'PRIVATE' and delete_time is null;

create index conversations_by_channel on conversations (tenant_id, customer, channel, start_time)
  where state = 'HELD' and not broadcast and visibility <> 'PRIVATE' and delete_time is null;

drop index conversations_that_count;
create index conversations_that_count on conversations (tenant_id, customer, start_time desc, name desc)
  where state = 'HELD' and not broadcast and visibility <> 'PRIVATE' and delete_time is null;
