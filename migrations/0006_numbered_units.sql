-- Rows of the roll-up name their unit by a number and their experiment by its set: integers are quicker to group, join
-- and sort than text, and take less room. Rows of one set lie together, which a block range index needs little for.

-- Unlike sum(bigint) it stays bigint, an error beyond it: a sum of numeric keeps a state in memory for every group.
create aggregate total (bigint) (sfunc = int8pl, stype = bigint, initcond = '0', combinefunc = int8pl, parallel = safe);

alter table unit_day_set add column id integer generated always as identity unique;

alter table enrolled add column number integer;
update enrolled set number = numbered.number
from (
  select environment, experiment, iteration, unit,
    row_number() over (partition by environment, experiment, iteration order by unit) as number
  from enrolled
) as numbered
where (enrolled.environment, enrolled.experiment, enrolled.iteration, enrolled.unit)
  = (numbered.environment, numbered.experiment, numbered.iteration, numbered.unit);
alter table enrolled alter column number set not null;
-- As with unit_day: rows come from a query that makes them unique, and are read an experiment at a time.
alter table enrolled drop constraint enrolled_pkey;
create index on enrolled (environment, experiment, iteration);
comment on column enrolled.number is 'of the unit within the experiment, from 1, new with every rebuild';

create table active_day (
  set_id         integer  not null,
  number         integer  not null,
  day            integer  not null,
  experiment_day integer  not null,
  measures       bigint[] not null
);
comment on column active_day.day is
  '24 h blocks since the opening of the unit, from 0; before it negative: the first day of a stretch between window ends';
comment on column active_day.experiment_day is
  '24 h blocks since the start of the experiment, from 0; a unit''s day spans at most two; -1 before the opening';
insert into active_day
  select id, number, day, experiment_day, unit_day.measures
  from unit_day join unit_day_set using (environment, experiment, iteration)
    join enrolled using (environment, experiment, iteration, unit);
create index on active_day using brin (set_id);

drop table unit_day;
create view unit_day as
  select environment, experiment, iteration, unit, day, experiment_day, active_day.measures
  from unit_day_set join active_day on set_id = id join enrolled using (environment, experiment, iteration, number);
comment on view unit_day is 'active_day with names instead of numbers';
