-- What filters need: beside each record its folded texts, which `:` searches (store/folded.rs), and indexes for what is
-- often asked for. A record that was stored before is folded when it is next written.

alter table customers add column folded text not null default '{}';
alter table contacts add column folded text not null default '{}';
alter table affiliations add column folded text not null default '{}';
alter table colleagues add column folded text not null default '{}';
alter table conversations add column folded text not null default '{}';
alter table promises add column folded text not null default '{}';
alter table notes add column folded text not null default '{}';
alter table personas add column folded text not null default '{}';
alter table segments add column folded text not null default '{}';

create index customers_by_lifecycle on customers (tenant_id, lifecycle, name);
create index customers_by_industry on customers (tenant_id, business_industry, name);
create index contacts_by_owner on contacts (tenant_id, owner, name);
create index conversations_by_state on conversations (tenant_id, state, start_time, name);
create index notes_by_author on notes (tenant_id, author, name);
