import { computed } from '../analysis/estimate/effect.ts';
import { guardrailPower, type PlanDocument, planDocument } from '../analysis/planning/plan-document.ts';
import type { PlanInput } from '../analysis/planning/plan-row.ts';
import type { Aim, PlannedMetric } from '../analysis/planning/power-question.ts';
import {
  changeOf,
  DAYS,
  lookingOf,
  numberOf,
  type PlanOptions,
  POWER,
  positive,
  shareOf,
  weightsOf,
  whole,
  wrong,
} from './plan-options.ts';

function plannedMetric(options: PlanOptions): PlannedMetric {
  if (options.proportion !== undefined) {
    if (options.mean !== undefined || options.sd !== undefined) {
      throw wrong(
        '--proportion',
        options.proportion,
        'its spread follows from it: leave out --mean and --sd',
      );
    }
    const mend = "write the control's share, such as 18.2%";
    return { kind: 'proportion', control: shareOf('--proportion', options.proportion, mend) };
  }
  const of = options.ratio ? 'the linearised value (y - R x) / mean(x)' : 'one unit';
  const control = numberOf(
    '--mean',
    options.mean,
    "write the control's value, such as 8.4, or use --proportion",
  );
  const standardDeviation = positive('--sd', options.sd, `write the standard deviation of ${of}, above 0`);
  return {
    kind: options.ratio ? 'ratio' : 'mean',
    control,
    standardDeviation,
    ...(options.treatmentSd !== undefined && {
      treatmentStandardDeviation: positive('--treatment-sd', options.treatmentSd, 'it must be above 0'),
    }),
  };
}

/** The plan of one comparison from figures on the command line. */
export function planOfFigures(options: PlanOptions): PlanDocument {
  const planned = plannedMetric(options);
  const weights = weightsOf(options.weights ?? '50,50');
  const [control = 0, ...treatments] = weights;
  const treatment = Math.min(...treatments);
  const alpha = shareOf('--alpha', options.alpha ?? '5%', 'write the two-sided level, such as 5%');
  const power = shareOf('--power', options.power, POWER);
  const comparisons = options.comparisons
    ? whole('--comparisons', options.comparisons, 'write how many success comparisons share alpha, such as 2')
    : treatments.length;
  const guardrails = whole(
    '--guardrails',
    options.guardrails ?? '1',
    'write how many guardrails must hold, such as 3',
  );
  const aim: Aim =
    options.margin === undefined
      ? { kind: 'superiority' }
      : {
          kind: 'non-inferiority',
          margin: changeOf('--margin', options.margin),
          direction: options.lowerIsBetter ? 'lower-is-better' : 'higher-is-better',
        };
  const inferiority = aim.kind === 'non-inferiority';
  if (!inferiority && options.mde === undefined && !options.units && !options.days) {
    throw wrong(
      '--mde',
      undefined,
      'name the effect to detect, such as 2%, or --units to ask what they detect',
    );
  }
  const effect = inferiority
    ? options.trueEffect === undefined
      ? { absolute: 0 }
      : changeOf('--true-effect', options.trueEffect, true)
    : options.mde === undefined
      ? undefined
      : changeOf('--mde', options.mde);
  const signed = effect && options.lowerIsBetter && !inferiority ? negated(effect) : effect;
  const perDay = options.unitsPerDay
    ? positive('--units-per-day', options.unitsPerDay, 'write the units that enter a day, all arms together')
    : undefined;
  const units = options.units
    ? positive('--units', options.units, 'write the units of all arms together')
    : undefined;
  const input: PlanInput = {
    metric: planned.kind,
    name: planned.kind,
    role: inferiority ? 'guardrail' : 'success',
    unit: planned.kind === 'proportion' ? '%' : '',
    arm: 'treatment',
    control: 'control',
    planned: computed(planned),
    aim,
    ...(signed && { effect: signed }),
    lowerIsBetter: options.lowerIsBetter === true,
    alpha: inferiority ? alpha : alpha / comparisons,
    power: inferiority ? guardrailPower(power, guardrails) : power,
    shares: { treatment, control },
    ...(units && { units: { treatment: units * treatment, control: units * control } }),
  };
  const notes = ['the spread and the pace are as given'];
  if (planned.kind === 'proportion') {
    notes.push('a share of units; where a unit has several trials, such as views, plan a --ratio instead');
  }
  if (treatments.length > 1) notes.push('planned for the treatment with the fewest units');
  return planDocument({
    source: { kind: 'figures' },
    alpha,
    power,
    comparisons: inferiority ? 1 : comparisons,
    guardrails,
    looking: lookingOf(options),
    ...(perDay !== undefined && { enrolment: { cumulative: [], perDay } }),
    ...(options.days !== undefined && { days: whole('--days', options.days, DAYS) }),
    inputs: [input],
    notes,
  });
}

const negated = (change: NonNullable<PlanInput['effect']>) =>
  'relative' in change ? { relative: -change.relative } : { absolute: -change.absolute };
