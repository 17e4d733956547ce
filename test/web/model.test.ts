import { describe, expect, test } from 'vitest';
import type { MetricReport, Report } from '../../src/analysis/report/report.ts';
import { targetOf } from '../../web/src/model/anchor.ts';
import { comparisonFacts, promiseText } from '../../web/src/model/comparison.ts';
import { exposureDays } from '../../web/src/model/exposures.ts';
import { forestGroups, forestSummary, type IntervalShape } from '../../web/src/model/forest.ts';
import { formatDay, formatTick } from '../../web/src/model/format.ts';
import { headroomText, limitText, marginText } from '../../web/src/model/guardrail-table.ts';
import { guardrailRows, guardrailSummary, worstGuardrail } from '../../web/src/model/guardrails.ts';
import { liftDomain, liftSeries } from '../../web/src/model/lift.ts';
import { stageViews } from '../../web/src/model/pipeline.ts';
import { preferenceSummary, preferenceTone } from '../../web/src/model/preference.ts';
import { dayName, rhythmSeries } from '../../web/src/model/rhythm.ts';
import { route } from '../../web/src/model/route.ts';
import { clip, sharedDomain } from '../../web/src/model/scale.ts';
import { segmentGroups, segmentMetrics, segmentTone } from '../../web/src/model/segments.ts';
import { stateNotice, unlockDate } from '../../web/src/model/state-notice.ts';
import {
  immatureReport,
  interleavingReport,
  invalidReport,
  notStartedReport,
  rollBackReport,
  shippingReport,
} from './report-fixture.ts';

const report = shippingReport();
const metric = (key: string, of: Report = report): MetricReport => of.metrics.find((one) => one.key === key)!;
const shape = (estimate: number, low: number | null, high: number | null): IntervalShape => ({
  estimate,
  low,
  high,
});

describe('route', () => {
  test.each([
    ['/', { page: 'list' }],
    ['/index.html', { page: 'list' }],
    ['/experiments', { page: 'list' }],
    ['/experiments/homepage-hybrid', { page: 'report', key: 'homepage-hybrid' }],
    ['/experiments/homepage-hybrid/', { page: 'report', key: 'homepage-hybrid' }],
    ['/experiments/a%20b', { page: 'report', key: 'a b' }],
    ['/experiments/a/b', { page: 'unknown', path: '/experiments/a/b' }],
    ['/experiments/%E0%A4', { page: 'unknown', path: '/experiments/%E0%A4' }],
    ['/reproductions', { page: 'reproductions' }],
  ])('%s', (path, expected) => expect(route(path)).toEqual(expected));
});

describe('scale of a forest', () => {
  test.each<[string, IntervalShape[]]>([
    ['all above zero', [shape(0.3, 0.28, 0.32), shape(0.1, 0.05, 0.15)]],
    ['all below zero', [shape(-0.3, -0.32, -0.28)]],
    ['open ends', [shape(0.1, null, 0.2), shape(0.1, 0.05, null)]],
    ['no effect at all', [shape(0, 0, 0)]],
    ['nothing to draw', []],
  ])('holds zero away from both ends: %s', (_, shapes) => {
    const [low, high] = sharedDomain(shapes);
    expect(low).toBeLessThan(0);
    expect(high).toBeGreaterThan(0);
  });

  test('an outlier does not flatten its neighbours, and is marked as cut off', () => {
    const outlier = shape(10.6, 9.9, 11.3);
    const domain = sharedDomain([shape(0.02, -0.01, 0.05), shape(0.03, 0.01, 0.05), outlier]);
    expect(domain[1]).toBeLessThan(1);
    expect(clip(outlier, domain)).toMatchObject({ at: domain[1], to: domain[1], beyondHigh: true });
  });

  test('an effect among rows without one is not cut off', () => {
    const effect = shape(0.1, 0.08, 0.12);
    const domain = sharedDomain([shape(0, -0.02, 0.02), shape(0.001, -0.019, 0.021), effect]);
    expect(clip(effect, domain)).toMatchObject({
      from: 0.08,
      at: 0.1,
      to: 0.12,
      beyondLow: false,
      beyondHigh: false,
    });
  });

  test('an open end reaches the edge and says that it goes on', () =>
    expect(clip(shape(0.1, null, 0.2), [-1, 1])).toMatchObject({
      from: -1,
      beyondLow: true,
      to: 0.2,
      beyondHigh: false,
    }));
});

