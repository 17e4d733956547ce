import type { Declarations, Experiment } from '../../declarations.ts';
import type { Records, Subject } from '../../simulation/planted/plant.ts';
import { withServedLatency } from '../../simulation/planted/served-latency.ts';
import { livePart } from '../live-part.ts';
import type { Plan } from '../plan.ts';
import type { Population } from '../population.ts';
import { servePart } from '../serve-part.ts';

/** The records of a test whose arms are served alike: what faults are planted in. */
export interface BaseStream {
  readonly batches: readonly Records[];
  readonly subjects: ReadonlyMap<string, PlantedSubject>;
}

export interface PlantedSubject extends Subject {
  readonly variant: string;
  firstWatched?: number;
}

/** Every variant serves the control's list: the hash divides the viewers, and nothing else tells them apart. */
function servedAlike(declarations: Declarations, experiment: Experiment): Declarations {
  const control = experiment.variants.find(({ key }) => key === experiment.control);
  const variants = experiment.variants.map((variant) => ({
    ...variant,
    ...(control?.pipeline && { pipeline: control.pipeline }),
  }));
  return {
    ...declarations,
    version: `${declarations.version}-alike`,
    experiments: [{ ...experiment, variants }],
  };
}

/** Lives the first viewers of a plan through its days. */
export async function baseStream(
  plan: Plan,
  population: Population,
  experiment: Experiment,
  viewers: number,
  signal: AbortSignal,
  progress: (share: number) => void,
): Promise<BaseStream> {
  const alike = { ...population, declarations: servedAlike(population.declarations, experiment) };
  const range = [0, viewers] as const;
  const environment = `${plan.environment}-planted`;
  const part = await servePart(plan, alike, range, environment);
  const rows = new Map(population.world.unitIds.slice(0, viewers).map((unit, row) => [unit, row]));
  const subjects = new Map<string, PlantedSubject>();
  const batches: Records[] = [];
  await livePart(plan, alike, part, range, {
    environment,
    observeDays: 0,
    signal,
    onBatch(recommendations, outcomes) {
      const exposures = recommendations
        .flatMap((recommendation) => recommendation.exposures)
        .filter(({ unit, variant, at, attributes }) => {
          if (subjects.has(unit)) return false;
          const { activity = '' } = attributes;
          subjects.set(unit, { row: rows.get(unit)!, firstAt: at, activity, variant });
          return true;
        });
      for (const { unit, items } of outcomes) {
        const title = items.find(({ name }) => name === 'watch')?.title;
        const subject = subjects.get(unit);
        if (title !== undefined && subject) subject.firstWatched ??= title;
      }
      const requests = recommendations.map(({ request }) => request);
      batches.push(
        withServedLatency({ requests, exposures, outcomes }, plan.seed, (unit) => rows.get(unit)!),
      );
    },
    onDay: (day) => progress(day / plan.days),
  });
  return { batches, subjects };
}
