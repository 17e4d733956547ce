import type { AssignmentReason } from '../assignment/decision.ts';
import { suggestion } from '../declaration/suggest.ts';
import type { ExposureRecord } from '../events/records.ts';
import type { Evaluator } from '../recommend.ts';
import type { EventBody } from './event-schema.ts';
import type { Lookups } from './lookups.ts';
import { Refusal } from './refusal.ts';

/**
 * Reasons that may have held when the caller evaluated and not at the time of the event, or the other way round: attributes
 * change, and operators stop. All others follow from the user's hash and the clock.
 */
const CHANGING: ReadonlySet<AssignmentReason> = new Set(['not-targeted', 'stopped']);

/**
 * The record of an exposure that its caller reports: of the variant that assignment gives the user.
 * @throws Refusal
 */
export function exposureFrom(
  event: EventBody,
  at: number,
  { experiments, version }: Lookups,
  evaluator: Evaluator,
  environment: string,
  warnings: string[],
): ExposureRecord {
  const { experiment: key, variant } = event;
  if (key === undefined || variant === undefined) {
    throw new Refusal('an exposure needs experiment and variant; GET /v1/assignments/:userId answers both');
  }
  const experiment = experiments.get(key);
  if (experiment === undefined) {
    throw new Refusal(`no experiment is called ${key}; ${suggestion(key, experiments.keys())}`);
  }
  const variants = experiment.variants.map((declared) => declared.key);
  if (!variants.includes(variant)) {
    throw new Refusal(`${key} has no variant ${variant}; ${suggestion(variant, variants)}`);
  }
  const { assignments, attributes } = evaluator.evaluate({
    userId: event.user,
    surface: event.surface ?? experiment.surface ?? '',
    device: event.device ?? 'other',
    at,
    ...(event.country === undefined ? {} : { country: event.country }),
  });
  const assignment = assignments.find((candidate) => candidate.experiment === key)!;
  if (assignment.variant !== null && assignment.variant !== variant) {
    throw new Refusal(
      `${event.user} is in ${assignment.variant}, not ${variant}; report the variant that was assigned`,
    );
  }
  if (assignment.variant === null) {
    if (!CHANGING.has(assignment.reason)) {
      throw new Refusal(`${event.user} is not in ${key} (${assignment.reason}); report assigned users only`);
    }
    warnings.push(`${key} does not take this user now (${assignment.reason}): stored as the caller saw it`);
  }
  return {
    environment,
    experiment: key,
    iteration: experiment.iteration,
    unit: event.user,
    variant,
    at,
    forced: false,
    phase: assignment.phase,
    attributes,
    configuration: version,
    ...(event.request_id === undefined ? {} : { requestId: event.request_id.toLowerCase() }),
  };
}
