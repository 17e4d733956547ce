import type { PoolClient } from 'pg';
import type { DeadLetter } from '../events/dead-letter.ts';
import type { Database } from './connect.ts';

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

/** Which letters are meant; what is absent does not narrow. */
export interface LetterFilter {
  readonly environment?: string;
  /** Part of the reason. */
  readonly reason?: string;
  /** Received from then on, and before then, epoch ms. */
  readonly since?: number;
  readonly until?: number;
}

export interface StoredLetter {
  readonly id: number;
  readonly environment: string;
  readonly receivedAt: number;
  readonly reason: string;
  readonly record: unknown;
}

export interface ReasonCount {
  readonly environment: string;
  readonly reason: string;
  readonly letters: number;
  /** Epoch ms of the first and of the last that came in. */
  readonly first: number;
  readonly last: number;
}

const MATCHES = `replayed_at is null and environment = coalesce($1, environment)
  and position(coalesce($2, '') in reason) > 0 and received_at >= coalesce($3::bigint, 0)
  and received_at < coalesce($4::bigint, 9007199254740991)`;
const valuesOf = ({ environment, reason, since, until }: LetterFilter) => [
  environment ?? null,
  reason ?? null,
  since ?? null,
  until ?? null,
];

/** Letters not replayed by reason, the most frequent first. */
export async function countLetters(db: Database, filter: LetterFilter): Promise<readonly ReasonCount[]> {
  const { rows } = await db.pool.query<ReasonCount>(
    `select environment, reason, count(*) as letters, min(received_at) as first, max(received_at) as last
     from dead_letter where ${MATCHES} group by environment, reason order by count(*) desc, environment, reason`,
    valuesOf(filter),
  );
  return rows;
}

/** The next letters not replayed, by id, after the one given. */
export async function readLetters(
  db: Database,
  filter: LetterFilter,
  after: number,
  limit: number,
): Promise<readonly StoredLetter[]> {
  const { rows } = await db.pool.query<StoredLetter>(
    `select id, environment, received_at as "receivedAt", reason, record
     from dead_letter where ${MATCHES} and id > $5 order by id limit $6`,
    [...valuesOf(filter), after, limit],
  );
  return rows;
}

/** Marks letters whose records are stored now; one that is marked already keeps its mark. */
export async function markReplayed(
  db: Database,
  letters: readonly { readonly id: number; readonly as: 'stored' | 'duplicate' }[],
  now: number,
): Promise<void> {
  await db.pool.query(
    `update dead_letter set replayed_at = $3, replayed_as = given.result
     from unnest($1::bigint[], $2::text[]) as given(id, result)
     where dead_letter.id = given.id and replayed_at is null`,
    [letters.map(({ id }) => id), letters.map((letter) => letter.as), now],
  );
}
