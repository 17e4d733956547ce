import { type Static, Type } from 'typebox';
import {
  type AddColumn,
  activityWeight,
  addNormalised,
  addReciprocalRank,
  addStandardised,
  coldShare,
  RANK_CONSTANT,
} from '../../ranking/blend.ts';
import { groupPopularity } from '../../ranking/demographics.ts';
import type { Models } from '../../ranking/models.ts';
import { neededItemModels } from '../needed-models.ts';
import { pairScores } from '../pair-scores.ts';
import {
  type Candidates,
  type ParameterMistake,
  SOURCES,
  type Stage,
  type StageDefinition,
  type Work,
} from '../stage.ts';

const weight = (description: string) =>
  Type.Optional(Type.Number({ minimum: 0, maximum: 1_000, default: 0, description }));

const Parameters = Type.Object(
  {
    weights: Type.Optional(
      Type.Object(
        {
          ials: weight('Matrix factorisation (collaborative).'),
          ease: weight('EASE (collaborative).'),
          itemKnn: weight('Item-kNN (collaborative).'),
          content: weight('Likeness to what was watched.'),
          trending: weight('What trends.'),
          popularity: weight('Popularity over all time, among viewers of the same country and age group.'),
        },
        {
          additionalProperties: false,
          minProperties: 1,
          description:
            'Weights of the scores, each in a unit of its own as `method` says; what is left out has none. Without: ials and content, ' +
            'and `trending`.',
        },
      ),
    ),
    collaborative: Type.Optional(
      Type.Union(
        [Type.Literal('by-activity'), Type.Literal('as-weighted'), Type.Number({ minimum: 0, maximum: 1 })],
        {
          default: 'by-activity',
          description:
            'How the collaborative and content weights share their sum: a share of the collaborative ones, by-activity (20% for a new ' +
            'viewer, 80% from 30 watches), or as-weighted. Where one side has no weight the other has all.',
        },
      ),
    ),
    method: Type.Optional(
      Type.Union(
        [Type.Literal('normalised'), Type.Literal('standardised'), Type.Literal('reciprocal-rank')],
        {
          default: 'normalised',
          description:
            'What is weighted, over the candidates: scores scaled to [0, 1]; scores less their mean in standard deviations; or ' +
            'reciprocal ranks.',
        },
      ),
    ),
    rankConstant: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 10_000,
        default: RANK_CONSTANT,
        description: 'Of reciprocal-rank: a title of rank r gets (constant + 1) / (constant + r).',
      }),
    ),
    trending: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        default: 0.1,
        description: 'Weight of what trends, where no weights are given.',
      }),
    ),
    continuation: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1, default: 0.2, description: 'Added for a series in progress.' }),
    ),
    coldStart: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100,
        default: 5,
        description:
          'Below this many watches popularity (among viewers of the same country and age group) and onboarding picks lead, the ' +
          'more the fewer watches there are. 0: never.',
      }),
    ),
  },
  { additionalProperties: false },
);

type Parameters = Static<typeof Parameters>;

const COLLABORATIVE = ['ials', 'ease', 'itemKnn'] as const;
const COLUMNS = { ials: 'collaborative', ease: 'ease', itemKnn: 'itemKnn' } as const;
const CONTINUATION = SOURCES.indexOf('continuation');

export const blend: StageDefinition<typeof Parameters> = {
  name: 'blend',
  summary:
    'Sorts by collaborative and content scores together; popularity and onboarding picks lead for new viewers.',
  parameters: Parameters,
  place: 'middle',
  mistakes,
  make(parameters: Parameters): Stage {
    const settings = settingsOf(parameters);
    const needTheirModels = neededItemModels(settings.weights);
    let column = new Float32Array(0);
    return {
      name: 'blend',
      onFailure: 'fail',
      run(batch, models) {
        needTheirModels(models);
        for (const work of batch) {
          if (column.length < work.candidates.count) column = new Float32Array(work.candidates.count);
          mix(work, models, settings, column);
        }
      },
    };
  },
};

type Settings = ReturnType<typeof settingsOf>;

