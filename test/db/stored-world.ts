import { expect } from 'vitest';
import type { Moments } from '../../src/analysis/aggregates.ts';
import type { Database } from '../../src/db/connect.ts';
import { createEventLog } from '../../src/db/event-log.ts';
import type { World } from './attribution-oracle.ts';
import { GENRES } from './attribution-world.ts';

/** Stores a world's catalogue and events; with `shuffle` twice, each time in another order. */
export async function store(db: Database, world: World, shuffle?: () => number): Promise<void> {
  const environment = (world.exposures[0] as { environment: string }).environment;
  await db.pool.query(
    'insert into genre select $1, n - 1, name from unnest($2::text[]) with ordinality as g(name, n)',
    [environment, GENRES],
  );
  for (const [row, title] of world.titles.entries()) {
    const mask = title.genres.reduce((bits, genre) => bits | (1 << GENRES.indexOf(genre)), 0);
    await db.pool.query('insert into title values ($1, $2, $3, $3, $4, $5, $6)', [
      environment,
      row,
      `t-${row}`,
      mask,
      title.primary,
      title.longTail,
    ]);
  }
  const mixed = <T>(list: readonly T[]) =>
    shuffle
      ? list
          .map((value) => ({ value, rank: shuffle() }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ value }) => value)
      : list;
  const log = createEventLog(db);
  for (const round of shuffle ? [1, 2] : [1]) {
    void round;
    await log.append({ requests: mixed(world.requests), exposures: mixed(world.exposures) });
    await log.appendOutcomes(mixed(world.outcomes));
  }
  await log.close();
}

export function expectMoments(actual: Moments, expected: Moments, label: string): void {
  for (const key of ['n', 'y', 'yy', 'x', 'xx', 'xy'] as const) {
    const tolerance = 1e-9 * Math.max(1, Math.abs(expected[key]));
    expect(
      Math.abs(actual[key] - expected[key]),
      `${label} ${key}: ${actual[key]} for ${expected[key]}`,
    ).toBeLessThan(tolerance);
  }
}
