import { type Static, Type } from 'typebox';
import { createOpenTitles } from '../../ranking/diversity.ts';
import { createPlackettLuce, drawSlot, slotPropensity } from '../../ranking/exploration.ts';
import { createMarginalRelevance } from '../../ranking/marginal-relevance.ts';
import type { Models } from '../../ranking/models.ts';
import { mostSimilarWatched } from '../../ranking/similar.ts';
import { random } from '../random.ts';
import { isPersonal } from '../reason.ts';
import {
  type ParameterMistake,
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
    genreCap: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 200,
        description: 'At most this many titles of one primary genre, as long as candidates allow it.',
      }),
    ),
    mmr: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description:
          'Maximal marginal relevance: share of the score, scaled to [0, 1] over the candidates; the rest is taken off for ' +
          'likeness to the titles above, by content, or by genres where a title has no content. 100%: by score alone.',
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
    sample: Type.Optional(
      Type.Literal('plackett-luce', {
        description:
          'Draws every slot from the remaining candidates, each with a chance in proportion to exp(score / temperature).',
      }),
    ),
    temperature: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1000,
        description:
          'Of sample, in the unit of the scores: a title whose score is one temperature lower is drawn 2.7 times as rarely.',
      }),
    ),
  },
  { additionalProperties: false },
);

type Settings = Static<typeof Parameters>;

const EXPLORE = SOURCES.indexOf('explore');

/**
 * The only stage that draws, and the last one: nothing can reorder what it knows the propensities of. `pipelineMistakes`
 * refuses a declaration with a stage below it, `createPipeline` a pipeline.
 *
 * Three choices make a slate, one slot after another: what is feasible (`OpenTitles`: the genre cap), which of that is best
 * (by score, or by marginal relevance), and whether the best is taken (always, unless a share explores) or one is drawn
 * (Plackett-Luce). The propensity of a slot is exact as each choice depends on the slots above it alone.
 *
 * What may come finds its place among the three. xQuAD and calibrated lists are other answers to "which is best": greedy,
 * with keys that what was placed changes, as `createMarginalRelevance` has. A determinantal point process is either that too
 * (its greedy maximum) or, sampled, another draw, which owes the conditional probability of each slot as
 * `PlackettLuce.propensity` does. A remote ranker that returns scores is an asynchronous middle stage with `within`; one that
 * returns a whole slate is another stage of place `last`, and must return the propensities of its slots.
 */
export const fill: StageDefinition<typeof Parameters> = {
  name: 'fill',
  summary:
    'Fills the slots from the best downwards or by sampling, under a genre cap, by score or by marginal relevance, with a share of exploration.',
  parameters: Parameters,
  place: 'last',
  mistakes,
  draws: ({ explore = 0, sample }: Settings) => explore > 0 || sample !== undefined,
  make(settings: Settings): Stage {
    const fillSlots = createFiller(settings);
    return {
      name: 'fill',
      onFailure: 'fail',
      run(batch, models) {
        for (const work of batch) fillSlots(work, models);
      },
    };
  },
};

/** Keys that are valid one by one and say nothing together. */
function mistakes({ explore, mmr, sample, temperature }: Settings): ParameterMistake[] {
  const found: ParameterMistake[] = [];
  if (sample !== undefined && explore !== undefined) {
    found.push({
      path: ['explore'],
      problem: 'and sample each say how a slot is drawn',
      mend: 'keep one of the two',
    });
  }
  if (sample !== undefined && mmr !== undefined) {
    found.push({
      path: ['mmr'],
      problem: 'says which title is best, but sample draws by score whatever is best',
      mend: 'keep one of the two, or explore beside mmr',
    });
  }
  if (sample !== undefined && temperature === undefined) {
    found.push({
      path: ['sample'],
      problem: 'has no temperature',
      mend: 'add temperature: 0.1, or another number in the unit of the scores',
    });
  }
  if (sample === undefined && temperature !== undefined) {
    found.push({
      path: ['temperature'],
      problem: 'has no meaning without sample',
      mend: 'remove it, or add sample: plackett-luce',
    });
  }
  if (mmr === 0) {
    found.push({
      path: ['mmr'],
      problem: 'leaves the score no say, not even in the first slot',
      mend: 'write a share above 0%',
    });
  }
  return found;
}

/** Gives one request after another its slate. Buffers are kept between them. */
function createFiller(settings: Settings): (work: Work, models: Models) => void {
  const { take, explore = 0, genreCap = Number.POSITIVE_INFINITY, mmr, sample, temperature = 1 } = settings;
  const openTitles = createOpenTitles();
  const marginal = createMarginalRelevance();
  const lottery = createPlackettLuce();
  const isRandom = explore > 0 || sample !== undefined;
  return (work, models) => {
    const { request, candidates } = work;
    const { titles, score, count } = candidates;
    const slots = Math.min(request.k, take ?? request.k, count);
    const slate = emptySlate(slots);
    const keys = mmr === undefined ? score : marginal.keys(titles, score, count, mmr);
    const open = openTitles(titles, keys, count, models.catalogue.primaryGenre, genreCap);
    const relevance = mmr === undefined ? undefined : marginal.begin(open, count, models);
    const draw = isRandom ? random(request.requestId, 'fill') : never;
    for (let slot = 0; slot < slots; slot++) {
      const best = relevance === undefined ? open.best() : relevance.best();
      let chosen = best;
      let source = candidates.source[best]!;
      let propensity = 1;
      if (sample !== undefined) {
        chosen = lottery.draw(open.keys, count, open.keys[best]!, temperature, draw);
        source = candidates.source[chosen]!;
        propensity = lottery.propensity;
      } else if (explore > 0) {
        const feasible = open.open;
        const drawn = drawSlot(feasible, explore, draw);
        if (drawn >= 0) chosen = open.nth(drawn);
        if (chosen !== best) source = EXPLORE;
        propensity = slotPropensity(chosen === best, feasible, explore);
      }
      open.take(chosen);
      relevance?.placed(chosen);
      const title = titles[chosen]!;
      slate.titles[slot] = title;
      slate.scores[slot] = score[chosen]!;
      slate.sources[slot] = source;
      slate.propensities[slot] = propensity;
    }
    mostSimilarWatched(slate.because, models.content, request.viewer, slate.titles);
    for (let slot = 0; slot < slots; slot++) if (!isPersonal(slate.sources[slot]!)) slate.because[slot] = -1;
    work.slate = slate;
    work.relaxed = open.relaxed;
  };
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
