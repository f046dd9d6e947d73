-- What filters need: beside each record its folded texts, which `:` searches (store/folded.rs). A record that was stored
-- before has {} and is folded when the store is next opened.

alter table customers add column folded text not null default '{}';
alter table contacts add column folded text not null default '{}';
alter table affiliations add column folded text not null default '{}';
alter table colleagues add column folded text not null default '{}';
alter table conversations add column folded text not null default '{}';
alter table promises add column folded text not null default '{}';
alter table notes add column folded text not null default '{}';
alter table personas add column folded text not null default '{}';
alter table segments add column folded text not null default '{}';
