import { describe, expect, it } from 'vitest';
import type { Moments } from '../../../src/analysis/aggregates.ts';
import { normalTail } from '../../../src/analysis/numbers/distributions.ts';
import type { Comparison, Estimate } from '../../../src/analysis/report/report.ts';
import { analyzeStudy } from '../../../src/analysis/study/analyze-study.ts';
import type { Study } from '../../../src/analysis/study/study.ts';
import type { Correction, IntervalKind } from '../../../src/declarations.ts';
import { meanMoments, rateMoments, sumsOf } from '../../support/evidence.ts';
import { momentsOfUnits, richAggregates, richStudy, seeded } from '../../support/rich-study.ts';

const CORRECTIONS: readonly Correction[] = ['none', 'bonferroni', 'holm', 'hochberg', 'bh', 'by'];
const KINDS: readonly IntervalKind[] = ['fixed', 'always-valid', 'group-sequential'];

/** Whether an interval lies on one side of 0. */
function excludesNone(estimate: Estimate): boolean | null {
  if (!estimate.ok) return null;
  const [low, high] = estimate.interval;
  return (low !== null && low > 0) || (high !== null && high < 0);
}

const comparisonsOf = (study: Study, seed: number, effects: readonly number[]): readonly Comparison[] =>
  analyzeStudy(study, richAggregates({ units: 240, days: 28, seed, effects }))
    .metrics.filter(({ role }) => role === 'success')
    .flatMap(({ comparisons }) => comparisons);

describe('an interval excludes none exactly when the adjusted p is at most alpha', () => {
  const cases = CORRECTIONS.flatMap((success) => KINDS.map((interval) => [success, interval] as const));
  const chance = seeded(20_261_122);
  const worlds = Array.from({ length: 8 }, (_, seed) => ({
    seed,
    effects: Array.from({ length: 6 }, () => (chance() < 0.3 ? 0 : 0.5 * chance() - 0.15)),
  }));

  it.each(cases)('%s, %s', (success, interval) => {
    const found = new Set<boolean>();
    for (const { seed, effects } of worlds) {
      const study = richStudy({ interval, correction: { success, segments: success } });
      for (const { absolute, relative, pAdjusted } of comparisonsOf(study, seed, effects)) {
        const rejected = pAdjusted !== null && pAdjusted <= study.alpha;
        expect([excludesNone(absolute), excludesNone(relative)]).toEqual([rejected, rejected]);
        found.add(rejected);
      }
    }
    expect(found).toEqual(new Set([true, false]));
  });

  it.each(['none', 'bh'] as const)('also by segment, interactions too: %s', (segments) => {
    for (const { seed, effects } of worlds.slice(0, 4)) {
      const study = richStudy({ correction: { success: 'holm', segments } });
      const rows = analyzeStudy(study, richAggregates({ units: 240, seed, effects })).segments;
      expect(rows).toHaveLength(4 * 7);
      for (const { relative, pAdjusted, interaction } of rows) {
        expect(excludesNone(relative)).toBe(pAdjusted !== null && pAdjusted <= 0.05);
        const { difference, pAdjusted: p } = interaction;
        expect(excludesNone(difference)).toBe(p !== null && p <= 0.05);
      }
    }
  });

  it('where a proportion has few successes, by the same score limits on both scales', () => {
    const share = (successes: number, n: number) => ({
      n,
      y: successes,
      yy: successes,
      x: n,
      xx: n,
      xy: successes,
    });
    for (const [t, c] of [
      [0, 5],
      [0, 7],
      [3, 3],
      [9, 1],
      [9, 2],
      [14, 3],
    ] as const) {
      const study = {
        ...richStudy(),
        metrics: richStudy().metrics.filter(({ metric }) => metric.key === 'm4'),
      };
      const aggregates = {
        metrics: [sumsOf('m4', { control: share(c, 300), treatment: share(t, 300) })],
        quantiles: [],
        coverage: [],
      };
      const [comparison] = analyzeStudy(study, aggregates).metrics[0]?.comparisons ?? [];
      const rejected = (comparison?.p ?? 1) <= 0.05;
      expect(comparison && [excludesNone(comparison.absolute), excludesNone(comparison.relative)]).toEqual([
        rejected,
        rejected,
      ]);
    }
  });
});

