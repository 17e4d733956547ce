import Type from 'typebox';
import type { Condition } from '../declarations.ts';

/** A targeting condition as written: `all`, `any`, `not`, or one test of one attribute. */
export interface ConditionFile {
  readonly all?: readonly ConditionFile[];
  readonly any?: readonly ConditionFile[];
  readonly not?: ConditionFile;
  readonly attribute?: string;
  readonly equals?: string | number | boolean;
  readonly in?: readonly (string | number)[];
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly exists?: boolean;
}

const OPERATORS = ['equals', 'in', 'atLeast', 'atMost', 'exists'] as const;

/** `$defs` entry that `conditionReference` points at. There are no regular expressions: they could be made to hang. */
export const conditionDefinition = {
  type: 'object',
  additionalProperties: false,
  description: 'all, any, not; or an attribute and one of equals, in, atLeast, atMost, exists.',
  properties: {
    all: { type: 'array', items: { $ref: '#/$defs/condition' }, description: 'Every one holds.' },
    any: { type: 'array', items: { $ref: '#/$defs/condition' }, description: 'At least one holds.' },
    not: { $ref: '#/$defs/condition' },
    attribute: { type: 'string', minLength: 1, description: 'Attribute of the user or the request.' },
    equals: { type: ['string', 'number', 'boolean'], description: 'The same value, of the same type.' },
    in: { type: 'array', items: { type: ['string', 'number'] }, minItems: 1, description: 'One of these.' },
    atLeast: { type: 'number', description: 'A number, this or more.' },
    atMost: { type: 'number', description: 'A number, this or less.' },
    exists: { type: 'boolean', description: 'Whether the attribute is known.' },
  },
} as const;

export const conditionReference = Type.Unsafe<ConditionFile>({ $ref: '#/$defs/condition' });

/** What is wrong with the make-up of a condition whose parts are valid, for every place at or below `path`. */
export function conditionMistakes(
  condition: ConditionFile,
  path: readonly (string | number)[],
): { readonly path: readonly (string | number)[]; readonly problem: string; readonly mend: string }[] {
  const groups = (['all', 'any', 'not'] as const).filter((group) => condition[group] !== undefined);
  const operators = OPERATORS.filter((operator) => condition[operator] !== undefined);
  const mistakes = [];
  const problem =
    groups.length + (condition.attribute === undefined ? 0 : 1) !== 1
      ? 'is not one condition'
      : groups.length === 1 && operators.length > 0
        ? `has ${operators[0]} without an attribute`
        : groups.length === 0 && operators.length !== 1
          ? operators.length === 0
            ? 'does not say what the attribute must be'
            : `has ${operators.length} operators`
          : undefined;
  if (problem !== undefined) {
    mistakes.push({
      path,
      problem,
      mend: 'give one of all, any, not; or an attribute with one of equals, in, atLeast, atMost, exists',
    });
  }
  for (const group of ['all', 'any'] as const) {
    condition[group]?.forEach((part, i) => {
      mistakes.push(...conditionMistakes(part, [...path, group, i]));
    });
  }
  if (condition.not !== undefined) mistakes.push(...conditionMistakes(condition.not, [...path, 'not']));
  return mistakes;
}

/** The condition of a valid file form. */
export function toCondition(file: ConditionFile): Condition {
  if (file.all !== undefined) return { all: file.all.map(toCondition) };
  if (file.any !== undefined) return { any: file.any.map(toCondition) };
  if (file.not !== undefined) return { not: toCondition(file.not) };
  const operator = OPERATORS.find((name) => file[name] !== undefined)!;
  return { attribute: file.attribute!, operator, value: file[operator]! };
}
