import { CLICK_MODELS } from '../../simulation/click-model.ts';
import type { Plan } from '../plan.ts';
import type { Population } from '../population.ts';
import { interleavedHomepage, liveBothWays } from './live-both-ways.ts';
import { sensitivityOf } from './sensitivity-of.ts';
import type { SensitivityRow, SensitivityTable } from './sensitivity-table.ts';

const DAYS = 7;
const POWER = 0.95;
const RESAMPLES = 500;

/** Table 5: under each click model the users that an A/B test needs and those that interleaving needs, of one comparison. */
export async function measureSensitivity(
  plan: Plan,
  population: Population,
  viewers: number,
  signal: AbortSignal,
  progress: (done: number, total: number) => void,
): Promise<SensitivityTable> {
  const experiment = interleavedHomepage(population.declarations);
  const { alpha } = experiment.analysis;
  const week = { ...plan, days: DAYS };
  const rows: SensitivityRow[] = [];
  for (const [i, clickModel] of CLICK_MODELS.entries()) {
    signal.throwIfAborted();
    const measured = await liveBothWays(week, population, experiment, viewers, clickModel, (share) =>
      progress(i + share, CLICK_MODELS.length),
    );
    rows.push(sensitivityOf(clickModel, measured, { alpha, power: POWER }, RESAMPLES, plan.seed));
  }
  const [control, treatment] = experiment.variants.map(({ key }) => key);
  return {
    control: control!,
    treatment: treatment!,
    viewers,
    days: DAYS,
    power: POWER,
    alpha,
    resamples: RESAMPLES,
    rows,
  };
}