describe('forest', () => {
  test('lower-is-better metrics stand apart, so that each scale reads in one direction', () => {
    const groups = forestGroups([
      metric('bounce_rate'),
      metric('watch_hours_per_week'),
      metric('latency_p95_ms'),
    ]);
    expect(groups.map(({ direction, rows }) => [direction, rows.map((row) => row.metric.key)])).toEqual([
      ['higher-is-better', ['watch_hours_per_week']],
      ['lower-is-better', ['bounce_rate', 'latency_p95_ms']],
    ]);
  });

  test('a metric with open windows has no outcome, whatever its p-value', () => {
    const [group] = forestGroups([metric('watch_hours_per_week', immatureReport())]);
    expect(group!.rows[0]!.mark).toMatchObject({ tone: 'inconclusive', word: 'immature' });
  });

  test('a lift that cannot be computed keeps its reason and is not drawn at zero', () => {
    const [group] = forestGroups([metric('error_rate')]);
    expect(group!.rows[0]).toMatchObject({ shape: null, reason: 'the control is 0, so there is no lift' });
  });

  test('one sentence counts the outcomes', () => {
    const rows = forestGroups(report.metrics.filter((one) => one.role === 'success')).flatMap(
      (group) => group.rows,
    );
    expect(forestSummary(rows)).toBe('Of 6 comparisons, 5 better, 1 immature.');
    expect(forestSummary([])).toBe('No metrics are declared here.');
  });
});

describe('guardrails', () => {
  const rows = guardrailRows(report.metrics);
  const row = (key: string) => rows.find((one) => one.metric.key === key)!;

  test('harm is drawn in units of the margin, improvement negative, in either direction of the metric', () => {
    const latency = row('latency_p95_ms');
    expect(latency.shape!.estimate).toBeCloseTo((33.4 / 31.2 - 1) / 0.1, 10);
    expect(latency.shape!.low).toBeCloseTo(latency.guardrail.harm[0]! / 0.1, 10);
    expect(row('revenue_per_user').shape!.estimate).toBeCloseTo(-(12.01 / 11.92 - 1) / 0.02, 10);
    expect(row('bounce_rate').shape!.high).toBeLessThan(0);
  });

  test('an absolute margin is read on the absolute scale', () => {
    expect(marginText(row('error_rate'))).toBe('0.10 pp');
    expect(limitText(row('error_rate'))).toBe('0.00 % against 0.10 %: holds');
    expect(limitText(row('revenue_per_user'))).toBe('none');
  });

  test('drawn by what the interval shows, named by its state', () => {
    expect(rows.map((one) => [one.metric.key, one.tone, one.mark.word])).toEqual([
      ['bounce_rate', 'better', 'safe'],
      ['latency_p95_ms', 'worse', 'safe but worse'],
      ['error_rate', 'inconclusive', 'safe'],
      ['revenue_per_user', 'inconclusive', 'safe'],
    ]);
  });

  test('while windows are open a state is provisional, but a breach is not', () => {
    const open = guardrailRows(immatureReport().metrics);
    expect(open.every((one) => one.tone === 'inconclusive' && one.mark.word.endsWith(', immature'))).toBe(
      true,
    );
    const breach = {
      ...metric('latency_p95_ms', rollBackReport()),
      maturity: immatureReport().metrics[0]!.maturity,
    };
    expect(guardrailRows([breach])[0]).toMatchObject({ tone: 'worse', mark: { word: 'breach' } });
  });

  test('headroom is what the margin leaves, or by how much it is passed', () => {
    expect(headroomText(row('latency_p95_ms'))).toMatch(/^0\.6 %$/);
    const over = guardrailRows(rollBackReport().metrics).find((one) => one.metric.key === 'latency_p95_ms')!;
    expect(headroomText(over)).toMatch(/^none, \d+\.\d % over$/);
  });

  test('the worst comes first in the list', () => {
    expect(worstGuardrail(report.metrics)?.metric.key).toBe('latency_p95_ms');
    expect(worstGuardrail(rollBackReport().metrics)?.guardrail.state).toBe('breach');
    expect(worstGuardrail([])).toBeNull();
  });

  test('one sentence counts states and broken limits', () =>
    expect(guardrailSummary(guardrailRows(rollBackReport().metrics))).toBe(
      'Of 8 guardrail comparisons, 6 safe, 2 breach; 2 over an absolute limit.',
    ));
});

describe('lift by day', () => {
  const series = liftSeries(report);
  const of = (key: string, from = series) => from.find((one) => one.metric === key)!;

  test('days without an estimate are listed with their reason, not drawn', () => {
    const watch = of('watch_hours_per_week');
    expect(watch.points.map((point) => point.day)[0]).toBe(8);
    expect(watch.missing).toHaveLength(7);
    expect(watch.missing[0]!.reason).toBe('no unit has a complete 7-day block yet');
  });

  test('immature before the declared day, while windows are open, and in an immature report', () => {
    expect(of('click_through_rate').points.map((point) => point.mature)).toEqual([
      ...Array(6).fill(false),
      ...Array(22).fill(true),
    ]);
    expect(of('retention_30d').points.some((point) => point.mature)).toBe(false);
    expect(of('click_through_rate', liftSeries(immatureReport())).points.some((point) => point.mature)).toBe(
      false,
    );
  });

  test('the scale holds zero and the whole line', () => {
    const { points } = of('click_through_rate');
    const [low, high] = liftDomain(points);
    expect(low).toBeLessThan(0);
    expect(high).toBeGreaterThan(Math.max(...points.map((point) => point.estimate)));
  });
});

