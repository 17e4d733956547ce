import type { Measure } from '../ranking/evaluate.ts';
import type { EvaluationReport } from './evaluate-all.ts';
import { type Figure, MEASURES } from './evaluation-intervals.ts';

const HEADS: Readonly<Record<Measure, string>> = {
  recall10: 'Recall@10',
  recall20: 'Recall@20',
  ndcg10: 'NDCG@10',
  ndcg20: 'NDCG@20',
  mrr: 'MRR@20',
  popularityRank: 'pop. rank',
  genresPerSlate: 'genres',
  intraListDiversity: 'diversity',
  coverage: 'coverage@20',
  gini: 'Gini@20',
};
const WIDTH = 16;
const KINDS = {
  source: 'candidate sources',
  stage: 'pipelines, after each stage',
  pipeline: 'pipelines, after each stage',
};

/** Values on one line, their 95 % intervals below it. */
export function evaluationTable(report: EvaluationReport): string {
  const names = report.rows.map(({ name }) => name);
  const width = Math.max(...names.map((name) => name.length), 18);
  const line = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(width)} ${cells.map((cell) => cell.padStart(WIDTH)).join(' ')}`.trimEnd();
  const lines = [
    line(
      '',
      MEASURES.map((name) => HEADS[name]),
    ),
  ];
  let kind = '';
  for (const row of report.rows) {
    if (KINDS[row.kind] !== kind) lines.push(KINDS[row.kind]);
    kind = KINDS[row.kind];
    if (row.sameAs !== null) {
      if (row.kind === 'pipeline') lines.push(`${row.name.padEnd(width)} as ${row.sameAs}`);
      continue;
    }
    const figures = MEASURES.map((name) => ({ name, figure: row.measures[name] }));
    lines.push(
      line(
        row.name,
        figures.map(({ name, figure }) => number(name, figure.value)),
      ),
    );
    lines.push(
      line(
        '',
        figures.map(({ name, figure }) => interval(name, figure)),
      ),
    );
  }
  const differences = report.rows.flatMap(({ name, sameAs, ndcg20Difference: difference }) =>
    difference === null || sameAs !== null
      ? []
      : [line(name, [signed(difference.value), interval('ndcg20', difference)])],
  );
  return [
    ...lines,
    '',
    `Protocol ${report.protocol}: ${report.held}.`,
    `Recall@k: ${report.recall}; mean over ${report.users.toLocaleString('en')} users.`,
    ...(report.rows.some(({ sameAs }) => sameAs !== null)
      ? ['Stages that stand in an earlier pipeline too are shown there only; --json has them all.']
      : []),
    `Below each value its 95 % interval over ${report.resamples.toLocaleString('en')} resamples of users.`,
    ...report.leftOut.map(({ name, reason }) => `Left out: ${name} ${reason}.`),
    '',
    ...byWatches(report, line),
    ...(differences.length === 0 ? [] : ['', `NDCG@20 less that of ${report.against}`, ...differences]),
    ...changes(report, line),
  ].join('\n');
}

const CHANGED = ['ndcg20', 'recall20', 'genresPerSlate', 'intraListDiversity', 'popularityRank'] as const;

/** What each step adds and costs. */
function changes(
  { rows }: EvaluationReport,
  line: (name: string, cells: readonly string[]) => string,
): string[] {
  const changed = rows.flatMap(({ kind, name, sameAs, change }) =>
    change === null || sameAs === change.against || (sameAs !== null && kind === 'stage')
      ? []
      : [
          `${name}, less ${change.against}`,
          line(
            '',
            CHANGED.map((measure) => signed(change[measure].value, measure)),
          ),
          line(
            '',
            CHANGED.map((measure) => interval(measure, change[measure])),
          ),
        ],
  );
  if (changed.length === 0) return [];
  const head = line(
    'What each step adds',
    CHANGED.map((name) => HEADS[name]),
  );
  return ['', head, ...changed];
}

/** NDCG@20 by the length of users' histories; groups without users are left out. */
function byWatches(
  { watches, rows }: EvaluationReport,
  line: (name: string, cells: readonly string[]) => string,
): string[] {
  const groups = watches.map((_, group) => group).filter((group) => watches[group]!.users > 0);
  const headOf = ({ from, to }: EvaluationReport['watches'][number]): string =>
    to === null ? `from ${from}` : from === to ? String(from) : `${from} to ${to}`;
  return [
    line(
      'NDCG@20 by watches',
      groups.map((group) => headOf(watches[group]!)),
    ),
    line(
      'users',
      groups.map((group) => watches[group]!.users.toLocaleString('en')),
    ),
    ...rows.flatMap(({ name, sameAs, ndcg20ByWatches: figures }) =>
      sameAs !== null
        ? []
        : [
            line(
              name,
              groups.map((group) => number('ndcg20', figures[group]!.value)),
            ),
            line(
              '',
              groups.map((group) => interval('ndcg20', figures[group]!)),
            ),
          ],
    ),
  ];
}

function number(name: Measure, value: number | null): string {
  if (value === null) return 'none';
  if (name === 'popularityRank') return value.toFixed(0);
  return name === 'genresPerSlate' ? value.toFixed(2) : value.toFixed(4);
}

function signed(value: number | null, name: Measure = 'ndcg20'): string {
  return value === null ? 'none' : `${value < 0 ? '' : '+'}${number(name, value)}`;
}

function interval(name: Measure, { interval: ends }: Figure): string {
  if (ends === null) return '';
  const [low, high] = ends.map((end) => number(name, end).replace(/^(-?)0\./, '$1.'));
  return `[${low}, ${high}]`;
}
