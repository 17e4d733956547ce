import { armSlates } from './arm-slates.ts';
import type { Declarations } from './declarations.ts';
import type { Interactions } from './ranking/catalogue.ts';
import type { Models } from './ranking/models.ts';
import type { Behaviour } from './simulation/behaviour.ts';
import { type ClickModel, positionBased } from './simulation/click-model.ts';
import { type ArmLived, runArm } from './simulation/run-arm.ts';
import type { World } from './simulation/world.ts';
import { createPipeline } from './variants/pipeline.ts';
import type { Pipeline } from './variants/stage.ts';
import { createViewers } from './viewers.ts';

export interface LiveArmOptions {
  readonly world: World;
  /** Frozen: nothing that viewers do changes them, nor what trends. */
  readonly models: Models;
  /** By surface. */
  readonly pipelines: ReadonlyMap<string, Pipeline>;
  /** Rows of the world. */
  readonly viewers: Int32Array;
  /** What they had watched; `users` are rows of the world. */
  readonly history: Interactions;
  readonly startMs: number;
  readonly days: number;
  readonly observeDays: number;
  readonly seed: number;
  readonly behaviour: Behaviour;
  readonly clickModel?: ClickModel;
  readonly progress?: (day: number) => void;
  readonly signal?: AbortSignal;
}

const SLOTS = 20;
/** Candidates are made anew for everyone who watched, this often. */
const REFRESH_DAYS = 7;

/** Lives some viewers through a test in one arm, with the pipelines that would serve them. */
export async function liveArm(options: LiveArmOptions): Promise<ArmLived> {
  const { world, models, pipelines, history, progress, clickModel = positionBased, ...rest } = options;
  const ids = Array.from(options.viewers, (viewer) => world.unitIds[viewer]!);
  const viewers = createViewers();
  viewers.load(ids, ofPlaces(history, options.viewers, world.viewerCount));
  for (const viewer of options.viewers) {
    const { country, ageGroup } = world.traits(viewer);
    viewers.profile(world.unitIds[viewer]!, { country, ageGroup });
  }
  const { slates, refresh } = armSlates({ models, viewers, pipelines, slots: SLOTS });
  await refresh(ids);
  const watchedSince = new Set<string>();
  return runArm({
    ...rest,
    world,
    history,
    clickModel,
    slates,
    recordWatch(viewer, title, weight, at) {
      const id = world.unitIds[viewer]!;
      viewers.watched(id, title, weight, at);
      watchedSince.add(id);
    },
    async onDay(day) {
      progress?.(day);
      if (day === 0 || day % REFRESH_DAYS !== 0) return;
      await refresh([...watchedSince]);
      watchedSince.clear();
    },
  });
}

/** The pipelines of one variant: its own on the surface of its experiment, the usual ones elsewhere. */
export function pipelinesOf(
  declarations: Declarations,
  experimentKey: string,
  variantKey: string,
  micros: () => number,
): ReadonlyMap<string, Pipeline> {
  const experiment = declarations.experiments.find(({ key }) => key === experimentKey);
  const variant = experiment?.variants.find(({ key }) => key === variantKey);
  if (experiment === undefined || variant?.pipeline === undefined || experiment.surface === undefined)
    throw new Error(
      `no pipeline of ${experimentKey}/${variantKey} is declared; the published test needs its two variants`,
    );
  return new Map(
    declarations.surfaces.map(({ name, pipeline }) => [
      name,
      createPipeline(name === experiment.surface ? variant.pipeline! : pipeline, micros),
    ]),
  );
}

/** The watches of some viewers, `users` numbered by their order. */
function ofPlaces(history: Interactions, viewers: Int32Array, viewerCount: number): Interactions {
  const placeOf = new Int32Array(viewerCount).fill(-1);
  viewers.forEach((viewer, place) => {
    placeOf[viewer] = place;
  });
  const users = history.users.map((viewer) => placeOf[viewer]!);
  if (users.includes(-1)) throw new Error('the history has watches of other viewers');
  return { ...history, users, userCount: viewers.length };
}
