import type { ReproductionDocument } from './document.ts';
import type { PublishedTableRow, Range } from './published-rows.ts';

/** The document for people: a terminal, or a file. */
export function reproductionMarkdown(document: ReproductionDocument): string {
  const { test, plan, http, phases, verdict } = document;
  const seconds = phases.reduce((sum, phase) => sum + phase.seconds, 0);
  const inTest = phases.find(({ name }) => name === 'test')?.seconds ?? 0;
  return [
    `# The published test on ${count(test.users)} viewers`,
    '',
    `Environment \`${document.environment}\`, seed ${plan.seed}, click model ${plan.clickModel}; ${document.machine}.`,
    `${count(test.sessions)} sessions, ${count(test.requests)} slates, ${count(test.rows)} rows, ${count(test.bytes)} bytes to COPY` +
      `${inTest > 0 ? `, ${count(test.sessions / inTest)} sessions/s` : ''}. Models were trained on the past of ${count(plan.trainedOn)} viewers, in which`,
    'everyone saw the control; they and what trends stay frozen, so that no arm feeds the other.',
    '',
    '## 1. The published test',
    '',
    ...table(
      [
        'metric',
        'published',
        '',
        'change',
        'truth',
        '',
        'change',
        'ours',
        '',
        'change',
        'interval',
        'always valid',
        'outcome',
        'covers the truth',
      ],
      document.published.map(publishedRow),
    ),
    '',
    ...notes(document.published),
    'Session duration is watch minutes per session: our reading of the published figure.',
    '',
    `Verdict: **${verdict.decision}**${verdict.variant === null ? '' : ` (${verdict.variant})`}. ${verdict.summary}`,
    '',
    '## How it was run',
    '',
    `The same requests of ${count(http.users)} viewers over HTTP (their first sessions: ${count(http.requests)} slates, ${count(http.outcomes)} outcomes,`,
    `${count(http.exposures)} exposures) gave the same slates, assignments and rows.`,
    '',
    ...table(
      ['phase', 'seconds'],
      [...phases.map(({ name, seconds: own }) => [name, own.toFixed(1)]), ['all', seconds.toFixed(1)]],
    ),
    '',
    `Content hash ${document.hash}`,
    '',
  ].join('\n');
}

const count = (value: number): string => Math.round(value).toLocaleString('en');

function publishedRow(row: PublishedTableRow): string[] {
  const { unit, kind, ours, truth, published } = row;
  return [
    row.name,
    shown(published.control, unit),
    shown(published.treatment, unit),
    changed(published.change, kind),
    ...(truth === null
      ? ['-', '-', '-']
      : [
          shown(truth.control, unit),
          shown(truth.treatment, unit),
          `${changed(truth.change, kind)}${truth.error > 0 ? ` ± ${(100 * 1.96 * truth.error).toFixed(2)}` : ''}`,
        ]),
    ours.control === null ? '-' : shown(ours.control, unit),
    ours.treatment === null ? '-' : shown(ours.treatment, unit),
    ours.change === null ? (ours.reason ?? '-') : changed(ours.change, kind),
    `${range(ours.fixed, kind)}${Math.abs(ours.level - 0.95) > 1e-9 ? ` (at ${Number((100 * ours.level).toFixed(2))} %)` : ''}`,
    ours.alwaysValid === null ? (ours.alwaysValidReason ?? '-') : range(ours.alwaysValid, kind),
    ours.outcome ?? '-',
    row.covers === null ? '-' : row.covers ? 'yes' : 'no',
  ];
}

function notes(rows: readonly PublishedTableRow[]): string[] {
  return rows
    .filter(({ mature }) => mature.atTestEnd < mature.measured)
    .map(
      ({ name, mature }) =>
        `${name}: on the last day of the test ${(100 * mature.atTestEnd).toFixed(1)} % of the windows were complete and no figure was given; this one is of ${(100 * mature.measured).toFixed(1)} %.`,
    );
}

function shown(value: number, unit: PublishedTableRow['unit']): string {
  if (unit === '%') return `${(100 * value).toFixed(1)} %`;
  return `${value.toFixed(unit === 'min' ? 1 : 2)} ${unit === 'genres/week' ? '' : unit}`.trim();
}

function changed(value: number, kind: PublishedTableRow['kind']): string {
  return `${value < 0 ? '-' : '+'}${Math.abs(100 * value).toFixed(1)} ${kind === 'relative' ? '%' : 'pp'}`;
}

function range(interval: Range | null, kind: PublishedTableRow['kind']): string {
  if (interval === null) return '-';
  const bound = (value: number | null, open: string) => (value === null ? open : changed(value, kind));
  return `[${bound(interval.low, '-inf')}, ${bound(interval.high, '+inf')}]`;
}

/** A Markdown table whose columns are padded, so that it reads as well on a terminal. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(3, ...all.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  return [line(header), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)];
}
