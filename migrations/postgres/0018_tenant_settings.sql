-- The region in which a phone number without plus is looked for; empty: none.
alter table tenants add column region_code text collate "C" not null default '';
