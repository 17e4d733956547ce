import { describe, expect, it } from 'vitest';
import { studentQuantile } from '../../src/analysis/numbers/distributions.ts';
import type { GuardrailState } from '../../src/analysis/report/report.ts';
import { analyze } from '../../src/analyze.ts';
import { aggregatesOf, experimentOf, healthOf, METRICS, meanMoments, sumsOf } from '../support/evidence.ts';
import { seeded } from '../support/rich-study.ts';

const MARGIN = 0.05;
const experiment = experimentOf({
  metrics: {
    success: [{ metric: 'watch' }],
    guardrails: [{ metric: 'session', margin: { relative: MARGIN } }],
    secondary: [],
  },
});

interface Arm {
  readonly n: number;
  readonly mean: number;
  readonly sd: number;
}

function stateOf(control: Arm, treatment: Arm): GuardrailState | undefined {
  const of = ({ n, mean, sd }: Arm) => meanMoments(n, mean, sd);
  const arms = { popular: of(control), hybrid: of(treatment) };
  const report = analyze(
    experiment,
    METRICS,
    {
      ...aggregatesOf(),
      health: healthOf({ popular: control.n, hybrid: treatment.n }),
      metrics: [sumsOf('watch', arms), sumsOf('session', arms)],
    },
    'c',
  );
  return report.metrics.find(({ key }) => key === 'session')?.comparisons[0]?.guardrail?.state;
}

/** The test of H0: treatment <= (1 - margin) control itself, of a linear combination that is exactly as normal as the means. */
function linear(
  control: Arm,
  treatment: Arm,
  kept: number,
): { readonly t: number; readonly critical: number } {
  const [vt, vc] = [treatment.sd ** 2 / treatment.n, control.sd ** 2 / control.n];
  const df = (vt + vc) ** 2 / (vt ** 2 / (treatment.n - 1) + vc ** 2 / (control.n - 1));
  return {
    t: (treatment.mean - kept * control.mean) / Math.sqrt(vt + kept ** 2 * vc),
    critical: studentQuantile(0.025, df),
  };
}

describe('a relative margin', () => {
  it('is tested exactly, the uncertainty of the control included', () => {
    const chance = seeded(7);
    const seen = new Map<string, number>();
    for (let round = 0; round < 400; round++) {
      const arm = (): Arm => ({
        n: 100 + Math.floor(2000 * chance()),
        mean: 40 + 4 * chance(),
        sd: 6 + 10 * chance(),
      });
      const [control, treatment] = [arm(), arm()];
      const state = stateOf(control, treatment);
      const floor = linear(control, treatment, 1 - MARGIN);
      const none = linear(control, treatment, 1);
      const safe = floor.t > floor.critical;
      const breach = floor.t < -floor.critical;
      const worse = none.t < -none.critical;
      const expected = safe
        ? worse
          ? 'safe-but-worse'
          : 'safe'
        : breach
          ? 'breach'
          : worse
            ? 'harm'
            : 'unproven';
      expect(state).toBe(expected);
      seen.set(expected, (seen.get(expected) ?? 0) + 1);
    }
    expect([...seen.keys()].sort()).toEqual(['breach', 'harm', 'safe', 'safe-but-worse', 'unproven']);
  });

  it('proves nothing where the control is not shown to differ from 0', () => {
    const around = (mean: number): Arm => ({ n: 200, mean, sd: 10 });
    expect(stateOf(around(0.5), around(0.5))).toBe('unproven');
  });
});
