import type { PoolClient } from 'pg';
import { dayText } from '../events/event-day.ts';
import type { AppendOutcome, OutcomeRecord } from '../events/records.ts';
import { stage } from './columns.ts';
import { OUTCOME, OUTCOME_NAMES, type OutcomeRow, outcomeRow } from './outcome-columns.ts';
import type { OutcomeNames } from './outcome-names.ts';

/** What a stored outcome is known by; `day` as YYYY-MM-DD. */
interface Key {
  readonly environment: string;
  readonly id: string;
  readonly day: string;
}
const KEY = 'environment, id, day';

/**
 * Writes outcomes not yet stored and says of each what became of it. Inside a transaction; `names` must know every name.
 *
 * @param receivedAt epoch ms, one per record
 */
export async function writeOutcomes(
  client: PoolClient,
  outcomes: readonly OutcomeRecord[],
  receivedAt: readonly number[],
  names: OutcomeNames,
): Promise<AppendOutcome[]> {
  if (outcomes.length === 0) return [];
  const first = new Map<string, OutcomeRow>();
  const rows = outcomes.map((record, i): { key: string; row: OutcomeRow } => {
    const row = outcomeRow(record, receivedAt[i] as number, names);
    const key = keyText({
      environment: record.environment,
      id: record.id.toLowerCase(),
      day: dayText(row.day),
    });
    if (!first.has(key)) first.set(key, row);
    return { key, row };
  });
  const unique = [...first.values()];
  const { source, values } = await stage(client, OUTCOME, unique);
  // In id order, so that two writers with the same ids wait for each other instead of deadlocking.
  const { rows: refused } = await client.query<Key>(
    `with given as (select ${OUTCOME_NAMES} from ${source}), stored as (
       insert into outcome (${OUTCOME_NAMES}) select ${OUTCOME_NAMES} from given order by id on conflict do nothing returning ${KEY}
     ) select ${KEY} from given except select ${KEY} from stored`,
    [...values],
  );
  const earlier = await payloads(client, refused);
  return rows.map(({ key, row }) => {
    const kept = earlier.get(key);
    if (kept === undefined && first.get(key) === row) return 'stored';
    return (kept ?? first.get(key)?.payload) === row.payload ? 'duplicate' : 'conflict';
  });
}

/** Payload hashes of rows that were there before, by key. */
async function payloads(client: PoolClient, keys: readonly Key[]): Promise<Map<string, bigint>> {
  if (keys.length === 0) return new Map();
  const { rows } = await client.query<Key & { payload: string }>(
    `select ${KEY}, payload::text from outcome
     join unnest($1::text[], $2::uuid[], $3::date[]) as asked(${KEY}) using (${KEY})`,
    [keys.map((key) => key.environment), keys.map((key) => key.id), keys.map((key) => key.day)],
  );
  return new Map(rows.map((row) => [keyText(row), BigInt(row.payload)]));
}

function keyText({ environment, id, day }: Key): string {
  return `${environment}\n${id}\n${day}`;
}
