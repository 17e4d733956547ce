import { stringify } from 'csv-stringify/sync';
import { exportRows } from './export.ts';
import type { Report } from './report.ts';

/** The report's long table as CSV. Text that a spreadsheet would run as a formula is escaped. */
export function reportCsv(report: Report): string {
  const { header, rows } = exportRows(report);
  return stringify([header, ...rows], { escape_formulas: true });
}
