import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readDeclarations } from '../../src/files/declarations.ts';
import { coverageTable } from '../../src/reproduce/coverage.ts';
import type { Outcomes, Terms } from '../../src/reproduce/outcomes.ts';
import { replicate } from '../../src/reproduce/replicate.ts';
import { normal, uniform } from '../../src/simulation/random.ts';

const parsed = await readDeclarations(join(import.meta.dirname, '..', '..', 'experiments'));
if (!parsed.ok) throw new Error('the shipped declarations are not valid');
const { declarations } = parsed;
const experiment = declarations.experiments.find(({ key }) => key === 'homepage-hybrid')!;
const UNITS = 900;
const DAYS = 28;

/** Units whose hours follow from what they had watched before; the treatment adds a share. */
function population(lift: number, seed = 1): Outcomes {
  const z = Float64Array.from({ length: UNITS }, (_, unit) => 10 + 4 * normal(seed, unit, 0, 1));
  const hours = Float64Array.from(z, (before, unit) => 5 + 0.5 * before + 0.8 * normal(seed, unit, 0, 2));
  const bottom = new Float64Array(UNITS).fill(1);
  const control: Terms = { top: hours, bottom };
  const treatment: Terms = { top: hours.map((value) => value * (1 + lift)), bottom };
  return {
    firstAt: Float64Array.from(
      z,
      (_, unit) => experiment.startMs + 86_400_000 * 20 * uniform(seed, unit, 0, 3),
    ),
    z,
    stratum: Uint16Array.from(z, (_, unit) => unit % 3),
    strata: ['US tv', 'US mobile', 'DE tv'],
    days: DAYS,
    metrics: [
      {
        metric: 'watch_hours_per_week',
        perWeek: true,
        whole: [control, treatment],
        once: [control, treatment],
        estimand: "each unit's first 7 days",
        completes: Uint16Array.from(z, (_, unit) => 7 + Math.ceil(20 * uniform(seed, unit, 0, 3))),
        until: DAYS,
      },
    ],
  };
}

const partsOf = (outcomes: Outcomes) => ({
  declarations,
  experiment,
  metrics: [declarations.metrics.find(({ key }) => key === 'watch_hours_per_week')!],
  outcomes,
  treatment: 'hybrid',
  seed: 5,
});

describe('experiments on kept outcomes', () => {
  test('are the experiment of the arms that the hash gives, of all that was drawn', () => {
    const { metrics } = replicate(partsOf(population(0.1)), 3, 4_000, 'fixed');
    const { arms, comparisons } = metrics[0]!;
    expect(arms.map(({ arm }) => arm)).toEqual(['popular', 'hybrid']);
    expect(arms[0]!.n + arms[1]!.n).toBe(4_000);
    // Half of 4,000 by the hash, within 4 standard deviations.
    expect(Math.abs(arms[0]!.n - 2_000)).toBeLessThan(130);
    const { relative, adjustment } = comparisons[0]!;
    expect(relative.ok && relative.estimate).toBeCloseTo(0.1, 1);
    expect(adjustment?.covariates).toEqual(['watches_before']);
    // The covariate explains 4 of 4.64 of the variance.
    expect(adjustment?.reduction).toBeGreaterThan(0.8);
  });

  test('assign anew in each replication, and the same in the same one', () => {
    const arms = (replication: number) =>
      replicate(partsOf(population(0)), replication, 2_000, 'fixed').metrics[0]!.arms;
    expect(arms(1)).toEqual(arms(1));
    expect(arms(1)).not.toEqual(arms(2));
  });

  test('cover the truth as often as they say, and always-valid ones on every day', async () => {
    const replications = 400;
    const table = await coverageTable(partsOf(population(0.08)), replications, 1_000, {
      progress: () => {},
      signal: new AbortController().signal,
    });
    const row = table.rows[0]!;
    expect(row.truth).toBeCloseTo(0.08, 12);
    for (const { share, error } of [row.unadjusted, row.adjusted]) {
      expect(error).toBeCloseTo(Math.sqrt((share * (1 - share)) / replications), 12);
      // 0.95 within 3.3 Monte Carlo errors.
      expect(Math.abs(share - 0.95)).toBeLessThan(3.3 * Math.sqrt((0.95 * 0.05) / replications));
    }
    expect(row.reduction).toBeGreaterThan(0.8);
    expect(row.alwaysValid!.share).toBeGreaterThan(0.95 - 3.3 * Math.sqrt((0.95 * 0.05) / replications));
  });
});
