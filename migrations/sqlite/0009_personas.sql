-- Personas: semi-fictional typical customers or contacts, written down.

create table personas (
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
  subject text not null,
  display_name text not null,
  headline text not null,
  story text not null,
  quote text not null,
  picture_uri text not null,
  target text not null,
  demographics_min_age integer,
  demographics_max_age integer,
  demographics_genders text not null,
  demographics_locations text not null,
  demographics_occupations text not null,
  demographics_education_levels text not null,
  behaviors text not null,
  motivations text not null,
  emotions text not null,
  goals text not null,
  frustrations text not null,
  preferred_channels text not null,
  expectations text not null,
  key_attributes text not null,
  match_filter text not null,
  statements text not null,
  review_interval integer,
  last_review_time integer,
  primary key (tenant_id, name)
) strict;

create index personas_by_display_name on personas (tenant_id, display_name, name);
create index personas_by_create_time on personas (tenant_id, create_time, name);
create index personas_by_update_time on personas (tenant_id, update_time, name);
