-- Fields that got other names in the API. A contact prefers several channels. Paths in lists of paths are followed by a
-- quote or by a dot.

alter table conversations rename column our_people to colleagues;
alter table notes rename column subjects to records;
alter table personas rename column subject to record_kind;
alter table promises rename column done_time to complete_time;

drop index notes_by_written_time;
alter table notes rename column written_time to write_time;
create index notes_by_write_time on notes (tenant_id, write_time, name);

drop index customers_by_spend;
alter table customers rename column spend_currency_code to annual_spend_currency_code;
alter table customers rename column spend_units to annual_spend_units;
alter table customers rename column spend_nanos to annual_spend_nanos;
create index customers_by_annual_spend
  on customers (tenant_id, annual_spend_currency_code, annual_spend_units, annual_spend_nanos, name);

alter table contacts rename column preferred_channel to preferred_channels;
update contacts set preferred_channels =
  case preferred_channels when 'CHANNEL_UNSPECIFIED' then '[]' else '["' || preferred_channels || '"]' end;

update customers set locked_paths = replace(replace(locked_paths, '"spend"', '"annual_spend"'), '"spend.', '"annual_spend.')
  where locked_paths <> '[]';
update contacts set locked_paths = replace(locked_paths, '"preferred_channel"', '"preferred_channels"')
  where locked_paths <> '[]';
update changes set changed_paths = replace(replace(changed_paths, '"spend"', '"annual_spend"'), '"spend.', '"annual_spend.')
  where kind = 'customers' and changed_paths <> '[]';
update changes set changed_paths = replace(changed_paths, '"preferred_channel"', '"preferred_channels"')
  where kind = 'contacts' and changed_paths <> '[]';
update changes set changed_paths = replace(changed_paths, '"our_people"', '"colleagues"')
  where kind = 'conversations' and changed_paths <> '[]';
update changes set changed_paths = replace(changed_paths, '"done_time"', '"complete_time"')
  where kind = 'promises' and changed_paths <> '[]';
update changes set changed_paths = replace(replace(changed_paths, '"subjects"', '"records"'), '"written_time"', '"write_time"')
  where kind = 'notes' and changed_paths <> '[]';
update changes set changed_paths = replace(changed_paths, '"subject"', '"record_kind"')
  where kind = 'personas' and changed_paths <> '[]';
