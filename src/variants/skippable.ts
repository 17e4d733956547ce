import { type TObject, Type } from 'typebox';
import type { Stage, StageDefinition } from './stage.ts';

const SHARED = {
  within: Type.Optional(
    Type.String({
      pattern: '^[1-9]\\d{0,4}(ms|s)$',
      description:
        'Time after the start of the pipeline by which the stage must be done, such as 40ms. One that waits for a model is given ' +
        'up then; one that computes in one go is not begun after it. Late is handled as onFailure says.',
      expects: 'a length of time such as 40ms or 2s',
    }),
  ),
  onFailure: Type.Optional(
    Type.Union([Type.Literal('skip'), Type.Literal('fail')], {
      description:
        'When the stage fails, is late or leaves scores that are no numbers: go on without it (logged and counted), or fall back ' +
        'from the pipeline. Absent: fall back, but go on where within is given.',
    }),
  ),
};

interface SharedParameters {
  readonly within?: string;
  readonly onFailure?: Stage['onFailure'];
}

/** Gives a middle stage the parameters that all of them have; other stages cannot be done without, and stay as they are. */
export function skippable(definition: StageDefinition): StageDefinition {
  if (definition.place !== 'middle') return definition;
  const { properties } = definition.parameters as TObject;
  return {
    ...definition,
    // Twice: a stage's own keys come first, and one that it declares itself is worded as it says.
    parameters: Type.Object({ ...properties, ...SHARED, ...properties }, { additionalProperties: false }),
    make(parameters: SharedParameters): Stage {
      const { within, ...own } = parameters;
      const stage = definition.make(own as never);
      return {
        ...stage,
        onFailure: parameters.onFailure ?? (within === undefined ? stage.onFailure : 'skip'),
        ...(within === undefined ? {} : { withinMs: milliseconds(within) }),
      };
    },
  };
}

function milliseconds(text: string): number {
  return text.endsWith('ms') ? Number(text.slice(0, -2)) : 1000 * Number(text.slice(0, -1));
}
