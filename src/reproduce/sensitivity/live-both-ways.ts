import type { Declarations, Experiment } from '../../declarations.ts';
import { InvalidInput } from '../../files/invalid-input.ts';
import { liveArm } from '../../live-arm.ts';
import { CALIBRATED } from '../../simulation/calibrated.ts';
import { type ClickModelName, clickModels } from '../../simulation/click-model.ts';
import type { UnitDays } from '../../simulation/unit-days.ts';
import { createPipeline } from '../../variants/pipeline.ts';
import { teamCredit } from '../../variants/team-credit.ts';
import { livePart } from '../live-part.ts';
import { pastOf } from '../past.ts';
import type { Plan } from '../plan.ts';
import type { Population } from '../population.ts';
import { servePart } from '../serve-part.ts';
import type { ArmColumns, BothWays } from './needed-users.ts';

const INTERLEAVED = 'browse-interleaving';
const SURFACE = 'homepage';
/**
 * The declared interleaving, of everybody's homepage instead of some viewers' browse page: that is the page that is seen in
 * every session.
 * @throws InvalidInput when it is not declared, or has no two pipelines
 */
export function interleavedHomepage({ experiments }: Declarations): Experiment {
  const found = experiments.find(({ key }) => key === INTERLEAVED);
  if (found?.design !== 'interleaving' || found.variants.some(({ pipeline }) => pipeline === undefined))
    throw new InvalidInput(`no interleaving ${INTERLEAVED} with two pipelines is declared; add it`);
  return {
    ...found,
    layer: { ...found.layer, from: 0, to: 1 },
    surface: SURFACE,
    targeting: { attribute: 'surface', operator: 'equals', value: SURFACE },
  };
}

/** The same viewers through a short test in either arm, and with both rankers in one list; with the same random numbers. */
export async function liveBothWays(
  plan: Plan,
  population: Population,
  experiment: Experiment,
  viewers: number,
  clickModel: ClickModelName,
  progress: (share: number) => void,
): Promise<BothWays> {
  const { world, models, declarations } = population;
  const range = [0, viewers] as const;
  const history = pastOf(world, plan.startMs, range);
  let done = 0;
  const arm = async (variant: string): Promise<ArmColumns> => {
    const stages = experiment.variants.find(({ key }) => key === variant)!.pipeline!;
    const { days } = await liveArm({
      world,
      models,
      pipelines: new Map(
        declarations.surfaces.map(({ name, pipeline }) => [
          name,
          createPipeline(name === SURFACE ? stages : pipeline, () => 0),
        ]),
      ),
      viewers: Int32Array.from({ length: viewers }, (_, row) => row),
      history,
      startMs: plan.startMs,
      days: plan.days,
      observeDays: 0,
      seed: plan.seed,
      behaviour: CALIBRATED.behaviour,
      clickModel: clickModels[clickModel],
      progress: (day) => progress((done + day / plan.days) / 3),
    });
    done++;
    return columnsOf(days);
  };
  const [first, second] = experiment.variants.map(({ key }) => key);
  const [control, treatment] = [await arm(first!), await arm(second!)];

  const credit = new Float64Array(viewers);
  const rows = new Map(world.unitIds.slice(0, viewers).map((unit, row) => [unit, row]));
  const declared = {
    ...declarations,
    version: `${declarations.version}-interleaved`,
    experiments: [{ ...experiment, startMs: plan.startMs, ramp: [{ share: 1 }] }],
    layers: declarations.layers.map(({ holdout: _, ...layer }) => layer),
  };
  const part = await servePart(plan, { ...population, declarations: declared }, range, 'interleaved');
  await livePart({ ...plan, clickModel }, population, part, range, {
    environment: 'interleaved',
    observeDays: 0,
    onBatch(recommendations, outcomes) {
      const slates = new Map(recommendations.map(({ request }) => [request.id, request.slate]));
      for (const { unit, requestId, items } of outcomes) {
        const slate = slates.get(requestId ?? '');
        if (slate?.teams === undefined) continue;
        const clicked = items.filter(({ name }) => name === 'click').map(({ title }) => title);
        credit[rows.get(unit)!]! += teamCredit(slate, clicked);
      }
    },
    onDay: (day) => progress((2 + day / plan.days) / 3),
  });
  return { control, treatment, credit };
}

function columnsOf({ units, days, clicks, viewed, watch }: UnitDays): ArmColumns {
  const total = (column: ArrayLike<number>, scale = 1) =>
    Float64Array.from({ length: units }, (_, unit) => {
      let sum = 0;
      for (let day = 0; day < days; day++) sum += column[unit * days + day]!;
      return sum / scale;
    });
  return { clicks: total(clicks), viewed: total(viewed), hours: total(watch, 3600) };
}
