-- Colleagues: our own people. A principal, where there is one, belongs to one colleague.

create table colleagues (
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
  display_name text not null,
  emails text not null,
  principal text not null,
  active integer not null,
  primary key (tenant_id, name)
) strict;

create index colleagues_by_display_name on colleagues (tenant_id, display_name, name);
create index colleagues_by_create_time on colleagues (tenant_id, create_time, name);
create index colleagues_by_update_time on colleagues (tenant_id, update_time, name);
create unique index colleagues_principal on colleagues (tenant_id, principal) where principal <> '';
