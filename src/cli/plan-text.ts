import type { PlanDocument } from '../analysis/planning/plan-document.ts';
import type { PlanRow, Reached } from '../analysis/planning/plan-row.ts';
import type { Change } from '../analysis/planning/power-question.ts';
import {
  formatCount,
  formatDifference,
  formatLift,
  formatShare,
  formatValue,
} from '../analysis/report/format.ts';

const unsigned = (text: string) => text.replace(/^[+-]/, '');

function changeText(change: Change, unit: string): string {
  return 'relative' in change
    ? unsigned(formatLift(change.relative))
    : unsigned(formatDifference(change.absolute, unit));
}

function detectableText(row: PlanRow, reached: Reached): string {
  if (!reached.detectable.ok) return 'n/a';
  const { relative, absolute } = reached.detectable.value;
  const inUnits = relative === null || (row.target !== null && 'absolute' in row.target);
  const text = inUnits ? formatDifference(absolute, row.unit) : formatLift(relative);
  return unsigned(text);
}

const powerText = (power: number | null) =>
  power === null ? 'n/a' : power > 0.9995 ? '>99.9 %' : `${(power * 100).toFixed(1)} %`;

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cells(row: PlanRow, severalArms: boolean): readonly string[] {
  const target = row.target ? changeText(row.target, row.unit) : 'none';
  const { now, needed, plannedEnd } = row;
  return [
    severalArms ? `${row.metric} (${row.arm})` : row.metric,
    row.role,
    row.controlValue === null ? 'n/a' : formatValue(row.controlValue, row.unit),
    row.aim === 'superiority' ? `effect ${target}` : `margin ${target}`,
    now?.ok ? powerText(now.value.power.ok ? now.value.power.value : null) : 'n/a',
    now?.ok ? detectableText(row, now.value) : 'n/a',
    needed.ok ? formatCount(needed.value.units) : 'n/a',
    needed.ok && needed.value.days.ok ? String(needed.value.days.value) : 'n/a',
    plannedEnd?.ok ? powerText(plannedEnd.value.power.ok ? plannedEnd.value.power.value : null) : 'n/a',
    plannedEnd?.ok ? detectableText(row, plannedEnd.value) : 'n/a',
  ];
}

/** Without the columns of which nothing is known in any line. */
function known([heading = [], ...lines]: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const kept = heading.map((_, column) => column < 4 || lines.some((line) => line[column] !== 'n/a'));
  return [heading, ...lines].map((line) => line.filter((_, column) => kept[column]));
}

/** Why a line has gaps, each reason once. */
function gaps(rows: readonly PlanRow[]): readonly string[] {
  const told = rows.flatMap((row) => {
    const { needed, now, plannedEnd } = row;
    const reasons = [
      needed.ok ? (needed.value.days.ok ? null : needed.value.days.reason) : needed.reason,
      now && !now.ok ? now.reason : null,
      plannedEnd?.ok && !plannedEnd.value.detectable.ok ? plannedEnd.value.detectable.reason : null,
    ];
    return [...new Set(reasons)].flatMap((reason) => (reason ? [`${row.metric}: ${reason}`] : []));
  });
  return [...new Set(told)];
}

const BAR = 30;

function curve(document: PlanDocument): string {
  const { rows, curve: points } = document;
  const shown = rows
    .map((row, index) => ({ row, index }))
    .filter(({ index }) => points.some((point) => point.power[index] !== null));
  if (points.length === 0 || shown.length === 0) return '';
  const [first] = shown;
  const heading = ['day', 'units', ...shown.map(({ row }) => (rows.length > 1 ? row.metric : 'power')), ''];
  const lines = points.map((point) => {
    const lead = point.power[first?.index ?? 0] ?? 0;
    return [
      String(point.day),
      formatCount(point.units),
      ...shown.map(({ index }) => powerText(point.power[index] ?? null)),
      '#'.repeat(Math.round(lead * BAR)),
    ];
  });
  const widths = heading.map((_, column) =>
    Math.max(...[heading, ...lines].map((line) => line[column]?.length ?? 0)),
  );
  const text = [heading, ...lines]
    .map((line) =>
      line
        .map((cell, column) => (column === line.length - 1 ? cell : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
  const bars = shown.length > 1 ? ` (bars: ${first?.row.metric})` : '';
  return `\nPower by the end of each day${bars}\n\n${text}\n`;
}

const INTERVALS = {
  fixed: 'judged once, at the end',
  'always-valid': 'always-valid, may be judged at every look',
  'group-sequential': 'group-sequential, judged at its looks',
} as const;

/** The plan as a table, a power curve, and what was assumed. */
export function planText(document: PlanDocument): string {
  const { source, rows, enrolment } = document;
  const severalArms = new Set(rows.map(({ arm }) => arm)).size > 1;
  const title =
    source.kind === 'history'
      ? `Plan for ${source.experiment} (${source.environment}), from its first ${source.day} days`
      : 'Plan from the given figures';
  const pace = enrolment
    ? `${formatCount(enrolment.perDay)} units a day${enrolment.units > 0 ? `, ${formatCount(enrolment.units)} so far` : ''}`
    : 'pace of enrolment not given (--units-per-day)';
  const heading = [
    'metric',
    'role',
    'control',
    'to show',
    'power now',
    'MDE now',
    'units needed',
    'days',
    'power at end',
    'MDE at end',
  ];
  const looking = rows.flatMap(({ plannedEnd }) =>
    plannedEnd?.ok && plannedEnd.value.meanFraction !== null ? [plannedEnd.value.meanFraction] : [],
  );
  const shares = [...new Set([Math.min(...looking), Math.max(...looking)].map(formatShare))];
  const early =
    document.interval !== 'fixed' && looking.length > 0
      ? [`stopping at the first crossing uses ${shares.join(' to ')} of the planned units on average`]
      : [];
  const shared =
    document.comparisons > 1
      ? `, shared by ${document.comparisons} success comparisons (the first step of Holm)`
      : '';
  const each = rows.find(({ aim }) => aim === 'non-inferiority')?.power ?? document.power;
  const all =
    document.guardrails > 1
      ? `, ${formatShare(each)} for each of ${document.guardrails} guardrails, so that all hold together`
      : '';
  const notes = [
    `alpha ${formatShare(document.alpha)} two-sided${shared}; wanted power ${formatShare(document.power)}${all}`,
    'MDE: smallest true effect (guardrails: smallest margin) that is shown with the wanted power; units of all arms together',
    ...early,
    ...document.notes,
    ...gaps(rows),
  ];
  const end = document.plannedDays === null ? '' : `, planned end: day ${document.plannedDays}`;
  const lines = table(known([heading, ...rows.map((row) => cells(row, severalArms))]));
  const told = notes.map((note) => `- ${note}`).join('\n');
  return `${title}\n${INTERVALS[document.interval]}; ${pace}${end}\n\n${lines}\n${curve(document)}\n${told}\n`;
}
