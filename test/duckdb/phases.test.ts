import { afterAll, beforeAll, expect, it } from 'vitest';
import { literal, openEngine } from '../../src/duckdb/open.ts';
import { expectNear } from '../analysis/vectors.ts';
import { documentFor, scratch } from './table.ts';

let folder: Awaited<ReturnType<typeof scratch>>;
beforeAll(async () => {
  folder = await scratch();
});
afterAll(() => folder.remove());

/** Friday 1 % of users were treated, Saturday half: Crook, Frasca, Kohavi and Longbotham (KDD 2009), table 1, a tenth of it. */
const CELLS = [
  ['friday', 'control', 99_000, 2_000],
  ['friday', 'treatment', 1_000, 23],
  ['saturday', 'control', 50_000, 500],
  ['saturday', 'treatment', 50_000, 600],
] as const;

const SPEC = 'unit: id\narm: arm\ncontrol: control\nmetrics: [{key: converted, kind: proportion}]\n';

it("is not taken in by Simpson's paradox where the phase of a changed allocation is named", async () => {
  const file = folder.path('phases.parquet');
  const engine = await openEngine();
  const parts = CELLS.map(
    ([day, arm, users, converted]) =>
      `select '${day}${arm}' || i as id, '${day}' as day, '${arm}' as arm, i < ${converted} as converted from range(${users}) t(i)`,
  );
  await engine.run(`copy (${parts.join(' union all ')}) to ${literal(file)} (format parquet)`);
  await engine.close();

  const pooled = await documentFor(file, SPEC);
  expect(pooled).toMatchObject({ state: 'invalid', metrics: [{ comparisons: [{ outcome: 'worse' }] }] });

  const phased = await documentFor(file, `${SPEC}phase: day\n`);
  const found = phased.metrics[0]?.comparisons[0];
  expect(phased).toMatchObject({ state: 'valid', sampleRatio: { status: 'unknown', p: null } });
  expect(found).toMatchObject({ outcome: 'inconclusive', adjustment: { strata: ['day'] } });
  const wanted = (23 / 1_000 - 2_000 / 99_000 + (600 / 50_000 - 500 / 50_000)) / 2;
  expectNear(found?.absolute.ok ? found.absolute.estimate : Number.NaN, wanted);

  const shares = (friday: string) =>
    `${SPEC}phase: day\nphases:\n  friday: {weights: ${friday}}\n  saturday: {weights: {control: 50%, treatment: 50%}}\n`;
  const declared = await documentFor(file, shares('{control: 99, treatment: 1}'));
  expect(declared).toMatchObject({
    state: 'valid',
    data: {
      arms: [
        { arm: 'control', weight: 0.745 },
        { arm: 'treatment', weight: 0.255 },
      ],
    },
    sampleRatio: {
      status: 'pass',
      statistic: 0,
      df: 2,
      p: 1,
      cuts: [{ by: 'day', value: 'friday', p: 1 }, {}],
    },
  });
  expect(declared.metrics).toEqual(phased.metrics);

  // scipy.stats.chisquare([99000, 1000], [98000, 2000]) has the statistic 510.204..., Saturday adds 0.
  const off = await documentFor(file, shares('{control: 98, treatment: 2}'));
  expect(off).toMatchObject({ state: 'invalid', sampleRatio: { status: 'fail', df: 2 } });
  expectNear(off.sampleRatio.statistic ?? 0, 510.2040816326531);

  const partly = `${SPEC}phase: day\nphases:\n  friday: {weights: {control: 99, treatment: 1}}\n`;
  expect((await documentFor(file, partly)).sampleRatio).toMatchObject({
    status: 'unknown',
    reason: 'phases has no shares of saturday, which day has',
  });
});
