import { openChunkLog } from '../db/chunk-log.ts';
import { connect } from '../db/connect.ts';
import type { ChunkFigures } from './chunk-figures.ts';
import { type Arms, keepUnits, liveBothArms } from './kept-units.ts';
import { type Plan, viewersOf } from './plan.ts';
import { openPopulation, type PopulationSettings } from './population.ts';
import { runChunk } from './run-chunk.ts';

export interface ChunkThreadSettings extends PopulationSettings {
  readonly plan: Plan;
  readonly databaseUrl: string;
  /** Where units that were in both arms are kept. */
  readonly keptFolder: string;
  readonly arms: Arms;
}

/** What can be done with a chunk: live through the test and store it, or live through both arms and keep the units. */
export interface ChunkWork {
  readonly test: ChunkFigures;
  readonly truth: null;
}
export type Work = keyof ChunkWork;

/** Works on one chunk at a time. */
export interface ChunkRunner {
  run<W extends Work>(work: W, chunk: number, progress: (share: number) => void): Promise<ChunkWork[W]>;
  close(): Promise<unknown>;
}

/** A population, models and a connection of its own. */
export async function openChunkRunner(settings: ChunkThreadSettings): Promise<ChunkRunner> {
  const { plan, databaseUrl } = settings;
  const population = await openPopulation(plan, settings);
  const db = connect(databaseUrl, { name: 'screentest-reproduce', connections: 2 });
  const log = await openChunkLog(db, plan.environment);
  return {
    async run<W extends Work>(work: W, chunk: number, progress: (share: number) => void) {
      if (work === 'test') return (await runChunk(plan, population, log, chunk, progress)) as ChunkWork[W];
      const units = await liveBothArms(plan, population, viewersOf(plan, chunk), settings.arms, progress);
      await keepUnits(settings.keptFolder, chunk, units);
      return null as ChunkWork[W];
    },
    async close() {
      await log.close();
      await db.close();
    },
  };
}

/** What a thread says of the chunk it is at. */
export type ChunkMessage =
  | { readonly kind: 'share'; readonly share: number }
  | { readonly kind: 'done'; readonly result: ChunkWork[Work] };

/** What a thread is asked for. */
export interface ChunkOrder {
  readonly work: Work;
  readonly chunk: number;
}
