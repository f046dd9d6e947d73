-- What LookUp finds customers and contacts by (src/look_up). words holds, for each live record, the words of its names,
-- their pairs and those with its town; the size is that of the shortest name that holds them. word_keys holds the
-- spellings of each word that is in use: the word itself, and the word with each of its letters left out.
-- Rows that were there before are filed at the next start (src/store/word_fill.rs), because folding happens in Rust.

create table words (
  tenant_id text collate "C" not null,
  word text collate "C" not null,
  size bigint not null,
  name text collate "C" not null,
  primary key (tenant_id, word, size, name)
);

create table word_keys (
  tenant_id text collate "C" not null,
  key text collate "C" not null,
  word text collate "C" not null,
  primary key (tenant_id, key, word)
);

create index keys_by_external_id on keys (tenant_id, value, kind) where field = 'external_ids';
