import {
  formatCount,
  formatDifference,
  formatDifferenceInterval,
  formatInstant,
  formatP,
  formatShare,
} from '../analysis/report/format.ts';
import type {
  Comparison,
  HealthCard,
  MetricReport,
  Reason,
  Report,
  Verdict,
} from '../analysis/report/report.ts';
import { COMPLETE_SHARE } from '../analysis/study/maturity.ts';
import type { Experiment } from '../declarations.ts';
import { healthReason, judgeVariant, type VariantJudgement } from './clauses.ts';
import { type SegmentEvidence, segmentWins } from './segment-verdict.ts';

/** What a verdict is taken on: the finished parts of a report. */
export interface Evidence extends SegmentEvidence {
  readonly experiment: Experiment;
  readonly state: Report['state'];
  readonly day: number;
  readonly plannedDays: number;
  /** Enrolment and the observation after it are over: waiting brings no more data. */
  readonly ended: boolean;
  readonly metrics: readonly MetricReport[];
  readonly health: readonly HealthCard[];
  readonly interleaving?: Report['interleaving'];
}

type Decision = Report['verdict'];

/** Health failures after which no estimate can be believed. */
export const INVALIDATING: readonly HealthCard['key'][] = ['sample-ratio', 'crossed-units'];

function verdict(
  decision: Verdict,
  variant: string | null,
  summary: string,
  reasons: readonly Reason[],
): Decision {
  return { decision, variant, summary, reasons };
}

/** Whether a variant would change anything: the same pipeline as the control is an A/A comparison. */
export function differs(experiment: Experiment, variant: string): boolean {
  const pipeline = (key: string) =>
    JSON.stringify(experiment.variants.find((candidate) => candidate.key === key)?.pipeline ?? null);
  return pipeline(variant) !== pipeline(experiment.control);
}

/** Success metrics and guardrails whose interval is right only when it is looked at once, whatever the plan. */
function judgedOnce(metrics: readonly MetricReport[]): readonly string[] {
  return metrics
    .filter(({ role, comparisons }) => role !== 'secondary' && comparisons.some(fixedOnly))
    .map(({ name }) => name);
}

const fixedOnly = ({ interval, absolute }: Comparison) => interval.kind === 'fixed' && absolute.ok;

/** Is it time to decide: a fixed horizon binds to the planned day, intervals made for looking early only to maturity. */
function readiness({ experiment, state, day, plannedDays, metrics }: Evidence): readonly Reason[] {
  const waiting = metrics.filter(({ role, maturity }) => role !== 'secondary' && !maturity.ready);
  const open = waiting.filter(({ maturity }) => maturity.mature < maturity.exposed);
  const dates = open.flatMap(({ maturity }) => maturity.completeAt ?? []).sort();
  const unlocks = dates.at(-1);
  const mature: Reason = {
    clause: 'windows complete',
    holds: state === 'ready',
    text:
      state === 'ready'
        ? `day ${day}: every success metric and guardrail has enough complete windows`
        : waiting.length === 0
          ? `day ${day} of at least ${experiment.analysis.maturity.days}`
          : `not enough complete windows (each arm needs ${formatCount(experiment.analysis.maturity.unitsPerArm)} units, and ${formatShare(COMPLETE_SHARE)} of all): ${waiting
              .map(
                ({ name, maturity }) =>
                  `${name} (${formatCount(maturity.mature)} of ${formatCount(maturity.exposed)})`,
              )
              .join(', ')}${unlocks ? `; the last window completes ${formatInstant(unlocks)}` : ''}`,
    ...(waiting[0] ? { ref: waiting[0].key } : {}),
  };
  const { interval } = experiment.analysis;
  const once = judgedOnce(metrics);
  const earlier =
    interval === 'fixed'
      ? ''
      : once.length === 0
        ? `; ${interval} intervals may ship earlier`
        : `; judged once, at the end: ${once.join(', ')}`;
  const planned: Reason = {
    clause: 'planned duration',
    holds: day >= plannedDays,
    text: `day ${day} of ${plannedDays} planned${earlier}`,
  };
  return [mature, planned];
}

