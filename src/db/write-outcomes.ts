import type { PoolClient } from 'pg';
import { dayText, eventDay } from '../events/event-day.ts';
import { payloadHash } from '../events/payload-hash.ts';
import type { AppendOutcome, OutcomeRecord } from '../events/records.ts';
import { type Columns, stage } from './columns.ts';
import type { OutcomeNames } from './outcome-names.ts';

interface Row {
  readonly record: OutcomeRecord;
  readonly day: string;
  readonly payload: string;
  readonly receivedAt: number;
  readonly names: OutcomeNames;
}

const array = (values: readonly number[]) => `{${values.join(',')}}`;

const OUTCOME: Columns<Row> = {
  table: 'outcome',
  columns: [
    { name: 'environment', type: 'text', text: (r) => r.record.environment },
    { name: 'id', type: 'uuid', text: (r) => r.record.id },
    { name: 'day', type: 'date', text: (r) => r.day },
    { name: 'unit', type: 'text', text: (r) => r.record.unit },
    { name: 'at', type: 'bigint', text: (r) => String(r.record.at) },
    { name: 'received_at', type: 'bigint', text: (r) => String(r.receivedAt) },
    { name: 'request_id', type: 'uuid', text: (r) => r.record.requestId ?? null },
    { name: 'surface', type: 'text', text: (r) => r.record.surface ?? null },
    {
      name: 'name_id',
      type: 'smallint[]',
      text: (r) => array(r.record.items.map((i) => r.names.id(i.name))),
    },
    { name: 'value', type: 'bigint[]', text: (r) => array(r.record.items.map((i) => i.value)) },
    { name: 'title', type: 'integer[]', text: (r) => array(r.record.items.map((i) => i.title)) },
    { name: 'after_ms', type: 'integer[]', text: (r) => array(r.record.items.map((i) => i.afterMs)) },
    { name: 'payload', type: 'bigint', text: (r) => r.payload },
  ],
};
interface Inserted {
  readonly environment: string;
  readonly id: string;
  readonly day: string;
  readonly unit: string;
  readonly late: boolean;
}

/** Older than a cut-off that an analysis of the environment has read up to. */
const LATE = `coalesce(at < (select max(cutoff) from unit_day_set as read where read.environment = outcome.environment), false)`;
const NAMES = OUTCOME.columns.map((column) => column.name).join(', ');

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
  const first = new Map<string, Row>();
  const rows = outcomes.map((record, i): { key: string; row: Row } => {
    const day = dayText(eventDay(record.id, record.at));
    const key = `${record.environment}\n${record.id.toLowerCase()}\n${day}`;
    const payload = payloadHash(record).toString();
    const row = { record, day, payload, receivedAt: receivedAt[i] as number, names };
    if (!first.has(key)) first.set(key, row);
    return { key, row };
  });
  const unique = [...first.values()];
  const { source, values } = await stage(client, OUTCOME, unique);
  const inserted = await client.query<Inserted>(
    // In id order, so that two writers with the same ids wait for each other instead of deadlocking.
    `insert into outcome (${NAMES}) select ${NAMES} from ${source} order by id on conflict do nothing
     returning environment, id, day, unit, ${LATE} as late`,
    [...values],
  );
  const stored = new Set(inserted.rows.map((row) => `${row.environment}\n${row.id}\n${row.day}`));
  await markDirty(
    client,
    inserted.rows.filter((row) => row.late),
  );
  const earlier =
    stored.size === unique.length ? new Map<string, string>() : await payloads(client, [...first], stored);
  return rows.map(({ key, row }) => {
    if (stored.has(key)) {
      if (first.get(key) === row) return 'stored';
      return first.get(key)?.payload === row.payload ? 'duplicate' : 'conflict';
    }
    return earlier.get(key) === row.payload ? 'duplicate' : 'conflict';
  });
}

/** Payload hashes of the rows that were there before. */
async function payloads(
  client: PoolClient,
  rows: readonly (readonly [string, Row])[],
  stored: ReadonlySet<string>,
): Promise<Map<string, string>> {
  const asked = rows.filter(([key]) => !stored.has(key)).map(([, row]) => row);
  const { rows: found } = await client.query<{
    environment: string;
    id: string;
    day: string;
    payload: string;
  }>(
    `select environment, id, day, payload::text from outcome
     join unnest($1::text[], $2::uuid[], $3::date[]) as asked(environment, id, day) using (environment, id, day)`,
    [asked.map((r) => r.record.environment), asked.map((r) => r.record.id), asked.map((r) => r.day)],
  );
  return new Map(found.map((row) => [`${row.environment}\n${row.id}\n${row.day}`, row.payload]));
}

/** Their unit-days have been read by an analysis already and must be rebuilt. */
async function markDirty(client: PoolClient, late: readonly Inserted[]): Promise<void> {
  if (late.length === 0) return;
  await client.query(
    `insert into dirty_unit_day (environment, unit, day)
     select distinct environment, unit, day from unnest($1::text[], $2::text[], $3::date[]) as late(environment, unit, day)
     order by 1, 2, 3 on conflict do nothing`,
    [late.map((row) => row.environment), late.map((row) => row.unit), late.map((row) => row.day)],
  );
}
