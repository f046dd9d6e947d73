-- Who may call, and for which tenant. A key is looked for before the tenant of a call is known, so its id is unique
-- everywhere, as that of a tenant is. Of a secret only the SHA-256 is kept.

create table api_keys (
  key_id text collate "C" not null primary key,
  tenant_id text collate "C" not null,
  hash bytea not null,
  display_name text collate "C" not null,
  scopes bigint not null,
  colleague text collate "C" not null,
  creator text collate "C" not null,
  create_time bigint not null,
  expire_time bigint not null,
  last_use_time bigint,
  revoke_time bigint
);

create index api_keys_by_time on api_keys (tenant_id, create_time, key_id);
create index api_keys_by_colleague on api_keys (tenant_id, colleague);
