import type { SegmentTruthRow } from './segment-truths.ts';
import type { TableView } from './table-view.ts';

/** Table 1 by segment. */
export function segmentsView(rows: readonly SegmentTruthRow[]): TableView {
  const judged = rows.filter(({ covers }) => covers !== null);
  const covered = judged.filter(({ covers }) => covers).length;
  return {
    title: '1b. The same by segment',
    head: ['segment', 'metric', 'units', 'truth', 'ours', 'interval', 'covers the truth'],
    rows: rows.map(({ attribute, value, name, units, truth, estimate, interval, level, covers }) => [
      `${attribute} ${value}`,
      name,
      count(units),
      truth === null ? '-' : `${percent(truth.change)} ± ${(196 * truth.error).toFixed(1)}`,
      estimate === null ? '-' : percent(estimate),
      interval === null
        ? '-'
        : `[${end(interval.low, '-inf')}, ${end(interval.high, '+inf')}] (at ${Number((100 * level).toFixed(2))} %)`,
      covers === null ? '-' : covers ? 'yes' : 'no',
    ]),
    notes: [
      `Relative effects; the truth is that of the viewers of the segment who lived through both arms, with its error (95 %). ${covered} of ${judged.length} intervals cover it; they are corrected over all segments, and a truth of few viewers may lie beside its own.`,
    ],
  };
}

const count = (value: number): string => value.toLocaleString('en');
const percent = (share: number): string => `${share < 0 ? '-' : '+'}${Math.abs(100 * share).toFixed(1)} %`;
const end = (value: number | null, open: string): string => (value === null ? open : percent(value));
