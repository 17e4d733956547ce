import {
  formatDifference,
  formatDifferenceInterval,
  formatLift,
  formatLiftInterval,
} from '../../../src/analysis/report/format.ts';
import type { Report, Verdict } from '../../../src/analysis/report/report.ts';
import { forestRows, type IntervalShape, shapeOf } from './forest.ts';
import { formatDay } from './format.ts';
import { type GuardrailRow, worstGuardrail } from './guardrails.ts';
import { type Mark, OUTCOME_MARKS } from './mark.ts';
import { preferenceTone } from './preference.ts';

/** One entry of `GET /v1/experiments`. */
export interface ListedExperiment {
  readonly key: string;
  readonly owner: string;
  readonly design: 'ab' | 'interleaving';
  readonly hypothesis: string;
  readonly state: string;
  readonly day: number;
  readonly plannedDays: number;
  readonly report: Report | null;
}

/** The first success metric against the first variant, or the preference of an interleaving test. */
export interface PrimaryResult {
  readonly name: string;
  readonly mark: Mark;
  readonly shape: IntervalShape | null;
  /** Estimate and interval, or why there are none. */
  readonly text: string;
  /** Lifts share one scale down the list; a preference has its own. */
  readonly scale: 'lift' | 'preference';
}

export interface ListRow extends ListedExperiment {
  readonly verdict: Verdict | null;
  readonly primary: PrimaryResult | null;
  readonly guardrail: GuardrailRow | null;
  readonly health: { readonly status: 'pass' | 'warn' | 'fail' | 'unknown'; readonly words: string };
  readonly needsHuman: boolean;
  readonly nextAction: string;
}

export interface ListFilter {
  readonly text: string;
  readonly owner: string;
  readonly verdict: string;
  readonly needsHuman: boolean;
}

/** Urgent first: what is harming people, then what is broken, then what waits for a decision. */
const URGENCY: readonly (Verdict | null)[] = [
  'roll-back',
  'invalid',
  'ship',
  'do-not-ship',
  'undecided',
  'keep-running',
  null,
];

export function listRows(experiments: readonly ListedExperiment[]): ListRow[] {
  const rank = (row: ListRow) => (row.needsHuman ? 0 : 10) + URGENCY.indexOf(row.verdict);
  return experiments.map(listRow).sort((a, b) => rank(a) - rank(b) || (a.key < b.key ? -1 : 1));
}

function listRow(experiment: ListedExperiment): ListRow {
  const { report } = experiment;
  const verdict = report === null || experiment.state === 'not-started' ? null : report.verdict.decision;
  return {
    ...experiment,
    verdict,
    // The estimates of an invalid test are withheld here as on its own page.
    primary: report === null || verdict === 'invalid' ? null : primaryOf(report),
    guardrail: report === null || verdict === 'invalid' ? null : worstGuardrail(report.metrics),
    health: healthOf(report),
    needsHuman:
      experiment.state !== 'stopped' &&
      (verdict === null ? experiment.state === 'ended' : verdict !== 'keep-running'),
    nextAction: nextAction(experiment, verdict),
  };
}

function primaryOf(report: Report): PrimaryResult | null {
  const { interleaving } = report;
  if (interleaving !== undefined) {
    const { preference, variants } = interleaving;
    return {
      name: `Preference for ${variants[1]}`,
      mark: OUTCOME_MARKS[preferenceTone(interleaving)],
      shape: preference.ok ? shapeOf(preference) : null,
      text: preference.ok
        ? `${formatDifference(preference.estimate, '%')} ${formatDifferenceInterval(preference.interval, '%')}`
        : preference.reason,
      scale: 'preference',
    };
  }
  const success = report.metrics.find((metric) => metric.role === 'success');
  const row = success === undefined ? undefined : forestRows(success)[0];
  if (row === undefined) return null;
  const { relative } = row.comparison;
  return {
    name: row.metric.name,
    mark: row.mark,
    shape: row.shape,
    text: relative.ok
      ? `${formatLift(relative.estimate)} ${formatLiftInterval(relative.interval)}`
      : relative.reason,
    scale: 'lift',
  };
}

function healthOf(report: Report | null): ListRow['health'] {
  if (report === null) return { status: 'unknown', words: 'no report yet' };
  const titles = (status: string) =>
    report.health.filter((card) => card.status === status).map((card) => card.title.toLowerCase());
  const failed = titles('fail');
  if (failed.length > 0) return { status: 'fail', words: failed.join(', ') };
  const warned = titles('warn');
  if (warned.length > 0) return { status: 'warn', words: warned.join(', ') };
  return report.health.length === 0
    ? { status: 'unknown', words: 'not checked' }
    : { status: 'pass', words: 'all checks pass' };
}

function nextAction({ report, state }: ListedExperiment, verdict: Verdict | null): string {
  if (state === 'not-started')
    return report === null ? 'Wait for its start' : `Starts ${formatDay(report.start)}`;
  if (report === null) return 'Run an analysis';
  if (state === 'stopped') return 'Stopped: close it, or start a new iteration';
  const variant = report.verdict.variant ?? 'the treatment';
  switch (verdict) {
    case 'ship':
      return `Ship ${variant}`;
    case 'do-not-ship':
      return `Keep ${report.experiment.control}`;
    case 'roll-back':
      return `Stop ${variant} and roll back`;
    case 'undecided':
      return 'Decide: extend, or close';
    case 'invalid':
      return `Mend ${healthOf(report).words}, then restart with a new iteration`;
    default:
      return `Wait until ${formatDay(report.cutoff < report.end ? report.end : report.observeUntil)}`;
  }
}

export function filterOf(query: string): ListFilter {
  const parameters = new URLSearchParams(query);
  return {
    text: parameters.get('q') ?? '',
    owner: parameters.get('owner') ?? '',
    verdict: parameters.get('verdict') ?? '',
    needsHuman: parameters.get('needs') === 'human',
  };
}

/** The query string of a filter, '' when nothing is filtered. */
export function queryOf(filter: ListFilter): string {
  const parameters = new URLSearchParams();
  if (filter.text !== '') parameters.set('q', filter.text);
  if (filter.owner !== '') parameters.set('owner', filter.owner);
  if (filter.verdict !== '') parameters.set('verdict', filter.verdict);
  if (filter.needsHuman) parameters.set('needs', 'human');
  const query = parameters.toString();
  return query === '' ? '' : `?${query}`;
}

export function filterRows(rows: readonly ListRow[], filter: ListFilter): ListRow[] {
  const text = filter.text.trim().toLowerCase();
  return rows.filter(
    (row) =>
      (text === '' || `${row.key} ${row.hypothesis}`.toLowerCase().includes(text)) &&
      (filter.owner === '' || row.owner === filter.owner) &&
      (filter.verdict === '' || (row.verdict ?? 'none') === filter.verdict) &&
      (!filter.needsHuman || row.needsHuman),
  );
}
