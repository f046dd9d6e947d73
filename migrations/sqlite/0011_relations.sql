-- What customers, contacts and claims say about colleagues and conversations.
-- last_conversation is kept by the units that touch conversations (store/last_conversation.rs). follow_up_due_time
-- follows from its row alone, so the engine computes it.

alter table customers add column owner text not null default '';
alter table customers add column last_conversation text not null default '';
alter table customers add column last_conversation_start_time integer;
alter table customers add column follow_up_due_time integer generated always as (coalesce(last_conversation_start_time, create_time) + follow_up_interval) virtual;
create index customers_by_last_conversation on customers (tenant_id, last_conversation_start_time, name);
create index customers_by_follow_up_due_time on customers (tenant_id, follow_up_due_time, name);
create index customers_by_owner on customers (tenant_id, owner, name);

alter table contacts add column owner text not null default '';
alter table contacts add column last_conversation text not null default '';
alter table contacts add column last_conversation_start_time integer;
create index contacts_by_last_conversation on contacts (tenant_id, last_conversation_start_time, name);

alter table buying_roles add column source text not null default '';
