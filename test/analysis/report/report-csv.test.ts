import { parse } from 'csv-parse/sync';
import { expect, it } from 'vitest';
import { exportRows } from '../../../src/analysis/report/export.ts';
import { reportCsv } from '../../../src/analysis/report/report-csv.ts';
import { richReport } from '../../support/rich-report.ts';

it('every cell comes back as it was written, open ends and missing figures as nothing', () => {
  const report = richReport();
  const { header, rows } = exportRows(report);
  const read = parse(reportCsv(report)) as string[][];
  expect(read).toEqual(
    [header, ...rows].map((row) => row.map((cell) => (cell === null ? '' : String(cell)))),
  );
});

it('what others wrote is no formula; a negative number stays one', () => {
  const report = richReport();
  const experiment = { ...report.experiment, key: '=1+2' };
  const read = parse(reportCsv({ ...report, experiment }), { columns: true }) as Record<string, string>[];
  expect(new Set(read.map((row) => row.experiment))).toEqual(new Set(["'=1+2"]));
  expect(read.some(({ low }) => Number(low) < 0)).toBe(true);
});
