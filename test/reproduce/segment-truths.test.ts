import { expect, test } from 'vitest';
import type { Report, SegmentReport } from '../../src/analysis/report/report.ts';
import { analyze } from '../../src/analyze.ts';
import { segmentTruths } from '../../src/reproduce/segment-truths.ts';
import { segmentsView } from '../../src/reproduce/segment-view.ts';
import { aggregatesOf, experimentOf, METRICS } from '../support/evidence.ts';
import { keptInBothArms, planFor } from './planted-world.ts';

const plan = planFor(experimentOf({ observeForMs: 30 * 86_400_000 }), 400);
/** The treatment adds 10 % for everyone; every fourth viewer is from DE, power viewers had watched before. */
const units = {
  ...keptInBothArms(plan, 400),
  stratum: Array.from(
    { length: 400 },
    (_, unit) => `${unit % 4 === 0 ? 'DE' : 'US'} ${unit % 3 === 0 ? 'tv' : 'mobile'}`,
  ),
  watchesBefore: Float64Array.from({ length: 400 }, (_, unit) => (unit % 2 === 0 ? 40 : 2)),
};

const row = (attribute: string, value: string, estimate: number, half = 0.05): SegmentReport => ({
  attribute,
  value,
  metric: 'watch_hours_per_week',
  arm: 'hybrid',
  n: 100,
  relative: { ok: true, estimate, standardError: half / 2, interval: [estimate - half, estimate + half] },
  p: 0.01,
  pAdjusted: 0.02,
  declared: true,
  interval: { kind: 'fixed', level: 0.97, coverage: 'false-coverage', correction: 'bh', sides: 'two-sided' },
  interaction: { difference: { ok: false, reason: 'none' }, p: null, pAdjusted: null },
  shrunken: { ok: false, reason: 'none' },
});
const report: Report = {
  ...analyze(experimentOf(), METRICS, aggregatesOf({}), 'c'),
  segments: [
    row('country', 'DE', 0.12),
    row('device', 'tv', 0.3),
    row('activity', 'power', 0.11),
    row('activity', 'casual', 0.1),
    row('age_group', '25-34', 0.1),
  ],
};

test('every segment that is known of viewers has its truth with its error, and says whether the interval covers it', () => {
  const rows = segmentTruths(report, units, plan, 'hybrid');
  expect(
    rows.map(({ attribute, value, truthUnits, covers }) => [attribute, value, truthUnits, covers]),
  ).toEqual([
    ['country', 'DE', 100, true],
    ['device', 'tv', 134, false],
    ['activity', 'power', 200, true],
    // Nobody who lived through both arms is of it.
    ['activity', 'casual', 0, null],
  ]);
  for (const { truth, truthUnits } of rows)
    if (truthUnits > 0) {
      expect(truth!.change).toBeCloseTo(0.1, 3);
      expect(truth!.error).toBeLessThan(1e-3);
    }
});

test('is a line each of the table', () => {
  const view = segmentsView(segmentTruths(report, units, plan, 'hybrid'));
  expect(view.rows).toHaveLength(4);
  expect(view.rows[0]!.slice(0, 5)).toEqual([
    'country DE',
    'watch_hours_per_week',
    '100',
    '+10.0 % ± 0.0',
    '+12.0 %',
  ]);
  expect(view.notes[0]).toContain('2 of 3 intervals cover it');
  for (const cells of view.rows) expect(cells).toHaveLength(view.head.length);
});
