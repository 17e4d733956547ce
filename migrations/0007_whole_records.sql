-- A record that has no name twice, and all of it on one day of its unit, is read as it lies: its names are looked up in
-- its array, and no item is taken out.

alter table outcome add column whole_ms integer;
comment on column outcome.whole_ms is
  'after_ms of the last item where no name is there twice; null where one is, and in rows older than this column';

-- Every roll-up makes a table of its own, unit_day_<id of the set>, with a column per measure: it is written by
-- workers, and dropping it takes no time. Unlogged: what a crash empties is rolled up anew.

drop view unit_day;
drop table active_day;
delete from unit_day_set;
alter table unit_day_set add column unit_days bigint not null;
comment on column unit_day_set.unit_days is 'rows of the table of the set, which has fewer only after a crash';
