-- A decision about a running experiment may be made while the database is away: its id tells whether it has come in since.

alter table experiment_state
  add column id uuid not null default gen_random_uuid() unique,
  add column decided_by text not null default '';
comment on column experiment_state.id is 'of the decision: taken in once, however often it is handed on';
comment on column experiment_state.decided_by is 'who decided, as they said';
