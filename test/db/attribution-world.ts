import { v7 } from 'uuid';
import type { Experiment, Measure, MetricDeclaration } from '../../src/declarations.ts';
import type { ExposureRecord, OutcomeItem, OutcomeRecord, RequestRecord } from '../../src/events/records.ts';
import type { Title, World } from './attribution-oracle.ts';

export const DAY = 86_400_000;
export const START = Date.UTC(2026, 9, 1);
export const GENRES = ['drama', 'comedy', 'crime', 'family'];

/** Small seeded generator (mulberry32): good enough to invent events. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function experiment(fields: Partial<Experiment> = {}): Experiment {
  return {
    key: 'test',
    owner: 'o',
    hypothesis: 'h',
    design: 'ab',
    unit: 'user_id',
    iteration: 1,
    layer: { name: 'l', from: 0, to: 1 },
    surface: 'homepage',
    startMs: START,
    durationMs: 14 * DAY,
    observeForMs: 10 * DAY,
    targeting: { all: [] },
    stratify: [],
    control: 'a',
    variants: [
      { key: 'a', weight: 0.5 },
      { key: 'b', weight: 0.5 },
    ],
    metrics: { success: [], guardrails: [], secondary: [] },
    analysis: {
      alpha: 0.05,
      interval: 'fixed',
      correction: { success: 'none', segments: 'none' },
      segments: ['country'],
      covariates: [],
      maturity: { days: 1, unitsPerArm: 1 },
    },
    ramp: [{ share: 1 }],
    decision: {
      ship: { success: 'any-superior', worse: 'none', guardrails: 'all-non-inferior', health: 'pass' },
      rollBack: { guardrails: 'any-breach' },
      otherwise: 'undecided',
    },
    source: { file: 'test.yaml', yaml: '' },
    ...fields,
  };
}

export function measure(
  event: string,
  aggregate: Measure['aggregate'],
  fields: Partial<Measure> = {},
): Measure {
  return { event, aggregate, where: {}, window: { fromMs: 0 }, ...fields };
}

export function metric(
  key: string,
  numerator: Measure,
  fields: Partial<MetricDeclaration> = {},
): MetricDeclaration {
  return {
    key,
    name: key,
    description: '',
    kind: 'mean',
    numerator,
    perWeek: false,
    direction: 'higher-is-better',
    scale: 1,
    unit: '',
    ...fields,
  };
}

/** Events at all sorts of moments: before the start, before first exposure, at exact boundaries, after the cut-off. */
export function inventWorld(seed: number, environment: string, units = 40): World {
  const random = seeded(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const int = (n: number) => Math.floor(random() * n);
  const titles: Title[] = Array.from({ length: 30 }, () => {
    const genres = GENRES.filter(() => random() < 0.4);
    const primary = genres.length === 0 ? 255 : GENRES.indexOf(pick(genres));
    return { genres, primary, longTail: random() < 0.5 };
  });
  const exposures: ExposureRecord[] = [];
  const outcomes: OutcomeRecord[] = [];
  const requests: RequestRecord[] = [];
  // Whole days now and then, so that boundaries are hit exactly.
  const moment = () => START - DAY + (random() < 0.2 ? int(26) * DAY : int(26 * DAY));
  for (let u = 0; u < units; u++) {
    const unit = `u-${u}`;
    const attributes: Record<string, string> = { country: pick(['US', 'DE', 'BR']) };
    if (random() < 0.7) attributes.device = pick(['tv', 'mobile']);
    for (let e = int(3); e >= 0; e--) {
      const at = moment();
      exposures.push({
        environment,
        experiment: 'test',
        iteration: 1,
        unit,
        variant: random() < 0.95 ? (u % 2 ? 'a' : 'b') : 'b',
        at,
        forced: random() < 0.03,
        phase: 0,
        attributes,
        configuration: 'c',
      });
      if (random() < 0.6)
        outcomes.push(
          outcome(unit, at - int(3_600_000), [{ name: 'session_start', value: 1, title: -1, afterMs: 0 }]),
        );
    }
    for (let o = int(40); o > 0; o--) {
      const items = Array.from(
        { length: int(6) },
        (): OutcomeItem => ({
          name: pick(['click', 'play', 'watch', 'session_start', 'odd']),
          value: int(5_000),
          title: int(31) - 1,
          afterMs: random() < 0.2 ? DAY : int(7_200_000),
        }),
      );
      outcomes.push(outcome(unit, moment(), items));
    }
    for (let r = int(20); r > 0; r--) requests.push(request(unit, moment()));
  }
  function outcome(unit: string, at: number, items: OutcomeItem[]): OutcomeRecord {
    const surface = pick(['homepage', 'browse', undefined]);
    return { environment, id: v7({ msecs: at }), unit, at, items, ...(surface ? { surface } : {}) };
  }
  function request(unit: string, at: number): RequestRecord {
    const n = 1 + int(3);
    const slate = {
      titles: Int32Array.from({ length: n }, () => int(30)),
      scores: new Float32Array(n),
      sources: new Uint8Array(n),
      propensities: new Float32Array(n).fill(1),
      because: new Int32Array(n).fill(-1),
    };
    return {
      environment,
      id: v7({ msecs: at }),
      unit,
      at,
      surface: pick(['homepage', 'browse']),
      device: 'tv',
      country: 'US',
      configuration: 'c',
      models: 'm',
      pipeline: 'test/a',
      error: random() < 0.1,
      fallback: pick(['none', 'none', 'cached']),
      totalMicros: int(200_000),
      stages: [],
      skipped: [],
      relaxed: 0,
      slate,
      simpsonMicro: int(1_000_000),
      longTail: int(n),
    };
  }
  return {
    experiment: experiment(),
    exposures,
    outcomes,
    requests,
    titles,
    cutoff: START + 21 * DAY + 12_345_678,
  };
}
