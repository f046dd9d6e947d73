-- Conversations: real exchanges, held, planned, cancelled or unanswered.
-- The partial index is the order in which the last conversation of a customer is looked for; its condition is the
-- definition of what counts and is repeated in store/last_conversation.rs.

create table conversations (
  tenant_id text collate "C" not null,
  name text collate "C" not null,
  etag text collate "C" not null,
  create_time bigint not null,
  update_time bigint not null,
  delete_time bigint,
  labels text collate "C" not null,
  tags text collate "C" not null,
  attributes text collate "C" not null,
  external_ids text collate "C" not null,
  deleted_with text collate "C" not null,
  customer text collate "C" not null,
  contacts text collate "C" not null,
  our_people text collate "C" not null,
  channel text collate "C" not null,
  direction text collate "C" not null,
  state text collate "C" not null,
  broadcast boolean not null,
  start_time bigint not null,
  duration bigint,
  subject text collate "C" not null,
  summary text collate "C" not null,
  body text collate "C" not null,
  topics text collate "C" not null,
  intent text collate "C" not null,
  visibility text collate "C" not null,
  author text collate "C" not null,
  primary key (tenant_id, name)
);

create index conversations_by_start_time on conversations (tenant_id, start_time, name);
create index conversations_by_create_time on conversations (tenant_id, create_time, name);
create index conversations_by_update_time on conversations (tenant_id, update_time, name);
create index conversations_by_customer on conversations (tenant_id, customer, start_time, name);
create index conversations_that_count on conversations (tenant_id, customer, start_time desc, name desc)
  where state = 'HELD' and not broadcast and visibility <> 'PRIVATE' and delete_time is null;
