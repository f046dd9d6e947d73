-- How records are filed (src/store/write/refile): the version that all of them have, and how far a refiling has come.
-- Version 0 is the filing of every release before this one.

create table filing (version integer not null) strict;

insert into filing (version) values (0);

create table filing_progress (
  tenant_id text not null,
  kind text not null,
  version integer not null,
  after text not null,
  primary key (tenant_id, kind)
) strict;

delete from secrets where name = 'words.1';
