-- The region in which a phone number without plus is looked for; empty: none.
alter table tenants add column region_code text not null default '';
