import type { Report } from '../../analysis/report/report.ts';
import { removeEnvironment } from '../../db/reproductions.ts';
import { saveTitles } from '../../db/titles.ts';
import type { Declarations, Experiment } from '../../declarations.ts';
import type { Catalogue } from '../../ranking/catalogue.ts';
import type { Plant } from '../../simulation/planted/plant.ts';
import { noFault, PLANTS } from '../../simulation/planted/plants.ts';
import { type AnalysisParts, analyseTest } from '../analyse.ts';
import type { KeptUnits } from '../kept-units.ts';
import type { Plan } from '../plan.ts';
import type { BaseStream } from './base-stream.ts';
import { deliverLate, LATE_AND_TWICE } from './deliver-late.ts';
import type { FaultRow, FaultTable } from './fault-table.ts';
import { FINDERS, sameReport } from './find-faults.ts';
import { importedFault } from './imported-test.ts';
import { countedOnly, exposuresWithLoss, LOST_USERS, lossFound } from './lost-users.ts';
import { countPlanted, plantedTruth } from './planted-truth.ts';
import { storeRecords } from './store-records.ts';

export interface PlantedParts {
  readonly plan: Plan;
  readonly declarations: Declarations;
  readonly catalogue: Catalogue;
  readonly stores: AnalysisParts['stores'];
  readonly experiment: Experiment;
  /** The records of a world whose arms are served alike. */
  readonly stream: BaseStream;
  /** Viewers who lived through both arms: the imported test is made of them. */
  readonly units: KeptUnits;
  /** Users of the test that loses some. */
  readonly lostAmong: number;
  readonly signal: AbortSignal;
}

/** Worlds stored and analysed at once: while the database reads one, this process makes the next. */
const LANES = 2;

/**
 * Table 4: plants one fault at a time in the records of a test whose arms are served alike, stores each in an environment
 * of its own, has it analysed by the jobs as any experiment is, and looks whether the finished report says what is wrong.
 */
export async function plantedFaults(
  parts: PlantedParts,
  progress: (done: number, total: number) => void,
): Promise<FaultTable> {
  const { plan, declarations, catalogue, experiment, stream, lostAmong, signal, stores } = parts;
  const { db } = stores;
  const judged = guardedOnly(experiment);
  const counted = countedOnly(experiment);
  let finished = 0;
  const without = countPlanted(plan, catalogue, noFault, stream);
  let clean: Report | undefined;
  const tasks: (() => Promise<FaultRow>)[] = [
    async () => {
      const report = await analysed(LOST_USERS, counted, (environment) =>
        storeRecords(db, environment, exposuresWithLoss(plan, declarations, counted, lostAmong), signal),
      );
      return lossFound(report, lostAmong);
    },
    ...PLANTS.map((plant) => async () => {
      const report = await analysed(plant.key, judged, (environment) =>
        storeRecords(db, environment, planted(plant, stream), signal),
      );
      if (plant === noFault) clean = report;
      const truth = plantedTruth(plan, catalogue, plant, stream, without);
      const { key, fault } = plant;
      const found = FINDERS[key]!(report, truth, experiment.analysis.alpha);
      return { key, fault, planted: plant.planted, ...found };
    }),
    async () => {
      const report = await analysed(LATE_AND_TWICE.key, judged, (environment) =>
        deliverLate(db, environment, stream, plan.seed, signal),
      );
      return { ...LATE_AND_TWICE, ...sameReport(report, clean!) };
    },
    () => importedFault(parts.units, plan),
  ];
  const rows = await inLanes(tasks, LANES, () => progress(++finished, tasks.length));
  return { viewers: stream.subjects.size, rows };

  function* planted(plant: Plant, { batches, subjects }: BaseStream) {
    const of = {
      seed: plan.seed,
      subject: (unit: string) => subjects.get(unit)!,
      treated: (unit: string) => subjects.get(unit)!.variant !== experiment.control,
    };
    for (const batch of batches) yield plant.apply(batch, of);
  }

  /** The report of an environment of its own, once `store` has filled it. */
  async function analysed(
    key: string,
    declared: Experiment,
    store: (environment: string) => Promise<void>,
  ): Promise<Report> {
    signal.throwIfAborted();
    const environment = `${plan.environment}-${key}`;
    await removeEnvironment(db, environment);
    await saveTitles(db, environment, catalogue);
    await store(environment);
    return analyseTest({
      plan: { ...plan, environment },
      stores,
      declarations: { ...declarations, experiments: [declared] },
      experiment: experiment.key,
      catalogueSize: catalogue.size,
    });
  }
}

/** What is judged, and nothing beside it. */
const guardedOnly = (experiment: Experiment): Experiment => ({
  ...experiment,
  metrics: { ...experiment.metrics, secondary: [] },
});

/** Runs tasks in order, so many at once. @returns what each gave, in their order */
async function inLanes<Result>(
  tasks: readonly (() => Promise<Result>)[],
  lanes: number,
  onDone: () => void,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const lane = async () => {
    while (next < tasks.length) {
      const at = next++;
      try {
        results[at] = await tasks[at]!();
      } catch (error) {
        next = tasks.length;
        throw error;
      }
      onDone();
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: lanes }, lane));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return results;
}
