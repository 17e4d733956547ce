import type { Experiment, Layer } from '../../src/declarations.ts';

export const START = Date.UTC(2026, 9, 1);
export const DAY = 86_400_000;

/** A valid experiment of two equal variants over the whole of layer `main`, changed as a test needs. */
export function experiment(changes: Partial<Experiment> = {}): Experiment {
  return {
    key: 'ranker',
    owner: 'team',
    hypothesis: 'B is better.',
    design: 'ab',
    unit: 'user_id',
    iteration: 1,
    layer: { name: 'main', from: 0, to: 1 },
    startMs: START,
    durationMs: 28 * DAY,
    observeForMs: 30 * DAY,
    targeting: { all: [] },
    stratify: [],
    control: 'a',
    variants: [
      { key: 'a', weight: 0.5 },
      { key: 'b', weight: 0.5 },
    ],
    metrics: { success: [{ metric: 'm' }], guardrails: [], secondary: [] },
    analysis: {
      alpha: 0.05,
      interval: 'fixed',
      correction: { success: 'holm', segments: 'bh' },
      segments: [],
      covariates: [],
      maturity: { days: 7, unitsPerArm: 100 },
    },
    ramp: [{ share: 1 }],
    decision: {
      ship: { success: 'any-superior', worse: 'none', guardrails: 'all-non-inferior', health: 'pass' },
      rollBack: { guardrails: 'any-breach' },
      otherwise: 'undecided',
    },
    source: { file: 'ranker.yaml', yaml: '' },
    ...changes,
  };
}

export const mainLayer: Layer = { name: 'main', salt: 'layer-main' };
