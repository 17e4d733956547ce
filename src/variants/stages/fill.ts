import { type Static, Type } from 'typebox';
import { createOpenTitles, type OpenTitles } from '../../ranking/diversity.ts';
import { drawSlot, slotPropensity } from '../../ranking/exploration.ts';
import type { Models } from '../../ranking/models.ts';
import { mostSimilarWatched } from '../../ranking/similar.ts';
import { random } from '../random.ts';
import { type Slate, SOURCES, type Stage, type StageDefinition, type Work } from '../stage.ts';

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
  make({ take, explore = 0, genreCap = Number.POSITIVE_INFINITY }: Static<typeof Parameters>): Stage {
    const openTitles = createOpenTitles();
    return {
      name: 'fill',
      onFailure: 'fail',
      run(batch, models) {
        for (const work of batch) {
          const { titles, score, count } = work.candidates;
          const slots = Math.min(work.request.k, take ?? work.request.k, count);
          const open = openTitles(titles, score, count, models.catalogue.primaryGenre, genreCap);
          work.slate = fillSlots(work, models, slots, explore, open);
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
  remaining: OpenTitles,
): Slate {
  const draw = explore > 0 ? random(request.requestId, 'fill') : never;
  const slate = emptySlate(slots);
  for (let slot = 0; slot < slots; slot++) {
    const { open } = remaining;
    const best = remaining.best();
    const drawn = drawSlot(open, explore, draw);
    const chosen = drawn < 0 ? best : remaining.nth(drawn);
    remaining.take(chosen);
    const title = candidates.titles[chosen]!;
    const source = chosen === best ? candidates.source[chosen]! : EXPLORE;
    slate.titles[slot] = title;
    slate.scores[slot] = candidates.score[chosen]!;
    slate.sources[slot] = source;
    slate.propensities[slot] = slotPropensity(chosen === best, open, explore);
    slate.because[slot] = PERSONAL.has(source)
      ? mostSimilarWatched(models.content, request.viewer, title)
      : -1;
  }
  return slate;
}

/** Columns side by side in one piece of memory. */
function emptySlate(slots: number): Slate {
  const memory = new ArrayBuffer(17 * slots);
  return {
    titles: new Int32Array(memory, 0, slots),
    scores: new Float32Array(memory, 4 * slots, slots),
    propensities: new Float32Array(memory, 8 * slots, slots),
    because: new Int32Array(memory, 12 * slots, slots),
    sources: new Uint8Array(memory, 16 * slots, slots),
  };
}

function never(): number {
  throw new Error('a slate without exploration draws no random number');
}
