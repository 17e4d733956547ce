import { formatCount } from '../../analysis/report/format.ts';
import type { Report } from '../../analysis/report/report.ts';
import { createAssigner } from '../../assignment/assign.ts';
import type { Experiment } from '../../declarations.ts';
import type { Records } from '../../simulation/planted/plant.ts';
import { uniform } from '../../simulation/random.ts';
import type { Plan } from '../plan.ts';
import type { FaultRow } from './fault-table.ts';
import { cardOf, verdictOf } from './report-figures.ts';

const DAY = 86_400_000;
const LOST = 0x6c6f;
const SHARE = 0.01;
const BATCH = 5_000;

export const LOST_USERS = 'lost-users';

/**
 * A hundredth of one arm needs a large test to be seen. Of a world of 1,000 viewers it is planted among 1,200,000 users, where
 * it is beyond chance with a probability of 98.6 % (p < 0.001: a z of 0.01 x sqrt(600,000 / 2) = 5.48 against 3.29).
 */
export const LOST_PER_VIEWER = 1_200;

/**
 * The first exposures of many users, assigned by the hash; of one arm a hundredth of the users was never logged. What users
 * did is no matter to the sample ratio, so nothing of it is stored.
 */
export function* exposuresWithLoss(
  plan: Plan,
  declarations: Parameters<typeof createAssigner>[0],
  experiment: Experiment,
  users: number,
): Iterable<Records> {
  const assigner = createAssigner({ ...declarations, experiments: [experiment] });
  for (let first = 0; first < users; first += BATCH) {
    const exposures: Records['exposures'][number][] = [];
    for (let row = first; row < Math.min(users, first + BATCH); row++) {
      const unit = `lost-${plan.seed}-${row}`;
      const at = plan.startMs + Math.floor(uniform(plan.seed, row, 0, LOST) * plan.days * DAY);
      const assigned = assigner.assignOne(
        experiment.key,
        unit,
        { user_id: unit, surface: experiment.surface },
        at,
      );
      if (assigned?.variant == null) continue;
      if (assigned.variant !== experiment.control && uniform(plan.seed, row, 1, LOST) < SHARE) continue;
      exposures.push({
        environment: '',
        experiment: experiment.key,
        iteration: experiment.iteration,
        unit,
        variant: assigned.variant,
        at,
        forced: false,
        phase: assigned.phase,
        attributes: {},
        configuration: plan.configuration,
      });
    }
    yield { requests: [], exposures, outcomes: [] };
  }
}

/** An experiment of which only the users are counted: nothing was stored that metrics could be made of. */
export function countedOnly(experiment: Experiment): Experiment {
  return {
    ...experiment,
    stratify: [],
    metrics: { success: [], guardrails: [], secondary: [] },
    analysis: { ...experiment.analysis, segments: [], exploratory: [], covariates: [] },
  };
}

export function lossFound(report: Report, users: number): FaultRow {
  const card = cardOf(report, 'sample-ratio');
  const arms = report.sampleRatio?.arms ?? [];
  const [control, treatment] = arms.map(({ units }) => units);
  const ratio = control && treatment ? treatment / control - 1 : null;
  // Of two counts that are nearly alike, about sqrt(1/a + 1/b).
  const half = control && treatment ? 1.96 * Math.sqrt(1 / control + 1 / treatment) : 0;
  return {
    key: LOST_USERS,
    fault: 'users of one arm that are never logged',
    planted: `${100 * SHARE} % of the treatment's users among ${formatCount(users)} left no record`,
    figures: [
      {
        what: 'users of the treatment against those of the control',
        unit: '%',
        estimate: ratio,
        low: ratio === null ? null : ratio - half,
        high: ratio === null ? null : ratio + half,
        truth: -SHARE,
      },
    ],
    found: card?.status === 'fail' && report.state === 'invalid',
    by: `${card?.title}: ${card?.status}, ${card?.value}`,
    verdict: verdictOf(report),
  };
}
