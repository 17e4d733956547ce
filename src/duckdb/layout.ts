import type { AnalysisSpec } from '../declaration/analysis-spec.ts';
import type { DeclarationError } from '../declaration/errors.ts';
import { suggestion } from '../declaration/suggest.ts';
import type { YamlFile, YamlPath } from '../declaration/yaml.ts';
import { identifier } from './open.ts';
import { type DataSource, numberOf } from './source.ts';

/** Which columns of the file are read, and what they are called in the table `units`. */
export interface Layout {
  /** File column -> column of doubles: outcomes and covariates. */
  readonly numbers: ReadonlyMap<string, string>;
  /** File column -> column of text: segments and strata. */
  readonly texts: ReadonlyMap<string, string>;
}

export function layoutOf(spec: AnalysisSpec): Layout {
  const numbers = spec.metrics.flatMap(({ y, x, covariates }) => [
    y,
    ...(x === undefined ? [] : [x]),
    ...covariates,
  ]);
  const texts = [...spec.segments.map(({ attribute }) => attribute), ...spec.strata];
  const named = (prefix: string, columns: readonly string[]) =>
    new Map([...new Set(columns)].map((column, i) => [column, `${prefix}${i}`]));
  return { numbers: named('v', numbers), texts: named('s', texts) };
}

/** Columns that the specification names and the file does not have, at the line that names them. */
export function unknownColumns(file: YamlFile, source: DataSource): DeclarationError[] {
  const names = source.columns.map(({ name }) => name);
  return namedColumns(file.value as Parameters<typeof namedColumns>[0]).flatMap(({ path, name }) =>
    names.includes(name)
      ? []
      : [file.errorAt(path, `${name} is not a column of ${source.path}`, suggestion(name, names))],
  );
}

interface Written {
  readonly unit: string;
  readonly arm: string;
  readonly phase?: string;
  readonly segments?: readonly string[];
  readonly exploratory?: readonly string[];
  readonly strata?: readonly string[];
  readonly metrics: readonly {
    readonly key: string;
    readonly kind: string;
    readonly column?: string;
    readonly numerator?: string;
    readonly denominator?: string;
    readonly covariates?: readonly string[];
  }[];
}

function namedColumns(written: Written): { readonly path: YamlPath; readonly name: string }[] {
  const { unit, arm, phase, metrics } = written;
  const lists = (['segments', 'exploratory', 'strata'] as const).flatMap((list) =>
    (written[list] ?? []).map((name, i) => ({ path: [list, i], name })),
  );
  const outcomes = metrics.flatMap((metric, i) => {
    const parts =
      metric.kind === 'ratio'
        ? (['numerator', 'denominator'] as const)
        : ([metric.column ? 'column' : 'key'] as const);
    return [
      ...parts.map((part) => ({ path: ['metrics', i, part], name: metric[part] ?? metric.key })),
      ...(metric.covariates ?? []).map((name, j) => ({ path: ['metrics', i, 'covariates', j], name })),
    ];
  });
  return [
    { path: ['unit'], name: unit },
    { path: ['arm'], name: arm },
    ...(phase === undefined ? [] : [{ path: ['phase'], name: phase }]),
    ...outcomes,
    ...lists,
  ];
}

/** A column as text without blanks around it, NULL where nothing is left. Most names have none, and to look is quicker than to trim. */
function text(name: string): string {
  const value = `${identifier(name)}::VARCHAR`;
  return `case when ${value} like ' %' or ${value} like '% ' or ${value} = '' then nullif(trim(${value}), '') else ${value} end`;
}

/** SQL that reads the file, once, into the table `units`: u, a, numbers, texts. Surrounding blanks of names are dropped. `plain`: columns that hold numbers only, else it fails. */
export function loadStatement(
  spec: AnalysisSpec,
  layout: Layout,
  source: DataSource,
  plain: ReadonlySet<string>,
): string {
  const column = (name: string) => source.columns.find((candidate) => candidate.name === name)!;
  const selected = [
    `${text(spec.unit)} as u`,
    `${text(spec.arm)} as a`,
    ...[...layout.numbers].map(
      ([name, as]) => `${plain.has(name) ? identifier(name) : numberOf(column(name))} as ${as}`,
    ),
    ...[...layout.texts].map(([name, as]) => `coalesce(${text(name)}, '(missing)') as ${as}`),
  ];
  return `create or replace table units as select ${selected.join(', ')} from ${source.scan(plain)}`;
}
