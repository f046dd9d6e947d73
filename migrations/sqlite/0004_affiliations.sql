-- Affiliations: this contact at this customer, and the buying role claims made there.
-- A civil date is text, YYYY-MM-DD, and empty when unset. The column buying_roles holds the claims as the API answers
-- them, so that an affiliation is one row; the table buying_roles holds the same claims for joins and counts.

create table affiliations (
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
  contact text not null,
  customer text not null,
  job_title text not null,
  department text not null,
  seniority text not null,
  manager text not null,
  "primary" integer not null,
  start_date text not null,
  end_date text not null,
  buying_roles text not null,
  primary key (tenant_id, name)
) strict;

create index affiliations_by_customer on affiliations (tenant_id, customer, name);
create index affiliations_by_contact on affiliations (tenant_id, contact, name);
create index affiliations_by_manager on affiliations (tenant_id, manager, name);
create index affiliations_by_job_title on affiliations (tenant_id, job_title, name);
create index affiliations_by_department on affiliations (tenant_id, department, name);
create index affiliations_by_create_time on affiliations (tenant_id, create_time, name);
create index affiliations_by_update_time on affiliations (tenant_id, update_time, name);

create table buying_roles (
  tenant_id text not null,
  claim_id text not null,
  affiliation text not null,
  role text not null,
  scope text not null,
  evidence text not null,
  claimant text not null,
  system text not null,
  valid_from text not null,
  valid_until text not null,
  verify_time integer,
  primary key (tenant_id, affiliation, claim_id)
) strict;
