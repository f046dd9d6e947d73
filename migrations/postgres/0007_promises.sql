-- Promises: what one side owes the other. The sort column of the due time is never NULL: a promise without one comes last.

create table promises (
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
  conversation text collate "C" not null,
  text text collate "C" not null,
  side text collate "C" not null,
  owner text collate "C" not null,
  due_time bigint not null,
  done_time bigint,
  primary key (tenant_id, name)
);

create index promises_by_due_time on promises (tenant_id, due_time, name);
create index promises_by_create_time on promises (tenant_id, create_time, name);
create index promises_by_update_time on promises (tenant_id, update_time, name);
create index promises_by_customer on promises (tenant_id, customer, name);
create index promises_by_conversation on promises (tenant_id, conversation, name);
create index promises_by_owner on promises (tenant_id, owner, name);
