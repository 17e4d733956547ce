import type {
  Declarations,
  Experiment,
  StageDeclaration,
  VariantDeclaration,
} from '../../src/declarations.ts';
import type { Catalogue } from '../../src/ranking/catalogue.ts';
import type { Models } from '../../src/ranking/models.ts';
import type { CandidateLists, CandidateStore } from '../../src/ranking/viewer.ts';
import type { Pipeline, SkippedStage, Slate, Work } from '../../src/variants/stage.ts';

/** A world of twelve titles, small enough to check by hand. */

export const START = Date.UTC(2026, 9, 1);
export const NOW = START + 36e5;
export const DAY = 864e5;

export function catalogueOf(size: number): Catalogue {
  const rows = Array.from({ length: size }, (_, row) => row);
  const genres = ['Drama', 'Comedy', 'Science fiction'];
  return {
    version: `titles-${size}`,
    size,
    ids: rows.map((row) => `t-${row}`),
    rowOf: new Map(rows.map((row) => [`t-${row}`, row])),
    names: rows.map((row) => `Title "${row}"`),
    genres,
    genreMask: Uint32Array.from(rows, (row) => 1 << (row % genres.length)),
    primaryGenre: Uint8Array.from(rows, (row) => row % genres.length),
    year: new Int16Array(size).fill(2020),
    addedAt: new Float64Array(size),
    minutes: new Float32Array(size).fill(90),
    episodes: new Uint16Array(size).fill(1),
    text: rows.map(() => ''),
    longTail: Uint8Array.from(rows, (row) => (row >= 8 ? 1 : 0)),
  };
}

/** Title 0 trends most, 1 next and so on; a viewer of title t is nearest to t. */
export function modelsOf(size = 12): Models {
  const identity = new Float32Array(size * size);
  for (let row = 0; row < size; row++) identity[row * size + row] = 1;
  return {
    version: 'models-1',
    catalogue: catalogueOf(size),
    ials: {
      factors: size,
      regularisation: 0.1,
      alpha: 1,
      items: identity,
      gram: Float64Array.from(identity),
    },
    content: { dims: size, vectors: identity },
    trending: {
      asOf: START,
      order: Int32Array.from({ length: Math.min(size, 6) }, (_, row) => row),
      score: Float32Array.from({ length: size }, (_, row) => (row < 6 ? 1 - row / 10 : 0)),
      popularity: Float32Array.from({ length: size }, (_, row) => 1 - row / size),
      quality: new Float32Array(size),
    },
    scorers: new Map(),
  };
}

const stage = (name: string, parameters: Record<string, unknown> = {}): StageDeclaration => ({
  stage: name,
  parameters,
});

/** A pipeline of the fake stage `from`: consecutive titles from `title` on. */
export const from = (title: number): StageDeclaration[] => [stage('from', { title })];
export const broken: StageDeclaration[] = [stage('broken')];
export const empty: StageDeclaration[] = [stage('empty')];
/** Without its score stage, and with two slots beyond the genre cap. */
export const skipping = (title: number): StageDeclaration[] => [
  stage('from', { title, skipped: [{ stage: 'score', reason: 'late' }], relaxed: 2 }),
];

/** Stands for the real pipelines: what it ranks depends on its one stage alone. Records the sizes of its batches. */
export function fakePipelines(batches: number[] = []): (stages: readonly StageDeclaration[]) => Pipeline {
  return ([declared]) => ({
    stages: [
      {
        name: declared!.stage,
        onFailure: 'fail',
        readsLists: (declared!.parameters as { lists?: boolean }).lists ?? true,
        run() {},
      },
    ],
    run: async (works: readonly Work[]) => {
      batches.push(works.length);
      const { stage: name, parameters } = declared!;
      if (name === 'broken') throw new Error('the model is gone');
      for (const work of works) {
        const first = (parameters as { title?: number }).title ?? 0;
        work.slate = slateOf(name === 'empty' ? [] : consecutive(first, work.request.k));
        work.skipped.push(...((parameters as { skipped?: SkippedStage[] }).skipped ?? []));
        work.relaxed = (parameters as { relaxed?: number }).relaxed ?? 0;
      }
      return [{ stage: name, micros: 7, titles: 3 * works.length }];
    },
  });
}

const consecutive = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, slot) => (first + slot) % 12);

export function slateOf(titles: readonly number[]): Slate {
  return {
    titles: Int32Array.from(titles),
    scores: Float32Array.from(titles, (_, slot) => 1 - slot / 8),
    sources: new Uint8Array(titles.length),
    propensities: new Float32Array(titles.length).fill(1),
    because: Int32Array.from(titles, (title) => (title === 3 ? 5 : -1)),
  };
}

export function experimentOf(
  key: string,
  variants: readonly (Omit<VariantDeclaration, 'weight'> & { weight?: number })[],
  more: Partial<Experiment> = {},
): Experiment {
  return {
    key,
    owner: 'tests',
    hypothesis: `${key} helps`,
    design: 'ab',
    unit: 'user_id',
    iteration: 1,
    layer: { name: key, from: 0, to: 1 },
    startMs: START,
    durationMs: 28 * DAY,
    observeForMs: 30 * DAY,
    targeting: { all: [] },
    stratify: [],
    control: variants[0]!.key,
    variants: variants.map((variant) => ({ weight: 1 / variants.length, ...variant })),
    metrics: { success: [], guardrails: [], secondary: [] },
    analysis: {
      alpha: 0.05,
      interval: 'fixed',
      correction: { success: 'holm', segments: 'bh' },
      segments: [],
      covariates: [],
      maturity: { days: 14, unitsPerArm: 100 },
    },
    ramp: [{ share: 1 }],
    decision: {
      ship: { success: 'any-superior', worse: 'none', guardrails: 'all-non-inferior', health: 'pass' },
      rollBack: { guardrails: 'any-breach' },
      otherwise: 'undecided',
    },
    source: { file: `experiments/${key}.yaml`, yaml: `key: ${key}\n` },
    ...more,
  };
}

/** Surfaces homepage (default: titles from 0) and browse (from 2), four slots each, and the given experiments. */
export function declarationsOf(...experiments: Experiment[]): Declarations {
  const layers = [...new Set(experiments.map((experiment) => experiment.layer.name))];
  return {
    version: `configuration-${experiments.map((experiment) => experiment.key).join('+')}`,
    experiments,
    metrics: [],
    layers: layers.map((name) => ({ name, salt: name })),
    surfaces: [
      { name: 'homepage', slots: 4, pipeline: from(0) },
      { name: 'browse', slots: 4, pipeline: from(2) },
    ],
  };
}

export interface FakeStore extends CandidateStore {
  readonly calls: string[][];
  readonly stored: Map<string, CandidateLists>;
  down: boolean;
}

export function fakeStore(): FakeStore {
  const store: FakeStore = {
    calls: [],
    stored: new Map(),
    down: false,
    async getMany(_version, users) {
      store.calls.push([...users]);
      if (store.down) throw new Error('the store is down');
      return users.map((user) => store.stored.get(user));
    },
    async putMany(_version, entries) {
      for (const [user, lists] of entries) store.stored.set(user, lists);
    },
    drop: async () => store.stored.clear(),
    close: async () => {},
  };
  return store;
}

/** A distinct, valid UUID per number. */
export const uuid = (n: number): string => `0199a000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
