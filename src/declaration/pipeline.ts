import Type, { type TSchema } from 'typebox';
import type { StageDeclaration } from '../declarations.ts';
import type { StageDefinition } from '../variants/stage.ts';
import { acceptPercent, percentToNumber } from './percent.ts';

/** A pipeline as written: each entry has one key, the name of the stage. */
export type PipelineFile = readonly Readonly<Record<string, Readonly<Record<string, unknown>>>>[];

/** Schema of a list of stages; each stage's parameters have the schema of its definition. */
export function pipelineSchema(stages: readonly StageDefinition[], description: string) {
  const properties: Record<string, TSchema> = {};
  for (const stage of stages) {
    properties[stage.name] = Type.Optional(
      acceptPercent({ description: stage.summary, ...stage.parameters }),
    );
  }
  const entry = Type.Object(properties, {
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 1,
    expects: 'one stage, such as {fill: {take: 20}}',
    keysAre: 'stage',
  });
  return Type.Unsafe<PipelineFile>(Type.Array(entry, { minItems: 1, description }));
}

/** What is wrong with a pipeline whose parameters are valid one by one: its order, and what does not go together; `path` is relative to it. */
export function pipelineMistakes(
  pipeline: PipelineFile,
  stages: readonly StageDefinition[],
): { readonly path: readonly (string | number)[]; readonly problem: string; readonly mend: string }[] {
  const places = new Map(stages.map((stage) => [stage.name, stage.place]));
  const named = (place: StageDefinition['place']) =>
    stages
      .filter((stage) => stage.place === place)
      .map((stage) => stage.name)
      .join(' or ');
  const names = pipeline.map((entry) => Object.keys(entry)[0]!);
  const mistakes: { path: readonly (string | number)[]; problem: string; mend: string }[] = [];
  if (!names.some((name) => places.get(name) === 'first')) {
    mistakes.push({
      path: [],
      problem: 'has no stage that makes candidates',
      mend: `begin it with ${named('first')}`,
    });
  }
  if (!names.some((name) => places.get(name) === 'last')) {
    mistakes.push({
      path: [],
      problem: 'has no stage that fills the slots',
      mend: `end it with ${named('last')}`,
    });
  }
  const fill = names.findIndex((name) => places.get(name) === 'last');
  names.forEach((name, i) => {
    const { mistakes: own } = stages.find((stage) => stage.name === name)!;
    for (const mistake of own?.(percentToNumber(pipeline[i]![name]) as never) ?? []) {
      mistakes.push({ ...mistake, path: [i, name, ...mistake.path] });
    }
    if (places.get(name) === 'first' && i > 0) {
      mistakes.push({
        path: [i, name],
        problem: 'makes candidates but is not the first stage',
        mend: 'move it to the top',
      });
    }
    if (fill >= 0 && i > fill) {
      mistakes.push({
        path: [i, name],
        problem: `stands after ${names[fill]}, which fills the slots and knows their propensities`,
        mend: `move it before ${names[fill]}`,
      });
    }
  });
  return mistakes;
}

/** Where a stage of a valid pipeline draws what it shows; undefined where the pipeline always makes the same slate. */
export function drawingStage(
  pipeline: PipelineFile,
  stages: readonly StageDefinition[],
): readonly (string | number)[] | undefined {
  for (const [i, entry] of pipeline.entries()) {
    const [name, parameters] = Object.entries(entry)[0]!;
    const definition = stages.find((stage) => stage.name === name);
    if (definition?.draws?.(percentToNumber(parameters) as never)) return [i, name];
  }
  return undefined;
}

/** The stages of a valid pipeline. */
export function toPipeline(file: PipelineFile): StageDeclaration[] {
  return file.map((entry) => {
    const [stage, parameters] = Object.entries(entry)[0]!;
    return { stage, parameters: percentToNumber(parameters) as StageDeclaration['parameters'] };
  });
}
