import type { PoolClient } from 'pg';
import type { DeadLetter } from '../events/dead-letter.ts';

/** Writes letters that are not there yet: the same record, received in the same millisecond, put aside for the same reason. */
export async function writeDeadLetters(client: PoolClient, letters: readonly DeadLetter[]): Promise<void> {
  if (letters.length === 0) return;
  await client.query(
    `insert into dead_letter (environment, received_at, reason, record)
     select distinct environment, received_at, reason, record
     from unnest($1::text[], $2::bigint[], $3::text[], $4::jsonb[]) as given(environment, received_at, reason, record)
     where not exists (
       select from dead_letter kept where kept.environment = given.environment and kept.received_at = given.received_at
         and kept.reason = given.reason and kept.record = given.record)`,
    [
      letters.map(({ environment }) => environment),
      letters.map(({ receivedAt }) => receivedAt),
      letters.map(({ reason }) => reason),
      letters.map(({ text }) => text),
    ],
  );
}
