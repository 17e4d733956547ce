-- When a client says its batch left it, and what became of a dead letter that was replayed.

alter table outcome add column sent_at bigint;
comment on column outcome.sent_at is
  'when the batch left the client by its own clock, epoch ms; null where it did not say so. No window counts from it';

alter table dead_letter add column replayed_at bigint;
alter table dead_letter add column replayed_as text;
comment on column dead_letter.replayed_at is 'when its record was stored after all, epoch ms; null where it was not';
comment on column dead_letter.replayed_as is 'stored, or duplicate where the client had sent it again meanwhile';
