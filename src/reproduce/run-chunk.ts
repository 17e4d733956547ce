import type { ChunkLog } from '../db/chunk-log.ts';
import type { ChunkFigures, ChunkTimes } from './chunk-figures.ts';
import { livePart } from './live-part.ts';
import { type Plan, viewersOf } from './plan.ts';
import type { Population } from './population.ts';
import { servePart } from './serve-part.ts';

/** Simulates one chunk day by day and stores it: all of it or nothing. */
export async function runChunk(
  plan: Plan,
  population: Population,
  log: ChunkLog,
  chunk: number,
  progress: (share: number) => void,
): Promise<ChunkFigures> {
  const range = viewersOf(plan, chunk);
  const times: ChunkTimes = { prepare: 0, rank: 0, encode: 0, copy: 0, simulate: 0, observe: 0 };
  const timed = async <Result>(
    what: keyof ChunkTimes,
    run: () => Result | Promise<Result>,
  ): Promise<Result> => {
    const start = performance.now();
    const result = await run();
    times[what] += performance.now() - start;
    return result;
  };
  const part = await timed('prepare', () => servePart(plan, population, range, plan.environment));
  const writer = await log.begin(chunk);
  const begun = performance.now();
  let requests = 0;
  let observed = 0;
  let testOver: number | undefined;
  const endTest = () => {
    testOver ??= performance.now();
  };
  try {
    const { viewers, sessions, digest } = await livePart(plan, population, part, range, {
      environment: plan.environment,
      recommender: { recommend: (inputs) => timed('rank', () => part.recommender.recommend(inputs)) },
      onBatch(recommendations, outcomes) {
        const start = performance.now();
        writer.add({
          requests: recommendations.map(({ request }) => request),
          exposures: recommendations.flatMap(({ exposures }) => exposures),
          outcomes,
        });
        requests += recommendations.length;
        if (recommendations.length === 0) observed += outcomes.length;
        times.encode += performance.now() - start;
      },
      async onDay(day) {
        await timed('copy', () => writer.flush());
        progress(Math.min(1, day / plan.days));
        if (day === plan.days) endTest();
      },
    });
    endTest();
    times.observe = performance.now() - testOver!;
    times.simulate = testOver! - begun - times.rank - times.encode - times.copy;
    await timed('copy', () => writer.flush());
    return await writer.commit(({ rows, bytes }) => ({
      viewers,
      sessions: sessions - observed,
      requests,
      observed,
      digest,
      rows,
      bytes,
      times,
    }));
  } catch (error) {
    await writer.rollback();
    throw error;
  }
}
