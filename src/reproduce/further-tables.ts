import type { Report } from '../analysis/report/report.ts';
import type { Declarations, Experiment } from '../declarations.ts';
import type { AnalysisParts } from './analyse.ts';
import { claimTable } from './claims.ts';
import type { ReproductionDocument } from './document.ts';
import type { KeptUnits } from './kept-units.ts';
import { coverageOf, type TruthOptions } from './known-truth.ts';
import { measureLadder } from './measure-ladder.ts';
import type { Plan } from './plan.ts';
import { baseStream } from './planted/base-stream.ts';
import { LOST_PER_VIEWER } from './planted/lost-users.ts';
import { plantedFaults } from './planted/planted-faults.ts';
import type { Population } from './population.ts';
import type { PublishedTableRow } from './published-rows.ts';
import { measureSensitivity } from './sensitivity/measure-sensitivity.ts';

/** Tables beside the first, which is always made. */
export const FURTHER_TABLES = [2, 3, 4, 5] as const;

export interface FurtherOptions extends TruthOptions {
  /** Numbers of the tables that are wanted. */
  readonly tables: ReadonlySet<number>;
  /** Viewers of the world of table 4. */
  readonly plantedViewers: number;
  /** Viewers whose clicks table 5 is made of. */
  readonly sensitivityViewers: number;
}

export interface FurtherParts {
  readonly plan: Plan;
  readonly population: Population;
  readonly stores: AnalysisParts['stores'];
  readonly declarations: Declarations;
  readonly experiment: Experiment;
  readonly variant: string;
  readonly report: Report;
  readonly published: readonly PublishedTableRow[];
  /** Viewers who lived through both arms. */
  readonly units: KeptUnits;
}

/** Times a step and shows how far it is. */
export type RunPhase = <Result>(
  name: string,
  unit: string,
  run: (progress: (done: number, total: number) => void) => Promise<Result>,
) => Promise<Result>;

/** Tables 2 to 5, each as a phase of its own; null where it is not wanted. */
export async function furtherTables(
  parts: FurtherParts,
  options: FurtherOptions,
  phase: RunPhase,
): Promise<Pick<ReproductionDocument, 'claims' | 'coverage' | 'faults' | 'sensitivity'>> {
  const { plan, population, declarations, experiment, variant, report, published, units } = parts;
  const { tables, signal } = options;
  const wanted = async <Result>(table: number, make: () => Promise<Result>): Promise<Result | null> =>
    tables.has(table) ? make() : null;
  return {
    claims: await wanted(2, async () => {
      const ladder = await phase('the ladder', 'rankers', (progress) =>
        measureLadder(plan, population, progress),
      );
      return claimTable(ladder, report, published, variant, plan.users, units);
    }),
    coverage: await wanted(3, () =>
      phase('coverage', 'replications', (progress) =>
        coverageOf(declarations, experiment, plan, units, variant, options, progress),
      ),
    ),
    faults: await wanted(4, async () => {
      const viewers = Math.min(options.plantedViewers, plan.users);
      const stream = await phase('a world whose arms are alike', '%', (progress) =>
        baseStream(plan, population, experiment, viewers, signal, (share) => progress(100 * share, 100)),
      );
      const { catalogue } = population.models;
      const lostAmong = viewers * LOST_PER_VIEWER;
      return phase('planted faults', 'worlds', (progress) =>
        plantedFaults({ ...parts, catalogue, stream, lostAmong, signal }, progress),
      );
    }),
    sensitivity: await wanted(5, () =>
      phase('sensitivity', 'click models', (progress) =>
        measureSensitivity(
          plan,
          population,
          Math.min(options.sensitivityViewers, plan.users),
          signal,
          progress,
        ),
      ),
    ),
  };
}