function decideInterleaving(evidence: Evidence): Decision {
  const { experiment, interleaving, health, day, plannedDays } = evidence;
  const healthy = healthReason(health);
  const time: Reason = {
    clause: 'planned duration',
    holds: day >= plannedDays,
    text: `day ${day} of ${plannedDays} planned`,
  };
  if (!interleaving?.preference.ok) {
    const reason =
      interleaving && !interleaving.preference.ok ? interleaving.preference.reason : 'no impressions yet';
    const reasons = [time, { clause: 'preference', holds: null, text: reason }, healthy];
    return verdict('keep-running', null, `Nothing to judge yet: ${reason}.`, reasons);
  }
  const { preference, winner, units, p, variants } = interleaving;
  const shift = `${formatDifference(preference.estimate, '%')} ${formatDifferenceInterval(preference.interval, '%')}`;
  const reasons: readonly Reason[] = [
    {
      clause: 'preference',
      holds: winner !== null && winner !== experiment.control,
      text: `${variants[1]} against ${variants[0]}: ${shift} from one half, p ${formatP(p)}, ${formatCount(units)} units`,
      ref: 'interleaving',
    },
    time,
    healthy,
  ];
  const enough = units >= experiment.analysis.maturity.unitsPerArm;
  if (day < plannedDays || !enough) {
    const summary = enough
      ? `Day ${day} of ${plannedDays}: the sign test is taken once, at the end.`
      : `${formatCount(units)} units so far, ${formatCount(experiment.analysis.maturity.unitsPerArm)} needed.`;
    return verdict('keep-running', null, summary, reasons);
  }
  if (winner !== null && winner === experiment.control) {
    return verdict(
      'do-not-ship',
      variants.find((key) => key !== winner) ?? null,
      `Users prefer ${winner}.`,
      reasons,
    );
  }
  if (winner !== null && healthy.holds === true) {
    return verdict(
      'ship',
      winner,
      `Users prefer ${winner}: ${shift} from one half, p ${formatP(p)}.`,
      reasons,
    );
  }
  const summary =
    winner === null ? 'No preference between the two rankers could be shown.' : 'Health does not pass.';
  return verdict(experiment.decision.otherwise, null, summary, reasons);
}

