import type { Experiment } from '../declarations.ts';
import type { ClickModelName } from '../simulation/click-model.ts';

const DAY = 86_400_000;

/** What a run depends on: the same plan gives the same rows, latencies apart. */
export interface Plan {
  readonly version: 1;
  readonly environment: string;
  readonly seed: number;
  readonly users: number;
  /** Titles of the invented catalogue. */
  readonly titles: number;
  readonly clickModel: ClickModelName;
  /** Viewers in whose past the models were trained: the first ones. */
  readonly trainedOn: number;
  /** Viewers of one chunk: what is simulated, stored and committed as a whole. */
  readonly chunkUsers: number;
  /** Epoch ms. */
  readonly startMs: number;
  /** Days in which sessions ask for slates. */
  readonly days: number;
  /** Days after a viewer's first session until which it is observed, though the test be over. */
  readonly windowDays: number;
  /** Version of the declarations. */
  readonly configuration: string;
}

/** Small enough that a kill costs seconds and memory stays flat, large enough that half an hour's requests fill a batch. */
export const CHUNK_USERS = 2_000;
/** A small run, too, has chunks for every thread, and something to go on with. */
const LEAST_CHUNKS = 8;
/** Real models are trained on samples, too; it is also what `npm start` trains on, so that one cache serves both. */
export const TRAINED_ON = 10_000;

/** @throws RangeError for a window that is no whole number of days */
export function planOf(
  experiment: Pick<Experiment, 'startMs' | 'durationMs' | 'observeForMs'>,
  settings: Pick<Plan, 'seed' | 'users' | 'titles' | 'clickModel' | 'configuration'>,
): Plan {
  const { seed, users, titles, clickModel, configuration } = settings;
  return {
    version: 1,
    environment: `reproduce-${seed}-${users}${clickModel === 'pbm' ? '' : `-${clickModel}`}`,
    seed,
    users,
    titles,
    clickModel,
    configuration,
    trainedOn: Math.min(users, TRAINED_ON),
    chunkUsers: Math.min(CHUNK_USERS, Math.ceil(users / LEAST_CHUNKS)),
    startMs: experiment.startMs,
    days: Math.round(experiment.durationMs / DAY),
    windowDays: Math.round(experiment.observeForMs / DAY),
  };
}

export const chunksOf = ({ users, chunkUsers }: Plan): number => Math.ceil(users / chunkUsers);

/** Rows of the viewers of a chunk: from the first up to, not including, the second. */
export function viewersOf({ users, chunkUsers }: Plan, chunk: number): readonly [number, number] {
  return [chunk * chunkUsers, Math.min(users, (chunk + 1) * chunkUsers)];
}

/** End of enrolment, epoch ms: when the published test was read. */
export const testEnd = ({ startMs, days }: Plan): number => startMs + days * DAY;

/** From then on every viewer's window is complete, epoch ms. */
export const observationEnd = (plan: Plan): number => testEnd(plan) + plan.windowDays * DAY;
