-- The conversations of a contact that count for its last one (src/store/record/counted.rs keeps them), so that the last
-- of any number is one step along an index. The first and the last conversation of a customer by a channel
-- are one step along an index, too. Nothing is counted along conversations_that_count any more, so it no longer holds the
-- channel.

create table contact_conversations (
  tenant_id text collate "C" not null,
  contact text collate "C" not null,
  start_time bigint not null,
  conversation text collate "C" not null,
  primary key (tenant_id, contact, start_time, conversation)
);

create index contact_conversations_by_conversation on contact_conversations (tenant_id, conversation);

insert into contact_conversations (tenant_id, contact, start_time, conversation)
select distinct conversations.tenant_id, people.value, conversations.start_time, conversations.name
from conversations cross join json_array_elements_text(cast(conversations.contacts as json)) people (value)
where state = 'HELD' and not broadcast and visibility <> 'PRIVATE' and delete_time is null;

create index conversations_by_channel on conversations (tenant_id, customer, channel, start_time)
  where state = 'HELD' and not broadcast and visibility <> 'PRIVATE' and delete_time is null;

drop index conversations_that_count;
create index conversations_that_count on conversations (tenant_id, customer, start_time desc, name desc)
  where state = 'HELD' and not broadcast and visibility <> 'PRIVATE' and delete_time is null;
