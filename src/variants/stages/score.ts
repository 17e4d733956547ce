import { type Static, Type } from 'typebox';
import { FIGURES, type Figure } from '../figures.ts';
import { type BusinessValues, scoreByFigures } from '../linear-score.ts';
import { scoreByModel } from '../model-score.ts';
import type { ParameterMistake, Stage, StageDefinition } from '../stage.ts';

const figureWeight = (description: string) =>
  Type.Optional(Type.Number({ minimum: -1000, maximum: 1000, description }));

const valuesBy = (key: string) =>
  Type.Optional(
    Type.Record(Type.String({ minLength: 1, maxLength: 256 }), Type.Number({ minimum: -1e6, maximum: 1e6 }), {
      minProperties: 1,
      description: `Value by ${key}.`,
    }),
  );

const Parameters = Type.Object(
  {
    model: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Name of a loaded model, e.g. two-tower; name@version accepts that version only.',
      }),
    ),
    weight: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        default: 0.5,
        description:
          'Share of the model in the new score; the rest is the order so far. Both are scaled to [0, 1] over the candidates. ' +
          '1: scores are the probabilities as they are.',
      }),
    ),
    linear: Type.Optional(
      Type.Object(
        Object.fromEntries(
          Object.entries(FIGURES).map(([name, summary]) => [name, figureWeight(summary)]),
        ) as Record<Figure, ReturnType<typeof figureWeight>>,
        {
          additionalProperties: false,
          minProperties: 1,
          description:
            'In place of a model: weights of figures, each scaled to [0, 1] over the candidates, e.g. {watch: 0.7, diversity: 0.2, ' +
            'business: 0.1}. A negative one lowers. A second score stage can weigh what a model gave in the first.',
        },
      ),
    ),
    values: Type.Optional(
      Type.Object(
        { titles: valuesBy('title id'), tags: valuesBy('tag of the catalogue') },
        {
          additionalProperties: false,
          minProperties: 1,
          description: 'Of linear: what titles are worth to the business; all others are worth 0.',
        },
      ),
    ),
    onFailure: Type.Optional(
      Type.Union([Type.Literal('skip'), Type.Literal('fail')], {
        default: 'skip',
        description:
          'When the model cannot score, or gives what is no finite number (with weight 1: no probability): keep the order so far (logged and counted), or fall back from ' +
          'the pipeline.',
      }),
    ),
  },
  { additionalProperties: false },
);

type Parameters = Static<typeof Parameters>;

export const score: StageDefinition<typeof Parameters> = {
  name: 'score',
  summary:
    'Sorts by the order so far and the probability of a watch, from a model that scores a whole batch at once; or by a weighted sum of figures.',
  parameters: Parameters,
  place: 'middle',
  mistakes,
  make({ model, weight = 0.5, linear = {}, values = {}, onFailure = 'skip' }: Parameters): Stage {
    return {
      name: 'score',
      onFailure,
      run:
        model === undefined ? scoreByFigures(linear, values as BusinessValues) : scoreByModel(model, weight),
    };
  },
};

/** Keys that are valid one by one and say nothing together. */
function mistakes({ model, weight, linear, values }: Parameters): ParameterMistake[] {
  const found: ParameterMistake[] = [];
  const unused = (path: string, of: string): void => {
    found.push({ path: [path], problem: `has no meaning without ${of}`, mend: `remove it, or add ${of}` });
  };
  if (model === undefined && linear === undefined)
    found.push({
      path: [],
      problem: 'has neither model nor linear',
      mend: 'add model: two-tower, or linear: {watch: 0.7, diversity: 0.3}',
    });
  if (model !== undefined && linear !== undefined)
    found.push({
      path: ['linear'],
      problem: 'stands beside model',
      mend: 'move it into a score stage after this one, where watch is what the model gave',
    });
  if (weight !== undefined && model === undefined) unused('weight', 'model');
  if (values !== undefined && linear?.business === undefined) unused('values', 'linear.business');
  return found;
}