describe('every comparison', () => {
  const aggregates = richAggregates();
  const of = (interval: IntervalKind, overrides: Partial<Study> = {}) =>
    analyzeStudy(richStudy({ interval, ...overrides }), aggregates);
  const first = (interval: IntervalKind, overrides: Partial<Study> = {}) =>
    of(interval, overrides).metrics[0]?.comparisons[0];

  it('of totals that keep growing has no interval for every look, unless their first days are summed apart', () => {
    const growing = {
      ...aggregates,
      metrics: aggregates.metrics.map(({ once: _, ...sums }) => ({ ...sums, grows: true })),
    };
    const reason = expect.stringMatching(/totals that keep growing take no unit once/);
    const [fixed, always] = (['fixed', 'always-valid'] as const).map(
      (interval) => analyzeStudy(richStudy({ interval }), growing).metrics[0]?.comparisons[0],
    );
    expect(fixed?.alwaysValid).toEqual({ ok: false, reason });
    expect(fixed?.absolute.ok).toBe(true);
    expect(always?.absolute).toEqual({ ok: false, reason });
    expect(always).toMatchObject({ p: null, pAdjusted: null, outcome: 'inconclusive' });
  });

  it('of a share without any event keeps the score interval that bounds it, also where covariates are declared', () => {
    const none: Moments = { n: 400, y: 0, yy: 0, x: 8000, xx: 200_000, xy: 0 };
    const z = { z: [400], zz: [[800]], zy: [0], zx: [8000] };
    const sums = sumsOf(
      'm0',
      { control: { ...none, z }, treatment: { ...none, z } },
      { covariates: ['before'] },
    );
    const [entry] = richStudy().metrics;
    const metric = { ...entry!.metric, kind: 'ratio' as const, unit: '%' };
    const study = richStudy({ metrics: [{ ...entry!, metric }] });
    const [comparison] = analyzeStudy(study, { metrics: [sums], quantiles: [], coverage: [] }).metrics[0]!
      .comparisons;
    expect(comparison?.method).toMatch(/Newcombe hybrid score over events/);
    expect(comparison?.absolute).toMatchObject({ ok: true, estimate: 0 });
    expect(comparison?.adjustment).toMatchObject({
      reduction: 0,
      dropped: [{ covariate: 'before', reason: 'neither arm varies, so no uncertainty can be estimated' }],
    });
  });

  it('under a flat relative prior wins with the chance that the one-sided test leaves, on both scales', () => {
    const prior = { scale: 'relative', mean: 0, standardDeviation: 1e6 } as const;
    const found = of('fixed', { prior }).metrics[0]?.comparisons[0];
    const { absolute } = found!.fixedHorizon.ok ? found!.fixedHorizon : { absolute: found!.absolute };
    if (!absolute.ok || !found?.posterior?.ok) throw new Error('not computed');
    const z = absolute.estimate / absolute.standardError;
    expect(found.posterior.chanceToWin).toBeCloseTo(normalTail(-z), 9);
  });

  it('shows the fixed and the always-valid interval, and is judged by the one that the plan permits', () => {
    const [fixed, always] = [first('fixed'), first('always-valid')];
    for (const comparison of [fixed, always]) {
      expect(comparison?.fixedHorizon).toMatchObject({ ok: true, n: 800, method: /Welch t, CUPED/ });
      expect(comparison?.alwaysValid).toMatchObject({ ok: true, estimand: "each unit's first 7 days" });
    }
    expect(fixed?.absolute).toEqual(fixed?.fixedHorizon.ok && fixed.fixedHorizon.absolute);
    expect(always?.absolute).toEqual(always?.alwaysValid.ok && always.alwaysValid.absolute);
    expect(always?.absolute).toMatchObject({ note: "of each unit's first 7 days" });
    expect(fixed?.interval).toEqual({
      kind: 'fixed',
      level: 1 - 0.05 / 4,
      coverage: 'step-wise',
      correction: 'holm',
      sides: 'two-sided',
    });
    expect(always?.df).toBeNull();
  });

  it('says what covariates and strata took away, and the estimate without them', () => {
    const adjustment = first('fixed')?.adjustment;
    expect(adjustment).toMatchObject({ covariates: ['before', 'age'], dropped: [], strata: ['tenure'] });
    expect(adjustment?.reduction).toBeGreaterThan(0.8);
    const plain = analyzeStudy(richStudy(), {
      ...aggregates,
      metrics: aggregates.metrics.map(({ covariates: _, strata: __, ...rest }) => rest),
    }).metrics[0]?.comparisons[0];
    expect(plain?.adjustment).toBeUndefined();
    expect(plain?.absolute.ok && adjustment?.unadjusted.ok && adjustment.unadjusted.estimate).toBe(
      plain?.absolute.ok && plain.absolute.estimate,
    );
  });

  it('keeps the score interval of rare successes, and says that no adjustment was made', () => {
    const units = (successes: number) =>
      Array.from({ length: 200 }, (_, i) => [i < successes ? 1 : 0, 1, i % 7, i % 3] as const);
    const rare = {
      ...sumsOf('m4', { control: momentsOfUnits(units(3)), treatment: momentsOfUnits(units(6)) }),
      covariates: ['before', 'age'],
    };
    const [metric] = analyzeStudy(
      richStudy({ metrics: richStudy().metrics.filter(({ metric: { key } }) => key === 'm4') }),
      { metrics: [rare], quantiles: [], coverage: [] },
    ).metrics;
    const comparison = metric?.comparisons[0];
    expect(comparison?.method).toMatch(/score/);
    expect(comparison?.adjustment).toMatchObject({
      covariates: [],
      reduction: 0,
      dropped: [
        { covariate: 'before', reason: expect.stringMatching(/few successes/) },
        { covariate: 'age' },
      ],
    });
  });

  it('has a posterior under a declared prior, drawn towards it', () => {
    const comparison = first('fixed');
    const relative = comparison?.relative;
    expect(comparison?.posterior).toMatchObject({ ok: true, scale: 'relative' });
    const mean = comparison?.posterior?.ok ? comparison.posterior.mean : Number.NaN;
    expect(Math.abs(mean)).toBeLessThan(relative?.ok ? Math.abs(relative.estimate) : 0);
    expect(
      of('fixed', { prior: { scale: 'absolute', mean: 0, standardDeviation: 1 } }).metrics[5],
    ).toMatchObject({
      role: 'guardrail',
      comparisons: [expect.not.objectContaining({ posterior: expect.anything() })],
    });
  });

  it('by looks: waits for the first one, holds the last one taken, and takes all units at the end', () => {
    const looks = (complete: number) =>
      first('group-sequential', { design: { looks: [7, 14, 28], spending: 'pocock', complete } });
    expect(looks(6)?.absolute).toEqual({ ok: false, reason: 'the first look is at the end of day 7' });
    expect(looks(6)?.p).toBeNull();
    expect(looks(6)?.fixedHorizon.ok).toBe(true);
    expect(looks(14)?.method).toMatch(/group-sequential \(Pocock\), look 2 of 3/);
    expect(looks(20)?.absolute).toEqual(looks(14)?.absolute);
    expect(looks(28)?.method).toMatch(/look 3 of 3/);
    expect(looks(14)?.alwaysValid).toEqual(looks(28)?.alwaysValid);
  });

  it('refuses an always-valid interval of a quantile, and judges it once whatever the plan', () => {
    const quantile = {
      metric: 'm0',
      q: 0.95,
      arms: ['control', 'treatment'].map((variant, index) => ({
        variant,
        value: 100 + index,
        moments: rateMoments(5000, 0.95, 0.3),
        density: 0.002,
      })),
    };
    const study = richStudy({ interval: 'always-valid' });
    const { metrics } = analyzeStudy(study, { metrics: [], quantiles: [quantile], coverage: [] });
    const comparison = metrics[0]?.comparisons[0];
    expect(comparison?.alwaysValid).toEqual({ ok: false, reason: expect.stringMatching(/every look/) });
    expect(comparison?.interval.kind).toBe('fixed');
    expect(comparison?.absolute).toEqual(comparison?.fixedHorizon.ok && comparison.fixedHorizon.absolute);
  });

  it('leaves a side open where the control is not shown to differ from 0', () => {
    const study = { ...richStudy(), metrics: richStudy().metrics.slice(0, 1), stratify: [] };
    const sums = sumsOf('m0', { control: meanMoments(500, 0.1, 6), treatment: meanMoments(500, 1.5, 6) });
    const { metrics } = analyzeStudy(study, { metrics: [sums], quantiles: [], coverage: [] });
    const comparison = metrics[0]?.comparisons[0];
    expect(comparison?.relative).toMatchObject({
      interval: [null, null],
      note: expect.stringMatching(/not clearly different from 0/),
    });
    expect(comparison?.posterior).toEqual({ ok: false, reason: 'the effect is not bounded by the data' });
  });
});

