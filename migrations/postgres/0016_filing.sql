-- How records are filed (src/store/write/refile): the version that all of them have, and how far a refiling has come.
-- Version 0 is the filing of every release before this one.

create table filing (version bigint not null);

insert into filing (version) values (0);

create table filing_progress (
  tenant_id text collate "C" not null,
  kind text collate "C" not null,
  version bigint not null,
  after text collate "C" not null,
  primary key (tenant_id, kind)
);

delete from secrets where name = 'words.1';
