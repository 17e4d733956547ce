import { describe, expect, it } from 'vitest';
import {
  offCuts,
  type SampleRatioCounts,
  sampleRatioReport,
} from '../../../src/analysis/study/sample-ratio-report.ts';

const ARMS = [
  { arm: 'control', weight: 0.5 },
  { arm: 'treatment', weight: 0.5 },
];
const units = (control: number, treatment: number) => [
  { variant: 'control', units: control },
  { variant: 'treatment', units: treatment },
];
const cut = (by: string, value: string, control: number, treatment: number) => ({
  by,
  value,
  arms: units(control, treatment),
});
const days = (counts: readonly (readonly [number, number])[]) =>
  counts.flatMap(([control, treatment], index) =>
    units(control, treatment).map((arm) => ({
      ...arm,
      date: `2026-10-${String(index + 1).padStart(2, '0')}`,
    })),
  );
const reportOf = (counts: Partial<SampleRatioCounts>) =>
  sampleRatioReport(ARMS, { arms: units(5000, 5000), ...counts });

describe('the whole', () => {
  it.each([
    [5000, 5000, 'pass'],
    [5000, 5150, 'pass'],
    [5000, 5400, 'fail'],
    [0, 0, 'unknown'],
  ] as const)('%d to %d: %s', (control, treatment, status) => {
    expect(reportOf({ arms: units(control, treatment) })).toMatchObject({ status, cuts: [] });
  });

  it('counts units of an arm that nobody declared against nobody expected', () => {
    const report = reportOf({ arms: [...units(500, 500), { variant: 'ghost', units: 3 }] });
    expect(report).toMatchObject({ status: 'fail', p: null, reason: expect.stringMatching(/ghost/) });
    expect(report.arms.map(({ arm, expected }) => [arm, expected])).toEqual([
      ['control', 501.5],
      ['treatment', 501.5],
      ['ghost', 0],
    ]);
  });

  it('a p that no double holds is the least one, not 0', () => {
    const report = reportOf({ arms: units(900_000, 100_000) });
    expect(report.p).toBeGreaterThan(0);
    expect(report.p).toBeLessThan(1e-300);
  });
});

describe('over the days', () => {
  it('is the sequential test over new units of each day, in the order of the days', () => {
    const daily = days(Array.from({ length: 9 }, () => [555, 555] as const));
    const shuffled = [...daily].reverse();
    expect(reportOf({ exposuresByDay: daily }).sequentialP).toBe(1);
    expect(reportOf({ exposuresByDay: shuffled })).toEqual(reportOf({ exposuresByDay: daily }));
    expect(reportOf({}).sequentialP).toBeNull();
  });

  it('remembers a ratio that was off although the whole has recovered', () => {
    const report = reportOf({
      exposuresByDay: days([
        [3000, 2000],
        [2000, 3000],
      ]),
    });
    expect(report.p).toBe(1);
    expect(report.sequentialP).toBeLessThan(0.001);
    expect(report.status).toBe('fail');
  });
});

describe('cuts', () => {
  // R: p.adjust(c(chisq.test(c(3000,3300))$p.value, chisq.test(c(2000,1700))$p.value, 1), 'BH')
  const cuts = [
    cut('device', 'phone', 3000, 3300),
    cut('device', 'tv', 2000, 1700),
    cut('country', 'DE', 2500, 2500),
    cut('country', 'FR', 0, 0),
  ];

  it('are adjusted over all that could be tested', () => {
    const report = reportOf({ cuts });
    expect(report.cuts.map(({ p }) => p)).toEqual([
      expect.closeTo(1.57052284231e-4, 13),
      expect.closeTo(8.14045801528e-7, 15),
      1,
      null,
    ]);
    expect(report.cuts.map(({ pAdjusted }) => pAdjusted)).toEqual([
      expect.closeTo(2.35578426346e-4, 13),
      expect.closeTo(2.44213740458e-6, 15),
      1,
      null,
    ]);
  });

  it('by attribute leave the whole as it is, to be warned of', () => {
    const report = reportOf({ cuts });
    expect(report.status).toBe('pass');
    expect(offCuts(report).map(({ value }) => value)).toEqual(['phone', 'tv']);
  });

  it('by phase fail: the allocation moved with time', () => {
    const phases = [cut('phase', '1', 3000, 3300), cut('phase', '2', 2000, 1700)];
    expect(reportOf({ cuts: phases }).status).toBe('fail');
  });
});
