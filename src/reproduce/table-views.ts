import type { ClaimTable } from './claim-table.ts';
import type { CoverageTable, Covered } from './coverage-table.ts';
import type { ReproductionDocument } from './document.ts';
import { faultsView } from './planted/fault-view.ts';
import type { PublishedTableRow, Range } from './published-rows.ts';
import { segmentsView } from './segment-view.ts';
import { sensitivityView } from './sensitivity/sensitivity-view.ts';
import type { TableView } from './table-view.ts';

/** The tables of a document, in their order; some were not asked for, and documents of earlier versions lack some. */
export function tableViews(document: ReproductionDocument): readonly TableView[] {
  return [
    publishedView(document),
    ...(document.segments ? [segmentsView(document.segments)] : []),
    ...(document.claims ? [claimsView(document.claims)] : []),
    ...(document.coverage ? [coverageView(document.coverage)] : []),
    ...(document.faults ? [faultsView(document.faults)] : []),
    ...(document.sensitivity ? [sensitivityView(document.sensitivity)] : []),
    phasesView(document),
  ];
}

/** What a reader must know before the tables. */
export function introduction({ test, plan, machine, phases }: ReproductionDocument): readonly string[] {
  const inTest = phases.find(({ name }) => name === 'test')?.seconds ?? 0;
  const rate = inTest > 0 ? `, ${count(test.sessions / inTest)} sessions/s` : '';
  return [
    `${count(test.users)} viewers, seed ${plan.seed}, click model ${plan.clickModel}: ${count(test.sessions)} sessions, ${count(test.requests)} slates, ${count(test.rows)} rows${rate}; ${machine}.`,
    `Models were trained on the past of ${count(plan.trainedOn)} viewers, in which everyone saw the control. They and what trends stay frozen, so that no arm feeds the other.`,
  ];
}

export const count = (value: number): string => Math.round(value).toLocaleString('en');

function publishedView({ published, verdict, truthUsers }: ReproductionDocument): TableView {
  const groups = ['published', 'truth', 'ours'].flatMap((who) => [`${who}: control`, 'treatment', 'change']);
  return {
    title: '1. The published test',
    head: ['metric', ...groups, 'interval', 'always valid', 'outcome', 'covers the truth'],
    rows: published.map(publishedCells),
    notes: [
      ...published
        .filter(({ mature }) => mature.atTestEnd < mature.measured)
        .map(
          ({ name, mature }) =>
            `${name}: on the last day of the test ${percent(mature.atTestEnd)} of the windows were complete and no figure was given; this one is of ${percent(mature.measured)}.`,
        ),
      `The truth is that of ${count(truthUsers)} viewers who lived through both arms with the same random numbers, with its error (95 %).`,
      'Session duration is watch minutes per session: our reading of the published figure.',
      `Verdict: ${verdict.decision}${verdict.variant === null ? '' : ` (${verdict.variant})`}. ${verdict.summary}`,
    ],
  };
}

function claimsView({ rows, business }: ClaimTable): TableView {
  const millions = (dollars: number | null) =>
    dollars === null ? 'unbounded' : `$${(dollars / 1e6).toFixed(1)}M`;
  return {
    title: '2. The other published claims',
    head: ['claim', 'published', 'ours', '', 'why'],
    rows: rows.map(({ claim, published, ours, state, why }) => [claim, published, ours, state, why]),
    notes: [
      'Reproduced: within a tenth of the published figure.',
      business === null
        ? 'Business: 30-day retention has no estimate, so nothing is computed from it.'
        : `Business: ${count(business.subscribers)} subscribers kept of 8 million users, ${millions(business.dollars)} a year [${millions(business.interval.low)}, ${millions(business.interval.high)}], beside the published 120,000 and $17.3M; as there, every second retained user counts as a subscription of $12 a month. Less $0.5M of engineering.`,
    ],
  };
}

function coverageView({ replications, units, population, level, rows }: CoverageTable): TableView {
  const cell = ({ share, error }: Covered) => `${percent(share)} ± ${(196 * error).toFixed(1)}`;
  return {
    title: '3. Coverage of the intervals',
    head: [
      'metric',
      'truth',
      'unadjusted',
      'with covariates and strata',
      'variance taken away',
      'always valid, every day',
    ],
    rows: rows.map(({ name, truth, unadjusted, adjusted, reduction, alwaysValid }) => [
      name,
      changed(truth, 'relative'),
      cell(unadjusted),
      cell(adjusted),
      percent(reduction),
      alwaysValid === null ? '-' : cell(alwaysValid),
    ]),
    notes: [
      `Share of ${percent(level)} intervals that covered the truth, with its Monte Carlo error (95 %): ${count(replications)} experiments of ${count(units)} viewers each, drawn with replacement from ${count(population)} who lived through both arms, assigned by the hash under a new iteration and analysed as any experiment.`,
      'Variance taken away is the share of the users that the same precision needs no more. Always valid: the interval of every single day covered the truth of those who were looked at.',
    ],
  };
}

function phasesView({ phases, memory, http, hash }: ReproductionDocument): TableView {
  const sum = (of: 'seconds' | 'coreSeconds') => phases.reduce((total, phase) => total + phase[of], 0);
  return {
    title: 'How it was run',
    head: ['phase', 'seconds', 'core-seconds of Node'],
    rows: [
      ...phases.map(({ name, seconds, coreSeconds }) => [name, seconds.toFixed(1), coreSeconds.toFixed(1)]),
      ['all', sum('seconds').toFixed(1), sum('coreSeconds').toFixed(1)],
    ],
    notes: [
      `The first sessions of ${count(http.users)} viewers once more over HTTP (${count(http.requests)} slates, ${count(http.outcomes)} outcomes, ${count(http.exposures)} exposures) gave the same slates, assignments and rows.`,
      `At most ${count(memory / 2 ** 20)} MiB resident. Content hash ${hash}.`,
    ],
  };
}

function publishedCells(row: PublishedTableRow): string[] {
  const { unit, kind, ours, truth, published } = row;
  const level = Math.abs(ours.level - 0.95) > 1e-9 ? ` (at ${Number((100 * ours.level).toFixed(2))} %)` : '';
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
    `${range(ours.fixed, kind)}${level}`,
    ours.alwaysValid === null ? (ours.alwaysValidReason ?? '-') : range(ours.alwaysValid, kind),
    ours.outcome ?? '-',
    row.covers === null ? '-' : row.covers ? 'yes' : 'no',
  ];
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function shown(value: number, unit: PublishedTableRow['unit']): string {
  if (unit === '%') return percent(value);
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
