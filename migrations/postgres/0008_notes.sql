-- Notes: something written down, about customers, contacts or affiliations.

create table notes (
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
  subjects text collate "C" not null,
  body text collate "C" not null,
  highlighted boolean not null,
  written_time bigint not null,
  author text collate "C" not null,
  attachments text collate "C" not null,
  visibility text collate "C" not null,
  primary key (tenant_id, name)
);

create index notes_by_written_time on notes (tenant_id, written_time, name);
create index notes_by_create_time on notes (tenant_id, create_time, name);
create index notes_by_update_time on notes (tenant_id, update_time, name);
