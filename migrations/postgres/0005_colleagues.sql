-- Colleagues: our own people. A principal, where there is one, belongs to one colleague.

create table colleagues (
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
  display_name text collate "C" not null,
  emails text collate "C" not null,
  principal text collate "C" not null,
  active boolean not null,
  primary key (tenant_id, name)
);

create index colleagues_by_display_name on colleagues (tenant_id, display_name, name);
create index colleagues_by_create_time on colleagues (tenant_id, create_time, name);
create index colleagues_by_update_time on colleagues (tenant_id, update_time, name);
create unique index colleagues_principal on colleagues (tenant_id, principal) where principal <> '';
