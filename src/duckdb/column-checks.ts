import { difference, fixedHorizon } from '../analysis/estimate/effect.ts';
import { chiSquareTail } from '../analysis/numbers/distributions.ts';
import { formatP } from '../analysis/report/format.ts';
import { counted, type DataCheck, fault } from '../analysis/study/data-check.ts';
import type { AnalysisSpec } from '../declaration/analysis-spec.ts';
import type { ColumnStatistics } from './column-statistics.ts';

/** A difference between arms below this is told of; a covariate's below the second is no chance any more. */
const NOTABLE_P = 1e-3;
const IMPOSSIBLE_P = 1e-6;

/** Everything that the values of a column can be wrong in, from its statistics by arm. */
export function checkColumns(
  spec: AnalysisSpec,
  statistics: readonly ColumnStatistics[],
  allowed: ReadonlySet<string>,
): readonly DataCheck[] {
  const outcomes = new Set(spec.metrics.flatMap(({ y, x }) => (x === undefined ? [y] : [y, x])));
  const covariates = new Set(spec.metrics.flatMap((metric) => metric.covariates));
  const of = (column: string) => statistics.filter((entry) => entry.column === column);
  return [...outcomes, ...covariates].flatMap((column) => [
    ...notNumbers(column, of(column), allowed),
    ...(outcomes.has(column) ? missingOutcome(column, of(column)) : missingCovariate(column, of(column))),
    ...constant(column, of(column), outcomes.has(column)),
    ...(covariates.has(column) ? imbalance(spec, column, of(column), allowed) : []),
  ]);
}

type Arms = readonly ColumnStatistics[];

const total = (arms: Arms, count: (arm: ColumnStatistics) => number) =>
  arms.reduce((sum, arm) => sum + count(arm), 0);
const byArm = (arms: Arms, count: (arm: ColumnStatistics) => number) =>
  arms.map((entry) => ({ arm: entry.arm, count: count(entry) }));

function notNumbers(column: string, arms: Arms, allowed: ReadonlySet<string>): DataCheck[] {
  const [bad, infinite] = [total(arms, (arm) => arm.notNumbers), total(arms, (arm) => arm.infinite)];
  return [
    ...(bad === 0
      ? []
      : [
          fault(allowed, {
            key: 'non-numeric',
            count: bad,
            column,
            arms: byArm(arms, (arm) => arm.notNumbers),
            text: `${column} has ${counted(bad, 'value')} that cannot be read as a number`,
          }),
        ]),
    ...(infinite === 0
      ? []
      : [
          fault(allowed, {
            key: 'infinite',
            count: infinite,
            column,
            arms: byArm(arms, (arm) => arm.infinite),
            text: `${column} has ${counted(infinite, 'infinite value')}`,
          }),
        ]),
  ];
}

function missingOutcome(column: string, arms: Arms): DataCheck[] {
  const count = total(arms, (arm) => arm.missing);
  if (count === 0) return [];
  const p = sameShare(arms.map((arm) => [arm.missing, arm.rows - arm.missing]));
  const differs =
    p === null
      ? ''
      : p < NOTABLE_P
        ? `; more often in some arms than in others (p ${formatP(p)}): those who are left may not compare`
        : `; about as often in every arm (p ${formatP(p)})`;
  return [
    {
      key: 'missing-values',
      status: 'warn',
      count,
      column,
      arms: byArm(arms, (arm) => arm.missing),
      p,
      text: `${column} is missing for ${counted(count, 'unit')}, which its metrics leave out${differs}`,
    },
  ];
}

/** Pearson's chi-square of homogeneity of two counts over the arms; null where nothing could differ. */
function sameShare(counts: readonly (readonly [number, number])[]): number | null {
  const open = counts.filter(([a, b]) => a + b > 0);
  const [a, b] = [0, 1].map((i) => open.reduce((sum, pair) => sum + pair[i as 0 | 1], 0)) as [number, number];
  if (open.length < 2 || a === 0 || b === 0) return null;
  let statistic = 0;
  for (const pair of open) {
    const rows = pair[0] + pair[1];
    for (const [observed, all] of [[pair[0], a] as const, [pair[1], b] as const]) {
      const expected = (rows * all) / (a + b);
      statistic += (observed - expected) ** 2 / expected;
    }
  }
  return chiSquareTail(statistic, open.length - 1);
}

function missingCovariate(column: string, arms: Arms): DataCheck[] {
  const count = total(arms, (arm) => arm.missing);
  if (count === 0) return [];
  const text = `${column} is missing for ${counted(count, 'unit')}, which get its mean over all arms`;
  return [
    {
      key: 'missing-covariates',
      status: 'warn',
      count,
      column,
      arms: byArm(arms, (arm) => arm.missing),
      text,
    },
  ];
}

function constant(column: string, arms: Arms, outcome: boolean): DataCheck[] {
  const given = arms.filter((arm) => arm.finite > 0);
  const values = given.flatMap(({ least, most }) => [least, most]);
  const count = total(given, (arm) => arm.finite);
  if (values.some((value) => value !== values[0])) {
    const still = given.filter(({ least, most, finite }) => least === most && finite > 1);
    if (!outcome || still.length === 0) return [];
    const told = still.map(({ arm, least }) => `${least} in ${arm}`).join(', ');
    return [
      {
        key: 'constant',
        status: 'warn',
        count: total(still, (arm) => arm.finite),
        column,
        arms: byArm(still, (arm) => arm.finite),
        text: `${column} never varies within an arm: it is always ${told}`,
      },
    ];
  }
  const text =
    count === 0
      ? `${column} has no values`
      : `${column} never varies: it is always ${values[0]}${outcome ? ', so there is nothing to compare' : ', so it explains nothing and is not used'}`;
  return [{ key: 'constant', status: 'warn', count, column, text }];
}

/** What was known before exposure cannot differ between randomised arms but by chance. */
function imbalance(
  spec: AnalysisSpec,
  column: string,
  arms: Arms,
  allowed: ReadonlySet<string>,
): DataCheck[] {
  // Under a changing allocation the arms differ before exposure, and the strata put that right.
  if (spec.strata.length > 0) return [];
  const estimate = (arm: ColumnStatistics) => ({
    value: arm.mean ?? 0,
    variance: (arm.variance ?? 0) / arm.finite,
    n: arm.finite,
  });
  const control = arms.find(({ arm }) => arm === spec.control);
  if (control === undefined || control.finite < 2) return [];
  const others = arms.filter((arm) => arm !== control && arm.finite >= 2);
  const tested = others.flatMap((arm) => {
    const found = difference(estimate(arm), estimate(control), '');
    if (!found.ok || found.value.statistic === null) return [];
    return [{ arm, p: fixedHorizon(found.value.df).p(found.value.statistic) }];
  });
  const p = Math.min(1, ...tested.map((entry) => entry.p * tested.length));
  const off = tested.filter((entry) => entry.p * tested.length === p).map(({ arm }) => arm.arm);
  if (tested.length === 0 || p >= NOTABLE_P) return [];
  const count = total(arms, (arm) => arm.finite);
  const text = `${column} differs between ${off[0]} and ${spec.control} (p ${formatP(p)}), as nothing known before exposure does`;
  const check = { key: 'covariate-imbalance' as const, count, column, p, text };
  return [p < IMPOSSIBLE_P ? fault(allowed, check) : { ...check, status: 'warn' }];
}
