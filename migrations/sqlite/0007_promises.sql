-- Promises: what one side owes the other. The sort column of the due time is never NULL: a promise without one comes last.

create table promises (
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
  conversation text not null,
  text text not null,
  side text not null,
  owner text not null,
  due_time integer not null,
  done_time integer,
  primary key (tenant_id, name)
) strict;

create index promises_by_due_time on promises (tenant_id, due_time, name);
create index promises_by_create_time on promises (tenant_id, create_time, name);
create index promises_by_update_time on promises (tenant_id, update_time, name);
create index promises_by_customer on promises (tenant_id, customer, name);
create index promises_by_conversation on promises (tenant_id, conversation, name);
create index promises_by_owner on promises (tenant_id, owner, name);
