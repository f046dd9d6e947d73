-- Texts that lists are sorted by, as people read them: without regard to case and accents. They are made in Rust, beside
-- the field; what was stored before gets them when it is refiled (src/store/write/refile). The indexes hold them instead of
-- the fields: a filter on a field finds its few candidates by them, too.

alter table customers add column display_name_order text not null default '';
alter table contacts add column display_name_order text not null default '';
alter table colleagues add column display_name_order text not null default '';
alter table personas add column display_name_order text not null default '';
alter table segments add column display_name_order text not null default '';
alter table contacts add column family_name_order text not null default '';
alter table contacts add column given_name_order text not null default '';
alter table affiliations add column job_title_order text not null default '';
alter table affiliations add column department_order text not null default '';

drop index customers_by_display_name;
create index customers_by_display_name on customers (tenant_id, display_name_order, name);
drop index contacts_by_display_name;
create index contacts_by_display_name on contacts (tenant_id, display_name_order, name);
drop index colleagues_by_display_name;
create index colleagues_by_display_name on colleagues (tenant_id, display_name_order, name);
drop index personas_by_display_name;
create index personas_by_display_name on personas (tenant_id, display_name_order, name);
drop index segments_by_display_name;
create index segments_by_display_name on segments (tenant_id, display_name_order, name);
drop index contacts_by_family_name;
create index contacts_by_family_name on contacts (tenant_id, family_name_order, name);
drop index contacts_by_given_name;
create index contacts_by_given_name on contacts (tenant_id, given_name_order, name);
drop index affiliations_by_job_title;
create index affiliations_by_job_title on affiliations (tenant_id, job_title_order, name);
drop index affiliations_by_department;
create index affiliations_by_department on affiliations (tenant_id, department_order, name);

-- An amount is sorted by its currency, and then by how much it is.
create index customers_by_spend on customers (tenant_id, spend_currency_code, spend_units, spend_nanos, name);
