import { computed, refused } from '../estimate/effect.ts';
import type { Comparison, MetricReport, Report } from '../report/report.ts';
import { guardrailPower, type PlanRequest } from './plan-document.ts';
import type { Looking, PlanInput } from './plan-row.ts';
import type { Enrolment } from './power.ts';
import type { Aim, Change, PlannedMetric } from './power-question.ts';

const DAY = 86_400_000;
/** The pace is the mean of so many last whole days. */
const PACE_DAYS = 7;

/** Units of all arms by day since the start; the day of the cut-off counts only if it is over. */
export function enrolmentOf({ exposures, start, cutoff }: Report): Enrolment {
  const origin = Math.floor(Date.parse(start) / DAY);
  const daily: number[] = [];
  for (const { date, units } of exposures) {
    const day = Math.max(0, Math.floor(Date.parse(date) / DAY) - origin);
    while (daily.length <= day) daily.push(0);
    daily[day] = (daily[day] ?? 0) + units;
  }
  const over = Math.floor(Date.parse(cutoff) / DAY) - origin;
  const whole = over >= 1 ? daily.slice(0, over) : daily;
  while (over >= 1 && whole.length < over && whole.length > 0) whole.push(0);
  const last = whole.slice(-PACE_DAYS);
  let running = 0;
  const cumulative = whole.map((units) => (running += units));
  return {
    cumulative,
    perDay: last.length === 0 ? 0 : last.reduce((sum, units) => sum + units, 0) / last.length,
  };
}

/** The metric's spread per unit, from the standard error of its difference and the units of the arms. */
function plannedOf(metric: MetricReport, comparison: Comparison): PlanInput['planned'] {
  if (metric.kind === 'coverage') {
    return refused('catalogue coverage is a figure of the whole list: no spread per unit to plan by');
  }
  const { fixedHorizon } = comparison;
  if (!fixedHorizon.ok) return fixedHorizon;
  if (!fixedHorizon.absolute.ok) return fixedHorizon.absolute;
  const [treatment, control] = [comparison.arm, comparison.control].map((key) =>
    metric.arms.find(({ arm }) => arm === key),
  );
  if (!treatment || !control || control.value === null || !(treatment.n > 1 && control.n > 1)) {
    return refused('an arm has no units yet');
  }
  const { standardError } = fixedHorizon.absolute;
  const standardDeviation = standardError / Math.sqrt(1 / treatment.n + 1 / control.n);
  const planned: PlannedMetric = { kind: 'mean', control: control.value, standardDeviation };
  return standardDeviation > 0 ? computed(planned) : refused('the metric does not vary');
}

function aimOf(metric: MetricReport, comparison: Comparison): Aim {
  const guardrail = comparison.guardrail;
  if (!guardrail) return { kind: 'superiority' };
  const margin: Change =
    guardrail.marginKind === 'relative' ? { relative: guardrail.margin } : { absolute: guardrail.margin };
  return { kind: 'non-inferiority', margin, direction: metric.direction };
}

export interface HistoryOptions {
  /** Instead of each success metric's declared minimum effect. */
  readonly mde?: Change;
  readonly power: number;
  /** Instead of the declared end. */
  readonly days?: number;
  readonly looking: Looking;
}

/** What a stored report knows that a plan needs: every comparison with its spread, its level and its target. */
export function historyRequest(report: Report, options: HistoryOptions): PlanRequest {
  const { experiment, metrics } = report;
  const { alpha } = experiment;
  const weightOf = (key: string) => experiment.variants.find((variant) => variant.key === key)?.weight ?? 0;
  const guardrails = metrics.filter(({ role }) => role === 'guardrail').length;
  const successes = metrics
    .filter(({ role }) => role === 'success')
    .flatMap(({ comparisons }) => comparisons);
  const corrected = successes.some(({ interval }) => interval.correction !== 'none');
  const comparisons = corrected ? Math.max(1, successes.length) : 1;
  const inputs = metrics.flatMap((metric) =>
    metric.comparisons.map((comparison): PlanInput => {
      const aim = aimOf(metric, comparison);
      const success = metric.role === 'success';
      const declared = metric.minimumEffect === undefined ? undefined : { relative: metric.minimumEffect };
      const lower = metric.direction === 'lower-is-better';
      const wanted = aim.kind === 'non-inferiority' ? { absolute: 0 } : (options.mde ?? declared);
      const units = (key: string) => metric.arms.find(({ arm }) => arm === key)?.n ?? 0;
      return {
        metric: metric.key,
        name: metric.name,
        role: metric.role,
        unit: metric.unit,
        arm: comparison.arm,
        control: comparison.control,
        planned: plannedOf(metric, comparison),
        aim,
        ...(wanted && { effect: wanted }),
        lowerIsBetter: lower,
        alpha: success ? alpha / comparisons : alpha,
        power: aim.kind === 'non-inferiority' ? guardrailPower(options.power, guardrails) : options.power,
        shares: { treatment: weightOf(comparison.arm), control: weightOf(comparison.control) },
        units: { treatment: units(comparison.arm), control: units(comparison.control) },
      };
    }),
  );
  const enrolment = enrolmentOf(report);
  const notes = [
    `enrolment goes on at the mean of the last ${Math.min(PACE_DAYS, enrolment.cumulative.length)} whole days; a unit counts once its window is complete, so add the window of the metric to the days`,
    'the spread of a metric is the one seen so far, after its adjustment by covariates, the same in both arms',
    'guardrails: the true effect is taken to be 0',
  ];
  if (inputs.length === 0) notes.push('nothing is compared between arms here, so there is nothing to plan');
  return {
    source: {
      kind: 'history',
      experiment: experiment.key,
      environment: report.environment,
      cutoff: report.cutoff,
      day: report.day,
    },
    alpha,
    power: options.power,
    comparisons,
    guardrails,
    looking: options.looking,
    enrolment,
    days: options.days ?? report.plannedDays,
    inputs,
    notes,
  };
}
