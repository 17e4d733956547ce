import type { Declarations, Experiment } from '../declarations.ts';
import { InvalidInput } from '../files/invalid-input.ts';
import type { ChunkThreadSettings } from './chunk-runner.ts';
import { runInThreads } from './chunk-threads.ts';
import { coverageTable } from './coverage.ts';
import type { CoverageTable } from './coverage-table.ts';
import { joinUnits, type KeptUnits, readUnits } from './kept-units.ts';
import { outcomesOf } from './outcomes.ts';
import { chunksOf, type Plan } from './plan.ts';

export interface TruthOptions {
  /** Viewers who live through both arms, for the world's truth; rounded up to whole chunks. */
  readonly truthUsers: number;
  /** Of table 3. */
  readonly replications: number;
  readonly threads?: number;
  readonly signal: AbortSignal;
}

/** The first viewers in both arms; those that an earlier run kept are not lived through again. */
export async function liveTruth(
  settings: ChunkThreadSettings,
  options: TruthOptions,
  progress: (done: number, total: number) => void,
): Promise<KeptUnits> {
  const { plan, keptFolder } = settings;
  const count = Math.min(chunksOf(plan), Math.ceil(options.truthUsers / plan.chunkUsers));
  const kept = new Map<number, KeptUnits>();
  for (let chunk = 0; chunk < count; chunk++) {
    const units = await readUnits(keptFolder, chunk);
    if (units !== undefined) kept.set(chunk, units);
  }
  const missing = Array.from({ length: count }, (_, chunk) => chunk).filter((chunk) => !kept.has(chunk));
  await runInThreads(settings, 'truth', missing, {
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    signal: options.signal,
    onChunk: () => {},
    progress: (share) => progress(share * plan.chunkUsers, missing.length * plan.chunkUsers),
  });
  const all: KeptUnits[] = [];
  for (let chunk = 0; chunk < count; chunk++)
    all.push((kept.get(chunk) ?? (await readUnits(keptFolder, chunk)))!);
  return joinUnits(all);
}

/** Viewers drawn for one replication. */
const DRAWN = 20_000;

/**
 * Table 3 from kept units.
 *
 * @throws InvalidInput when a metric of the published test is not declared
 */
export async function coverageOf(
  declarations: Declarations,
  experiment: Experiment,
  plan: Plan,
  units: KeptUnits,
  treatment: string,
  { replications, signal }: TruthOptions,
  progress: (done: number, total: number) => void,
): Promise<CoverageTable> {
  const outcomes = outcomesOf(units, plan.startMs, plan.days);
  const metrics = outcomes.metrics.map(({ metric }) => {
    const declared = declarations.metrics.find(({ key }) => key === metric);
    if (declared === undefined)
      throw new InvalidInput(`metrics.yaml declares no ${metric}, which the published test has; add it`);
    return declared;
  });
  const parts = { declarations, experiment, metrics, outcomes, treatment, seed: plan.seed };
  const drawn = Math.min(DRAWN, outcomes.firstAt.length);
  return coverageTable(parts, replications, drawn, { progress, signal });
}
