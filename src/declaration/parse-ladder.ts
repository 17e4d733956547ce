import Type, { type Static } from 'typebox';
import type { StageDeclaration } from '../declarations.ts';
import type { StageDefinition } from '../variants/stage.ts';
import type { DeclarationError } from './errors.ts';
import { pipelineMistakes, pipelineSchema, toPipeline } from './pipeline.ts';
import { pipelineModelMistakes } from './pipeline-models.ts';
import { compileSchema } from './schema-errors.ts';
import type { SourceFile } from './source-file.ts';
import { suggestion } from './suggest.ts';
import { parseYaml } from './yaml.ts';

/** One pipeline that is measured beside others. */
export interface LadderStep {
  readonly name: string;
  /** The step that it is held against; absent: the pipeline without its last stage's parameters. */
  readonly against?: string;
  readonly pipeline: readonly StageDeclaration[];
}

export type ParsedLadder =
  | { readonly ok: true; readonly steps: readonly LadderStep[] }
  | { readonly ok: false; readonly errors: readonly DeclarationError[] };

const closed = { additionalProperties: false } as const;

/** Schema of a file of pipelines that are measured offline and serve nobody. */
function ladderFileSchema(stages: readonly StageDefinition[]) {
  return Type.Object(
    {
      apiVersion: Type.Literal('screentest/v1', { description: 'Version of this format.' }),
      pipelines: Type.Record(
        Type.String({ pattern: '^[a-z][a-z0-9-]{0,63}$' }),
        Type.Object(
          {
            description: Type.Optional(Type.String({ description: 'What this step adds.' })),
            against: Type.Optional(
              Type.String({ description: 'The pipeline of this file that it is held against.' }),
            ),
            pipeline: pipelineSchema(stages, 'The stages, as in an experiment.'),
          },
          closed,
        ),
        { additionalProperties: false, minProperties: 1, description: 'By name.' },
      ),
    },
    { ...closed, title: 'Screentest ladder', description: 'Pipelines that are measured offline.' },
  );
}

/**
 * Reads a file of pipelines, or tells everything that is wrong with it.
 * @param scorers names of the models that a stage may ask for
 */
export function parseLadder(
  source: SourceFile,
  stages: readonly StageDefinition[],
  scorers: readonly string[],
): ParsedLadder {
  const { file, errors } = parseYaml(source);
  if (file === undefined) return { ok: false, errors };
  const schema = ladderFileSchema(stages);
  const mistakes = compileSchema(schema)(file).map(({ error }) => error);
  if (mistakes.length > 0) return { ok: false, errors: mistakes };
  const { pipelines } = file.value as Static<typeof schema>;
  const names = Object.keys(pipelines);
  const found = Object.entries(pipelines).flatMap(([name, { against, pipeline }]) => [
    ...[...pipelineMistakes(pipeline, stages), ...pipelineModelMistakes(pipeline, scorers)].map(
      ({ path, problem, mend }) => file.errorAt(['pipelines', name, 'pipeline', ...path], problem, mend),
    ),
    ...(against === undefined || (names.includes(against) && against !== name)
      ? []
      : [
          file.errorAt(
            ['pipelines', name, 'against'],
            `there is no other pipeline ${against}`,
            suggestion(
              against,
              names.filter((other) => other !== name),
            ),
          ),
        ]),
  ]);
  if (found.length > 0) return { ok: false, errors: found };
  return {
    ok: true,
    steps: Object.entries(pipelines).map(([name, { against, pipeline }]) => ({
      name,
      ...(against !== undefined && { against }),
      pipeline: toPipeline(pipeline),
    })),
  };
}
