import { type Static, Type } from 'typebox';
import { activityWeight, addNormalised, addReciprocalRank, coldShare } from '../../ranking/blend.ts';
import type { Models } from '../../ranking/models.ts';
import { pairScores } from '../pair-scores.ts';
import { type Candidates, SOURCES, type Stage, type StageDefinition, type Work } from '../stage.ts';

const Parameters = Type.Object(
  {
    collaborative: Type.Optional(
      Type.Union([Type.Literal('by-activity'), Type.Number({ minimum: 0, maximum: 1 })], {
        default: 'by-activity',
        description:
          'Weight of collaborative against content scores: a share, or by-activity (20% for a new viewer, 80% from 30 watches).',
      }),
    ),
    method: Type.Optional(
      Type.Union([Type.Literal('normalised'), Type.Literal('reciprocal-rank')], {
        default: 'normalised',
        description: 'Adds scores scaled to [0, 1], or reciprocal ranks (60).',
      }),
    ),
    trending: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        default: 0.1,
        description: 'Weight of what trends, beside the two.',
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
          'Below this many watches popularity and onboarding picks lead, the more the fewer watches there are.',
      }),
    ),
  },
  { additionalProperties: false },
);

type Settings = Required<Static<typeof Parameters>>;

const DEFAULTS: Settings = {
  collaborative: 'by-activity',
  method: 'normalised',
  trending: 0.1,
  continuation: 0.2,
  coldStart: 5,
};

const CONTINUATION = SOURCES.indexOf('continuation');

export const blend: StageDefinition<typeof Parameters> = {
  name: 'blend',
  summary:
    'Sorts by collaborative and content scores together; popularity and onboarding picks lead for new viewers.',
  parameters: Parameters,
  place: 'middle',
  make(parameters: Static<typeof Parameters>): Stage {
    const settings = { ...DEFAULTS, ...parameters };
    let column = new Float32Array(0);
    return {
      name: 'blend',
      onFailure: 'fail',
      run(batch, models) {
        for (const work of batch) {
          if (column.length < work.candidates.count) column = new Float32Array(work.candidates.count);
          mix(work, models, settings, column);
        }
      },
    };
  },
};

function mix(work: Work, models: Models, settings: Settings, column: Float32Array): void {
  pairScores(work, models);
  const { request, candidates } = work;
  const { count, score, source } = candidates;
  const { viewer } = request;
  const add = settings.method === 'normalised' ? addNormalised : addReciprocalRank;
  const weight =
    settings.collaborative === 'by-activity' ? activityWeight(viewer.watchCount) : settings.collaborative;
  const cold = coldShare(viewer.watchCount, settings.coldStart);
  // Picks say something only where they are: without them a new viewer's content column is constant.
  const picked = viewer.picks.length > 0 ? cold / 2 : 0;
  const collaborative = weight * (1 - cold);
  const content = (1 - weight) * (1 - cold) + picked;
  score.fill(0, 0, count);
  if (collaborative > 0) add(score, candidates.collaborative, count, collaborative);
  if (content > 0) add(score, candidates.content, count, content);
  if (settings.trending > 0) {
    gather(column, candidates, models.trending.score);
    add(score, column, count, settings.trending);
  }
  if (cold > 0) {
    gather(column, candidates, models.trending.popularity);
    add(score, column, count, cold - picked);
  }
  for (let i = 0; i < count; i++)
    if (source[i] === CONTINUATION) score[i] = score[i]! + settings.continuation;
}

function gather(out: Float32Array, { count, titles }: Candidates, byRow: Float32Array): void {
  for (let i = 0; i < count; i++) out[i] = byRow[titles[i]!]!;
}
