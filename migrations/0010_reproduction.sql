-- A simulated test that is written in pieces: what is done, and what it came to.

create table reproduction (
  environment text  primary key,
  plan        jsonb not null,
  document    jsonb
);
comment on column reproduction.plan is 'what its rows depend on: a run with another one cannot go on with them';
comment on column reproduction.document is 'null until the run has ended';

create table reproduction_chunk (
  environment text    not null,
  chunk       integer not null,
  figures     jsonb   not null,
  primary key (environment, chunk)
);
comment on table reproduction_chunk is 'committed with the rows of the chunk: there if and only if all of them are';
