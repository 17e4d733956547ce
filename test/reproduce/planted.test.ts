import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareChunks } from '../../src/db/chunk-log.ts';
import { attachLoadTables } from '../../src/db/load-tables.ts';
import { readDeclarations } from '../../src/files/declarations.ts';
import type { FaultTable } from '../../src/reproduce/planted/fault-table.ts';
import { faultsView } from '../../src/reproduce/planted/fault-view.ts';
import { importedFault } from '../../src/reproduce/planted/imported-test.ts';
import { plantedFaults } from '../../src/reproduce/planted/planted-faults.ts';
import { covers } from '../../src/reproduce/planted/report-figures.ts';
import { type TestDatabase, testDatabase } from '../support/databases.ts';
import { CATALOGUE, inventedStream, keptInBothArms, planFor } from './planted-world.ts';

const parsed = await readDeclarations(join(import.meta.dirname, '..', '..', 'experiments'));
if (!parsed.ok) throw new Error('the shipped declarations are not valid');
const { declarations } = parsed;
const experiment = declarations.experiments.find(({ key }) => key === 'homepage-hybrid')!;
const DAY = 86_400_000;
const VIEWERS = 700;
/** A hundredth of so few is not beyond chance. */
const FEW = 5_000;

describe('planted faults, stored and analysed as any experiment', () => {
  let database: TestDatabase;
  let table: FaultTable;

  beforeAll(async () => {
    database = await testDatabase();
    const plan = planFor(experiment, VIEWERS);
    const days = Array.from({ length: 29 }, (_, day) => Math.floor(plan.startMs / DAY) + day);
    await prepareChunks(database.db, plan.environment, days);
    await attachLoadTables(database.db, plan.environment, days, () => {});
    table = await plantedFaults(
      {
        plan,
        declarations,
        catalogue: CATALOGUE,
        stores: { db: database.db, databaseUrl: database.url, redisUrl: undefined },
        experiment,
        stream: inventedStream(experiment, VIEWERS),
        units: keptInBothArms(plan, 20_000),
        lostAmong: FEW,
        signal: new AbortController().signal,
      },
      () => {},
    );
  }, 120_000);
  afterAll(() => database?.close());

  const row = (key: string) => table.rows.find((one) => one.key === key)!;

  test.each([
    ['nothing', /no check fails/],
    ['bots', /Implausible units: fail/],
    ['slow-arm', /Latency p95: breach/],
    ['narrow-slates', /Genre diversity: breach/],
    ['opposite-effects', /casual down.*power up/],
    ['fading-novelty', /the effect fades/],
    ['late-and-twice', /every figure is that of the test in which nothing was planted; .*warn/],
    ['changed-allocation', /pooled: invalid.*by phase: valid/],
  ])('%s is found', (key, by) => {
    expect(row(key)).toMatchObject({ found: true, by: expect.stringMatching(by) });
  });

  test('the truth is what was planted', () => {
    const truths = (key: string) => row(key).figures.map(({ truth }) => truth);
    expect(truths('nothing')).toEqual([0, 0]);
    expect(truths('slow-arm')).toEqual([1]);
    expect(truths('narrow-slates')[0]).toBeCloseTo(0.3, 1);
    expect(truths('narrow-slates')[1]).toBeLessThan(-0.1);
    const [, casual, power] = truths('opposite-effects');
    expect(casual).toBeCloseTo(-0.4, 1);
    expect(power).toBeCloseTo(0.25, 1);
    expect(truths('fading-novelty')[1]).toBeLessThan(0);
    expect(truths('changed-allocation')[0]).toBeCloseTo(0.1, 3);
  });

  test('the estimates with bots are not those of people; without them they are', () => {
    const [withThem, without] = row('bots').figures;
    expect(covers(withThem!)).toBe(false);
    expect(covers(without!)).toBe(true);
    expect(withThem!.estimate).toBeGreaterThan(0.1);
  });

  test('no gain of clicks makes up for a loss of diversity, and a slow arm is rolled back', () => {
    for (const key of ['narrow-slates', 'slow-arm']) expect(row(key).verdict).toBe('roll-back (hybrid)');
  });

  test('says so where a fault is too small to be found', () => {
    expect(row('lost-users')).toMatchObject({
      found: false,
      by: expect.stringMatching(/Sample ratio: pass/),
    });
  });

  test('the table has a line for each figure', () => {
    const { rows, head, notes } = faultsView(table);
    expect(rows.length).toBe(table.rows.reduce((sum, { figures }) => sum + figures.length, 0));
    for (const cells of rows) expect(cells.length).toBe(head.length);
    expect(notes.length).toBe(1 + table.rows.length);
  });
});

test('an imported test with nobody of one arm in a phase is said to be of no use, and does not stop the run', async () => {
  const plan = planFor(experiment, 100);
  const fault = await importedFault(keptInBothArms(plan, 20), plan);
  expect(fault.found).toBe(false);
});
