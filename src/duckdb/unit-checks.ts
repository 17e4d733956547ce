import { counted, type DataCheck, fault } from '../analysis/study/data-check.ts';
import type { AnalysisSpec } from '../declaration/analysis-spec.ts';
import { nearest } from '../declaration/suggest.ts';
import { type Engine, literal, type Row } from './open.ts';

/** What was found of units and arms, and the arms that are analysed. */
export interface UnitFindings {
  readonly rows: number;
  readonly checks: readonly DataCheck[];
  /** In declared order, the control first where none is declared; with shares that sum to 1. */
  readonly arms: readonly { readonly arm: string; readonly weight: number }[];
}

/** Without declared weights, an arm with less than this share of the rows whose name is near another's is a slip. */
const SLIP_SHARE = 0.01;
const EXAMPLES = 3;

/** Checks units and arms of the table `units`; where a fault is allowed, its rows are removed from the table. */
export async function checkUnits(
  engine: Engine,
  spec: AnalysisSpec,
  allowed: ReadonlySet<string>,
): Promise<UnitFindings> {
  const found = (
    await engine.rows('select a as arm, count(*) as rows, count(u) as named from units group by a')
  ).map(({ arm, rows, named }) => ({ arm: arm as string | null, rows: Number(rows), named: Number(named) }));
  const rows = found.reduce((sum, arm) => sum + arm.rows, 0);
  const nameless = rows - found.reduce((sum, arm) => sum + arm.named, 0);
  const missing = fault(allowed, {
    key: 'missing-units',
    count: nameless,
    column: spec.unit,
    text:
      nameless === 0
        ? 'every row names its unit'
        : `${counted(nameless, 'row')} without a unit in ${spec.unit}`,
  });
  const arms = armsOf(spec, found);
  const strays = strayArms(spec, arms, found, allowed);
  const same = await sameUnits(engine, spec, allowed);
  const findings = [missing, strays, ...same];
  if (findings.every(({ status }) => status !== 'fail')) await removeFaulty(engine, arms, findings);
  return { rows, checks: [...findings, emptyArms(spec, arms, found)], arms };
}

type Found = readonly { readonly arm: string | null; readonly rows: number }[];

function armsOf(spec: AnalysisSpec, found: Found): UnitFindings['arms'] {
  if (spec.weights !== undefined) return spec.weights;
  const rows = found.reduce((sum, arm) => sum + arm.rows, 0);
  const named = found.filter((entry): entry is { arm: string; rows: number } => entry.arm !== null);
  const kept = named.filter(({ arm, rows: own }) => {
    const larger = named.filter((other) => other.rows > own).map((other) => other.arm);
    return arm === spec.control || own >= rows * SLIP_SHARE || nearest(arm, larger) === undefined;
  });
  const names = kept.map(({ arm }) => arm).sort();
  const ordered = [spec.control, ...names.filter((arm) => arm !== spec.control)];
  return ordered.map((arm) => ({ arm, weight: 1 / ordered.length }));
}

function strayArms(
  spec: AnalysisSpec,
  arms: UnitFindings['arms'],
  found: Found,
  allowed: ReadonlySet<string>,
): DataCheck {
  const known = arms.map(({ arm }) => arm);
  const strays = found.filter(({ arm }) => arm === null || !known.includes(arm));
  const count = strays.reduce((sum, { rows }) => sum + rows, 0);
  const told = strays.slice(0, 5).map(({ arm, rows }) => {
    if (arm === null) return `${counted(rows, 'row')} without an arm`;
    const near = nearest(arm, known);
    const hint = near === undefined ? `the arms are ${known.join(', ')}` : `did you mean ${near}?`;
    return `"${arm}" in ${counted(rows, 'row')} (${hint})`;
  });
  return fault(allowed, {
    key: 'unknown-arms',
    count,
    column: spec.arm,
    ...(count > 0 && {
      arms: strays.map(({ arm, rows }) => ({ arm: arm ?? '', count: rows })),
      examples: strays.slice(0, EXAMPLES).map(({ arm }) => arm ?? ''),
    }),
    text:
      count === 0
        ? `every row is in one of ${known.join(', ')}`
        : `unknown arms in ${spec.arm}: ${told.join(', ')}`,
  });
}

