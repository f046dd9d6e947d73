-- How often each customer was talked with, by which channel, when first and when last: of the conversations that also
-- count for the last one (src/store/record/channel_use.rs keeps it). A channel that is not used any more has a count of
-- 0. The partial index now holds the channel, too, so that counting reads nothing else.

create table customer_channels (
  tenant_id text not null,
  customer text not null,
  channel text not null,
  conversation_count integer not null,
  first_conversation_time integer,
  last_conversation_time integer,
  primary key (tenant_id, customer, channel)
) strict, without rowid;

alter table customers add column conversation_count integer not null default 0;
alter table customers add column first_conversation_time integer;

drop index conversations_that_count;
create index conversations_that_count on conversations (tenant_id, customer, start_time desc, name desc, channel)
  where state = 'HELD' and not broadcast and visibility <> 'PRIVATE' and delete_time is null;

insert into customer_channels (tenant_id, customer, channel, conversation_count, first_conversation_time, last_conversation_time)
select tenant_id, customer, channel, count(*), min(start_time), max(start_time) from conversations
where state = 'HELD' and not broadcast and visibility <> 'PRIVATE' and delete_time is null
group by tenant_id, customer, channel;

update customers set
  conversation_count = (select coalesce(sum(used.conversation_count), 0) from customer_channels used
    where used.tenant_id = customers.tenant_id and used.customer = customers.name),
  first_conversation_time = (select min(used.first_conversation_time) from customer_channels used
    where used.tenant_id = customers.tenant_id and used.customer = customers.name);

create index customers_by_conversation_count on customers (tenant_id, conversation_count, name);
create index customers_by_first_conversation_time on customers (tenant_id, first_conversation_time, name);
