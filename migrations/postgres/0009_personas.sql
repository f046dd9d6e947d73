-- Personas: semi-fictional typical customers or contacts, written down.

create table personas (
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
  subject text collate "C" not null,
  display_name text collate "C" not null,
  headline text collate "C" not null,
  story text collate "C" not null,
  quote text collate "C" not null,
  picture_uri text collate "C" not null,
  target text collate "C" not null,
  demographics_min_age bigint,
  demographics_max_age bigint,
  demographics_genders text collate "C" not null,
  demographics_locations text collate "C" not null,
  demographics_occupations text collate "C" not null,
  demographics_education_levels text collate "C" not null,
  behaviors text collate "C" not null,
  motivations text collate "C" not null,
  emotions text collate "C" not null,
  goals text collate "C" not null,
  frustrations text collate "C" not null,
  preferred_channels text collate "C" not null,
  expectations text collate "C" not null,
  key_attributes text collate "C" not null,
  match_filter text collate "C" not null,
  statements text collate "C" not null,
  review_interval bigint,
  last_review_time bigint,
  primary key (tenant_id, name)
);

create index personas_by_display_name on personas (tenant_id, display_name, name);
create index personas_by_create_time on personas (tenant_id, create_time, name);
create index personas_by_update_time on personas (tenant_id, update_time, name);
