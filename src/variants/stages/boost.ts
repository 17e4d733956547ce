import { type Static, Type } from 'typebox';
import type { Models } from '../../ranking/models.ts';
import type { Candidates, Stage, StageDefinition, Work } from '../stage.ts';

const Parameters = Type.Object(
  {
    newTitles: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        default: 0,
        description:
          "Added to a new title's score, as a share of the spread between the best and the worst score.",
      }),
    ),
    days: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: 365, default: 7, description: 'How long a title is new.' }),
    ),
    popularityPenalty: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        default: 0,
        description:
          'Taken from the most watched title, less from others by log(1 + watches), in the same share.',
      }),
    ),
  },
  { additionalProperties: false },
);

type Settings = Required<Static<typeof Parameters>>;

const DEFAULTS: Settings = { newTitles: 0, days: 7, popularityPenalty: 0 };
const DAY = 86_400_000;

export const boost: StageDefinition<typeof Parameters> = {
  name: 'boost',
  summary: 'Raises new titles and lowers popular ones, whatever scale the scores have.',
  parameters: Parameters,
  place: 'middle',
  make(parameters: Static<typeof Parameters>): Stage {
    const settings = { ...DEFAULTS, ...parameters };
    return {
      name: 'boost',
      onFailure: 'fail',
      run(batch, models) {
        for (const work of batch) adjust(work, models, settings);
      },
    };
  },
};

function adjust({ request, candidates }: Work, { catalogue, trending }: Models, settings: Settings): void {
  const { count, titles, score } = candidates;
  const unit = spread(candidates);
  const bonus = settings.newTitles * unit;
  const penalty = settings.popularityPenalty * unit;
  const since = request.at - settings.days * DAY;
  for (let i = 0; i < count; i++) {
    const title = titles[i]!;
    const added = catalogue.addedAt[title]!;
    const isNew = added > since && added <= request.at;
    score[i] = score[i]! + (isNew ? bonus : 0) - penalty * trending.popularity[title]!;
  }
}

/** Best minus worst score; 1 where all are equal, so that a boost still sorts. */
function spread({ count, score }: Candidates): number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    low = Math.min(low, score[i]!);
    high = Math.max(high, score[i]!);
  }
  return high > low ? high - low : 1;
}