function settingsOf(parameters: Parameters) {
  const { trending = 0.1, method = 'normalised', rankConstant = RANK_CONSTANT } = parameters;
  const add: AddColumn =
    method === 'normalised'
      ? addNormalised
      : method === 'standardised'
        ? addStandardised
        : addReciprocalRank(rankConstant);
  const weights = {
    ...{ ials: 0, ease: 0, itemKnn: 0, content: 0, trending: 0, popularity: 0 },
    ...(parameters.weights ?? { ials: 0.5, content: 0.5, trending }),
  };
  return {
    weights,
    collaborative: parameters.collaborative ?? 'by-activity',
    continuation: parameters.continuation ?? 0.2,
    coldStart: parameters.coldStart ?? 5,
    add,
  };
}

function mix(work: Work, models: Models, settings: Settings, column: Float32Array): void {
  pairScores(work, models);
  const { request, candidates } = work;
  const { count, score, source } = candidates;
  const { viewer } = request;
  const { weights, add } = settings;
  const together = weights.ials + weights.ease + weights.itemKnn;
  const personal = together + weights.content;
  const cold = personal > 0 ? coldShare(viewer.watchCount, settings.coldStart) : 0;
  const share = collaborativeShare(settings, together, viewer.watchCount);
  // Picks say something only where they are: without them a new viewer's content column is constant.
  const picked = viewer.picks.length > 0 ? cold / 2 : 0;
  const content = personal * ((1 - share) * (1 - cold) + picked);
  const popularity = weights.popularity + personal * (cold - picked);
  score.fill(0, 0, count);
  for (const name of COLLABORATIVE) {
    const own = personal * share * (1 - cold) * (together > 0 ? weights[name] / together : 0);
    if (own > 0) add(score, candidates[COLUMNS[name]], count, own);
  }
  if (content > 0) add(score, candidates.content, count, content);
  if (weights.trending > 0) {
    gather(column, candidates, models.trending.score);
    add(score, column, count, weights.trending);
  }
  if (popularity > 0) {
    gatherPopularity(column, work, models);
    add(score, column, count, popularity);
  }
  for (let i = 0; i < count; i++)
    if (source[i] === CONTINUATION) score[i] = score[i]! + settings.continuation;
}

function collaborativeShare(
  { collaborative, weights: { content } }: Settings,
  together: number,
  watches: number,
): number {
  if (content === 0 || together === 0) return together === 0 ? 0 : 1;
  if (collaborative === 'as-weighted') return together / (together + content);
  return collaborative === 'by-activity' ? activityWeight(watches) : collaborative;
}

function gather(out: Float32Array, { count, titles }: Candidates, byRow: Float32Array): void {
  for (let i = 0; i < count; i++) out[i] = byRow[titles[i]!]!;
}

/** Popularity among viewers like this one, where something is known of such viewers. */
function gatherPopularity(out: Float32Array, { request, candidates }: Work, models: Models): void {
  const { demographics, trending } = models;
  if (demographics === undefined) {
    gather(out, candidates, trending.popularity);
    return;
  }
  const popularity = groupPopularity(demographics, request.country, request.viewer.ageGroup);
  const { titles, count } = candidates;
  for (let i = 0; i < count; i++) out[i] = popularity(titles[i]!);
}

/** Keys that are valid one by one and say nothing together. */
function mistakes({ weights, trending, method, rankConstant }: Parameters): ParameterMistake[] {
  const found: ParameterMistake[] = [];
  if (weights !== undefined && trending !== undefined)
    found.push({
      path: ['trending'],
      problem: 'stands beside weights, which say all of them',
      mend: 'write it as weights.trending',
    });
  if (weights !== undefined && Object.values(weights).every((one) => one === 0))
    found.push({ path: ['weights'], problem: 'are all 0', mend: 'give one of them more' });
  if (rankConstant !== undefined && method !== 'reciprocal-rank')
    found.push({
      path: ['rankConstant'],
      problem: 'has no meaning without ranks',
      mend: 'remove it, or add method: reciprocal-rank',
    });
  return found;
}
