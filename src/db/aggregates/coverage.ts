import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import type { CoverageAggregates } from '../../analysis/aggregates.ts';
import type { MetricDeclaration } from '../../declarations.ts';
import type { Database } from '../connect.ts';
import { readUnitDays } from './read-unit-days.ts';
import { partitionDays, type Scope, SESSION_MS } from './scope.ts';
import { demandVersion, SLATE_TITLES, SLATE_VERSION, streamRows } from './slates.ts';

const RESAMPLES = 200;
/** Coverage grows with the number of users looked at, so that number is equal in all arms, and bounded. */
const MOST_UNITS = 2_000;

/**
 * Distinct titles in the slates of an equal number of units per arm (in the order of md5(unit), whose windows are
 * complete), and of 200 bootstrap resamples of those units. Deterministic. `rebuildUnitDays` comes first.
 *
 * @param catalogueSize titles that could have been shown
 */
export async function coverageAggregates(
  db: Database,
  scope: Scope,
  catalogueSize: number,
): Promise<CoverageAggregates[]> {
  const results: CoverageAggregates[] = [];
  for (const metric of scope.metrics.filter(({ kind }) => kind === 'coverage')) {
    const { unitsPerArm, titles } = await sampledTitles(db, scope, metric);
    const arms: CoverageAggregates['arms'][number][] = [];
    for (const { key } of scope.experiment.variants) {
      const units = titles.get(key) ?? [];
      const all = distinct(units, catalogueSize);
      arms.push({ variant: key, titles: all, resamples: await bootstrap(units, catalogueSize) });
    }
    results.push({ metric: metric.key, unitsPerArm, catalogueSize, arms });
  }
  return results;
}

/** Distinct titles of each sampled unit, by variant; a unit that was shown nothing has an empty list. */
async function sampledTitles(db: Database, scope: Scope, metric: MetricDeclaration) {
  const { environment, experiment, cutoff } = scope;
  const { window, where } = metric.numerator;
  const surface = where.surface ?? experiment.surface;
  const [from, to] = partitionDays(experiment.startMs - SESSION_MS, cutoff);
  const titles = new Map<string, Int32Array[]>(experiment.variants.map(({ key }) => [key, []]));
  let unitsPerArm = 0;
  await readUnitDays(db, scope, async (trx, { units }) => {
    const eligible = sql`(select unit, variant, opening, row_number() over (partition by variant order by md5(unit), unit) as place
      from ${sql.raw(units)} where opening + ${window.toMs ?? 0} <= ${cutoff}) as eligible`;
    const sizes = await sql<{ variant: string; n: number }>`
      select variant, count(*) as n from ${eligible} group by variant`.execute(trx);
    const size = new Map(sizes.rows.map((row) => [row.variant, row.n]));
    unitsPerArm = Math.min(MOST_UNITS, ...experiment.variants.map(({ key }) => size.get(key) ?? 0));
    const end = window.toMs === undefined ? sql`${cutoff}::bigint` : sql`opening + ${window.toMs}`;
    // Only the titles of a packed slate leave the server, all of one unit together.
    const query = sql`
      select variant, place, string_agg(${sql.raw(SLATE_TITLES)}, ''::bytea) as titles,
        min(${sql.raw(SLATE_VERSION)}) as oldest, max(${sql.raw(SLATE_VERSION)}) as newest
      from ${eligible} left join request on request.environment = ${environment}
        and request.unit = eligible.unit and day between ${from} and ${to}
        and request.at >= opening + ${window.fromMs} and request.at < ${end}
        and ${surface === undefined ? sql`true` : sql`surface = ${surface}`}
      where place <= ${unitsPerArm} group by variant, place order by variant, place`;
    for await (const rows of streamRows<UnitTitles>(trx, query)) {
      for (const row of rows) {
        demandVersion(row.oldest, row.newest);
        titles.get(row.variant)?.push(distinctTitles(row.titles));
      }
    }
  });
  return { unitsPerArm, titles };
}

interface UnitTitles {
  readonly variant: string;
  /** Null, as the versions, for a unit that was shown nothing. */
  readonly titles: Buffer | null;
  readonly oldest: number | null;
  readonly newest: number | null;
}

function distinctTitles(bytes: Buffer | null): Int32Array {
  const seen = new Set<number>();
  for (let at = 0; bytes && at < bytes.length; at += 4) seen.add(bytes.readInt32LE(at));
  // In ascending order: the server may gather a unit's slates in any.
  return Int32Array.from(seen).sort();
}

function distinct(units: readonly Int32Array[], catalogueSize: number): number {
  const seen = new Set<number>();
  for (const titles of units) for (const title of titles) if (title < catalogueSize) seen.add(title);
  return seen.size;
}

async function bootstrap(units: readonly Int32Array[], catalogueSize: number): Promise<number[]> {
  const resamples: number[] = [];
  const stamp = new Int32Array(catalogueSize).fill(-1);
  const random = splitMix32(units.length);
  for (let resample = 0; resample < RESAMPLES; resample++) {
    let count = 0;
    for (let draw = 0; draw < units.length; draw++) {
      for (const title of units[Math.floor(random() * units.length)] as Int32Array) {
        if (stamp[title] === resample || title >= catalogueSize) continue;
        stamp[title] = resample;
        count++;
      }
    }
    resamples.push(count);
    // A resample takes a few milliseconds; in between others have their turn.
    await setImmediate();
  }
  return resamples;
}

/** SplitMix32: a seeded generator of numbers in [0, 1), one multiplication chain per number. */
function splitMix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
  };
}
