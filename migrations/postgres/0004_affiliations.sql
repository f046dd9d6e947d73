-- Affiliations: this contact at this customer, and the buying role claims made there.
-- A civil date is text, YYYY-MM-DD, and empty when unset. The column buying_roles holds the claims as the API answers
-- them, so that an affiliation is one row; the table buying_roles holds the same claims for joins and counts.

create table affiliations (
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
  contact text collate "C" not null,
  customer text collate "C" not null,
  job_title text collate "C" not null,
  department text collate "C" not null,
  seniority text collate "C" not null,
  manager text collate "C" not null,
  "primary" boolean not null,
  start_date text collate "C" not null,
  end_date text collate "C" not null,
  buying_roles text collate "C" not null,
  primary key (tenant_id, name)
);

create index affiliations_by_customer on affiliations (tenant_id, customer, name);
create index affiliations_by_contact on affiliations (tenant_id, contact, name);
create index affiliations_by_manager on affiliations (tenant_id, manager, name);
create index affiliations_by_job_title on affiliations (tenant_id, job_title, name);
create index affiliations_by_department on affiliations (tenant_id, department, name);
create index affiliations_by_create_time on affiliations (tenant_id, create_time, name);
create index affiliations_by_update_time on affiliations (tenant_id, update_time, name);

create table buying_roles (
  tenant_id text collate "C" not null,
  claim_id text collate "C" not null,
  affiliation text collate "C" not null,
  role text collate "C" not null,
  scope text collate "C" not null,
  evidence text collate "C" not null,
  claimant text collate "C" not null,
  system text collate "C" not null,
  valid_from text collate "C" not null,
  valid_until text collate "C" not null,
  verify_time bigint,
  primary key (tenant_id, affiliation, claim_id)
);
