import { describe, expect, it } from 'vitest';
import { studyOf } from '../../../src/analysis/study/study-of.ts';
import { DAY, experimentOf, METRICS, START } from '../../support/evidence.ts';

const base = experimentOf();

describe('the study of an experiment', () => {
  it('has each declared metric once, in the first role it was declared in', () => {
    const study = studyOf(
      experimentOf({
        metrics: {
          success: [{ metric: 'watch', minimumEffect: 0.05 }],
          guardrails: [
            { metric: 'watch', margin: { relative: 0.01 } },
            { metric: 'session', margin: { relative: 0.01 } },
          ],
          secondary: ['session', 'errors', 'not in the catalogue'],
        },
      }),
      METRICS,
    );
    expect(study.metrics.map(({ metric, role, minimumEffect }) => [metric.key, role, minimumEffect])).toEqual(
      [
        ['watch', 'success', 0.05],
        ['session', 'guardrail', undefined],
        ['errors', 'secondary', undefined],
      ],
    );
  });

  it('tells declared attributes from explored ones; one that is both is declared', () => {
    const analysis = { ...base.analysis, segments: ['device'], exploratory: ['country', 'device'] };
    expect(studyOf(experimentOf({ analysis }), METRICS).segments).toEqual([
      { attribute: 'device', declared: true },
      { attribute: 'country', declared: false },
    ]);
  });

  it('counts whole days for a plan with looks, and has no design without them', () => {
    const analysis = { ...base.analysis, interval: 'group-sequential' as const, looks: [14, 28] };
    const at = (cutoff: number) => studyOf(experimentOf({ analysis }), METRICS, cutoff).design;
    expect(at(START + 14 * DAY)).toEqual({ looks: [14, 28], spending: 'obrien-fleming', complete: 14 });
    expect(at(START + 14 * DAY - 1)?.complete).toBe(13);
    expect(studyOf(base, METRICS).design).toBeUndefined();
  });

  it('compares no arms where both rankers share one list', () => {
    expect(studyOf(experimentOf({ design: 'interleaving' }), METRICS).treatments).toEqual([]);
    expect(studyOf(base, METRICS).treatments).toEqual(['hybrid']);
  });
});