describe('over time and between segments', () => {
  const analysis = analyzeStudy(richStudy(), richAggregates({ effects: [0.2, 0, 0, 0, 0, 0] }));

  it('has the change from the first week to the second, the rhythm, and the shape of the values', () => {
    const [metric, , , ratio] = analysis.metrics;
    expect(metric?.novelty?.[0]).toMatchObject({ arm: 'treatment', change: { ok: true } });
    expect(metric?.diagnostics).toMatchObject({ cap: { quantile: 0.999 }, arms: [{ arm: 'control' }, {}] });
    expect(ratio?.diagnostics).toBeUndefined();
    expect(analysis.rhythm.filter(({ metric: key }) => key === 'm0').map(({ by }) => by)).toEqual([
      ...Array.from({ length: 28 }, () => 'since-exposure'),
      ...Array.from({ length: 7 }, () => 'weekday'),
    ]);
    expect(analysis.daily.filter(({ metric: key }) => key === 'm0').map(({ day }) => day)).toEqual(
      Array.from({ length: 28 }, (_, index) => index + 1),
    );
  });

  it('tells declared segments from explored ones and draws noisy ones to the common effect', () => {
    const rows = analysis.segments.filter(({ metric }) => metric === 'm0');
    expect(rows.map(({ attribute, declared }) => [attribute, declared])).toEqual([
      ...Array.from({ length: 3 }, () => ['device', true]),
      ...Array.from({ length: 4 }, () => ['country', false]),
    ]);
    for (const attribute of ['device', 'country']) {
      const group = rows.filter((row) => row.attribute === attribute);
      const spread = (values: readonly Estimate[]) => {
        const estimates = values.flatMap((value) => (value.ok ? [value.estimate] : []));
        return Math.max(...estimates) - Math.min(...estimates);
      };
      expect(spread(group.map(({ shrunken }) => shrunken))).toBeLessThan(
        spread(group.map(({ relative }) => relative)),
      );
    }
  });

  it('the interaction of one of two segments is their difference', () => {
    const [one, other] = [meanMoments(400, 10, 3), meanMoments(300, 8, 3)];
    const more = (moments: typeof one, change: number) =>
      meanMoments(moments.n, moments.y / moments.n + change, 3);
    const arms = (control: typeof one, change: number) => [
      { variant: 'control', moments: control },
      { variant: 'treatment', moments: more(control, change) },
    ];
    const [a, b] = [arms(one, 1), arms(other, -1)];
    const sum = (index: number) => {
      const [p, q] = [a[index]?.moments ?? one, b[index]?.moments ?? one];
      return { n: p.n + q.n, y: p.y + q.y, yy: p.yy + q.yy, x: p.x + q.x, xx: p.xx + q.xx, xy: p.xy + q.xy };
    };
    const sums = sumsOf(
      'm0',
      { control: sum(0), treatment: sum(1) },
      {
        segments: [
          { attribute: 'device', value: 'phone', arms: a },
          { attribute: 'device', value: 'tv', arms: b },
        ],
      },
    );
    const study = { ...richStudy(), metrics: richStudy().metrics.slice(0, 1) };
    const { segments } = analyzeStudy(study, { metrics: [sums], quantiles: [], coverage: [] });
    expect(segments.map(({ interaction: { difference } }) => difference.ok && difference.estimate)).toEqual([
      expect.closeTo(2, 10),
      expect.closeTo(-2, 10),
    ]);
    // R: sqrt(3^2/400 + 3^2/400 + 3^2/300 + 3^2/300) = 0.3240370
    expect(segments[0]?.interaction.difference).toMatchObject({ standardError: expect.closeTo(0.324037, 6) });
  });

  it('holds no number that JSON cannot', () => {
    const walk = (value: unknown): void => {
      if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
      else if (value !== null && typeof value === 'object') Object.values(value).forEach(walk);
    };
    for (const interval of KINDS) {
      const { metrics, segments, daily, rhythm } = analyzeStudy(
        richStudy({ interval }),
        richAggregates({ units: 6 }),
      );
      walk([metrics, segments, daily, rhythm]);
    }
  });
});
