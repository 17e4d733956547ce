import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { coldClaim } from '../../src/reproduce/cold-claim.ts';
import { deploymentClaims } from '../../src/reproduce/deployment-claims.ts';
import type { PublishedTableRow } from '../../src/reproduce/published-rows.ts';
import { createUnitDays } from '../../src/simulation/unit-days.ts';
import { aggregatesOf, experimentOf, METRICS } from '../support/evidence.ts';

describe('cold users against warm ones', () => {
  /** Two cold and two warm viewers of one day each. */
  function units(coldClicks: number, warmClicks: number) {
    const treatment = createUnitDays(4, 1);
    treatment.viewed.fill(100);
    treatment.clicks.set([coldClicks, coldClicks, warmClicks, warmClicks]);
    const watchesBefore = Float64Array.of(0, 4, 5, 80);
    return { control: treatment, treatment, watchesBefore, stratum: ['US tv', 'US tv', 'US tv', 'US tv'] };
  }

  test.each([
    [15, 24, 'reproduced'],
    [14, 26, 'reproduced'],
    [22, 24, 'not reproduced'],
    [15, 30, 'not reproduced'],
  ])('%i %% and %i %%: %s', (cold, warm, state) => {
    expect(coldClaim(units(cold, warm))).toMatchObject({
      state,
      ours: `${cold}.0 % against ${warm}.0 %`,
    });
  });

  test('are not comparable where there are none', () => {
    const { treatment, ...rest } = units(15, 24);
    expect(coldClaim({ ...rest, treatment, watchesBefore: Float64Array.of(9, 9, 9, 9) }).state).toBe(
      'not comparable',
    );
  });
});

describe('the other deployment', () => {
  const report = analyze(experimentOf(), METRICS, aggregatesOf({}), 'c');
  const rows = (change: number) =>
    [{ metric: 'watch_hours_per_week', ours: { change } }] as unknown as readonly PublishedTableRow[];

  test.each([
    [0.15, 800_000, 'not comparable', '+15.0 %'],
    [0.15, 1_000_000, 'reproduced', '+15.0 %'],
    [0.3, 1_000_000, 'not reproduced', '+30.0 %'],
    [-0.01, 1_000_000, 'not reproduced', '-1.0 %'],
  ])('a lift of %f among %i: %s', (change, users, state, ours) => {
    const [watch] = deploymentClaims(report, rows(change), users, 'hybrid');
    expect(watch).toMatchObject({ state, ours });
  });

  test('what is not measured is no figure', () => {
    for (const { ours, state } of deploymentClaims(report, [], 100, 'hybrid'))
      expect([ours, state]).toEqual(['-', 'not comparable']);
  });
});
