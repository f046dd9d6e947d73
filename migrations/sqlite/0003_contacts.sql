-- Contacts: people, wherever they work.

create table contacts (
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
  given_name text not null,
  family_name text not null,
  gender text not null,
  birth_year integer,
  occupation text not null,
  education_level text not null,
  emails text not null,
  phone_numbers text not null,
  addresses text not null,
  uris text not null,
  preferred_channel text not null,
  language_code text not null,
  time_zone text not null,
  about text not null,
  likes text not null,
  dislikes text not null,
  contact_permissions text not null,
  locked_paths text not null,
  primary key (tenant_id, name)
) strict;

create index contacts_by_display_name on contacts (tenant_id, display_name, name);
create index contacts_by_family_name on contacts (tenant_id, family_name, name);
create index contacts_by_given_name on contacts (tenant_id, given_name, name);
create index contacts_by_create_time on contacts (tenant_id, create_time, name);
create index contacts_by_update_time on contacts (tenant_id, update_time, name);
