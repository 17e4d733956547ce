import type { SlateCacheDeclaration } from '../declarations.ts';
import { finishedTitles } from '../ranking/finished-titles.ts';
import type { Models } from '../ranking/models.ts';
import { allowedTitles, type Limits } from '../ranking/rules.ts';
import type { RankingRequest, Slate } from './stage.ts';

/** What a slate was made of besides the request. */
export interface SlateVersions {
  readonly configuration: string;
  readonly models: string;
}

/** A slate that a pipeline made for an earlier request, as it was made: with the propensities it was drawn with. */
export interface KeptSlate extends SlateVersions {
  readonly slate: Slate;
  /** Slots beyond the genre cap. */
  readonly relaxed: number;
  /** Time of the request it was made for, epoch ms. */
  readonly at: number;
  /** `Viewer.revision` at that time. */
  readonly revision: number;
}

/** Counts since the start, and what is kept now. */
export interface SlateCacheStats {
  readonly slates: number;
  readonly evicted: number;
  /** Requests whose pipeline was spared, and those that ran it. */
  readonly repeats: { readonly hits: number; readonly misses: number };
  /** Requests whose pipeline made no slate, with and without a kept one. */
  readonly fallbacks: { readonly hits: number; readonly misses: number };
}

/** The last slates of one surface, by pipeline, user, device, country and slots. */
export interface SlateCache {
  /** The slate to answer with instead of running the pipeline: of the same viewer, unchanged, within `repeatMs`. */
  repeat(pipeline: string, request: RankingRequest, versions: SlateVersions): KeptSlate | undefined;
  /** The slate to answer with when the pipeline made none: within `fallbackMs`, and fit to be shown now. */
  fallback(
    pipeline: string,
    request: RankingRequest,
    models: Models,
    configuration: string,
    limits: readonly Limits[],
  ): KeptSlate | undefined;
  keep(
    pipeline: string,
    request: RankingRequest,
    made: Pick<KeptSlate, 'slate' | 'relaxed'> & SlateVersions,
  ): void;
  stats(): SlateCacheStats;
}

/** A kept slate is replaced once it has lived this share of its lifetime, and at once by one of another revision or version. */
const RENEWED_AFTER = 0.1;

/**
 * Memory is bounded by the number of slates (about 1.5 kB each at 20 slots); past it the one kept longest ago goes. Times are those of
 * requests: the same requests give the same answers.
 */
export function createSlateCache({ repeatMs, fallbackMs, slates: most }: SlateCacheDeclaration): SlateCache {
  /** Oldest first. */
  const kept = new Map<string, KeptSlate>();
  const repeats = { hits: 0, misses: 0 };
  const fallbacks = { hits: 0, misses: 0 };
  const lifetimeMs = Math.max(repeatMs, fallbackMs);
  let evicted = 0;

  /** The user comes last: an id may hold any character. */
  const keyOf = (pipeline: string, { viewer, device, country, k }: RankingRequest): string =>
    `${pipeline} ${device} ${country} ${k} ${viewer.id}`;

  function find(
    pipeline: string,
    request: RankingRequest,
    versions: SlateVersions,
    withinMs: number,
  ): KeptSlate | undefined {
    const found = kept.get(keyOf(pipeline, request));
    return found !== undefined && isOf(found, versions) && isYoung(found, request.at, withinMs)
      ? found
      : undefined;
  }

  return {
    repeat(pipeline, request, versions) {
      if (repeatMs === 0) return undefined;
      const found = find(pipeline, request, versions, repeatMs);
      const hit = found?.revision === request.viewer.revision ? found : undefined;
      repeats[hit === undefined ? 'misses' : 'hits']++;
      return hit;
    },
    fallback(pipeline, request, models, configuration, limits) {
      const found = find(pipeline, request, { configuration, models: models.version }, fallbackMs);
      const hit = found !== undefined && isFit(found, request, models, limits) ? found : undefined;
      fallbacks[hit === undefined ? 'misses' : 'hits']++;
      return hit;
    },
    keep(pipeline, request, made) {
      if (lifetimeMs === 0) return;
      const { at, viewer } = request;
      const { revision } = viewer;
      const key = keyOf(pipeline, request);
      const before = kept.get(key);
      if (before !== undefined) {
        const renewMs = RENEWED_AFTER * (repeatMs > 0 ? repeatMs : fallbackMs);
        if (before.revision === revision && isOf(before, made) && isYoung(before, at, renewMs)) return;
        kept.delete(key);
      } else if (kept.size >= most) {
        kept.delete(kept.keys().next().value as string);
        evicted++;
      }
      const { slate, relaxed, configuration, models } = made;
      kept.set(key, { slate, relaxed, configuration, models, at, revision });
    },
    stats: () => ({ slates: kept.size, evicted, repeats: { ...repeats }, fallbacks: { ...fallbacks } }),
  };
}

const isOf = (kept: SlateVersions, { configuration, models }: SlateVersions): boolean =>
  kept.configuration === configuration && kept.models === models;

/** A slate of a later time is none of an earlier request's. */
const isYoung = (kept: KeptSlate, at: number, withinMs: number): boolean =>
  at >= kept.at && at - kept.at < withinMs;

/** No title of it has become one that may not be shown, or was finished since. */
function isFit(
  { slate, revision }: KeptSlate,
  request: RankingRequest,
  { catalogue }: Models,
  limits: readonly Limits[],
): boolean {
  const { viewer } = request;
  const finished = revision === viewer.revision ? undefined : finishedTitles(viewer, catalogue);
  const isAllowed = allowedTitles(catalogue, request, limits);
  return slate.titles.every((title) => finished?.has(title) !== true && isAllowed(title));
}
