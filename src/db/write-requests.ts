import type { PoolClient } from 'pg';
import { dayText, eventDay } from '../events/event-day.ts';
import { pack } from '../events/pack.ts';
import { FALLBACKS, type RequestRecord } from '../events/records.ts';
import { type Columns, stage } from './columns.ts';

const REQUEST: Columns<RequestRecord> = {
  table: 'request',
  columns: [
    { name: 'environment', type: 'text', text: (r) => r.environment },
    { name: 'id', type: 'uuid', text: (r) => r.id },
    { name: 'day', type: 'date', text: (r) => dayText(eventDay(r.id, r.at)) },
    { name: 'unit', type: 'text', text: (r) => r.unit },
    { name: 'at', type: 'bigint', text: (r) => String(r.at) },
    { name: 'surface', type: 'text', text: (r) => r.surface },
    { name: 'device', type: 'text', text: (r) => r.device },
    { name: 'country', type: 'text', text: (r) => r.country },
    { name: 'pipeline', type: 'text', text: (r) => r.pipeline },
    { name: 'configuration', type: 'text', text: (r) => r.configuration },
    { name: 'models', type: 'text', text: (r) => r.models },
    { name: 'error', type: 'boolean', text: (r) => (r.error ? 't' : 'f') },
    { name: 'fallback', type: 'smallint', text: (r) => String(FALLBACKS.indexOf(r.fallback)) },
    { name: 'total_micros', type: 'integer', text: (r) => String(r.totalMicros) },
    { name: 'slots', type: 'smallint', text: (r) => String(r.slate.titles.length) },
    { name: 'simpson_micro', type: 'integer', text: (r) => String(r.simpsonMicro) },
    { name: 'long_tail', type: 'smallint', text: (r) => String(r.longTail) },
    { name: 'slate', type: 'bytea', text: (r) => `\\x${Buffer.from(pack(r)).toString('hex')}` },
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
