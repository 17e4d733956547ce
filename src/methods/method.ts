import { Ajv } from 'ajv';
import type { Static, TSchema } from 'typebox';
import { type Result, refused } from '../analysis/estimate/effect.ts';

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

/**
 * Wraps a statistic so that it validates its input, and never answers NaN: an infinite bound becomes null where the output
 * may be unbounded, and is refused where it may not.
 */
export function defineMethod<Input extends TSchema, Output extends TSchema>(
  definition: Definition<Input, Output>,
): Method {
  let validate: ReturnType<Ajv['compile']> | undefined;
  let fits: ReturnType<Ajv['compile']> | undefined;
  return {
    ...definition,
    compute(input) {
      validate ??= new Ajv({ strict: false, strictNumbers: true, allErrors: true, verbose: true }).compile(
        definition.input,
      );
      if (!validate(input)) {
        return { ok: false, invalid: true, reason: mistake(validate.errors ?? []) };
      }
      const found = attempt(() => definition.compute(input as Static<Input>));
      if (!found.ok) return found;
      const unclear = notANumber(found.value);
      if (unclear !== undefined) return refused(`${unclear} cannot be computed from these figures`);
      const answer = bounded(found.value) as Record<string, unknown>;
      fits ??= new Ajv({ strict: false }).compile(definition.output);
      if (!fits(answer)) return refused(overflow(fits.errors?.[0]?.instancePath ?? ''));
      return { ok: true, ...answer };
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

type Errors = NonNullable<ReturnType<Ajv['compile']>['errors']>;

/** The mistake to tell: of a choice, that of the form that was meant, or what all the forms are. */
function mistake(errors: Errors): string {
  const choice = errors.find(({ keyword }) => keyword === 'anyOf');
  const told = choice === undefined ? errors[0] : (withinForm(errors, choice) ?? choice);
  if (told === undefined) return 'input cannot be used';
  const { instancePath, keyword, params, message, parentSchema } = told;
  const path = `input${instancePath.replace(/\/(\d+)(?=\/|$)/g, '[$1]').replaceAll('/', '.')}`;
  const expects = (parentSchema as { description?: string } | undefined)?.description;
  if (keyword === 'additionalProperties') {
    return `${path} has ${String(params.additionalProperty)}, which is not known`;
  }
  if (keyword === 'required') return `${path} has no ${String(params.missingProperty)}`;
  if (keyword === 'enum') return `${path} must be one of ${(params.allowedValues as unknown[]).join(', ')}`;
  if (keyword === 'anyOf' && expects !== undefined) return `${path} must be ${expects}`;
  return `${path} ${message ?? 'cannot be used'}`;
}

/** Of the forms of a choice, the one that has the keys that were given fails by a value: that value's mistake. */
function withinForm(errors: Errors, choice: Errors[number]): Errors[number] | undefined {
  const forms = new Map<string, Errors>();
  for (const error of errors) {
    const form = /\/anyOf\/\d+/.exec(error.schemaPath.slice(choice.schemaPath.length - '/anyOf'.length))?.[0];
    if (form !== undefined && error.schemaPath.startsWith(choice.schemaPath)) {
      forms.set(form, [...(forms.get(form) ?? []), error]);
    }
  }
  const shaped = [...forms.values()].find((own) =>
    own.every(({ keyword, instancePath }) =>
      instancePath === choice.instancePath
        ? !['required', 'additionalProperties', 'type'].includes(keyword)
        : true,
    ),
  );
  return shaped?.[0];
}

const overflow = (path: string) =>
  `${path.slice(1).replaceAll('/', '.')} is beyond the largest number that can be told`;

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
