import { type AnalysisFile, type AnalysisSpec, analysisSpecSchema, toAnalysisSpec } from './analysis-spec.ts';
import type { DeclarationError } from './errors.ts';
import { toNumber } from './quantities.ts';
import { compileSchema } from './schema-errors.ts';
import { weightParts } from './shares.ts';
import type { SourceFile } from './source-file.ts';
import { suggestion } from './suggest.ts';
import { parseYaml, type YamlFile, type YamlPath } from './yaml.ts';

export type ParsedAnalysisSpec =
  | { readonly ok: true; readonly spec: AnalysisSpec; readonly file: YamlFile }
  | { readonly ok: false; readonly errors: readonly DeclarationError[] };

type Add = (path: YamlPath, problem: string, mend: string) => void;
type MetricFile = AnalysisFile['metrics'][number];

/** Reads an analysis.yaml, or tells everything that is wrong with it, with line and column. */
export function parseAnalysisSpec(source: SourceFile): ParsedAnalysisSpec {
  const { file, errors } = parseYaml(source);
  if (file === undefined) return { ok: false, errors };
  const mistakes = compileSchema(analysisSpecSchema)(file).map(({ error }) => error);
  if (mistakes.length > 0) return { ok: false, errors: mistakes };
  const value = file.value as AnalysisFile;
  const found: DeclarationError[] = [];
  const add: Add = (path, problem, mend) => found.push(file.errorAt(path, problem, mend));
  checkArms(value, add);
  checkColumns(value, add);
  checkLooks(value, add);
  value.metrics.forEach((metric, i) => {
    checkMetric(metric, (path, problem, mend) => add(['metrics', i, ...path], problem, mend));
  });
  return found.length > 0 ? { ok: false, errors: found } : { ok: true, spec: toAnalysisSpec(value), file };
}

function checkArms({ weights, control, alpha, phase, phases }: AnalysisFile, add: Add): void {
  const level = toNumber(alpha ?? 0.05);
  if (level <= 0 || level > 0.5) add(['alpha'], 'is not a level of a test', 'write one such as 5%');
  if (phases !== undefined && phase === undefined)
    add(
      ['phases'],
      'has no meaning without phase',
      'add phase: the column that says which phase a unit came in',
    );
  if (phases !== undefined && weights !== undefined)
    add(['weights'], 'are those of each phase', 'remove it: phases has the shares');
  if (weights !== undefined) checkShares(weights, control, ['weights'], add);
  for (const [name, given] of Object.entries(phases ?? {}))
    checkShares(given.weights, control, ['phases', name, 'weights'], add);
}

function checkShares(
  weights: NonNullable<AnalysisFile['weights']>,
  control: AnalysisFile['control'],
  path: YamlPath,
  add: Add,
): void {
  const parts = weightParts(weights);
  const arms = parts.map(([arm]) => arm);
  const sum = parts.reduce((total, [, part]) => total + part, 0);
  if (Math.abs(sum - 1) > 1e-6 && Math.abs(sum - 100) > 1e-4) {
    add(path, `they sum to ${Number(sum.toPrecision(6))}`, 'make them sum to 1 (or 100)');
  }
  if (!arms.includes(String(control)))
    add(['control'], `${control} is not an arm of ${path.join('.')}`, suggestion(String(control), arms));
}

