import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/analysis/report/report.ts';
import {
  filterOf,
  filterRows,
  type ListedExperiment,
  listRows,
  queryOf,
} from '../../web/src/model/listing.ts';
import {
  immatureReport,
  invalidReport,
  notStartedReport,
  rollBackReport,
  shippingReport,
} from './report-fixture.ts';

const listed = (
  key: string,
  report: Report | null,
  state: string = report?.state ?? 'collecting',
): ListedExperiment => ({
  key,
  owner: report?.experiment.owner ?? 'measurement',
  design: 'ab',
  hypothesis: 'It helps.',
  state,
  day: report?.day ?? 0,
  plannedDays: 28,
  report,
});

const rows = listRows([
  listed('waiting', notStartedReport()),
  listed('silent', null),
  listed('early', immatureReport()),
  listed('winner', shippingReport()),
  listed('skewed', invalidReport()),
  listed('slow', rollBackReport()),
]);
const row = (key: string) => rows.find((one) => one.key === key)!;

describe('list of experiments', () => {
  test('those that need a human stand first, the most urgent on top', () => {
    expect(rows.map((one) => one.key)).toEqual(['slow', 'skewed', 'winner', 'early', 'silent', 'waiting']);
    expect(rows.map((one) => one.needsHuman)).toEqual([true, true, true, false, false, false]);
  });

  test.each([
    ['slow', 'Stop hybrid and roll back'],
    ['skewed', 'Mend sample ratio, then restart with a new iteration'],
    ['winner', 'Ship hybrid'],
    ['early', 'Wait until 28 Nov 2026'],
    ['silent', 'Run an analysis'],
    ['waiting', 'Starts 1 Oct 2026'],
  ])('next action of %s', (key, action) => expect(row(key).nextAction).toBe(action));

  test('a stopped experiment asks for nothing; an ended one without a report asks for an analysis', () => {
    expect(listRows([listed('a', rollBackReport(), 'stopped')])[0]).toMatchObject({
      needsHuman: false,
      nextAction: 'Stopped: close it, or start a new iteration',
    });
    expect(listRows([listed('b', null, 'ended')])[0]).toMatchObject({
      needsHuman: true,
      nextAction: 'Run an analysis',
    });
  });

  test('an invalid test shows neither estimate nor guardrail', () =>
    expect(row('skewed')).toMatchObject({
      primary: null,
      guardrail: null,
      health: { status: 'fail', words: 'sample ratio' },
    }));

  test('no report is not a passed check', () =>
    expect(row('silent').health).toEqual({ status: 'unknown', words: 'no report yet' }));
});

describe('filters', () => {
  test.each([
    ['', ['slow', 'skewed', 'winner', 'early', 'silent', 'waiting']],
    ['?needs=human', ['slow', 'skewed', 'winner']],
    ['?owner=browse-recs', ['slow']],
    ['?verdict=ship', ['winner']],
    ['?verdict=none', ['silent', 'waiting']],
    ['?q=SKEW', ['skewed']],
    ['?q=helps&needs=human&verdict=invalid', ['skewed']],
    ['?owner=nobody', []],
  ])('%s', (query, keys) => {
    expect(filterRows(rows, filterOf(query)).map((one) => one.key)).toEqual(keys);
    expect(filterOf(queryOf(filterOf(query)))).toEqual(filterOf(query));
  });
});
