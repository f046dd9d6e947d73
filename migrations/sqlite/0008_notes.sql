-- Notes: something written down, about customers, contacts or affiliations.

create table notes (
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
  subjects text not null,
  body text not null,
  highlighted integer not null,
  written_time integer not null,
  author text not null,
  attachments text not null,
  visibility text not null,
  primary key (tenant_id, name)
) strict;

create index notes_by_written_time on notes (tenant_id, written_time, name);
create index notes_by_create_time on notes (tenant_id, create_time, name);
create index notes_by_update_time on notes (tenant_id, update_time, name);
