-- When a tenant was created, if a version that notes it did that; and when it was deleted. Its row stays when all others
-- are gone, so that its name is never used again.

alter table tenants add column create_time integer;
alter table tenants add column delete_time integer;
