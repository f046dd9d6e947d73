-- Segments: customers by a filter or by a list; members is empty for one by filter, and a JSON list otherwise.

create table segments (
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
  description text not null,
  filter text not null,
  members text not null,
  primary key (tenant_id, name)
) strict;

create index segments_by_display_name on segments (tenant_id, display_name, name);
create index segments_by_create_time on segments (tenant_id, create_time, name);
create index segments_by_update_time on segments (tenant_id, update_time, name);