describe('exposures', () => {
  test('arms are stacked in declared order and shares sum to 1', () => {
    const days = exposureDays(report);
    expect(days).toHaveLength(56);
    const [popular, hybrid] = days.slice(-2);
    expect(popular).toMatchObject({ variant: 'popular', from: 0, to: 4986, expected: 0.5 });
    expect(hybrid).toMatchObject({ variant: 'hybrid', from: 4986, to: 10_000, expected: 0.5 });
    expect(popular!.share! + hybrid!.share!).toBeCloseTo(1, 12);
  });

  test('an arm without a row that day keeps its count', () => {
    const exposures = [
      { date: '2026-10-01', variant: 'popular', units: 5, cumulative: 5 },
      { date: '2026-10-02', variant: 'hybrid', units: 3, cumulative: 3 },
    ];
    expect(
      exposureDays({ ...report, exposures }).map((day) => [day.variant, day.units, day.cumulative]),
    ).toEqual([
      ['popular', 5, 5],
      ['hybrid', 0, 0],
      ['popular', 0, 5],
      ['hybrid', 3, 3],
    ]);
  });

  test('none is none', () => expect(exposureDays(notStartedReport())).toEqual([]));
});

describe('segments', () => {
  test('grouped by attribute, the largest first', () => {
    const groups = segmentGroups(report, 'click_through_rate');
    expect(groups.map((group) => group.attribute)).toEqual(['device', 'country', 'activity']);
    expect(groups[0]!.rows.map((row) => row.value)).toEqual(['tv', 'phone', 'web', 'tablet']);
    expect(segmentMetrics(report).map((one) => one.key)).toContain('retention_7d');
  });

  test.each([
    [0.1, 0.01, 'higher-is-better', 'better'],
    [0.1, 0.01, 'lower-is-better', 'worse'],
    [-0.1, 0.01, 'higher-is-better', 'worse'],
    [0.1, 0.06, 'higher-is-better', 'inconclusive'],
    [0.1, null, 'higher-is-better', 'inconclusive'],
  ] as const)('lift %d, adjusted p %s, %s: %s', (estimate, pAdjusted, direction, tone) => {
    const relative = { ok: true, estimate, standardError: 0.01, interval: [0, 0] } as const;
    const row = { ...report.segments[0]!, relative, pAdjusted };
    const { maturity } = metric('click_through_rate');
    expect(segmentTone(row, 0.05, { direction, maturity })).toBe(tone);
    expect(segmentTone(row, 0.05, { direction, maturity: { ...maturity, ready: false } })).toBe(
      'inconclusive',
    );
  });
});

describe('what a reason refers to', () => {
  test.each([
    ['success metric superior', 'watch_hours_per_week', 'metric-watch_hours_per_week', 'Watch time'],
    ['guardrail non-inferior', 'latency_p95_ms', 'guardrail-latency_p95_ms', 'Latency p95'],
    ['health passes', 'sample-ratio', 'health-sample-ratio', 'Sample ratio'],
  ])('%s of %s', (clause, ref, anchor, name) =>
    expect(targetOf(report, { clause, holds: true, text: '', ref })).toEqual({ anchor, name }),
  );

  test('a metric that is both success and guardrail is told apart by the clause', () => {
    const both = { ...metric('revenue_per_user'), role: 'success' as const };
    const target = (clause: string) =>
      targetOf(
        { state: 'ready', health: [], metrics: [both] },
        { clause, holds: true, text: '', ref: both.key },
      )?.anchor;
    expect(target('success metric superior')).toBe('metric-revenue_per_user');
    expect(target('guardrail non-inferior')).toBe('guardrail-revenue_per_user');
  });

  test('what the page does not show gets no link', () => {
    expect(targetOf(report, { clause: 'x', holds: null, text: '', ref: 'unheard-of' })).toBeNull();
    expect(targetOf(report, { clause: 'x', holds: null, text: '' })).toBeNull();
    const watch = { clause: 'x', holds: null, text: '', ref: 'watch_hours_per_week' };
    expect(targetOf(interleavingReport(), watch)).toBeNull();
    expect(targetOf({ ...report, state: 'collecting' }, watch)).toBeNull();
    expect(targetOf(report, { clause: 'preference', holds: null, text: '', ref: 'interleaving' })).toBeNull();
  });
});