function checkColumns(
  { unit, arm, metrics, segments, exploratory, strata, phase }: AnalysisFile,
  add: Add,
): void {
  if (unit === arm)
    add(['arm'], `${arm} is the column of the units`, 'name the column that says which arm a unit was in');
  const seen = new Map<string, number>();
  metrics.forEach(({ key }, i) => {
    const first = seen.get(key);
    if (first !== undefined)
      add(['metrics', i, 'key'], `${key} is also the key of metric ${first + 1}`, 'choose another');
    else seen.set(key, i);
  });
  exploratory?.forEach((name, i) => {
    if (segments?.includes(name))
      add(['exploratory', i], `${name} is a declared segment`, 'remove one of the two');
  });
  if (phase !== undefined && strata?.includes(phase))
    add(['phase'], `${phase} is among the strata`, 'remove it there');
  const outcomes = new Map(
    metrics.flatMap((metric) => outcomesOf(metric).map((name) => [name, metric.key] as const)),
  );
  const early = { segments, exploratory, strata, phase: phase === undefined ? [] : [phase] };
  for (const [part, names] of Object.entries(early)) {
    names?.forEach((name, i) => {
      const path = part === 'phase' ? ['phase'] : [part, i];
      if (name === unit || name === arm)
        add(path, `${name} is the column of the ${name === unit ? 'units' : 'arms'}`, 'remove it');
      else if (outcomes.has(name)) {
        add(
          path,
          `${name} is measured after exposure: it is the outcome of ${outcomes.get(name)}`,
          'use a column known before exposure',
        );
      }
    });
  }
  metrics.forEach(({ covariates }, i) => {
    covariates?.forEach((name, j) => {
      const metric = outcomes.get(name);
      if (metric !== undefined) {
        add(
          ['metrics', i, 'covariates', j],
          `${name} is measured after exposure: it is the outcome of ${metric}`,
          'use a column known before exposure: adjusting for an outcome takes away its effect',
        );
      } else if (name === unit || name === arm) {
        add(
          ['metrics', i, 'covariates', j],
          `${name} is the column of the ${name === unit ? 'units' : 'arms'}`,
          'remove it',
        );
      }
    });
  });
}

function checkLooks({ interval, looks, look, spending }: AnalysisFile, add: Add): void {
  if (interval !== 'group-sequential') {
    for (const [key, given] of Object.entries({ looks, look, spending })) {
      if (given !== undefined)
        add([key], 'has no meaning without interval: group-sequential', 'remove it, or set the interval');
    }
    return;
  }
  if (looks === undefined || look === undefined) {
    const absent = looks === undefined ? 'looks' : 'look';
    const mend = {
      looks: 'add looks: [25%, 50%, 100%], shares of the planned units',
      look: `add look: 1, which of the ${looks?.length} looks this file is`,
    };
    add(['interval'], `is group-sequential without ${absent}`, mend[absent]);
    return;
  }
  const shares = looks.map(toNumber);
  shares.forEach((share, i) => {
    if (share <= (shares[i - 1] ?? 0))
      add(['looks', i], `${looks[i]} is not after the look before it`, 'put the looks in order');
  });
  if (shares.at(-1) !== 1)
    add(
      ['looks', shares.length - 1],
      `the last look is at ${looks.at(-1)}`,
      'end with 100%, the planned end',
    );
  if (look > looks.length)
    add(['look'], `there are ${looks.length} looks`, `write a number from 1 to ${looks.length}`);
}

/** Columns that are measured after exposure. */
function outcomesOf({ key, kind, column, numerator, denominator }: MetricFile): string[] {
  return kind === 'ratio' ? [numerator, denominator].filter((name) => name !== undefined) : [column ?? key];
}

function checkMetric(metric: MetricFile, add: Add): void {
  const { kind } = metric;
  const only = (key: keyof MetricFile, ...kinds: readonly string[]) => {
    if (metric[key] !== undefined && !kinds.includes(kind)) {
      add([key], `has no meaning for kind ${kind}`, `remove it, or use kind: ${kinds.join(' or ')}`);
    }
  };
  only('numerator', 'ratio');
  only('denominator', 'ratio');
  only('column', 'mean', 'proportion', 'quantile');
  only('q', 'quantile');
  only('winsorise', 'mean');
  only('covariates', 'mean', 'proportion', 'ratio');
  if (kind === 'ratio') {
    for (const part of ['numerator', 'denominator'] as const) {
      if (metric[part] === undefined)
        add([], `is a ratio without a ${part}`, `add ${part}: the column that has it`);
    }
  }
  if (kind === 'quantile' && metric.q === undefined)
    add([], 'is a quantile without q', 'add q: 0.95, or another number between 0 and 1');
  if (metric.role === 'guardrail' && metric.margin === undefined) {
    add(['role'], 'is a guardrail without a margin', 'add margin: 2%, or {absolute: ...}');
  }
  if (metric.role !== undefined && metric.role !== 'guardrail' && metric.margin !== undefined) {
    add(['margin'], `has no meaning for a ${metric.role} metric`, 'remove it, or use role: guardrail');
  }
  if (metric.limit !== undefined && metric.margin === undefined) {
    add(['limit'], 'has no meaning without a margin', 'add margin: 2%, or {absolute: ...}');
  }
}
