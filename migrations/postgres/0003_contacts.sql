-- Contacts: people, wherever they work.

create table contacts (
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
  given_name text collate "C" not null,
  family_name text collate "C" not null,
  gender text collate "C" not null,
  birth_year bigint,
  occupation text collate "C" not null,
  education_level text collate "C" not null,
  emails text collate "C" not null,
  phone_numbers text collate "C" not null,
  addresses text collate "C" not null,
  uris text collate "C" not null,
  preferred_channel text collate "C" not null,
  language_code text collate "C" not null,
  time_zone text collate "C" not null,
  about text collate "C" not null,
  likes text collate "C" not null,
  dislikes text collate "C" not null,
  contact_permissions text collate "C" not null,
  locked_paths text collate "C" not null,
  primary key (tenant_id, name)
);

create index contacts_by_display_name on contacts (tenant_id, display_name, name);
create index contacts_by_family_name on contacts (tenant_id, family_name, name);
create index contacts_by_given_name on contacts (tenant_id, given_name, name);
create index contacts_by_create_time on contacts (tenant_id, create_time, name);
create index contacts_by_update_time on contacts (tenant_id, update_time, name);
