import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { liveArm, pipelinesOf } from '../live-arm.ts';
import { DEVICES } from '../ranking/catalogue.ts';
import { CALIBRATED } from '../simulation/calibrated.ts';
import { clickModels } from '../simulation/click-model.ts';
import { firstVisit } from '../simulation/return.ts';
import { planVisit } from '../simulation/session.ts';
import { joinUnitDays, type UnitDays } from '../simulation/unit-days.ts';
import { pastOf } from './past.ts';
import type { Plan } from './plan.ts';
import type { Population } from './population.ts';

/** Some viewers who lived through the test twice, once in each arm, with the same random numbers. */
export interface KeptUnits {
  readonly control: UnitDays;
  readonly treatment: UnitDays;
  /** Titles known to have been watched at the first session: the covariate that exposures freeze. */
  readonly watchesBefore: Float64Array;
  /** Country and device of the first session, as one name: what the experiment is stratified by. */
  readonly stratum: readonly string[];
}

/** Keys of an experiment and of its two variants. */
export interface Arms {
  readonly experiment: string;
  readonly control: string;
  readonly treatment: string;
}

/** Lives some viewers through both arms of an experiment. @param range  rows of the world */
export async function liveBothArms(
  plan: Plan,
  population: Population,
  range: readonly [from: number, to: number],
  arms: Arms,
  progress: (share: number) => void,
): Promise<KeptUnits> {
  const { world, models, declarations } = population;
  const { behaviour } = CALIBRATED;
  const history = pastOf(world, plan.startMs, range);
  const [from, to] = range;
  const viewers = Int32Array.from({ length: to - from }, (_, place) => from + place);
  const live = async (variant: string, done: number) => {
    const { days } = await liveArm({
      world,
      models,
      pipelines: pipelinesOf(declarations, arms.experiment, variant, () => 0),
      viewers,
      history,
      startMs: plan.startMs,
      days: plan.days,
      observeDays: plan.windowDays,
      seed: plan.seed,
      behaviour,
      clickModel: clickModels[plan.clickModel],
      progress: (day) => progress((done + day / plan.days) / 2),
    });
    return days;
  };
  const watchesBefore = new Float64Array(viewers.length);
  for (let row = 0; row < history.count; row++) watchesBefore[history.users[row]! - from]! += 1;
  return {
    control: await live(arms.control, 0),
    treatment: await live(arms.treatment, 1),
    watchesBefore,
    stratum: Array.from(viewers, (viewer, place) => {
      const at = firstVisit(world, viewer, plan.startMs, plan.days);
      const { device } = planVisit(world, behaviour, viewer, place, 0, at);
      return `${world.traits(viewer).country} ${DEVICES[DEVICES.indexOf(device)]}`;
    }),
  };
}

const fileOf = (folder: string, chunk: number): string => join(folder, `units-${chunk}.bin`);

/** Keeps the units of a chunk, so that a run that was cut off need not live through them again. */
export async function keepUnits(folder: string, chunk: number, units: KeptUnits): Promise<void> {
  await mkdir(folder, { recursive: true });
  const path = fileOf(folder, chunk);
  await writeFile(`${path}.part`, serialize(units));
  await rename(`${path}.part`, path);
}

/** Undefined where the chunk is not kept, or its file is damaged. */
export async function readUnits(folder: string, chunk: number): Promise<KeptUnits | undefined> {
  try {
    return deserialize(await readFile(fileOf(folder, chunk))) as KeptUnits;
  } catch {
    return undefined;
  }
}

/** The units of all parts, one after the other. */
export function joinUnits(parts: readonly KeptUnits[]): KeptUnits {
  return {
    control: joinUnitDays(parts.map(({ control }) => control)),
    treatment: joinUnitDays(parts.map(({ treatment }) => treatment)),
    watchesBefore: Float64Array.from(parts.flatMap(({ watchesBefore }) => [...watchesBefore])),
    stratum: parts.flatMap(({ stratum }) => stratum),
  };
}
