-- Who may call, and for which tenant. A key is looked for before the tenant of a call is known, so its id is unique
-- everywhere, as that of a tenant is. Of a secret only the SHA-256 is kept.

create table api_keys (
  key_id text not null primary key,
  tenant_id text not null,
  hash blob not null,
  display_name text not null,
  scopes integer not null,
  colleague text not null,
  creator text not null,
  create_time integer not null,
  expire_time integer not null,
  last_use_time integer,
  revoke_time integer
) strict;

create index api_keys_by_time on api_keys (tenant_id, create_time, key_id);
create index api_keys_by_colleague on api_keys (tenant_id, colleague);