/** The declared rule applied to the evidence of an A/B test, every clause with its number. */
function decideComparison(evidence: Evidence): Decision {
  const { experiment, state, day, plannedDays, metrics, health } = evidence;
  const treatments = experiment.variants.map(({ key }) => key).filter((key) => key !== experiment.control);
  const judged = treatments.map((variant) => judgeVariant(experiment, variant, metrics));
  const healthy = healthReason(health);
  const ready = readiness(evidence);
  const clauses = judged.flatMap(({ reasons }) => reasons);
  const reasons = [healthy, ...ready, ...clauses];
  const one = treatments.length === 1 ? (treatments[0] ?? null) : null;
  const mature = state === 'ready';
  const over = mature && day >= plannedDays;

  if (treatments.every((variant) => !differs(experiment, variant))) {
    const clause: Reason = {
      clause: 'variants differ',
      holds: false,
      text: 'the variants run the same pipeline (A/A): a difference would be chance or a fault, never a reason to ship',
    };
    const odd = judged.some(({ superior, worse }) => superior || worse);
    if (!over)
      return verdict('keep-running', null, `A/A test, day ${day} of ${plannedDays}.`, [clause, ...reasons]);
    const summary = odd
      ? 'A/A test with a significant difference: look for a fault before trusting the platform.'
      : 'A/A test: nothing to ship, and no success metric differs, as it should be.';
    return verdict('do-not-ship', one, summary, [clause, ...reasons]);
  }

  const shippable = ({ variant, superior, worse, guardrailsHold }: VariantJudgement) =>
    superior && !worse && guardrailsHold && differs(experiment, variant);
  const early = mature && experiment.analysis.interval !== 'fixed' && judgedOnce(metrics).length === 0;
  const candidates = judged.filter(shippable).sort((a, b) => b.gain - a.gain);
  const best = candidates[0];
  if (best && healthy.holds === true && (over || early)) {
    const won = best.reasons.filter(({ clause, holds }) => clause === 'success metric superior' && holds);
    const guards = best.reasons.filter(({ clause }) => clause === 'guardrail non-inferior').length;
    const summary = `Ship ${best.variant}: ${won[0]?.text ?? ''}${won.length > 1 ? ` (and ${won.length - 1} more)` : ''}; ${
      guards === 0 ? 'no guardrails declared' : `all ${guards} guardrails non-inferior`
    }; health passes.`;
    return verdict('ship', best.variant, summary, reasons);
  }

  const broken = judged.find(({ rollBack }) => rollBack.length > 0);
  if (broken) {
    const won = broken.reasons.find(({ clause, holds }) => clause === 'success metric superior' && holds);
    const summary = `Do not ship ${broken.variant}, roll it back: ${broken.rollBack.map(({ text }) => text).join('; ')}.${
      won ? ` No gain makes up for it (${won.text}).` : ''
    }`;
    return verdict('roll-back', broken.variant, summary, [
      ...judged.flatMap(({ rollBack }) => rollBack),
      ...reasons,
    ]);
  }

  const lost = judged.filter(({ superior, worse }) => !superior || worse);
  const [segment] = segmentWins(evidence).filter(
    ({ variant }) => differs(experiment, variant) && lost.some((one) => one.variant === variant),
  );
  // At the planned end only: the sums of segments do not consume each unit once.
  if (segment && healthy.holds === true && over) {
    const { variant, attribute, value } = segment;
    const summary = `Ship ${variant} to ${attribute} = ${value} only: ${segment.text} there, and different from the rest; ${
      lost.find((one) => one.variant === variant)?.worse
        ? 'over all units it is worse'
        : 'over all units nothing is superior as declared'
    }; guardrails non-inferior there; health passes.`;
    return {
      ...verdict('ship', variant, summary, [...segment.reasons, ...reasons]),
      segment: { attribute, value },
    };
  }

  if (!over) {
    const waiting = ready.filter(({ holds }) => holds !== true).map(({ text }) => text);
    return verdict('keep-running', null, `Keep running: ${waiting.join('; ')}.`, reasons);
  }
  if (judged.every(({ worse, harmed }) => worse || harmed)) {
    const bad = clauses.filter(
      ({ clause, holds }) => clause !== 'success metric superior' && holds === false,
    );
    return verdict('do-not-ship', one, `Do not ship: ${bad.map(({ text }) => text).join('; ')}.`, reasons);
  }
  const lacking = [healthy, ...clauses].filter(
    ({ clause, holds }) => holds !== true && clause !== 'success metric superior',
  );
  const won = judged.some(({ superior }) => superior);
  const gaps = [
    ...(won ? [] : ['no success metric is shown superior as declared']),
    ...lacking.map(({ text }) => text),
  ];
  const lead = experiment.decision.otherwise === 'do-not-ship' ? 'Do not ship' : 'Undecided';
  return verdict(
    experiment.decision.otherwise,
    experiment.decision.otherwise === 'do-not-ship' ? one : null,
    `${lead}: ${gaps.join('; ')}.`,
    reasons,
  );
}

/** Invalid before anything else, then nothing before there is data. */
function judge(evidence: Evidence): Decision {
  const { experiment, state, health } = evidence;
  const broken = health.filter(({ key, status }) => INVALIDATING.includes(key) && status === 'fail');
  if (broken.length > 0) {
    return verdict(
      'invalid',
      null,
      `No estimate can be trusted: ${broken.map(({ title, detail }) => `${title}: ${detail}`).join('; ')}.`,
      broken.map(({ key, title, value, threshold }) => ({
        clause: 'health passes',
        holds: false,
        text: `${title}: ${value}, must be ${threshold}`,
        ref: key,
      })),
    );
  }
  if (state === 'not-started' || state === 'collecting') {
    const text =
      state === 'not-started'
        ? 'the experiment has not started'
        : 'counting units; no metric can be judged yet';
    return verdict('keep-running', null, `Keep running: ${text}.`, [{ clause: 'data', holds: false, text }]);
  }
  return experiment.design === 'interleaving' ? decideInterleaving(evidence) : decideComparison(evidence);
}

/** The verdict, by the declared rule. Once the observation is over there is nothing left to wait for. */
export function decide(evidence: Evidence): Decision {
  const taken = judge(evidence);
  if (taken.decision !== 'keep-running' || !evidence.ended) return taken;
  const summary = `Undecided: the observation is over. ${taken.summary}`;
  return { ...taken, decision: 'undecided', summary: summary.replace(' Keep running: ', ' ') };
}
