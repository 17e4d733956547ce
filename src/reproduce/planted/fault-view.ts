import type { TableView } from '../table-view.ts';
import type { FaultFigure, FaultTable } from './fault-table.ts';
import { covers } from './report-figures.ts';

/** Table 4, a line for each figure; what belongs to the fault stands in its first one. */
export function faultsView({ viewers, rows }: FaultTable): TableView {
  return {
    title: '4. Planted faults',
    head: ['fault', 'figure', 'estimate', 'truth', 'covers the truth', 'verdict', 'found', 'by'],
    rows: rows.flatMap(({ fault, figures, verdict, found, by }) =>
      figures.map((figure, i) => {
        const covered = covers(figure);
        return [
          i === 0 ? fault : '',
          figure.what,
          interval(figure),
          figure.truth === null ? '-' : shown(figure.truth, figure.unit),
          covered === null ? '-' : covered ? 'yes' : 'no',
          ...(i === 0 ? [verdict, found ? 'yes' : 'no', by] : ['', '', '']),
        ];
      }),
    ),
    notes: [
      `Each is planted in the records of ${viewers.toLocaleString('en')} viewers whose two arms are served alike, stored in an environment of its own and analysed by the jobs. The truth is that of these viewers, counted with the fault and without it; where bots are planted it is that of people.`,
      ...rows.map(({ fault, planted }) => `${capital(fault)}: ${planted}.`),
    ],
  };
}

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

function shown(value: number, unit: string): string {
  const [size, digits] = unit === '%' ? [100 * value, 1] : [value, 2];
  return `${size < 0 ? '-' : '+'}${Math.abs(size).toFixed(digits)} ${unit}`;
}

function interval({ estimate, low, high, unit }: FaultFigure): string {
  if (estimate === null) return 'none';
  const end = (value: number | null, open: string) => (value === null ? open : shown(value, unit));
  return `${shown(estimate, unit)} [${end(low, '-inf')}, ${end(high, '+inf')}]`;
}
