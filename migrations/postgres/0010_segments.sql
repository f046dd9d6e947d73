-- Segments: customers by a filter or by a list; members is empty for one by filter, and a JSON list otherwise.

create table segments (
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
  description text collate "C" not null,
  filter text collate "C" not null,
  members text collate "C" not null,
  primary key (tenant_id, name)
);

create index segments_by_display_name on segments (tenant_id, display_name, name);
create index segments_by_create_time on segments (tenant_id, create_time, name);
create index segments_by_update_time on segments (tenant_id, update_time, name);
