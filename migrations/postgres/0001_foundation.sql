-- What every resource needs: tenants and their revision, the side table of keys, request ids, changes and history.
-- Times are microseconds since 1970 UTC. Text is collate "C", which compares
-- bytewise, as SQLite does: order and equality must not depend on the locale of a server.

create table tenants (
  id text collate "C" not null primary key,
  revision bigint not null default 0
);

insert into tenants (id) values ('default');

create table secrets (
  name text collate "C" not null primary key,
  value bytea not null
);

create table keys (
  tenant_id text collate "C" not null,
  kind text collate "C" not null,
  field text collate "C" not null,
  key text collate "C" not null,
  value text collate "C" not null,
  name text collate "C" not null,
  primary key (tenant_id, kind, field, key, value, name)
);

create unique index keys_external_id on keys (tenant_id, kind, key, value) where field = 'external_ids';
create index keys_of_record on keys (tenant_id, name);

create table requests (
  tenant_id text collate "C" not null,
  principal text collate "C" not null,
  method text collate "C" not null,
  request_id text collate "C" not null,
  hash text collate "C" not null,
  outcome text collate "C" not null,
  revision bigint not null,
  create_time bigint not null,
  primary key (tenant_id, principal, method, request_id)
);

create index requests_by_time on requests (tenant_id, create_time);

create table changes (
  tenant_id text collate "C" not null,
  revision bigint not null,
  position bigint not null,
  kind text collate "C" not null,
  name text collate "C" not null,
  action text collate "C" not null,
  changed_paths text collate "C" not null,
  customers text collate "C" not null,
  actor text collate "C" not null,
  origin text collate "C" not null,
  request_id text collate "C" not null,
  commit_time bigint not null,
  derived boolean not null,
  primary key (tenant_id, revision, position)
);

create table history (
  tenant_id text collate "C" not null,
  name text collate "C" not null,
  revision bigint not null,
  body bytea not null,
  primary key (tenant_id, name, revision)
);
