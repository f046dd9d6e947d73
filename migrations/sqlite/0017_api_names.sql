-- Fields that got other names in the API. Lists are JSON with the names of the API as keys; a quote inside a value is
-- escaped there, so a key with its quotes and its colon is found nowhere else.

alter table buying_roles rename column valid_from to start_date;
alter table buying_roles rename column valid_until to end_date;

update affiliations
  set buying_roles = replace(replace(buying_roles, '"valid_from":', '"start_date":'), '"valid_until":', '"end_date":')
  where buying_roles <> '[]';
update customers set contact_permissions = replace(contact_permissions, '"time":', '"record_time":')
  where contact_permissions <> '[]';
update contacts set contact_permissions = replace(contact_permissions, '"time":', '"record_time":')
  where contact_permissions <> '[]';
