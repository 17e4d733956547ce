import type { Experiment } from '../declarations.ts';
import type { Assignment, AssignmentReason } from './decision.ts';

/** Every answer an experiment can give in one ramp phase, made once and frozen: deciding allocates nothing. */
export interface PhaseAnswers {
  readonly assigned: readonly Assignment[];
  readonly forced: readonly Assignment[];
  readonly notTargeted: Assignment;
  readonly outsideRamp: Assignment;
  readonly layerTaken: Assignment;
  readonly holdout: Assignment;
  readonly notStarted: Assignment;
  readonly ended: Assignment;
  readonly stopped: Assignment;
}

/** Answers by phase + 1, so that entry 0 is "before the start". */
export function answersByPhase(experiment: Experiment): readonly PhaseAnswers[] {
  return Array.from({ length: experiment.ramp.length + 1 }, (_, i) => answersOf(experiment, i - 1));
}

function answersOf(experiment: Experiment, phase: number): PhaseAnswers {
  const answer = (reason: AssignmentReason, variant: string | null = null): Assignment =>
    Object.freeze({ experiment: experiment.key, iteration: experiment.iteration, variant, reason, phase });
  const ofVariants = (reason: AssignmentReason) =>
    experiment.variants.map((variant) => answer(reason, variant.key));
  return {
    assigned: ofVariants('assigned'),
    forced: ofVariants('forced'),
    notTargeted: answer('not-targeted'),
    outsideRamp: answer('outside-ramp'),
    layerTaken: answer('layer-taken'),
    holdout: answer('holdout'),
    notStarted: answer('not-started'),
    ended: answer('ended'),
    stopped: answer('stopped'),
  };
}
