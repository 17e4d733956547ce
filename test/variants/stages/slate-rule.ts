import type { Models } from '../../../src/ranking/models.ts';
import { smallModels } from '../fixtures.ts';

/** What `fill` promises, written down plainly: the chance of each title in the next slot, given those before. */
export interface SlateRule {
  readonly scores: readonly number[];
  /** Primary genre of each title, 255 for none. */
  readonly genres: readonly number[];
  readonly likeness: (one: number, other: number) => number;
  readonly parameters: FillParameters;
}

export interface FillParameters {
  readonly take?: number;
  readonly genreCap?: number;
  readonly mmr?: number;
  readonly explore?: number;
  readonly sample?: 'plackett-luce';
  readonly temperature?: number;
}

/** Titles that may come next; under a cap that nothing is left of, all that are not placed. */
export function feasible({ scores, genres, parameters }: SlateRule, before: readonly number[]): number[] {
  const { genreCap = Number.POSITIVE_INFINITY } = parameters;
  const rest = scores.map((_, title) => title).filter((title) => !before.includes(title));
  const held = (genre: number) => before.filter((title) => genres[title] === genre).length;
  const legal = rest.filter((title) => genres[title] === 255 || held(genres[title]!) < genreCap);
  return legal.length > 0 ? legal : rest;
}

/** Chance of each title that can come next. */
export function chances(rule: SlateRule, before: readonly number[]): Map<number, number> {
  const { explore = 0, sample, temperature = 1 } = rule.parameters;
  const open = feasible(rule, before);
  if (sample !== undefined) {
    const weights = open.map((title) => Math.exp(rule.scores[title]! / temperature));
    const sum = weights.reduce((a, b) => a + b, 0);
    return new Map(open.map((title, i) => [title, weights[i]! / sum]));
  }
  const best = bestOf(rule, open, before);
  const all = open.map((title): [number, number] => [
    title,
    explore / open.length + (title === best ? 1 - explore : 0),
  ]);
  return new Map(all.filter(([, chance]) => chance > 0));
}

function bestOf(
  { scores, likeness, parameters }: SlateRule,
  open: number[],
  before: readonly number[],
): number {
  const { mmr = 1 } = parameters;
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  const value = (title: number) =>
    (mmr * (scores[title]! - low)) / (high - low || 1) -
    (1 - mmr) * Math.max(0, ...before.map((placed) => likeness(title, placed)));
  return open.reduce((best, title) => (value(title) > value(best) + 1e-12 ? title : best));
}

/** Every slate of k titles that can be, with its chance. */
export function everySlate(rule: SlateRule, k: number): { titles: number[]; chance: number }[] {
  let slates: { titles: number[]; chance: number }[] = [{ titles: [], chance: 1 }];
  for (let slot = 0; slot < k; slot++) {
    slates = slates.flatMap(({ titles, chance }) =>
      [...chances(rule, titles)].map(([title, p]) => ({ titles: [...titles, title], chance: chance * p })),
    );
  }
  return slates;
}

/** Models in which title i has that genre and vector; a vector of zeros is a title without content. */
export function modelsOf(genres: readonly number[], vectors: readonly (readonly number[])[]): Models {
  const models = smallModels();
  return {
    ...models,
    catalogue: {
      ...models.catalogue,
      size: genres.length,
      primaryGenre: Uint8Array.from(genres),
      genreMask: Uint32Array.from(genres, (genre) => (genre === 255 ? 0 : 1 << genre)),
    },
    content: { dims: vectors[0]!.length, vectors: Float32Array.from(vectors.flat()) },
  };
}

/** Cosine of vectors of norm 1, or 1 for the same only genre where one of the two is zero. */
export function likenessOf(genres: readonly number[], vectors: readonly (readonly number[])[]) {
  return (one: number, other: number): number => {
    const dot = vectors[one]!.reduce((sum, x, d) => sum + x * vectors[other]![d]!, 0);
    const empty = [one, other].some((title) => vectors[title]!.every((x) => x === 0));
    if (!empty) return dot;
    return genres[one] !== 255 && genres[one] === genres[other] ? 1 : 0;
  };
}
