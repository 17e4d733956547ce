import type { DataCheck } from '../analysis/study/data-check.ts';
import { type AnalysisDocument, analyzeUnits, type UnitData, withheldAnalysis } from '../analyze-units.ts';
import type { AnalysisSpec } from '../declaration/analysis-spec.ts';
import type { DeclarationError } from '../declaration/errors.ts';
import type { YamlFile } from '../declaration/yaml.ts';
import { InvalidInput } from '../files/invalid-input.ts';
import { checkColumns } from './column-checks.ts';
import { type ColumnStatistics, columnStatistics } from './column-statistics.ts';
import { checkKinds } from './kind-checks.ts';
import { type Layout, layoutOf, loadStatement, unknownColumns } from './layout.ts';
import type { Engine } from './open.ts';
import { passedChecks } from './passed-checks.ts';
import { copiedOutcomes } from './post-exposure.ts';
import { quantileSums } from './quantiles.ts';
import { type DataSource, describeSource, isText, plainNumbers, readable } from './source.ts';
import { metricSums } from './sums.ts';
import { checkUnits, type UnitFindings } from './unit-checks.ts';
import { unitCounts } from './unit-counts.ts';

/** Runs a step and hears how far it is: `done` of `total`. */
export type Phase = <Result>(
  name: string,
  unit: string,
  run: (progress: (done: number, total: number) => void) => Promise<Result>,
) => Promise<Result>;

export interface FileAnalysis {
  readonly path: string;
  readonly spec: AnalysisSpec;
  /** The specification as text, for the places of its mistakes. */
  readonly file: YamlFile;
  /** Faults to put up with: keys of `ALLOWABLE`. */
  readonly allowed: ReadonlySet<string>;
  readonly phase: Phase;
  readonly engine: Engine;
}

export type FileAnswer =
  | { readonly ok: true; readonly document: AnalysisDocument }
  | { readonly ok: false; readonly errors: readonly DeclarationError[] };

/** A file of units -> checks, sums, and the finished document; or what the specification says wrongly about the file. */
export async function analyzeFile(analysis: FileAnalysis): Promise<FileAnswer> {
  const { engine, spec } = analysis;
  const source = await describeSource(engine, analysis.path);
  const errors = unknownColumns(analysis.file, source);
  if (errors.length > 0) return { ok: false, errors };
  const layout = layoutOf(spec);
  await load(analysis, layout, source);
  const { data, statistics } = await analysis.phase('check', 'rows', () => check(analysis, layout));
  if (data.checks.some(({ status }) => status === 'fail')) {
    return { ok: true, document: withheldAnalysis(spec, data) };
  }
  return analysis.phase('compare', 'rows', async () => {
    const arms = data.arms.map(({ arm }) => arm);
    const metrics = await metricSums(engine, spec, layout, statistics, arms);
    const quantiles = await quantileSums(engine, spec, layout, statistics, arms);
    const counts = await unitCounts(engine, spec, layout, data.arms);
    return { ok: true, document: analyzeUnits(spec, data, { metrics, quantiles, coverage: [] }, counts) };
  });
}

/** What DuckDB says of a value that is not of its column's type. */
const NO_NUMBER = /convert/i;

/** Reads the file into the table `units`; again where a column that should hold numbers holds something else. */
async function load(
  { engine, path, spec, phase }: FileAnalysis,
  layout: Layout,
  source: DataSource,
): Promise<void> {
  const named = [...layout.numbers.keys()];
  const megabytes = source.bytes / 1e6;
  await phase(`read ${megabytes.toFixed(1)} MB`, 'MB', (progress) => {
    const read = (numbers: ReadonlySet<string>) =>
      engine.run(loadStatement(spec, layout, source, numbers), (share) =>
        progress(share * megabytes, megabytes),
      );
    const unlessText = (numbers: ReadonlySet<string>, other: () => Promise<void>) =>
      read(numbers).catch((error: Error) => {
        if (numbers.size === 0 || !NO_NUMBER.test(error.message)) throw error;
        return other();
      });
    const texts = new Set(named.filter((name) => isText(source, name)));
    // Most files have numbers where numbers are asked for; to look first would cost more than to be wrong now and then.
    return readable(path, () =>
      unlessText(texts, async () => {
        const plain = await plainNumbers(engine, source, named);
        const rest = () => read(new Set());
        return plain.size < texts.size ? unlessText(plain, rest) : rest();
      }),
    );
  });
  const [row] = await engine.rows('select count(*) as rows from units');
  if (!(Number(row?.rows) > 0)) throw new InvalidInput(`${path}: the file has a header and no rows`);
}

async function check(
  { engine, path, spec, allowed }: FileAnalysis,
  layout: Layout,
): Promise<{ readonly data: UnitData; readonly statistics: readonly ColumnStatistics[] }> {
  const found = await checkUnits(engine, spec, allowed);
  let statistics = await columnStatistics(engine, spec, layout);
  const columns = checkColumns(spec, statistics, allowed);
  const values: DataCheck[] = [
    ...columns,
    ...(await checkKinds(engine, spec, layout, statistics, allowed)),
    ...(await copiedOutcomes(engine, spec, layout, statistics)),
  ];
  const checks = [...found.checks, ...values, ...passedChecks(spec, values)];
  const unusable = columns.filter(
    ({ key, status }) => (key === 'non-numeric' || key === 'infinite') && status === 'warn',
  );
  if (unusable.length > 0 && checks.every(({ status }) => status !== 'fail')) {
    const set = [...layout.numbers.values()].map((v) => `${v} = case when isfinite(${v}) then ${v} end`);
    await engine.run(`update units set ${set.join(', ')}`);
    statistics = await columnStatistics(engine, spec, layout);
  }
  return { data: unitData(path, found, statistics, checks), statistics };
}

function unitData(
  file: string,
  { rows, arms }: UnitFindings,
  statistics: readonly ColumnStatistics[],
  checks: readonly DataCheck[],
): UnitData {
  const counted = arms.map(({ arm, weight }) => ({
    arm,
    weight,
    units: statistics.find((entry) => entry.arm === arm)?.rows ?? 0,
  }));
  const units = counted.reduce((sum, arm) => sum + arm.units, 0);
  return { file, rows, units, arms: counted, checks: inOrder(checks) };
}

/** Failures first, then warnings. */
function inOrder(checks: readonly DataCheck[]): readonly DataCheck[] {
  const rank = { fail: 0, warn: 1, pass: 2 };
  return [...checks].sort((a, b) => rank[a.status] - rank[b.status]);
}
