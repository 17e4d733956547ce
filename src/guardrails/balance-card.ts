import type { MetricAggregates, Moments } from '../analysis/aggregates.ts';
import { centre } from '../analysis/centred.ts';
import { fixedHorizon } from '../analysis/estimate/effect.ts';
import { compareMeans } from '../analysis/estimate/mean.ts';
import { correct } from '../analysis/multiplicity.ts';
import { formatP } from '../analysis/report/format.ts';
import type { HealthCard } from '../analysis/report/report.ts';
import type { Study } from '../analysis/study/study.ts';

/** Adjusted over all covariates and treatments: under `FAIL` chance is out of the question. */
const WARN = 0.01;
const FAIL = 0.001;

/** The covariate's own sums, as those of a mean. */
function covariateMoments({ n, z }: Moments, index: number): Moments | null {
  const [y, yy] = [z?.z[index], z?.zz[index]?.[index]];
  return y === undefined || yy === undefined ? null : { n, y, yy, x: n, xx: n, xy: y };
}

/**
 * Whether the arms were alike before the experiment: Welch's t on the mean of every covariate, adjusted over covariates
 * and treatments (Holm). What was measured before exposure cannot have been moved by it, so a difference means that
 * units were not assigned by chance, or that another experiment still shows. Absent without covariates.
 */
export function balanceCard(study: Study, metrics: readonly MetricAggregates[]): HealthCard | undefined {
  const seen = new Map<string, { readonly sums: MetricAggregates; readonly index: number }>();
  for (const sums of metrics) {
    for (const [index, name] of (sums.covariates ?? []).entries()) {
      if (!seen.has(name)) seen.set(name, { sums, index });
    }
  }
  if (seen.size === 0) return undefined;
  const tests = [...seen].flatMap(([name, { sums, index }]) => {
    const of = (arm: string) => {
      const moments = sums.arms.find(({ variant }) => variant === arm)?.moments;
      return moments ? covariateMoments(moments, index) : null;
    };
    return study.treatments.flatMap((arm) => {
      const [t, c] = [of(arm), of(study.control)];
      const effect = t && c ? compareMeans(centre(t), centre(c)) : null;
      const found = effect?.ok ? effect.value : null;
      const p = found?.statistic == null ? null : fixedHorizon(found.df).p(found.statistic);
      return [{ name, arm, p }];
    });
  });
  const { adjusted } = correct(
    tests.map(({ p }) => p),
    'holm',
    FAIL,
  );
  const judged = tests.flatMap((test, index) => {
    const p = adjusted[index];
    return p === null || p === undefined ? [] : [{ ...test, p }];
  });
  const least = Math.min(...judged.map(({ p }) => p));
  const off = judged.filter(({ p }) => p < WARN);
  return {
    key: 'balance',
    title: 'Balance before the start',
    status: judged.length === 0 ? 'unknown' : least < FAIL ? 'fail' : least < WARN ? 'warn' : 'pass',
    value: judged.length === 0 ? 'not computed' : `p = ${formatP(least)}`.replace('= <', '< '),
    threshold: `least adjusted p: warn under ${WARN}, fail under ${FAIL}`,
    detail:
      off.length > 0
        ? `Different before exposure: ${off.map(({ name, arm, p }) => `${name} in ${arm} (p ${formatP(p)})`).join(', ')}.`
        : `${seen.size} covariates, the arms alike before exposure.`,
    likelyCause:
      'Assignment that is not by chance, units lost by how active they are, or an earlier experiment that still shows.',
  };
}