describe('states', () => {
  test.each([
    ['ready', report, null],
    ['not started', notStartedReport(), 'Not started. Enrolment opens 1 Oct 2026.'],
    [
      'immature',
      immatureReport(),
      'Immature: the estimates are provisional and drawn grey; the verdict unlocks about 5 Nov 2026.',
    ],
    [
      'invalid',
      invalidReport(),
      'Invalid: a health check failed, so the verdict is withheld and the estimates are folded away.',
    ],
  ])('%s', (_, given, notice) => expect(stateNotice(given)).toBe(notice));

  test('the unlock date is that of the success metrics still open', () => {
    expect(unlockDate(report)).toBe('2026-11-28T00:00:00.000Z');
    expect(unlockDate(notStartedReport())).toBeNull();
  });
});

describe('pipelines', () => {
  const [popular, hybrid] = report.experiment.variants;

  test('a stage that the control has in the same form is not marked', () => {
    expect(stageViews(popular!.pipeline!, popular!.pipeline).map((stage) => stage.differs)).toEqual([
      false,
      false,
    ]);
    expect(stageViews(hybrid!.pipeline!, popular!.pipeline).every((stage) => stage.differs)).toBe(true);
  });

  test('nested parameters read as text', () =>
    expect(stageViews(hybrid!.pipeline!, null)[0]!.parameters).toEqual([
      { name: 'sources', value: 'ials 150, content 60, trending 30, continuation 10' },
    ]));
});

describe('interleaving', () => {
  const result = interleavingReport().interleaving!;

  test('the sentence names the preferred, or says that none is', () => {
    expect(preferenceSummary(result)).toBe(
      '3,104 users saw 41,220 mixed lists of popular and hybrid; hybrid is preferred (p <0.001). Credit: a click credits the ranker that placed the title.',
    );
    expect(preferenceSummary({ ...result, winner: null })).toContain('neither is preferred clearly');
  });

  test.each([
    ['hybrid', 'better'],
    ['popular', 'worse'],
    [null, 'inconclusive'],
  ])('winner %s: %s', (winner, tone) => expect(preferenceTone({ ...result, winner })).toBe(tone));
});

describe('labels', () => {
  test.each([
    [0, '0'],
    [0.1, '+10 %'],
    [-0.025, '-2.5 %'],
    [0.30000000000000004, '+30 %'],
  ])('tick %d is %s', (value, text) => expect(formatTick(value)).toBe(text));

  test('a day is that of UTC', () => expect(formatDay('2026-10-01T23:59:00.000Z')).toBe('1 Oct 2026'));
});

describe('what stands behind a comparison', () => {
  const facts = (key: string) => new Map(comparisonFacts(metric(key), metric(key).comparisons[0]!));

  test('names the kind of coverage and the correction beside the interval', () => {
    expect(promiseText(metric('click_through_rate').comparisons[0]!.interval)).toBe(
      '98.75 %, fixed horizon, step-wise coverage after Holm, two-sided',
    );
  });

  test('both intervals, what the sequential one speaks of, adjustment, posterior, novelty and shape', () => {
    const watch = facts('watch_hours_per_week');
    expect(watch.get('Always valid')).toContain("(each unit's first 7 days)");
    expect(watch.get('Adjusted for')).toMatch(
      /^watches_before, strata of country, strata of device; variance reduced by 31\.2 %; without it .*sessions_before left out: it never varies$/,
    );
    expect(watch.get('Posterior')).toContain('chance to win 99.99 %');
    expect(watch.get('Second week less first')).toContain('p 0.230');
    expect(watch.get('Shape')).toContain('capped at 71.20 h/week (99.9 % quantile)');
    expect(watch.get('Mind')).toContain('a tenth of the users');
  });

  test('a missing interval says why', () => {
    expect(facts('latency_p95_ms').get('Always valid')).toContain('no sequence of units');
  });

  test('days since first exposure count from 1, weekdays from Monday; an open interval is not drawn', () => {
    expect([dayName('since-exposure', 0), dayName('weekday', 7)]).toEqual(['day 1', 'Sun']);
    expect(rhythmSeries(report).map(({ by, points }) => [by, points.length])).toEqual([
      ['since-exposure', 14],
      ['weekday', 7],
    ]);
    const open = report.rhythm!.map((row) => ({
      ...row,
      absolute: { ...row.absolute, interval: [null, 1] as const },
    })) as Report['rhythm'];
    expect(rhythmSeries({ ...report, rhythm: open! })).toEqual([]);
  });
});
