import Type, { type Static } from 'typebox';
import type { ScorerDeclaration } from '../declarations.ts';
import { FEATURE_NAMES } from '../ranking/feature-columns.ts';
import { suggestion } from './suggest.ts';

const closed = { additionalProperties: false } as const;

/** The scorer that is trained here; a declared one cannot have its name. */
export const TRAINED_SCORER = 'two-tower';

const inputSchema = Type.Object(
  {
    features: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
        minItems: 1,
        maxItems: 1000,
        description:
          'Features in the order of the columns: single ones (pair.content), vectors (user.genre_taste) or all of a kind ' +
          '(user, item, pair). A float32 or float64 tensor of [rows, columns]; one row per candidate.',
      }),
    ),
    index: Type.Optional(
      Type.Literal('title', {
        description:
          'Row of the title in the catalogue, for an embedding: int32 or int64 of [rows] or [rows, 1].',
      }),
    ),
  },
  { ...closed, minProperties: 1, maxProperties: 1, expects: 'features: [names], or index: title' },
);

const number = (minimum: number, maximum: number, description: string) =>
  Type.Optional(Type.Number({ minimum, maximum, description }));
const whole = (minimum: number, maximum: number, description: string) =>
  Type.Optional(Type.Integer({ minimum, maximum, description }));

const trainingSchema = Type.Object(
  {
    ials: Type.Optional(
      Type.Object(
        {
          factors: whole(1, 1024, 'Length of a vector.'),
          iterations: whole(1, 1000, 'Alternations over users and titles.'),
          regularisation: Type.Optional(
            Type.Number({
              exclusiveMinimum: 0,
              maximum: 1000,
              description: 'Penalty per unit of confidence.',
            }),
          ),
          alpha: Type.Optional(
            Type.Number({
              exclusiveMinimum: 0,
              maximum: 1000,
              description: 'Confidence per unit of weight.',
            }),
          ),
          nu: number(0, 1, 'How the penalty grows with confidence; 0: one for all.'),
          binary: Type.Optional(
            Type.Boolean({ description: 'Whether each interaction that counts has weight 1.' }),
          ),
          least: number(0, 1, 'Least weight of an interaction that counts.'),
        },
        { ...closed, description: 'Implicit-feedback matrix factorisation.' },
      ),
    ),
    ease: Type.Optional(
      Type.Object(
        {
          lambda: Type.Optional(
            Type.Number({
              exclusiveMinimum: 0,
              maximum: 1e9,
              description: 'Penalty on the weights, in users.',
            }),
          ),
        },
        { ...closed, description: 'EASE.' },
      ),
    ),
    itemKnn: Type.Optional(
      Type.Object(
        {
          neighbours: whole(1, 10_000, 'Titles most like each title that count for it.'),
          shrink: number(0, 1e9, 'Draws the likeness of rarely watched titles to 0.'),
        },
        { ...closed, description: 'Item-kNN.' },
      ),
    ),
  },
  {
    ...closed,
    description: 'Parameters of the models that are trained here; what is left out keeps its default.',
  },
);

/** Schema of models.yaml. */
export const modelsFileSchema = Type.Object(
  {
    apiVersion: Type.Literal('screentest/v1', { description: 'Version of this format.' }),
    training: Type.Optional(trainingSchema),
    scorers: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[a-z][a-z0-9-]{0,63}$' }),
        Type.Object(
          {
            description: Type.Optional(Type.String({ description: 'What the model predicts.' })),
            file: Type.String({
              minLength: 1,
              maxLength: 1000,
              description: 'An ONNX file; a relative path begins at the folder of this file.',
            }),
            inputs: Type.Record(Type.String({ minLength: 1, maxLength: 200 }), inputSchema, {
              minProperties: 1,
              description: "What each of the model's inputs is fed with, by the name of the input.",
            }),
            output: Type.Optional(
              Type.Object(
                {
                  name: Type.Optional(
                    Type.String({
                      minLength: 1,
                      description: 'Of the output that ranks; needed where there are several.',
                    }),
                  ),
                  column: Type.Optional(
                    Type.Integer({
                      minimum: 0,
                      maximum: 1000,
                      description:
                        'Which column of [rows, columns] ranks, from 0; needed where there are several.',
                    }),
                  ),
                },
                closed,
              ),
            ),
          },
          closed,
        ),
        { additionalProperties: false, description: 'By the name that a score stage asks for.' },
      ),
    ),
  },
  {
    ...closed,
    title: 'Screentest models',
    description:
      'Parameters of the models that are trained here, and ONNX models of your own with what they are fed with.',
  },
);

export type ModelsFile = Static<typeof modelsFileSchema>;

/** Normalises a valid file. @param path of the file: relative paths of models begin at its folder */
export function toScorers(file: ModelsFile, path: string): ScorerDeclaration[] {
  const folder = path.replace(/[^/\\]*$/, '');
  return Object.entries(file.scorers ?? {}).map(([name, scorer]) => ({
    name,
    file: /^([/\\]|[A-Za-z]:)/.test(scorer.file) ? scorer.file : `${folder}${scorer.file}`,
    inputs: Object.entries(scorer.inputs).map(([input, fed]) =>
      fed.features !== undefined ? { name: input, features: fed.features } : { name: input, index: 'title' },
    ),
    ...(scorer.output?.name !== undefined && { output: scorer.output.name }),
    ...(scorer.output?.column !== undefined && { column: scorer.output.column }),
  }));
}

/** What is wrong with one valid entry; `path` is relative to it. */
export function scorerMistakes(
  name: string,
  scorer: NonNullable<ModelsFile['scorers']>[string],
): { readonly path: readonly (string | number)[]; readonly problem: string; readonly mend: string }[] {
  const reserved =
    name === TRAINED_SCORER
      ? [
          {
            path: [],
            problem: `${name} is the model that is trained here`,
            mend: 'give yours another name',
          },
        ]
      : [];
  const unknown = Object.entries(scorer.inputs).flatMap(([input, { features = [] }]) =>
    features.flatMap((feature, i) =>
      FEATURE_NAMES.includes(feature)
        ? []
        : [
            {
              path: ['inputs', input, 'features', i],
              problem: `there is no feature ${feature}`,
              mend: suggestion(feature, FEATURE_NAMES),
            },
          ],
    ),
  );
  return [...reserved, ...unknown];
}
