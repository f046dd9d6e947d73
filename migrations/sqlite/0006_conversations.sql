-- Conversations: real exchanges, held, planned, cancelled or unanswered.
-- The partial index is the order in which the last conversation of a customer is looked for; its condition is the
-- definition of what counts and is repeated in store/last_conversation.rs.

create table conversations (
  tenant_id text not null,
  name text not null,
  etag text not null,
  create_time integer not null,
  update_time integer not null,
  delete_time integer,
  labels text not null,
  tags text not null,
  attributes text not null,
  external_ids text not null,
  deleted_with text not null,
  customer text not null,
  contacts text not null,
  our_people text not null,
  channel text not null,
  direction text not null,
  state text not null,
  broadcast integer not null,
  start_time integer not null,
  duration integer,
  subject text not null,
  summary text not null,
  body text not null,
  topics text not null,
  intent text not null,
  visibility text not null,
  author text not null,
  primary key (tenant_id, name)
) strict;

create index conversations_by_start_time on conversations (tenant_id, start_time, name);
create index conversations_by_create_time on conversations (tenant_id, create_time, name);
create index conversations_by_update_time on conversations (tenant_id, update_time, name);
create index conversations_by_customer on conversations (tenant_id, customer, start_time, name);
create index conversations_that_count on conversations (tenant_id, customer, start_time desc, name desc)
  where state = 'HELD' and not broadcast and visibility <> 'PRIVATE' and delete_time is null;