function emptyArms(spec: AnalysisSpec, arms: UnitFindings['arms'], found: Found): DataCheck {
  const empty = arms.filter(({ arm, weight }) => weight > 0 && !found.some((entry) => entry.arm === arm));
  const names = empty.map(({ arm }) => arm);
  const open = arms.length - arms.filter(({ arm }) => !found.some((entry) => entry.arm === arm)).length;
  const near = nearest(
    spec.control,
    found.flatMap(({ arm }) => arm ?? []),
  );
  const text =
    names.length === 0
      ? 'every arm has units'
      : `no row is in ${names.join(', ')}${names.includes(spec.control) && near !== undefined ? `; did you mean ${near}?` : ''}`;
  const fatal = names.includes(spec.control) || open < 2;
  return {
    key: 'empty-arms',
    status: fatal ? 'fail' : names.length > 0 ? 'warn' : 'pass',
    count: names.length,
    column: spec.arm,
    ...(names.length > 0 && { examples: names }),
    text: fatal && names.length === 0 ? 'there is one arm only, and nothing to compare it with' : text,
  };
}

const GROUPED = `(select u, count(*) as k, min(a) as low, max(a) as high from units where u is not null group by u having count(*) > 1)`;

async function sameUnits(
  engine: Engine,
  spec: AnalysisSpec,
  allowed: ReadonlySet<string>,
): Promise<readonly DataCheck[]> {
  // Numbers are told apart quicker than names; two names that share a hash only cost the closer look.
  const [any] = await engine.rows(
    'select count(*) - count(distinct hash(u)) as n from units where u is not null',
  );
  const sums = any?.n === 0 ? { twice: 0, rows: 0, crossed: 0 } : await repeated(engine);
  const [twice, rows, crossed] = [sums.twice, sums.rows, sums.crossed].map(Number) as [
    number,
    number,
    number,
  ];
  const examples = async (condition: string) =>
    (await engine.rows(`select u from ${GROUPED} where ${condition} order by u limit ${EXAMPLES}`)).map(
      ({ u }) => String(u),
    );
  const [twins, crossers] = [
    twice > 0 ? await examples('low = high') : [],
    crossed > 0 ? await examples('low <> high') : [],
  ];
  return [
    fault(allowed, {
      key: 'duplicate-units',
      count: twice,
      column: spec.unit,
      ...(twice > 0 && { examples: twins }),
      text:
        twice === 0
          ? 'every unit has one row in its arm'
          : `${counted(twice, 'unit')} with more than one row (${counted(rows, 'row')}), such as ${twins.join(', ')}`,
    }),
    fault(allowed, {
      key: 'crossed-units',
      count: crossed,
      column: spec.unit,
      ...(crossed > 0 && { examples: crossers }),
      text:
        crossed === 0
          ? 'no unit is in two arms'
          : `${counted(crossed, 'unit')} in more than one arm, such as ${crossers.join(', ')}`,
    }),
  ];
}

async function repeated(engine: Engine): Promise<Row> {
  const [sums] = await engine.rows(
    `select coalesce(sum((low = high)::INT), 0)::BIGINT as twice, coalesce(sum(k) filter (low = high), 0)::BIGINT as rows, coalesce(sum((low <> high)::INT), 0)::BIGINT as crossed from ${GROUPED}`,
  );
  return sums ?? {};
}

async function removeFaulty(
  engine: Engine,
  arms: UnitFindings['arms'],
  findings: readonly DataCheck[],
): Promise<void> {
  const faulty = (key: string) => findings.some((check) => check.key === key && check.count > 0);
  if (faulty('missing-units')) await engine.run('delete from units where u is null');
  if (faulty('crossed-units'))
    await engine.run(`delete from units where u in (select u from ${GROUPED} where low <> high)`);
  if (faulty('unknown-arms'))
    await engine.run(
      `delete from units where a is null or a not in (${arms.map(({ arm }) => literal(arm)).join(', ')})`,
    );
  if (faulty('duplicate-units')) {
    await engine.run('create or replace table units as select distinct * from units');
    await engine.run(`delete from units where u in (select u from ${GROUPED})`);
  }
}
