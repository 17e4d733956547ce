import { describe, expect, it } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import type { Experiment } from '../../src/declarations.ts';
import { aggregatesOf, experimentOf, METRICS } from '../support/evidence.ts';

const base = experimentOf();
const card = (overrides: Partial<Experiment> = {}, units = 5000) => {
  const { health } = analyze(
    experimentOf(overrides),
    METRICS,
    aggregatesOf({ units: [units, units] }),
    'c0ffee',
  );
  const found = health.find(({ key }) => key === 'power');
  if (!found) throw new Error('no power card');
  return found;
};

describe('what the data would find', () => {
  it('shares alpha among the success metrics', () => {
    // R: s <- sqrt(6^2/5000 + 6^2/5000)/8; (qnorm(1-.025/2)+qnorm(.8))*s -> 0.04624536
    const success = [{ metric: 'watch' }, { metric: 'session' }];
    const two = card({ metrics: { ...base.metrics, success, guardrails: [] } });
    expect(two.value).toBe('detects 4.6 %');
    expect(two.detail).toMatch(/two-sided 2\.5 %, corrected for 2 comparisons/);
    const none = { ...base.analysis, correction: { success: 'none' as const, segments: 'bh' as const } };
    expect(card({ metrics: { ...base.metrics, success, guardrails: [] }, analysis: none }).value).toBe(
      'detects 4.2 %',
    );
  });

  it('wants every guardrail shown kept, all of them together four times in five', () => {
    // R: (qnorm(.975)+qnorm(.9))*sqrt(2*100/1000)/42 -> 0.03451547; with 5000 units 0.01543579
    const session = [{ metric: 'session', margin: { relative: 0.02 } }];
    const errors = base.metrics.guardrails.slice(1);
    const metrics = { success: [{ metric: 'watch' }], guardrails: [...session, ...errors], secondary: [] };
    expect(card({ metrics }, 1000)).toMatchObject({
      status: 'warn',
      detail: expect.stringMatching(/Session length \(could be shown within 3\.5 %\)/),
    });
    expect(card({ metrics })).toMatchObject({ status: 'pass' });
    expect(card({ metrics }).detail).not.toMatch(/guardrails/);
  });

  it('needs more where every look must be right', () => {
    const analysis = { ...base.analysis, interval: 'always-valid' as const };
    const percent = (value: string) => Number(/[\d.]+/.exec(value)?.[0]);
    expect(percent(card({ analysis }).value)).toBeGreaterThan(percent(card().value));
  });
});
