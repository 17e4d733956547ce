import type { PoolClient } from 'pg';
import type { ExposureRecord } from '../events/records.ts';
import { BIGINT, BOOLEAN, INTEGER, JSONB, TEXT, UUID } from './column-types.ts';
import { type Columns, column, stage } from './columns.ts';

/** The earliest exposure of a unit among those seen, and what the others add to it. */
export interface FirstExposure {
  readonly record: ExposureRecord;
  readonly crossed: boolean;
  readonly forced: boolean;
}

export const EXPOSURE: Columns<FirstExposure> = {
  table: 'exposure',
  columns: [
    column('environment', TEXT, (e) => e.record.environment),
    column('experiment', TEXT, (e) => e.record.experiment),
    column('iteration', INTEGER, (e) => e.record.iteration),
    column('unit', TEXT, (e) => e.record.unit),
    column('variant', TEXT, (e) => e.record.variant),
    column('at', BIGINT, (e) => e.record.at),
    column('request_id', UUID, (e) => e.record.requestId ?? null),
    column('phase', INTEGER, (e) => e.record.phase),
    column('forced', BOOLEAN, (e) => e.forced),
    column('crossed', BOOLEAN, (e) => e.crossed),
    column('attributes', JSONB, (e) => e.record.attributes),
    column('configuration', TEXT, (e) => e.record.configuration),
  ],
};
const NAMES = EXPOSURE.columns.map((column) => column.name).join(', ');
const KEY = 'environment, experiment, iteration, unit';
const FROZEN = ['variant', 'at', 'request_id', 'phase', 'attributes', 'configuration'];
// A total order, so that the outcome does not depend on the order of arrival even for equal times.
const order = (row: string) =>
  `(${row}.at, ${row}.variant, coalesce(${row}.request_id::text, ''), ${row}.phase, ${row}.attributes::text)`;
const EARLIER = `${order('excluded')} < ${order('kept')}`;

/**
 * Keeps the earliest exposure per experiment, iteration and unit. A unit seen with two variants is `crossed`, one that
 * was ever forced is `forced`, for good. Inside a transaction.
 */
export async function writeExposures(client: PoolClient, exposures: readonly FirstExposure[]): Promise<void> {
  if (exposures.length === 0) return;
  const { source, values } = await stage(client, EXPOSURE, exposures);
  const frozen = FROZEN.map(
    (name) => `${name} = case when ${EARLIER} then excluded.${name} else kept.${name} end`,
  );
  await client.query(
    `insert into exposure as kept (${NAMES}) select ${NAMES} from ${source} order by ${KEY}
     on conflict (${KEY}) do update set ${frozen.join(', ')},
       forced = kept.forced or excluded.forced,
       crossed = kept.crossed or excluded.crossed or kept.variant <> excluded.variant
     where ${EARLIER} or (excluded.forced and not kept.forced)
       or (not kept.crossed and (excluded.crossed or kept.variant <> excluded.variant))`,
    [...values],
  );
}

/** Folds exposures of one batch to one per key. */
export function firstExposures(exposures: readonly ExposureRecord[]): FirstExposure[] {
  const first = new Map<string, FirstExposure>();
  for (const record of exposures) {
    const key = exposureKey(record);
    const seen = first.get(key);
    if (!seen) {
      first.set(key, { record, crossed: false, forced: record.forced });
      continue;
    }
    first.set(key, {
      record: precedes(record, seen.record) ? record : seen.record,
      crossed: seen.crossed || record.variant !== seen.record.variant,
      forced: seen.forced || record.forced,
    });
  }
  return [...first.values()];
}

export function exposureKey(record: ExposureRecord): string {
  return `${record.environment}\n${record.experiment}\n${record.iteration}\n${record.unit}`;
}

function precedes(a: ExposureRecord, b: ExposureRecord): boolean {
  if (a.at !== b.at) return a.at < b.at;
  const rank = (e: ExposureRecord) =>
    JSON.stringify([e.variant, e.requestId ?? '', e.phase, Object.entries(e.attributes).sort()]);
  return rank(a) < rank(b);
}
