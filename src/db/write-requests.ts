import type { PoolClient } from 'pg';
import { eventDay } from '../events/event-day.ts';
import { pack } from '../events/pack.ts';
import { FALLBACKS, type RequestRecord } from '../events/records.ts';
import { BIGINT, BOOLEAN, BYTEA, DATE, INTEGER, SMALLINT, TEXT, UUID } from './column-types.ts';
import { type Columns, column, stage } from './columns.ts';

const REQUEST: Columns<RequestRecord> = {
  table: 'request',
  columns: [
    column('environment', TEXT, (r) => r.environment),
    column('id', UUID, (r) => r.id),
    column('day', DATE, (r) => eventDay(r.id, r.at)),
    column('unit', TEXT, (r) => r.unit),
    column('at', BIGINT, (r) => r.at),
    column('surface', TEXT, (r) => r.surface),
    column('device', TEXT, (r) => r.device),
    column('country', TEXT, (r) => r.country),
    column('pipeline', TEXT, (r) => r.pipeline),
    column('configuration', TEXT, (r) => r.configuration),
    column('models', TEXT, (r) => r.models),
    column('error', BOOLEAN, (r) => r.error),
    column('fallback', SMALLINT, (r) => FALLBACKS.indexOf(r.fallback)),
    column('total_micros', INTEGER, (r) => r.totalMicros),
    column('slots', SMALLINT, (r) => r.slate.titles.length),
    column('simpson_micro', INTEGER, (r) => r.simpsonMicro),
    column('long_tail', SMALLINT, (r) => r.longTail),
    column('slate', BYTEA, pack),
  ],
};
const NAMES = REQUEST.columns.map((column) => column.name).join(', ');

/** Writes requests not yet stored; the first durable write of an id wins. Inside a transaction. */
export async function writeRequests(client: PoolClient, requests: readonly RequestRecord[]): Promise<void> {
  if (requests.length === 0) return;
  const { source, values } = await stage(client, REQUEST, requests);
  await client.query(
    // In id order, so that two writers with the same ids wait for each other instead of deadlocking.
    `insert into request (${NAMES}) select ${NAMES} from ${source} order by id on conflict do nothing`,
    [...values],
  );
}
