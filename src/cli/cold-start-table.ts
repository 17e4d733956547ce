import type { ColdStartReport } from './evaluate-cold-start.ts';
import type { Figure } from './evaluation-intervals.ts';

const WIDTH = 16;

/** NDCG@20 by known watches, then new titles, then an unknown country; 95 % intervals below the values. */
export function coldStartTable(report: ColdStartReport): string {
  const width = Math.max(...report.rows.map(({ name }) => name.length), 20);
  const line = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(width)} ${cells.map((cell) => cell.padStart(WIDTH)).join(' ')}`.trimEnd();
  const pair = (name: string, figures: readonly Figure[], signs = false): string[] => [
    line(
      name,
      figures.map(({ value }) => text(value, signs)),
    ),
    line('', figures.map(ends)),
  ];
  const heads = report.watches.map((watches) => (watches === null ? 'all' : `first ${watches}`));
  const titles = report.newTitles;
  return [
    line('NDCG@20 by known watches', []),
    line('', heads),
    ...report.rows.flatMap(({ name, figures }) =>
      pair(
        name,
        figures.map(({ ndcg20 }) => ndcg20),
      ),
    ),
    '',
    `The same ${report.users.toLocaleString('en')} users of 10 and more watches in every column, told of their first watches only;`,
    'what they watched in all is neither relevant nor shown.',
    '',
    'NDCG@20 less that of popularity',
    ...report.rows
      .filter(({ name }) => name !== 'popularity')
      .flatMap(({ name, lessPopularity }) => pair(name, lessPopularity, true)),
    '',
    `New titles: Recall@20 among ${titles.titles.toLocaleString('en')} titles without any watch, ${titles.users.toLocaleString('en')} users ` +
      `with a relevant one (by chance ${titles.chance.toFixed(4)})`,
    ...titles.rows.flatMap(({ name, recall20 }) => pair(name, [recall20])),
    '',
    line('New country', ['NDCG@20', 'change']),
    ...report.newCountry.flatMap(({ name, ndcg20, difference }) => [
      line(name, [text(ndcg20.value, false), text(difference.value, true)]),
      line('', [ends(ndcg20), ends(difference)]),
    ]),
    '',
    `Below each value its 95 % interval over ${report.resamples.toLocaleString('en')} resamples of users.`,
    ...report.leftOut.map(({ name, reason }) => `Left out: ${name} ${reason}.`),
  ].join('\n');
}

function text(value: number | null, sign: boolean): string {
  return value === null ? 'none' : `${sign && value >= 0 ? '+' : ''}${value.toFixed(4)}`;
}

function ends({ interval }: Figure): string {
  return interval === null
    ? ''
    : `[${interval.map((end) => end.toFixed(4).replace(/^(-?)0\./, '$1.')).join(', ')}]`;
}
