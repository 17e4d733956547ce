-- What analysis reads and writes.

create table enrolled (
  environment text    not null,
  experiment  text    not null,
  iteration   integer not null,
  unit        text    not null,
  variant     text    not null,
  opening     bigint  not null,
  phase       integer not null,
  attributes  jsonb   not null,
  primary key (environment, experiment, iteration, unit)
);
comment on table enrolled is 'the analysed units of the last rebuild';
comment on column enrolled.opening is 'start of the session that holds the first exposure: day 0 begins here';

create table unit_day (
  environment    text     not null,
  experiment     text     not null,
  iteration      integer  not null,
  unit           text     not null,
  day            integer  not null,
  experiment_day integer  not null,
  measures       bigint[] not null,
  primary key (environment, experiment, iteration, unit, day, experiment_day)
);
comment on column unit_day.day is '24 h blocks since the opening of the unit, from 0';
comment on column unit_day.experiment_day is '24 h blocks since the start of the experiment, from 0; a unit''s day spans at most two';

create table unit_day_set (
  environment text    not null,
  experiment  text    not null,
  iteration   integer not null,
  measures    jsonb   not null,
  hash        text    not null,
  cutoff      bigint  not null,
  primary key (environment, experiment, iteration)
);
comment on table unit_day_set is 'which measures unit_day holds, in which order, and up to when';

create table dirty_unit_day (
  environment text not null,
  unit        text not null,
  day         date not null,
  primary key (environment, unit, day)
);
comment on table dirty_unit_day is 'units with outcomes that arrived late, by UTC day of the outcome';

create table report (
  environment text    not null,
  experiment  text    not null,
  iteration   integer not null,
  version     integer not null,
  cutoff      bigint  not null,
  report      jsonb   not null,
  primary key (environment, experiment, iteration, version)
);

create table experiment_state (
  version     bigint generated always as identity primary key,
  environment text    not null,
  experiment  text    not null,
  iteration   integer not null,
  at          bigint  not null,
  phase       integer,
  stopped     boolean,
  killed      boolean,
  reason      text    not null
);
comment on table experiment_state is 'append-only: the newest non-null value of each column is in force';
create index on experiment_state (environment, experiment, iteration, version);
