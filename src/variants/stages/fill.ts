import { type Static, Type } from 'typebox';
import { allows, createGenreCap, type GenreCap, use } from '../../ranking/diversity.ts';
import { drawSlot, slotPropensity } from '../../ranking/exploration.ts';
import type { Models } from '../../ranking/models.ts';
import { mostSimilarWatched } from '../../ranking/similar.ts';
import { random } from '../random.ts';
import {
  type Candidates,
  type Slate,
  SOURCES,
  type Stage,
  type StageDefinition,
  type Work,
} from '../stage.ts';

const Parameters = Type.Object(
  {
    take: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 200,
        description: 'Most slots to fill; absent: as many as are asked for.',
      }),
    ),
    explore: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        default: 0,
        description: 'Probability that a slot is drawn evenly from the remaining candidates.',
      }),
    ),
    genreCap: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 200,
        description: 'At most this many titles of one primary genre, as long as candidates allow it.',
      }),
    ),
  },
  { additionalProperties: false },
);

const EXPLORE = SOURCES.indexOf('explore');
/** Sources whose titles are explained by something the viewer watched. */
const PERSONAL = new Set([SOURCES.indexOf('ials'), SOURCES.indexOf('content')]);

export const fill: StageDefinition<typeof Parameters> = {
  name: 'fill',
  summary: 'Fills the slots from the best downwards, under a genre cap and with a share of exploration.',
  parameters: Parameters,
  place: 'last',
  make({ take, explore = 0, genreCap }: Static<typeof Parameters>): Stage {
    const cap = createGenreCap(genreCap ?? Number.POSITIVE_INFINITY);
    let free = new Uint8Array(0);
    return {
      name: 'fill',
      onFailure: 'fail',
      run(batch, models) {
        for (const work of batch) {
          if (free.length < work.candidates.count) free = new Uint8Array(work.candidates.count);
          const slots = Math.min(work.request.k, take ?? work.request.k, work.candidates.count);
          work.slate = fillSlots(work, models, slots, explore, cap, free);
        }
      },
    };
  },
};

function fillSlots(
  { request, candidates }: Work,
  models: Models,
  slots: number,
  explore: number,
  cap: GenreCap,
  free: Uint8Array,
): Slate {
  const { primaryGenre } = models.catalogue;
  const draw = explore > 0 ? random(request.requestId, 'fill') : never;
  const slate = emptySlate(slots);
  free.fill(1, 0, candidates.count);
  cap.used.fill(0);
  for (let slot = 0; slot < slots; slot++) {
    let capped = true;
    let feasible = scan(candidates, free, primaryGenre, cap, true);
    if (feasible === 0) {
      capped = false;
      feasible = scan(candidates, free, primaryGenre, cap, false);
    }
    const best = scanBest;
    const drawn = drawSlot(feasible, explore, draw);
    const chosen = drawn < 0 ? best : nthFeasible(candidates, free, primaryGenre, cap, capped, drawn);
    const title = candidates.titles[chosen]!;
    free[chosen] = 0;
    use(cap, primaryGenre[title]!);
    const source = chosen === best ? candidates.source[chosen]! : EXPLORE;
    slate.titles[slot] = title;
    slate.scores[slot] = candidates.score[chosen]!;
    slate.sources[slot] = source;
    slate.propensities[slot] = slotPropensity(chosen === best, feasible, explore);
    slate.because[slot] = PERSONAL.has(source)
      ? mostSimilarWatched(models.content, request.viewer, title)
      : -1;
  }
  return slate;
}

/** Index of the best title that the last `scan` saw; a second return value without an object per slot. */
let scanBest = -1;

/** Number of titles that may fill the slot; `scanBest` is the one of the highest score, the first among equals. */
function scan(
  { count, titles, score }: Candidates,
  free: Uint8Array,
  primaryGenre: Uint8Array,
  cap: GenreCap,
  capped: boolean,
): number {
  let feasible = 0;
  let top = Number.NEGATIVE_INFINITY;
  scanBest = -1;
  for (let i = 0; i < count; i++) {
    if (free[i] === 0 || (capped && !allows(cap, primaryGenre[titles[i]!]!))) continue;
    feasible++;
    if (score[i]! > top || scanBest < 0) {
      top = score[i]!;
      scanBest = i;
    }
  }
  return feasible;
}

function nthFeasible(
  { count, titles }: Candidates,
  free: Uint8Array,
  primaryGenre: Uint8Array,
  cap: GenreCap,
  capped: boolean,
  nth: number,
): number {
  let left = nth;
  for (let i = 0; i < count; i++) {
    if (free[i] === 0 || (capped && !allows(cap, primaryGenre[titles[i]!]!))) continue;
    if (left-- === 0) return i;
  }
  throw new RangeError(`draw ${nth} lies outside the feasible titles`);
}

function emptySlate(slots: number): Slate {
  return {
    titles: new Int32Array(slots),
    scores: new Float32Array(slots),
    sources: new Uint8Array(slots),
    propensities: new Float32Array(slots),
    because: new Int32Array(slots),
  };
}

function never(): number {
  throw new Error('a slate without exploration draws no random number');
}
