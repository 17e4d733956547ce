import { openChunkLog } from '../db/chunk-log.ts';
import { connect } from '../db/connect.ts';
import type { ChunkFigures } from './chunk-figures.ts';
import type { Plan } from './plan.ts';
import { openPopulation, type PopulationSettings } from './population.ts';
import { runChunk } from './run-chunk.ts';

export interface ChunkThreadSettings extends PopulationSettings {
  readonly plan: Plan;
  readonly databaseUrl: string;
}

/** Runs one chunk at a time. */
export interface ChunkRunner {
  run(chunk: number, progress: (share: number) => void): Promise<ChunkFigures>;
  close(): Promise<unknown>;
}

/** A population, models and a connection of its own. */
export async function openChunkRunner(settings: ChunkThreadSettings): Promise<ChunkRunner> {
  const { plan, databaseUrl } = settings;
  const population = await openPopulation(plan, settings);
  const db = connect(databaseUrl, { name: 'screentest-reproduce', connections: 2 });
  const log = await openChunkLog(db, plan.environment);
  return {
    run: (chunk, progress) => runChunk(plan, population, log, chunk, progress),
    async close() {
      await log.close();
      await db.close();
    },
  };
}

/** What a thread says of the chunk it is at. */
export type ChunkMessage =
  | { readonly kind: 'share'; readonly share: number }
  | { readonly kind: 'done'; readonly figures: ChunkFigures };
