-- What happened. Times are epoch milliseconds as the caller gave them; days are UTC and derive from the record's id or
-- its own time, never from when it arrived, so that a retry meets its first copy under the same key.

create table request (
  environment   text     not null,
  id            uuid     not null,
  day           date     not null,
  unit          text     not null,
  at            bigint   not null,
  surface       text     not null,
  device        text     not null,
  country       text     not null,
  pipeline      text     not null,
  configuration text     not null,
  models        text     not null,
  error         boolean  not null,
  fallback      smallint not null,
  total_micros  integer  not null,
  slots         smallint not null,
  simpson_micro integer  not null,
  long_tail     smallint not null,
  slate         bytea    not null,
  primary key (environment, id, day)
) partition by range (day);
comment on column request.fallback is 'row in FALLBACKS (src/events/records.ts), 0 for none';
comment on column request.slate is 'slate and stage timings, packed (src/events/pack.ts)';

create table outcome_name (
  id   smallint generated always as identity primary key,
  name text not null unique
);

create table outcome (
  environment text       not null,
  id          uuid       not null,
  day         date       not null,
  unit        text       not null,
  at          bigint     not null,
  received_at bigint     not null,
  request_id  uuid,
  surface     text,
  name_id     smallint[] not null,
  value       bigint[]   not null,
  title       integer[]  not null,
  after_ms    integer[]  not null,
  payload     bigint     not null,
  primary key (environment, id, day)
) partition by range (day);
comment on column outcome.payload is 'hash of everything the client sent: the same id with another hash is a conflict';

create table exposure (
  environment   text    not null,
  experiment    text    not null,
  iteration     integer not null,
  unit          text    not null,
  variant       text    not null,
  at            bigint  not null,
  request_id    uuid,
  phase         integer not null,
  forced        boolean not null,
  crossed       boolean not null,
  attributes    jsonb   not null,
  configuration text    not null,
  primary key (environment, experiment, iteration, unit)
);
comment on table exposure is 'the first time a unit met an experiment: the earliest wins, whatever the order of arrival';
comment on column exposure.crossed is 'the unit was also seen with another variant';

create table dead_letter (
  id          bigint generated always as identity primary key,
  environment text   not null,
  received_at bigint not null,
  reason      text   not null,
  record      jsonb  not null
);
create index on dead_letter (environment, received_at);
