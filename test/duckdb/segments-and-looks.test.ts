import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectNear } from '../analysis/vectors.ts';
import { csvOf, documentFor, scratch } from './table.ts';

let folder: Awaited<ReturnType<typeof scratch>>;
beforeAll(async () => {
  folder = await scratch();
});
afterAll(() => folder.remove());

const units = Array.from({ length: 600 }, (_, i) => {
  const [treated, early] = [i % 2 === 1, i % 3 === 0];
  const before = (i * 7919) % 101;
  const y = before * 0.5 + ((i * 104729) % 37) + (treated ? 1.5 : 0) + (treated && early ? 2 : 0);
  return {
    unit: i,
    arm: treated ? 't' : 'c',
    part: early ? 'p' : 'q',
    before,
    y,
    won: (i * 31) % 10 < 4 ? 1 : 0,
  };
});
const column = (name: keyof (typeof units)[number]) => units.map((unit) => unit[name]);
const TABLE = csvOf({
  unit: column('unit'),
  arm: column('arm'),
  part: column('part'),
  before: column('before'),
  y: column('y'),
  won: column('won'),
});
const HEAD = 'unit: unit\narm: arm\ncontrol: c\n';

/**
 * numpy and scipy, for the units of a segment and for those outside of it, with m the mask of an arm and th the slope of y on
 * `before`, centred in each arm and pooled: d = difference of y[m].mean() - th * (before[m].mean() - before.mean()),
 * v = sum of (y[m] - th * before[m]).var(ddof=1) / m.sum(), p = 2 * stats.t.sf(d / v ** .5, Welch's df), reduction 1 - v / v with th = 0.
 */
const WANTED = {
  p: [0.0823404575085625, 0.02137562561993721, 0.6675053317931627, 1.6541027123057503, 1.8589721194384625],
  q: [0.0437852026750627, 0.08171531458530143, 0.6501352766750744, -1.6541027123057503, 1.8589721194384625],
} as const;

describe('covariates within segments', () => {
  it('adjust the effect of a segment and of the rest by slopes of their own', async () => {
    const file = await folder.file('units.csv', TABLE);
    const plain = 'metrics: [{key: y, kind: mean}]\nsegments: [part]\n';
    const adjusted = 'metrics: [{key: y, kind: mean, covariates: [before]}]\nsegments: [part]\n';
    const found = (await documentFor(file, HEAD + adjusted)).segments;
    expect(found.map(({ value }) => value)).toEqual(['p', 'q']);
    for (const row of found) {
      const [relative, p, reduction, apart, error] = WANTED[row.value as 'p' | 'q'];
      const { difference } = row.interaction;
      if (!row.relative.ok || !difference.ok) throw new Error('not estimated');
      expectNear(row.relative.estimate, relative, 1e-9);
      expectNear(row.p ?? Number.NaN, p, 1e-6);
      expect(row.adjustment?.covariates).toEqual(['before']);
      expectNear(row.adjustment?.reduction ?? Number.NaN, reduction, 1e-9);
      expectNear(difference.estimate, apart, 1e-9);
      expectNear(difference.standardError, error, 1e-9);
    }
    const without = (await documentFor(file, HEAD + plain)).segments;
    expect(without.every(({ adjustment }) => adjustment === undefined)).toBe(true);
  });

  it('leave a segment alone that has too few units for a slope', async () => {
    const few = csvOf({
      unit: column('unit'),
      arm: column('arm'),
      part: units.map(({ unit }) => (unit < 12 ? 'few' : 'many')),
      before: column('before'),
      y: column('y'),
    });
    const file = await folder.file('few.csv', few);
    const spec = `${HEAD}metrics: [{key: y, kind: mean, covariates: [before]}]\nsegments: [part]\n`;
    const { segments } = await documentFor(file, spec);
    expect(segments.map(({ value, adjustment }) => [value, adjustment !== undefined])).toEqual([
      ['few', false],
      ['many', true],
    ]);
  });
});

describe('a group-sequential plan', () => {
  const at = async (look: number) => {
    const file = await folder.file('looks.csv', TABLE);
    const plan = `interval: group-sequential\nlooks: [50%, 100%]\nlook: ${look}\n`;
    const document = await documentFor(file, `${HEAD}metrics: [{key: won, kind: proportion}]\n${plan}`);
    return document.metrics[0]!.comparisons[0]!;
  };

  // Lan and DeMets 1983: alpha(t) = 4 (1 - Phi(z_(alpha/4) / sqrt t)), and scipy's quad and brentq over the joint density of both looks.
  it.each([
    [1, 2.9625880427275666],
    [2, 1.9685956405936558],
  ])('judges look %i at its own boundary', async (look, boundary) => {
    const { absolute, method, interval } = await at(look);
    if (!absolute.ok) throw new Error('not estimated');
    const [low, high] = absolute.interval;
    expectNear((high! - low!) / 2 / absolute.standardError, boundary, 1e-6);
    expect(interval.kind).toBe('group-sequential');
    expect(method).toContain(`look ${look} of 2`);
  });

  it('adjusts by covariates at every look', async () => {
    const file = await folder.file('units.csv', TABLE);
    const spec = `${HEAD}metrics: [{key: y, kind: mean, covariates: [before]}]\ninterval: group-sequential\nlooks: [0.5, 1]\nlook: 1\n`;
    const [first] = (await documentFor(file, spec)).metrics[0]!.comparisons;
    expect(first?.method).toContain('CUPED');
  });
});
