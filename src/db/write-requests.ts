import type { PoolClient } from 'pg';
import { eventDay } from '../events/event-day.ts';
import { pack, packedSlots } from '../events/pack.ts';
import type { PackedRequest } from '../events/packed-request.ts';
import { FALLBACKS, type RequestRecord } from '../events/records.ts';
import { BIGINT, BOOLEAN, BYTEA, DATE, INTEGER, SMALLINT, TEXT, UUID } from './column-types.ts';
import { type Columns, column, stage } from './columns.ts';

/** As it was answered, or as a journal kept it. */
export type StoredRequest = RequestRecord | PackedRequest;

export const REQUEST: Columns<StoredRequest> = {
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
    column('slots', SMALLINT, slotsOf),
    column('simpson_micro', INTEGER, (r) => r.simpsonMicro),
    column('long_tail', SMALLINT, (r) => r.longTail),
    column('slate', BYTEA, (r) => ('run' in r ? r.run : pack(r))),
  ],
};
const NAMES = REQUEST.columns.map((column) => column.name).join(', ');

function slotsOf(request: StoredRequest): number {
  return 'run' in request ? packedSlots(request.run) : request.slate.titles.length;
}

/** Writes requests not yet stored; the first durable write of an id wins. Inside a transaction. */
export async function writeRequests(client: PoolClient, requests: readonly StoredRequest[]): Promise<void> {
  if (requests.length === 0) return;
  const { source, values } = await stage(client, REQUEST, requests);
  await client.query(
    // In id order, so that two writers with the same ids wait for each other instead of deadlocking.
    `insert into request (${NAMES}) select ${NAMES} from ${source} order by id on conflict do nothing`,
    [...values],
  );
}
