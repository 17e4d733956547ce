import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { TSchema } from 'typebox';
import { Check } from 'typebox/value';
import type { DeclarationError } from './errors.ts';
import { nearest, suggestion } from './suggest.ts';
import type { YamlFile, YamlPath } from './yaml.ts';

/** Words the schemas carry for the sake of errors. */
interface Worded {
  readonly anyOf?: readonly Worded[];
  readonly const?: unknown;
  readonly type?: string | readonly string[];
  /** Finishes "write ...": replaces whatever failed at this place. */
  readonly expects?: string;
  /** What the keys of this map are called. */
  readonly keysAre?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Worded>>;
}

/** A schema mistake and where it is, so that later checks can leave what is broken alone. */
export interface SchemaMistake {
  readonly path: YamlPath;
  readonly error: DeclarationError;
  /** The key that a misspelt one was meant to be: it is not missing, it is broken. */
  readonly meant?: YamlPath;
}

/** A test compiles every schema with its own schema checked; here that would cost more than all the rest. */
function compile(schema: TSchema): ValidateFunction {
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    strict: false,
    logger: false,
    meta: false,
    validateSchema: false,
    code: { optimize: false },
  });
  return ajv.compile(schema);
}

/** Checks data against a schema; every mistake is told. */
export function compileSchema(schema: TSchema): (file: YamlFile) => SchemaMistake[] {
  let compiled: ValidateFunction | undefined;
  return (file) => {
    // What is right, as most files are, is seen without compiling; only what tells mistakes is slow to start.
    if (Check(schema, file.value)) return [];
    compiled ??= compile(schema);
    const validate = compiled;
    if (validate(file.value)) return [];
    const errors = validate.errors ?? [];
    const seen = new Set<string>();
    const mistakes: SchemaMistake[] = [];
    for (const error of errors) {
      if (error.keyword !== 'additionalProperties' && error !== outermost(errors, error)) continue;
      const mistake = explain(file, error);
      const text = `${mistake.path.join('\n')}\n\n${mistake.error.problem}`;
      if (!seen.has(text)) mistakes.push(mistake);
      seen.add(text);
    }
    // A misspelt key explains why the right one is missing.
    const meant = new Set(mistakes.map((mistake) => mistake.meant?.join('\n')));
    return mistakes.filter((mistake) => !meant.has(mistake.path.join('\n')));
  };
}

/**
 * Of the errors at one place, the one to tell: where a schema offers a choice or has its own words for what it
 * expects, that of the outermost such schema; otherwise the error itself.
 */
function outermost(errors: readonly ErrorObject[], error: ErrorObject): ErrorObject {
  const worded = errors.filter((other) => other.instancePath === error.instancePath && isWorded(other));
  return worded.length === 0
    ? error
    : worded.reduce((best, other) => (other.schemaPath.length < best.schemaPath.length ? other : best));
}

function isWorded({ keyword, parentSchema }: ErrorObject): boolean {
  if (keyword === 'anyOf') return true;
  return keyword !== 'additionalProperties' && (parentSchema as Worded).expects !== undefined;
}

function explain(file: YamlFile, error: ErrorObject): SchemaMistake {
  const path = segments(error.instancePath);
  const schema = error.parentSchema as Worded;
  const params = error.params as Record<string, unknown>;
  const at = (problem: string, mend: string): SchemaMistake => ({
    path,
    error: file.errorAt(path, problem, mend),
  });

  if (error.keyword === 'additionalProperties') {
    const key = String(params.additionalProperty);
    const known = Object.keys(schema.properties ?? {});
    const keyPath = [...path, key];
    const pattern = Object.keys(
      (error.parentSchema as { patternProperties?: object }).patternProperties ?? {},
    )[0];
    const [problem, mend] =
      pattern === undefined
        ? [`is not a known ${schema.keysAre ?? 'key'}`, suggestion(key, known)]
        : ['is not a name that can be used', `use one that matches ${pattern}`];
    const near = nearest(key, known);
    return {
      path: keyPath,
      error: file.errorAtKey(keyPath, problem, mend),
      ...(near !== undefined && { meant: [...path, near] }),
    };
  }
  if (error.keyword === 'required') {
    const key = String(params.missingProperty);
    const missing = schema.properties?.[key];
    const hint = missing?.expects ?? missing?.description;
    return {
      ...at(`has no ${key}`, `add ${key}${hint === undefined ? '' : ` (${hint})`}`),
      path: [...path, key],
    };
  }
  if (schema.expects !== undefined)
    return at(`${show(error.data)} cannot be used`, `write ${schema.expects}`);
  switch (error.keyword) {
    case 'anyOf':
      return at(`${show(error.data)} cannot be used`, choices(schema, error.data));
    case 'type':
      return at(
        `is ${show(error.data)}`,
        `write ${[params.type]
          .flat()
          .map((type) => TYPE_NAMES[String(type)])
          .join(' or ')}`,
      );
    case 'enum':
      return at(
        `${show(error.data)} is not one of its values`,
        suggestion(String(error.data), (params.allowedValues as unknown[]).map(String)),
      );
    case 'const':
      return at(`${show(error.data)} cannot be used`, `write ${String(params.allowedValue)}`);
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return at('has too few entries', `give at least ${String(params.limit)}`);
    case 'uniqueItems':
      return at(`has entry ${Number(params.j) + 1} twice`, 'remove one of the two');
    default:
      return at(`${show(error.data)} cannot be used`, `it ${error.message ?? `fails ${error.keyword}`}`);
  }
}

function choices(union: Worded, data: unknown): string {
  const branches = union.anyOf ?? [];
  const names = branches.flatMap((branch) => (branch.const === undefined ? [] : [String(branch.const)]));
  const others = branches.filter((branch) => branch.const === undefined);
  if (typeof data === 'string' && nearest(data, names) !== undefined) return suggestion(data, names);
  const words = others.map((branch) => branch.expects ?? TYPE_NAMES[String(branch.type)] ?? 'another value');
  return `write ${[...names, ...words].join(' or ')}`;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  object: 'a map of keys and values',
  array: 'a list',
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
};

function show(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const text = String(value);
  return typeof value === 'string' ? `"${text.length > 60 ? `${text.slice(0, 60)}...` : text}"` : text;
}

/** Segments of a JSON pointer. */
function segments(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}
