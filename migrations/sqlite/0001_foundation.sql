-- What every resource needs: tenants and their revision, the side table of keys, request ids, changes and history.
-- Times are microseconds since 1970 UTC. Text compares bytewise (BINARY is the default collation).

create table tenants (
  id text not null primary key,
  revision integer not null default 0
) strict;

insert into tenants (id) values ('default');

create table secrets (
  name text not null primary key,
  value blob not null
) strict;

create table keys (
  tenant_id text not null,
  kind text not null,
  field text not null,
  key text not null,
  value text not null,
  name text not null,
  primary key (tenant_id, kind, field, key, value, name)
) strict, without rowid;

create unique index keys_external_id on keys (tenant_id, kind, key, value) where field = 'external_ids';
create index keys_of_record on keys (tenant_id, name);

create table requests (
  tenant_id text not null,
  principal text not null,
  method text not null,
  request_id text not null,
  hash text not null,
  outcome text not null,
  revision integer not null,
  create_time integer not null,
  primary key (tenant_id, principal, method, request_id)
) strict;

create index requests_by_time on requests (tenant_id, create_time);

create table changes (
  tenant_id text not null,
  revision integer not null,
  position integer not null,
  kind text not null,
  name text not null,
  action text not null,
  changed_paths text not null,
  customers text not null,
  actor text not null,
  origin text not null,
  request_id text not null,
  commit_time integer not null,
  derived integer not null,
  primary key (tenant_id, revision, position)
) strict;

create table history (
  tenant_id text not null,
  name text not null,
  revision integer not null,
  body blob not null,
  primary key (tenant_id, name, revision)
) strict;
