import type { Catalogue } from '../../ranking/catalogue.ts';
import { countOutcome } from '../../simulation/count-outcome.ts';
import type { Plant } from '../../simulation/planted/plant.ts';
import { type TrueMetric, unitTerms } from '../../simulation/population.ts';
import { type TrueEffect, trueEffects, trueEffectsBySegment } from '../../simulation/true-effects.ts';
import { createUnitDays, type UnitDays } from '../../simulation/unit-days.ts';
import { type Plan, testEnd } from '../plan.ts';
import type { BaseStream } from './base-stream.ts';

/** What a plant does to the very viewers of its world: each is counted with it and without it. */
export interface PlantedTruth {
  effect(metric: TrueMetric): TrueEffect;
  /** By the activity that exposures froze. */
  effectIn(activity: string, metric: TrueMetric): TrueEffect | undefined;
  /** Hours watched: the effect on days 8 to 14 since first exposure less that on days 1 to 7, of units with both whole. */
  noveltyHours(): number;
}

const DAY = 86_400_000;
const WEEK = 7;

/** @param without  `countPlanted` of nothing */
export function plantedTruth(
  plan: Plan,
  catalogue: Catalogue,
  plant: Plant,
  stream: BaseStream,
  without: UnitDays,
): PlantedTruth {
  const withIt = countPlanted(plan, catalogue, plant, stream);
  const terms = [without, withIt].map((table) => unitTerms(table, testEnd(plan))) as [
    ReturnType<typeof unitTerms>,
    ReturnType<typeof unitTerms>,
  ];
  const activities = new Map([...stream.subjects.values()].map(({ row, activity }) => [row, activity]));
  const find = (effects: readonly TrueEffect[], metric: TrueMetric) =>
    effects.find((one) => one.metric === metric)!;
  const all = trueEffects(...terms);
  const segments = trueEffectsBySegment(...terms, (place) => activities.get(place) ?? '');
  return {
    effect: (metric) => find(all, metric),
    effectIn(activity, metric) {
      const effects = segments.get(activity);
      return effects && find(effects, metric);
    },
    noveltyHours: () => changeOf(withIt) - changeOf(without),
  };

  /** Mean hours of the second week less those of the first. */
  function changeOf({ units, days, firstAt, watch }: UnitDays): number {
    let [sum, n] = [0, 0];
    for (let unit = 0; unit < units; unit++) {
      if (firstAt[unit]! + 2 * WEEK * DAY > testEnd(plan)) continue;
      n++;
      for (let day = 0; day < 2 * WEEK; day++) sum += (day < WEEK ? -1 : 1) * watch[unit * days + day]!;
    }
    return sum / 3600 / n;
  }
}

/** What every unit of the stream does where all of them meet the plant. */
export function countPlanted(
  plan: Plan,
  catalogue: Catalogue,
  plant: Plant,
  { batches, subjects }: BaseStream,
): UnitDays {
  const table = createUnitDays(subjects.size, plan.days);
  const parts = { seed: plan.seed, subject: (unit: string) => subjects.get(unit)!, treated: () => true };
  for (const batch of batches)
    for (const outcome of plant.apply(batch, parts).outcomes)
      countOutcome(table, subjects.get(outcome.unit)!.row, catalogue, outcome, testEnd(plan));
  return table;
}
