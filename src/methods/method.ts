import { Ajv } from 'ajv';
import type { Static, TSchema } from 'typebox';
import { type Result, refused } from '../analysis/effect.ts';

/** A statistic that can be asked for by name. */
export interface Method {
  readonly name: string;
  readonly description: string;
  /** Where its formula is from. */
  readonly paper: string;
  /** JSON Schemas of what it reads and of what it answers when it can be computed. */
  readonly input: TSchema;
  readonly output: TSchema;
  /** Any JSON; what does not fit `input` is refused with the path of the mistake. */
  compute(input: unknown): MethodAnswer;
}

export type MethodAnswer =
  | ({ readonly ok: true } & Readonly<Record<string, unknown>>)
  | { readonly ok: false; readonly reason: string; readonly invalid?: true };

interface Definition<Input extends TSchema, Output extends TSchema> {
  readonly name: string;
  readonly description: string;
  readonly paper: string;
  readonly input: Input;
  readonly output: Output;
  compute(input: Static<Input>): Result<Static<Output>>;
}

/** Wraps a statistic so that it validates its input, and never answers NaN: an infinite bound becomes null. */
export function defineMethod<Input extends TSchema, Output extends TSchema>(
  definition: Definition<Input, Output>,
): Method {
  let validate: ReturnType<Ajv['compile']> | undefined;
  return {
    ...definition,
    compute(input) {
      validate ??= new Ajv({ strict: false, allErrors: false, useDefaults: false }).compile(definition.input);
      if (!validate(input)) {
        return { ok: false, invalid: true, reason: mistake(validate.errors ?? []) };
      }
      const found = attempt(() => definition.compute(input as Static<Input>));
      if (!found.ok) return found;
      const unclear = notANumber(found.value);
      if (unclear !== undefined) return refused(`${unclear} cannot be computed from these figures`);
      return { ok: true, ...(bounded(found.value) as Record<string, unknown>) };
    },
  };
}

/** Designs that make no sense are thrown as range errors by what they are given to. */
function attempt<Value>(compute: () => Result<Value>): Result<Value> {
  try {
    return compute();
  } catch (error) {
    if (error instanceof RangeError) return refused(error.message);
    throw error;
  }
}

function mistake(errors: NonNullable<ReturnType<Ajv['compile']>['errors']>): string {
  const deepest = errors.reduce((best, error) =>
    error.instancePath.length > best.instancePath.length || error.keyword === 'anyOf' ? error : best,
  );
  const path = `input${deepest.instancePath.replace(/\/(\d+)(?=\/|$)/g, '[$1]').replaceAll('/', '.')}`;
  const expects = (deepest.parentSchema as { description?: string } | undefined)?.description;
  if (deepest.keyword === 'additionalProperties') {
    return `${path} has ${String(deepest.params.additionalProperty)}, which is not known`;
  }
  if (deepest.keyword === 'enum') return `${path} must be one of ${deepest.params.allowedValues.join(', ')}`;
  if (deepest.keyword === 'anyOf' && expects !== undefined) return `${path} must be ${expects}`;
  return `${path} ${deepest.message ?? 'cannot be used'}`;
}

/** Path of the first NaN. */
function notANumber(value: unknown, path = ''): string | undefined {
  if (typeof value === 'number') return Number.isNaN(value) ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, part] of Object.entries(value)) {
    const found = notANumber(part, path === '' ? key : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function bounded(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(bounded);
  if (ArrayBuffer.isView(value)) return bounded([...(value as Float64Array)]);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) =>
      part === undefined || typeof part === 'function' ? [] : [[key, bounded(part)]],
    ),
  );
}
