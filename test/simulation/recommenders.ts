import type { Interactions } from '../../src/ranking/catalogue.ts';
import type { Recommendation, RecommendationInput } from '../../src/recommend.ts';
import { type AliasTable, aliasTable, drawAlias } from '../../src/simulation/alias-table.ts';
import { normal, uniform } from '../../src/simulation/random.ts';
import type { World } from '../../src/simulation/world.ts';

/** Ranks for one viewer: catalogue rows, best first. `watched` is what the recommender was told. */
export type Ranker = (viewer: number, watched: ReadonlySet<number>, input: RecommendationInput) => number[];

const SLOTS = 20;

/** The most watched of the past for everyone, without the films they saw. */
export function popularRanker(world: World, history?: Interactions): Ranker {
  const { size, episodes } = world.catalogue;
  const watches = history === undefined ? world.popularity : new Float64Array(size);
  for (let row = 0; row < (history?.count ?? 0); row++) watches[history!.titles[row]!]! += 1;
  const order = Array.from({ length: size }, (_, row) => row).sort((a, b) => watches[b]! - watches[a]!);
  return (_viewer, watched) => {
    const slate: number[] = [];
    for (const title of order) {
      if (episodes[title]! > 1 || !watched.has(title)) slate.push(title);
      if (slate.length === SLOTS) break;
    }
    return slate;
  };
}

/** Candidates near the head, ranked by true relevance plus noise: as good as a decent recommender, not an oracle. */
export function noisyRanker(world: World, noise: number, genreCap = 5, candidates = 200): Ranker {
  const remembered: AliasTable = aliasTable(world.popularity);
  return (viewer, watched, input) => {
    const at = Math.floor(input.at / 1000) | 0;
    const pool = new Map<number, number>();
    for (let turn = 0; turn < candidates; turn++) {
      const title = drawAlias(remembered, uniform(world.seed, viewer, at, turn));
      if (watched.has(title) || pool.has(title)) continue;
      const error = noise * normal(world.seed + 1, viewer, title, 0);
      pool.set(title, Math.log(world.attraction(viewer, title)) + error);
    }
    const ranked = [...pool].sort((a, b) => b[1] - a[1]);
    const perGenre = new Map<number, number>();
    const slate: number[] = [];
    for (const [title] of ranked) {
      const genre = world.catalogue.primaryGenre[title]!;
      const used = perGenre.get(genre) ?? 0;
      if (used >= genreCap) continue;
      perGenre.set(genre, used + 1);
      slate.push(title);
      if (slate.length === SLOTS) break;
    }
    return slate;
  };
}

/** The same titles in an order that knows nothing. */
export function shuffled(ranker: Ranker, seed: number): Ranker {
  return (viewer, watched, input) => {
    const slate = ranker(viewer, watched, input);
    const key = new Map(
      slate.map((title) => [title, uniform(seed, viewer, title, Math.floor(input.at / 1000) | 0)]),
    );
    return slate.sort((a, b) => key.get(a)! - key.get(b)!);
  };
}

/** A recommender over rankers by arm; the arm is the last part of `request.pipeline`. */
export function recommenderOf(
  world: World,
  arms: Record<string, Ranker>,
  armOf: (unit: string) => string,
  history?: Interactions,
) {
  const rows = new Map(world.unitIds.map((id, row) => [id, row]));
  const watched = Array.from({ length: world.viewerCount }, () => new Set<number>());
  for (let row = 0; row < (history?.count ?? 0); row++)
    watched[history!.users[row]!]!.add(history!.titles[row]!);
  return {
    recordWatch(unit: string, title: number) {
      watched[rows.get(unit)!]!.add(title);
    },
    async recommend(inputs: readonly RecommendationInput[]): Promise<Recommendation[]> {
      return inputs.map((input) => {
        const viewer = rows.get(input.userId)!;
        const arm = armOf(input.userId);
        const titles = Int32Array.from(arms[arm]!(viewer, watched[viewer]!, input));
        return {
          assignments: [],
          exposures: [],
          request: {
            environment: 'test',
            id: input.requestId,
            unit: input.userId,
            at: input.at,
            surface: input.surface,
            device: input.device,
            country: input.country ?? '',
            configuration: 'test',
            models: 'test',
            pipeline: `test/${arm}`,
            error: false,
            fallback: 'none',
            totalMicros: 0,
            stages: [],
            skipped: [],
            relaxed: 0,
            slate: {
              titles,
              scores: new Float32Array(titles.length),
              sources: new Uint8Array(titles.length),
              propensities: new Float32Array(titles.length).fill(1),
              because: new Int32Array(titles.length).fill(-1),
            },
            simpsonMicro: 0,
            longTail: 0,
          },
        };
      });
    },
  };
}
