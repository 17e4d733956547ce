import { describe, expect, it } from 'vitest';
import type { HealthAggregates } from '../../src/analysis/aggregates.ts';
import type { HealthCard } from '../../src/analysis/report/report.ts';
import { analyze } from '../../src/analyze.ts';
import { aggregatesOf, experimentOf, METRICS } from '../support/evidence.ts';

const card = (
  key: HealthCard['key'],
  health: Partial<HealthAggregates> = {},
  units: readonly [number, number] = [5000, 5000],
): HealthCard => {
  const report = analyze(experimentOf(), METRICS, aggregatesOf({ health, units }), 'c');
  const found = report.health.find((candidate) => candidate.key === key);
  if (!found) throw new Error(`no card ${key}`);
  return found;
};

describe('sample ratio card', () => {
  it.each([
    [[5000, 5000], 'pass', 'p = 1.000'],
    [[5000, 5150], 'pass', 'p = 0.137'],
    [[5000, 5400], 'fail', 'p < 0.001'],
    [[5000, 0], 'fail', 'p < 0.001'],
    [[3, 2], 'pass', 'p = 1.000'],
    [[0, 0], 'unknown', 'not computed'],
  ] as const)('%o: %s', (units, status, value) => {
    expect(card('sample-ratio', {}, units)).toMatchObject({ status, value });
  });

  it('an arm that is not declared fails it', () => {
    const arms = ['popular', 'hybrid', 'ghost'].map((variant) => ({ variant, units: 50, forced: 0 }));
    expect(card('sample-ratio', { arms })).toMatchObject({
      status: 'fail',
      detail: expect.stringMatching(/ghost has weight 0/),
    });
  });
});

describe('other cards', () => {
  it.each([
    ['crossed-units', { crossed: 0 }, 'pass'],
    ['crossed-units', { crossed: 50 }, 'warn'],
    ['crossed-units', { crossed: 150 }, 'fail'],
    ['late-events', { lateOutcomes: 900 }, 'pass'],
    ['late-events', { lateOutcomes: 2000 }, 'warn'],
    ['late-events', { lateOutcomes: 9000 }, 'fail'],
    ['late-events', { outcomes: 0 }, 'warn'],
    ['dead-letters', { deadLetters: 0 }, 'pass'],
    ['dead-letters', { deadLetters: 500 }, 'warn'],
    ['dead-letters', { deadLetters: 5000 }, 'fail'],
    ['fallback', {}, 'pass'],
    ['fallback', { requests: [] }, 'unknown'],
    ['fallback', { requests: [{ variant: 'hybrid', requests: 100, errors: 0, fallbacks: 2 }] }, 'warn'],
    ['fallback', { requests: [{ variant: 'hybrid', requests: 100, errors: 9, fallbacks: 9 }] }, 'fail'],
    ['latency', {}, 'unknown'],
    ['assignment', {}, 'pass'],
  ] as const)('%s with %o: %s', (key, health, status) => {
    expect(card(key, health).status).toBe(status);
  });

  it('forced units are counted and left out', () => {
    const arms = ['popular', 'hybrid'].map((variant) => ({ variant, units: 5000, forced: 4 }));
    expect(card('assignment', { arms }).detail).toMatch(/8 forced/);
  });

  it('power: the detectable change is 2.8 standard errors, and the days still needed follow from its square', () => {
    // R: s <- sqrt(6^2/5000 + 6^2/5000)/8; (qnorm(.975)+qnorm(.8))*s  -> 0.042024; with 1000 units 0.093969
    expect(card('power')).toMatchObject({
      status: 'pass',
      value: 'detects 4.2 %',
      threshold: 'minimum effect 5 %',
    });
    const small = card('power', {}, [1000, 1000]);
    expect(small).toMatchObject({ status: 'warn', value: 'detects 9.4 %' });
    // 28 * ((0.093969 / 0.05)^2 - 1) = 70.9
    expect(small.detail).toMatch(/About 71 more days/);
  });
});
